"""Documentation: subjects that speak of comments and documentation only."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.lexical import maybe_comments_only
from filters.changes.messages import plain_subject
from parsers.edits import Edit
from schemas.records import Change

_SUBJECT = re.compile(
    r"""\b(?:docs?|documentation|docstrings?|doc-strings?|java[ ]?docs?|jsdocs?|godocs?|rdocs?|xmldocs?|doxygen
          |comments?
          |commenting|commented|copyright|licen[cs]es?|examples?)\b""",
    re.VERBOSE,
)


class Documents(ChangeFilter):
    """Changes whose subject speaks of documentation or comments, and whose lines look like nothing else.

    It spares the trees that the filter `comments` would need.
    """

    kind: Literal["documentation_subject"] = "documentation_subject"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`documentation_subject` by the subject and the lines that differ."""
        found = _SUBJECT.search(plain_subject(change.message))
        if found is None or not maybe_comments_only(edit):
            return None
        return Refusal("documentation_subject", f"subject says {found[0][:80]!r}")
