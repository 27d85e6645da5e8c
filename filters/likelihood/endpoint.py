"""Perplexity by a model on an OpenAI-compatible server that tells a prompt's log-probabilities, such as vLLM's."""

import json
import math
import os
from functools import cache, lru_cache
from typing import Any

import httpx2
from pydantic import Field
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from schemas.config import Options
from schemas.errors import ConfigError, SourceUnavailable

MAX_BYTES = 32_000_000
"""Of an answer."""

CACHED = 1024
"""Prompts whose perplexity is remembered in a process: a prompt often has several pairs."""

_AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504})
_CONFIGURED = frozenset({401, 403, 404, 405})


class EndpointOptions(Options):
    """The server and its model.

    Attributes:
        model: its name on the server; a base model's perplexity says more than an instructed one's.
        url: of the server's API, up to and with `/v1`; without user name and password, which `api_key_env` is for.
        api_key_env: environment variable that holds the key; the key itself is written nowhere.
        timeout_s: of each step of an attempt: connecting, sending, waiting for the next bytes.
        attempts: of one call.
        max_pause_s: between attempts; random, growing up to it.
    """

    model: str = Field(min_length=1)
    url: str = Field(default="http://127.0.0.1:8000/v1", pattern=r"^https?://[^@\s?#]+$")
    api_key_env: str | None = None
    timeout_s: float = Field(default=60.0, gt=0)
    attempts: int = Field(default=6, ge=1)
    max_pause_s: float = Field(default=20.0, ge=0)


class Again(Exception):
    """An attempt failed in a way that may go better the next time."""


@lru_cache(maxsize=CACHED)
def token_perplexity(options: EndpointOptions, text: str) -> float:
    """Of `text`: e to the power of minus the mean of the log-probabilities of its tokens but the first.

    The server is asked for one token with `echo` and `logprobs` (`/completions`), which vLLM answers with those of
    the prompt. Lone surrogates are sent as U+FFFD.

    Raises:
        ConfigError: the key is not set, or the server knows neither the key, the path nor the model.
        SourceUnavailable: no usable answer after all attempts.
    """
    body = {
        "model": options.model,
        "prompt": text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
        "max_tokens": 1,
        "temperature": 0,
        "echo": True,
        "logprobs": 1,
    }
    retrying = Retrying(
        retry=retry_if_exception_type((Again, httpx2.TransportError)),
        wait=wait_random_exponential(multiplier=0.5, max=options.max_pause_s),
        stop=stop_after_attempt(options.attempts),
        reraise=True,
    )
    try:
        data = retrying(_asked, options, body)
    except (Again, httpx2.HTTPError) as error:
        message = (
            f"perplexity: endpoint: {options.url}: no usable answer in {options.attempts} attempts, last: {error}."
        )
        raise SourceUnavailable(f"{message} Start the server or mend url.") from None
    tokens = _prompt_log_probabilities(data, options)
    return math.exp(min(-math.fsum(tokens) / len(tokens), 700.0))


def _asked(options: EndpointOptions, body: dict[str, Any]) -> Any:
    """The answer's JSON.

    Raises:
        Again, httpx2.TransportError: it may go better the next time.
        ConfigError, SourceUnavailable: it won't.
    """
    headers = {} if options.api_key_env is None else {"Authorization": f"Bearer {_key(options.api_key_env)}"}
    url = options.url.rstrip("/") + "/completions"
    with _client(options.timeout_s).stream("POST", url, json=body, headers=headers) as response:
        data = bytearray()
        for part in response.iter_bytes():
            data += part
            if len(data) > MAX_BYTES:
                raise SourceUnavailable(f"perplexity: endpoint: {url}: the answer is longer than {MAX_BYTES} bytes.")
    status, said = response.status_code, data[:300].decode("utf-8", "replace")
    if status in _AGAIN:
        raise Again(f"status {status}: {said}")
    if status in _CONFIGURED:
        raise ConfigError(f"perplexity: endpoint: {url}: status {status}: {said}. Mend url, model or api_key_env.")
    if status != httpx2.codes.OK:
        raise SourceUnavailable(f"perplexity: endpoint: {url}: status {status}: {said}")
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise Again(f"the answer is no JSON: {error}") from None


def _prompt_log_probabilities(data: Any, options: EndpointOptions) -> list[float]:
    """Of the prompt's tokens: of those echoed, not the first, which has none, nor those that were generated."""
    try:
        echoed = data["choices"][0]["logprobs"]["token_logprobs"]
        values = [float(value) for value in echoed[1 : data["usage"]["prompt_tokens"]]]
    except (KeyError, IndexError, TypeError, ValueError):
        values = []
    if not values or not all(value <= 0 for value in values):
        raise SourceUnavailable(
            f"perplexity: endpoint: {options.url}: model {options.model!r}: no log-probabilities of the prompt in the "
            "answer; the server must support `echo` with `logprobs` in /completions, as vLLM does."
        )
    return values


def _key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not key or not key.isascii() or not key.isprintable():
        state = "holds other than plain characters" if key else "is not set"
        raise ConfigError(f"perplexity: endpoint: api_key_env: the environment variable {variable} {state}.")
    return key


@cache
def _client(timeout_s: float) -> httpx2.Client:
    """One client a process: it keeps connections."""
    return httpx2.Client(timeout=timeout_s, follow_redirects=False)
