"""Intents: messages that name several changes."""

import re
from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from filters.changes.messages import body, plain_subject
from parsers.edits import Edit
from schemas.records import Change

_VERB = re.compile(
    r"""^(?:also[ ]|then[ ]|some[ ]|minor[ ]|more[ ]|small[ ])?
        (?:add|change|check|clean|correct|disable|drop|eliminate|enable|fix|handle|implement|introduce|move
          |optimi[sz]e|refactor|reduce|remove
          |rename|replace|rewrite|simplify|split|support|switch|tidy|tidi|tweak|update)(?:s|d|es|ed|ing|ped|ping)?\b""",
    re.VERBOSE,
)
"""Begins a clause that names a change of its own; `avoid`, `ensure` or `use` often say what a change is for."""

_JOINT = re.compile(r"\s*;\s*|\s*,\s+(?:and\s+|also\s+)?|\s+(?:and|&|\+)\s+(?:also\s+)?")
_ITEM = re.compile(r"^[ \t]{0,6}(?:[-*+•]|\d{1,2}[.)])[ \t]+\S", re.MULTILINE)
_ALSO = re.compile(
    r"""(?:^|[.!;,(]\s*|\n\s*|\band[ ]|:[ ])also,?[ ](?:add|fix|remov|renam|clean|chang|updat|mov|improv|refactor
          |simplif|tweak|optimi)\w*
      | \bwhile[ ](?:at[ ]it|here|there|i[ ]?[’']?m|i[ ]am|we[ ]?[’']?re)\b
      | \b(?:fixes|cleanup|tweaks|changes|improvements)[ ]and[ ](?:\w+[ ])?(?:fixes|cleanups?|tweaks|changes
      |improvements)\b""",
    re.VERBOSE,
)
_SEVERAL = re.compile(
    r"""\b(?:various|several|multiple|misc\w*|assorted|(?:a[ ])?few|a[ ](?:couple|bunch|number)[ ]of|lots[ ]of|other)
        [ ](?:other[ ]|small[ ]|minor[ ]|micro[ ]|code[ ])*(?:fix|bug|change|improvement|cleanup|tweak|thing|update
          |enhancement|refactor|optimi)\w*""",
    re.VERBOSE,
)


class Intents(ChangeFilter):
    """Changes whose message lists items, joins clauses that each begin with a verb of change, or says `also`.

    Attributes:
        max_items: of a list in the body that begin with a verb of change.
        max_clauses: of the subject that begin with a verb of change.
        also: whether `also fix ...`, `while at it` and `various fixes` count.
    """

    kind: Literal["intents"] = "intents"
    max_items: int = Field(default=2, ge=1)
    max_clauses: int = Field(default=1, ge=1)
    also: bool = True

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`several_intents` by clauses, by items, or by what joins them."""
        first, rest = plain_subject(change.message), body(change.message)
        clauses = sum(1 for clause in _JOINT.split(first) if _VERB.search(clause))
        if clauses > self.max_clauses:
            return Refusal("several_intents", f"{clauses} clauses in the subject, at most {self.max_clauses}")
        items = sum(1 for item in _ITEM.finditer(rest) if _VERB.search(rest[item.end() - 1 : item.end() + 40].lower()))
        if items > self.max_items:
            return Refusal("several_intents", f"{items} items in a list, at most {self.max_items}")
        found = (_SEVERAL.search(first) or _ALSO.search(f"{first}\n{rest.lower()}")) if self.also else None
        return Refusal("several_intents", f"says {found[0].strip()!r}") if found else None
