"""Vendored: paths of code that was copied in from elsewhere, or that is put together from other files."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.generated import FOLDERS
from parsers.edits import Edit
from schemas.records import Change

_MORE = frozenset(
    ("single_include", "single-include", "singleheader", "single_header", "amalgamation", "amalgamated", "bundled",
     "contrib-libs",
     "subprojects", "submodules", "packages-vendored", "godeps", "_workspace", "pods", "carthage", "jsoncpp-dist",
     "embedded-libs")
)  # fmt: skip
_FILE = re.compile(
    r"""^(?: (?:.*[._-])?(amalgam)\w*\.\w+
      | (jquery|bootstrap|underscore|require|modernizr|prototype|zepto|moment|d3|handlebars|mustache|ember|angular)
        (?:[.-][\d.]+)?(?:[.-](?:min|slim|latest|dev))?\.js
      | (ez_setup|distribute_setup|get-pip|versioneer|six)\.py
      | (sqlite3|stb_\w+|khash|uthash|utlist|tinyxml2?|cJSON|lodepng|miniz|catch_amalgamated)\.(?:c|h|hpp|cpp) )$""",
    re.VERBOSE | re.IGNORECASE,
)


class Vendored(ChangeFilter):
    """Changes of another project's code. A file named like a library is this project's own where the repository is too.

    Attributes:
        folders: names that are such, in lower case, besides the usual ones.
    """

    kind: Literal["vendored"] = "vendored"
    folders: tuple[str, ...] = ()

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`vendored_path` by a folder or by the file's name."""
        *folders, name = change.origin.path.split("/")
        for folder in folders:
            lower = folder.lower()
            if lower in FOLDERS or lower in _MORE or lower in self.folders:
                return Refusal("vendored_path", f"under {folder}/")
        found = _FILE.search(name)
        if found is None or next(filter(None, found.groups())).lower() in change.origin.repo.lower():
            return None
        return Refusal("vendored_path", f"named {name}")
