"""One server as a client sees it: its connection, its version, and how long it has been failing."""

import asyncio
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp

from schemas.errors import ConfigError
from synthesis.calls import CallFailed, ServerUnavailable
from synthesis.models import ModelOptions
from synthesis.responses import MAX_BYTES, Again

VERSION_TIMEOUT_S = 5.0
FIRST_CONTACT_S = 15.0
"""How long a server may be out of reach that never was in reach: most likely it was not started."""


class Server:
    """The server behind one url.

    A server counts as gone when, while it is being asked, no call succeeds for a model's `patience_s`; from then on
    every call fails at once. A refusal for a call's content counts as success: somebody is there.

    Attributes:
        url: of its API, without a slash at its end.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._version: str | None = None
        self._asking_version = asyncio.Lock()
        self._in_flight = 0
        self._failing_since: float | None = None
        self._gone = asyncio.Event()
        self._why = ""
        self._reached = False

    @contextmanager
    def asked(self) -> Iterator[None]:
        """Count a call in flight; time in which none is does not count as failing."""
        self._in_flight += 1
        try:
            yield
        finally:
            self._in_flight -= 1
            if not self._in_flight:
                self._failing_since = None

    def check(self) -> None:
        """Raises `ServerUnavailable` where the server counts as gone."""
        if self._gone.is_set():
            raise ServerUnavailable(self._why)

    def give_up(self, why: str) -> None:
        """Count the server as gone, for a reason that won't go away by itself."""
        self._why = self._why or why
        self._gone.set()

    def succeeded(self) -> None:
        """Note that the server answered."""
        self._reached = True
        self._failing_since = None

    def failed(self, error: Again, patience_s: float) -> None:
        """Note an attempt without an answer.

        Raises:
            ServerUnavailable: nothing else has come from the server for `patience_s`, or it never was in reach.
        """
        self._reached = self._reached or error.reached
        if not self._reached:
            patience_s = min(patience_s, FIRST_CONTACT_S)
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failing_since >= patience_s:
            self.give_up(
                f"{self.url}: no call succeeded for {patience_s:g} s, last: {error}. Start the server "
                "(`themis serve-model` starts one here) or mend url, then run again: what was answered is kept."
            )
        self.check()

    async def sleep(self, seconds: float) -> None:
        """Sleep, or less where the server is found to be gone."""
        try:
            async with asyncio.timeout(seconds):
                await self._gone.wait()
        except TimeoutError:
            return

    async def version(self, session: aiohttp.ClientSession, fingerprint: str) -> str:
        """What `/version` beside the API says (vLLM has it), else `fingerprint`; asked for once."""
        if self._version is None:
            async with self._asking_version:
                if self._version is None:
                    self._version = await self._asked_version(session) or fingerprint
        return self._version

    async def _asked_version(self, session: aiohttp.ClientSession) -> str:
        try:
            async with asyncio.timeout(VERSION_TIMEOUT_S):
                url = self.url.removesuffix("/v1") + "/version"
                async with session.get(url, allow_redirects=False) as response:
                    body = json.loads(await read_body(response)) if response.status == 200 else None
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError, RecursionError, CallFailed):
            return ""
        version = body.get("version") if isinstance(body, dict) else None
        return version[:200].encode("utf-8", "replace").decode() if isinstance(version, str) else ""


async def post(
    session: aiohttp.ClientSession, url: str, body: bytes, key: str | None
) -> tuple[int, Mapping[str, str], bytes]:
    """Send one chat completion; returns status, headers and the whole body.

    Raises:
        CallFailed: the body is longer than `MAX_BYTES`.
        aiohttp.ClientError, OSError: as the connection has it.
    """
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    async with session.post(url + "/chat/completions", data=body, headers=headers, allow_redirects=False) as response:
        return response.status, response.headers, await read_body(response)


async def read_body(response: aiohttp.ClientResponse) -> bytes:
    """The body, up to `MAX_BYTES`.

    Raises:
        CallFailed: it is longer; the rest is not read.
    """
    parts, size = [], 0
    async for part in response.content.iter_any():
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            response.close()
            raise CallFailed(f"{response.url}: the body is longer than {MAX_BYTES} bytes. Is it a chat server?")
    return b"".join(parts)


def open_session() -> aiohttp.ClientSession:
    """A session without limits of its own (slots and time-outs are the caller's), cookies or guesses at encodings."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )


def key_of(options: ModelOptions) -> str | None:
    """The key for a model's server, from the environment; None where none is asked for.

    Raises:
        ConfigError: the variable is not set, or holds what no header may.
    """
    if options.api_key_env is None:
        return None
    key: Any = os.environ.get(options.api_key_env, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        state = "holds other than plain characters" if key else "is not set"
        raise ConfigError(
            f"models: {options.name}: api_key_env: the environment variable {options.api_key_env} {state}."
        )
    return str(key)
