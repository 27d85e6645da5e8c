import pytest
from judge_calls import ANSWERS, KEYS, PROMPTS, at, section
from model_server import answers, says, serving

from pipeline.evaluation.scorers.two_turn import TwoTurnOptions


@pytest.mark.parametrize(("said", "score"), [("1. Works. \\boxed{7.5}", 7.5), ("1. Works.", None)])
def test_scores_of_a_model_in_this_process(says_always, said, score):
    judge = TwoTurnOptions(max_new_tokens=8).load(str(says_always(said)))
    assert judge.score(PROMPTS, ANSWERS, KEYS) == [score] * 2


def test_the_second_turn_has_the_firsts_text(ledger):
    def judge(body):
        if len(body["messages"]) == 2:
            return "<think>hm \\boxed{1}</think>\n1. It must work.\n"
        assert [one["role"] for one in body["messages"]] == ["system", "user", "assistant", "user"]
        assert body["messages"][2]["content"] == "1. It must work."
        return f"Point 1: \\boxed{{2}}. So: \\boxed{{{len(section(body, 'answer')) % 10}}}"

    with serving(answers(judge)) as server:
        options = TwoTurnOptions(**at(server.url, ledger, max_criteria_tokens=77))
        scores = options.load("m").score(PROMPTS * 2, [*ANSWERS, "worse", "bad"], KEYS * 2)
    assert scores == [3.0, 7.0, 5.0, 3.0]
    assert (
        sorted((len(one["messages"]), one["max_tokens"]) for one in server.requests) == [(2, 77)] * 2 + [(4, 2048)] * 4
    )


@pytest.mark.parametrize("first", ["<think>never ends", " ", "<think>x</think>"])
def test_without_criteria_there_is_no_second_turn(ledger, first):
    with serving(says(first)) as server:
        assert TwoTurnOptions(**at(server.url, ledger)).load("m").score(PROMPTS, ANSWERS, KEYS) == [None, None]
    assert len(server.requests) == 2
