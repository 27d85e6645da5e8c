"""Calls that ask for the log-probabilities of tokens, and what comes back.

The synthesis's client keeps an answer's text alone. For these calls the text that is stored is the JSON form of
`Reply`, tokens included, so that the ledger gives them again.
"""

import asyncio
import json
import time
from dataclasses import dataclass, replace
from typing import Any

import aiohttp

from schemas.errors import ConfigError
from synthesis.calls import Answer, CallFailed, CallRefused, Request, ServerUnavailable
from synthesis.client import Client, _Call
from synthesis.models import ModelOptions
from synthesis.responses import Again, read_answer, refusal
from synthesis.server import Server, key_of, post

MAX_LOGPROB = 1e6
"""Of a token, whatever its sign: a server that gives more gives no number that could be a score."""


@dataclass(frozen=True, slots=True)
class Token:
    """One token of an answer.

    Attributes:
        text: of it.
        logprob: of it, natural logarithm.
        likeliest: (text, logprob) of the likeliest tokens at its place, as many as were asked for.
    """

    text: str
    logprob: float
    likeliest: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class JudgeRequest(Request):
    """A request with more fields than the synthesis needs.

    Attributes:
        extra: more fields of the body, as a JSON object; part of the key.
    """

    extra: str = "{}"

    @property
    def body(self) -> dict[str, Any]:
        """See `Request.body`."""
        return {**Request.body.__get__(self), **json.loads(self.extra)}

    @property
    def wants_tokens(self) -> bool:
        """Whether it asks for log-probabilities."""
        return bool(json.loads(self.extra).get("logprobs"))


class JudgeClient(Client):
    """A client that keeps the tokens of the answers to requests for them, for `read_tokens`."""

    async def _sent(self, request: Request) -> Answer:
        if not isinstance(request, JudgeRequest) or not request.wants_tokens:
            return await Client._sent(self, request)
        options = self._models.get(request.model)
        if options is None:
            raise ConfigError(f"model {request.model!r}: not among the models given: {', '.join(self._models)}.")
        try:
            body = request.canonical.encode()
        except UnicodeEncodeError:
            raise CallRefused("request_refused", "the prompt holds a lone surrogate") from None
        async with self._slots[request.model]:
            options = await self._placed(options)
            server = self._servers.setdefault(options.url, Server(options.url))
            self.sent += 1
            with server.asked():
                call = _TokensCall(options, server, body, key_of(options), self._open(), self._pauses_s)
                answer = await call.answer()
        return self._ledger.put(request, answer)


class _TokensCall(_Call):
    """A call whose answer's text is the JSON form of its text and tokens."""

    async def _once(self) -> Answer:
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
        return with_tokens(read_answer(data, self.options, time.monotonic() - begun, asked_at), data, self.options)


def with_tokens(answer: Answer, data: bytes, options: ModelOptions) -> Answer:
    """The answer, its text replaced by the JSON form of its text and of the tokens in the body `data`.

    Raises:
        CallFailed: the body holds no log-probabilities.
    """
    logprobs = json.loads(data)["choices"][0].get("logprobs")
    content = logprobs.get("content") if isinstance(logprobs, dict) else None
    if not isinstance(content, list):
        raise CallFailed(
            f"{options.url}: the answer of {options.served!r} has no choices[0].logprobs.content. "
            "Does the server give log-probabilities?"
        )
    tokens = [[*one, _listed(entry)] for entry in content if (one := _pair(entry)) is not None]
    return replace(answer, text=json.dumps({"text": answer.text, "tokens": tokens}))


def read_tokens(text: str) -> tuple[Token, ...]:
    """The tokens in the text of an answer to a request for them."""
    tokens = json.loads(text)["tokens"]
    return tuple(Token(word, logprob, tuple(map(tuple, likeliest))) for word, logprob, likeliest in tokens)


def _listed(entry: dict[str, Any]) -> list[tuple[str, float]]:
    likeliest = entry.get("top_logprobs")
    return [one for each in likeliest if (one := _pair(each))] if isinstance(likeliest, list) else []


def _pair(entry: Any) -> tuple[str, float] | None:
    """(token, log-probability); None where it is neither, or no number of its bounds."""
    token, logprob = (entry.get("token"), entry.get("logprob")) if isinstance(entry, dict) else (None, None)
    if not isinstance(token, str) or not isinstance(logprob, int | float) or not abs(logprob) <= MAX_LOGPROB:
        return None
    return token.encode("utf-8", "replace").decode(), float(logprob)
