"""Identical: two sides that are one text, but for line ends, a byte order mark or the form of accents."""

import unicodedata
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change


class IdenticalSides(ChangeFilter):
    """Changes that normalisation undoes: line ends, white space at them, a byte order mark, NFC."""

    kind: Literal["identical_sides"] = "identical_sides"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`identical` after normalisation."""
        same = bool(edit.hunks) and all(
            _normal(edit.before_lines[slice(*hunk.before)]) == _normal(edit.after_lines[slice(*hunk.after)])
            for hunk in edit.hunks
        )
        same = same or change.before == change.after
        return Refusal("identical", "but for line ends, marks or the form of accents") if same else None


def _normal(lines: list[str]) -> list[str]:
    return [
        line.rstrip() if line.isascii() else unicodedata.normalize("NFC", line.removeprefix("\ufeff")).rstrip()
        for line in lines
    ]
