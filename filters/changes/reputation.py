"""Reputation: repositories that others use and work on."""

from typing import Literal

from pydantic import Field

from filters.base import Refusal
from filters.changes.base import ChangeFilter
from parsers.edits import Edit
from schemas.records import Change


class Reputation(ChangeFilter):
    """Changes of repositories with enough stars, contributors and issues; what is None is not asked.

    Published: 15 stars, 5 contributors, 10 issues (arXiv 2605.00754). Stars and issues come from a table that the user
    gives.

    Attributes:
        min_stars: of the repository.
        min_contributors: different authors up to the change.
        min_issues: of the repository.
        unknown: whether a repository passes of which an asked fact isn't known.
    """

    kind: Literal["reputation"] = "reputation"
    min_stars: int | None = Field(default=None, ge=0)
    min_contributors: int | None = Field(default=None, ge=0)
    min_issues: int | None = Field(default=None, ge=0)
    unknown: bool = True

    def refuse(self, change: Change, edit: Edit) -> Refusal | None:
        """`reputation` by the first fact that is too small, or unknown where that doesn't pass."""
        facts = change.facts
        asked = (
            ("stars", facts.stars, self.min_stars),
            ("contributors", facts.contributors, self.min_contributors),
            ("issues", facts.issues, self.min_issues),
        )
        for name, value, least in asked:
            if least is None or (value is None and self.unknown):
                continue
            if value is None or value < least:
                return Refusal("reputation", f"{'unknown' if value is None else value} {name}, at least {least}")
        return None
