import pytest

from pipeline.evaluation.scorers.cls_token import ClsTokenOptions
from schemas.errors import ConfigError


def test_the_reward_is_read_at_the_appended_token(tiny, check):
    made = tiny("llama")
    made.linear("v_head", 32, 1, bias=False)
    made.save()

    def formula(system, prompt, answer):
        states = made.hidden([*made.ids(system, prompt, answer), 3])
        return float(states[-1] @ made.heads["v_head.weight"][0])

    check(ClsTokenOptions(), made, formula)


def test_a_long_conversation_loses_its_beginning_and_keeps_the_token(tiny):
    made = tiny("llama")
    made.linear("v_head", 32, 1, bias=False)
    made.save()
    scorer = ClsTokenOptions(token=5, max_tokens=12).load(str(made.folder))
    ids = [*made.ids(None, "p" * 40, "q" * 40)[-11:], 5]
    assert scorer.score(["p" * 40], ["q" * 40], ["memory_efficiency"]) == pytest.approx(
        [float(made.hidden(ids)[-1] @ made.heads["v_head.weight"][0])], abs=1e-4
    )


def test_a_missing_token_is_named(tiny):
    made = tiny("llama")
    made.linear("v_head", 32, 1, bias=False)
    made.tokenizer.cls_token = None
    folder = str(made.save())
    with pytest.raises(ConfigError, match="has no CLS token"):
        ClsTokenOptions().load(folder)
    with pytest.raises(ConfigError, match="token: 900: the vocabulary has 272"):
        ClsTokenOptions(token=900).load(folder)
