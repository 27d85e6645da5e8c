"""An OpenAI-compatible model server for tests, on the loopback, that answers by a function and fails on demand.

    with serving(says("yes")) as server:
        ...ask server.url...
        server.stop()     # every connection is cut; the port stays known
        server.start()

A behaviour is a function from the request's number (from 0) and its body to a `Reply`.
"""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Reply:
    """One response.

    Attributes:
        body: what is sent.
        status: of it.
        headers: besides type and length.
        sends: bytes of the body that are sent before the connection is cut; None for all.
        after_s: pause before it; infinity hangs until the server is stopped.
        length: the Content-Length that it claims; None for the true one.
    """

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    sends: int | None = None
    after_s: float = 0.0
    length: int | None = None


Behaviour = Callable[[int, dict[str, Any]], Reply]


def completion(body: dict[str, Any], text: str | None, **other: Any) -> Reply:
    """A usual answer to the request `body`; `other` replaces fields of it."""
    message = {"role": "assistant", "content": text}
    answer = {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10},
    }
    return Reply(json.dumps(answer | other).encode())


def problem(status: int, message: str, **headers: str) -> Reply:
    """An error as servers put it."""
    error = {"error": {"message": message, "type": "BadRequestError", "code": status}}
    return Reply(json.dumps(error).encode(), status, {name.replace("_", "-"): value for name, value in headers.items()})


def says(text: str) -> Behaviour:
    """Always the same text, such as a judge that always says A."""
    return lambda _, body: completion(body, text)


def answers(function: Callable[[dict[str, Any]], str]) -> Behaviour:
    """The text that `function` makes of the request's body."""
    return lambda _, body: completion(body, function(body))


def first(times: int, fault: Behaviour, then: Behaviour) -> Behaviour:
    """`fault` for so many requests, then `then`."""
    return lambda number, body: fault(number, body) if number < times else then(number, body)


def slowly(behaviour: Behaviour, seconds: float) -> Behaviour:
    """The same, later."""
    return lambda number, body: replace(behaviour(number, body), after_s=seconds)


def busy(retry_after: str | None = None) -> Behaviour:
    """429."""
    headers = {} if retry_after is None else {"Retry_After": retry_after}
    return lambda _, body: problem(429, "too many requests", **headers)


def fails(status: int, message: str = "something is wrong in here") -> Behaviour:
    """An error of that status."""
    return lambda _, body: problem(status, message)


def hangs(_: int, body: dict[str, Any]) -> Reply:
    """Takes the request and says nothing."""
    return Reply(b"", after_s=float("inf"))


def half_json(_: int, body: dict[str, Any]) -> Reply:
    """200 with a body that is whole by its length, but ends in the middle of the JSON."""
    whole = completion(body, "half of this is missing").body
    return Reply(whole[: len(whole) // 2])


def half_body(_: int, body: dict[str, Any]) -> Reply:
    """200 with a connection cut in the middle of the body."""
    whole = completion(body, "half of this is missing")
    return replace(whole, sends=len(whole.body) // 2)


def hangs_up(_: int, body: dict[str, Any]) -> Reply:
    """The connection is closed without a word."""
    return Reply(b"", status=0)


def floods(size: int) -> Behaviour:
    """200 with a text of `size` bytes."""
    return lambda _, body: completion(body, "x" * size)


def other_model(name: str) -> Behaviour:
    """An answer of another model than the one that was asked."""
    return lambda _, body: completion(body, "yes", model=name)


def window(tokens: int, then: Behaviour) -> Behaviour:
    """400 for a request of more than `tokens` words, in the words of vLLM."""

    def behave(number: int, body: dict[str, Any]) -> Reply:
        words = sum(len(message["content"].split()) for message in body["messages"])
        if words + body["max_tokens"] <= tokens:
            return then(number, body)
        return problem(
            400,
            f"This model's maximum context length is {tokens} tokens. However, you requested {body['max_tokens']} "
            f"output tokens and your prompt contains {words} input tokens. Please reduce it.",
        )

    return behave


class ModelServer:
    """The server; made by `serving`.

    Attributes:
        requests: bodies of the chat completions, in the order of their arrival; also those that get no answer.
        headers: of each.
        most_at_once: the largest number that was being answered at one time.
        behaviour: may be replaced at any time.
        version: what `/version` tells; None for 404.
    """

    def __init__(self, behaviour: Behaviour, version: str | None = "1.2.3") -> None:
        self.behaviour = behaviour
        self.version = version
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.versions_asked = 0
        self.most_at_once = 0
        self.port = 0
        self._now = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Of the API."""
        return f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        """Listen, at first on a free port, later on the same one."""
        if not self._thread.is_alive():
            self._thread.start()
        asyncio.run_coroutine_threadsafe(self._start(), self._loop).result(10)

    def stop(self) -> None:
        """Cut every connection and listen no more."""
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)

    def end(self) -> None:
        """Stop, and end the thread."""
        self.stop()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _start(self) -> None:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while await self._answer_one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._connections.discard(task)
            writer.transport.abort()

    async def _answer_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; returns whether the connection stays."""
        start, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        data = await reader.readexactly(int(headers.get("content-length", 0)))
        path = start.split(" ")[1]
        if path == "/v1/chat/completions":
            self.headers.append(headers)
            self.requests.append(json.loads(data))
            reply = self.behaviour(len(self.requests) - 1, self.requests[-1])
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            try:
                await (asyncio.sleep(reply.after_s) if reply.after_s < float("inf") else asyncio.Event().wait())
            finally:
                self._now -= 1
        else:
            reply = self._beside(path)
        if not reply.status:
            return False
        length = len(reply.body) if reply.length is None else reply.length
        told = {"Content-Type": "application/json", "Content-Length": str(length), **reply.headers}
        head = f"HTTP/1.1 {reply.status} X\r\n" + "".join(f"{name}: {value}\r\n" for name, value in told.items())
        writer.write(head.encode("latin-1") + b"\r\n" + reply.body[: reply.sends])
        await writer.drain()
        return reply.sends is None

    def _beside(self, path: str) -> Reply:
        if path == "/version":
            self.versions_asked += 1
            if self.version is not None:
                return Reply(json.dumps({"version": self.version}).encode())
        return problem(404, "Not Found")


@contextmanager
def serving(behaviour: Behaviour, version: str | None = "1.2.3") -> Iterator[ModelServer]:
    """A running server, ended with the block."""
    server = ModelServer(behaviour, version)
    server.start()
    try:
        yield server
    finally:
        server.end()
