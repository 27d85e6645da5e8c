"""What is asked for one candidate, and what becomes of every kind of answer."""

import asyncio
import json
from collections import Counter
from dataclasses import replace

import pytest

from schemas.config import validate
from schemas.errors import ConfigError
from schemas.provenance import Origin
from schemas.records import Candidate, Dead, Dropped, Facts, Pair
from synthesis.backends.endpoint import EndpointBackend
from synthesis.backends.mutation import Mix, MutationBackend
from synthesis.calls import CallFailed, CallRefused, Request, ServerUnavailable
from synthesis.models import ModelOptions
from synthesis.recipe import JudgeOptions, PromptOptions, RateOptions, Recipe, WorseOptions
from synthesis.verdicts import decided, votes_of
from synthesis.work import Made, synthesize
from tests.synthesis.tasks.callers import Reply, Scripted, said

CODE = "def total(values):\n    result = 0\n    for value in values:\n        result += value\n    return result\n"
TASK = Candidate(
    "t", "f", "task", Origin("pypi", "r", "1", "a.py", "0"), "Python", ((0, 9),), "Add the numbers up.", CODE
)
CHANGE = replace(
    TASK,
    id="c",
    kind="change",
    before=CODE.replace("= 0", "= 1"),
    criterion="functional_correctness",
    message="Begin at 0",
)
MODELS = (ModelOptions(name="a"), ModelOptions(name="b", model="org/b-served"))


def recipe(**parts: object) -> EndpointBackend:
    return EndpointBackend(models=MODELS, **parts)


def made(backend: Recipe, candidate: Candidate, replies: object, seed: int = 1) -> tuple[list[Made], list[Request]]:
    caller = Scripted(replies)  # type: ignore[arg-type]
    return asyncio.run(synthesize(backend, candidate, seed, caller)), caller.asked


def rating(saliency: int, single: bool = True) -> str:
    return said(summary="s", description="d", single_purpose=single, saliency=saliency)


def written(code: str) -> str:
    return said(explanation="e", where="w", code=code)


def test_a_change_that_all_rate_high_stays_and_names_its_raters() -> None:
    backend = recipe(rate=RateOptions(models=("a", "b"), control_share=0))
    (pair,), asked = made(backend, CHANGE, lambda request: rating(5 if request.model == "a" else 4))
    assert isinstance(pair, Pair)
    assert [request.model for request in asked] == ["a", "org/b-served"]
    told = json.loads(dict(pair.steps[-1].parameters)["ratings"])
    assert [(one["model"], one["saliency"], one["key"]) for one in told] == [
        ("a", 5, asked[0].key),
        ("b", 4, asked[1].key),
    ]


@pytest.mark.parametrize(
    ("ratings", "reason"),
    [
        ({"a": rating(3), "org/b-served": rating(3)}, "rating_median_too_low"),
        ({"a": rating(5), "org/b-served": rating(2)}, "rating_median_too_low"),
        ({"a": rating(5, False), "org/b-served": rating(5, False)}, "several_purposes"),
    ],
)
def test_a_change_that_is_not_strong_goes_with_its_ratings(ratings: dict[str, str], reason: str) -> None:
    backend = recipe(rate=RateOptions(models=("a", "b"), control_share=0), judge=JudgeOptions(models=("a",)))
    (dropped,), asked = made(backend, CHANGE, lambda request: ratings[request.model])
    assert isinstance(dropped, Dropped)
    assert (dropped.reason, dropped.stage, dropped.id) == (reason, "synthesize", "c")
    assert json.loads(dropped.detail)[0]["model"] == "a"
    assert {request.task for request in asked} == {"rate"}


def test_an_undone_change_is_rated_the_other_way_round_for_its_reason() -> None:
    undone = replace(CHANGE, reversed=True, facts=Facts(revert_reason="it lost the last number"))
    backend = recipe(rate=RateOptions(models=("a",), control_share=0))
    (pair,), (request,) = made(backend, undone, [rating(5)])
    assert isinstance(pair, Pair) and pair.kind == "reversed" and pair.chosen == CHANGE.before
    shown = request.messages[1][1]
    assert "it lost the last number" in shown and "Begin at 0" not in shown
    assert "-    result = 0" in shown and "+    result = 1" in shown


def test_controls_are_asked_and_change_nothing() -> None:
    backend = recipe(rate=RateOptions(models=("a",), control_share=1.0))
    (pair,), asked = made(backend, CHANGE, lambda request: "junk" if "/" in request.task else rating(5))
    tasks = Counter(request.task for request in asked)
    assert tasks["rate"] == 1 and tasks["rate/reversed"] == 2  # the second one asks to mend the first
    assert pair == made(recipe(rate=RateOptions(models=("a",), control_share=0)), CHANGE, [rating(5)])[0][0]


def test_a_prompt_comes_from_the_model_and_its_pair_has_another_id() -> None:
    backend = recipe(prompt=PromptOptions(model="b", style="quora"))
    text = "How would you write a helper that gives back one number for a list of them? I need it for a report."
    (pair,), asked = made(backend, CHANGE, lambda _: said(text=text))
    assert isinstance(pair, Pair)
    assert pair.prompt == text
    step = pair.steps[-1]
    assert (step.side, step.name) == ("prompt", "instruct")
    assert dict(step.parameters) == {"key": asked[-1].key, "model": "b", "style": "quora"}
    other = recipe(prompt=PromptOptions(model="b", task="recover"))
    (recovered,), _ = made(other, CHANGE, lambda _: said(statement=text + " Give the answer as one value."))
    assert isinstance(recovered, Pair) and recovered.id not in (pair.id, "c")
    assert recovered.steps[-1].name == "recover"


def test_a_prompt_that_hints_each_time_is_a_dropped_row() -> None:
    backend = recipe(prompt=PromptOptions(model="a"))
    leak = said(text="Write an efficient and correct helper that has no bug in the way it adds all of its numbers up.")
    (dropped,), asked = made(backend, CHANGE, lambda _: leak)
    assert isinstance(dropped, Dropped) and dropped.reason == "instruction_leaks"
    assert len({request.sampling.seed for request in asked}) == len(asked) > 1


def test_a_task_gets_a_bug_and_a_worse_version_by_each_criterion() -> None:
    backend = recipe(worse=WorseOptions(model="a", criteria=("functional_correctness", "readability_maintainability")))
    answers = {"bug": written(CODE.replace("= 0", "= 2")), "degrade": written(CODE.replace("result", "r"))}
    pairs, asked = made(backend, TASK, lambda request: answers[request.task])
    assert all(isinstance(one, Pair) for one in pairs)
    found = {one.criterion: one for one in pairs if isinstance(one, Pair)}
    assert found["functional_correctness"].rejected == CODE.replace("= 0", "= 2").rstrip()
    assert found["readability_maintainability"].rejected == CODE.replace("result", "r").rstrip()
    assert {pair.kind for pair in found.values()} == {"defect"} and {pair.chosen for pair in found.values()} == {CODE}
    assert {dict(pair.steps[1].parameters)["key"] for pair in found.values()} == {request.key for request in asked}


def test_a_fixed_version_is_chosen_over_the_weak_one() -> None:
    worse = WorseOptions(model="a", criteria=("functional_correctness",), fixer="b", fix_share=1.0)
    answers = {"bug": written(CODE.replace("= 0", "= 2")), "fix": written("def total(values):\n    return sum(values)")}
    (pair,), asked = made(recipe(worse=worse), TASK, lambda request: answers[request.task])
    assert isinstance(pair, Pair)
    assert (pair.kind, pair.chosen) == ("repair", "def total(values):\n    return sum(values)")
    assert [(step.side, step.name) for step in pair.steps] == [("chosen", "fix"), ("rejected", "bug")]
    assert [request.model for request in asked] == ["a", "org/b-served"]


def test_what_one_criterion_has_no_answer_for_is_its_own_dead_letter() -> None:
    backend = recipe(worse=WorseOptions(model="a", criteria=("functional_correctness", "memory_efficiency")))
    answers: dict[str, Reply] = {"bug": written(CODE.replace("= 0", "= 2")), "degrade": CallFailed("no answer in time")}
    children, _ = made(backend, TASK, lambda request: answers[request.task])
    assert [type(child) for child in children] == [Pair, Dead]
    assert isinstance(children[1], Dead) and children[1].error == "CallFailed: no answer in time"
    assert "id='t'" in children[1].record
    refused = CallRefused("context_too_long", "9,000 tokens")
    children, _ = made(backend, TASK, lambda _: refused)
    assert [child.reason for child in children if isinstance(child, Dropped)] == ["context_too_long"] * 2
    assert len({child.id for child in children if isinstance(child, Dropped)}) == 2


def test_a_server_that_is_gone_is_nobodys_dead_letter() -> None:
    with pytest.raises(ServerUnavailable):
        made(recipe(worse=WorseOptions(model="a")), TASK, lambda _: ServerUnavailable("gone"))


def test_criteria_are_drawn_by_the_record() -> None:
    backend = recipe(worse=WorseOptions(model="a", share=0.5))
    answer = written(CODE.replace("= 0", "= 2"))
    drawn = Counter(len(made(backend, replace(TASK, id=str(n)), lambda _: answer)[1]) > 0 for n in range(20))
    assert drawn[True] > 10
    none = made(recipe(worse=WorseOptions(model="a", share=0.01)), TASK, lambda _: answer)[0]
    assert [one.reason for one in none if isinstance(one, Dropped)] == ["not_drawn"]


def test_mutants_are_judged_only_where_asked_and_placebos_stay_ties() -> None:
    ballot = said(rationale="r", verdict="TIE")
    mutation = MutationBackend(mix=Mix(placebo=1.0), criteria=("functional_correctness",))
    for asked_too in (False, True):
        judge = JudgeOptions(models=("a",), votes=2, mutants=asked_too, canary_share=0)
        pairs, asked = made(recipe(mutation=mutation, judge=judge), TASK, lambda _: ballot)
        assert bool(asked) is asked_too
        for pair in pairs:
            assert isinstance(pair, Pair) and bool(votes_of(pair)) is asked_too
            kept = isinstance(decided(pair, judge, None), Pair)
            assert kept is (pair.kind == "placebo" or not asked_too)


def test_a_task_that_nothing_is_asked_for_is_a_dropped_row() -> None:
    ((dropped,), asked) = made(recipe(judge=JudgeOptions(models=("a",))), TASK, [])
    assert isinstance(dropped, Dropped) and dropped.reason == "no_task_for_it" and not asked


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"models": [{"name": "a"}]}, "asks no model anything"),
        ({"models": [{"name": "a"}], "prompt": {"model": "b"}}, "'b' is asked, and is none of the models a"),
        ({"models": [{"name": "a"}], "prompt": {"model": "a", "style": "poem"}}, "'poem' is no style"),
        ({"models": [{"name": "a"}], "worse": {"model": "a", "criteria": ["speed"]}}, "'speed' is no criterion"),
        ({"models": [{"name": "a"}], "judge": {"models": ["a"], "votes": 3}}, "multiple of 2"),
    ],
)
def test_a_recipe_that_can_not_be_followed_is_refused(options: dict[str, object], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(EndpointBackend, options, "run.yaml")
    assert expected in str(caught.value)
