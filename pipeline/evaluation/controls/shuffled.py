"""Shuffled labels: what training can teach when labels say nothing. They are swapped package by package."""

import statistics
from collections.abc import Sequence
from typing import Any

from pipeline.evaluation import bag
from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.evaluation.scoring import Progress
from pipeline.evaluation.statistics import credits_of, mean_interval
from pipeline.training.pairs import TrainingPair
from schemas.provenance import seeded

DEFINITION = (
    "mean of the draws' accuracies (ties one half) on the true benchmark, 95% t interval over the draws taken as "
    "independent; a draw and its complement are opposed, so the interval is wider than it need be"
)


def shuffled_bag(
    words: bag.Bag,
    training: Sequence[TrainingPair],
    benchmark: Sequence[BenchmarkPair],
    draws: int,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """The bag trained on labels swapped by package, each draw with its complement."""
    columns = words.columns(benchmark)
    values = []
    for draw in range(draws):
        swaps = swapped_packages(training, seed, draw)
        for complement in (False, True):
            wins = [(pair.repo in swaps) == complement for pair in training]
            values.append(half_credit(bag.differences(words.fit(wins=wins), columns)))
        progress({"stage": "shuffled_bag", "step": draw + 1, "steps": draws})
    return control(values)


def swapped_packages(training: Sequence[TrainingPair], seed: int, draw: int) -> frozenset[str]:
    """The packages whose labels one draw swaps: a coin each."""
    repos = {pair.repo for pair in training}
    return frozenset(repo for repo in repos if seeded(seed, f"shuffled/{draw}", repo).random() < 0.5)


def control(values: Sequence[float]) -> dict[str, Any]:
    """What `baselines.json` says of the draws' accuracies; at least two."""
    found: dict[str, Any] = {"definition": DEFINITION, "draws": [round(value, 4) for value in values]}
    found["sd"] = round(statistics.stdev(values), 4)
    return found | {"mean": mean_interval(values)}


def half_credit(differences: Sequence[float]) -> float:
    """Accuracy, a tie one half."""
    return float(credits_of(differences, True).mean())
