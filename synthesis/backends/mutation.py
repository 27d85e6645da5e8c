"""The embedded backend: a documented function is chosen over itself with one defect, by tree-sitter, with no model."""

import json
from collections.abc import Collection
from random import Random
from typing import Literal

from pydantic import field_validator

from parsers.functions import Snippet, parse_snippet
from schemas.config import Options
from schemas.criteria import CODE_CRITERIA
from schemas.errors import CheckFailed, ParseRefused
from schemas.provenance import Step, child_id, seeded, sha256
from schemas.records import Candidate, Dropped, Pair
from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import Edit, Mutant, Operator, apply, mutant, shifted, sites
from synthesis.tasks.describe import protected_words

STAGE = "synthesize"
SOURCE_VERSION = "1"
_SITES_TRIED = 8


class MutationBackend(Options):
    """Options of the embedded backend.

    Attributes:
        kind: names the backend in the configuration.
        criteria: keys of the criteria to make pairs for.
        leave_out: operators not to use.
    """

    kind: Literal["mutation"] = "mutation"
    criteria: tuple[str, ...] = tuple(CODE_CRITERIA)
    leave_out: tuple[str, ...] = ()

    @field_validator("criteria")
    @classmethod
    def _known_criteria(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return _known("criterion", keys, OPERATORS)

    @field_validator("leave_out")
    @classmethod
    def _known_operators(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _known("operator", names, [one.name for listed in OPERATORS.values() for one in listed])

    def pairs(self, candidate: Candidate, seed: int) -> list[Pair | Dropped]:
        """A pair a criterion, or why there is none."""
        try:
            original = parse_snippet(candidate.language, candidate.after)
            return [self._pair(candidate, original, criterion, seed) for criterion in self.criteria]
        except ParseRefused as refused:
            return [Dropped(STAGE, refused.reason, refused.detail, candidate.id, candidate.origin)]

    def _pair(self, candidate: Candidate, original: Snippet, criterion: str, seed: int) -> Pair | Dropped:
        rng = seeded(seed, f"mutate/{criterion}", candidate.id)
        operators = [one for one in OPERATORS[criterion] if one.name not in self.leave_out]
        made = draw_mutant(candidate, original, operators, rng)
        if made is None:
            id_ = child_id(candidate.id, f"{STAGE}/{criterion}", SOURCE_VERSION, {}, ())
            detail = f"{criterion}: none of {len(operators)} operators fits"
            return Dropped(STAGE, "no_operator_fits", detail, id_, candidate.origin)
        return pair_of(candidate, criterion, made)


def _known(word: str, given: tuple[str, ...], there: Collection[str]) -> tuple[str, ...]:
    for name in given:
        if name not in there:
            raise ValueError(f"{name!r} is no {word}; there are {', '.join(there)}")
    if len(set(given)) < len(given):
        raise ValueError(f"a {word} is given twice among {', '.join(given)}")
    return given


def draw_mutant(candidate: Candidate, original: Snippet, operators: list[Operator], rng: Random) -> Mutant | None:
    """One fit mutant: operators in an order drawn from `rng`, the first that fits at one of its drawn sites."""
    protected = protected_words(candidate.instruction)
    for one in rng.sample(operators, len(operators)):
        found = sites(one, candidate.language, original)
        for site in rng.sample(found, min(len(found), _SITES_TRIED)):
            made = mutant(one, candidate.language, candidate.after, original, site, protected)
            if made is not None:
                return made
    return None


def pair_of(candidate: Candidate, criterion: str, made: Mutant) -> Pair:
    """The pair in which the candidate's own code beats a mutant of it."""
    parameters = {
        "criterion": criterion,
        "edits": json.dumps([[e.start, e.end, e.text] for e in made.edits], ensure_ascii=False),
    }
    spans = tuple((edit.start, edit.end) for edit in made.edits)
    name = f"mutation/{made.operator.name}"
    steps = (
        Step("chosen", "source", SOURCE_VERSION, (("sha256", sha256(candidate.after.encode())),), candidate.spans),
        Step("rejected", name, made.operator.version, tuple(sorted(parameters.items())), spans),
    )
    return Pair(
        id=child_id(candidate.id, name, made.operator.version, parameters, spans),
        parent_id=candidate.id,
        cluster=candidate.id,
        origin=candidate.origin,
        language=candidate.language,
        criterion=criterion,
        prompt=candidate.instruction,
        chosen=candidate.after,
        rejected=made.code,
        spans=candidate.spans,
        steps=steps,
        window=candidate.window,
    )


def redo(candidate: Candidate, step: Step) -> str:
    """Make a mutant again: find the recorded edits among what the named operator yields on the candidate's code.

    Raises:
        CheckFailed: the operator is gone, its version is another, or it no longer yields these edits.
    """
    name = step.name.removeprefix("mutation/")
    parameters = dict(step.parameters)
    edits = tuple(Edit(start, end, text) for start, end, text in json.loads(parameters["edits"]))
    known = {one.name: one for one in OPERATORS[parameters["criterion"]]}
    if name not in known or known[name].version != step.version:
        raise CheckFailed(f"{step.name} version {step.version}: this code has another. Check out the run's version.")
    original = parse_snippet(candidate.language, candidate.after)
    offered = [shifted(site, original) for site in sites(known[name], candidate.language, original)]
    if edits not in offered:
        raise CheckFailed(f"{step.name}: the operator no longer yields the recorded edits on this code.")
    return apply(candidate.after, edits)
