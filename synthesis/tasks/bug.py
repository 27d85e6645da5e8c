"""Have a model put one bug into working code: the side that loses by functional correctness."""

from schemas.criteria import CRITERIA
from synthesis.calls import Caller
from synthesis.tasks import asking, rewriting
from synthesis.tasks.asking import Asked
from synthesis.tasks.rewriting import Rewritten, Rules

VERSION = "1"
RULES = Rules(max_share=0.2)


async def bug(
    caller: Caller, model: str, *, language: str, code: str, prompt: str, seed: int, record: str
) -> Asked[Rewritten]:
    """`code` with one bug that gives a wrong result for some ordinary input.

    Args:
        caller: answers the calls.
        model: as its server knows it.
        language: released spelling.
        code: one function, or an excerpt.
        prompt: the request that it answers.
        seed: of the run.
        record: id of the candidate.

    Raises:
        ParseRefused, CallRefused, AnswerUnusable, CallFailed, ServerUnavailable: see `rewriting.rewrite`.
    """
    aspect = CRITERIA["functional_correctness"]
    return await rewriting.rewrite(
        caller, "bug", model, RULES, language=language, code=code, prompt=prompt, seed=seed, record=record,
        aspect=aspect,
    )  # fmt: skip


def read(text: str) -> Rewritten:
    """The value in a stored answer's text; AnswerUnusable where there is none."""
    return asking.read(Rewritten, text)
