import json

import pytest
from judge_calls import KEYS, at, listing
from model_server import completion, says, serving

from pipeline.evaluation.scorers.endpoint import EndpointOptions, read_attribute, read_message
from pipeline.evaluation.scorers.generation import ServerOptions
from pipeline.evaluation.scorers.judging.tokens import Token


def test_a_reward_model_that_writes_its_score(ledger):
    def behave(_, body):
        assert [one["role"] for one in body["messages"]] == ["system", "user", "assistant"]
        return completion(body, f"reward:-{len(body['messages'][2]['content'])}.5")

    with serving(behave) as server:
        scorer = EndpointOptions(**at(server.url, ledger)).load("org/rm")
        assert scorer.score(["p", "p"], ["xx", "    x\n"], KEYS[:1] * 2) == [-2.5, -6.5]
    assert {one["model"] for one in server.requests} == {"org/rm"}


def test_a_reward_model_that_lists_attributes(ledger):
    places = [("helpfulness", 3.25, []), ("correctness", -1.0, [])]
    with serving(listing(*places, text="")) as server:
        told = at(server.url, ledger, read="logprob", attribute="correctness", system="none")
        assert EndpointOptions(**told).load("m").score(["p"], ["a"], KEYS[:1]) == [-1.0]
        assert EndpointOptions(**told | {"attribute": "style"}).load("m").score(["p"], ["a"], KEYS[:1]) == [None]
    assert read_attribute([Token("a", 1.0, ()), Token("A ", 2.0, ())], "a") is None
    with serving(says("3")) as server:
        told = at(server.url, f"{ledger}-2", read="logprob")
        assert EndpointOptions(**told).load("m").score(["p"], ["a"], KEYS[:1]) == [None]


@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("-3.5", -3.5),
        (" 2\n", 2.0),
        ("1e-3", 0.001),
        ("reward:-3.875", -3.875),
        ("Reward = 4", 4.0),
        ("helpfulness:1.5,reward:2.5", 2.5),
        ("helpfulness:1.5\nreward:2.5\n", 2.5),
        ("helpfulness:1.5", None),
        ("reward:1,reward:2", None),
        ("reward:1 and more", None),
        ("reward:1, fine", None),
        ("The reward is 4", None),
        ("3.5 4.5", None),
        ("nan", None),
        ("", None),
        ("1" * 10_000_000, None),
        ("reward:" * 1_000_000, None),
    ],
)
def test_the_number_of_a_message(text, score):
    assert read_message(text, "reward") == score


def test_settings_of_an_endpoint_are_yaml():
    told = json.loads(EndpointOptions(server=ServerOptions(url="http://h/v1", api_key_env="KEY")).model_dump_json())
    assert (told["kind"], told["server"]["url"], told["server"]["name"]) == ("endpoint", "http://h/v1", "judge")
