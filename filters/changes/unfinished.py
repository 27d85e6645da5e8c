"""Unfinished: work in progress, and commits meant to be folded into another."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import subject
from parsers.edits import Edit
from schemas.records import Change

_SUBJECT = re.compile(
    r"""^(?:fixup|squash|amend)!
      | \b(?:wip|work[ -]in[ -]progress|checkpoint[ ](?:commit|before)|do[ ]not[ ](?:merge|commit)|dont[ ]merge)\b
      | (?:^|,[ ])(?:still[ ]|it[ ]is[ ])?not[ ](?:yet[ ])?working(?:[ ]yet)?$
      | ^(?:wip|tmp|temp|temporary|save|saving|checkpoint|debug|debugging|try|trying|test|testing|start(?:ed|ing)?
      |begin(?:ning)?
          |half|partial|initial|snapshot|backup|sync|experiment(?:s|ing)?)(?:$|[ :]+(?:commit|work|stuff|changes
          |version)\b)
      | ^(?:experiment(?:s|ing)?|first[ ](?:cut|stab|pass|attempt))\b
      | \b(?:temporary|temp|tmp)[ ](?:commit|fix|hack|workaround|debug)
      | ^(?:add|added|adding|remove|removed|more|some)[ ](?:some[ ]|more[ ])?(?:debug(?:ging)?|logging|printf?s?|trace)
          (?:[ ](?:code|output|info|prints?|statements?|messages?|logs?))?$
      | \?\?$""",
    re.VERBOSE,
)


class Unfinished(ChangeFilter):
    """Changes whose subject says that the work was not done yet."""

    kind: Literal["unfinished"] = "unfinished"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`unfinished` by the subject."""
        found = _SUBJECT.search(subject(change.message).lower())
        return Refusal("unfinished", f"subject says {found[0][:80]!r}") if found else None
