"""The client where all goes well, and what it is given."""

import asyncio
import json
import time
from collections.abc import Coroutine
from typing import Any

import pytest
from client_calls import SHORT, ask, one, options, request
from model_server import (
    answers,
    completion,
    hangs,
    says,
    serving,
    slowly,
)

from schemas.errors import ConfigError
from synthesis.calls import Answer, Request, ServerUnavailable
from synthesis.client import Client
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions


def test_an_answer_carries_what_the_server_counted_and_is_stored(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        answer = one(options(server.url), ledger)
    assert (answer.text, answer.finish, answer.prompt_tokens, answer.completion_tokens) == ("A", "stop", 7, 3)
    assert (answer.served_model, answer.server) == ("m", "1.2.3")
    assert 0 <= answer.seconds < 5
    assert abs(answer.asked_at - time.time()) < 60
    assert ledger.get(request().key) == answer


def test_what_is_sent_is_what_is_keyed(ledger: Ledger) -> None:
    asked = request("Größe 🙂", schema='{"type": "object", "required": ["b", "a"]}')
    with serving(says("{}")) as server:
        one(options(server.url), ledger, asked)
    assert server.requests == [asked.body]
    assert server.requests[0]["response_format"]["json_schema"]["schema"] == json.loads(str(asked.schema))
    assert next(ledger.rows())["request"] == asked.canonical


def test_a_full_ledger_needs_no_server(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        made = one(options(server.url), ledger)
        gone = options(server.url, api_key_env="THEMIS_TEST_NO_SUCH_KEY")

    async def again() -> tuple[Answer, int, int]:
        async with Client([gone], ledger) as client:
            return await client.ask(request()), client.sent, client.found

    assert asyncio.run(again()) == (made, 0, 1)
    assert len(server.requests) == 1


def test_equal_calls_at_once_are_asked_once_and_the_first_asker_may_leave(ledger: Ledger) -> None:
    async def four(model: ModelOptions) -> list[Any]:
        async with Client([model], ledger, SHORT) as client:
            tasks = [asyncio.create_task(client.ask(request())) for _ in range(4)]
            await asyncio.sleep(0.05)
            tasks[0].cancel()
            return await asyncio.gather(*tasks, return_exceptions=True)

    with serving(slowly(says("A"), 0.1)) as server:
        told = asyncio.run(four(options(server.url)))
    assert isinstance(told[0], asyncio.CancelledError)
    assert [answer.text for answer in told[1:]] == ["A"] * 3
    assert len(server.requests) == 1


def test_no_more_calls_are_in_flight_than_allowed(ledger: Ledger) -> None:
    with serving(slowly(answers(lambda body: body["messages"][0]["content"]), 0.01)) as server:
        told = ask(options(server.url, max_concurrency=3), ledger, *(request(str(n)) for n in range(12)))
    assert [answer.text for answer in told] == [str(n) for n in range(12)]
    assert server.most_at_once == 3


def test_the_version_is_asked_once_and_a_fingerprint_stands_in_for_it(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        ask(options(server.url), ledger, *(request(str(n)) for n in range(5)))
    assert server.versions_asked == 1
    with serving(lambda _, body: completion(body, "B", system_fingerprint="fp-9"), version=None) as server:
        told = ask(options(server.url), ledger, request("other"), request("another"))
    assert [answer.server for answer in told] == ["fp-9", "fp-9"]
    assert server.versions_asked == 1


def test_an_answer_cut_at_its_length_says_so(ledger: Ledger) -> None:
    choices = [{"message": {"content": "A beca"}, "finish_reason": "length"}]
    with serving(lambda _, body: completion(body, "", choices=choices)) as server:
        assert one(options(server.url), ledger).finish == "length"


def test_models_that_cannot_be_told_apart_are_refused(ledger: Ledger) -> None:
    with pytest.raises(ConfigError, match="'m'"):
        Client([options("http://127.0.0.1:1/v1"), options("http://127.0.0.1:2/v1", name="other")], ledger)


def test_a_model_that_is_not_configured(ledger: Ledger) -> None:
    told = one(options("http://127.0.0.1:1/v1"), ledger, request(model="unknown"))
    assert isinstance(told, ConfigError)
    assert "'unknown'" in str(told)


def test_an_address_that_is_none_ends_at_once(ledger: Ledger) -> None:
    told = one(options("http://127.0.0.1:99999/v1"), ledger)
    assert isinstance(told, ServerUnavailable)
    assert "99999" in str(told)


@pytest.mark.parametrize("url", ["ftp://x/v1", "http://user:secret@x/v1", "http://x/v1?key=1", "http://x y"])
def test_a_url_with_more_than_an_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        options(url)


def test_a_server_is_started_only_where_it_is_needed_and_once(ledger: Ledger) -> None:
    located: list[str] = []

    def ask_with(url: str | None, *requests: Request) -> list[Any]:
        def locate(name: str) -> str:
            located.append(name)
            if url is None:
                raise ServerUnavailable("it did not start")
            return url + "/"

        async def all_of_them() -> list[Any]:
            async with Client([options("http://127.0.0.1:1/v1")], ledger, SHORT, locate) as client:
                return await asyncio.gather(*(client.ask(one) for one in requests), return_exceptions=True)

        return asyncio.run(all_of_them())

    with serving(says("A")) as server:
        assert [one.text for one in ask_with(server.url, request("a"), request("b"))] == ["A", "A"]
    assert located == ["m"]
    assert [one.text for one in ask_with(None, request("a"), request("b"))] == ["A", "A"]
    assert located == ["m"]
    told = ask_with(None, request("a"), request("c"), request("d"))
    assert [str(error) for error in told[1:]] == ["it did not start"] * 2
    assert located == ["m", "m"]


def test_leaving_gives_up_what_is_asked(ledger: Ledger) -> None:
    async def leave(model: ModelOptions) -> asyncio.Task[Answer]:
        async with Client([model], ledger, SHORT) as client:
            ask_one: Coroutine[Any, Any, Answer] = client.ask(request())
            waiting = asyncio.create_task(ask_one)
            await asyncio.sleep(0.1)
        await asyncio.gather(waiting, return_exceptions=True)
        return waiting

    with serving(hangs) as server:
        assert asyncio.run(leave(options(server.url, timeout_s=60.0))).cancelled()
        assert len(server.requests) == 1


def test_the_key_is_in_no_row(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THEMIS_TEST_KEY", "sk-secret-123")
    with serving(says("A")) as server:
        one(options(server.url, api_key_env="THEMIS_TEST_KEY"), ledger)
    assert "sk-secret" not in json.dumps(list(ledger.rows()))
    ledger.close()
    assert b"sk-secret" not in ledger.path.read_bytes()
