"""Refixed: changes that had to be mended within a day."""

from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change


class Refixed(ChangeFilter):
    """Changes whose lines a fix edits again within a day: they were not right yet."""

    kind: Literal["refixed"] = "refixed"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`refixed` where the facts say so."""
        fixed_by = change.facts.refixed_by
        return Refusal("refixed", f"mended by {fixed_by}") if fixed_by is not None else None
