"""Bots: commits of machines, translations and backports."""

import re
from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import subject
from parsers.edits import Edit
from schemas.records import Change

_SUBJECT = re.compile(
    r"""^(?: bump[ ]\S+[ ]from[ ]\S+[ ]to[ ] | (?:build|chore|fix)\(deps(?:-dev)?\) | update[ ]dependency[ ]
          | (?:(?:updated?|added|add|new|improved?|fix(?:ed)?)[ ])?(?:\w+[ ])?translations?$
          | updated?[ ]translations?\b
          | (?:updated?|added|add|new)[ ](?:\w+[ ])(?:translation|locali[sz]ation)s?\b
          | \[?pre-commit\.ci | \[autofix | automat(?:ic|ed)[ ](?:commit|translation)
          | (?:auto-?)?regenerat(?:e|ed|ing)[ ](?:the[ ])?(?:docs?|documentation|files?|parser|lexer|bindings|code
          |sources?|tables?)\b
          | (?:transifex|crowdin|weblate|hosted[ ]weblate)\b | back-?port(?:ed|s|ing)?\b
          | sync(?:ed|ing)?[ ](?:with|from)[ ](?:upstream|master|main|trunk|origin|internal|google)\b )
      | \[bot\] | \(?\bback-?port(?:ed)?[ ](?:of|from)\b""",
    re.VERBOSE,
)


class Bots(ChangeFilter):
    """Changes whose message says that a machine made it, or that it repeats another one."""

    kind: Literal["bot"] = "bot"

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`bot` by the subject."""
        found = _SUBJECT.search(subject(change.message).lower())
        return Refusal("bot", f"subject says {found[0][:80]!r}") if found else None
