"""The loss of the paper (section on reward modelling): three terms, each minimised.

    -log sigma(r_c - r_r)  +  lambda * NLL(chosen given prompt)  +  mu * (r_c + r_r)^2

The released code has (|r_c| + |r_r|)^2 as its last term, which pulls both rewards to zero and with them the margin;
the paper's pulls their sum to zero and leaves the margin alone.
"""

from typing import Literal, NamedTuple

import torch
from torch.nn import functional


class Losses(NamedTuple):
    """The loss and its terms before weighting, each a scalar, and the share of pairs ranked right.

    Attributes:
        total: what is minimised.
        reward: mean of -log sigma(r_c - r_r).
        lm: mean negative log-likelihood of the chosen answers' tokens, in nats.
        magnitude: mean of the squared sum.
        accuracy: share of pairs with r_c > r_r.
    """

    total: torch.Tensor
    reward: torch.Tensor
    lm: torch.Tensor
    magnitude: torch.Tensor
    accuracy: torch.Tensor


def preference_loss(
    chosen_B: torch.Tensor,
    rejected_B: torch.Tensor,
    lm: torch.Tensor,
    lm_weight: float,
    magnitude_weight: float,
    magnitude: Literal["paper", "released"] = "paper",
) -> Losses:
    """The loss over one batch of B pairs.

    Args:
        chosen_B: rewards of the chosen answers.
        rejected_B: rewards of the rejected answers.
        lm: scalar, mean NLL over all tokens of the batch's chosen answers.
        lm_weight: lambda.
        magnitude_weight: mu.
        magnitude: form of the last term.
    """
    reward = -functional.logsigmoid(chosen_B - rejected_B).mean()
    both_B = chosen_B + rejected_B if magnitude == "paper" else chosen_B.abs() + rejected_B.abs()
    size = both_B.square().mean()
    total = reward + lm_weight * lm + magnitude_weight * size
    return Losses(total, reward, lm, size, (chosen_B > rejected_B).float().mean())
