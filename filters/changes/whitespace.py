"""Whitespace: edits of layout alone, by the leaves of the trees; Python's indentation counts as meaning."""

from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.lexical import same_without_space
from parsers.edits import Edit
from schemas.records import Change


class Whitespace(ChangeFilter):
    """Changes of white space between leaves, and of nothing else."""

    kind: Literal["whitespace"] = "whitespace"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`whitespace_only` where the rest of both trees is the same.

        Raises:
            ParseRefused: only a tree can tell, and a side is outside the parser's bounds.
        """
        if not same_without_space(edit):
            return None
        return Refusal("whitespace_only", "the leaves of both trees are the same") if edit.same_without() else None
