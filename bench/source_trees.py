"""Source trees of Debian source packages, pinned by the sha256 of the .dsc (which pins every archive), as source files.

Only archives of the original authors are read, none is unpacked to disk, and nothing of them is built or run.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from parsers.language import language_of
from pipeline.sources.archive import Limits, members
from pipeline.sources.files import Refused, decode, has_known_ending
from pipeline.sources.quilt_tree import read_dsc
from pipeline.sources.registries.cache import cached_path, is_cached, scratch, store
from pipeline.sources.registries.debian_source import SourceIndex, SourcePackage, machine_archives
from schemas.errors import SourceUnavailable
from schemas.provenance import Origin, content_id, sha256
from schemas.records import SourceFile

_ORIG = re.compile(r"_[^_/]+\.orig(?:-([A-Za-z0-9-]+))?\.tar\.[a-z0-9]+$")
_TIMEOUT_S = 900.0
_MAX_UNPACKED_BYTES = 4_000_000_000
_MAX_RATIO = 200
_MAX_MEMBERS = 200_000


class Tree(NamedTuple):
    """A source package to read.

    Attributes:
        name: of the source package.
        version: Debian version.
        sha256: of its .dsc.
        languages: released spellings to take; none takes all.
        max_files: files taken, an even draw by path.
        max_file_bytes: larger files are left out.
    """

    name: str
    version: str
    sha256: str
    languages: tuple[str, ...]
    max_files: int
    max_file_bytes: int


def fetch(trees: Sequence[Tree], cache: Path, progress: Callable[[str], None]) -> None:
    """Bring what the cache lacks, through apt with a configuration of its own.

    Raises:
        SourceUnavailable: a version is not in the machine's archives, can't be fetched, or is another.
    """
    missing = [tree for tree in trees if not _complete(tree, cache)]
    if not missing:
        return
    index = SourceIndex(cache / "apt", machine_archives(None), _TIMEOUT_S)
    index.refresh()
    for tree in missing:
        _fetch_one(index, _listed(index, tree), cache)
        progress(f"debian-source: {tree.name}={tree.version} fetched")


def _complete(tree: Tree, cache: Path) -> bool:
    if not is_cached(cache, tree.sha256):
        return False
    files = read_dsc(cached_path(cache, tree.sha256).read_bytes()).files
    return all(is_cached(cache, digest) for name, _, digest in files if _ORIG.search(name))


def _listed(index: SourceIndex, tree: Tree) -> SourcePackage:
    """The pinned version as the index has it."""
    versions = index.versions(tree.name)
    for package in versions:
        if package.version == tree.version:
            if package.dsc_sha256 == tree.sha256:
                return package
            raise SourceUnavailable(
                f"{tree.name}={tree.version}: the .dsc's sha256 is {package.dsc_sha256}, pinned is {tree.sha256}."
            )
    known = ", ".join(package.version for package in versions) or "none"
    raise SourceUnavailable(
        f"{tree.name}: the archives have no version {tree.version}; they have {known}. Pin one of them, or set up apt "
        "with an archive that still has it."
    )


def _fetch_one(index: SourceIndex, package: SourcePackage, cache: Path) -> None:
    """Store a package's files, the .dsc last: where it is there, all are."""
    with scratch(cache) as folder:
        paths = index.fetch(package, folder)
        ordered = sorted(zip(paths, package.files, strict=True), key=lambda one: one[1][0].endswith(".dsc"))
        for path, (_, _, digest) in ordered:
            store(path, cached_path(cache, digest))


def read(tree: Tree, cache: Path) -> list[SourceFile]:
    """Up to `max_files` files of the package by path; which ones follows from their paths.

    Raises:
        SourceUnavailable: an archive is broken or beyond its bounds.
    """
    taken: dict[str, tuple[str, str, bytes]] = {}
    for name, _, digest in read_dsc(cached_path(cache, tree.sha256).read_bytes()).files:
        match = _ORIG.search(name)
        if match is None:
            continue
        for path, language, data in _files(cached_path(cache, digest), name, tree):
            whole = f"{match[1]}/{path}" if match[1] else path
            taken[whole] = (content_id(whole), language, data)  # forks of one tree draw the same paths
        if len(taken) > 3 * tree.max_files:
            taken = _drawn(taken, tree.max_files)
    kept = _drawn(taken, tree.max_files)
    repo = f"debian-source:{tree.name}"
    return [
        SourceFile(Origin("debian-source", repo, tree.version, path, sha256(data)), language, data.decode("utf-8"))
        for path, (_, language, data) in sorted(kept.items())
    ]


def _drawn(taken: dict[str, tuple[str, str, bytes]], most: int) -> dict[str, tuple[str, str, bytes]]:
    return dict(sorted(taken.items(), key=lambda item: item[1][0])[:most])


def _files(archive: Path, name: str, tree: Tree) -> Iterator[tuple[str, str, bytes]]:
    """(path below the top folder, language, bytes) of the wanted files of one archive."""
    limits = Limits(tree.max_file_bytes, _MAX_UNPACKED_BYTES, _MAX_RATIO, _MAX_MEMBERS)
    for member in members(archive, limits):
        if member.reason in ("archive_bomb", "truncated_archive"):
            raise SourceUnavailable(f"{tree.name}={tree.version}: {name}: {member.reason}: {member.detail}")
        path = member.path.partition("/")[2]
        if member.data is None or not has_known_ending(path):
            continue
        language = language_of(path, member.data)
        if language is None or (tree.languages and language.name not in tree.languages):
            continue
        if member.data.strip() and not isinstance(decode(member.data, tree.max_file_bytes), Refused):
            yield path, language.name, member.data
