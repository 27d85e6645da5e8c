"""Accuracies with 95% intervals that respect clusters: pairs of one repository are not independent.

Three estimates, each with a Student t half-width on (clusters - 1) degrees of freedom:

- `packages`: the mean of the repositories' accuracies, each repository weighing the same; its half-width is
  t * sd / sqrt(G).
- `micro`: the share of pairs; cluster-robust, that is, the variance of the mean is G / (G - 1) times the sum of the
  squares of each repository's summed residuals, over the squared number of pairs.
- `macro`: the mean of the criteria's shares, each criterion weighing the same; cluster-robust in the same way.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CONFIDENCE = 0.95
FEW_CLUSTERS = 20
DEFINITION = {
    "strict": "chosen's score above rejected's",
    "half_credit": "as strict, and a tie counts one half",
    "cluster": "repository or package (a pair without provenance is a cluster of its own)",
    "packages": "mean of the clusters' accuracies, weighted equally, +- t * sd / sqrt(clusters)",
    "micro": "share of pairs, cluster-robust",
    "macro": "mean of the criteria's shares, cluster-robust",
    "interval": "95%, Student t on clusters - 1 degrees of freedom, cut to [0, 1]; null below two clusters",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scored pair.

    Attributes:
        difference: chosen's score less rejected's.
        cluster: the repository.
        criterion: name of the criterion.
        language: name of the language.
        operator: the step that decides the pair, such as a mutation operator's name.
        kind: how its sides stand to each other.
        length: which side is longer.
    """

    difference: float
    cluster: str
    criterion: str
    language: str
    operator: str
    kind: str
    length: str


def credit(difference: float, half: bool) -> float:
    """1 for a right pair, 0 for a wrong one; a tie is 0.5 where `half`, else 0."""
    return 1.0 if difference > 0 else 0.5 if half and difference == 0 else 0.0


def t_quantile(clusters: int) -> float:
    """Two-sided 95% quantile of Student's t on `clusters - 1` degrees of freedom; `clusters` >= 2."""
    from scipy.stats import t

    return float(t.ppf((1 + CONFIDENCE) / 2, clusters - 1))


def interval(estimate: float, half_width: float | None) -> dict[str, float | None]:
    """An estimate as it is written: rounded to four places, its ends cut to [0, 1]."""
    if half_width is None:
        return {"estimate": round(estimate, 4), "half_width": None, "low": None, "high": None}
    low, high = max(0.0, estimate - half_width), min(1.0, estimate + half_width)
    return {
        "estimate": round(estimate, 4),
        "half_width": round(half_width, 4),
        "low": round(low, 4),
        "high": round(high, 4),
    }


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
    residuals: dict[str, float] = defaultdict(float)
    total = 0.0
    for group in groups:
        mean = sum(value for _, value in group) / len(group)
        total += mean / len(groups)
        for cluster, value in group:
            residuals[cluster] += (value - mean) / len(group) / len(groups)
    count = len(residuals)
    if count < 2:
        return interval(total, None)
    variance = count / (count - 1) * sum(value**2 for value in residuals.values())
    return interval(total, t_quantile(count) * math.sqrt(variance))


def summary(outcomes: Sequence[Outcome], macro: bool = False) -> dict[str, Any]:
    """Pairs, clusters, ties and the estimates of one group of outcomes.

    Args:
        outcomes: at least one.
        macro: whether to give the mean over criteria too.
    """
    clusters = len({one.cluster for one in outcomes})
    found: dict[str, Any] = {
        "pairs": len(outcomes),
        "clusters": clusters,
        "ties": sum(one.difference == 0 for one in outcomes),
    }
    for name, half in (("strict", False), ("half_credit", True)):
        by_cluster: dict[str, list[float]] = defaultdict(list)
        by_criterion: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for one in outcomes:
            value = credit(one.difference, half)
            by_cluster[one.cluster].append(value)
            by_criterion[one.criterion].append((one.cluster, value))
        found[name] = {
            "packages": mean_interval([sum(values) / len(values) for values in by_cluster.values()]),
            "micro": clustered_interval([[pair for group in by_criterion.values() for pair in group]]),
        }
        if macro:
            found[name]["macro"] = clustered_interval(list(by_criterion.values()))
    if clusters < FEW_CLUSTERS:
        found["note"] = f"{clusters} clusters, below {FEW_CLUSTERS}: the interval is rough"
    return found


def intervals(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The content of `intervals.json`: overall, by criterion, language, operator, kind, and by which side is longer.

    Languages are listed where they have at least two clusters.

    Args:
        outcomes: at least one.
    """
    found: dict[str, Any] = {"definition": DEFINITION, "overall": summary(outcomes, macro=True)}
    for name in ("criterion", "language", "operator", "kind", "length"):
        groups: dict[str, list[Outcome]] = defaultdict(list)
        for one in outcomes:
            groups[getattr(one, name)].append(one)
        enough = 2 if name == "language" else 1
        found[f"by_{name}"] = {
            key: summary(group) for key, group in sorted(groups.items()) if len({o.cluster for o in group}) >= enough
        }
    return found
