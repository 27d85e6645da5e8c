"""Which pairs are trained when, and by which process: pure functions of lengths, stage and seed."""

import math
from collections.abc import Sequence
from random import Random

from pipeline.training.recipe import Stage


def schedule(
    lengths: Sequence[int], batch_pairs: int, epochs: int, token_budget: int, seed: int
) -> list[tuple[int, ...]]:
    """Every batch of a stage, as indices of rows, until the epochs or the tokens are used up.

    An epoch is shuffled, cut into groups of 32 batches, and sorted by length inside each, so that a batch holds rows
    of like length; then the batches are shuffled.

    Args:
        lengths: tokens of each row.
        batch_pairs: rows in a batch; the last of an epoch may have fewer.
        epochs: passes, at most.
        token_budget: tokens without padding, at most, 0 for no bound; the first batch is always taken.
        seed: of the shuffles.
    """
    batches: list[tuple[int, ...]] = []
    used = 0
    for epoch in range(epochs):
        rng = Random(f"{seed}:schedule:{epoch}")
        order = list(range(len(lengths)))
        rng.shuffle(order)
        group = 32 * batch_pairs
        sorted_groups = [
            sorted(order[start : start + group], key=lambda i: lengths[i]) for start in range(0, len(order), group)
        ]
        cut = [tuple(g[s : s + batch_pairs]) for g in sorted_groups for s in range(0, len(g), batch_pairs)]
        rng.shuffle(cut)
        for batch in cut:
            used += sum(lengths[i] for i in batch)
            if token_budget and used > token_budget and batches:
                return batches
            batches.append(batch)
    return batches


def micro_batches(
    batch: Sequence[int], lengths: Sequence[int], processes: int, most_tokens: int
) -> list[list[list[int]]]:
    """A batch cut for its processes: indices by process and micro-batch.

    Rows are dealt by length, so that processes have like work. Every process has the same number of micro-batches, as
    sharded weights need; one that has too few rows gets empty ones at the end.

    Args:
        batch: indices of rows.
        lengths: tokens of each row, padded to the longest of its micro-batch.
        processes: that share the batch.
        most_tokens: padded tokens of a micro-batch, at most, or one row; 0 for all of a process's rows at once.
    """
    order = sorted(batch, key=lambda i: (-lengths[i], i))
    shares = [_cut(order[process::processes], lengths, most_tokens) for process in range(processes)]
    most = max(len(share) for share in shares)
    for share in shares:
        while len(share) < most:
            place = max(range(len(share)), key=lambda k: len(share[k])) if share else 0
            if share and len(share[place]) > 1:
                half = len(share[place]) // 2
                share[place : place + 1] = [share[place][:half], share[place][half:]]
            else:
                share.append([])
    return shares


def _cut(rows: Sequence[int], lengths: Sequence[int], most_tokens: int) -> list[list[int]]:
    cut: list[list[int]] = []
    for index in rows:
        if cut and (not most_tokens or (len(cut[-1]) + 1) * lengths[cut[-1][0]] <= most_tokens):
            cut[-1].append(index)
        else:
            cut.append([index])
    return cut


def learning_rate(step: int, steps: int, stage: Stage) -> float:
    """Rate of `step` (from 0): a linear rise over the warm-up, then a cosine down to the final rate."""
    warmup = math.ceil(stage.warmup_share * steps)
    if step < warmup:
        return stage.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(1, steps - 1 - warmup)
    cosine = (1 + math.cos(math.pi * min(1.0, done))) / 2
    return stage.final_learning_rate + (stage.learning_rate - stage.final_learning_rate) * cosine
