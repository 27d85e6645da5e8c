from importlib import import_module
from pathlib import Path

import pytest
import torch

from pipeline.evaluation import scorers
from pipeline.evaluation.scorers import SCORERS, ScorerOptions, length
from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from pipeline.training.pairs import read_pairs
from pipeline.training.recipes import NANO, Architecture
from pipeline.training.trainer import train
from schemas.conversation import messages, system_prompt

SHAPE = Architecture(hidden_size=32, intermediate_size=48, layers=2, heads=2, kv_heads=2, head_dim=16, vocab_size=600)
TINY = NANO.model_copy(
    update={
        "architecture": SHAPE,
        "stages": (NANO.last.model_copy(update={"epochs": 1, "max_pairs": 24, "configuration": "full"}),),
    }
)


def test_every_scorer_is_in_the_table_under_its_kind():
    files = [path.stem for path in Path(scorers.__file__).parent.glob("[a-z]*.py")]
    written = {
        value
        for name in files
        for value in vars(import_module(f"{scorers.__name__}.{name}")).values()
        if isinstance(value, type) and issubclass(value, ScorerOptions) and "kind" in value.model_fields
    }
    assert {one.model_fields["kind"].default: one for one in written} == SCORERS
    assert len(written) == len(SCORERS)
    assert all(one.__module__ == f"{scorers.__name__}.{kind}" for kind, one in SCORERS.items())


def test_what_was_trained_scores_the_same_loaded_batched_and_padded(run):
    folder = run()
    checkpoint = str(train(folder / "dataset", folder / "models" / "nano", TINY, lambda _: None, 0).out)
    pairs = read_pairs(folder / "dataset")[:24]
    prompts = [pair.prompt for pair in pairs]
    answers = [pair.chosen + "\n# " + "x" * (7 * n % 90) for n, pair in enumerate(pairs)]
    criteria = [pair.criterion for pair in pairs]
    scorer = SequenceClassificationOptions().load(checkpoint)
    alone = []
    with torch.inference_mode():
        for prompt, answer, key in zip(prompts, answers, criteria, strict=True):
            turns = messages(system_prompt(key), prompt, answer)
            ids = scorer.tokenizer.apply_chat_template(turns, return_dict=False, return_tensors="pt")
            alone.append(float(scorer.model(input_ids=ids).logits[0, 0]))
    assert len({round(score, 4) for score in alone}) > len(alone) // 2
    for settings in ({}, {"padding": "left"}, {"batch_tokens": 1}, {"attention": "eager", "batch_tokens": 500}):
        loaded = SequenceClassificationOptions(**settings).load(checkpoint)
        assert loaded.score(prompts, answers, criteria) == pytest.approx(alone, abs=1e-4), settings


def test_the_length_rule_has_a_sign_per_criterion(run):
    rule = length.LengthOptions().load(str(run() / "dataset"))
    assert rule.signs == {"functional_correctness": -1.0, "runtime_efficiency": -1.0, "security_hardness": 1.0}
    assert rule.score(["p"] * 3, ["abc", "abc", "abc"], ["runtime_efficiency", "security_hardness", "other"]) == [
        -3.0, 3.0, 3.0,
    ]  # fmt: skip
    longer = length.fit([("a", "xx", "x"), ("a", "xx", "x"), ("a", "x", "xx"), ("b", "x", "xx")])
    assert longer.signs == {"a": 1.0, "b": -1.0}
