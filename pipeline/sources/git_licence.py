"""The licence of a file at a commit: its own header, else the licence files of the nearest folder that has any."""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Any

from pipeline.sources.files import Refused, decode
from pipeline.sources.git_view import Entry, View
from pipeline.sources.licence_text import HEADER_CHARS, HEADER_LINES, licence_of_header, licence_of_text

MAX_LICENCE_BYTES = 200_000
MAX_FOLDERS = 32
_REMEMBERED = 4_096
_NAME = rb"LICEN[CS]E|COPYING|UNLICEN[CS]E"
_FILE = re.compile(rb"100(?:644|755|664) ((?:" + _NAME + rb")[^\0/]*)\0", re.IGNORECASE)
_TOUCHED = re.compile(rb"(?:\A|[/\0])(?:" + _NAME + rb")[^/\0]*(?:\0|\Z)", re.IGNORECASE)
_CODE = re.compile(
    r"^(?:#[ \t]*include\b|import [\w.{\"'(*]|from \S+ import\b|using [\w.]+;|require[ (]['\"])", re.MULTILINE
)
"""Where a file's header has ended for certain."""
_MAIN_ENDINGS = frozenset({"", ".txt", ".md", ".rst"})
_OTHERS = re.compile(rb"_?vendor(?:s|ed)?|third[_-]?party|3rdparty|externals?|node_modules|bower_components|deps", re.I)
"""Folders of other projects' code, which the repository's own licence says nothing of."""


def touch_licence(entries: Iterable[Entry]) -> bool:
    """Whether a licence file is among the entries of a commit."""
    return _TOUCHED.search(b"\0".join(entry.path for entry in entries)) is not None


class Licences:
    """The licences that a repository states, remembered for as long as its licence files stay what they are.

    Args:
        view: of the repository, open.
    """

    def __init__(self, view: View) -> None:
        self._view = view
        self._since: dict[str, str] = {}
        self._by_folder: dict[tuple[str, bytes], str | None] = {}
        self._by_files: dict[tuple[tuple[bytes, str], ...], str | None] = {}
        self._by_header: dict[str, str | None] = {}

    def follow(self, sha: str, same_as: str | None) -> None:
        """Note a commit, and the one that has the same licence files, if that is known."""
        self._since[sha] = self._since.get(same_as, sha) if same_as is not None else sha

    def of(self, sha: str, path: bytes, text: str) -> str | None:
        """SPDX expression of the file `path` at the commit `sha`; None where none is found.

        Args:
            sha: of a commit that was noted.
            path: raw bytes.
            text: the file's content.
        """
        code = _CODE.search(text, 0, HEADER_CHARS)
        head = text[: code.start() if code else HEADER_CHARS]
        head = "\n".join(head.split("\n", HEADER_LINES)[:HEADER_LINES])
        if head not in self._by_header:
            _room(self._by_header)
            self._by_header[head] = licence_of_header(head)
        return self._by_header[head] or self._of_folder(sha, path.rpartition(b"/")[0])

    def _of_folder(self, sha: str, folder: bytes) -> str | None:
        key = self._since[sha], folder
        if key not in self._by_folder:
            _room(self._by_folder)
            self._by_folder[key] = self._of_folders(sha, folder.split(b"/")[:MAX_FOLDERS] if folder else [])
        return self._by_folder[key]

    def _of_folders(self, sha: str, folders: list[bytes]) -> str | None:
        nearest: tuple[tuple[bytes, str], ...] = ()
        name = f"{sha}^{{tree}}"
        for below in (*folders, None):
            data = self._view.objects.tree(name)
            if isinstance(data, Refused):
                break
            here = tuple(
                (found[1], data[found.end() : found.end() + len(sha) // 2].hex()) for found in _FILE.finditer(data)
            )
            nearest = here or nearest
            if below is None:
                break
            entry = b"40000 " + below + b"\0"
            at = data.find(entry)
            if at < 0:
                break
            if _OTHERS.fullmatch(below):
                nearest = ()
            name = data[at + len(entry) : at + len(entry) + len(sha) // 2].hex()
        if nearest not in self._by_files:
            _room(self._by_files)
            self._by_files[nearest] = self._stated(nearest)
        return self._by_files[nearest]

    def _stated(self, files: tuple[tuple[bytes, str], ...]) -> str | None:
        """What licence files in one folder say: those of plain names all together, else a choice among the others."""
        lesser = [one for one in files if one[0].lower().endswith(b".lesser")]
        main = [one for one in files if _is_main(one[0])]
        chosen = lesser or main or list(files)
        found = [self._read(oid) for _, oid in chosen]
        stated = sorted({one for one in found if one is not None})
        if None in found or not stated:
            return None
        joint = " AND " if main or lesser else " OR "
        return joint.join(f"({one})" if " " in one and len(stated) > 1 else one for one in stated)

    def _read(self, oid: str) -> str | None:
        data = self._view.objects.blob(oid, MAX_LICENCE_BYTES)
        text = data if isinstance(data, Refused) else decode(data, MAX_LICENCE_BYTES)
        return None if isinstance(text, Refused) else licence_of_text(text)


def _room(known: dict[Any, str | None]) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()


def _is_main(name: bytes) -> bool:
    return PurePosixPath(name.decode("utf-8", "replace")).suffix.lower() in _MAIN_ENDINGS and b"-" not in name
