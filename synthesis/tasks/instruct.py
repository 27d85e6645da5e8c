"""Have a model write the request that either side of a change could answer, in one of five styles."""

from dataclasses import dataclass

from pydantic import BaseModel, Field

from schemas.errors import ConfigError
from schemas.provenance import seeded
from synthesis.calls import Caller
from synthesis.tasks import asking
from synthesis.tasks.asking import Asked
from synthesis.tasks.hints import InstructionLeaks, ask_unhinted

VERSION = "1"


class Instruction(BaseModel):
    """A request.

    Attributes:
        text: as a person would put it.
    """

    text: str = Field(max_length=2_000)


@dataclass(frozen=True, slots=True)
class Style:
    """Where a request could have been read.

    Attributes:
        description: for the model.
        max_words: of the request.
    """

    description: str
    max_words: int


STYLES: dict[str, Style] = {
    "graduate_assignment": Style(
        "an assignment in a graduate course on programming: what is to be built, its interface, what is handed in", 160
    ),
    "quora": Style("a question on Quora: somebody curious asks in plain words how this would be written", 80),
    "stack_overflow": Style(
        "a question on Stack Overflow: the situation, what is needed with its inputs and outputs, and the question", 140
    ),
    "search_query": Style("a query that a programmer types into a search engine: key words, no sentence", 16),
    "contest": Style("a problem of a programming contest: a short story or setting, input, output, limits", 180),
}  # fmt: skip
"""Styles of requests (paper, section on commit preferences), by name."""


def draw_style(seed: int, record: str) -> str:
    """The style that `instruct` takes for this record where it is given none."""
    return seeded(seed, "instruct/style", record).choice(list(STYLES))


async def instruct(
    caller: Caller, model: str, *, language: str, before: str, after: str, criterion: str, style: str | None, seed: int,
    record: str,
) -> Asked[Instruction]:  # fmt: skip
    """A request that leads to `before` and to `after` alike.

    Args:
        caller: answers the calls.
        model: as its server knows it.
        language: released spelling.
        before: the older side.
        after: the newer side.
        criterion: key of the criterion that the pair will be of; its words are hints.
        style: one of `STYLES`; None to draw it.
        seed: of the run.
        record: id of the candidate.

    Raises:
        ConfigError: no such style.
        InstructionLeaks: it hints at one side or at a quality in every attempt.
        AnswerUnusable: no request, also after mending.
        CallRefused, CallFailed, ServerUnavailable: as the caller raises them.
    """
    name = style if style is not None else draw_style(seed, record)
    if name not in STYLES:
        raise ConfigError(f"style {name!r}: there are {', '.join(STYLES)}.")
    return await ask_unhinted(
        caller, "instruct", model, Instruction, lambda value: value.text, sides=(before, after), criterion=criterion,
        max_words=STYLES[name].max_words, seed=seed, record=record, language=language, style=STYLES[name].description,
    )  # fmt: skip


def read(text: str) -> Instruction:
    """The value in a stored answer's text; AnswerUnusable where there is none."""
    return asking.read(Instruction, text)


__all__ = ["STYLES", "VERSION", "Instruction", "InstructionLeaks", "Style", "draw_style", "instruct", "read"]
