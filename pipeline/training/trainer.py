"""Trains a recipe on a run's shards and writes a checkpoint that loads with no code of ours."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from pipeline.training.card import model_card
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import whole_folder
from pipeline.training.log import LOG, final, write_log
from pipeline.training.pairs import TrainingPair, read_pairs
from pipeline.training.recipe import Recipe, Stage
from pipeline.training.stages import Keep, Progress, run_stage
from schemas.errors import ConfigError

__all__ = ["LOG", "Fitted", "Keep", "Progress", "TrainingResult", "draw", "fit", "train"]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model and how it came about.

    Attributes:
        model: an `AutoModelForSequenceClassification` with one label, in evaluation mode.
        tokenizer: transformers fast tokenizer.
        log: one row a step, with the keys of `LOG`.
        counts: pairs given, used and left out, steps, tokens and parameters, over all stages.
        stages: the same of each stage, with its name.
    """

    model: Any
    tokenizer: Any
    log: list[dict[str, float]]
    counts: dict[str, int]
    stages: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What `train` did.

    Attributes:
        out: the checkpoint's folder.
        summary: the content of `training.json`.
    """

    out: Path
    summary: dict[str, Any]


def train(
    dataset_dir: Path,
    out: Path,
    recipe: Recipe,
    progress: Progress,
    seed: int,
    general: Path | None = None,
    resume: bool = True,
    checkpoint_steps: int = 0,
    report_to: Sequence[str] = (),
) -> TrainingResult:
    """Train `recipe` on a run's `dataset` folder and write the folder `out`, whole or not at all.

    Checkpoints are in `<out>.checkpoints` until it is written: the same call after a crash goes on from the last one.
    Under `accelerate launch` every process calls this; the first one writes.

    Args:
        dataset_dir: a run's `dataset` folder.
        out: such as `models/nano`; replaced where it exists.
        recipe: what to train.
        progress: told a dict a step: `stage`, `step`, `steps`, `loss`, `accuracy`, `tokens`; or `stage`, `message`.
        seed: the same seed, data, recipe and number of threads give the same weights.
        general: `dataset` folder of the general preferences, which the stage `pt` reads.
        resume: go on from checkpoints, where there are some of the same training.
        checkpoint_steps: steps between checkpoints; 0 for a tenth of a stage's.
        report_to: `tensorboard`, `wandb` or other trackers that transformers knows.

    Raises:
        ConfigError: the extra `train` is missing, there are no shards, no pair fits `max_tokens`, or a stage `pt`
            has no `general`.
        CheckFailed: the loss became not finite; the checkpoints stay.
    """
    require_train_extra()
    start = time.perf_counter()
    given: list[Sequence[TrainingPair]] = []
    for stage in recipe.stages:
        folder = general if stage.name == "pt" else dataset_dir
        if folder is None:
            raise ConfigError(_no_general(recipe))
        given.append(read_pairs(folder, stage.configuration))
    folder = out.with_name(out.name + ".checkpoints")
    keep = Keep(folder, resume, checkpoint_steps, tuple(report_to))
    fitted = _fit(given, recipe, progress, seed, None, keep)
    summary = {
        "recipe": recipe.model_dump(mode="json"),
        "seed": seed,
        **fitted.counts,
        "architecture": type(fitted.model).__name__,
        "stages": fitted.stages,
        "final": final(fitted.log),
        "seconds": round(time.perf_counter() - start, 1),
    }
    from accelerate import PartialState

    state = PartialState()
    if state.is_main_process:
        with whole_folder(out) as work:
            fitted.model.save_pretrained(work)
            fitted.tokenizer.save_pretrained(work)
            write_log(work, fitted.log, [stage.name for stage in recipe.stages], f"{recipe.name}, seed {seed}")
            (work / "training.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
            (work / "README.md").write_text(model_card(summary), encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
    state.wait_for_everyone()
    return TrainingResult(out, summary)


def fit(
    pairs: Sequence[TrainingPair],
    recipe: Recipe,
    progress: Progress,
    seed: int,
    tokenizer: Any | None = None,
    general: Sequence[TrainingPair] = (),
) -> Fitted:
    """Train `recipe` on `pairs`, in memory; no checkpoint is written.

    Args:
        pairs: in a fixed order.
        recipe: what to train.
        progress: told a dict a step.
        seed: of weights and order.
        tokenizer: one already trained on these texts; None trains it, or takes that of the weights.
        general: pairs of the stage `pt`, where the recipe has one.

    Raises:
        ConfigError: no pair fits `max_tokens`.
        CheckFailed: the loss became not finite.
    """
    require_train_extra()
    given = [general if stage.name == "pt" else pairs for stage in recipe.stages]
    if any(stage.name == "pt" for stage in recipe.stages) and not general:
        raise ConfigError(_no_general(recipe))
    return _fit(given, recipe, progress, seed, tokenizer, Keep())


def draw(pairs: Sequence[TrainingPair], most: int, seed: int) -> Sequence[TrainingPair]:
    """At most `most` pairs, drawn by the seed, in their order; all where `most` is 0."""
    if not most or len(pairs) <= most:
        return pairs
    return [pairs[i] for i in sorted(Random(f"{seed}:pairs").sample(range(len(pairs)), most))]


def _fit(
    given: Sequence[Sequence[TrainingPair]],
    recipe: Recipe,
    progress: Progress,
    seed: int,
    tokenizer: Any | None,
    keep: Keep,
) -> Fitted:
    """Every stage, one after the other."""
    from pipeline.training.model import settle_padding, start

    drawn = [draw(pairs, stage.max_pairs, seed) for stage, pairs in zip(recipe.stages, given, strict=True)]
    heads, tokenizer = start(recipe, [pair for pairs in drawn for pair in pairs], tokenizer, seed)
    planned = [_plan(recipe, s, p, tokenizer, seed) for s, p in zip(recipe.stages, drawn, strict=True)]
    ends = frozenset(end for one in planned for row in one[0] for end in (row.tokens[row.chosen - 1], row.tokens[-1]))
    pad = settle_padding(heads.model, tokenizer, ends)
    heads, log, stages = _run(heads, tokenizer, pad, planned, recipe, progress, seed, keep)
    for stage, pairs, part in zip(stages, given, drawn, strict=True):
        stage.update({"pairs_given": len(pairs), "pairs_not_drawn": len(pairs) - len(part)})
    counts = {key: sum(stage[key] for stage in stages) for key in stages[0] if type(stages[0][key]) is int}
    if recipe.lora is not None:
        from pipeline.training.lora import merge_adapters

        merge_adapters(heads.model)
    counts |= {"vocab_size": len(tokenizer), "parameters": sum(p.numel() for p in heads.model.parameters())}
    return Fitted(heads.model.eval(), tokenizer, log, counts, stages)


def _plan(recipe: Recipe, stage: Stage, pairs: Sequence[TrainingPair], tokenizer: Any, seed: int) -> tuple[Any, ...]:
    """Rows, batches and what was left out of a stage."""
    from pipeline.training.rows import encode
    from pipeline.training.schedule import schedule

    rows, left_out = encode(tokenizer, pairs, stage.system, stage.max_tokens, stage.soft_labels)
    if not rows:
        why = ", ".join(f"{reason.replace('_', ' ')}: {count}" for reason, count in left_out.items() if count)
        raise ConfigError(
            f"{recipe.name}: stage {stage.name}: none of {len(pairs)} pairs fits max_tokens {stage.max_tokens}"
            f"{f' ({why})' if why else ''}. Raise max_tokens, or give a run with shorter pairs."
        )
    lengths = [len(row.tokens) for row in rows]
    return rows, schedule(lengths, stage.batch_pairs, stage.epochs, stage.token_budget, seed), left_out


def _run(
    heads: Any,
    tokenizer: Any,
    pad: int,
    planned: Sequence[tuple[Any, ...]],
    recipe: Recipe,
    progress: Progress,
    seed: int,
    keep: Keep,
) -> tuple[Any, list[dict[str, float]], list[dict[str, Any]]]:
    """Run the stages; the model, the log and what is counted of each stage."""
    from pipeline.training.checkpoints import load_weights, stage_key
    from pipeline.training.model import settle_padding, start
    from pipeline.training.reward_trainer import Work
    from pipeline.training.two_heads import packs, shares_prefix

    steps = sum(len(plan) for _, plan, _ in planned)
    log: list[dict[str, float]] = []
    stages: list[dict[str, Any]] = []
    key = ""
    for number, (stage, (rows, plan, left_out)) in enumerate(zip(recipe.stages, planned, strict=True), 1):
        if keep.folder is not None:
            key = stage_key([recipe.model_dump(mode="json"), seed, number, pad, key], rows)
        before = int(log[-1]["tokens"]) if log else 0
        shared = shares_prefix(heads.config, stage.max_tokens)
        packed = shared and packs(heads.config)
        work = Work(stage, rows, plan, pad, shared, len(log), before, number, packed)
        ended = run_stage(
            heads, tokenizer, work, recipe, keep, key, seed, lambda event: progress({"steps": steps, **event})
        )
        log += ended.log
        if ended.whole is not None:
            heads = start(recipe, (), tokenizer, seed).heads
            settle_padding(heads.model, tokenizer, frozenset())
            load_weights(heads, ended.whole)
        stages.append({
            "name": stage.name,
            **{f"pairs_{reason}": count for reason, count in left_out.items()},
            "pairs_used": len({i for batch in plan for i in batch}),
            "pairs_fitting": len(rows),
            "steps": len(plan),
            "tokens": int(log[-1]["tokens"]) - before,
            "shared_prefix": shared,
        })  # fmt: skip
    return heads, log, stages


def _no_general(recipe: Recipe) -> str:
    return (
        f"{recipe.name}: its stage pt trains on general preferences, and none are given. Name the dataset folder of "
        "a run that has them (general), or take a recipe that has the stage pm alone."
    )
