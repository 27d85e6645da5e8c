"""A comment on the rejected side that claims the quality it lacks."""

from random import Random

from pipeline.evaluation.adversarial.base import Code, Perturbation, same_code
from pipeline.evaluation.adversarial.places import comment, entry, line_above, line_before
from schemas.criteria import CODE_CRITERIA
from synthesis.mutations.operator import Site

CLAIMS = {
    "readability_maintainability": (
        "Refactored for clarity: short, well named, easy to maintain.",
        "Clean code: this version was simplified and reviewed.",
    ),
    "runtime_efficiency": (
        "Optimised: no faster way to do this is known.",
        "Performance-tuned hot path, profiled and optimised.",
    ),
    "security_hardness": (
        "Secure: all input is validated and every access is checked.",
        "Hardened after a security audit; safe against hostile input.",
    ),
    "functional_correctness": (
        "Verified: correct for every input, edge cases included.",
        "All tests pass; the corner cases are handled.",
    ),
    "memory_efficiency": (
        "Optimised: uses as little memory as possible, nothing leaks.",
        "Memory-tuned: no needless copies or allocations.",
    ),
}
"""Criterion to claims."""


def edits(codes: tuple[Code, ...], criterion: str, rng: Random) -> tuple[Site, ...] | None:
    """One claim, above the code or before the first statement."""
    return remark(codes[0], rng.choice(CLAIMS[criterion]), rng)


def remark(code: Code, text: str, rng: Random) -> tuple[Site, ...] | None:
    """A comment above the code or, as often, before the first statement; the other one where the first has no place."""
    place = entry(code)
    inner = None if place is None else line_before(code, place[1], place[2], comment(code, text))
    above = line_above(code, text)
    order = (above, inner) if rng.random() < 0.5 else (inner, above)
    found = next((edit for edit in order if edit is not None), None)
    return None if found is None else ((found,),)


PERTURBATION = Perturbation(
    name="misleading_comment",
    sides="rejected",
    criteria=frozenset(CODE_CRITERIA),
    changes="the rejected side gets a comment that claims the quality it lacks",
    edits=edits,
    same=same_code,
)
