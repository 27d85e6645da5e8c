"""The loss of the paper (section on reward modelling): three terms, each minimised.

    -log sigma(r_c - r_r)  +  lambda * NLL(chosen given prompt)  +  mu * (r_c + r_r)^2

The released code has (|r_c| + |r_r|)^2 as its last term, which pulls both rewards to zero and with them the margin;
the paper's pulls their sum to zero and leaves the margin alone.

A term is a mean over the whole batch, so the part of it that one process computes at once is a sum, divided by what
the whole batch holds: parts add up to the same loss however the batch is cut.
"""

from typing import Literal, NamedTuple

import torch
from torch.nn import functional


class Totals(NamedTuple):
    """What a whole batch holds, over all processes and micro-batches.

    Attributes:
        pairs: that count.
        weight: sum of their weights.
        tokens: of their chosen answers.
    """

    pairs: float
    weight: float
    tokens: float


class Losses(NamedTuple):
    """A part of the loss and of its terms before weighting, each a scalar; parts of one batch add up.

    Attributes:
        total: what is minimised.
        reward: of -log sigma(r_c - r_r), by weight and label.
        lm: negative log-likelihood of the chosen answers' tokens, in nats.
        magnitude: of the squared sum.
        accuracy: share of pairs with r_c > r_r.
        margin: r_c - r_r.
    """

    total: torch.Tensor
    reward: torch.Tensor
    lm: torch.Tensor
    magnitude: torch.Tensor
    accuracy: torch.Tensor
    margin: torch.Tensor


def preference_loss(
    chosen_B: torch.Tensor,
    rejected_B: torch.Tensor,
    nll: torch.Tensor,
    totals: Totals,
    lm_weight: float,
    magnitude_weight: float,
    magnitude: Literal["paper", "released"] = "paper",
    label_B: torch.Tensor | None = None,
    weight_B: torch.Tensor | None = None,
    count_B: torch.Tensor | None = None,
) -> Losses:
    """The part of the loss that B pairs of a batch contribute.

    Args:
        chosen_B: rewards of the chosen answers.
        rejected_B: rewards of the rejected answers.
        nll: scalar, sum of the NLL over the tokens of these pairs' chosen answers.
        totals: of the whole batch.
        lm_weight: lambda.
        magnitude_weight: mu.
        magnitude: form of the last term.
        label_B: probability that chosen is better; None for one.
        weight_B: of each pair in the first term; None for one.
        count_B: 1, or 0 for a pair that counts nothing; None for one.
    """
    one_B = torch.ones_like(chosen_B)
    label_B, weight_B, count_B = (one_B if given is None else given for given in (label_B, weight_B, count_B))
    margin_B = chosen_B - rejected_B
    right_B, wrong_B = functional.logsigmoid(margin_B), functional.logsigmoid(-margin_B)
    reward = -(weight_B * (label_B * right_B + (1 - label_B) * wrong_B)).sum() / totals.weight
    both_B = chosen_B + rejected_B if magnitude == "paper" else chosen_B.abs() + rejected_B.abs()
    size = (count_B * both_B.square()).sum() / totals.pairs
    lm = nll / max(totals.tokens, 1)
    total = reward + lm_weight * lm + magnitude_weight * size
    accuracy = (count_B * (margin_B > 0)).sum() / totals.pairs
    return Losses(total, reward, lm, size, accuracy, (count_B * margin_B).sum() / totals.pairs)
