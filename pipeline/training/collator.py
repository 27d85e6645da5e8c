"""Pairs as tokens and batches: both sides of a pair in one row, what they share computed once.

A row is `prefix + rest of chosen + rest of rejected`, where the prefix is every token that both conversations begin
with. The mask hides the chosen's rest from the rejected's, and positions start over there, so the hidden states are
those of two separate rows, for about two thirds of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any, Literal

import torch

from pipeline.training.pairs import TrainingPair
from schemas.conversation import messages, system_prompt


@dataclass(frozen=True, slots=True)
class Row:
    """One pair as tokens.

    Attributes:
        idx: the pair's id.
        tokens: prefix, rest of chosen, rest of rejected.
        prompt: tokens before the answer begins.
        prefix: tokens that both conversations begin with.
        chosen: tokens of the chosen conversation, the prefix among them.
    """

    idx: str
    tokens: tuple[int, ...]
    prompt: int
    prefix: int
    chosen: int


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows padded to one length T.

    Attributes:
        tokens_BT: token ids.
        positions_BT: position of each token in its own conversation.
        mask_B1TT: True where a query (third axis) may see a key (fourth axis).
        chosen_end_B: index of the last token of the chosen conversation.
        rejected_end_B: index of the last token of the rejected conversation.
        answer_BT: True at the tokens of the chosen answer, which the language-model term predicts.
        size: tokens without padding.
    """

    tokens_BT: torch.Tensor  # noqa: N815
    positions_BT: torch.Tensor  # noqa: N815
    mask_B1TT: torch.Tensor  # noqa: N815
    chosen_end_B: torch.Tensor  # noqa: N815
    rejected_end_B: torch.Tensor  # noqa: N815
    answer_BT: torch.Tensor  # noqa: N815
    size: int


def encode(
    tokenizer: Any, pairs: Sequence[TrainingPair], system: Literal["stored", "own"], max_tokens: int
) -> list[Row]:
    """The pairs whose longer conversation has at most `max_tokens` tokens, as rows, in their order."""
    render = tokenizer.apply_chat_template
    texts: list[str] = []
    for pair in pairs:
        says = pair.system if system == "stored" else system_prompt(pair.criterion)
        texts.append(render(messages(says, pair.prompt), tokenize=False, add_generation_prompt=True))
        texts += [render(messages(says, pair.prompt, a), tokenize=False) for a in (pair.chosen, pair.rejected)]
    if not texts:
        return []
    ids = tokenizer(texts, add_special_tokens=False, return_attention_mask=False, verbose=False)["input_ids"]
    rows = []
    for number, pair in enumerate(pairs):
        prompt, chosen, rejected = ids[3 * number : 3 * number + 3]
        if max(len(chosen), len(rejected)) <= max_tokens:
            rows.append(_row(pair.idx, len(prompt), chosen, rejected))
    return rows


def _row(idx: str, prompt: int, chosen: list[int], rejected: list[int]) -> Row:
    limit = min(len(chosen), len(rejected)) - 1  # each side keeps a last token of its own, where its reward is read
    prefix = next((i for i in range(limit) if chosen[i] != rejected[i]), limit)
    return Row(idx, (*chosen, *rejected[prefix:]), min(prompt, len(chosen) - 1), prefix, len(chosen))


def collate(rows: Sequence[Row], pad: int) -> Batch:
    """Rows as tensors, padded on the right with the token `pad`."""
    size, longest = len(rows), max(len(row.tokens) for row in rows)
    tokens_BT = torch.full((size, longest), pad)
    positions_BT = torch.zeros((size, longest), dtype=torch.long)
    answer_BT = torch.zeros((size, longest), dtype=torch.bool)
    mask_B1TT = torch.ones((longest, longest), dtype=torch.bool).tril().repeat(size, 1, 1, 1)
    for b, row in enumerate(rows):
        end = len(row.tokens)
        tokens_BT[b, :end] = torch.tensor(row.tokens)
        positions_BT[b, : row.chosen] = torch.arange(row.chosen)
        positions_BT[b, row.chosen : end] = torch.arange(row.prefix, row.prefix + end - row.chosen)
        answer_BT[b, row.prompt : row.chosen] = True
        mask_B1TT[b, 0, row.chosen :, row.prefix : row.chosen] = False
    ends = torch.tensor([[row.chosen - 1, len(row.tokens) - 1] for row in rows])
    return Batch(
        tokens_BT, positions_BT, mask_B1TT, ends[:, 0], ends[:, 1], answer_BT, sum(len(row.tokens) for row in rows)
    )


def schedule(
    lengths: Sequence[int], batch_pairs: int, epochs: int, token_budget: int, seed: int
) -> list[tuple[int, ...]]:
    """Every batch of the training, as indices of rows, until the epochs or the tokens are used up.

    An epoch is shuffled, cut into groups of 32 batches, and sorted by length inside each, so that a batch holds rows
    of like length; then the batches are shuffled.

    Args:
        lengths: tokens of each row.
        batch_pairs: rows in a batch; the last of an epoch may have fewer.
        epochs: passes, at most.
        token_budget: tokens without padding, at most; the first batch is always taken.
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
            if used > token_budget and batches:
                return batches
            batches.append(batch)
    return batches
