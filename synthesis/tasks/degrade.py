"""Have a model make code worse by one criterion of quality while it still does the same for honest input."""

from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError
from synthesis.calls import Caller
from synthesis.tasks import asking, rewriting
from synthesis.tasks.asking import Asked
from synthesis.tasks.rewriting import Rewritten, Rules

VERSION = "1"
RULES = Rules(max_share=0.35)
READABILITY_RULES = Rules(max_share=0.6, words_count=True)
"""Names and comments are what it is about."""


async def degrade(
    caller: Caller, model: str, *, language: str, code: str, prompt: str, criterion: str, seed: int, record: str
) -> Asked[Rewritten]:
    """`code` made worse by `criterion`.

    Args:
        caller: answers the calls.
        model: as its server knows it.
        language: released spelling.
        code: one function, or an excerpt.
        prompt: the request that it answers.
        criterion: key of a code criterion; functional correctness is the task `bug`.
        seed: of the run.
        record: id of the candidate.

    Raises:
        ConfigError: no such criterion here.
        ParseRefused, CallRefused, AnswerUnusable, CallFailed, ServerUnavailable: see `rewriting.rewrite`.
    """
    if criterion not in CODE_CRITERIA or criterion == "functional_correctness":
        others = ", ".join(key for key in CODE_CRITERIA if key != "functional_correctness")
        raise ConfigError(f"criterion {criterion!r}: code is degraded by one of {others}; the task `bug` is for bugs.")
    rules = READABILITY_RULES if criterion == "readability_maintainability" else RULES
    return await rewriting.rewrite(
        caller, "degrade", model, rules, language=language, code=code, prompt=prompt, seed=seed, record=record,
        aspect=CODE_CRITERIA[criterion],
    )  # fmt: skip


def read(text: str) -> Rewritten:
    """The value in a stored answer's text; AnswerUnusable where there is none."""
    return asking.read(Rewritten, text)
