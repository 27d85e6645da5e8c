"""Examples: paths of documentation, samples, demonstrations and tools around the code."""

from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change

FOLDERS = frozenset(
    ("doc", "docs", "documentation", "doc_src", "docsrc", "example", "examples", "_examples", "sample", "samples",
     "snippet", "snippets",
     "demo", "demos", "tutorial", "tutorials", "cookbook", "recipes", "playground", "sandbox", "site", "website",
     "www", "gh-pages",
     "man", "manual", "guide", "guides", "quickstart", "quickstarts", "getting-started", "getting_started", "javadoc",
     "apidoc")
)  # fmt: skip
"""Folders, in lower case, that explain the code."""

_FILES = frozenset(("example", "examples", "sample", "samples", "demo", "tutorial"))
_AFFIXES = ("example_", "example-", "sample_", "sample-", "demo_", "demo-")


class Examples(ChangeFilter):
    """Changes of documentation, samples and demonstrations.

    Attributes:
        folders: names that are such, in lower case, besides the usual ones.
    """

    kind: Literal["examples"] = "examples"
    folders: tuple[str, ...] = ()

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`example_path` by a folder or by the file's name."""
        *folders, name = change.origin.path.lower().split("/")
        for folder in folders:
            if (
                folder in FOLDERS
                or folder in self.folders
                or folder.endswith((".samples", ".sample", ".examples", ".docs"))
            ):
                return Refusal("example_path", f"under {folder}/")
        stem = name.partition(".")[0]
        if stem in _FILES or stem.startswith(_AFFIXES) or stem.endswith(("_example", "-example", "_examples", "_demo")):
            return Refusal("example_path", f"named {name}")
        return None
