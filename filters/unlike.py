"""Unlike: sides too different to be two answers to one request that differ in one thing."""

import re
from collections import Counter
from typing import Literal

from pydantic import Field

from filters.base import Filter, Refusal
from parsers.differences import common
from schemas.records import Pair

_TOKEN = re.compile(r"\w+|[^\w\s]")
MAX_CHARACTERS = 1_000_000
"""Of a side that are compared; the parser refuses a longer one."""
WORDS = 3
"""Tokens of a phrase."""


class Unlike(Filter):
    """Pairs whose sides share too little, or of which one is much longer.

    What is shared is counted over phrases of three tokens, as a share of the shorter side's: an answer that grew keeps
    the other one's phrases, unrelated code has few of them.

    Attributes:
        min_shared: share of the shorter side's phrases that the other side has too.
        max_ratio: tokens of the longer side for each of the shorter one.
        min_tokens: added to both sides before the ratio is taken, so that a one-line fix of a stub is not refused.
    """

    kind: Literal["unlike"] = "unlike"
    min_shared: float = Field(default=0.2, ge=0, le=1)
    max_ratio: float = Field(default=6, ge=1)
    min_tokens: int = Field(default=50, ge=0)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`unlike` for the length first, then for what is shared."""
        chosen, rejected = (_TOKEN.findall(side[:MAX_CHARACTERS]) for side in (pair.chosen, pair.rejected))
        short, long = sorted((len(chosen), len(rejected)))
        if long + self.min_tokens > self.max_ratio * (short + self.min_tokens):
            return Refusal("unlike", f"{long} tokens against {short}, at most {self.max_ratio:g} to one")
        head, tail = common(chosen, rejected)
        if head + tail - 2 * (WORDS - 1) >= self.min_shared * (short - WORDS + 1) > 0:
            return None  # their common start and end hold phrases enough, and most pairs end here
        share = shared(chosen, rejected)
        if share < self.min_shared:
            return Refusal("unlike", f"{share:.2f} of the shorter side shared, at least {self.min_shared:g}")
        return None


def shared(left: list[str], right: list[str]) -> float:
    """Share of the shorter list's phrases that the other one has too, each as often; 1 where there are none."""
    a, b = _phrases(left), _phrases(right)
    shorter = min(a.total(), b.total())
    return (a & b).total() / shorter if shorter else 1.0


def _phrases(tokens: list[str]) -> Counter[tuple[str, ...]]:
    """Runs of `WORDS` tokens, with how often each is there; a shorter text is one phrase."""
    if len(tokens) < WORDS:
        return Counter([tuple(tokens)] if tokens else [])
    return Counter(zip(*(tokens[at:] for at in range(WORDS)), strict=False))
