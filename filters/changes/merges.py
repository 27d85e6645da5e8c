"""Merges: commits that only join histories."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import plain_subject
from parsers.edits import Edit
from schemas.records import Change

_SUBJECT = re.compile(
    r"""^(?!merge[ ](?:pull[ ]request[ ]from[ ]ghsa-|commit[ ]from[ ]fork$))
        (?: merged?[ ](?:branch|branches|tag|commits?|remote|remotes|remote-tracking|pull[ ]request|pr|mr|topic
          |upstream
            |origin|master|trunk|develop|main|changes|(?:in|from|with|of)[ ](?:branch|trunk|master|main|upstream
            |origin|svn|r\d+))\b
          | (?:automatic|auto)[- ]?merge\b | resolved?[ ]merge[ ]conflicts? | (?:resolved?
          |fix(?:ed)?)[ ](?:merge[ ])?conflicts?$
          | merged?$ | mfc\b | svn[ ]?merge\b )""",
    re.VERBOSE,
)


class Merges(ChangeFilter):
    """Changes whose subject is one that merging tools write.

    What a security advisory's private fork brings in as one commit (`Merge pull request from GHSA-...`) passes: it is a
    repair.
    """

    kind: Literal["merge"] = "merge"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`merge` by the subject."""
        found = _SUBJECT.search(plain_subject(change.message))
        return Refusal("merge", f"subject says {found[0][:80]!r}") if found else None
