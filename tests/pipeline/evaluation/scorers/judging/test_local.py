import json
import sys

import pytest
import torch

from pipeline.evaluation.scorers.judging.local import Drawn, LocalModel
from pipeline.evaluation.scorers.judging.prompts import Conversation
from pipeline.evaluation.scorers.judging.sampling import Drawing
from pipeline.evaluation.scorers.loading import LocalOptions
from pipeline.evaluation.scorers.rubric import RubricOptions
from schemas.errors import ConfigError

ASKED = [Conversation((("user", "abc " * n), ("assistant", "x = 1\n" * (7 - n)))) for n in range(1, 7)]


def options(**other):
    return RubricOptions(system="none", max_new_tokens=12, **other)


def opened(folder, **other):
    """The model without an end token of its own, so that what it draws is compared over its whole length."""
    return options(**other).local(str(folder))


def drawn_tokens(local):
    """What is drawn after each conversation, whether it ends or not."""
    rows = {n: local._ids(one) for n, one in enumerate(ASKED)}
    found = {}
    for numbers, made in local._generated(rows, local.drawn.max_new_tokens):
        width = max(len(rows[number]) for number in numbers)
        found |= dict(zip(numbers, made.sequences[:, width:].tolist(), strict=True))
    return [found[n] for n in range(len(rows))]


def cut(tokens):
    return [row[: row.index(256) + 1] if 256 in row else row for row in tokens]


def test_greedy_words_are_those_of_one_token_after_the_other(random_lm):
    local = opened(random_lm)
    for asked, drawn in zip(ASKED, cut(drawn_tokens(local)), strict=True):
        ids = local._ids(asked)
        for token in drawn:
            with torch.inference_mode():
                logits_V = local.model(torch.tensor([ids])).logits[0, -1]
            assert token == int(logits_V.argmax())
            ids.append(token)


@pytest.mark.parametrize("settings", [{}, {"temperature": 0.7, "top_p": 0.9, "top_k": 50, "min_p": 0.01}])
def test_a_batch_changes_no_word(random_lm, settings):
    together, alone = opened(random_lm, **settings), opened(random_lm, batch_tokens=1, **settings)
    assert cut(drawn_tokens(together)) == cut(drawn_tokens(alone))
    other = opened(random_lm, seed=1, **settings)
    assert (cut(drawn_tokens(other)) == cut(drawn_tokens(alone))) == (not settings)


def test_a_batch_changes_no_weight(random_lm):
    groups = (("Yes", " Yes"), ("No", " No"))
    together = opened(random_lm).weigh(ASKED, groups)
    alone = opened(random_lm, batch_tokens=1, attention="eager").weigh(ASKED, groups)
    assert len({round(one[0], 3) for one in together}) == len(ASKED)
    for one, other in zip(together, alone, strict=True):
        assert one == pytest.approx(other, abs=1e-4)


def test_draws_follow_their_probabilities():
    logits_BV = torch.log(torch.tensor([[0.5, 0.1, 0.3, 0.1]])).repeat(1200, 1)

    def shares(*settings):
        from random import Random

        drawn_BV = Drawing([Random(f"{n}") for n in range(1200)], *settings)(None, logits_BV)
        assert bool(((drawn_BV == 0).sum(-1) == 1).all())
        return [round(float(one), 1) for one in (drawn_BV == 0).float().mean(0)]

    assert shares(1.0) == [0.5, 0.1, 0.3, 0.1]
    assert shares(1.0, 2) == [0.6, 0.0, 0.4, 0.0]
    assert shares(1.0, 0, 0.7) == [0.6, 0.0, 0.4, 0.0]
    assert shares(1.0, 0, 1.0, 0.9) == [1.0, 0.0, 0.0, 0.0]
    assert shares(0.01) == [1.0, 0.0, 0.0, 0.0]
    assert shares(1.0, 0, 1e-9) == [1.0, 0.0, 0.0, 0.0]


def test_what_has_no_end_or_no_room_says_nothing(says_always):
    said = json.dumps({"score": 4})
    assert opened(says_always(said)).say(ASKED) == [said] * 6
    lengths = [len(opened(says_always(said))._ids(one)) for one in ASKED]
    assert len(set(lengths)) == 6
    bound = sorted(lengths)[2] + 3  # what is said is two tokens, and the next longer row has room for one
    short = opened(says_always(said), max_tokens=bound)
    assert short.say(ASKED) == [said if n + 2 <= bound else None for n in lengths]
    assert [one is None for one in short.weigh(ASKED, [("Yes",)])] == [n >= bound for n in lengths]
    assert opened(says_always(said, ends=False)).say(ASKED[:1]) == [None]
    assert opened(says_always(said)).say([]) == []


def test_a_checkpoints_own_settings_of_generation_change_nothing(says_always):
    folder = says_always("Yes", "Score: 4")
    path, yes = folder / "generation_config.json", opened(folder).tokenizer.convert_tokens_to_ids("Yes")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"suppress_tokens": [yes], "max_new_tokens": 1}))
    assert opened(folder).say(ASKED[:1]) == ["YesScore: 4"]


def test_thinking_is_told_to_the_template(random_lm):
    texts = [opened(random_lm, thinking=thinking)._ids(ASKED[0]) for thinking in (None, True, False)]
    assert texts[0] == texts[1]
    assert texts[2] == [*texts[0], *opened(random_lm).tokenizer("!")["input_ids"]]


def test_what_is_no_language_model_is_named(random_lm, tmp_path, monkeypatch):
    with pytest.raises(ConfigError, match=r"holds no config\.json"):
        opened(tmp_path)
    local = opened(random_lm)
    local.model.generation_config.eos_token_id = None
    local.model.config.eos_token_id = None
    local.tokenizer.eos_token = None
    local.model.save_pretrained(tmp_path)
    local.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="names no end token"):
        opened(tmp_path)
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ConfigError, match="pip install"):
        opened(random_lm)


def test_words_that_are_no_tokens_are_named(random_lm):
    local = opened(random_lm)
    with pytest.raises(ConfigError, match=r"none of \['Perhaps'\] is a single token"):
        local.weigh(ASKED, [("Yes",), ("Perhaps",)])
    with pytest.raises(ConfigError, match="'No' is in two groups"):
        local.weigh(ASKED, [("Yes", "No"), ("No",)])
    assert isinstance(local, LocalModel)
    assert isinstance(RubricOptions(), LocalOptions)
    assert local.drawn == Drawn(0.0, 1.0, 0, 0.0, 12, 0, None)
