import sys
from pathlib import Path

import pytest
import torch

from pipeline.evaluation import scorers
from pipeline.evaluation.scorers import SCORERS, length
from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions, batches
from pipeline.training.pairs import read_pairs
from pipeline.training.recipes import NANO, Architecture
from pipeline.training.trainer import train
from schemas.conversation import messages, system_prompt
from schemas.errors import ConfigError

TINY = NANO.model_copy(
    update={
        "architecture": Architecture(
            hidden_size=32, intermediate_size=48, layers=2, heads=2, kv_heads=2, head_dim=16, vocab_size=600
        ),
        "epochs": 1,
    }
)


@pytest.fixture
def checkpoint(run):
    folder = run()
    return train(folder / "dataset", folder / "models" / "nano", TINY, lambda _: None, 0).out


def asked(folder):
    pairs = read_pairs(folder / "dataset")
    answers = [p.chosen + "\n# " + "x" * (7 * n % 90) for n, p in enumerate(pairs)]
    return [p.prompt for p in pairs], answers, [p.criterion for p in pairs]


def test_every_scorer_is_in_the_table():
    files = {p.stem for p in Path(scorers.__file__).parent.glob("*.py")} - {"__init__", "base"}
    assert set(SCORERS) == files


def test_neither_batches_nor_the_padding_side_move_a_score(run, checkpoint):
    prompts, answers, criteria = asked(checkpoint.parents[1])
    scorer = SequenceClassificationOptions().load(str(checkpoint))
    scores = scorer.score(prompts, answers, criteria)
    assert len({round(s, 6) for s in scores}) > len(scores) // 2
    alone = SequenceClassificationOptions(batch_tokens=1).load(str(checkpoint)).score(prompts, answers, criteria)
    assert alone == pytest.approx(scores, abs=1e-4)
    scorer.tokenizer.padding_side = "left"
    texts = [
        scorer.tokenizer.apply_chat_template(messages(system_prompt(c), p, a), tokenize=False)
        for p, a, c in zip(prompts, answers, criteria, strict=True)
    ]
    batch = scorer.tokenizer(texts, add_special_tokens=False, padding=True, return_tensors="pt")
    assert int(batch["attention_mask"][:, 0].sum()) < len(texts)
    with torch.inference_mode():
        left = scorer.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits[:, 0].tolist()
    assert left == pytest.approx(scores, abs=1e-4)


@pytest.mark.parametrize("pad", ["<|end|>", None])
def test_a_tokenizer_that_pads_with_the_end_token_scores_the_same(run, checkpoint, pad):
    prompts, answers, criteria = asked(checkpoint.parents[1])
    scorer = SequenceClassificationOptions().load(str(checkpoint))
    scores = scorer.score(prompts, answers, criteria)
    scorer.tokenizer.pad_token = pad
    assert scorer.score(prompts, answers, criteria) == pytest.approx(scores, abs=1e-4)


def test_a_conversation_beyond_the_bound_keeps_its_end(run, checkpoint):
    scorer = SequenceClassificationOptions().load(str(checkpoint))
    short = SequenceClassificationOptions(max_tokens=20).load(str(checkpoint))
    one, other = short.score(["p" * 500, "q" * 700], ["x = 1\n" * 30] * 2, ["memory_efficiency"] * 2)
    assert one == pytest.approx(other, abs=1e-5)
    assert scorer.score([], [], []) == []


def test_batches_bound_their_tokens():
    lengths = [5, 100, 7, 30, 6, 31, 2000]
    found = batches(lengths, 60)
    assert sorted(i for batch in found for i in batch) == list(range(len(lengths)))
    assert all(len(b) == 1 or len(b) * max(lengths[i] for i in b) <= 60 for b in found)
    assert found[0] == [0, 4, 2]


def test_what_is_no_reward_model_is_named(run, checkpoint, monkeypatch):
    load = SequenceClassificationOptions().load
    with pytest.raises(ConfigError, match=r"holds no config\.json"):
        load(str(checkpoint.parent))
    (checkpoint / "chat_template.jinja").unlink()
    with pytest.raises(ConfigError, match="no chat template"):
        load(str(checkpoint))
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ConfigError, match="pip install"):
        load(str(checkpoint))


def test_more_than_one_label_is_refused(run, checkpoint):
    scorer = SequenceClassificationOptions().load(str(checkpoint))
    scorer.model.config.num_labels = 2
    scorer.model.config.save_pretrained(checkpoint)
    scorer.model.score = torch.nn.Linear(32, 2, bias=False)
    scorer.model.save_pretrained(checkpoint)
    with pytest.raises(ConfigError, match="num_labels is 2"):
        SequenceClassificationOptions().load(str(checkpoint))


def test_the_length_rule_has_a_sign_per_criterion(run):
    rule = length.LengthOptions().load(str(run() / "dataset"))
    assert rule.signs == {"functional_correctness": -1.0, "runtime_efficiency": -1.0, "security_hardness": 1.0}
    assert rule.score(["p"] * 3, ["abc", "abc", "abc"], ["runtime_efficiency", "security_hardness", "other"]) == [
        -3.0, 3.0, 3.0,
    ]  # fmt: skip
    longer = length.fit([("a", "xx", "x"), ("a", "xx", "x"), ("a", "x", "xx"), ("b", "x", "xx")])
    assert longer.signs == {"a": 1.0, "b": -1.0}
