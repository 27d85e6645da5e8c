import re

import pytest
from judge_calls import ANSWERS, KEYS, PROMPTS, at
from model_server import says, serving

from pipeline.evaluation.scorers.unit_test import TESTS, UnitTestOptions
from schemas.criteria import CRITERIA


@pytest.mark.parametrize(("said", "score"), [('{"score": 2}', 2.0), ("fine", None)])
def test_scores_of_a_model_in_this_process(says_always, said, score):
    judge = UnitTestOptions(max_new_tokens=8).load(str(says_always(said)))
    assert judge.score(PROMPTS, ANSWERS, KEYS) == [score] * 2


def test_each_criterion_has_a_test_in_words(ledger, tmp_path):
    assert list(TESTS) == list(CRITERIA)
    with serving(says('{"score": 3}')) as server:
        UnitTestOptions(**at(server.url, ledger)).load("m").score(PROMPTS, ANSWERS, KEYS)
        path = tmp_path / "tests.yaml"
        path.write_text("default: Is it short?\nmemory_efficiency: Is it small?\n")
        UnitTestOptions(**at(server.url, ledger, tests_file=path)).load("m").score(PROMPTS, ANSWERS, KEYS)
    shown = {re.search("The test: (.*)", one["messages"][1]["content"])[1] for one in server.requests}
    assert shown == {TESTS[KEYS[0]], TESTS[KEYS[1]], "Is it short?", "Is it small?"}
