"""One model's line of the leaderboard: accuracies with intervals, ties, failures, and a criterion x language grid.

Published scores say of no pair which repository it comes from. Their intervals are by pair, as if pairs were
independent, and say so; those of our own runs come from their `intervals.json`, by cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.evaluation.leaderboard.read import Run, at
from pipeline.evaluation.results import PAIR_FAILED, SCORES, Floats, flags, floats, results
from pipeline.evaluation.statistics import FEW_CLUSTERS, interval, t_quantile

NO_CLUSTERS = "no clusters known: by pair, as if pairs were independent; the true interval is wider"
DEFINITION = {
    "strict": "chosen's score above rejected's; a pair that failed is wrong",
    "half_credit": "as strict, and a tie counts one half",
    "micro": "share of pairs",
    "macro": "mean of the criteria's shares",
    "interval": f"95%, Student t on pairs - 1 degrees of freedom, cut to [0, 1]; {NO_CLUSTERS}",
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share of pairs, 0 to 1, with its 95% interval.

    Attributes:
        value: the share.
        low: lower end; None where it is not known.
        high: upper end; likewise.
        pairs: that it is a share of.
    """

    value: float
    low: float | None
    high: float | None
    pairs: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One model on one benchmark; accuracies are strict unless they say otherwise.

    Attributes:
        run: what was read.
        results: content of `results.json`.
        intervals: content of `intervals.json`, the run's own or by pair.
        clusters: that the intervals are over; None where none are known.
        micro: share of pairs.
        macro: mean of the criteria's shares.
        half_credit: as `micro`, a tie counting one half.
        ties: pairs with equal scores.
        failures: pairs of which a side has no score; None where the scores don't tell.
        by_criterion: benchmark spelling to accuracy.
        by_language: benchmark spelling to accuracy.
        grid: (criterion, language) to accuracy and pairs.
    """

    run: Run
    results: dict[str, Any]
    intervals: dict[str, Any]
    clusters: int | None
    micro: Estimate
    macro: Estimate
    half_credit: Estimate
    ties: int
    failures: int | None
    by_criterion: dict[str, Estimate]
    by_language: dict[str, Estimate]
    grid: dict[tuple[str, str], tuple[float, int]]

    @property
    def name(self) -> str:
        """Of the model."""
        return self.run.name

    @property
    def pairs(self) -> int:
        """Pairs that were scored, the failed ones too."""
        return int(self.run.scores.num_rows)


def measure(run: Run) -> Entry:
    """The line of one model. Needs the extra `train`."""
    scores = run.scores
    correct, failed = flags(scores["correct"]).astype(np.float64), _failed(run)
    equal = (floats(scores["score_diff"]) == 0) & (True if failed is None else ~failed)
    half = correct + 0.5 * equal
    criteria, languages = (np.array(scores[name].to_pylist(), dtype=object) for name in ("aspect", "language"))
    intervals = run.intervals or by_pair(correct, half, int(equal.sum()), criteria, languages)
    per_criterion = [correct[criteria == label] for label in sorted(set(criteria))]
    macro = float(np.mean([one.mean() for one in per_criterion]))
    return Entry(
        run=run,
        results=results(scores, run.no_answer),
        intervals=intervals,
        clusters=None if at(intervals, "clusters", "known") is False else at(intervals, "overall", "clusters"),
        micro=_estimate(correct.mean(), len(correct), intervals, "overall", "strict", "micro"),
        macro=_estimate(macro, len(correct), intervals, "overall", "strict", "macro"),
        half_credit=_estimate(half.mean(), len(correct), intervals, "overall", "half_credit", "micro"),
        ties=int(equal.sum()),
        failures=None if failed is None else int(failed.sum()),
        by_criterion=_by(correct, criteria, intervals, "by_criterion"),
        by_language=_by(correct, languages, intervals, "by_language"),
        grid={
            (criterion, language): (float(cell.mean()), len(cell))
            for criterion in sorted(set(criteria))
            for language in sorted(set(languages))
            if len(cell := correct[(criteria == criterion) & (languages == language)])
        },
    )


def _failed(run: Run) -> Any:
    """Of each pair, whether a side has no score; None where the scores don't tell."""
    if PAIR_FAILED in run.scores.column_names:
        return flags(run.scores[PAIR_FAILED])
    if run.no_answer is None:
        return None
    return np.logical_or.reduce([floats(run.scores[name]) == run.no_answer for name in SCORES])


def by_pair(correct: Floats, half: Floats, ties: int, criteria: Any, languages: Any) -> dict[str, Any]:
    """Content of `intervals.json` where no clusters are known.

    Args:
        correct: 1 or 0, one a pair.
        half: the same with one half for a tie.
        ties: how many there are.
        criteria: label of each pair.
        languages: label of each pair.
    """
    found: dict[str, Any] = {
        "definition": DEFINITION,
        "overall": {**_group(correct, half, np.full(len(correct), True)), "ties": ties},
    }
    for name, credits in (("strict", correct), ("half_credit", half)):
        found["overall"][name]["macro"] = pair_interval([credits[criteria == key] for key in sorted(set(criteria))])
    for name, labels in (("criterion", criteria), ("language", languages)):
        found[f"by_{name}"] = {key: _group(correct, half, labels == key) for key in sorted(set(labels))}
    return found


def _group(correct: Floats, half: Floats, rows: Any) -> dict[str, Any]:
    count = int(rows.sum())
    found: dict[str, Any] = {"pairs": count, "clusters": None}
    found |= {name: {"micro": pair_interval([c[rows]])} for name, c in (("strict", correct), ("half_credit", half))}
    found["note"] = NO_CLUSTERS
    if count < FEW_CLUSTERS:
        found["note"] += f"; {count} pairs, below {FEW_CLUSTERS}: the interval is rough"
    return found


def pair_interval(groups: Sequence[Floats]) -> dict[str, float | None]:
    """Mean of the groups' means with its 95% t interval, pairs taken as independent; one group gives their share.

    It is the cluster-robust interval of `statistics` with every pair a cluster of its own.

    Args:
        groups: credits of the pairs of each group, each group in another pair's place; none is empty.
    """
    mean = float(np.mean([one.mean() for one in groups]))
    count = sum(map(len, groups))
    if count < 2:
        return interval(mean, None)
    squares = sum(float((((one - one.mean()) / len(one) / len(groups)) ** 2).sum()) for one in groups)
    return interval(mean, t_quantile(count) * float(np.sqrt(count / (count - 1) * squares)))


def _by(correct: Floats, labels: Any, intervals: dict[str, Any], group: str) -> dict[str, Estimate]:
    return {
        label: _estimate(rows.mean(), len(rows), intervals, group, label, "strict", "micro")
        for label in sorted(set(labels))
        if len(rows := correct[labels == label])
    }


def _estimate(value: float, pairs: int, intervals: dict[str, Any], *path: str) -> Estimate:
    """`value` with the interval at `path` of `intervals.json`, where it has one."""
    low, high = (at(intervals, *path, end) for end in ("low", "high"))
    known = isinstance(low, float | int) and isinstance(high, float | int)
    return Estimate(float(value), low if known else None, high if known else None, pairs)
