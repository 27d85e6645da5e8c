import json
import math

import pyarrow.parquet as pq
import pytest

from pipeline.evaluation.baselines import BaselineOptions, baselines
from pipeline.evaluation.benchmark import evaluate
from pipeline.evaluation.controls.likelihood import Likelihood, LikelihoodOptions, likelihood_differences, load
from pipeline.evaluation.pairs import BenchmarkPair
from schemas.errors import ConfigError

TEMPLATE = (
    "{% for m in messages %}<{{ m.role }}>{{ m.content }}</>{% endfor %}"
    "{% if add_generation_prompt %}<assistant>{% endif %}"
)
TEXTS = [
    ("Sort it.", "return sorted(x)"),
    ("Add.", "a + b"),
    ("Name the thing that this is.", "x"),
    ("Add.", "a - b # c"),
]


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE({letter: i for i, letter in enumerate(letters)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, chat_template=TEMPLATE)
    torch.manual_seed(0)
    config = Qwen3Config(
        vocab_size=len(letters), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=8, initializer_range=0.3,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("model")
    Qwen3ForCausalLM(config).save_pretrained(folder)
    fast.save_pretrained(folder)
    return folder


def by_hand(scorer, before, answer):
    """One token after the other, each from its own forward pass without padding."""
    import torch

    ids = scorer.tokenizer(before, add_special_tokens=False)["input_ids"]
    total = 0.0
    tokens = scorer.tokenizer(answer, add_special_tokens=False)["input_ids"]
    for token in tokens:
        with torch.no_grad():
            logits = scorer.model(torch.tensor([ids])).logits[0, -1]
        total += (logits[token] - logits.exp().sum().log()).item()
        ids = [*ids, token]
    return total, len(tokens)


@pytest.mark.parametrize("batch_tokens", [1, 10_000])
def test_the_sum_is_that_of_single_steps(checkpoint, batch_tokens):
    scorer = load(LikelihoodOptions(model=checkpoint, batch_tokens=batch_tokens))
    found = scorer.log_likelihoods(*zip(*TEXTS, strict=True))
    for (prompt, answer), (total, tokens) in zip(TEXTS, found, strict=True):
        expected = by_hand(scorer, f"<user>{prompt}</><assistant>", answer)
        assert total == pytest.approx(expected[0], abs=1e-3)
        assert tokens == expected[1] == len(answer)


def test_without_a_template_a_blank_line_parts_prompt_and_answer(checkpoint):
    scorer = load(LikelihoodOptions(model=checkpoint))
    scorer.tokenizer.chat_template = None
    total, _ = scorer.log_likelihoods(["Add."], ["a + b"])[0]
    assert total == pytest.approx(by_hand(scorer, "Add.\n\n", "a + b")[0], abs=1e-3)


def test_a_long_prompt_loses_its_beginning_and_a_long_answer_has_no_score(checkpoint):
    scorer = load(LikelihoodOptions(model=checkpoint, max_tokens=12))
    (total, tokens), long, empty = scorer.log_likelihoods(["Add."] * 3, ["a + b", "a" * 12, ""])
    assert (total, tokens) == (pytest.approx(by_hand(scorer, "istant>", "a + b")[0], abs=1e-3), 5)
    assert all(math.isnan(one[0]) and one[1] == 0 for one in (long, empty))


def pair(number, chosen, rejected):
    return BenchmarkPair(str(number), f"Do {number}.", chosen, rejected, "Go", "A", "S", "security_hardness")


def test_differences_of_sums_and_means(checkpoint):
    scorer = load(LikelihoodOptions(model=checkpoint))
    bench = [pair(0, "return x", "x"), pair(1, "", "y"), pair(2, "a b", "b a c")]
    events = []
    found = likelihood_differences(scorer, bench, events.append)
    for row in (0, 2):
        (c, c_tokens), (r, r_tokens) = (
            by_hand(scorer, f"<user>{bench[row].prompt}</><assistant>", side)
            for side in (bench[row].chosen, bench[row].rejected)
        )
        assert found["likelihood_sum"][row] == pytest.approx(c - r, abs=2e-3)
        assert found["likelihood_mean"][row] == pytest.approx(c / c_tokens - r / r_tokens, abs=1e-3)
    assert math.isnan(found["likelihood_sum"][1]) and math.isnan(found["likelihood_mean"][1])
    assert events == [{"stage": "likelihood", "step": 3, "steps": 3}]


def test_some_pairs_spread_by_id_can_do(checkpoint):
    loaded = load(LikelihoodOptions(model=checkpoint))
    scorer = Likelihood(loaded.model, loaded.tokenizer, LikelihoodOptions(model=checkpoint, pairs=2))
    found = likelihood_differences(scorer, [pair(i, "a", "b b") for i in range(6)], lambda _: None)["likelihood_sum"]
    assert [not math.isnan(value) for value in found] == [True, False, False, True, False, False]


def test_a_folder_without_a_language_model_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"likelihood.model: .*holds no config.json"):
        load(LikelihoodOptions(model=tmp_path))
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"likelihood.model: .*no causal language model"):
        load(LikelihoodOptions(model=tmp_path))


def test_the_likelihood_is_a_control_beside_the_others(checkpoint, run, tmp_path):
    folder, out = run(packages=3, functions=3), tmp_path / "out"

    class Longer:
        def score(self, prompts, answers, criteria):
            return [float(len(answer)) for answer in answers]

    evaluate(Longer(), folder / "benchmark", out, lambda _: None)
    options = BaselineOptions(bag_draws=0, likelihood=LikelihoodOptions(model=checkpoint, pairs=6))
    found = baselines(folder / "dataset", folder / "benchmark", out, lambda _: None, 0, options)["likelihood"]
    assert found["model"] == checkpoint.name
    assert found["sum"]["overall"]["pairs"] == found["mean"]["overall"]["pairs"] == 6
    table = pq.read_table(out / "controls.parquet")
    assert table["likelihood_sum"].null_count == 3
    sums = [value for value in table["likelihood_sum"].to_pylist() if value is not None]
    assert found["sum"]["overall"]["strict"]["micro"]["estimate"] == round(sum(value > 0 for value in sums) / 6, 4)
    rows = {row["against"]: row for row in json.loads((out / "intervals.json").read_text())["claims"]["rows"]}
    assert rows["likelihood_sum"]["pairs"] == rows["likelihood_mean"]["pairs"] == 6
    assert rows["chance"]["pairs"] == 9
