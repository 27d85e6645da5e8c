import math

import pytest
import torch

from pipeline.evaluation.scorers.gated import GatedOptions, place
from schemas.errors import ConfigError

BOUNDARY = "<end><|assistant|>"
IDS = [2, 6]


def matrix(made, name):
    return made.heads[f"{name}.weight"]


def layer(made, name, x_H):
    return matrix(made, name) @ x_H + made.heads.get(f"{name}.bias", torch.zeros(1))


def states(made, turns):
    """The hidden states of the last token, and of the one that ends the prompt."""
    ids = made.ids(*turns)
    starts = [i for i in range(len(ids) - 1) if ids[i : i + 2] == IDS]
    hidden = made.hidden(ids)
    return hidden[-1], hidden[starts[-1]]


def softmax(x_O):
    return x_O.exp() / x_O.exp().sum()


ARMO = GatedOptions(
    objectives=5,
    gate=("gating.layers.0", "gating.layers.1"),
    boundary=BOUNDARY,
    temperature_key="gating_temperature",
    scale="gating.logit_scale",
    transform="reward_transform_matrix",
)


def armo(tiny):
    made = tiny("llama")
    made.extra = {"gating_temperature": 2.0}
    made.linear("regression_layer", 32, 5, bias=False)
    made.linear("gating.layers.0", 32, 12)
    made.linear("gating.layers.1", 12, 5)
    made.heads |= {"gating.logit_scale": torch.tensor([1.5]), "reward_transform_matrix": torch.randn(5, 5)}
    return made


def test_objectives_with_a_matrix_and_a_gate_at_the_prompts_end(tiny, check):
    made = armo(tiny)
    made.save()

    def formula(*turns):
        last, prompt = states(made, turns)
        inner = layer(made, "gating.layers.0", prompt).clamp(min=0)
        gate = softmax(layer(made, "gating.layers.1", inner) / 2.0) * 1.5
        rewards = matrix(made, "regression_layer") @ last
        return float(sum(gate[o] * (rewards @ made.heads["reward_transform_matrix"][:, o]) for o in range(5)))

    check(ARMO, made, formula)


def norm(made, name, x_H):
    held = {part: made.heads[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")}
    return (x_H - held["running_mean"]) / (held["running_var"] + 1e-5).sqrt() * held["weight"] + held["bias"]


@pytest.mark.parametrize(("family", "scale"), [("llama", ""), ("gemma2", "gating.logit_scale")])
def test_quantiles_with_a_gate_of_batch_norms(tiny, check, family, scale):
    made = tiny(family, query_pre_attn_scalar=8) if family == "gemma2" else tiny(family)
    made.linear("regression_layer", 32, 3 * 7, bias=False)
    for number, inputs in ((0, 32), (3, 12)):
        made.linear(f"gating.layers.{number}", inputs, 12, bias=False)
        for part in ("weight", "bias", "running_mean"):
            made.heads[f"gating.layers.{number + 2}.{part}"] = torch.randn(12)
        made.heads[f"gating.layers.{number + 2}.running_var"] = torch.rand(12) + 0.5
        made.heads[f"gating.layers.{number + 2}.num_batches_tracked"] = torch.tensor(9)
    made.linear("gating.layers.6", 12, 3)
    made.heads["gating.logit_scale"] = torch.tensor([0.7])
    made.save()

    def formula(*turns):
        last, prompt = states(made, turns)
        for number in (0, 3):
            prompt = norm(
                made, f"gating.layers.{number + 2}", layer(made, f"gating.layers.{number}", prompt).clamp(min=0)
            )
        gate = softmax(layer(made, "gating.layers.6", prompt) / 3.0)
        values = matrix(made, "regression_layer") @ last
        total = sum(gate[o] * sum(values[o * 7 + q] for q in range(7)) / 7 for o in range(3))
        return float(total) * (0.7 if scale else 1.0)

    options = GatedOptions(
        objectives=3,
        bins=7,
        gate=("gating.layers.0", "gating.layers.3", "gating.layers.6"),
        gate_norms=("gating.layers.2", "gating.layers.5"),
        boundary=BOUNDARY,
        temperature=3.0,
        scale=scale,
        attention="eager",
    )
    check(options, made, formula, eager=False)
    if family == "gemma2":
        with pytest.raises(ConfigError, match="attention: sdpa: set another one, eager"):
            options.model_copy(update={"attention": "sdpa"}).load(str(made.folder))


def leaky(x_H):
    return torch.where(x_H > 0, x_H, 0.01 * x_H)


def test_distributions_with_heads_in_files_of_their_own(tiny, check):
    made = tiny("gemma2", query_pre_attn_scalar=8)
    made.prefix = ""  # as the backbone alone writes itself
    folder = made.save()
    sizes = {"regression": 4 * 10, "gating": 4}
    for head, outputs in sizes.items():
        made.heads = {}
        for number, inputs, values in ((0, 32, 16), (2, 16, 16), (4, 16, outputs)):
            made.linear(f"network.{number}", inputs, values)
        torch.save(made.heads, folder / f"{head}_layer.pt")
    held = {head: torch.load(folder / f"{head}_layer.pt", weights_only=True) for head in sizes}

    def applied(head, x_H):
        made.heads = held[head]
        for number in (0, 2):
            x_H = leaky(layer(made, f"network.{number}", x_H))
        return layer(made, "network.4", x_H)

    def formula(*turns):
        last, _ = states(made, turns)
        weights, values = applied("gating", last), applied("regression", last)
        total = torch.zeros(10)
        for o in range(4):
            total += weights[o] * softmax(values[o * 10 : o * 10 + 10])
        return float(sum(total[n] * n / 9 for n in range(10)))

    layers = ("network.0", "network.2", "network.4")
    options = GatedOptions(
        objectives=4,
        bins=10,
        reduce="expectation",
        regression=layers,
        regression_activation="leaky_relu",
        regression_file="regression_layer.pt",
        gate=layers,
        gate_activation="leaky_relu",
        gate_file="gating_layer.pt",
        softmax=False,
        attention="eager",
    )
    check(options, made, formula, eager=False)
    with pytest.raises(ConfigError, match=r"holds no other\.pt, where network\.0\.weight"):
        options.model_copy(update={"gate_file": "other.pt"}).load(str(folder))


def selu(x_H):
    return 1.0507009873554805 * torch.where(x_H > 0, x_H, 1.6732632423543772 * (x_H.exp() - 1))


def test_means_of_normals_with_a_gate_at_the_last_token(tiny, check):
    made = tiny("llama")
    made.linear("score", 32, 10, bias=False)
    for number, outputs in ((0, 32), (2, 32), (4, 5)):
        made.linear(f"weights.fc.{number}", 32, outputs)
    made.save()

    def formula(*turns):
        last, _ = states(made, turns)
        inner = selu(layer(made, "weights.fc.2", selu(layer(made, "weights.fc.0", last))))
        gate, values = layer(made, "weights.fc.4", inner), matrix(made, "score") @ last
        return float(sum(gate[o] * values[2 * o] for o in range(5)))

    options = GatedOptions(
        objectives=5,
        bins=2,
        reduce="first",
        regression=("score",),
        gate=("weights.fc.0", "weights.fc.2", "weights.fc.4"),
        gate_activation="selu",
        softmax=False,
    )
    check(options, made, formula)


def test_a_conversation_whose_prompt_is_cut_off_has_no_score(tiny):
    made = armo(tiny)
    folder = str(made.save())
    scorer = ARMO.model_copy(update={"max_tokens": 30, "system": "none"}).load(folder)
    asked = (["p", "p"], ["long " * 20, "short"], ["memory_efficiency"] * 2)
    found = scorer.score(*asked)
    assert found[0] is None
    assert math.isfinite(found[1])
    assert scorer.score(["p"], ["long " * 20], ["memory_efficiency"]) == [None]


def test_a_boundary_that_the_template_never_writes_is_refused(tiny):
    made = armo(tiny)
    scorer = ARMO.model_copy(update={"boundary": "<|eot|>"}).load(str(made.save()))
    with pytest.raises(ConfigError, match="boundary: the chat template writes no such tokens"):
        scorer.score(["p"], ["q"], ["memory_efficiency"])


def test_an_answer_may_begin_with_the_line_end_that_follows_the_boundary(tiny):
    made = armo(tiny)
    scorer = ARMO.load(str(made.save()))
    scores = scorer.score(["p", "p"], ["\n\nx", "x"], ["memory_efficiency"] * 2)
    assert None not in scores


def test_the_last_occurrence_of_the_boundary_counts():
    assert place([1, 2, 6, 2, 6, 9], IDS) == 3
    assert place([2], IDS) is None


def test_heads_that_do_not_fit_the_objectives_are_named(tiny):
    made = armo(tiny)
    folder = str(made.save())
    for change, message in (
        ({"objectives": 4}, r"regression_layer\.weight gives 5 outputs, must give 4"),
        ({"transform": "gating.logit_scale"}, r"gating\.logit_scale has the shape \(1,\), must be square over 5"),
        ({"scale": "gating.scale"}, r"weights lack gating\.scale"),
    ):
        with pytest.raises(ConfigError, match=message):
            ARMO.model_copy(update=change).load(folder)
    made.extra = {"gating_temperature": 0}
    with pytest.raises(ConfigError, match="gating_temperature is 0, must be above 0"):
        ARMO.load(str(made.save()))
