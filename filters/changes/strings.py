"""Strings: edits of texts for people alone, by the leaves of the trees."""

from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.lexical import maybe_strings_only
from parsers.edits import Edit
from parsers.leaves import Leaf
from schemas.records import Change


class Strings(ChangeFilter):
    """Changes of string literals that hold prose: messages, help, labels. A format, path or key isn't prose.

    Attributes:
        min_words: of a literal, on both sides, that makes it prose.
    """

    kind: Literal["strings"] = "strings"
    min_words: int = Field(default=3, ge=1)

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`string_only` where literals of prose differ and nothing else.

        Raises:
            ParseRefused: only a tree can tell, and a side is outside the parser's bounds.
        """
        if not maybe_strings_only(edit):
            return None
        ignored = frozenset(("comment", "docstring"))
        old, new = ([leaf for leaf in side if leaf.kind not in ignored] for side in edit.changed_leaves)
        if len(old) != len(new) or old == new:
            return None
        for before, after in zip(old, new, strict=True):
            if before != after and not (self._prose(before) and self._prose(after)):
                return None
        return Refusal("string_only", "the trees differ in texts for people alone")

    def _prose(self, leaf: Leaf) -> bool:
        words = sum(word.strip(_MARKS).isalpha() for word in leaf.text.split())
        return leaf.kind == "string" and words >= self.min_words and not _CODE.intersection(leaf.text)


_CODE = frozenset(";|=")
"""Marks of code that is written in a string: a query, a filter, a script."""

_MARKS = "\"'`.,:;!?()"
