"""A patch file taken apart: its header, and for each file that it touches the names and hunks, checked before use."""

import re
from dataclasses import dataclass, replace

_HUNK = re.compile(rb"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")
NOTHING = "/dev/null"


class Unusable(Exception):
    """Something of a source package that can't be used.

    Attributes:
        reason: a drop reason in snake_case.
        detail: what is wrong.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class BadPatch(Unusable):
    """A patch: `patch_failed` or `unsafe_path`."""


@dataclass(frozen=True, slots=True)
class Section:
    """What a patch does to one file.

    Attributes:
        old: its path before, leading folders stripped; None where the file is new.
        new: its path after; None where it is deleted.
        index: the path that a line `Index:` gives; None without one.
        hunks: the unified diff below the `+++` line; empty for a rename alone.
        crlf: whether the `+++` line ends in CR LF, as all of a patch that was made so does.
        creates: whether the diff starts from nothing.
        deletes: whether it ends in nothing.
        renames: whether it is said to move the file.
    """

    old: str | None
    new: str | None
    index: str | None
    hunks: bytes
    crlf: bool = False
    creates: bool = False
    deletes: bool = False
    renames: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """Every path that it names, the newer first."""
        return tuple(dict.fromkeys(name for name in (self.new, self.old, self.index) if name is not None))


def split_header(data: bytes) -> tuple[bytes, bytes]:
    """A patch file's header and its diffs."""
    start = re.search(rb"^(?:diff |Index: |--- \S[^\n]*\n\+\+\+ )", data, re.MULTILINE)
    at = len(data) if start is None else start.start()
    return data[:at], data[at:]


def sections(data: bytes, strip: int) -> list[Section]:
    """The sections of a patch.

    Args:
        data: the patch file's diffs.
        strip: leading folders to take off each path, as `patch -p` does.

    Raises:
        BadPatch: it is binary or broken, or names a path outside the tree.
    """
    lines = data.split(b"\n")
    if lines and not lines[-1]:
        lines.pop()
    found: list[Section] = []
    index: str | None = None
    moved: list[str | None] = [None, None]
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(b"diff --git ") or line.startswith(b"Index: "):
            _close_rename(found, moved)
            index = _path(line[7:], strip) if line.startswith(b"Index: ") else None
        elif line.startswith((b"rename from ", b"rename to ")):
            moved[0 if b" from " in line[:12] else 1] = _path(b"a/" + line.split(b" ", 2)[2], 1)
        elif line.startswith((b"GIT binary patch", b"Binary files ", b"copy from ")):
            raise BadPatch("patch_failed", f"{line[:60].decode('utf-8', 'backslashreplace')}: no text diff")
        elif line.startswith(b"--- ") and at + 2 < len(lines) and lines[at + 1].startswith(b"+++ "):
            end = _hunks_end(lines, at + 2)
            if end > at + 2:
                found.append(_section(lines[at : at + 2], lines[at + 2 : end], index, strip, moved))
                index, moved = None, [None, None]
                at = end
                continue
        at += 1
    _close_rename(found, moved)
    if not found:
        raise BadPatch("patch_failed", "no unified diff in it")
    return found


def _close_rename(found: list[Section], moved: list[str | None]) -> None:
    """Add the rename that no hunks followed, and forget it."""
    if moved[0] is not None and moved[1] is not None:
        found.append(Section(moved[0], moved[1], None, b"", renames=True))
    moved[:] = [None, None]


def _section(names: list[bytes], hunks: list[bytes], index: str | None, strip: int, moved: list[str | None]) -> Section:
    old, new = (_path(line[4:], strip) for line in names)
    ranges = [match for line in hunks if (match := _HUNK.match(line))]
    single = len(ranges) == 1
    section = Section(
        old,
        new,
        index,
        b"".join(line + b"\n" for line in hunks),
        crlf=names[1].endswith(b"\r"),
        creates=old is None or (single and ranges[0][1] == b"0" and ranges[0][2] == b"0"),
        deletes=new is None or (single and ranges[0][3] == b"0" and ranges[0][4] == b"0"),
    )
    if moved[0] is not None and moved[1] is not None:
        section = replace(section, old=moved[0], new=moved[1], renames=True)
    if not section.names:
        raise BadPatch("patch_failed", "a diff without a file's name")
    return section


def _hunks_end(lines: list[bytes], at: int) -> int:
    """The line after the hunks that start at `at`: told by their counts, so that no line in one passes for a header.

    Raises:
        BadPatch: a hunk ends early.
    """
    while at < len(lines) and (match := _HUNK.match(lines[at])):
        left = [int(match[2]) if match[2] is not None else 1, int(match[4]) if match[4] is not None else 1]
        at += 1
        while left[0] > 0 or left[1] > 0:
            kind = lines[at][:1] if at < len(lines) else b"end"
            if kind not in (b" ", b"-", b"+", b"", b"\t", b"\r", b"\\"):
                raise BadPatch("patch_failed", f"hunk {match[0].decode('ascii')} ends early")
            if kind != b"\\":
                left[0] -= kind != b"+"
                left[1] -= kind != b"-"
            at += 1
        while at < len(lines) and lines[at].startswith(b"\\"):
            at += 1
    return at


def _path(data: bytes, strip: int) -> str | None:
    """A path of a diff's header line, leading folders stripped; None for no file.

    Raises:
        BadPatch: it is not UTF-8, quoted, absolute, or has `..` in it.
    """
    raw = data.split(b"\t", 1)[0].rstrip(b"\r\n ")
    dated = re.match(rb"(\S+) +\d{4}-\d\d-\d\d ", raw + b" ")
    raw = dated[1] if dated else raw
    shown = raw.decode("utf-8", "backslashreplace")
    if raw == NOTHING.encode():
        return None
    parts = [part for part in shown.split("/") if part != "."]
    kept = parts[strip:]
    if raw.startswith((b'"', b"/")) or b"\\" in raw or b"\0" in raw or not all(parts):
        raise BadPatch("unsafe_path", f"{shown!r}: absolute, quoted or with an empty part")
    if ".." in parts or not kept or any(ord(char) < 32 for char in shown):
        raise BadPatch("unsafe_path", f"{shown!r}: outside the tree at -p{strip}")
    return "/".join(kept)
