"""From a task's template and texts to a request, and from a model's answer to a value that was checked.

Texts of others go in between lines that bear a tag drawn for this request, so no text can end its own quotation.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Generic, TypeVar

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import BaseModel, ValidationError

from synthesis.calls import Answer, AnswerUnusable, Caller, CallRefused, Request, Sampling

T = TypeVar("T", bound=BaseModel)

MAX_SHOWN_CHARS = 4_000
"""Of a bad answer, when the model is asked to mend it."""

CONTROL_MARK = re.compile(
    r"<(?=[|｜][^<>\n]{1,40}[|｜]>)|<(?=/?(?:s|bos|eos|start_of_turn|end_of_turn)>)|\[(?=/?INST\])"
)
"""Where a text holds what a chat template would read as the start or the end of a message."""

_KEYWORDS = ("type", "enum", "minimum", "maximum", "maxLength")
_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """A usable answer.

    Attributes:
        value: what the model said.
        keys: of the calls made for it, the usable one last.
    """

    value: T
    keys: tuple[str, ...]


def schema(form: type[BaseModel]) -> str:
    """JSON schema of a flat form as canonical text, in the few words that every structured-output engine knows.

    The properties keep the form's order, since a model writes them in that order: what it should think first is first.

    Raises:
        TypeError: a field is not a plain string, number, truth value or choice.
    """
    properties: dict[str, dict[str, Any]] = {}
    for name, field in form.model_json_schema()["properties"].items():
        if field.get("type") not in ("string", "integer", "number", "boolean"):
            raise TypeError(f"{form.__name__}.{name}: a form's field is a string, a number, a truth value or a choice")
        properties[name] = {word: field[word] for word in _KEYWORDS if word in field}
    text = {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
    return json.dumps(text, ensure_ascii=False)


def read(form: type[T], text: str) -> T:
    """The value that an answer's text holds: a JSON object, bare or in a code fence.

    Raises:
        AnswerUnusable: the text is no such object; the message says where it is amiss.
    """
    try:
        return form.model_validate_json(_unfenced(text))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the whole answer"
        raise AnswerUnusable(f"{place}: {first['msg']}") from None


def _unfenced(text: str) -> str:
    bare = text.strip()
    opening, closing = bare.find("```"), bare.rfind("```")
    if bare.startswith("{") or opening == closing:
        return bare
    inner = bare[opening + 3 : closing]
    return inner[max(0, inner.find("{")) :]


async def ask(
    caller: Caller, request: Request, form: type[T], check: Callable[[T], str | None] | None = None
) -> Asked[T]:
    """Ask for a `form`; a bad answer is shown to the model once, with what is wrong with it.

    Args:
        caller: answers the calls.
        request: what is asked; its schema is set here.
        form: what the answer must be.
        check: what is wrong with a value, in words for the model; None for nothing.

    Raises:
        AnswerUnusable: the mended answer is no good either, or mending did not fit into the model's window.
        CallRefused, CallFailed, ServerUnavailable: as the caller raises them.
    """
    request = replace(request, schema=schema(form))
    answer = await caller.ask(request)
    value, wrong = _judged(answer, form, check)
    if value is not None:
        return Asked(value, (request.key,))
    mended = _mending(request, answer, wrong)
    try:
        answer = await caller.ask(mended)
    except CallRefused as error:
        raise AnswerUnusable(
            f"{request.task} of {request.model}, call {request.key}: {wrong}; mending was refused: {error}"
        ) from error
    value, wrong = _judged(answer, form, check)
    if value is None:
        raise AnswerUnusable(f"{request.task} of {request.model}, call {mended.key}, after mending: {wrong}")
    return Asked(value, (request.key, mended.key))


def _judged(answer: Answer, form: type[T], check: Callable[[T], str | None] | None) -> tuple[T | None, str]:
    """The value and nothing, or nothing and what is wrong."""
    try:
        value = read(form, answer.text)
    except AnswerUnusable as error:
        cut = "the answer was cut at its allowed length; be shorter. " if answer.finish == "length" else ""
        return None, f"{cut}{error}"
    wrong = check(value) if check is not None else None
    return (value, "") if wrong is None else (None, wrong)


def _mending(request: Request, answer: Answer, wrong: str) -> Request:
    shown = answer.text[:MAX_SHOWN_CHARS] or "(nothing)"
    plea = f"That answer can't be used: {wrong}\nAnswer again, whole, with one JSON object and nothing else."
    sampling = replace(request.sampling, seed=(request.sampling.seed + 1) % _SEEDS)
    return replace(request, messages=(*request.messages, ("assistant", shown), ("user", plea)), sampling=sampling)


def draw_sampling(rng: Random, temperature: float, top_p: float, max_tokens: int) -> Sampling:
    """Sampling with a seed drawn from the record's random source."""
    return Sampling(temperature=temperature, top_p=top_p, max_tokens=max_tokens, seed=rng.randrange(_SEEDS))


def fenced(rng: Random, texts: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """A tag that occurs in none of the texts, and each text between lines that bear its name and the tag.

    What a chat template would read as the bounds of a message is broken up by a space.

    Args:
        rng: the record's.
        texts: name, such as `code`, to text.
    """
    shown = {name: CONTROL_MARK.sub(lambda mark: f"{mark[0]} ", text) for name, text in texts.items()}
    tag = f"{rng.getrandbits(64):016x}"
    while any(tag in text for text in shown.values()):
        tag = f"{rng.getrandbits(64):016x}"
    return tag, {name: f"[{name} {tag}]\n{text}\n[end of {name} {tag}]" for name, text in shown.items()}


def messages(template: str, rng: Random, texts: Mapping[str, str], **values: object) -> tuple[tuple[str, str], ...]:
    """The system and the user message of a task.

    Args:
        template: name of a file in `synthesis/prompts`, with the blocks `system` and `user`.
        rng: the record's, for the tag.
        texts: of others; each is fenced, and known to the template by its name.
        values: what else the template wants.
    """
    tag, wrapped = fenced(rng, texts)
    found = _environment().get_template(template)
    context = found.new_context({**values, **wrapped, "tag": tag})
    return tuple((role, "".join(found.blocks[role](context)).strip()) for role in ("system", "user"))


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(Path(__file__).parent.parent / "prompts")
    prompts = Environment(loader=loader, undefined=StrictUndefined, autoescape=False)  # noqa: S701
    prompts.trim_blocks = prompts.lstrip_blocks = True
    return prompts
