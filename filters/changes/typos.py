"""Typos: spelling, grammar and wording."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import plain_subject
from parsers.edits import Edit
from schemas.records import Change

_SUBJECT = re.compile(
    r"""\btypos?\b(?![ ](?:that|which|caus|in[ ](?:if|condition|check|logic))) | \btypographical
      | \b(?:mis-?spell?(?:ed|ings?|t)?|mispelled|spell(?:ing|ings)?(?:[ ](?:fix|error|mistake))?)\b(?![ ](?:check
      |suggest|correct(?:ion|or)s?\b))
      | \b(?:grammar|grammatical|wording|rephrase|reword)(?:s|ed|ing)?\b(?![ ]rule)
      | \bfix(?:e[sd])?[ ](?:the[ ])?english\b""",
    re.VERBOSE,
)


class Typos(ChangeFilter):
    """Changes whose subject says that words were corrected, and that don't touch code outside strings.

    A typo in code (a wrong name, a wrong argument) is a defect: half of those that were read make a pair.

    Attributes:
        code: whether typos in code are refused too.
    """

    kind: Literal["typo"] = "typo"
    code: bool = False

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`typo` by the subject, and by the leaves of both trees.

        Raises:
            ParseRefused: only a tree can tell, and a side is outside the parser's bounds.
        """
        found = _SUBJECT.search(plain_subject(change.message))
        if found is None or not (self.code or edit.same_without("comment", "docstring", "string")):
            return None
        return Refusal("typo", f"subject says {found[0][:80]!r}")
