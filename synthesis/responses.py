"""What a server's response to one call means: an answer, a refusal, or a reason to ask again. No network here."""

import email.utils
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from synthesis.calls import Answer, CallFailed, CallRefused, ServerUnavailable
from synthesis.models import ModelOptions

MAX_BYTES = 4 * 2**20
"""Of a response's body; a longer one is not read to its end."""

_TOO_LONG = re.compile(
    r"context[ _-]?(length|window|size)|model length|max_model_len|(prompt|input) is too long|max_new_tokens",
    re.IGNORECASE,
)
_SURROGATE = re.compile("[\ud800-\udfff]")


class Again(Exception):
    """An attempt without an answer, which may go better the next time.

    Attributes:
        reached: whether the server took the request at all.
        busy: whether it only asks for patience (429).
        retry_after_s: the pause that it asks for, if it does.
    """

    def __init__(
        self, what: str, *, reached: bool = True, busy: bool = False, retry_after_s: float | None = None
    ) -> None:
        super().__init__(what)
        self.reached = reached
        self.busy = busy
        self.retry_after_s = retry_after_s


def read_answer(data: bytes, options: ModelOptions, seconds: float, asked_at: int) -> Answer:
    """The answer in a body of status 200; `server` is the fingerprint in it, or empty.

    Raises:
        Again: the body is not JSON, as when it was cut.
        ServerUnavailable: another model answered.
        CallFailed: it is JSON without an answer in it.
    """
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise Again(f"status 200 with a body of {len(data)} bytes that is not JSON") from None
    if not isinstance(body, dict):
        raise CallFailed(_lacks(options, "is no object"))
    served = body.get("model")
    if served != options.served:
        raise ServerUnavailable(
            f"{options.url}: was asked for model {options.served!r} and answered as {str(served)[:200]!r}. "
            f"Serve the right one, or set model of {options.name!r} to that name."
        )
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        raise CallFailed(_lacks(options, "has no choices"))
    message = choices[0].get("message") if isinstance(choices[0], dict) else None
    text = message.get("content") if isinstance(message, dict) else None
    if not isinstance(text, str):
        raise CallFailed(_lacks(options, "has no text in choices[0].message.content"))
    usage = body.get("usage") if isinstance(body.get("usage"), dict) else {}
    return Answer(
        text=_SURROGATE.sub("\ufffd", text),
        finish=_short(choices[0].get("finish_reason")),
        prompt_tokens=_count(usage, "prompt_tokens"),
        completion_tokens=_count(usage, "completion_tokens"),
        seconds=seconds,
        served_model=served,
        server=_short(body.get("system_fingerprint")),
        asked_at=asked_at,
    )


def refusal(status: int, headers: Mapping[str, str], data: bytes, options: ModelOptions, key: str | None) -> Exception:
    """What to raise for a response that is not of status 200; its text never holds `key`."""
    said = _said(data, key)
    where = f"{options.url}: status {status} for model {options.served!r}"
    if status in (408, 425, 429) or status >= 500:
        pause = retry_after(headers.get("Retry-After"), time.time())
        return Again(f"status {status}: {said}", busy=status == 429, retry_after_s=pause)
    if status in (401, 403):
        named = f"the key in {options.api_key_env} is not accepted" if options.api_key_env else "no key was sent"
        return ServerUnavailable(
            f"{where}: {named}. Set api_key_env of {options.name!r} to a variable with a valid key."
        )
    if status in (404, 405) or status < 400:
        return ServerUnavailable(
            f"{where}: {said}. Set model of {options.name!r} to a name that {options.url}/models lists, and url to the "
            "API's address, which mostly ends in /v1."
        )
    reason = "context_too_long" if _TOO_LONG.search(said) else "request_refused"
    return CallRefused(reason, f"{options.served}: status {status}: {said}")


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds that a `Retry-After` header asks for (RFC 9110, 10.2.3: seconds or a date); None for none or nonsense."""
    if value is None:
        return None
    if re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", value):
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (ValueError, OverflowError):
        return None


def _said(data: bytes, key: str | None) -> str:
    """What an error's body says, in one line of at most 400 characters."""
    text = data[:MAX_BYTES].decode("utf-8", "replace")
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        body = None
    if isinstance(body, dict):
        inner: dict[str, Any] = body["error"] if isinstance(body.get("error"), dict) else body
        text = next((inner[name] for name in ("message", "detail", "error") if isinstance(inner.get(name), str)), text)
    if key:
        text = text.replace(key, "***")
    return " ".join(_SURROGATE.sub("\ufffd", text).split())[:400] or "no text"


def _lacks(options: ModelOptions, what: str) -> str:
    return f"{options.url}: the answer of {options.served!r} {what}. Is it an OpenAI-compatible chat server?"


def _count(usage: Any, name: str) -> int:
    value = usage.get(name)
    return value if isinstance(value, int) and 0 <= value < 2**53 else 0


def _short(value: Any) -> str:
    return _SURROGATE.sub("\ufffd", value[:200]) if isinstance(value, str) else ""
