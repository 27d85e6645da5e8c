"""Accuracies with 95% intervals that respect clusters: pairs of one repository are not independent.

Three estimates, each with a Student t half-width on (clusters - 1) degrees of freedom, and with the percentile
interval of a bootstrap over clusters:

- `packages`: the mean of the clusters' accuracies, each cluster weighing the same; its half-width is
  t * sd / sqrt(G).
- `micro`: the share of pairs; cluster-robust, that is, the variance of the mean is G / (G - 1) times the sum of the
  squares of each cluster's summed residuals, over the squared number of pairs.
- `macro`: the mean of the criteria's shares, each criterion weighing the same; cluster-robust in the same way.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.evaluation.bootstrap import Codes, Floats, percentiles, resampled
from pipeline.evaluation.clusters import FEW_CLUSTERS as FEW_CLUSTERS

CONFIDENCE = 0.95
DEFINITION = {
    "strict": "chosen's score above rejected's",
    "half_credit": "as strict, and a tie counts one half",
    "missing": "a pair without scores is wrong in both, and is no tie",
    "cluster": "repositories, forks, functions and problems that hang together (a pair tied to no other is a cluster)",
    "packages": "mean of the clusters' accuracies, weighted equally, +- t * sd / sqrt(clusters)",
    "micro": "share of pairs, cluster-robust",
    "macro": "mean of the criteria's shares, cluster-robust",
    "interval": "95%, Student t on clusters - 1 degrees of freedom, cut to [0, 1]; null below two clusters",
    "bootstrap": "95% percentile interval of 2,000 draws of whole clusters; null below two clusters",
}
GROUPS = ("criterion", "language", "operator", "kind", "length", "family")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scored pair.

    Attributes:
        difference: chosen's score less rejected's; NaN where a side has no score.
        cluster: the connected component that it belongs to.
        criterion: name of the criterion.
        language: name of the language.
        operator: the step that decides the pair, such as a mutation operator's name.
        kind: how its sides stand to each other.
        length: which side is longer.
        family: whether the operator's family is one that no training pair is made with.
    """

    difference: float
    cluster: str
    criterion: str
    language: str
    operator: str
    kind: str
    length: str
    family: str = "shown"


def credit(difference: float, half: bool) -> float:
    """1 for a right pair, 0 for a wrong or missing one (NaN); a tie is 0.5 where `half`, else 0."""
    return 1.0 if difference > 0 else 0.5 if half and difference == 0 else 0.0


def credits_of(differences: Sequence[float] | Floats, half: bool) -> Floats:
    """`credit` of each difference."""
    given = np.asarray(differences, dtype=np.float64)
    return (given > 0) + (0.5 * (given == 0) if half else 0.0)


def codes_of(labels: Iterable[str]) -> tuple[Codes, int]:
    """Labels as numbers from 0, as they first come; and how many different ones there are."""
    numbers: dict[str, int] = {}
    codes = [numbers.setdefault(label, len(numbers)) for label in labels]
    return np.array(codes, dtype=np.int64), len(numbers)


def t_quantile(clusters: int) -> float:
    """Two-sided 95% quantile of Student's t on `clusters - 1` degrees of freedom; `clusters` >= 2."""
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, clusters - 1))


def interval(
    estimate: float, half_width: float | None, least: float = 0.0, drawn: tuple[float, float] | None = None
) -> dict[str, float | None]:
    """An estimate as it is written: rounded to four places, its ends cut to [least, 1].

    Args:
        estimate: a share, or a difference of shares.
        half_width: of the t interval; None where there is none.
        least: 0 for a share, -1 for a difference.
        drawn: ends of the bootstrap's interval; None leaves its two keys out.
    """
    low = high = None
    if half_width is not None:
        low, high = round(max(least, estimate - half_width), 4), round(min(1.0, estimate + half_width), 4)
    found = {
        "estimate": round(estimate, 4),
        "half_width": None if half_width is None else round(half_width, 4),
        "low": low,
        "high": high,
    }
    if drawn is not None:
        found |= {"bootstrap_low": round(drawn[0], 4), "bootstrap_high": round(drawn[1], 4)}
    return found


def mean_interval(values: Sequence[float]) -> dict[str, float | None]:
    """Mean of independent values, each weighing the same, with its t interval."""
    count = len(values)
    mean = sum(values) / count
    if count < 2:
        return interval(mean, None)
    sd = math.sqrt(sum((value - mean) ** 2 for value in values) / (count - 1))
    return interval(mean, t_quantile(count) * sd / math.sqrt(count))


def clustered_interval(groups: Sequence[Sequence[tuple[str, float]]]) -> dict[str, float | None]:
    """Mean of the groups' means, with a cluster-robust t interval; one group gives the share of pairs.

    Args:
        groups: of (cluster, credit); no group is empty. A cluster may have pairs in several groups.
    """
    codes_N, clusters = codes_of(cluster for group in groups for cluster, _ in group)
    values_N = np.array([value for group in groups for _, value in group], dtype=np.float64)
    parts_N = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    return interval(*_robust(values_N, codes_N, clusters, parts_N, len(groups)))


def _robust(values_N: Floats, codes_N: Codes, clusters: int, parts_N: Codes, parts: int) -> tuple[float, float | None]:
    """Mean of the parts' means, and its cluster-robust t half-width."""
    sizes_P = np.bincount(parts_N, minlength=parts)
    means_P = np.bincount(parts_N, values_N, parts) / sizes_P
    mean = float(means_P.mean())
    if clusters < 2:
        return mean, None
    residuals_G = np.bincount(codes_N, (values_N - means_P[parts_N]) / sizes_P[parts_N] / parts, clusters)
    variance = clusters / (clusters - 1) * float((residuals_G**2).sum())
    return mean, t_quantile(clusters) * math.sqrt(variance)


def share(values: Sequence[float] | Floats, clusters: Sequence[str]) -> dict[str, Any]:
    """Pairs, clusters, and the estimates `packages` and `micro` of a mean of values in [0, 1].

    Args:
        values: at least one.
        clusters: of each.
    """
    codes_N, count = codes_of(clusters)
    values_N = np.asarray(values, dtype=np.float64)
    return {"pairs": len(values_N), "clusters": count, **_estimates(values_N, codes_N, count, codes_N * 0, 0)}


def _estimates(values_N: Floats, codes_N: Codes, clusters: int, parts_N: Codes, parts: int) -> dict[str, Any]:
    """`packages`, `micro` and, where `parts` is above 0, `macro` over the parts."""
    sizes_G, sums_G = np.bincount(codes_N, minlength=clusters), np.bincount(codes_N, values_N, clusters)
    means_G = sums_G / sizes_G
    spread = float(means_G.std(ddof=1)) / math.sqrt(clusters) if clusters > 1 else 0.0
    whole_N = np.zeros(len(values_N), dtype=np.int64)
    cells_N = codes_N * max(parts, 1) + parts_N
    cells = clusters * max(parts, 1)
    counts_GP = np.bincount(cells_N, minlength=cells).reshape(clusters, -1)
    totals_GP = np.bincount(cells_N, values_N, cells).reshape(clusters, -1)
    columns_GK = np.column_stack([means_G, np.ones(clusters), counts_GP, totals_GP])
    split = 2 + counts_GP.shape[1]
    made = {
        "packages": (float(means_G.mean()), t_quantile(clusters) * spread if clusters > 1 else None),
        "micro": _robust(values_N, codes_N, clusters, whole_N, 1),
    }
    if parts:
        made["macro"] = _robust(values_N, codes_N, clusters, parts_N, parts)
    if clusters < 2:
        return {name: interval(*one) for name, one in made.items()}
    sums_DK = resampled(columns_GK)
    counts_DP, totals_DP = sums_DK[:, 2:split], sums_DK[:, split:]
    with np.errstate(invalid="ignore"):
        shares_DP = totals_DP / counts_DP  # NaN where a draw has no pair of the part
    drawn = {
        "packages": sums_DK[:, 0] / sums_DK[:, 1],
        "micro": totals_DP.sum(axis=1) / counts_DP.sum(axis=1),
        "macro": np.nanmean(shares_DP, axis=1),
    }
    return {name: interval(*one, drawn=percentiles(drawn[name])) for name, one in made.items()}


def summary(outcomes: Sequence[Outcome], macro: bool = False) -> dict[str, Any]:
    """Pairs, clusters, ties, missing scores and the estimates of one group of outcomes.

    Args:
        outcomes: at least one.
        macro: whether to give the mean over criteria too.
    """
    codes_N, clusters = codes_of(one.cluster for one in outcomes)
    parts_N, parts = codes_of(one.criterion if macro else "" for one in outcomes)
    differences = [one.difference for one in outcomes]
    found: dict[str, Any] = {
        "pairs": len(outcomes),
        "clusters": clusters,
        "ties": sum(difference == 0 for difference in differences),
    }
    missing = sum(math.isnan(difference) for difference in differences)
    if missing:
        found["missing"] = missing
    for name, half in (("strict", False), ("half_credit", True)):
        values_N = credits_of(differences, half)
        found[name] = _estimates(values_N, codes_N, clusters, parts_N, parts if macro else 0)
    if clusters < FEW_CLUSTERS:
        found["note"] = f"{clusters} clusters, below {FEW_CLUSTERS}: the interval is rough"
    return found


def intervals(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The groups of `intervals.json`: overall, by criterion, language, operator, kind, which side is longer, family.

    Languages are listed where they have at least two clusters.

    Args:
        outcomes: at least one.
    """
    found: dict[str, Any] = {"definition": DEFINITION, "overall": summary(outcomes, macro=True)}
    for name in GROUPS:
        groups: dict[str, list[Outcome]] = defaultdict(list)
        for one in outcomes:
            groups[getattr(one, name)].append(one)
        enough = 2 if name == "language" else 1
        found[f"by_{name}"] = {
            key: summary(group) for key, group in sorted(groups.items()) if len({o.cluster for o in group}) >= enough
        }
    return found
