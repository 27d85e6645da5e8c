"""Comments that say nothing, before the first and the last statement of each function."""

from random import Random

from pipeline.evaluation.adversarial.base import Code, Perturbation, same_code
from pipeline.evaluation.adversarial.places import comment, line_before, statements
from schemas.criteria import CODE_CRITERIA
from synthesis.mutations.operator import Edit, Site

FIRST = ("The work begins here.", "Start of the body.", "What the function does follows.")
LAST = ("The last step follows.", "This ends the body.", "Nothing comes after the next statement.")


def edits(codes: tuple[Code, ...], criterion: str, rng: Random) -> tuple[Site, ...] | None:
    """The same two comments on every side; None where a side has no function with statements on lines of their own."""
    first, last = rng.choice(FIRST), rng.choice(LAST)
    sites = tuple(tuple(_additions(code, first, last)) for code in codes)
    return sites if all(sites) else None


def _additions(code: Code, first: str, last: str) -> list[Edit]:
    found = []
    for function in code.functions():
        places = statements(code.syntax, function)
        found += [line_before(code, *place, comment(code, first)) for place in places[:1]]
        found += [line_before(code, *place, comment(code, last)) for place in places[1:][-1:]]
    return found


PERTURBATION = Perturbation(
    name="comments_added",
    sides="both",
    criteria=frozenset(CODE_CRITERIA) - {"readability_maintainability"},
    changes="comments that say nothing go before the first and the last statement, the same on both sides",
    edits=edits,
    same=same_code,
)
