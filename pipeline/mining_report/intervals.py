"""95% intervals of shares: Wilson's, and two seeded bootstraps, over commits within repositories and over repositories.

The bootstraps draw how often each commit (each repository) is taken; a share is then one division of two weighted sums
a draw, so that every table of a report rests on the same draws.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Vector: TypeAlias = NDArray[np.float64]

DRAWS = 2_000
SEED = 20190301
FEW_REPOSITORIES = 8
FEW = 20
Z = 1.959963984540054
DEFINITION = {
    "wilson": "95% Wilson score interval; each commit counts one",
    "commits": f"95% percentile interval of {DRAWS:,} bootstrap draws of commits, stratified by repository; "
    "of no width where all or none are right: read Wilson's there",
    "repositories": f"the same of draws of whole repositories; null below {FEW_REPOSITORIES} repositories",
    "small": f"fewer than {FEW} commits in the denominator: read the interval, not the figure",
}
_CHUNK = 200


def wilson(successes: int, n: int) -> list[float] | None:
    """Ends of Wilson's 95% score interval, rounded to four places; None for `n` = 0.

    Source: Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if not n:
        return None
    share, z2 = successes / n, Z * Z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = Z / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    return [round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)]


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each commit is taken, by draw.

    Attributes:
        commits: draws of commits within their repository; D draws, N commits.
        repositories: draws of whole repositories; None where there are too few.
    """

    commits: NDArray[np.uint16]
    repositories: NDArray[np.uint16] | None


def draw(repositories: Sequence[str], draws: int = DRAWS, seed: int = SEED) -> Draws:
    """The draws for commits of which `repositories` names each one's repository; a function of its arguments alone."""
    rng = np.random.default_rng(seed)
    names = sorted(set(repositories))
    of = np.array([names.index(name) for name in repositories], dtype=np.int64)
    commits = np.zeros((draws, len(of)), dtype=np.uint16)
    for number in range(len(names)):
        (members,) = np.nonzero(of == number)
        commits[:, members] = rng.multinomial(len(members), [1 / len(members)] * len(members), size=draws)
    if len(names) < FEW_REPOSITORIES:
        return Draws(commits, None)
    taken = rng.multinomial(len(names), [1 / len(names)] * len(names), size=draws)
    return Draws(commits, taken[:, of].astype(np.uint16))


def share(part_N: Vector, whole_N: Vector, weight_N: Vector, draws: Draws) -> dict[str, Any]:
    """A share with its intervals, unweighted and weighted.

    Args:
        part_N: what counts, of each commit; whole numbers, nowhere above `whole_N`.
        whole_N: out of how many.
        weight_N: of each commit.
        draws: for these commits.

    Returns:
        `n` and `k` (unweighted counts), `small`, and under `unweighted` and `weighted` an `estimate` with intervals;
        estimates and intervals are None where the denominator is 0.
    """
    k, n = int(part_N.sum()), int(whole_N.sum())
    plain = {"estimate": _rounded(k, n), "wilson": wilson(k, n), **bootstrap(part_N, whole_N, draws)}
    part_w, whole_w = part_N * weight_N, whole_N * weight_N
    heavy = {
        "estimate": _rounded(float(part_w.sum()), float(whole_w.sum())),
        **bootstrap(part_w, whole_w, draws),
    }
    return {"n": n, "k": k, "small": n < FEW, "unweighted": plain, "weighted": heavy}


def bootstrap(part_N: Vector, whole_N: Vector, draws: Draws) -> dict[str, list[float] | None]:
    """Percentile intervals of `part_N` over `whole_N`, already weighted: `commits` and `repositories`."""
    return {
        "commits": _percentiles(draws.commits, part_N, whole_N),
        "repositories": None if draws.repositories is None else _percentiles(draws.repositories, part_N, whole_N),
    }


def _percentiles(taken_DN: NDArray[np.uint16], part_N: Vector, whole_N: Vector) -> list[float] | None:
    """The middle 95% of the draws whose denominator is not 0 (of one commit alone, 63% of them); None without any."""
    if not whole_N.sum():
        return None
    (columns,) = np.nonzero(whole_N)
    both_N2 = np.stack([part_N[columns], whole_N[columns]], axis=1)
    parts = [
        taken_DN[start : start + _CHUNK, columns].astype(np.float64) @ both_N2
        for start in range(0, len(taken_DN), _CHUNK)
    ]
    sums_D2 = np.concatenate(parts)
    filled = sums_D2[sums_D2[:, 1] > 0]
    if not len(filled):
        return None
    low, high = np.percentile(filled[:, 0] / filled[:, 1], [2.5, 97.5])
    return [round(float(low), 4), round(float(high), 4)]


def _rounded(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None
