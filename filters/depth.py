"""Depth: a side whose syntax tree is nearly flat holds no code worth comparing."""

from typing import Literal

from pydantic import Field

from filters.base import Filter, Refusal
from parsers.language import languages
from parsers.parsed import parsed
from parsers.syntax import depth
from schemas.errors import ParseRefused
from schemas.records import Pair


class Depth(Filter):
    """Pairs of which a side's tree has too few levels, or can't be parsed within bounds.

    A pair in a language without a grammar (`NL`) has no tree and passes.

    Attributes:
        min_depth: levels of the tree, the root and the leaves included (paper: 3).
    """

    kind: Literal["depth"] = "depth"
    min_depth: int = Field(default=3, ge=1)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`depth` where a side's tree is too flat; the parser's own reason where it refuses a side."""
        if pair.language not in languages():
            return None
        for side, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
            try:
                levels = depth(parsed(pair.language, answer).root)
            except ParseRefused as error:
                return Refusal(error.reason, f"{side}: {error.detail}")
            if levels < self.min_depth:
                return Refusal("depth", f"{side}: {levels} levels, at least {self.min_depth}")
        return None
