"""The training loop of an encoder that judges changes.

Changes go through the model one at a time, as they will when it is used, and gradients are added up to a batch: no
padding, so a change's loss does not depend on its neighbours either.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from pipeline.criterion.checkpoint import PROBLEM, Device, load_model, placed
from pipeline.criterion.transformer import logits
from schemas.criteria import CODE_CRITERIA
from schemas.errors import CheckFailed

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train.

    Attributes:
        folds: parts that the repositories are dealt into; each is judged by a model that has not seen it.
        epochs: passes over the rows.
        batch_rows: rows to a step.
        learning_rate: the highest one, after the warm-up; then it falls to 0 in a straight line.
        warmup_share: part of the steps in which it rises.
        weight_decay: of matrices.
        clip: longest gradient.
        max_tokens: of a change; less where the base reads less.
        seed: of the new head, dropout and the order of rows.
        device: `auto` is the GPU where there is one. On the CPU, with as many threads, the same input gives the
            same bytes.
    """

    folds: int = 4
    epochs: int = 4
    batch_rows: int = 16
    learning_rate: float = 5e-5
    warmup_share: float = 0.1
    weight_decay: float = 0.01
    clip: float = 1.0
    max_tokens: int = 1024
    seed: int = 0
    device: Device = "auto"


DEFAULT_SETTINGS = Settings()


@dataclass(frozen=True, slots=True)
class Example:
    """A row as numbers.

    Attributes:
        ids: tokens.
        wanted: 1 or 0 by criterion.
        weight: in the loss.
    """

    ids: list[int]
    wanted: list[float]
    weight: float


def new_model(base: str, revision: str | None, settings: Settings) -> Any:
    """The base with a new head of one label a criterion, in float32; the seed makes the head."""
    import torch

    keys = list(CODE_CRITERIA)
    with torch.random.fork_rng():
        torch.manual_seed(settings.seed)
        return load_model(
            base, revision, "float32", ignore_mismatched_sizes=True, problem_type=PROBLEM, num_labels=len(keys),
            id2label=dict(enumerate(keys)), label2id={key: place for place, key in enumerate(keys)},
        )  # fmt: skip


def trained(model: Any, examples: Sequence[Example], settings: Settings, progress: Progress) -> Any:
    """The model after all epochs, in evaluation mode.

    Args:
        model: what `new_model` made; it is changed.
        examples: in a fixed order.
        settings: how to train.
        progress: told one line an epoch.

    Raises:
        ConfigError: there is no such device.
        CheckFailed: the loss became not a number.
    """
    import torch

    device = placed(settings.device)
    model = model.to(device).train()
    optimizer = _optimizer(model, settings)
    steps_an_epoch = math.ceil(len(examples) / settings.batch_rows)
    steps, step = steps_an_epoch * settings.epochs, 0
    before = torch.are_deterministic_algorithms_enabled()
    torch.use_deterministic_algorithms(device == "cpu")
    try:
        with torch.random.fork_rng():
            torch.manual_seed(settings.seed)
            for epoch in range(settings.epochs):
                order = list(examples)
                Random(f"{settings.seed}:fit_transformer:{epoch}").shuffle(order)
                total = 0.0
                for start in range(0, len(order), settings.batch_rows):
                    for group in optimizer.param_groups:
                        group["lr"] = learning_rate(step, steps, settings)
                    total += _step(model, optimizer, order[start : start + settings.batch_rows], settings.clip)
                    step += 1
                progress(f"epoch {epoch + 1} of {settings.epochs}, loss {total / steps_an_epoch:.4f}")
    finally:
        torch.use_deterministic_algorithms(before)
    return model.eval()


def _step(model: Any, optimizer: Any, batch: Sequence[Example], clip: float) -> float:
    """One step; the batch's loss, the mean over its rows by weight."""
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    optimizer.zero_grad()
    weights = sum(one.weight for one in batch)
    total = 0.0
    for one in batch:
        logits_C = logits(model, one.ids)
        loss = binary_cross_entropy_with_logits(logits_C, torch.tensor(one.wanted, device=logits_C.device))
        part = loss * (one.weight / weights)
        torch.autograd.backward(part)
        total += part.item()
    if not math.isfinite(total):
        raise CheckFailed(f"the loss is {total}. Lower learning_rate.")
    torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
    optimizer.step()
    return total


def _optimizer(model: Any, settings: Settings) -> Any:
    import torch

    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": settings.weight_decay}, {"params": others, "weight_decay": 0.0}],
        lr=settings.learning_rate,
    )


def learning_rate(step: int, steps: int, settings: Settings) -> float:
    """Rate of `step` (from 0): a linear rise over the warm-up, then a linear fall that would reach 0 after the last."""
    warmup = math.ceil(settings.warmup_share * steps)
    if step < warmup:
        return settings.learning_rate * (step + 1) / warmup
    return settings.learning_rate * (steps - step) / max(1, steps - warmup)
