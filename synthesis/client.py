"""Asks OpenAI-compatible servers, such as `vllm serve`, with a ledger before them.

A call is looked for in the ledger first, so a run over a full ledger needs no server. What is not there is sent,
retried with random, growing pauses while that may help, and stored before it is returned.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from types import TracebackType
from typing import TypeAlias

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_random_exponential

from schemas.errors import ConfigError
from synthesis.calls import Answer, CallFailed, CallRefused, Request, ServerUnavailable
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions
from synthesis.responses import Again, read_answer, refusal
from synthesis.server import Server, key_of, open_session, post

MAX_ATTEMPTS = 8
"""Of one call, where the server is there but gives nothing usable (5xx, broken bodies, time-outs)."""

MAX_RETRY_AFTER_S = 60.0
"""The longest pause that a server may ask for with `Retry-After`."""


Read: TypeAlias = Callable[[bytes, ModelOptions, float, int], Answer]
"""(body, options, seconds that it took, Unix time of asking) to the answer; see `read_answer`."""


class Client:
    """A `Caller` for the models given: an asynchronous context manager, of one event loop.

    Attributes:
        sent: calls that went to a server; retries don't count.
        found: calls that the ledger answered.

    Example:
        async with Client([ModelOptions(name="smollm2-135m")], Ledger("ledger.sqlite")) as client:
            answer = await client.ask(request)
    """

    def __init__(
        self,
        models: Iterable[ModelOptions],
        ledger: Ledger,
        pauses_s: tuple[float, float] = (0.5, 30.0),
        locate: Callable[[str], str] | None = None,
    ) -> None:
        """Nothing is sent yet, and no server needed.

        Args:
            models: that may be asked.
            ledger: is looked into first; stays open.
            pauses_s: between attempts, random, the first up to the one number, doubling up to the other.
            locate: gives the url for a model's name on its server, in place of the model's own; called in a thread,
                once a model, when a call first has to be sent. So a server can be started only where it is needed.

        Raises:
            ConfigError: two models have one name on their servers, so that a call would not say which is meant.
        """
        self.sent = self.found = 0
        self._ledger = ledger
        self._pauses_s = pauses_s
        self._models: dict[str, ModelOptions] = {}
        for one in models:
            if one.served in self._models:
                raise ConfigError(f"models: two of them are called {one.served!r} by their servers; keep one.")
            self._models[one.served] = one
        self._slots = {name: asyncio.Semaphore(one.max_concurrency) for name, one in self._models.items()}
        self._servers: dict[str, Server] = {}
        self._locate = locate
        self._located: dict[str, asyncio.Task[str]] = {}
        self._asked: dict[str, asyncio.Task[Answer]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give up what is still being asked, and close the connections."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, *self._located.values(), return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def ask(self, request: Request) -> Answer:
        """See `Caller.ask`.

        Raises:
            ConfigError: the call is not in the ledger, and its model is not given or its `api_key_env` not set.
            LedgerUnusable: the answer can't be stored.
        """
        key = request.key
        task = self._asked.get(key)
        if task is None:
            stored = self._ledger.get(key)
            if stored is not None:
                self.found += 1
                return stored
            task = asyncio.create_task(self._sent(request))
            self._asked[key] = task
            task.add_done_callback(lambda done: self._done(key, done))
        return await asyncio.shield(task)

    def _done(self, key: str, task: asyncio.Task[Answer]) -> None:
        del self._asked[key]
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits for it any more

    async def _sent(self, request: Request) -> Answer:
        options = self._models.get(request.model)
        if options is None:
            raise ConfigError(f"model {request.model!r}: not among the models given: {', '.join(self._models)}.")
        try:
            body = request.canonical.encode()
        except UnicodeEncodeError:
            raise CallRefused(
                "request_refused", "the prompt holds a lone surrogate, which UTF-8 has no form for"
            ) from None
        async with self._slots[request.model]:
            options = await self._placed(options)
            server = self._servers.setdefault(options.url, Server(options.url))
            self.sent += 1
            with server.asked():
                given = (options, server, body, key_of(options), self._open(), self._pauses_s)
                answer = await _Call(*given, self.reader(request)).answer()
        return self._ledger.put(request, answer)

    def reader(self, request: Request) -> Read:
        """What reads the answer to a request; a subclass may keep more of some answers."""
        return read_answer

    async def _placed(self, options: ModelOptions) -> ModelOptions:
        """The options with the address that calls go to."""
        url = options.url
        if self._locate is not None:
            if options.served not in self._located:
                asked = asyncio.to_thread(self._locate, options.served)
                self._located[options.served] = asyncio.create_task(asked)
            url = await asyncio.shield(self._located[options.served])
        return options.model_copy(update={"url": url.rstrip("/")})

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = open_session()
        return self._session


class _Call:
    """One call with its attempts. It holds its slot also in the pauses, so that a server in trouble is asked less."""

    def __init__(
        self,
        options: ModelOptions,
        server: Server,
        body: bytes,
        key: str | None,
        session: aiohttp.ClientSession,
        pauses_s: tuple[float, float],
        read: Read,
    ) -> None:
        self.options, self.server, self.body, self.key, self.session = options, server, body, key, session
        self.read = read
        self.pause = wait_random_exponential(multiplier=pauses_s[0], max=pauses_s[1])
        self.until = time.monotonic() + options.deadline_s
        self.fruitless = 0

    async def answer(self) -> Answer:
        """The answer.

        Raises:
            CallFailed, CallRefused, ServerUnavailable: see `Caller.ask`.
        """
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(Again), wait=self.wait, stop=self.stop, sleep=self.server.sleep, reraise=True
        )
        try:
            return await retrying(self.attempt)
        except Again as error:
            raise CallFailed(f"{self.server.url}: {self.options.served}: no usable answer, last: {error}.") from None

    def wait(self, state: RetryCallState) -> float:
        """The pause after a failed attempt: a random one, after the one that the server asks for."""
        error = _error(state)
        if not error.reached:  # several tries within the server's patience
            return min(self.pause(state), self.options.patience_s / 4)
        return min(error.retry_after_s or 0.0, MAX_RETRY_AFTER_S) + self.pause(state)

    def stop(self, state: RetryCallState) -> bool:
        """Whether the call is given up; where the server isn't reached it is not: `Server.failed` ends that."""
        error = _error(state)
        next_attempt = time.monotonic() + state.upcoming_sleep
        if not error.reached:
            self.until = max(self.until, next_attempt + self.options.timeout_s)
            return False
        self.fruitless += not error.busy
        return self.fruitless >= MAX_ATTEMPTS or next_attempt >= self.until

    async def attempt(self) -> Answer:
        """One attempt.

        Raises:
            Again: it may go better the next time.
            CallFailed, CallRefused, ServerUnavailable: it won't.
        """
        self.server.check()
        try:
            answer = await self._once()
        except Again as again:
            self.server.failed(again, self.options.patience_s)
            raise
        except ServerUnavailable as error:
            self.server.give_up(str(error))
            raise
        except (CallRefused, CallFailed):
            self.server.succeeded()
            raise
        self.server.succeeded()
        return replace(answer, server=await self.server.version(self.session, answer.server))

    async def _once(self) -> Answer:
        """As `attempt`; the connection's errors become ours."""
        begun, asked_at = time.monotonic(), int(time.time())
        timeout_s = max(0.0, min(self.options.timeout_s, self.until - begun))
        try:
            async with asyncio.timeout(timeout_s):
                status, headers, data = await post(self.session, self.server.url, self.body, self.key)
        except TimeoutError:
            raise Again(f"no whole answer in {timeout_s:.3g} s") from None
        except aiohttp.InvalidURL:
            raise ServerUnavailable(f"{self.server.url}: is no address of a server; mend url.") from None
        except aiohttp.ClientConnectorError as error:
            raise Again(f"can't be reached: {error}", reached=False) from None
        except (aiohttp.ClientError, OSError) as error:
            raise Again(f"the connection broke off: {type(error).__name__}: {error}") from None
        if status != 200:
            raise refusal(status, headers, data, self.options, self.key)
        return self.read(data, self.options, time.monotonic() - begun, asked_at)


def _error(state: RetryCallState) -> Again:
    assert state.outcome is not None
    error = state.outcome.exception()
    assert isinstance(error, Again)
    return error
