import json

import pytest
import torch
from safetensors.torch import save_file
from torch.nn.functional import silu

from pipeline.evaluation.scorers.last_token import LastTokenOptions
from schemas.errors import ConfigError


def last(made, head, ids):
    return float(made.hidden(ids)[-1] @ made.heads[f"{head}.weight"][0])


def test_a_regression_head_on_a_plain_backbone(tiny, check):
    made = tiny("mistral", sliding_window=16)
    made.linear("regression_head", 32, 1, bias=False)
    made.save()
    check(LastTokenOptions(), made, lambda *turns: last(made, "regression_head", made.ids(*turns)))


def test_a_backbone_under_another_name(tiny, check):
    made = tiny("llama")
    made.linear("v_head", 32, 1, bias=False)
    made.prefix = "transformer."
    made.save()
    options = LastTokenOptions(layout="prefixed", head="v_head")
    check(options, made, lambda *turns: last(made, "v_head", made.ids(*turns)))
    with pytest.raises(ConfigError, match=r"weights lack embed_tokens\.weight"):
        LastTokenOptions(layout="prefixed", prefix="decoder.", head="v_head").load(str(made.folder))
    with pytest.raises(ConfigError, match="loaded onto one device"):
        options.model_copy(update={"device": "auto"}).load(str(made.folder))


class InternLm2:
    """The architecture in plain torch: 2 layers, 4 query heads on 2 key-value heads of size 8, reward token 250."""

    def __init__(self, folder, bias=False):
        torch.manual_seed(4)
        self.folder, self.bias = folder, bias
        self.config = {
            "model_type": "internlm2",
            "auto_map": {"AutoModel": "modeling_internlm2.InternLM2ForRewardModel"},
            "vocab_size": 272,
            "hidden_size": 32,
            "intermediate_size": 48,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "max_position_embeddings": 2048,
            "rms_norm_eps": 1e-5,
            "rope_theta": 1_000_000,
            "rope_scaling": {"type": "dynamic", "factor": 2.0},
            "bias": bias,
            "reward_token_id": 250,
        }
        shapes = {"model.tok_embeddings": (272, 32), "model.norm": (32,), "v_head": (1, 32)}
        for n in range(2):
            shapes |= {
                f"model.layers.{n}.attention.wqkv": (64, 32),
                f"model.layers.{n}.attention.wo": (32, 32),
                f"model.layers.{n}.feed_forward.w1": (48, 32),
                f"model.layers.{n}.feed_forward.w3": (48, 32),
                f"model.layers.{n}.feed_forward.w2": (32, 48),
                f"model.layers.{n}.attention_norm": (32,),
                f"model.layers.{n}.ffn_norm": (32,),
            }
        self.weights = {f"{name}.weight": torch.randn(shape) * 0.4 for name, shape in shapes.items()}
        if bias:
            self.weights |= {
                f"model.layers.{n}.attention.{part}.bias": torch.randn(size) * 0.2
                for n in range(2)
                for part, size in (("wqkv", 64), ("wo", 32))
            }

    def save(self, tokenizer):
        self.folder.mkdir()
        (self.folder / "config.json").write_text(json.dumps(self.config))
        save_file(self.weights, self.folder / "model.safetensors")
        tokenizer.save_pretrained(self.folder)

    def norm(self, name, x_TH):
        return x_TH / (x_TH.pow(2).mean(1, keepdim=True) + 1e-5).sqrt() * self.weights[f"{name}.weight"]

    def linear(self, name, x_TH):
        return x_TH @ self.weights[f"{name}.weight"].T + self.weights.get(f"{name}.bias", torch.zeros(1))

    def rotated(self, x_TD, theta=1_000_000.0):
        angles_TF = torch.arange(len(x_TD))[:, None] * theta ** (-torch.arange(0, 8, 2) / 8)
        angles_TD = torch.cat([angles_TF, angles_TF], 1)
        turned_TD = torch.cat([-x_TD[:, 4:], x_TD[:, :4]], 1)
        return x_TD * angles_TD.cos() + turned_TD * angles_TD.sin()

    def layer(self, n, x_TH):
        name = f"model.layers.{n}"
        qkv = self.linear(f"{name}.attention.wqkv", self.norm(f"{name}.attention_norm", x_TH))
        seen = torch.ones(len(x_TH), len(x_TH)).tril().bool()
        heads = []
        for head in range(4):
            group = qkv[:, (head // 2) * 32 : (head // 2) * 32 + 32]  # two query heads, the key, the value
            query, key = group[:, (head % 2) * 8 : (head % 2) * 8 + 8], group[:, 16:24]
            weights = self.rotated(query) @ self.rotated(key).T / 8**0.5
            heads.append(weights.masked_fill(~seen, -torch.inf).softmax(1) @ group[:, 24:32])
        x_TH = x_TH + self.linear(f"{name}.attention.wo", torch.cat(heads, 1))
        inner = self.norm(f"{name}.ffn_norm", x_TH)
        gate = silu(self.linear(f"{name}.feed_forward.w1", inner)) * self.linear(f"{name}.feed_forward.w3", inner)
        return x_TH + self.linear(f"{name}.feed_forward.w2", gate)

    def score(self, ids):
        x_TH = self.weights["model.tok_embeddings.weight"][torch.tensor(ids)]
        for n in range(2):
            x_TH = self.layer(n, x_TH)
        return float(self.norm("model.norm", x_TH)[-1] @ self.weights["v_head.weight"][0])


INTERNLM2 = LastTokenOptions(layout="internlm2", head="v_head", end_key="reward_token_id")


@pytest.mark.parametrize("bias", [False, True])
def test_internlm2_is_read_without_its_code(tiny, check, tmp_path, bias):
    shared = tiny()
    made = InternLm2(tmp_path / "internlm2", bias)
    made.save(shared.tokenizer)
    check(INTERNLM2, made, lambda *turns: made.score([*shared.ids(*turns), 250]))


def test_the_end_token_is_not_doubled_and_survives_truncation(tiny, make, tmp_path):
    shared = tiny()
    made = InternLm2(tmp_path / "internlm2")
    made.config["reward_token_id"] = 2  # what the template ends with
    made.save(shared.tokenizer)
    asked = (["p" * 30], ["q" * 30], ["memory_efficiency"])
    ids = shared.ids(None, asked[0][0], asked[1][0])
    options = INTERNLM2.model_copy(update={"system": "none"})
    assert options.load(str(made.folder)).score(*asked) == pytest.approx([made.score(ids)], abs=1e-4)
    made.config |= {"reward_token_id": 250, "max_position_embeddings": 20}
    (made.folder / "config.json").write_text(json.dumps(made.config))
    cut = made.score([*ids, 250][-20:])
    assert options.load(str(made.folder)).score(*asked) == pytest.approx([cut], abs=1e-4)


def test_linear_scaling_of_positions_divides_them(tiny, tmp_path):
    shared = tiny()
    made = InternLm2(tmp_path / "internlm2")
    made.config["rope_scaling"] = {"type": "linear", "factor": 4.0}
    made.save(shared.tokenizer)
    asked = (["p" * 30], ["q" * 30], ["memory_efficiency"])
    plain = made.score([*shared.ids(None, asked[0][0], asked[1][0]), 250])
    rotated = made.rotated
    made.rotated = lambda x_TD: rotated_by(x_TD, torch.arange(len(x_TD)) / 4)
    want = made.score([*shared.ids(None, asked[0][0], asked[1][0]), 250])
    assert rotated is not made.rotated
    assert abs(want - plain) > 1e-3
    scorer = INTERNLM2.model_copy(update={"system": "none"}).load(str(made.folder))
    assert scorer.score(*asked) == pytest.approx([want], abs=1e-4)


def rotated_by(x_TD, positions_T):
    angles_TF = positions_T[:, None] * 1_000_000.0 ** (-torch.arange(0, 8, 2) / 8)
    angles_TD = torch.cat([angles_TF, angles_TF], 1)
    return x_TD * angles_TD.cos() + torch.cat([-x_TD[:, 4:], x_TD[:, :4]], 1) * angles_TD.sin()


def test_a_config_that_is_not_internlm2s_is_refused(tiny, tmp_path):
    shared = tiny()
    made = InternLm2(tmp_path / "internlm2")
    made.save(shared.tokenizer)
    for change, message in (
        ({"reward_token_id": None}, "reward_token_id is None, must be the id"),
        ({"reward_token_id": 272}, "reward_token_id is 272, must be the id"),
        ({"hidden_size": 64}, "does not fit the model of config.json"),
        ({"attention": "gone"}, "lacks 'rms_norm_eps'"),
    ):
        settings = made.config | change
        if "attention" in change:
            del settings["rms_norm_eps"]
        (made.folder / "config.json").write_text(json.dumps(settings))
        with pytest.raises(ConfigError, match=message):
            INTERNLM2.load(str(made.folder))
