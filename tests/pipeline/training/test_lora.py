import sys
from importlib.machinery import ModuleSpec

import pytest
import torch
from torch import nn

from pipeline.training import lora
from pipeline.training.lora import adapter_parameters, add_adapters, merge_adapters, target_layers
from pipeline.training.model import new_model
from pipeline.training.recipe import Architecture, Lora
from schemas.errors import ConfigError

SMALL = Architecture(hidden_size=32, intermediate_size=48, layers=2, heads=4, kv_heads=2, head_dim=8, vocab_size=600)
TOKENS_BT = torch.arange(2, 42).reshape(2, 20)


def small(seed=0):
    return new_model(SMALL, 600, 0, 1, 64, seed).eval()


def scores(model):
    with torch.no_grad():
        return model(TOKENS_BT).logits


def shaken(model):
    """The model with adapters that do something: B is zero at first."""
    torch.manual_seed(7)
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            nn.init.normal_(parameter, std=0.1)
    return model


def test_fresh_adapters_change_no_score_and_only_they_and_the_head_are_trained():
    pytest.importorskip("peft")
    model = small()
    before = scores(model)
    add_adapters(model, Lora(rank=4, alpha=8.0))
    torch.testing.assert_close(scores(model), before, atol=0, rtol=0)
    trained = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
    assert {name for name in trained if "lora_" not in name} == {"score.weight"}
    adapted = {name.split(".lora_")[0] for name in trained if "lora_" in name}
    parts = ["self_attn." + n for n in ("q_proj", "k_proj", "v_proj", "o_proj")]
    parts += ["mlp." + n for n in ("gate_proj", "up_proj", "down_proj")]
    assert adapted == {f"model.layers.{layer}.{part}" for layer in range(2) for part in parts}
    count = sum(p.numel() for n, p in model.named_parameters() if "lora_" in n)
    assert count == adapter_parameters(small(), Lora(rank=4, alpha=8.0))
    attention, feed = (32 + 32) + 2 * (32 + 16) + (32 + 32), 3 * (32 + 48)
    assert count == 2 * 4 * (attention + feed)


def test_merged_scores_are_the_adapted_ones_in_a_plain_model(tmp_path):
    pytest.importorskip("peft")
    from transformers import AutoModelForSequenceClassification

    model = small()
    before = scores(model)
    add_adapters(model, Lora(rank=4, alpha=8.0))
    adapted = scores(shaken(model))
    assert (adapted - before).abs().max() > 1e-2
    merge_adapters(model)
    torch.testing.assert_close(scores(model), adapted, atol=1e-5, rtol=0)
    plain = small()
    assert [n for n, _ in model.named_parameters()] == [n for n, _ in plain.named_parameters()]
    assert [type(m) for m in model.modules()] == [type(m) for m in plain.modules()]
    assert all(p.requires_grad for p in model.parameters())
    model.save_pretrained(tmp_path)
    assert not (tmp_path / "adapter_config.json").exists()
    torch.testing.assert_close(
        scores(AutoModelForSequenceClassification.from_pretrained(tmp_path)), adapted, atol=1e-5, rtol=0
    )


def test_the_scale_is_alpha_over_rank():
    pytest.importorskip("peft")
    model = small()
    weight = model.model.layers[0].self_attn.q_proj.weight.detach().clone()
    add_adapters(model, Lora(rank=4, alpha=6.0))
    layer = shaken(model).model.layers[0].self_attn.q_proj
    delta = 6.0 / 4 * layer.lora_B["default"].weight @ layer.lora_A["default"].weight
    merge_adapters(model)
    torch.testing.assert_close(model.model.layers[0].self_attn.q_proj.weight, weight + delta)


def test_a_step_moves_adapters_and_head_and_nothing_else():
    pytest.importorskip("peft")
    model = small()
    add_adapters(model, Lora(rank=2))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=1.0)
    chosen, rejected = model(TOKENS_BT).logits[:, 0]
    torch.autograd.backward(-nn.functional.logsigmoid(chosen - rejected))
    optimizer.step()
    moved = {name for name, p in model.named_parameters() if not torch.equal(p, before[name])}
    assert "score.weight" in moved
    assert moved > {"score.weight"}
    assert all("lora_B" in name for name in moved - {"score.weight"})  # A moves once B is no longer zero


def test_targets_by_name():
    pytest.importorskip("peft")
    model = small()
    assert len(target_layers(model, Lora(targets=("q_proj", "v_proj")))) == 4
    add_adapters(model, Lora(targets=("q_proj", "v_proj")))
    adapted = {n.split(".lora_")[0].rpartition(".")[2] for n, _ in model.named_parameters() if "lora_" in n}
    assert adapted == {"q_proj", "v_proj"}
    with pytest.raises(
        ConfigError, match=r"lora.targets: c_attn: no such linear layer; there are down_proj, gate_proj"
    ):
        add_adapters(small(), Lora(targets=("q_proj", "c_attn")))


def test_a_language_model_head_that_is_attached_gets_no_adapter():
    model = small()
    model.lm_head = nn.Linear(32, 600, bias=False)
    assert not {name for name in target_layers(model, Lora()) if "lm_head" in name or "score" in name}


def test_without_peft(monkeypatch):
    def none(name: str) -> ModuleSpec | None:
        return None if name == "peft" else sys.modules[name].__spec__

    monkeypatch.setattr(lora, "find_spec", none)
    model = small()
    with pytest.raises(ConfigError, match=r"peft is missing. Run `pip install themis-preference\[lora\]`"):
        add_adapters(model, Lora())
    merge_adapters(model)
    assert all(p.requires_grad for p in model.parameters())
