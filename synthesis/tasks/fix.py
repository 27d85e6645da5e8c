"""Have a model better weak code by one criterion, so that the side that wins is a model's too."""

from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError
from synthesis.calls import Caller
from synthesis.tasks import asking, rewriting
from synthesis.tasks.asking import Asked
from synthesis.tasks.rewriting import Rewritten, Rules

VERSION = "1"
RULES = Rules(max_share=0.6, same_interface=False)
READABILITY_RULES = Rules(max_share=0.75, same_interface=False, words_count=True)


async def fix(
    caller: Caller, model: str, *, language: str, code: str, prompt: str, criterion: str, seed: int, record: str
) -> Asked[Rewritten]:
    """`code` made better by `criterion`; its name stays, its signature may change.

    Args:
        caller: answers the calls.
        model: as its server knows it.
        language: released spelling.
        code: one weak function, or an excerpt.
        prompt: the request that it answers.
        criterion: key of a code criterion.
        seed: of the run.
        record: id of the candidate.

    Raises:
        ConfigError: no such criterion.
        ParseRefused, CallRefused, AnswerUnusable, CallFailed, ServerUnavailable: see `rewriting.rewrite`.
    """
    if criterion not in CODE_CRITERIA:
        raise ConfigError(f"criterion {criterion!r}: code is bettered by one of {', '.join(CODE_CRITERIA)}.")
    rules = READABILITY_RULES if criterion == "readability_maintainability" else RULES
    return await rewriting.rewrite(
        caller, "fix", model, rules, language=language, code=code, prompt=prompt, seed=seed, record=record,
        aspect=CODE_CRITERIA[criterion],
    )  # fmt: skip


def read(text: str) -> Rewritten:
    """The value in a stored answer's text; AnswerUnusable where there is none."""
    return asking.read(Rewritten, text)
