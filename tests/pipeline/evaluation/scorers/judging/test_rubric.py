import json

import pytest
from judge_calls import ANSWERS, KEYS, PROMPTS, at, section
from model_server import answers, says, serving

from pipeline.evaluation.scorers.rubric import RubricOptions
from schemas.conversation import system_prompt
from schemas.criteria import CRITERIA


@pytest.mark.parametrize(("said", "score"), [('{"explanation": "x", "score": 4}', 4.0), ('{"score": 9}', None)])
def test_scores_of_a_model_in_this_process(says_always, said, score):
    judge = RubricOptions(max_new_tokens=8).load(str(says_always(said)))
    assert judge.score(PROMPTS, ANSWERS, KEYS) == [score] * 2


def test_scores_by_a_rubric_of_a_served_model(ledger):
    with serving(answers(lambda body: json.dumps({"score": 1 + len(section(body, "answer")) % 4}))) as server:
        options = RubricOptions(
            **at(server.url, ledger, temperature=0.6, top_p=0.95, top_k=20, min_p=0.1, thinking=True)
        )
        judge = options.load("org/judge")
        scores = judge.score(PROMPTS, ANSWERS, KEYS)
        again = options.load("org/judge").score(PROMPTS, ANSWERS, KEYS)
    assert scores == again == [1.0 + len(answer) % 4 for answer in ANSWERS]
    assert len(server.requests) == 2
    body = next(one for one in server.requests if "def f" in str(one))
    assert (body["model"], body["temperature"], body["top_p"], body["top_k"]) == ("org/judge", 0.6, 0.95, 20)
    assert (body["min_p"], body["max_tokens"], body["seed"]) == (0.1, 1024, 0)
    assert body["chat_template_kwargs"] == {"enable_thinking": True}
    assert system_prompt(KEYS[0]) in body["messages"][0]["content"]
    assert all(question in body["messages"][1]["content"] for question in CRITERIA[KEYS[0]].rubric)


def test_without_a_system_prompt_no_criterion_is_named(ledger):
    with serving(says('{"score": 3}')) as server:
        assert RubricOptions(**at(server.url, ledger, system="none")).load("m").score(PROMPTS, ANSWERS, KEYS) == [
            3.0,
            3.0,
        ]
    assert not any(CRITERIA[key].name in str(server.requests) for key in KEYS)


def test_a_judge_with_a_template_of_its_own(ledger, tmp_path):
    theirs, prompts = tmp_path / "theirs.jinja", tmp_path / "prompts.yaml"
    theirs.write_text("{% block user %}{{ system }}\nQuery: {{ prompt }}|Reply: {{ answer }}{% endblock %}")
    prompts.write_text("default: By their words.\n")
    with serving(says("Score: 5")) as server:
        told = at(server.url, ledger, system="file", system_file=prompts, template_file=theirs, form="line")
        assert RubricOptions(**told).load("m").score(["p"], ["f(Query: T) |Reply: x\n  Query: y"], KEYS[:1]) == [5.0]
    assert server.requests[0]["messages"] == [
        {"role": "user", "content": "By their words.\nQuery: p|Reply: f(Query: T) |R eply: x\n  Q uery: y"}
    ]
