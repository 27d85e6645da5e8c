"""What a model must beat, and what shuffled labels must not teach: written beside a model's results.

- `bag`: a linear bag of changed tokens, trained on the training pairs.
- `left_out_operator`: the same bag, trained without one operator, on that operator's benchmark pairs.
- `length`: one sign per criterion, fitted on the training pairs; and the best signs for the benchmark itself.
- `shuffled_bag`, `shuffled_model`: training labels swapped package by package, each draw with its complement.
"""

import json
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from pipeline.evaluation import bag
from pipeline.evaluation.benchmark import BenchmarkPair, outcome, read_benchmark, score_pairs
from pipeline.evaluation.scorers import length
from pipeline.evaluation.scorers.base import Scorer
from pipeline.evaluation.statistics import credit, intervals, mean_interval
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import write_whole
from pipeline.training.pairs import TrainingPair, read_pairs, swapped
from pipeline.training.recipes import Recipe
from schemas.config import Options
from schemas.errors import ConfigError
from schemas.provenance import seeded

Progress = Callable[[dict[str, Any]], None]
CONTROL = (
    "mean of the draws' accuracies (ties one half) on the true benchmark, 95% t interval over the draws taken as "
    "independent; a draw and its complement are opposed, so the interval is wider than it need be"
)


class BaselineOptions(Options):
    """What to compute.

    Attributes:
        configuration: training shards, `full` or `balanced`.
        min_operator_pairs: benchmark pairs that an operator needs to be left out in turn.
        bag_draws: draws of the bag's control; each is trained twice, once with the complement.
        model_draws: draws of the model's control, likewise; 0 for none.
        model_token_budget: tokens that each training of the model's control may compute.
        model_pairs: training pairs that the model's control draws, at most.
        model_benchmark_pairs: benchmark pairs that the model's control is scored on, at most, spread by id.
    """

    configuration: Literal["full", "balanced"] = "full"
    min_operator_pairs: int = Field(default=20, ge=1)
    bag_draws: int = Field(default=6, ge=0, le=1000)
    model_draws: int = Field(default=2, ge=0, le=100)
    model_token_budget: int = Field(default=450_000, ge=1)
    model_pairs: int = Field(default=2_000, ge=1)
    model_benchmark_pairs: int = Field(default=600, ge=1)


def baselines(
    dataset_dir: Path,
    benchmark_dir: Path,
    out: Path,
    progress: Progress,
    seed: int,
    options: BaselineOptions | None = None,
    recipe: Recipe | None = None,
) -> dict[str, Any]:
    """Compute every baseline and control and write `baselines.json` into `out`.

    Args:
        dataset_dir: a run's `dataset` folder.
        benchmark_dir: a run's `benchmark` folder.
        out: such as `evaluation/nano`.
        progress: told a dict a step: `stage`, and `step` of `steps`.
        seed: of the shuffles.
        options: what to compute; None for the defaults.
        recipe: of the model whose control is wanted; None leaves that out.

    Returns:
        The content of `baselines.json`.

    Raises:
        ConfigError: shards are missing, a pair has no provenance, or the extra `train` is missing.
    """
    require_train_extra()
    options = options or BaselineOptions()
    training = read_pairs(dataset_dir, options.configuration)
    benchmark = read_benchmark(benchmark_dir)
    if len(training) < 2:
        raise ConfigError(f"{dataset_dir}: holds {len(training)} training pairs, must be 2 or more.")
    lost = next((pair.idx for pair in training if not pair.repo), None)
    if lost is not None:
        raise ConfigError(f"{dataset_dir}/provenance: has no row for {lost}. Run `themis verify` on the run.")
    words = bag.make(training)
    found = {
        "bag": _measured(benchmark, bag.differences(words.fit(), words.columns(benchmark))),
        "left_out_operator": left_out_operator(words, training, benchmark, options.min_operator_pairs, progress),
        "length": _length(training, benchmark),
    }
    if options.bag_draws:
        found["shuffled_bag"] = shuffled_bag(words, training, benchmark, options.bag_draws, seed, progress)
    if recipe is not None and options.model_draws:
        found["shuffled_model"] = shuffled_model(training, benchmark, recipe, options, seed, progress)
    write_whole(out / "baselines.json", (json.dumps(found, indent=2) + "\n").encode())
    return found


def left_out_operator(
    words: bag.Bag,
    training: Sequence[TrainingPair],
    benchmark: Sequence[BenchmarkPair],
    least: int,
    progress: Progress,
) -> dict[str, Any]:
    """For each operator with at least `least` benchmark pairs: the bag trained without it, measured on it."""
    counts = Counter(name for pair in benchmark for name in pair.operator.split("+") if name)
    names = sorted(name for name, count in counts.items() if count >= least)
    columns = words.columns(benchmark)
    found = {}
    for step, name in enumerate(names, 1):
        without = [row for row, pair in enumerate(training) if name not in pair.operator.split("+")]
        of_it = [row for row, pair in enumerate(benchmark) if name in pair.operator.split("+")]
        if len(without) > 1:
            differences = bag.differences(words.fit(without), columns[of_it])
            measured = _measured([benchmark[row] for row in of_it], differences)
            found[name] = {"training_pairs": len(without), **measured["overall"]}
        progress({"stage": "left_out_operator", "step": step, "steps": len(names)})
    return found


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
            values.append(_half_credit(bag.differences(words.fit(wins=wins), columns)))
        progress({"stage": "shuffled_bag", "step": draw + 1, "steps": draws})
    return _control(values)


def shuffled_model(
    training: Sequence[TrainingPair],
    benchmark: Sequence[BenchmarkPair],
    recipe: Recipe,
    options: BaselineOptions,
    seed: int,
    progress: Progress,
) -> dict[str, Any]:
    """The recipe, with fewer tokens, trained on labels swapped by package, each draw with its complement.

    The true labels are trained with the same few pairs and tokens too, for comparison.
    Each training has a seed of its own, since what the first weights happen to prefer would move all draws alike.
    """
    from pipeline.evaluation.scorers.sequence_classification import (
        SequenceClassification,
        SequenceClassificationOptions,
    )
    from pipeline.training.tokenizer import train_tokenizer
    from pipeline.training.trainer import draw, fit

    few = {"token_budget": min(recipe.token_budget, options.model_token_budget), "max_pairs": options.model_pairs}
    small = recipe.model_copy(update=few)
    drawn = draw(training, options.model_pairs, seed)
    tokenizer = train_tokenizer(drawn, recipe.architecture.vocab_size, recipe.max_tokens)
    part = _spread(benchmark, options.model_benchmark_pairs)
    steps = 1 + 2 * options.model_draws

    def accuracy(pairs: Sequence[TrainingPair], step: int) -> float:
        fitted = fit(pairs, small, lambda _: None, seed + step, tokenizer)
        scorer: Scorer = SequenceClassification(fitted.model, fitted.tokenizer, SequenceClassificationOptions())
        value = _half_credit([c - r for c, r in score_pairs(scorer, part, lambda _: None)])
        progress({"stage": "shuffled_model", "step": step, "steps": steps})
        return value

    true = accuracy(drawn, 1)
    values: list[float] = []
    for number in range(options.model_draws):
        swaps = swapped_packages(training, seed, number)
        for complement in (False, True):
            pairs = [swapped(p) if (p.repo in swaps) != complement else p for p in drawn]
            values.append(accuracy(pairs, 2 + len(values)))
    size = {
        "token_budget": small.token_budget,
        "training_pairs": len(drawn),
        "benchmark_pairs": len(part),
        "true_labels": round(true, 4),
    }
    return size | _control(values)


def swapped_packages(training: Sequence[TrainingPair], seed: int, draw: int) -> frozenset[str]:
    """The packages whose labels one draw swaps: a coin each."""
    repos = {pair.repo for pair in training}
    return frozenset(repo for repo in repos if seeded(seed, f"shuffled/{draw}", repo).random() < 0.5)


def _control(values: Sequence[float]) -> dict[str, Any]:
    found: dict[str, Any] = {"definition": CONTROL, "draws": [round(value, 4) for value in values]}
    found["sd"] = round(statistics.stdev(values), 4)
    return found | {"mean": mean_interval(values)}


def _half_credit(differences: Sequence[float]) -> float:
    return sum(credit(difference, True) for difference in differences) / len(differences)


def _spread(pairs: Sequence[BenchmarkPair], most: int) -> list[BenchmarkPair]:
    """At most `most` pairs at equal distances in the order of ids, which are hashes."""
    if len(pairs) <= most:
        return list(pairs)
    return [pairs[i * len(pairs) // most] for i in range(most)]


def _measured(pairs: Sequence[BenchmarkPair], differences: Sequence[float]) -> dict[str, Any]:
    """The groups of `intervals.json`, without their definition."""
    found = intervals([outcome(pair, d) for pair, d in zip(pairs, differences, strict=True)])
    return {key: value for key, value in found.items() if key != "definition"}


def _length(training: Sequence[TrainingPair], benchmark: Sequence[BenchmarkPair]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, pairs in (("fitted_on_training", training), ("best_on_benchmark", benchmark)):
        rule = length.fit([(pair.criterion, pair.chosen, pair.rejected) for pair in pairs])
        scores = score_pairs(rule, benchmark, lambda _: None)
        found[name] = {"signs": rule.signs, **_measured(benchmark, [c - r for c, r in scores])}
    return found
