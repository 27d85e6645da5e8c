"""Comments: edits of comments, docstrings and layout alone, by the leaves of the trees."""

from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.lexical import maybe_comments_only
from parsers.edits import Edit
from schemas.records import Change


class Comments(ChangeFilter):
    """Changes of comments and docstrings, and of nothing else."""

    kind: Literal["comments"] = "comments"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`comment_only` where the rest of both trees is the same.

        Raises:
            ParseRefused: only a tree can tell, and a side is outside the parser's bounds.
        """
        if not maybe_comments_only(edit):
            return None
        return (
            Refusal("comment_only", "the trees differ in comments and docstrings alone")
            if edit.same_without("comment", "docstring")
            else None
        )
