"""Reverted: changes that history undoes later."""

from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change


class Reverted(ChangeFilter):
    """Changes that a later commit undoes.

    Attributes:
        keep_stated: whether those pass whose revert says what was wrong; a stage that makes reversed pairs wants them.
    """

    kind: Literal["reverted"] = "reverted"
    keep_stated: bool = False

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`reverted` where the facts say so."""
        facts = change.facts
        if facts.reverted_by is None or (self.keep_stated and facts.revert_reason):
            return None
        return Refusal("reverted", f"undone by {facts.reverted_by}")
