"""A Debian source package (format 3.0 (quilt)) opened: its patches, copyright file, and the files that patches name."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.parser import HeaderParser
from itertools import islice
from pathlib import Path

from pipeline.sources.archive import Limits, Member, members
from pipeline.sources.quilt_patch import BadPatch, Section, Unusable, sections, split_header
from pipeline.sources.registries.debian_source import checksums

MAX_DSC_BYTES = 1_000_000
MAX_PATCHES = 5_000
PATCHES = "debian/patches/"
_ORIG = re.compile(r"_[^_/]+\.orig(?:-([A-Za-z0-9-]+))?\.tar\.[a-z0-9]+$")
_DEBIAN = re.compile(r"\.debian\.tar\.[a-z0-9]+$")
_BROKEN = ("archive_bomb", "truncated_archive")


class BadPackage(Unusable):
    """A source package: `not_quilt`, `no_patches`, `bad_package`, `archive_bomb` or `truncated_archive`."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a .dsc says.

    Attributes:
        source: name of the source package.
        version: Debian version.
        format: such as `3.0 (quilt)`.
        files: (name, size in bytes, sha256) of the other files.
    """

    source: str
    version: str
    format: str
    files: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True, slots=True)
class Patch:
    """One entry of the series.

    Attributes:
        name: as the series spells it.
        header: what stands before the diffs.
        sections: of its files; empty where `refused` says why there are none.
        refused: why it can't be used; None where it can.
    """

    name: str
    header: bytes
    sections: tuple[Section, ...]
    refused: BadPatch | None = None


@dataclass(frozen=True, slots=True)
class Package:
    """An opened source package.

    Attributes:
        patches: in the order of the series.
        copyright: text of `debian/copyright`; empty where there is none.
        files: bytes by path, of those that a patch names.
        missing: by path, why a file that a patch names was not taken.
    """

    patches: tuple[Patch, ...]
    copyright: str
    files: dict[str, bytes] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)


def read_dsc(data: bytes) -> Description:
    """The fields of a .dsc; its signature is not looked at (the index's sha256 vouches for it).

    Raises:
        BadPackage: it is none.
    """
    text = data[:MAX_DSC_BYTES].decode("utf-8", "replace").replace("\r\n", "\n")
    paragraphs = text.split("\n\n")
    found = next((part for part in paragraphs if re.search(r"^Format:", part, re.MULTILINE)), "")
    fields = HeaderParser().parsestr(found.strip("\n") + "\n")
    files = checksums(str(fields.get("Checksums-Sha256") or ""))
    if not fields.get("Source") or not fields.get("Version") or not files:
        raise BadPackage("bad_package", "the .dsc lacks Source, Version or Checksums-Sha256")
    return Description(str(fields["Source"]), str(fields["Version"]), str(fields["Format"]), files)


def open_package(description: Description, paths: dict[str, Path], limits: Limits) -> Package:
    """Read a package's patches, and of its sources the files that they name. Nothing is written to disk.

    Args:
        description: of the .dsc.
        paths: where each of its files lies.
        limits: bounds of each archive.

    Raises:
        BadPackage: it has no series of patches, or an archive of it is broken.
    """
    if description.format.strip() != "3.0 (quilt)":
        raise BadPackage("not_quilt", f"format {description.format}")
    debian = [name for name, _, _ in description.files if _DEBIAN.search(name)]
    if len(debian) != 1:
        raise BadPackage("bad_package", f"{len(debian)} .debian.tar files, must be one")
    packaging = {path: member.data for path, member in _whole(paths[debian[0]], limits) if member.data is not None}
    patches = tuple(islice(_patches(packaging), MAX_PATCHES + 1))
    if not 0 < len(patches) <= MAX_PATCHES:
        raise BadPackage(
            "bad_package" if patches else "no_patches", f"a series of 1 to {MAX_PATCHES} patches is needed"
        )
    wanted = {name for patch in patches for section in patch.sections for name in section.names}
    files = {path: data for path, data in packaging.items() if path in wanted}
    missing: dict[str, str] = {}
    for name, _, _ in description.files:
        if match := _ORIG.search(name):
            _take(paths[name], match[1], wanted, limits, files, missing)
    text = packaging.get("debian/copyright", b"").decode("utf-8", "replace")
    return Package(patches, text, files, missing)


def _whole(path: Path, limits: Limits) -> Iterator[tuple[str, Member]]:
    """Members of an archive by path; BadPackage where it ends badly."""
    for member in members(path, limits):
        if member.reason in _BROKEN:
            raise BadPackage(str(member.reason), member.detail)
        yield member.path, member


def _take(
    path: Path,
    component: str | None,
    wanted: set[str],
    limits: Limits,
    files: dict[str, bytes],
    missing: dict[str, str],
) -> None:
    """Add the wanted files of an upstream archive, without their only top folder; a component has its own folder."""
    below: dict[str, Member] = {}
    as_is: dict[str, Member] = {}
    tops = set()
    prefix = "" if component is None else f"{component}/"
    for name, member in _whole(path, limits):
        top, slash, rest = name.partition("/")
        tops.add(top if slash else "")
        if prefix + rest in wanted:
            below[prefix + rest] = member
        if prefix + name in wanted:
            as_is[prefix + name] = member
    for name, member in (below if len(tops) == 1 and "" not in tops else as_is).items():
        if name in files:
            continue
        if member.data is None:
            missing[name] = f"{member.reason}: {member.detail}"
        else:
            files[name] = member.data


def _patches(packaging: dict[str, bytes]) -> Iterator[Patch]:
    """The patches of the series, in order."""
    listed = packaging.get(f"{PATCHES}debian.series", packaging.get(f"{PATCHES}series", b""))
    for line in listed.decode("utf-8", "backslashreplace").splitlines():
        words = line.partition("#")[0].split()
        if words:
            yield _patch(words[0], words[1:], packaging)


def _patch(name: str, options: list[str], packaging: dict[str, bytes]) -> Patch:
    data = packaging.get(PATCHES + name)
    if data is None:
        return Patch(name, b"", (), BadPatch("patch_failed", "the series names it, and it is not there or too large"))
    header, diffs = split_header(data)
    strips = [option for option in options if re.fullmatch(r"-p\s?\d", option)]
    try:
        if len(strips) < len(options) or len(strips) > 1:
            raise BadPatch("patch_failed", f"options in the series: {' '.join(options)}")
        return Patch(name, header, tuple(sections(diffs, int(strips[0][-1]) if strips else 1)))
    except BadPatch as refused:
        return Patch(name, header, (), refused)
