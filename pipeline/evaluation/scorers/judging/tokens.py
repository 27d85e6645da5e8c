"""Calls that ask for the log-probabilities of tokens, and what comes back.

The synthesis's client keeps an answer's text alone. For these calls the text that is stored is the JSON form of
`Reply`, tokens included, so that the ledger gives them again.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from synthesis.calls import Answer, CallFailed, Request
from synthesis.client import Client, Read
from synthesis.models import ModelOptions
from synthesis.responses import read_answer

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

    def reader(self, request: Request) -> Read:
        """See `Client.reader`."""
        return _read if isinstance(request, JudgeRequest) and request.wants_tokens else super().reader(request)


def _read(data: bytes, options: ModelOptions, seconds: float, asked_at: int) -> Answer:
    """As `read_answer`, with the tokens."""
    return with_tokens(read_answer(data, options, seconds, asked_at), data, options)


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
