"""Have a model write the statement of the problem that two solutions answer."""

from pydantic import BaseModel, Field

from synthesis.calls import Caller
from synthesis.tasks import asking
from synthesis.tasks.asking import Asked
from synthesis.tasks.hints import ask_unhinted

VERSION = "1"
MAX_WORDS = 220


class Problem(BaseModel):
    """A problem.

    Attributes:
        statement: what is to be done, with input, output and limits.
    """

    statement: str = Field(max_length=2_000)


async def recover(
    caller: Caller, model: str, *, language: str, solutions: tuple[str, str], seed: int, record: str
) -> Asked[Problem]:
    """The problem that both `solutions` answer, without a hint at either.

    Args:
        caller: answers the calls.
        model: as its server knows it.
        language: released spelling.
        solutions: two programs; their order does not matter to the answer's quality, but is part of the record.
        seed: of the run.
        record: id of the pair.

    Raises:
        InstructionLeaks: the statement hints at one solution or at a quality in every attempt.
        AnswerUnusable: no statement, also after mending.
        CallRefused, CallFailed, ServerUnavailable: as the caller raises them.
    """
    return await ask_unhinted(
        caller, "recover", model, Problem, lambda value: value.statement, sides=solutions, criterion=None,
        max_words=MAX_WORDS, seed=seed, record=record, language=language,
    )  # fmt: skip


def read(text: str) -> Problem:
    """The value in a stored answer's text; AnswerUnusable where there is none."""
    return asking.read(Problem, text)
