"""Have a model rate how strongly a commit betters code by one criterion."""

from difflib import unified_diff

from pydantic import BaseModel, Field

from schemas.criteria import CRITERIA
from schemas.provenance import seeded
from synthesis.calls import Caller, Request
from synthesis.tasks import asking
from synthesis.tasks.asking import Asked, ask, draw_sampling, messages

VERSION = "1"
TEMPERATURE = 0.0
TOP_P = 1.0
MAX_TOKENS = 700
CONTEXT_LINES = 12
MAX_DIFF_CHARS = 16_000
MAX_MESSAGE_CHARS = 2_000


class Rating(BaseModel):
    """How strongly a change betters code by a criterion.

    Attributes:
        summary: what the change does.
        description: what is better or worse afterwards, and why.
        single_purpose: whether it does nothing else of weight.
        saliency: 1, nothing or worse, to 5, clear and large.
    """

    summary: str = Field(max_length=400)
    description: str = Field(max_length=800)
    single_purpose: bool
    saliency: int = Field(ge=1, le=5)


async def rate(
    caller: Caller, model: str, *, language: str, message: str, before: str, after: str, criterion: str, seed: int,
    record: str, control: str = "",
) -> Asked[Rating]:  # fmt: skip
    """The rating of the change from `before` to `after`.

    Args:
        caller: answers the calls.
        model: as its server knows it.
        language: released spelling.
        message: the commit's.
        before: the older side.
        after: the newer side.
        criterion: key of a criterion.
        seed: of the run.
        record: id of the candidate.
        control: names the request's task `rate/<control>`; for `reversed`, give the sides swapped.

    Raises:
        AnswerUnusable: no rating, also after mending.
        CallRefused, CallFailed, ServerUnavailable: as the caller raises them.
    """
    rng = seeded(seed, "rate", record)
    texts = {"message": _bounded(message.strip(), MAX_MESSAGE_CHARS), "diff": diff(before, after)}
    said = messages("rate.jinja", rng, texts, language=language, aspect=CRITERIA[criterion])
    task = f"rate/{control}" if control else "rate"
    request = Request(task, record, model, said, draw_sampling(rng, TEMPERATURE, TOP_P, MAX_TOKENS))
    return await ask(caller, request, Rating)


def diff(before: str, after: str) -> str:
    """A unified diff with some context and without file names, cut at `MAX_DIFF_CHARS` characters with a note."""
    lines = list(unified_diff(before.splitlines(), after.splitlines(), n=CONTEXT_LINES, lineterm=""))[2:]
    return _bounded("\n".join(lines), MAX_DIFF_CHARS)


def _bounded(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}\n[{len(text) - most} more characters left out]"


def read(text: str) -> Rating:
    """The value in a stored answer's text; AnswerUnusable where there is none."""
    return asking.read(Rating, text)
