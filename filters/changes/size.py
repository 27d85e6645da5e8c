"""Size: edits too large for one intent, or without a line of code."""

from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit, Hunk
from schemas.records import Change


class Size(ChangeFilter):
    """Changes that remove and add too many lines, in too many places, or none that can hold code.

    Attributes:
        max_lines: removed and added, blank ones aside.
        max_hunks: places that differ; lines that differ by white space alone don't count.
        min_lines: removed and added that hold a letter or a digit.
    """

    kind: Literal["size"] = "size"
    max_lines: int = Field(default=100, ge=1)
    max_hunks: int = Field(default=12, ge=1)
    min_lines: int = Field(default=1, ge=0)

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`no_edit`, `many_lines` or `many_places`."""
        removed, added = edit.removed, edit.added
        holding = sum(1 for line in [*removed, *added] if any(map(str.isalnum, line)))
        if holding < self.min_lines:
            return Refusal("no_edit", f"{holding} lines with a letter or a digit, at least {self.min_lines}")
        lines = sum(1 for line in [*removed, *added] if line.strip())
        if lines > self.max_lines:
            return Refusal("many_lines", f"{lines} lines removed or added, at most {self.max_lines}")
        hunks = sum(1 for hunk in edit.hunks if _differs(edit, hunk))
        return Refusal("many_places", f"{hunks} places, at most {self.max_hunks}") if hunks > self.max_hunks else None


def _differs(edit: Edit, hunk: Hunk) -> bool:
    """Whether more than white space differs."""
    old, new = edit.before_lines[slice(*hunk.before)], edit.after_lines[slice(*hunk.after)]
    return "".join("".join(old).split()) != "".join("".join(new).split())
