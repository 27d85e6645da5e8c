"""Pull request: changes that others had the chance to review."""

from typing import Literal

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change


class PullRequest(ChangeFilter):
    """Changes that are known to be part of a pull request; not among the defaults.

    Attributes:
        required: whether others are refused. Paper, section on commit mining: part of a merged pull request.
    """

    kind: Literal["pull_request"] = "pull_request"
    required: bool = True

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`no_pull_request` where nothing says that it was part of one."""
        if not self.required or change.facts.pull_request is not None:
            return None
        return Refusal("no_pull_request", "no merge, squash, head or trailer names one")
