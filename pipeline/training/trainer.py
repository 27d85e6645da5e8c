"""Trains a recipe on a run's shards and writes a checkpoint that loads with no code of ours."""

from __future__ import annotations

import csv
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from pipeline.training.card import model_card
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import whole_folder
from pipeline.training.pairs import TrainingPair, read_pairs
from pipeline.training.recipes import Recipe
from schemas.errors import CheckFailed, ConfigError

Progress = Callable[[dict[str, Any]], None]
LOG = ("step", "loss", "reward_loss", "lm_loss", "magnitude", "accuracy", "lr", "tokens")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained model and how it came about.

    Attributes:
        model: `Qwen3ForSequenceClassification`, in evaluation mode.
        tokenizer: transformers fast tokenizer.
        log: one row a step, with the keys of `LOG`.
        counts: pairs given, used and left out, steps, tokens and parameters.
    """

    model: Any
    tokenizer: Any
    log: list[dict[str, float]]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class TrainingResult:
    """What `train` did.

    Attributes:
        out: the checkpoint's folder.
        summary: the content of `training.json`.
    """

    out: Path
    summary: dict[str, Any]


def train(dataset_dir: Path, out: Path, recipe: Recipe, progress: Progress, seed: int) -> TrainingResult:
    """Train `recipe` on a run's `dataset` folder and write the folder `out`, whole or not at all.

    Args:
        dataset_dir: a run's `dataset` folder.
        out: such as `models/nano`; replaced where it exists.
        recipe: what to train.
        progress: told a dict a step: `stage`, `step`, `steps`, `loss`, `accuracy`, `tokens`.
        seed: the same seed, data, recipe and number of threads give the same weights.

    Raises:
        ConfigError: the extra `train` is missing, there are no shards, or no pair fits `max_tokens`.
        CheckFailed: the loss became not a number.
    """
    require_train_extra()
    start = time.perf_counter()
    pairs = read_pairs(dataset_dir, recipe.configuration)
    fitted = fit(pairs, recipe, progress, seed)
    seconds = round(time.perf_counter() - start, 1)
    last = fitted.log[-max(1, len(fitted.log) // 10) :]
    summary = {
        "recipe": recipe.model_dump(mode="json"),
        "seed": seed,
        **fitted.counts,
        "final": {key: round(sum(row[key] for row in last) / len(last), 4) for key in LOG[1:6]},
        "seconds": seconds,
    }
    with whole_folder(out) as work:
        fitted.model.save_pretrained(work)
        fitted.tokenizer.save_pretrained(work)
        with (work / "training_log.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, LOG, lineterminator="\n")
            writer.writeheader()
            writer.writerows(fitted.log)
        (work / "training.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        (work / "README.md").write_text(model_card(summary), encoding="utf-8")
    return TrainingResult(out, summary)


def fit(
    pairs: Sequence[TrainingPair], recipe: Recipe, progress: Progress, seed: int, tokenizer: Any | None = None
) -> Fitted:
    """Train `recipe` on `pairs`, in memory.

    Args:
        pairs: in a fixed order.
        recipe: what to train.
        progress: told a dict a step.
        seed: of weights and order.
        tokenizer: one already trained on these texts; None trains it.

    Raises:
        ConfigError: no pair fits `max_tokens`.
        CheckFailed: the loss became not a number.
    """
    require_train_extra()
    from pipeline.training.collator import encode, schedule
    from pipeline.training.model import new_model
    from pipeline.training.tokenizer import train_tokenizer

    given = len(pairs)
    pairs = draw(pairs, recipe.max_pairs, seed)
    tokenizer = tokenizer or train_tokenizer(pairs, recipe.architecture.vocab_size, recipe.max_tokens)
    rows = encode(tokenizer, pairs, recipe.system, recipe.max_tokens)
    if not rows:
        raise ConfigError(
            f"{recipe.name}: none of {given} pairs fits max_tokens {recipe.max_tokens}. "
            "Raise max_tokens, or give a run with shorter pairs."
        )
    plan = schedule([len(r.tokens) for r in rows], recipe.batch_pairs, recipe.epochs, recipe.token_budget, seed)
    model = new_model(
        recipe.architecture, len(tokenizer), tokenizer.pad_token_id, tokenizer.eos_token_id, recipe.max_tokens, seed
    )
    log = _steps(model, [[rows[i] for i in batch] for batch in plan], tokenizer.pad_token_id, recipe, progress)
    counts = {
        "pairs_given": given,
        "pairs_not_drawn": given - len(pairs),
        "pairs_too_long": len(pairs) - len(rows),
        "pairs_used": len({i for batch in plan for i in batch}),
        "pairs_fitting": len(rows),
        "steps": len(plan),
        "tokens": int(log[-1]["tokens"]),
        "vocab_size": len(tokenizer),
        "parameters": sum(p.numel() for p in model.parameters()),
    }
    return Fitted(model.eval(), tokenizer, log, counts)


def draw(pairs: Sequence[TrainingPair], most: int, seed: int) -> Sequence[TrainingPair]:
    """At most `most` pairs, drawn by the seed, in their order; all where `most` is 0."""
    if not most or len(pairs) <= most:
        return pairs
    return [pairs[i] for i in sorted(Random(f"{seed}:pairs").sample(range(len(pairs)), most))]


def learning_rate(step: int, steps: int, recipe: Recipe) -> float:
    """Rate of `step` (from 0): a linear rise over the warm-up, then a cosine down to the final rate."""
    warmup = math.ceil(recipe.warmup_share * steps)
    if step < warmup:
        return recipe.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - 1 - warmup)
    cosine = (1 + math.cos(math.pi * done)) / 2
    return recipe.final_learning_rate + (recipe.learning_rate - recipe.final_learning_rate) * cosine


def _steps(model: Any, plan: list[list[Any]], pad: int, recipe: Recipe, progress: Progress) -> list[dict[str, float]]:
    """Run every batch of the plan; rows of the log."""
    import torch

    from pipeline.training.collator import collate
    from pipeline.training.loss import preference_loss
    from pipeline.training.model import forward

    matrices = [p for p in model.parameters() if p.ndim > 1]
    gains = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": recipe.weight_decay}, {"params": gains, "weight_decay": 0.0}],
        lr=recipe.learning_rate, betas=recipe.betas, eps=recipe.epsilon, foreach=True,
    )  # fmt: skip
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(True)
    model.train()
    log: list[dict[str, float]] = []
    tokens = 0
    try:
        for step, rows in enumerate(plan):
            rate = learning_rate(step, len(plan), recipe)
            for group in optimizer.param_groups:
                group["lr"] = rate
            batch = collate(rows, pad)
            outputs = forward(model, batch, recipe.lm_weight > 0)
            losses = preference_loss(*outputs, recipe.lm_weight, recipe.magnitude_weight, recipe.magnitude)
            optimizer.zero_grad()
            torch.autograd.backward(losses.total)
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
            optimizer.step()
            tokens += batch.size
            values = [value.item() for value in losses]
            if not math.isfinite(values[0]):
                raise CheckFailed(f"{recipe.name}: the loss is {values[0]} at step {step}. Lower learning_rate.")
            log.append(dict(zip(LOG, [step, *(round(v, 6) for v in values), round(rate, 9), tokens], strict=True)))
            progress({"stage": "train", "step": step + 1, "steps": len(plan), "loss": values[0],
                      "accuracy": values[4], "tokens": tokens})  # fmt: skip
    finally:
        torch.use_deterministic_algorithms(before)
    return log
