"""Versions: edits that change nothing but version numbers, and files that hold nothing else."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change

_FILE = re.compile(
    r"""^(?:_?_?version_?_?(?:info)?|assembly_?info|.*assembly_?info|globalassembly_?info|.+[_.-]version
          |version[_.-].+|.*[a-z]Version|gem_version
          |__about__|_about|release|pkginfo|versioninfo|buildinfo|ver)\.(?:py|rb|c|h|hpp|cpp|cc|js|mjs|go|java|cs)$""",
    re.VERBOSE | re.IGNORECASE,
)
_NUMBER = re.compile(
    r"v?\d+(?:[.,_-]?(?:\d+|(?:alpha|beta|rc|pre|dev|post|snapshot|final|git|b|a)\b)[\w.+-]*)*", re.IGNORECASE
)
_SAYS = re.compile(r"version|release|_ver\b|\bver\b|major|minor|patch|revision|build|copyright|©", re.IGNORECASE)
_SUFFIX = re.compile(
    r"(?<=[\"'])(?:-?(?:DEV|SNAPSHOT|alpha|beta|rc|pre|dev|post|final|git|unstable|stable)[\w.+-]*)?(?=[\"'])",
    re.IGNORECASE,
)


class Versions(ChangeFilter):
    """Changes of version numbers: by the lines that differ, which say `version` or are in a file named so.

    Attributes:
        files: whether every change of a file named like a version file goes, whatever it does.
    """

    kind: Literal["versions"] = "versions"
    files: bool = False

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`version_bump` by the lines that differ, `version_file` by the name."""
        name = change.origin.path.rpartition("/")[2]
        named = _FILE.search(name)
        if named and self.files:
            return Refusal("version_file", f"named {name}")
        removed, added = edit.removed, edit.added
        if (
            not removed
            or len(removed) != len(added)
            or [_mask(line) for line in removed] != [_mask(line) for line in added]
        ):
            return None
        if named or all(_SAYS.search(line) for line in added):
            return Refusal("version_bump", f"{len(added)} lines differ by their numbers alone")
        return None


def _mask(line: str) -> str:
    return _SUFFIX.sub("", _NUMBER.sub("0", line)).strip()
