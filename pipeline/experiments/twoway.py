"""Seeds and clusters resampled together: how far an accuracy, or a difference, may be off for either reason.

An accuracy is the share of a group's pairs that are right, a tie counting one half, over all seeds. A draw takes S - 1
of the S seeds and G - 1 of the G clusters, both with replacement, and every accuracy of the experiment is computed on
that one draw: with one less than there are, the variance of a mean comes out unbiased, which matters with few seeds
(Rao and Wu 1988). One seed alone is not resampled, and the interval is of the clusters alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.evaluation.bootstrap import DRAWS, SEED, Codes, Floats
from pipeline.evaluation.paired import sign_flip
from pipeline.evaluation.statistics import codes_of, credits_of

DEFINITION = (
    "accuracy: share of a group's pairs with chosen's score above rejected's, a tie one half, over all seeds; "
    "interval: 95% percentiles of 2,000 draws of seeds and clusters together, S - 1 of S seeds and G - 1 of G "
    "clusters, with replacement, widened as Student's t is for so few seeds and clusters; p: two-sided, the larger of "
    "what the draws give and of sign flips of whole clusters; p_holm is corrected over the experiment's contrasts"
)


@dataclass(frozen=True, slots=True)
class Draws:
    """How often each seed, (D, S), and each cluster, (D, G), is taken."""

    seeds: Floats
    clusters: Floats


@dataclass(frozen=True, slots=True)
class Sums:
    """What is needed of the accuracy of a cell on a group: credits (S, G), pairs (G,)."""

    totals: Floats
    counts: Floats

    @property
    def by_seed(self) -> Floats:
        """Accuracy of each seed."""
        return np.asarray(self.totals.sum(axis=1) / self.counts.sum())

    @property
    def estimate(self) -> float:
        """Accuracy over all seeds."""
        return float(self.by_seed.mean())


def make_draws(seeds: int, clusters: int, draws: int = DRAWS, seed: int = SEED) -> Draws:
    """Draws for S seeds and G clusters; they depend on the arguments alone."""
    rng = np.random.default_rng((seed, seeds, clusters))
    return Draws(_times(rng, seeds, draws), _times(rng, clusters, draws))


def _times(rng: np.random.Generator, count: int, draws: int) -> Floats:
    """(draws, count): how often each is taken when `count - 1` are drawn; once each where there is one."""
    if count == 1:
        return np.ones((draws, 1))
    taken = rng.integers(0, count, (draws, count - 1)) + count * np.arange(draws)[:, None]
    return np.bincount(taken.ravel(), minlength=draws * count).reshape(draws, count).astype(np.float64)


def cluster_codes(clusters: Sequence[str]) -> tuple[Codes, int]:
    """Number of each pair's cluster, and how many there are."""
    return codes_of(clusters)


def sums(differences_SN: Floats, rows: Sequence[int], codes_N: Codes, clusters: int) -> Sums:
    """Of the pairs `rows`.

    Args:
        differences_SN: chosen's score less rejected's; NaN, where one is missing, is wrong.
        rows: of the group; at least one.
        codes_N: cluster of each pair of the benchmark.
        clusters: G.
    """
    taken = np.asarray(rows)
    codes = codes_N[taken]
    totals = [np.bincount(codes, credits_of(one[taken], True), clusters) for one in differences_SN]
    return Sums(np.array(totals), np.bincount(codes, minlength=clusters).astype(np.float64))


def drawn(one: Sums, draws: Draws) -> Floats:
    """Accuracy in each draw; NaN where it holds no pair of the group."""
    right_D = ((draws.seeds @ one.totals) * draws.clusters).sum(axis=1)
    pairs_D = draws.seeds.sum(axis=1) * (draws.clusters @ one.counts)
    with np.errstate(invalid="ignore"):
        return np.asarray(right_D / pairs_D)


def widened(drawn_D: Floats, by_seed_S: Floats, clusters: int) -> Floats:
    """The draws, spread as far as so few seeds and clusters ask for.

    Percentiles of draws take the spread for known. It is known from S seeds and G clusters, so the draws' distances
    from the estimate are multiplied by how much wider Student's t is than the normal, on degrees of freedom by
    Satterthwaite: those of the seeds where trainings differ most, of the clusters where repositories do.

    Args:
        drawn_D: an accuracy, or a difference of accuracies, in each draw.
        by_seed_S: the same of each seed.
        clusters: G, at least 2.
    """
    from scipy.stats import norm, t

    seeds = len(by_seed_S)
    variance = float(np.nanvar(drawn_D)) if not np.isnan(drawn_D).all() else 0.0
    if not variance:
        return drawn_D
    of_seeds = min(variance, float(by_seed_S.var(ddof=1)) / seeds) if seeds > 1 else 0.0
    rest = variance - of_seeds
    freedom = variance**2 / (of_seeds**2 / max(1, seeds - 1) + rest**2 / (clusters - 1))
    centre = float(by_seed_S.mean())
    return np.asarray(centre + (drawn_D - centre) * float(t.ppf(0.975, freedom) / norm.ppf(0.975)))


def p_of(difference: float, drawn_D: Floats, contributions_G: Floats) -> float:
    """Two-sided p of a difference: the larger of the draws' and of the sign flips of clusters.

    Args:
        difference: what was found.
        drawn_D: the difference in each draw.
        contributions_G: of each cluster, under the hypothesis of no difference as likely one sign as the other.
    """
    there = drawn_D[~np.isnan(drawn_D)]
    if not len(there):
        return 1.0
    beyond = (there <= 0).sum() if difference > 0 else (there >= 0).sum()
    return max(min(1.0, 2 * (1 + int(beyond)) / (1 + len(there))), sign_flip(contributions_G)[0])
