import math

import pytest
from judge_calls import KEYS, at, listing
from model_server import busy, completion, fails, first, half_json, hangs_up, other_model, says, serving

from pipeline.evaluation.scorers.judging.served import weights
from pipeline.evaluation.scorers.token_logprob import TokenLogprobOptions
from synthesis.calls import ServerUnavailable


def test_the_difference_of_yes_and_no(ledger):
    top = [("Yes", math.log(0.5)), (" Yes", math.log(0.1)), ("No", math.log(0.2)), ("Maybe", math.log(0.15))]
    with serving(listing(("Yes", math.log(0.5), top))) as server:
        options = TokenLogprobOptions(**at(server.url, ledger))
        scores = options.load("m").score(["p"], ["a"], KEYS[:1])
        again = options.load("m").score(["p"], ["a"], KEYS[:1])
    assert scores == again == [pytest.approx(math.log(0.6 / 0.2))]
    assert len(server.requests) == 1
    body = server.requests[0]
    assert (body["max_tokens"], body["logprobs"], body["top_logprobs"]) == (1, True, 20)
    assert "continue_final_message" not in body


def test_the_expected_value_goes_on_from_the_suffix(ledger):
    top = [("4", math.log(0.5)), ("3", math.log(0.25)), ("0", math.log(0.25))]
    with serving(listing(("4", math.log(0.5), top))) as server:
        told = at(server.url, ledger, read="expected", layout="conversation", opens=False, suffix="\nhelpfulness:")
        found = TokenLogprobOptions(**told, floor=-50.0).load("m").score(["p"], ["a"], KEYS[:1])
        opened = TokenLogprobOptions(**told | {"opens": True}).load("m")
        opened.score(["p"], ["a"], KEYS[:1])
        TokenLogprobOptions(**told | {"suffix": ""}).load("m").score(["p"], ["a"], KEYS[:1])
    assert found == [pytest.approx(4 * 0.5 + 3 * 0.25)]
    first, second, third = server.requests
    assert first["messages"][-1] == {"role": "assistant", "content": "a\nhelpfulness:"}
    assert (first["continue_final_message"], first["add_generation_prompt"]) == (True, False)
    assert [one["content"] for one in second["messages"][-2:]] == ["a", "\nhelpfulness:"]
    assert (third["add_generation_prompt"], third["messages"][-1]["content"]) == (False, "a")
    assert "continue_final_message" not in third


def test_the_last_word_is_asked_for_again(ledger):
    top = [(" Yes", -0.1), (" No", -3.0)]

    def behave(number, body):
        if body.get("logprobs"):
            return listing((" Yes", -0.1, top))(number, body)
        return says("Because: Yes\n" if "def f" in str(body) else " ")(number, body)

    with serving(behave) as server:
        told = at(server.url, ledger, layout="principle", at="last", positive=(" Yes",), negative=(" No",))
        found = TokenLogprobOptions(**told).load("m").score(["p", "p"], ["def f", "x"], KEYS[:1] * 2)
    assert found == [pytest.approx(2.9), None]
    assert [one["content"] for one in server.requests[2]["messages"]] == [
        "p", "def f", "functional correctness", "Because:",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("listed", "floor", "found"),
    [
        ([("Yes", -1.0), ("x", -2.0)], None, (-1.0, -2.0)),
        ([("Yes", -1.0), ("x", -2.0)], -50.0, (-1.0, -50.0)),
        ([("x", -1.0)], None, None),
        ([("x", -1.0)], -50.0, None),
        ([("Yes", -1.0), ("Yes", -1.0), ("No", -1.5)], None, (-1.0, -1.5)),
        ([("Yes", 900_000.0), ("No", -1.5)], None, (-1.5, -1.5)),
        ([("Yes", -9999.0)], None, None),
        ([], None, None),
    ],
)
def test_a_word_that_is_not_listed(listed, floor, found):
    made = weights(listed, (("Yes", " Yes"), ("No",)), floor)
    assert made == (None if found is None else pytest.approx(found))


@pytest.mark.parametrize(
    "logprobs",
    [
        None,
        {},
        {"content": None},
        {"content": []},
        {"content": [{"token": 1}]},
        {"content": [None, 3, []]},
        {"content": [{"token": "Yes", "logprob": 10**400}]},
        {"content": [{"token": "Yes", "logprob": float("nan")}]},
        {"content": [{"token": "Yes", "logprob": -1, "top_logprobs": 3}]},
    ],
)
def test_a_server_without_log_probabilities_gives_no_score(ledger, logprobs):
    choice = {"message": {"content": "Yes"}, "finish_reason": "length", "logprobs": logprobs}
    with serving(lambda _, body: completion(body, "", choices=[choice])) as server:
        assert TokenLogprobOptions(**at(server.url, ledger)).load("m").score(["p"], ["a"], KEYS[:1]) == [None]


def test_trouble_is_met_as_the_synthesis_meets_it(ledger):
    good = listing(("Yes", -0.5, [("Yes", -0.5), ("No", -1.5)]))
    for fault in (busy("0"), fails(503), half_json, hangs_up):
        with serving(first(1, fault, good)) as server:
            told = TokenLogprobOptions(**at(server.url, f"{ledger}-{id(fault)}"))
            assert told.load("m").score(["p"], ["a"], KEYS[:1]) == [pytest.approx(1.0)]
            assert len(server.requests) == 2
    with serving(other_model("other")) as server, pytest.raises(ServerUnavailable, match="answered as 'other'"):
        TokenLogprobOptions(**at(server.url, ledger)).load("m").score(["stop"], ["a"], KEYS[:1])
    with serving(good) as server:
        scorer = TokenLogprobOptions(**at(server.url, ledger)).load("m")
        assert scorer.score(["lone \ud800"], ["a"], KEYS[:1]) == [None]
    with pytest.raises(ServerUnavailable, match="99999"):
        TokenLogprobOptions(**at("http://127.0.0.1:99999/v1", ledger)).load("m").score(["p"], ["a"], KEYS[:1])
