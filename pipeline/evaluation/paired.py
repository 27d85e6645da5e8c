"""Is one mean above another, over pairs that hang together in clusters: difference, intervals, sign-flip p, Holm.

Each cluster contributes to the difference of the two means. Under the null hypothesis the contributions, measured
from the common mean, are as likely one sign as the other, so their signs are flipped. Where both means are of the
same pairs (two models, or a model and a rule) the common mean cancels and this is the paired sign-flip test; where they
are of different pairs it is a score bootstrap with Rademacher weights (Kline and Santos 2012).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.evaluation.bootstrap import Floats, percentiles, resampled
from pipeline.evaluation.statistics import codes_of, interval, t_quantile

EXACT_CLUSTERS = 16
FLIPS = 10_000
SEED = 20190302
ALPHA = 0.05
NOTHING = 1e-12
DEFINITION = (
    "difference of half-credit accuracies over the same pairs (or of two groups of pairs), 95% t and bootstrap "
    "intervals over clusters; two-sided p of flipping the sign of whole clusters' contributions, exact up to 16 "
    "clusters that differ, else 10,000 seeded flips; p_holm is corrected over the claims listed together; a claim "
    "holds where the difference is above 0 and p_holm below 0.05"
)


@dataclass(frozen=True, slots=True)
class Side:
    """One of two means.

    Attributes:
        values: a value a pair, such as its credit; at least one.
        clusters: the pair's cluster.
    """

    values: Sequence[float]
    clusters: Sequence[str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Mean of A less mean of B.

    Attributes:
        name: what is claimed of A.
        pairs: of A and of B.
        clusters: of both together.
        difference: as `statistics.interval` writes it, between -1 and 1.
        p: two-sided, uncorrected.
        method: how p came about.
        p_holm: corrected over the comparisons made together; p where there is but one.
    """

    name: str
    pairs: tuple[int, int]
    clusters: int
    difference: dict[str, float | None]
    p: float
    method: str
    p_holm: float

    @property
    def holds(self) -> bool:
        """Whether A is above B: the corrected p is below 0.05 and the difference above 0."""
        return self.p_holm < ALPHA and (self.difference["estimate"] or 0.0) > 0

    def row(self) -> dict[str, Any]:
        """As it is written."""
        note = {}
        least = 2.0 ** (1 - self.clusters)
        if least >= ALPHA:
            note = {"note": f"with {self.clusters} clusters p can't fall below {least:.3g}: it can't hold"}
        return {
            "name": self.name, "pairs": self.pairs[0], "other_pairs": self.pairs[1], "clusters": self.clusters,
            "difference": self.difference, "p": round(self.p, 6), "p_holm": round(self.p_holm, 6),
            "method": self.method, "holds": self.holds, **note,
        }  # fmt: skip


def sign_flip(contributions: Sequence[float] | Floats) -> tuple[float, str]:
    """Two-sided p of the sum under flips of each contribution's sign, and how it was computed.

    Contributions of nothing (below 1e-12, which a share can't be but by rounding) are left out: flipping them changes
    nothing.
    """
    given = np.asarray(contributions, dtype=np.float64)
    moved_G = given[np.abs(given) > NOTHING]
    count = len(moved_G)
    if not count:
        return 1.0, "exact, no cluster differs"
    reached = abs(float(moved_G.sum())) - NOTHING
    if count <= EXACT_CLUSTERS:
        bits_FG = (np.arange(2**count)[:, None] >> np.arange(count)) & 1
        return float((np.abs((2.0 * bits_FG - 1) @ moved_G) >= reached).mean()), f"exact, {2**count} sign flips"
    rng = np.random.default_rng(SEED)
    above = 0
    for start in range(0, FLIPS, 1000):
        signs_FG = 2.0 * rng.integers(0, 2, (min(1000, FLIPS - start), count)) - 1
        above += int((np.abs(signs_FG @ moved_G) >= reached).sum())
    return (1 + above) / (1 + FLIPS), f"{FLIPS} seeded sign flips"


def compare(name: str, a: Side, b: Side) -> Comparison:
    """Mean of `a` less mean of `b`."""
    codes_N, clusters = codes_of([*a.clusters, *b.clusters])
    values_N = np.array([*a.values, *b.values], dtype=np.float64)
    split = len(a.values)
    halves = (slice(0, split), slice(split, None))
    counts_GS = np.column_stack([np.bincount(codes_N[part], minlength=clusters) for part in halves])
    totals_GS = np.column_stack([np.bincount(codes_N[part], values_N[part], clusters) for part in halves])
    sizes_S = counts_GS.sum(axis=0)
    means_S = totals_GS.sum(axis=0) / sizes_S
    weights_S = np.array([1.0, -1.0]) / sizes_S
    difference = float(means_S[0] - means_S[1])
    p, method = sign_flip((totals_GS - counts_GS * values_N.mean()) @ weights_S)
    if clusters < 2:
        return Comparison(name, (split, len(b.values)), clusters, interval(difference, None, -1.0), p, method, p)
    residuals_G = (totals_GS - counts_GS * means_S) @ weights_S
    half = t_quantile(clusters) * math.sqrt(clusters / (clusters - 1) * float((residuals_G**2).sum()))
    sums_D4 = resampled(np.column_stack([counts_GS, totals_GS]))
    with np.errstate(invalid="ignore"):
        drawn = percentiles(sums_D4[:, 2] / sums_D4[:, 0] - sums_D4[:, 3] / sums_D4[:, 1])
    found = interval(difference, half, -1.0, drawn)
    return Comparison(name, (split, len(b.values)), clusters, found, p, method, p)


def holm(ps: Sequence[float]) -> list[float]:
    """Corrected p-values, in the order given (Holm 1979, step-down)."""
    found = [0.0] * len(ps)
    largest = 0.0
    for rank, index in enumerate(sorted(range(len(ps)), key=lambda i: ps[i])):
        largest = max(largest, min(1.0, (len(ps) - rank) * ps[index]))
        found[index] = largest
    return found


def corrected(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """The comparisons with Holm's correction over all of them."""
    adjusted = holm([one.p for one in comparisons])
    return [replace(one, p_holm=p) for one, p in zip(comparisons, adjusted, strict=True)]
