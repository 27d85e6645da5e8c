"""Shares with their intervals, and how far several models say the same of the same things."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from pipeline.mining_report.intervals import FEW, wilson
from synthesis import consensus

LEEWAY = 0.1
"""A share that is not where it should be is marked where it is surely off by more than this."""


@dataclass(frozen=True, slots=True)
class Share:
    """`part` of `whole` independent things."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def ends(self) -> list[float] | None:
        """Wilson's 95% interval; None of nothing."""
        return wilson(self.part, self.whole)

    @property
    def few(self) -> bool:
        """Whether the interval says more than the share."""
        return 0 < self.whole < FEW

    @property
    def too_low(self) -> bool:
        """Whether it is surely further below 1 than it may be."""
        return not self.few and self.ends is not None and self.ends[1] < 1 - LEEWAY

    @property
    def too_high(self) -> bool:
        """Whether it is surely further above 0 than it may be."""
        return not self.few and self.ends is not None and self.ends[0] > LEEWAY


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far models say the same of the same things.

    Attributes:
        pairs: each two models, on how many things they say the same, and Cohen's kappa (None where undefined).
        fleiss: kappa over all of them; None where undefined.
        things: that two of them or more speak of.
    """

    pairs: tuple[tuple[str, str, Share, float | None], ...]
    fleiss: float | None
    things: int


def agreement(labels: Mapping[str, Mapping[str, str]]) -> Agreement:
    """Agreement of each two models, and of all.

    Args:
        labels: model, thing, what the model says of it.
    """
    made = []
    for a, b in combinations(labels, 2):
        both = sorted(labels[a].keys() & labels[b].keys())
        mine, other = [labels[a][one] for one in both], [labels[b][one] for one in both]
        same = sum(x == y for x, y in zip(mine, other, strict=True))
        made.append((a, b, Share(same, len(both)), consensus.kappa(mine, other)))
    things = sorted({thing for own in labels.values() for thing in own})
    said = [[own[thing] for own in labels.values() if thing in own] for thing in things]
    return Agreement(tuple(made), consensus.fleiss(said), sum(len(one) > 1 for one in said))
