"""Rows as tensors: both sides of a pair in one row, what they share computed once, or a row a side.

A shared row is `prefix + rest of chosen + rest of rejected`, where the prefix is every token that both conversations
begin with. The mask hides the chosen's rest from the rejected's, and positions start over there, so the hidden states
are those of two separate rows, for about two thirds of the work.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from pipeline.training.rows import Row


@dataclass(frozen=True, slots=True)
class Batch:
    """B pairs as R rows padded to one length T: R is B for shared rows, 1 where these lie end to end, else 2B.

    Attributes:
        tokens_RT: token ids.
        positions_RT: position of each token in its own conversation; None for the model's own.
        mask: for shared rows (R, 1, T, T), True where a query (third axis) may see a key (fourth axis); for rows laid
            end to end (B, 1, 1, 3), see `pair_attention`; else (R, T), 1 at tokens and 0 at padding.
        ends_E: index into R*T of the last token of each chosen, then of each rejected conversation; E is 2B.
        before_N: index into R*T of the token before each token of the chosen answers.
        answer_N: the tokens of the chosen answers.
        label_B: probability that the chosen answer is the better one.
        weight_B: how much each pair counts; 0 in a batch that only keeps a process in step.
        count_B: 1, or 0 in such a batch.
        size: tokens without padding; 0 in such a batch.
        idx: ids of the pairs.
    """

    tokens_RT: torch.Tensor  # noqa: N815
    positions_RT: torch.Tensor | None  # noqa: N815
    mask: torch.Tensor
    ends_E: torch.Tensor  # noqa: N815
    before_N: torch.Tensor  # noqa: N815
    answer_N: torch.Tensor  # noqa: N815
    label_B: torch.Tensor  # noqa: N815
    weight_B: torch.Tensor  # noqa: N815
    count_B: torch.Tensor  # noqa: N815
    size: int
    idx: tuple[str, ...]

    def inputs(self, device: Any) -> dict[str, torch.Tensor | None]:
        """What the model's forward takes, on its device."""
        names = ("tokens_RT", "positions_RT", "mask", "ends_E", "before_N", "answer_N")
        given = {name: getattr(self, name) for name in names}
        return {name: None if value is None else value.to(device) for name, value in given.items()}


def collate(rows: Sequence[Row], pad: int, shared: bool, real: bool = True, packed: bool = False) -> Batch:
    """Rows as tensors, padded on the right.

    Args:
        rows: one or more.
        pad: token of the padding.
        shared: both sides in one row.
        real: False makes a batch whose pairs count nothing.
        packed: lay shared rows end to end, for `pair_attention`.
    """
    if packed:
        return _batch(rows, *_packed(rows), real, True)
    if shared:
        tokens_RT, positions_RT, mask, offsets = _shared(rows, pad)
    else:
        tokens_RT, mask, offsets = _apart(rows, pad)
        positions_RT = None
    length = tokens_RT.shape[1]
    starts = [offset * length for offset, _ in offsets]
    return _batch(rows, tokens_RT, positions_RT, mask, starts, [end for _, end in offsets], real, shared)


def _packed(rows: Sequence[Row]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[int], list[int]]:
    """Tokens and positions of one row for all, lengths of each pair, and where each begins and ends."""
    sizes = [len(row.tokens) for row in rows]
    starts = [sum(sizes[:number]) for number in range(len(rows))]
    positions = [
        part
        for row, size in zip(rows, sizes, strict=True)
        for part in (torch.arange(row.chosen), torch.arange(row.prefix, row.prefix + size - row.chosen))
    ]
    lengths_B113 = torch.tensor([[[[row.prefix, row.chosen, len(row.tokens) - row.chosen]]] for row in rows])
    tokens_1T = torch.cat([torch.tensor(row.tokens, dtype=torch.long) for row in rows])[None]
    ends = [start + size - 1 for start, size in zip(starts, sizes, strict=True)]
    return tokens_1T, torch.cat(positions)[None], lengths_B113, starts, ends


def _batch(
    rows: Sequence[Row],
    tokens_RT: torch.Tensor,
    positions_RT: torch.Tensor | None,
    mask: torch.Tensor,
    starts: Sequence[int],
    rejected: list[int],
    real: bool,
    shared: bool,
) -> Batch:
    """The batch, from where each pair's chosen conversation begins and its rejected one ends, in the flat tokens."""
    chosen = [start + row.chosen - 1 for row, start in zip(rows, starts, strict=True)]
    at_N = [torch.arange(row.prompt, row.chosen) + start for row, start in zip(rows, starts, strict=True)]
    answer_at_N = torch.cat(at_N) if real else torch.zeros(0, dtype=torch.long)
    count_B = torch.full((len(rows),), float(real))
    return Batch(
        tokens_RT,
        positions_RT,
        mask,
        torch.tensor(chosen + rejected),
        answer_at_N - 1,
        tokens_RT.flatten()[answer_at_N],
        torch.tensor([row.label for row in rows], dtype=torch.float32),
        torch.tensor([row.weight for row in rows], dtype=torch.float32) * count_B,
        count_B,
        size_of(rows, shared) if real else 0,
        tuple(row.idx for row in rows),
    )


def size_of(rows: Sequence[Row], shared: bool) -> int:
    """Tokens that the rows compute, without padding."""
    return sum(len(row.tokens) + (0 if shared else row.prefix) for row in rows)


def _shared(rows: Sequence[Row], pad: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, list[tuple[int, int]]]:
    """Tokens, positions, mask; and per pair its row and the flat index of the rejected's last token."""
    size, longest = len(rows), max(len(row.tokens) for row in rows)
    tokens_RT = torch.full((size, longest), pad)
    positions_RT = torch.zeros((size, longest), dtype=torch.long)
    mask_R1TT = torch.ones((longest, longest), dtype=torch.bool).tril().repeat(size, 1, 1, 1)
    for r, row in enumerate(rows):
        end = len(row.tokens)
        tokens_RT[r, :end] = torch.tensor(row.tokens)
        positions_RT[r, : row.chosen] = torch.arange(row.chosen)
        positions_RT[r, row.chosen : end] = torch.arange(row.prefix, row.prefix + end - row.chosen)
        mask_R1TT[r, 0, row.chosen :, row.prefix : row.chosen] = False
    return tokens_RT, positions_RT, mask_R1TT, [(r, r * longest + len(row.tokens) - 1) for r, row in enumerate(rows)]


def _apart(rows: Sequence[Row], pad: int) -> tuple[torch.Tensor, torch.Tensor, list[tuple[int, int]]]:
    """Tokens and mask of a row a side, the chosen ones first; and per pair what `_shared` gives."""
    sides = [row.sides for row in rows]
    texts = [chosen for chosen, _ in sides] + [rejected for _, rejected in sides]
    longest = max(len(text) for text in texts)
    tokens_RT = torch.full((len(texts), longest), pad)
    mask_RT = torch.zeros((len(texts), longest), dtype=torch.long)
    for r, text in enumerate(texts):
        tokens_RT[r, : len(text)] = torch.tensor(text)
        mask_RT[r, : len(text)] = 1
    size = len(rows)
    return tokens_RT, mask_RT, [(b, (size + b) * longest + len(sides[b][1]) - 1) for b in range(size)]
