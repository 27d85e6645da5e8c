"""A saved checkpoint has one score a conversation, whoever computes it and however."""

from random import Random

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from pipeline.training.collator import collate
from pipeline.training.rows import encode
from pipeline.training.two_heads import TwoHeads
from tests.pipeline.evaluation.parity import CARD_LINE, asked, columns, nano, of_others, pads_with_its_end, plain

NAMES = ("nano", "pad-is-end", "llama")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("parity")
    checkpoint = nano(made)
    pads_with_its_end(made, checkpoint)
    of_others(made, checkpoint)
    return made


@pytest.fixture(scope="module")
def truth(folder):
    """Name of a checkpoint to its scores at the very last token, one conversation at a time."""
    pairs = asked(folder)
    found = {name: plain(folder / name, pairs) for name in NAMES}
    for card, last in found.values():
        assert len({round(score, 3) for score in last}) > len(last) // 2
        assert len(card) == 2 * len(pairs)
    return {name: last for name, (_, last) in found.items()} | {"cards": {n: c for n, (c, _) in found.items()}}


@pytest.mark.parametrize("name", NAMES[:2])
def test_the_code_on_the_card_gives_the_reward_at_the_last_token(folder, truth, name):
    assert truth["cards"][name] == pytest.approx(truth[name], abs=1e-5)
    assert CARD_LINE in (folder / "nano" / "README.md").read_text()


def test_padding_that_is_the_end_token_is_a_trap_in_checkpoints_of_others(truth):
    """Transformers reads an earlier token of such a checkpoint; vLLM, our evaluator and our training the last one."""
    assert min(abs(a - b) for a, b in zip(truth["cards"]["llama"], truth["llama"], strict=True)) > 1e-3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"batch_tokens": 1},
        {"batch_tokens": 16 * 400},
        {"padding": "left"},
        {"padding": "left", "attention": "eager"},
        {"attention": "eager", "batch_tokens": 900},
    ],
    ids=lambda given: "-".join(map(str, given.values())) or "default",
)
def test_the_evaluator_scores_the_same(folder, truth, name, given):
    scorer = SequenceClassificationOptions(**given).load(str(folder / name))
    prompts, answers, criteria = columns(asked(folder))
    assert scorer.score(prompts, answers, criteria) == pytest.approx(truth[name], abs=1e-4)
    order = list(range(len(prompts)))
    Random("order").shuffle(order)
    shuffled = scorer.score(*([column[i] for i in order] for column in (prompts, answers, criteria)))
    assert shuffled == pytest.approx([truth[name][i] for i in order], abs=1e-4)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shared", [True, False])
def test_the_forward_of_training_scores_the_same(folder, truth, name, shared):
    tokenizer = AutoTokenizer.from_pretrained(folder / name)
    model = AutoModelForSequenceClassification.from_pretrained(folder / name)
    pairs = asked(folder)
    rows = encode(tokenizer, pairs, "own", 512).rows
    assert [row.idx for row in rows] == [pair.idx for pair in pairs]
    assert sum(row.prefix for row in rows) > sum(row.chosen for row in rows) // 3
    with torch.inference_mode():
        found = TwoHeads(model)(**collate(rows, 0, shared).inputs("cpu"))
    assert [*found.chosen_B.tolist(), *found.rejected_B.tolist()] == pytest.approx(truth[name], abs=1e-4)
