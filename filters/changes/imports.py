"""Imports: edits of imports, comments and layout alone, by the leaves of the trees."""

from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.lexical import maybe_imports_only
from parsers.edits import Edit
from schemas.records import Change


class Imports(ChangeFilter):
    """Changes of what a file imports, and of nothing else but comments."""

    kind: Literal["imports"] = "imports"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`import_only` where the rest of both trees is the same.

        Raises:
            ParseRefused: only a tree can tell, and a side is outside the parser's bounds.
        """
        if not maybe_imports_only(edit):
            return None
        return (
            Refusal("import_only", "the trees differ in imports and comments alone")
            if edit.same_without("import", "comment", "docstring")
            else None
        )
