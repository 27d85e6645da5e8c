"""Asks a vLLM server with `--runner pooling` for rewards: `POST /classify`, one conversation a request.

vLLM ignores in silence what it has no name for: the raw reward is `"use_activation": false`, as seen with 0.32.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from schemas.errors import ConfigError
from synthesis.calls import CallFailed, ServerUnavailable
from synthesis.models import ModelOptions
from synthesis.responses import Again, refusal
from synthesis.server import Server, key_of, open_session, read_body

MAX_RETRY_AFTER_S = 60.0
LIST_TIMEOUT_S = 15.0

START = "`themis serve-model FOLDER -- --runner pooling --dtype float32` starts one."


@dataclass(frozen=True, slots=True)
class Asked:
    """One conversation as it is sent.

    Attributes:
        tokens: its ids.
        activated: whether the server applies the model's activation, which for one label is a sigmoid.
    """

    tokens: Sequence[int]
    activated: bool = False

    def body(self, model: str) -> bytes:
        """The body of `POST /classify`; vLLM ignores in silence what it has no name for."""
        asked = {"model": model, "input": [list(self.tokens)], "add_special_tokens": False}
        return json.dumps(asked | {"use_activation": self.activated}).encode()


async def scores(
    asked: Sequence[Asked], model: ModelOptions, pauses_s: tuple[float, float] = (0.5, 30.0)
) -> list[float | None]:
    """The server's score of each conversation, in order, `max_concurrency` at a time.

    Args:
        asked: conversations.
        model: the server, the model's name there, and patience with both.
        pauses_s: between attempts, random, the first up to the one number, doubling up to the other.

    Returns:
        None where there was no usable answer in `deadline_s`.

    Raises:
        ConfigError, CallRefused, ServerUnavailable: see `Call.score`.
    """
    key, slots, server = key_of(model), asyncio.Semaphore(model.max_concurrency), Server(model.url)
    async with open_session() as session:

        async def one(what: Asked) -> float | None:
            async with slots:
                with server.asked():
                    try:
                        return await Call(what, model, server, session, key, pauses_s).score()
                    except CallFailed:
                        return None

        try:
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(one(what)) for what in asked]
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
    return [task.result() for task in tasks]


class Call:
    """One request with its attempts; it holds its slot in the pauses, so that a server in trouble is asked less."""

    def __init__(
        self,
        asked: Asked,
        options: ModelOptions,
        server: Server,
        session: aiohttp.ClientSession,
        key: str | None,
        pauses_s: tuple[float, float],
    ) -> None:
        self.asked, self.options, self.server = asked, options, server
        self.session, self.key = session, key
        self.pause = wait_random_exponential(multiplier=pauses_s[0], max=pauses_s[1])
        self.until = time.monotonic() + self.options.deadline_s

    async def score(self) -> float:
        """The score.

        Raises:
            CallFailed: no usable answer in `deadline_s`.
            CallRefused: the server refuses the conversation, such as for a token that its model does not have.
            ServerUnavailable: it is gone, or answers as another model.
            ConfigError: what comes back is not one reward of this conversation.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Again), wait=self._wait, stop=self._stop, sleep=self.server.sleep,
            reraise=True,
        )  # fmt: skip
        try:
            return await retrying(self._attempt)
        except Again as error:
            raise CallFailed(f"{self.server.url}: no usable answer, last: {error}.") from None

    def _wait(self, state: RetryCallState) -> float:
        return min(_again(state).retry_after_s or 0.0, MAX_RETRY_AFTER_S) + self.pause(state)

    def _stop(self, state: RetryCallState) -> bool:
        return time.monotonic() + state.upcoming_sleep >= self.until

    async def _attempt(self) -> float:
        self.server.check()
        try:
            found = await self._once()
        except Again as again:
            self.server.failed(again, self.options.patience_s)
            raise
        except ServerUnavailable as error:
            self.server.give_up(str(error))
            raise
        self.server.succeeded()
        return found

    async def _once(self) -> float:
        timeout_s = max(0.0, min(self.options.timeout_s, self.until - time.monotonic()))
        body, url = self.asked.body(self.options.served), _root(self.options.url) + "/classify"
        try:
            async with asyncio.timeout(timeout_s):
                status, headers, data = await _request(self.session, url, self.key, body)
        except TimeoutError:
            raise Again(f"no whole answer in {timeout_s:.3g} s") from None
        except aiohttp.ClientConnectorError as error:
            raise Again(f"can't be reached: {error}", reached=False) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Again(f"the connection broke off: {type(error).__name__}: {error}") from None
        if status in (404, 405):
            raise ServerUnavailable(
                f"{url}: status {status} for model {self.options.served!r}: it serves no rewards by that name. {START}"
            )
        if status != 200:
            raise refusal(status, headers, data, self.options, self.key)
        return reward(data, self.options, len(self.asked.tokens))


def reward(data: bytes, options: ModelOptions, tokens: int) -> float:
    """The one number in an answer of `/classify` to a conversation of so many tokens.

    Raises:
        Again: the body is not JSON, as when it was cut.
        CallFailed: it is JSON without a number in it.
        ConfigError: the model has several labels, or the server read another number of tokens than was sent.
        ServerUnavailable: another model answered.
    """
    try:
        body = json.loads(data)
        served, row, read = body["model"], body["data"][0]["probs"], body["usage"]["prompt_tokens"]
        value = float(row[0])
    except (ValueError, RecursionError):
        raise Again(f"status 200 with a body of {len(data)} bytes that is not JSON") from None
    except (LookupError, TypeError):
        raise CallFailed(f"{options.url}: the answer of {options.served!r} holds no score. Is it vLLM?") from None
    if served != options.served:
        raise ServerUnavailable(
            f"{options.url}: was asked for model {options.served!r} and answered as {str(served)[:200]!r}. Set served "
            "to the name of the right one, or url to its server."
        )
    if len(row) != 1:
        raise ConfigError(
            f"{options.url}: {options.served!r} gives {len(row)} scores, must be 1. Serve a reward model."
        )
    if read != tokens:
        raise ConfigError(
            f"{options.url}: read {read} tokens of a conversation of {tokens}. Something before the model cuts or adds "
            "to it: start the server without truncation."
        )
    return value


async def served_models(options: ModelOptions) -> dict[str, int | None]:
    """Name to window of each model that a server lists.

    Raises:
        ServerUnavailable: it does not answer, or not with a list of models.
    """
    try:
        async with asyncio.timeout(LIST_TIMEOUT_S), open_session() as session:
            status, _, data = await _request(session, options.url + "/models", key_of(options))
        if status != 200:
            raise ServerUnavailable(f"{options.url}/models: status {status}. Set url to the API, mostly ending in /v1.")
        rows = json.loads(data)["data"]
        return {str(row["id"]): row.get("max_model_len") for row in rows}
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        raise ServerUnavailable(
            f"{options.url}: no server answers ({type(error).__name__}: {error}). {START}"
        ) from None
    except (ValueError, LookupError, TypeError, AttributeError):
        raise ServerUnavailable(f"{options.url}/models: is no list of models. Is it vLLM? {START}") from None


async def _request(
    session: aiohttp.ClientSession, url: str, key: str | None, body: bytes | None = None
) -> tuple[int, Mapping[str, str], bytes]:
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    method = "GET" if body is None else "POST"
    async with session.request(method, url, data=body, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers, await read_body(response)


def _root(url: str) -> str:
    return url.rstrip("/").removesuffix("/v1")


def _again(state: RetryCallState) -> Again:
    error = state.outcome.exception() if state.outcome is not None else None
    assert isinstance(error, Again)
    return error
