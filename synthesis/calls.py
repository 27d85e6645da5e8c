"""One call of a language model: what is asked, what came back, and what can go wrong.

A call is keyed by everything that its answer depends on, so that the ledger can give it again: model, messages,
sampling with its seed, and the answer's schema. Every vote is a call of its own, with a seed of its own.
"""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from schemas.errors import ThemisError
from schemas.provenance import content_id


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a model's answer is drawn.

    Attributes:
        temperature: 0 is greedy.
        top_p: nucleus, above 0 to 1.
        max_tokens: of the answer.
        seed: of the draw.
    """

    temperature: float
    top_p: float
    max_tokens: int
    seed: int


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked.

    Attributes:
        task: name of the task, such as `judge`; part of the record, not of the key.
        record: id of the candidate or pair that it is asked for; not part of the key.
        model: name of the model as its server knows it.
        messages: (role, content), in order.
        sampling: how the answer is drawn.
        schema: JSON schema that the answer is held to, as JSON text; None for free text.
    """

    task: str
    record: str
    model: str
    messages: tuple[tuple[str, str], ...]
    sampling: Sampling
    schema: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """The body of `POST /chat/completions`, from which also the key follows."""
        s = self.sampling
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": role, "content": content} for role, content in self.messages],
            "temperature": s.temperature,
            "top_p": s.top_p,
            "max_tokens": s.max_tokens,
            "seed": s.seed,
        }
        if self.schema is not None:
            schema = {"name": "answer", "schema": json.loads(self.schema), "strict": True}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body

    @property
    def canonical(self) -> str:
        """The body as JSON text in one form: what is keyed, sent and stored.

        The schema's properties stay in their order, for a server that holds answers to a schema asks for them in it.
        """
        return json.dumps(self.body, ensure_ascii=False)

    @property
    def key(self) -> str:
        """sha256 over the canonical body."""
        return key_of(self.canonical)


def key_of(canonical: str) -> str:
    """Key of the call whose canonical body is `canonical`."""
    return content_id("call", canonical)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model said.

    Attributes:
        text: the message's content.
        finish: `stop`, or `length` where the answer was cut.
        prompt_tokens: as the server counted.
        completion_tokens: likewise.
        seconds: from sending to the whole answer.
        served_model: the model's name in the answer.
        server: the server's own version or fingerprint; empty where it says none.
        asked_at: Unix seconds.
    """

    text: str
    finish: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float
    served_model: str
    server: str
    asked_at: int


class Caller(Protocol):
    """What answers calls: a client with a ledger, or, in a test, something simpler."""

    async def ask(self, request: Request) -> Answer:
        """The answer, from the ledger where it is there; stored there before it is returned.

        Raises:
            CallRefused: the server refuses this one call, for a reason that asking again won't change.
            CallFailed: this one call got no usable answer in its time.
            ServerUnavailable: no call is answered any more; the run should stop, to go on later.
        """
        ...


class CallRefused(ThemisError):
    """A call that the server refuses for its content, such as a prompt longer than the model's window.

    Attributes:
        reason: snake_case, for the dropped row: `context_too_long` or `request_refused`.
    """

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class CallFailed(ThemisError):
    """A call without a usable answer after its retries; its record goes to the dead letters."""


class AnswerUnusable(CallFailed):
    """An answer that is not what was asked for, also after one request to mend it."""


class ServerUnavailable(ThemisError):
    """The model server does not answer, or serves another model: what is done is safe, and the run stops here."""


class LedgerUnusable(ThemisError):
    """The ledger's file is damaged, another program's, or can't be written; nothing in it was changed."""

    exit_code = 2
