"""The content of `intervals.json`: groups with intervals, clusters, coverage, calibration, flips, placebos, claims."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.evaluation.calibration import calibration
from pipeline.evaluation.claims import claims
from pipeline.evaluation.clusters import described
from pipeline.evaluation.controls.flips import flips
from pipeline.evaluation.controls.placebos import placebos
from pipeline.evaluation.pairs import BenchmarkPair, outcome
from pipeline.evaluation.scorers.length import fit
from pipeline.evaluation.statistics import intervals, summary

Differences = Sequence[float]


def analyse(
    pairs: Sequence[BenchmarkPair],
    differences: Differences,
    ties: Sequence[BenchmarkPair] = (),
    tie_differences: Differences = (),
) -> dict[str, Any]:
    """Everything that is said of one model on one benchmark.

    Args:
        pairs: of the benchmark; at least one.
        differences: chosen's score less rejected's of each; NaN where one is missing, which counts as wrong.
        ties: the benchmark's placebos.
        tie_differences: likewise.
    """
    outcomes = [outcome(pair, difference) for pair, difference in zip(pairs, differences, strict=True)]
    valid = [one for one in outcomes if not math.isnan(one.difference)]
    found = intervals(outcomes)
    found["clusters"] = described([one.cluster for one in outcomes], any(pair.repo for pair in pairs))
    found["coverage"] = coverage(pairs, differences)
    if valid and len(valid) < len(outcomes):
        found["valid_only"] = summary(valid, macro=True)
    rule = length_differences(pairs, [(pair.criterion, pair.chosen, pair.rejected) for pair in pairs])
    found["by_length_rule"] = {"signs_from": "benchmark", **by_length_rule(pairs, differences, rule)}
    if valid:
        found["calibration"] = calibration([one.difference for one in valid], [one.cluster for one in valid])
    found["flips"] = flips(pairs, differences)
    found["placebos"] = placebos(ties, tie_differences, pairs, differences)
    found["claims"] = claims(pairs, differences, {"length_on_benchmark": rule})
    return found


def coverage(pairs: Sequence[BenchmarkPair], differences: Differences) -> dict[str, Any]:
    """Pairs that have scores: how many, which share, and where the others are."""
    missing = [pair for pair, difference in zip(pairs, differences, strict=True) if math.isnan(difference)]
    return {
        "pairs": len(pairs),
        "scored": len(pairs) - len(missing),
        "share": (len(pairs) - len(missing)) / len(pairs),
        "missing_by_criterion": dict(sorted(Counter(pair.aspect for pair in missing).items())),
        "missing_by_language": dict(sorted(Counter(pair.language for pair in missing).items())),
    }


def length_differences(pairs: Sequence[BenchmarkPair], fitted_on: Sequence[tuple[str, str, str]]) -> list[float]:
    """Differences of the length rule whose signs fit (criterion, chosen, rejected) best."""
    signs = fit(fitted_on).signs
    return [signs.get(pair.criterion, 1.0) * (len(pair.chosen) - len(pair.rejected)) for pair in pairs]


def by_length_rule(pairs: Sequence[BenchmarkPair], differences: Differences, rule: Differences) -> dict[str, Any]:
    """The model's accuracy where a length rule is right (`agrees`), wrong (`disagrees`) or silent (`same length`)."""
    groups: Mapping[str, list[int]] = {
        "agrees": [i for i, value in enumerate(rule) if value > 0],
        "disagrees": [i for i, value in enumerate(rule) if value < 0],
        "same length": [i for i, value in enumerate(rule) if value == 0],
    }
    return {name: summary([outcome(pairs[i], differences[i]) for i in own]) for name, own in groups.items() if own}
