"""Source `files`: folders, files and globs on this machine. Links are never followed, nothing is ever executed."""

import json
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, lru_cache
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field

from parsers.language import language_of, languages
from pipeline.sources.base import Prepared, Read, Source, Unit
from schemas.errors import SourceUnavailable
from schemas.provenance import Origin, content_id, sha256
from schemas.records import Change, Dropped, SourceFile

FILES_PER_UNIT = 64
_SKIPPED_FOLDERS = {".git", ".hg", ".svn"}
_WILD = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class Refused:
    """Why bytes are no text that can be used.

    Attributes:
        reason: `too_large`, `empty`, `nul_bytes`, `not_utf8`, `link`, `unreadable` or `missing_blob`.
        detail: the measured value and the bound.
    """

    reason: str
    detail: str


def decode(data: bytes, max_bytes: int) -> str | Refused:
    """`data` as text, without loss, or why it is none."""
    if len(data) > max_bytes:
        return Refused("too_large", f"over {max_bytes} bytes")
    if not data:
        return Refused("empty", "0 bytes")
    if (at := data.find(b"\0")) >= 0:
        return Refused("nul_bytes", f"at byte {at}")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refused("not_utf8", f"at byte {error.start}")


def recorded(path: bytes) -> str:
    """A path as records spell it: valid UTF-8, with other bytes in backslash notation."""
    return path.decode("utf-8", "backslashreplace")


@cache
def _endings() -> frozenset[str]:
    known = languages().values()
    shared = (ending for language in known for ending, _ in language.ambiguous)
    return frozenset(ending for language in known for ending in language.extensions) | frozenset(shared)


@lru_cache(maxsize=65_536)
def has_known_ending(path: str) -> bool:
    """Whether a file of this name can have a language, before it is read."""
    return PurePosixPath(path).suffix.lower() in _endings()


class FilesSource(Source):
    """Files of known languages under folders, single files and patterns.

    A pattern matches files, never through a link: `*` within one name, `**` any number of folders (and, at the end,
    everything below). Paths are relative to the current directory, or absolute.

    Attributes:
        paths: folders, files and patterns.
        repo: the unit that a split keeps whole; default: the name of the folder (of the folder before the first
            wildcard, or of the one that holds a file).
        license: SPDX expression of all of it, recorded with each file.
        max_file_bytes: larger files are dropped.
    """

    kind: Literal["files"] = "files"
    paths: tuple[str, ...] = Field(min_length=1)
    repo: str | None = None
    license: str | None = None
    max_file_bytes: int = Field(default=1_000_000, ge=1)

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """List the files, and digest their content; see `Source.prepare`."""
        units: list[Unit] = []
        warnings: list[str] = []
        seen: set[Path] = set()
        for given in dict.fromkeys(self.paths):
            try:
                root, names = self._list(given)
            except SourceUnavailable as error:
                if self.required:
                    raise
                warnings.append(str(error))
                continue
            here = Path.cwd() / root
            names = [name for name in names if here / name not in seen]  # paths may overlap
            seen.update(here / name for name in names)
            progress(f"{self.name}: {len(names)} files in {given}")
            for start in range(0, len(names), FILES_PER_UNIT):
                chunk = names[start : start + FILES_PER_UNIT]
                digest = content_id(*(part for name in chunk for part in (name, self._digest(root, name))))
                units.append(Unit(self.name, json.dumps([root, chunk]), digest))
        return Prepared(tuple(units), tuple(warnings))

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """The files of one unit, in the order of their names; see `Source.read`."""
        root, names = json.loads(unit.key)
        repo = self._repo(root)
        for name in names:
            record = self._read_one(root, name, repo)
            if record is not None:
                yield record

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        """The file at `origin`, read again; see `Source.replay`."""
        seen = "is not there any more"
        for given in self.paths:
            try:
                root, names = self._list(given)
            except SourceUnavailable:
                continue
            if self._repo(root) != origin.repo:
                continue
            for name in names:
                if recorded(os.fsencode(name)) == origin.path:
                    record = self._read_one(root, name, origin.repo)
                    if isinstance(record, SourceFile) and record.origin.blob_sha256 == origin.blob_sha256:
                        return replace(record, origin=origin)
                    seen = "has changed since"
        raise SourceUnavailable(
            f"source {self.name!r}: {origin.path} of {origin.repo} {seen} (blob {origin.blob_sha256}). "
            f"Put that version back under {', '.join(self.paths)}."
        )

    def _repo(self, root: str) -> str:
        return self.repo or recorded(os.fsencode(Path(root).resolve().name)) or "/"

    def _list(self, given: str) -> tuple[str, list[str]]:
        """The folder that `given` starts from, and the names below it that can be records or links, sorted."""
        if any(char in _WILD for char in given) and not os.path.lexists(given):
            parts = PurePosixPath(given).parts
            fixed = next(i for i, part in enumerate(parts) if any(char in _WILD for char in part))
            root, pattern = str(PurePosixPath(*parts[:fixed])), parts[fixed:]
            names = [name for name in walk(root) if matches(name.split("/"), pattern)]
        elif Path(given).is_dir():
            root, names = given, walk(given)
        elif os.path.lexists(given):
            path = PurePosixPath(given)
            root, names = str(path.parent), [path.name]
        else:
            raise SourceUnavailable(
                f"source {self.name!r}: paths: {given!r}: nothing is there, seen from {Path.cwd()}. Correct the path, "
                "or set `required: false`."
            )
        kept = [name for name in names if has_known_ending(name) or not _is_plain_file(root, name)]
        if not kept:
            raise SourceUnavailable(
                f"source {self.name!r}: paths: {given!r}: no file there has an ending of a known language "
                f"({', '.join(sorted(_endings()))}). Correct the path, or set `required: false`."
            )
        return root, kept

    def _digest(self, root: str, name: str) -> str:
        data = read_file(root, name, self.max_file_bytes)
        return data.reason if isinstance(data, Refused) else sha256(data)

    def _read_one(self, root: str, name: str, repo: str) -> Read | None:
        path = recorded(os.fsencode(name))
        data = read_file(root, name, self.max_file_bytes)
        text = data if isinstance(data, Refused) else decode(data, self.max_file_bytes)
        blob = "" if isinstance(data, Refused) else sha256(data)
        origin = Origin(self.name, repo, "", path, blob, self.license)
        if isinstance(text, Refused):
            key = content_id(self.name, repo, "", path, blob)
            return Dropped("mine", text.reason, text.detail, key, origin)
        language = language_of(path, text.encode())
        return None if language is None else SourceFile(origin, language.name, text)


def walk(root: str) -> list[str]:
    """Names below the folder `root`, relative to it, sorted by their bytes: files, links, folders that can't be read.

    Links are listed, never entered. Folders of version control are left out.
    """
    found: list[str] = []
    folders = [""]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(Path(root, folder)) as entries:
                for entry in entries:
                    name = f"{folder}/{entry.name}" if folder else entry.name
                    if not entry.is_dir(follow_symlinks=False):
                        found.append(name)
                    elif entry.name not in _SKIPPED_FOLDERS:
                        folders.append(name)
        except OSError:
            if folder:
                found.append(folder)
    return sorted(found, key=os.fsencode)


def matches(parts: list[str], pattern: tuple[str, ...]) -> bool:
    """Whether a path's parts match a pattern's: `**` stands for any number of parts, `*`, `?`, `[` for characters."""
    states = {0}  # how much of the pattern may have been used up by the parts so far
    for part in parts:
        states = _past_stars(states, pattern)
        stay = {s for s in states if s < len(pattern) and pattern[s] == "**"}
        step = {s + 1 for s in states - stay if s < len(pattern) and fnmatchcase(part, pattern[s])}
        states = stay | step
    return len(pattern) in _past_stars(states, pattern)


def _past_stars(states: set[int], pattern: tuple[str, ...]) -> set[int]:
    reached = set(states)
    for state in sorted(states):
        while state < len(pattern) and pattern[state] == "**":
            state += 1
            reached.add(state)
    return reached


def read_file(root: str, name: str, max_bytes: int) -> bytes | Refused:
    """The bytes of `root`/`name`, opened one part at a time so that no link below `root` is ever followed."""
    *folders, last = name.split("/")
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe must not block
    opened: list[int] = []
    try:
        opened.append(os.open(root or ".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
        for folder in folders:
            if stat.S_ISLNK(os.lstat(folder, dir_fd=opened[-1]).st_mode):
                return Refused("link", "a folder above it is a link")
            opened.append(os.open(folder, flags | os.O_DIRECTORY, dir_fd=opened[-1]))
        if stat.S_ISLNK(os.lstat(last, dir_fd=opened[-1]).st_mode):
            return Refused("link", f"to {recorded(os.fsencode(os.readlink(last, dir_fd=opened[-1])))}")
        opened.append(os.open(last, flags, dir_fd=opened[-1]))
        facts = os.fstat(opened[-1])
        if not stat.S_ISREG(facts.st_mode):
            return Refused("unreadable", "not a regular file")
        if facts.st_size > max_bytes:
            return Refused("too_large", f"{facts.st_size} bytes, at most {max_bytes}")
        with os.fdopen(opened.pop(), "rb") as file:
            return file.read(max_bytes + 1)
    except OSError as error:
        return Refused("unreadable", error.strerror or type(error).__name__)
    finally:
        for descriptor in opened:
            os.close(descriptor)


def _is_plain_file(root: str, name: str) -> bool:
    try:
        return stat.S_ISREG(Path(root, name).lstat().st_mode)
    except OSError:
        return False
