"""Rows laid end to end give the rewards, the likelihood and the gradients of a row a side."""

import copy

import torch

from pipeline.training import pair_attention
from pipeline.training.collator import collate
from pipeline.training.model import new_model
from pipeline.training.recipe import Architecture
from pipeline.training.rows import Row
from pipeline.training.two_heads import TwoHeads, packs

SHAPE = Architecture(
    hidden_size=32, intermediate_size=48, layers=2, heads=4, kv_heads=2, head_dim=8, vocab_size=300,
    initializer_range=0.2,
)  # fmt: skip
ROWS = [
    Row("a", tuple(range(5, 60)), 7, 20, 41),  # 20 shared, 21 of chosen's own, 14 of rejected's own
    Row("b", tuple(range(70, 90)), 3, 0, 9),  # nothing shared
    Row("c", tuple(range(100, 140)), 5, 38, 39),  # one token of its own a side
]


def test_packed_rows_are_exact():
    one = TwoHeads(new_model(SHAPE, 300, 0, 1, 64, 0))
    other = copy.deepcopy(one)
    assert packs(one.config)
    found = one(**collate(ROWS, 0, True, packed=True).inputs("cpu"))
    plain = other(**collate(ROWS, 0, False).inputs("cpu"))
    for a, b in zip(found, plain, strict=True):
        assert torch.allclose(a, b, rtol=1e-5, atol=1e-5)
    for outputs in (found, plain):
        (outputs.chosen_B - 2 * outputs.rejected_B).square().sum().add(outputs.nll).backward()
    for (name, p), q in zip(one.named_parameters(), other.parameters(), strict=True):
        assert torch.allclose(p.grad, q.grad, atol=1e-3, rtol=1e-4), name


def test_what_is_saved_knows_nothing_of_it(tmp_path):
    heads = TwoHeads(new_model(SHAPE, 300, 0, 1, 64, 0))
    heads.model.save_pretrained(tmp_path)
    assert pair_attention.NAME not in (tmp_path / "config.json").read_text()
