import math

import pytest
import torch

from pipeline.training.loss import preference_loss


def test_each_term_by_hand():
    chosen, rejected = torch.tensor([1.0, -2.0]), torch.tensor([-1.0, 1.0])
    losses = preference_loss(chosen, rejected, torch.tensor(3.0), 0.5, 0.1)
    reward = (math.log1p(math.exp(-2)) + math.log1p(math.exp(3))) / 2
    assert float(losses.reward) == pytest.approx(reward, rel=1e-6)
    assert float(losses.magnitude) == pytest.approx((0.0 + 1.0) / 2)
    assert float(losses.total) == pytest.approx(reward + 0.5 * 3.0 + 0.1 * 0.5, rel=1e-6)
    assert float(losses.accuracy) == 0.5


def test_the_released_form_pulls_both_rewards_to_zero():
    chosen = torch.tensor([2.0], requires_grad=True)
    rejected = torch.tensor([-2.0], requires_grad=True)
    for form, expected in (("paper", 0.0), ("released", 16.0)):
        losses = preference_loss(chosen, rejected, torch.tensor(0.0), 0.0, 1.0, form)
        assert losses.magnitude.item() == expected
    torch.autograd.backward(losses.magnitude)
    assert chosen.grad is not None and float(chosen.grad) > 0
    assert rejected.grad is not None and float(rejected.grad) < 0


def test_a_tie_is_not_accurate():
    same = torch.tensor([0.5])
    assert float(preference_loss(same, same, torch.tensor(0.0), 0.0, 0.0).accuracy) == 0.0
