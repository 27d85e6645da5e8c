import math
import sys
from types import ModuleType, SimpleNamespace

import pytest
import torch

from pipeline.training.linear_cross_entropy import linear_cross_entropy
from pipeline.training.loss import Totals, preference_loss

TWO = Totals(2, 2, 5)


def test_each_term_by_hand():
    chosen, rejected = torch.tensor([1.0, -2.0]), torch.tensor([-1.0, 1.0])
    losses = preference_loss(chosen, rejected, torch.tensor(15.0), TWO, 0.5, 0.1)
    reward = (math.log1p(math.exp(-2)) + math.log1p(math.exp(3))) / 2
    assert float(losses.reward) == pytest.approx(reward, rel=1e-6)
    assert float(losses.lm) == pytest.approx(3.0)
    assert float(losses.magnitude) == pytest.approx((0.0 + 1.0) / 2)
    assert float(losses.total) == pytest.approx(reward + 0.5 * 3.0 + 0.1 * 0.5, rel=1e-6)
    assert float(losses.accuracy) == 0.5
    assert float(losses.margin) == pytest.approx(-0.5)


def test_labels_and_weights_by_hand():
    chosen, rejected = torch.tensor([1.0, 0.0]), torch.tensor([0.0, 2.0])
    losses = preference_loss(
        chosen, rejected, torch.tensor(0.0), Totals(2, 4, 1), 0.0, 0.0,
        label_B=torch.tensor([0.5, 0.75]), weight_B=torch.tensor([1.0, 3.0]),
    )  # fmt: skip

    def softplus(x):
        return math.log1p(math.exp(x))

    first = 0.5 * softplus(-1) + 0.5 * softplus(1)
    second = 0.75 * softplus(2) + 0.25 * softplus(-2)
    assert float(losses.reward) == pytest.approx((first + 3 * second) / 4, rel=1e-6)


def test_a_tie_label_pulls_the_margin_to_zero():
    chosen = torch.tensor([2.0], requires_grad=True)
    losses = preference_loss(
        chosen, torch.zeros(1), torch.tensor(0.0), Totals(1, 1, 1), 0.0, 0.0, label_B=torch.tensor([0.5])
    )  # fmt: skip
    torch.autograd.backward(losses.total)
    assert chosen.grad is not None and float(chosen.grad) > 0


@pytest.mark.parametrize("form", ["paper", "released"])
def test_parts_of_a_batch_add_up_to_the_whole(form):
    torch.manual_seed(0)
    chosen, rejected, label = torch.randn(6), torch.randn(6), torch.rand(6)
    weight = torch.rand(6) + 0.1
    count = torch.tensor([1.0, 1, 1, 1, 1, 0])
    weight = weight * count
    totals = Totals(5, float(weight.sum()), 40)

    def part(a, b, nll):
        rows = slice(a, b)
        return preference_loss(
            chosen[rows], rejected[rows], torch.tensor(nll), totals, 0.3, 0.2, form,
            label[rows], weight[rows], count[rows],
        )  # fmt: skip

    whole, first, second = part(0, 6, 80.0), part(0, 2, 30.0), part(2, 6, 50.0)
    for one, a, b in zip(whole, first, second, strict=True):
        assert float(one) == pytest.approx(float(a) + float(b), rel=1e-5)
    without = part(0, 5, 80.0)
    assert [float(v) for v in without] == pytest.approx([float(v) for v in whole], rel=1e-5)


def test_the_released_form_pulls_both_rewards_to_zero():
    chosen = torch.tensor([2.0], requires_grad=True)
    rejected = torch.tensor([-2.0], requires_grad=True)
    for form, expected in (("paper", 0.0), ("released", 16.0)):
        losses = preference_loss(chosen, rejected, torch.tensor(0.0), Totals(1, 1, 1), 0.0, 1.0, form)
        assert losses.magnitude.item() == expected
    torch.autograd.backward(losses.magnitude)
    assert chosen.grad is not None and float(chosen.grad) > 0
    assert rejected.grad is not None and float(rejected.grad) < 0


def test_a_tie_is_not_accurate():
    same = torch.tensor([0.5])
    assert float(preference_loss(same, same, torch.tensor(0.0), Totals(1, 1, 1), 0.0, 0.0).accuracy) == 0.0


@pytest.mark.parametrize("chunk", [1, 7, 64])
@pytest.mark.parametrize(("softcap", "scale"), [(None, 1.0), (3.0, 1.0), (2.0, 0.5), (None, 0.25)])
def test_chunked_cross_entropy_is_that_of_all_logits_with_its_gradients(chunk, softcap, scale):
    torch.manual_seed(1)
    hidden = torch.randn(20, 8, requires_grad=True)
    weight = torch.randn(31, 8, requires_grad=True)
    target = torch.randint(31, (20,))
    logits = (hidden @ weight.T) * scale
    if softcap is not None:
        logits = softcap * torch.tanh(logits / softcap)
    plain = torch.nn.functional.cross_entropy(logits, target, reduction="sum")
    wanted = torch.autograd.grad(plain * 0.3, (hidden, weight))
    ours = linear_cross_entropy(hidden, weight, target, softcap, scale, chunk=chunk)
    torch.testing.assert_close(ours, plain, rtol=1e-5, atol=1e-5)
    for one, other in zip(torch.autograd.grad(ours * 0.3, (hidden, weight)), wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    frozen = linear_cross_entropy(hidden, weight.detach(), target, softcap, scale)
    torch.testing.assert_close(torch.autograd.grad(frozen * 0.3, hidden)[0], wanted[0], rtol=1e-4, atol=1e-5)
    with torch.no_grad():
        torch.testing.assert_close(linear_cross_entropy(hidden, weight, target, softcap, scale), plain)


def test_no_token_is_no_loss_but_has_a_gradient():
    weight = torch.randn(5, 3, requires_grad=True)
    loss = linear_cross_entropy(torch.zeros(0, 3, requires_grad=True), weight, torch.zeros(0, dtype=torch.long))
    assert loss.item() == 0.0
    assert torch.equal(torch.autograd.grad(loss, weight)[0], torch.zeros(5, 3))


def test_the_fused_kernel_is_called_where_asked(monkeypatch):
    asked = {}

    def fused(reduction, softcap):
        asked.update(reduction=reduction, softcap=softcap)
        return lambda weight, hidden, target: torch.nn.functional.cross_entropy(
            hidden @ weight.T, target, reduction="sum"
        )

    package = ModuleType("liger_kernel")
    kernels = SimpleNamespace(LigerFusedLinearCrossEntropyLoss=fused)
    monkeypatch.setitem(sys.modules, "liger_kernel", package)
    monkeypatch.setitem(sys.modules, "liger_kernel.transformers", kernels)
    hidden, weight, target = torch.randn(4, 3), torch.randn(6, 3), torch.tensor([0, 5, 2, 2])
    found = linear_cross_entropy(hidden, weight, target, 30.0, 0.5, fused=True)
    torch.testing.assert_close(found, linear_cross_entropy(hidden, weight, target, None, 0.5))
    assert asked == {"reduction": "sum", "softcap": 30.0}
