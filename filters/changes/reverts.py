"""Reverts: commits that undo another one."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import plain_subject
from parsers.edits import Edit
from schemas.records import Change

_SUBJECT = re.compile(
    r"""^(?: (?:partial(?:ly)?[ ])?revert(?:ed|ing|s)?\b (?![ ]to[ ](?:the[ ])?default) | unrevert
          | re-?(?:apply|applied|land|landed)[ ](?:"|\W|commit|patch|change|r\d|[0-9a-f]{7}) | back(?:ed|ing
          |s)?[ ]?out\b (?![ ]of)
          | (?:undo|undid|undone|roll(?:ed|ing)?[ ]?back)[ ](?:of[ ])?(?:the[ ]|my[ ])?(?:last[ ]|previous[ ])?
            (?:commit|change|patch|r\d|[0-9a-f]{7}) )""",
    re.VERBOSE,
)


class Reverts(ChangeFilter):
    """Changes whose subject says that an earlier one is undone."""

    kind: Literal["revert"] = "revert"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`revert` by the subject."""
        found = _SUBJECT.search(plain_subject(change.message))
        return Refusal("revert", f"subject says {found[0][:80]!r}") if found else None
