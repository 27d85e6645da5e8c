"""The client against a server that is gone, slow, busy or broken: what passes, and what ends."""

import asyncio
from typing import Any

import pytest
from client_calls import SHORT, ask, one, options, request
from model_server import (
    Reply,
    busy,
    completion,
    fails,
    first,
    half_body,
    half_json,
    hangs,
    hangs_up,
    says,
    serving,
)

from synthesis import client as client_module
from synthesis import server as server_module
from synthesis.calls import Answer, CallFailed, ServerUnavailable
from synthesis.client import Client
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions
from synthesis.responses import Again
from synthesis.server import Server

TRANSIENT = {
    "429": busy(),
    "429 with a pause": busy("0.01"),
    "429 with nonsense": busy("soon"),
    "500": fails(500),
    "503": fails(503),
    "408": fails(408),
    "half a JSON": half_json,
    "half a body": half_body,
    "no word": hangs_up,
    "hanging": hangs,
    "html": lambda _, body: Reply(b"<html>gateway</html>"),
    "deep": lambda _, body: Reply(b"[" * 200_000),
}


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_what_may_pass_is_tried_again(fault: Any, ledger: Ledger) -> None:
    with serving(first(2, fault, says("A"))) as server:
        answer = one(options(server.url, timeout_s=0.3 if fault is hangs else 5.0), ledger)
        assert answer.text == "A"
        assert len(server.requests) >= 3
    assert len(ledger) == 1


@pytest.mark.parametrize("fault", [fails(500), half_json, hangs_up], ids=["500", "half a JSON", "no word"])
def test_a_call_that_never_works_fails_alone(fault: Any, ledger: Ledger) -> None:
    def poisoned(number: int, body: dict[str, Any]) -> Reply:
        return fault(number, body) if "poison" in body["messages"][0]["content"] else completion(body, "A")

    with serving(poisoned) as server:
        told = ask(options(server.url), ledger, request("a"), request("poison"), request("b"))
        assert [getattr(answer, "text", None) for answer in told] == ["A", None, "A"]
        assert isinstance(told[1], CallFailed)
        assert "no usable answer" in str(told[1])
        asked = [body for body in server.requests if body["messages"][0]["content"] == "poison"]
        assert len(asked) == client_module.MAX_ATTEMPTS
    assert len(ledger) == 2


def test_a_deadline_ends_a_call_that_hangs(ledger: Ledger) -> None:
    with serving(hangs) as server:
        told = one(options(server.url, timeout_s=0.1, deadline_s=0.3), ledger)
    assert isinstance(told, CallFailed)
    assert "no whole answer in" in str(told)
    assert 1 <= len(server.requests) <= 4


def test_many_429s_are_no_fault_of_the_call(ledger: Ledger) -> None:
    times = client_module.MAX_ATTEMPTS + 4
    with serving(first(times, busy("0"), says("A"))) as server:
        assert one(options(server.url), ledger).text == "A"
        assert len(server.requests) == times + 1


def test_a_pause_asked_for_is_kept_up_to_a_bound(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note(server: Server, seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(Server, "sleep", note)
    for asked_for in ("2", "3600", None):
        with serving(first(1, busy(asked_for), says("A"))) as server:
            assert one(options(server.url, deadline_s=900.0), ledger, request(str(asked_for))).text == "A"
    assert 2 <= pauses[0] <= 2.01
    assert client_module.MAX_RETRY_AFTER_S <= pauses[1] <= client_module.MAX_RETRY_AFTER_S + 0.01
    assert 0 <= pauses[2] <= 0.01


def test_pauses_grow_at_random_up_to_a_bound(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []

    async def note(server: Server, seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(Server, "sleep", note)

    async def never(model: ModelOptions) -> None:
        async with Client([model], ledger) as client:
            with pytest.raises(CallFailed):
                await client.ask(request())

    with serving(fails(500)) as server:
        asyncio.run(never(options(server.url, deadline_s=900.0)))
    assert len(pauses) == client_module.MAX_ATTEMPTS - 1
    assert len(set(pauses)) == len(pauses)
    assert all(0 <= pause <= min(30.0, 0.5 * 2**n) for n, pause in enumerate(pauses))


def test_a_server_that_is_not_there(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        url = server.url
    told = ask(options(url, patience_s=0.2), ledger, request("a"), request("b"))
    assert [type(error) for error in told] == [ServerUnavailable, ServerUnavailable]
    assert url in str(told[0])
    assert "no call succeeded for 0.2 s" in str(told[0])
    assert "themis serve-model" in str(told[0])


def test_a_server_that_never_was_in_reach_is_given_less_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "FIRST_CONTACT_S", 0.0)
    away = Server("http://127.0.0.1:9/v1")
    with pytest.raises(ServerUnavailable, match="no call succeeded for 0 s"):
        away.failed(Again("can't be reached", reached=False), 300.0)
    there = Server("http://127.0.0.1:9/v1")
    there.failed(Again("busy"), 300.0)
    there.failed(Again("can't be reached", reached=False), 300.0)
    answered = Server("http://127.0.0.1:9/v1")
    answered.succeeded()
    answered.failed(Again("can't be reached", reached=False), 300.0)


def test_pauses_fit_into_the_patience_with_a_server_that_is_not_there(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def note(server: Server, seconds: float) -> None:
        pauses.append(seconds)
        await asyncio.sleep(seconds)

    monkeypatch.setattr(Server, "sleep", note)
    with serving(says("A")) as server:
        url = server.url

    async def never() -> None:
        async with Client([options(url, patience_s=0.2)], ledger, (60.0, 60.0)) as client:
            with pytest.raises(ServerUnavailable):
                await client.ask(request())

    asyncio.run(never())
    assert len(pauses) >= 4
    assert max(pauses) <= 0.05


def test_patience_outlives_a_calls_own_deadline_while_nobody_is_there(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        url = server.url
    told = one(options(url, deadline_s=0.05, patience_s=0.3), ledger)
    assert isinstance(told, ServerUnavailable)


def test_a_server_that_comes_back_is_asked_on(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        server.stop()

        async def away() -> Answer:
            async with Client([options(server.url, deadline_s=0.05)], ledger, SHORT) as client:
                waiting = asyncio.create_task(client.ask(request()))
                await asyncio.sleep(0.2)
                await asyncio.to_thread(server.start)
                return await waiting

        assert asyncio.run(away()).text == "A"


def test_a_server_that_dies_half_way_keeps_what_it_answered_and_nothing_is_asked_twice(ledger: Ledger) -> None:
    requests = [request(str(n)) for n in range(20)]
    with serving(says("A")) as server:

        def dies_at_the_tenth(number: int, body: dict[str, Any]) -> Reply:
            return completion(body, "A") if number < 10 else hangs(number, body)

        server.behaviour = dies_at_the_tenth

        async def half() -> list[Any]:
            async with Client([options(server.url, max_concurrency=4, patience_s=0.3)], ledger, SHORT) as client:
                asked = asyncio.gather(*(client.ask(one) for one in requests), return_exceptions=True)
                while len(server.requests) < 11:
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(server.stop)
                return await asked

        told = asyncio.run(half())
        assert {type(one) for one in told} == {Answer, ServerUnavailable}
        prefix = list(ledger.rows())
        assert len(prefix) == sum(isinstance(one, Answer) for one in told) == 10
        server.behaviour, server.requests = says("A"), []
        server.start()
        assert [answer.text for answer in ask(options(server.url), ledger, *requests)] == ["A"] * 20
        assert len(server.requests) == 10
        assert list(ledger.rows())[:10] == prefix


def test_time_without_calls_is_no_failing(ledger: Ledger) -> None:
    async def with_a_rest(model: ModelOptions) -> Answer:
        async with Client([model], ledger, SHORT) as client:
            with pytest.raises(CallFailed):
                await client.ask(request("poison"))
            await asyncio.sleep(0.6)
            return await client.ask(request("good"))

    with serving(first(client_module.MAX_ATTEMPTS + 1, fails(500), says("A"))) as server:
        assert asyncio.run(with_a_rest(options(server.url, patience_s=0.5))).text == "A"


def test_once_gone_is_gone_for_every_call(ledger: Ledger) -> None:
    with serving(says("A")) as server:
        server.stop()

        async def twice() -> None:
            async with Client([options(server.url, patience_s=0.1)], ledger, SHORT) as client:
                with pytest.raises(ServerUnavailable):
                    await client.ask(request("a"))
                await asyncio.to_thread(server.start)
                with pytest.raises(ServerUnavailable, match=r"no call succeeded for 0\.1 s"):
                    await client.ask(request("b"))

        asyncio.run(twice())
        assert server.requests == []
