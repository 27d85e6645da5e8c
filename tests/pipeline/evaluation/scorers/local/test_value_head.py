import pytest
import torch
from pydantic import ValidationError

from pipeline.evaluation.scorers.value_head import ValueHeadOptions
from schemas.errors import ConfigError


def test_one_layer_with_a_bias_as_in_trl(tiny, check):
    made = tiny("qwen2")
    made.linear("v_head.summary", 32, 1)
    made.save()
    weight, bias = made.heads["v_head.summary.weight"][0], made.heads["v_head.summary.bias"][0]

    def formula(system, prompt, answer):
        return float(made.hidden(made.ids(system, prompt, answer))[-1] @ weight + bias)

    check(ValueHeadOptions(), made, formula)


def test_two_layers_with_a_relu(tiny, check):
    made = tiny("llama")
    made.linear("score.0", 32, 24)
    made.linear("score.2", 24, 1)
    made.save()
    head = made.heads

    def formula(system, prompt, answer):
        state = made.hidden(made.ids(system, prompt, answer))[-1]
        inner = (head["score.0.weight"] @ state + head["score.0.bias"]).clamp(min=0)
        return float(head["score.2.weight"][0] @ inner + head["score.2.bias"][0])

    check(ValueHeadOptions(layers=("score.0", "score.2"), system="none"), made, formula)


@pytest.mark.parametrize(
    ("settings", "weights"), [({"output": 2}, (0, 0, 1)), ({"weights": (0.3, 0.74, -0.33)}, (0.3, 0.74, -0.33))]
)
def test_one_of_several_outputs_or_their_weighted_sum(tiny, check, settings, weights):
    made = tiny("mistral")
    made.linear("attributes", 32, 3, bias=False)
    made.save()

    def formula(system, prompt, answer):
        values = made.heads["attributes.weight"] @ made.hidden(made.ids(system, prompt, answer))[-1]
        return float((values * torch.tensor(weights)).sum())

    check(ValueHeadOptions(layers=("attributes",), outputs=3, system="all", **settings), made, formula)


def test_a_head_that_does_not_fit_is_named(tiny):
    made = tiny()
    made.linear("v_head.summary", 32, 2)
    made.linear("narrow", 16, 1)
    folder = str(made.save())
    with pytest.raises(ConfigError, match=r"gives 2 outputs, must give 1"):
        ValueHeadOptions().load(folder)
    with pytest.raises(ConfigError, match=r"weights lack head\.weight"):
        ValueHeadOptions(layers=("head",)).load(folder)
    with pytest.raises(ConfigError, match=r"narrow\.weight has the shape \(1, 16\), must take 32 values"):
        ValueHeadOptions(layers=("narrow",)).load(folder)


def test_settings_that_contradict_each_other_are_refused():
    with pytest.raises(ValidationError, match="must be below outputs"):
        ValueHeadOptions(output=1)
    with pytest.raises(ValidationError, match="must be one an output"):
        ValueHeadOptions(outputs=2, weights=(1.0,))
