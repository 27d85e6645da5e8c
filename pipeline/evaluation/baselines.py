"""What a model must beat, and what shuffled labels must not teach: written beside a model's results.

- `bag`: a linear bag of changed tokens, trained on the training pairs.
- `left_out_operator`, `left_out_family`: the same bag, trained without one operator, or one family of several
  operators, on the benchmark pairs of it.
- `length`: one sign per criterion, fitted on the training pairs; and the best signs for the benchmark itself.
- `before_after`: which side is the newer one, or the unedited one, by rule and by a bag that sees no label.
- `train_by_test`: the bag trained on mutants, commits and both, measured on each.
- `likelihood`: a base model's log-likelihood of the sides, where one is given.
- `shuffled_bag`, `shuffled_model`: training labels swapped package by package, each draw with its complement.

Each rule's differences lie beside it in `controls.parquet`, and what the model is claimed to beat in `intervals.json`.
"""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from pipeline.evaluation import bag
from pipeline.evaluation.analysis import by_length_rule, length_differences
from pipeline.evaluation.benchmark import BenchmarkPair, outcome, read_benchmark, score_pairs
from pipeline.evaluation.claims import claims
from pipeline.evaluation.contrasts import outcomes_of
from pipeline.evaluation.controls import before_after
from pipeline.evaluation.controls.flips import flips
from pipeline.evaluation.controls.left_out import families, left_out, several
from pipeline.evaluation.controls.likelihood import LikelihoodOptions, likelihood_differences, load
from pipeline.evaluation.controls.shuffled import control, half_credit, shuffled_bag, swapped_packages
from pipeline.evaluation.controls.train_by_test import bags
from pipeline.evaluation.scorers import length
from pipeline.evaluation.scorers.base import Scorer
from pipeline.evaluation.statistics import intervals
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import write_whole
from pipeline.training.pairs import TrainingPair, provenance, read_pairs, swapped
from pipeline.training.recipes import Recipe
from schemas.config import Options
from schemas.errors import ConfigError

Progress = Callable[[dict[str, Any]], None]
Differences = Mapping[str, Sequence[float]]
"""Control to its differences, chosen's less rejected's, one a benchmark pair; NaN where it was not measured."""


class BaselineOptions(Options):
    """What to compute.

    Attributes:
        configuration: training shards, `full` or `balanced`.
        min_operator_pairs: benchmark pairs that an operator, or a family of them, needs to be left out in turn.
        bag_draws: draws of the bag's control; each is trained twice, once with the complement.
        model_draws: draws of the model's control, likewise; 0 for none.
        model_token_budget: tokens that each training of the model's control may compute.
        model_pairs: training pairs that the model's control draws, at most.
        model_benchmark_pairs: benchmark pairs that the model's control is scored on, at most, spread by id.
        likelihood: the base model whose likelihood is compared; None leaves that out.
    """

    configuration: Literal["full", "balanced"] = "full"
    min_operator_pairs: int = Field(default=20, ge=1)
    bag_draws: int = Field(default=6, ge=0, le=1000)
    model_draws: int = Field(default=2, ge=0, le=100)
    model_token_budget: int = Field(default=450_000, ge=1)
    model_pairs: int = Field(default=2_000, ge=1)
    model_benchmark_pairs: int = Field(default=600, ge=1)
    likelihood: LikelihoodOptions | None = None


def baselines(
    dataset_dir: Path,
    benchmark_dir: Path,
    out: Path,
    progress: Progress,
    seed: int,
    options: BaselineOptions | None = None,
    recipe: Recipe | None = None,
) -> dict[str, Any]:
    """Compute every baseline and control and write `baselines.json` and `controls.parquet` into `out`.

    Where `out` holds the scores of a model on the benchmark, its `intervals.json` gets its claims against them.

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
        ConfigError: shards are missing, a pair has no provenance, the extra `train` is missing, or the scores in
            `out` are of another benchmark.
    """
    require_train_extra()
    options = options or BaselineOptions()
    training, kinds = _training(dataset_dir, options.configuration)
    benchmark = read_benchmark(benchmark_dir)
    words = bag.make(training)
    least = options.min_operator_pairs
    made: dict[str, Sequence[float]] = {"bag": bag.differences(words.fit(), words.columns(benchmark))}
    found: dict[str, Any] = {
        "bag": _measured(benchmark, made["bag"]) | {"flips": flips(benchmark, made["bag"])},
        "left_out_operator": left_out(words, training, benchmark, least, progress),
        "left_out_family": left_out(
            words, training, benchmark, least, progress, "left_out_family", families, several(benchmark)
        ),
        "length": _length(training, benchmark, made),
        "before_after": _before_after(training, kinds, benchmark, made),
        "train_by_test": bags(words, kinds, benchmark),
    }
    if options.likelihood is not None:
        found["likelihood"] = _likelihood(options.likelihood, benchmark, made, progress)
    if options.bag_draws:
        found["shuffled_bag"] = shuffled_bag(words, training, benchmark, options.bag_draws, seed, progress)
    if recipe is not None and options.model_draws:
        found["shuffled_model"] = shuffled_model(training, benchmark, recipe, options, seed, progress)
    _write_controls(out / "controls.parquet", benchmark, made)
    write_claims(out, benchmark, made)
    write_whole(out / "baselines.json", (json.dumps(found, indent=2) + "\n").encode())
    return found


def write_claims(out: Path, benchmark: Sequence[BenchmarkPair], controls: Differences) -> None:
    """Put the model's claims against the controls into `out/intervals.json`, where the model has been evaluated.

    Args:
        out: such as `evaluation/nano`.
        benchmark: pairs.
        controls: of them, with `length_on_training`.

    Raises:
        ConfigError: the scores are of other pairs.
    """
    path = out / "intervals.json"
    if not (path.is_file() and (out / "scores.parquet").is_file()):
        return
    scored = outcomes_of(pq.read_table(out / "scores.parquet"), benchmark)
    missing = next((pair.id for pair in benchmark if pair.id not in scored), None)
    if missing is not None:
        raise ConfigError(f"{out / 'scores.parquet'}: has no row for {missing}. Evaluate the model on this benchmark.")
    differences = [scored[pair.id].difference for pair in benchmark]
    found = json.loads(path.read_text(encoding="utf-8"))
    rule = by_length_rule(benchmark, differences, controls["length_on_training"])
    found["by_length_rule"] = {"signs_from": "training", **rule}
    found["claims"] = claims(benchmark, differences, controls)
    write_whole(path, (json.dumps(found, indent=2) + "\n").encode())


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

    budget = min(recipe.last.token_budget or options.model_token_budget, options.model_token_budget)
    few = {"name": "pm", "token_budget": budget, "max_pairs": options.model_pairs}
    stage = recipe.last.model_copy(update=few)
    small = recipe.model_copy(update={"stages": (stage,)})
    drawn = draw(training, options.model_pairs, seed)
    tokenizer = (
        None if recipe.weights else train_tokenizer(drawn, recipe.architecture.vocab_size, recipe.last.max_tokens)
    )
    part = _spread(benchmark, options.model_benchmark_pairs)
    steps = 1 + 2 * options.model_draws

    def accuracy(pairs: Sequence[TrainingPair], step: int) -> float:
        fitted = fit(pairs, small, lambda _: None, seed + step, tokenizer)
        scorer: Scorer = SequenceClassification(fitted.model, fitted.tokenizer, SequenceClassificationOptions())
        value = half_credit([c - r for c, r in score_pairs(scorer, part, lambda _: None)])
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
        "token_budget": budget,
        "training_pairs": len(drawn),
        "benchmark_pairs": len(part),
        "true_labels": round(true, 4),
    }
    return size | control(values)


def _training(dataset_dir: Path, configuration: Literal["full", "balanced"]) -> tuple[list[TrainingPair], list[str]]:
    """Training pairs, and how each one's sides stand to each other."""
    training = read_pairs(dataset_dir, configuration)
    if len(training) < 2:
        raise ConfigError(f"{dataset_dir}: holds {len(training)} training pairs, must be 2 or more.")
    origins = provenance(dataset_dir / "provenance", "idx")
    lost = next((pair.idx for pair in training if not pair.repo), None)
    if lost is not None:
        raise ConfigError(f"{dataset_dir}/provenance: has no row for {lost}. Run `themis verify` on the run.")
    return training, [origins[pair.idx].kind or "" for pair in training]


def _spread(pairs: Sequence[BenchmarkPair], most: int) -> list[BenchmarkPair]:
    """At most `most` pairs at equal distances in the order of ids, which are hashes."""
    if len(pairs) <= most:
        return list(pairs)
    return [pairs[i * len(pairs) // most] for i in range(most)]


def _measured(pairs: Sequence[BenchmarkPair], differences: Sequence[float]) -> dict[str, Any]:
    """The groups of `intervals.json`, without their definition."""
    found = intervals([outcome(pair, d) for pair, d in zip(pairs, differences, strict=True)])
    return {key: value for key, value in found.items() if key != "definition"}


def _length(
    training: Sequence[TrainingPair], benchmark: Sequence[BenchmarkPair], made: dict[str, Sequence[float]]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, control_name, pairs in (
        ("fitted_on_training", "length_on_training", training),
        ("best_on_benchmark", "length_on_benchmark", benchmark),
    ):
        fitted = [(pair.criterion, pair.chosen, pair.rejected) for pair in pairs]
        made[control_name] = length_differences(benchmark, fitted)
        found[name] = {"signs": length.fit(fitted).signs, **_measured(benchmark, made[control_name])}
    return found


def _before_after(
    training: Sequence[TrainingPair],
    kinds: Sequence[str],
    benchmark: Sequence[BenchmarkPair],
    made: dict[str, Sequence[float]],
) -> dict[str, Any]:
    found: dict[str, Any] = {"definition": before_after.DEFINITION}
    for name, order in before_after.ORDERS.items():
        made[f"{name}_wins"] = before_after.order_rule(benchmark, order)
        found[f"{name}_wins"] = _brief(benchmark, made[f"{name}_wins"])
        learnt = before_after.order_bag(training, kinds, benchmark, order)
        found[f"{name}_bag"] = None
        if learnt is not None:
            made[f"{name}_bag"] = learnt[1]
            found[f"{name}_bag"] = {"training_pairs": learnt[0], **_brief(benchmark, learnt[1])}
    return found


def _likelihood(
    options: LikelihoodOptions, benchmark: Sequence[BenchmarkPair], made: dict[str, Sequence[float]], progress: Progress
) -> dict[str, Any]:
    found: dict[str, Any] = {"model": options.model.name}
    for name, values in likelihood_differences(load(options), benchmark, progress).items():
        made[name] = values
        asked = [row for row, value in enumerate(values) if value == value]
        part = [benchmark[row] for row in asked]
        found[name.removeprefix("likelihood_")] = _brief(part, [values[row] for row in asked]) if asked else None
    return found


def _brief(pairs: Sequence[BenchmarkPair], differences: Sequence[float]) -> dict[str, Any]:
    """`_measured` without languages and operators."""
    found = _measured(pairs, differences)
    return {key: found[key] for key in ("overall", "by_criterion", "by_kind", "by_length")}


def _write_controls(path: Path, benchmark: Sequence[BenchmarkPair], controls: Differences) -> None:
    columns = {name: pa.array(values, pa.float64(), from_pandas=True) for name, values in controls.items()}
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": [pair.id for pair in benchmark], **columns}), sink)
    write_whole(path, sink.getvalue())
