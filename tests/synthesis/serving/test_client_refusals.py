"""The client against a server that answers, but not what was asked for."""

from collections.abc import Callable
from typing import Any

import pytest
from client_calls import ask, one, options, request
from model_server import (
    Reply,
    completion,
    fails,
    floods,
    other_model,
    says,
    serving,
    slowly,
    window,
)

from schemas.errors import ConfigError
from synthesis.calls import CallFailed, CallRefused, ServerUnavailable
from synthesis.ledger import Ledger


def test_another_model_stops_the_run(ledger: Ledger) -> None:
    with serving(other_model("mistaken-7b")) as server:
        told = one(options(server.url), ledger)
    assert isinstance(told, ServerUnavailable)
    assert "'m'" in str(told)
    assert "'mistaken-7b'" in str(told)
    assert len(ledger) == 0


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_refused_is_named_never_shown(
    status: int, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THEMIS_TEST_KEY", "sk-secret-123")
    with serving(fails(status, "key sk-secret-123 is wrong")) as server:
        told = one(options(server.url, api_key_env="THEMIS_TEST_KEY"), ledger)
    assert server.headers[0]["authorization"] == "Bearer sk-secret-123"
    assert isinstance(told, ServerUnavailable)
    assert "THEMIS_TEST_KEY" in str(told)
    assert "sk-secret" not in str(told)


def test_no_key_is_sent_where_none_is_named_and_its_lack_is_told(ledger: Ledger) -> None:
    with serving(fails(401)) as server:
        told = one(options(server.url), ledger)
    assert "authorization" not in server.headers[0]
    assert "no key was sent" in str(told)
    assert "api_key_env" in str(told)


@pytest.mark.parametrize("value", [None, " ", "sk\x07", "schlüssel"])
def test_a_key_that_cannot_be_sent_is_a_wrong_configuration(
    value: str | None, ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("THEMIS_TEST_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("THEMIS_TEST_KEY", value)
    with serving(says("A")) as server:
        told = one(options(server.url, api_key_env="THEMIS_TEST_KEY"), ledger)
    assert isinstance(told, ConfigError)
    assert "THEMIS_TEST_KEY" in str(told)
    assert value is None or not value.strip() or value not in str(told)
    assert server.requests == []


def test_a_key_in_an_error_is_not_repeated(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEMIS_TEST_KEY", "sk-secret-123")
    for status in (400, 404, 500):
        with serving(fails(status, "headers were: Bearer sk-secret-123")) as server:
            told = one(options(server.url, api_key_env="THEMIS_TEST_KEY"), ledger)
        assert isinstance(told, Exception)
        assert "Bearer ***" in str(told)
        assert "sk-secret" not in str(told)


def test_a_model_that_the_server_does_not_know(ledger: Ledger) -> None:
    with serving(fails(404, "The model `m` does not exist.")) as server:
        told = one(options(server.url), ledger)
    assert isinstance(told, ServerUnavailable)
    assert "does not exist" in str(told)
    assert "/v1/models lists" in str(told)


def test_a_redirect_is_not_followed(ledger: Ledger) -> None:
    with serving(lambda _, body: Reply(b"", 307, {"Location": "http://127.0.0.1:9/"})) as server:
        told = one(options(server.url), ledger)
    assert isinstance(told, ServerUnavailable)
    assert "status 307" in str(told)


def test_a_prompt_over_the_window_is_refused_alone(ledger: Ledger) -> None:
    with serving(window(100, says("A"))) as server:
        told = ask(options(server.url), ledger, request("short"), request("word " * 100))
        assert len(server.requests) == 2
    assert told[0].text == "A"
    assert isinstance(told[1], CallRefused)
    assert told[1].reason == "context_too_long"
    assert "100 tokens" in told[1].detail


@pytest.mark.parametrize(
    ("status", "message", "reason"),
    [
        (400, "The decoder prompt (length 70) is longer than the maximum model length of 64.", "context_too_long"),
        (400, "prompt is too long: 210000 tokens", "context_too_long"),
        (400, "Grammar error: unsupported keyword", "request_refused"),
        (413, "Request Entity Too Large", "request_refused"),
        (422, "n must be one", "request_refused"),
    ],
)
def test_other_refusals_say_why(status: int, message: str, reason: str, ledger: Ledger) -> None:
    with serving(fails(status, message)) as server:
        told = one(options(server.url), ledger)
        assert len(server.requests) == 1
    assert isinstance(told, CallRefused)
    assert (told.reason, message in told.detail) == (reason, True)


def test_refusals_show_that_somebody_is_there(ledger: Ledger) -> None:
    def refuses_all_but_fails_one(number: int, body: dict[str, Any]) -> Reply:
        fault = fails(500) if body["messages"][0]["content"] == "poison" else fails(400)
        return slowly(fault, 0.08)(number, body)

    with serving(refuses_all_but_fails_one) as server:
        requests = (request("poison"), *(request(str(n)) for n in range(12)))
        told = ask(options(server.url, max_concurrency=2, patience_s=0.4), ledger, *requests)
    assert isinstance(told[0], CallFailed)
    assert {type(error) for error in told[1:]} == {CallRefused}


def test_a_flood_is_not_read_to_its_end(ledger: Ledger) -> None:
    with serving(floods(6 * 2**20)) as server:
        told = one(options(server.url), ledger)
        assert len(server.requests) == 1
    assert isinstance(told, CallFailed)
    assert "longer than 4194304 bytes" in str(told)


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda body: completion(body, "A", choices=[]), "has no choices"),
        (lambda body: completion(body, "A", choices="A"), "has no choices"),
        (lambda body: completion(body, None), "has no text"),
        (lambda body: completion(body, "A", choices=[{"message": "A"}]), "has no text"),
        (lambda body: completion(body, "A", choices=["A"]), "has no text"),
        (lambda body: Reply(b"[1]"), "is no object"),
    ],
)
def test_json_without_an_answer_fails(make: Callable[[Any], Reply], told: str, ledger: Ledger) -> None:
    with serving(lambda _, body: make(body)) as server:
        error = one(options(server.url), ledger)
        assert len(server.requests) == 1
    assert isinstance(error, CallFailed)
    assert told in str(error)


def test_odd_fields_are_taken_for_what_they_can_be(ledger: Ledger) -> None:
    odd = {"usage": {"prompt_tokens": -1, "completion_tokens": "9"}, "system_fingerprint": 5}
    with serving(lambda _, body: completion(body, "a\ud800b\x00", **odd), version=None) as server:
        answer = one(options(server.url), ledger)
    assert (answer.text, answer.prompt_tokens, answer.completion_tokens, answer.server) == ("a\ufffdb\x00", 0, 0, "")
    assert ledger.get(request().key) == answer
    with serving(lambda _, body: completion(body, "A", usage=None)) as server:
        assert one(options(server.url), ledger, request("other")).prompt_tokens == 0


def test_a_lone_surrogate_cannot_be_asked(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        told = one(options(server.url), ledger, request("\ud800"))
        assert server.requests == []
    assert isinstance(told, CallRefused)
