"""The embedded backend: pairs of a documented function's versions, by tree-sitter operators, with no model.

Besides the plain defect, in which the code as published wins, versions stand on both sides: a chain (one defect beats
two), a flip (weak in one criterion against weak in another, under both prompts), a repair (the published code loses).
"""

from collections.abc import Collection, Sequence
from itertools import combinations
from random import Random
from typing import Literal

from pydantic import Field, field_validator

from parsers.functions import parse_snippet
from schemas.config import Options
from schemas.criteria import CODE_CRITERIA
from schemas.errors import ParseRefused
from schemas.provenance import child_id, seeded
from schemas.records import Candidate, Dropped, Pair
from synthesis.mutations import BY_NAME, OPERATORS, PLACEBOS, REPAIRS
from synthesis.mutations.operator import Operator
from synthesis.tasks.describe import protected_words
from synthesis.versions import Version, draw

STAGE = "synthesize"
VERSION = "2"
ENTANGLED = (
    frozenset({"functional_correctness", "security_hardness"}),
    frozenset({"runtime_efficiency", "memory_efficiency"}),
)
"""Criteria of which a defect of one is often one of the other too: they make no flip with each other."""


class Mix(Options):
    """How a function's pairs stand to each other; what is not drawn, or does not fit, is a plain defect.

    Attributes:
        repair: share of the repairs that fit which are made, each instead of its criterion's defect.
        flip: share of the functions with fit defects by two criteria whose defects are paired with each other.
        chain: share of the other defects that get a version with one more, which loses against them.
        placebo: share of the functions that get a tie between the code and an edit without effect.
    """

    repair: float = Field(default=1.0, ge=0, le=1)
    flip: float = Field(default=0.35, ge=0, le=1)
    chain: float = Field(default=0.25, ge=0, le=1)
    placebo: float = Field(default=0.05, ge=0, le=1)


class Hardness(Options):
    """How plain the defects are.

    Attributes:
        blatant: share of the draws that try operators first whose defect shows at a glance; the others try the subtle
            ones first. None takes them as they come.
        defects: weights of one, two, ... defects in the worse side of a plain pair.
    """

    blatant: float | None = Field(default=None, ge=0, le=1)
    defects: tuple[float, ...] = Field(default=(1.0,), min_length=1, max_length=5)

    @field_validator("defects")
    @classmethod
    def _weights(cls, weights: tuple[float, ...]) -> tuple[float, ...]:
        if min(weights) < 0 or sum(weights) <= 0:
            raise ValueError(f"{list(weights)}: weights must not be negative, and one must be above 0")
        return weights


class MutationBackend(Options):
    """Options of the embedded backend.

    Attributes:
        kind: names the backend in the configuration.
        criteria: keys of the criteria to make pairs for.
        leave_out: operators not to use.
        mix: how a function's pairs stand to each other.
        hardness: how plain the defects are.
    """

    kind: Literal["mutation"] = "mutation"
    criteria: tuple[str, ...] = tuple(CODE_CRITERIA)
    leave_out: tuple[str, ...] = ()
    mix: Mix = Mix()
    hardness: Hardness = Hardness()

    @field_validator("criteria")
    @classmethod
    def _known_criteria(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        return _known("criterion", keys, OPERATORS)

    @field_validator("leave_out")
    @classmethod
    def _known_operators(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return _known("operator", names, BY_NAME)

    def pairs(self, candidate: Candidate, seed: int) -> list[Pair | Dropped]:
        """At most one pair a criterion, or why there is none; and a placebo where one is drawn."""
        try:
            parse_snippet(candidate.language, candidate.after)
        except ParseRefused as refused:
            return [Dropped(STAGE, refused.reason, refused.detail, candidate.id, candidate.origin)]
        work = _Work(self, candidate, seed)
        return [*work.criteria(), *work.placebo()]

    def usable(self, operators: Sequence[Operator]) -> list[Operator]:
        """Those that are not left out."""
        return [one for one in operators if one.name not in self.leave_out]


def _known(word: str, given: tuple[str, ...], there: Collection[str]) -> tuple[str, ...]:
    for name in given:
        if name not in there:
            raise ValueError(f"{name!r} is no {word}; there are {', '.join(there)}")
    if len(set(given)) < len(given):
        raise ValueError(f"a {word} is given twice among {', '.join(given)}")
    return given


class _Work:
    """The draws of one candidate; each has its own random source, so that none depends on how many others there are."""

    def __init__(self, options: MutationBackend, candidate: Candidate, seed: int) -> None:
        self.options = options
        self.candidate = candidate
        self.seed = seed
        self.human = Version(candidate.language, candidate.after)
        self.protected = protected_words(candidate.instruction)

    def rng(self, step: str) -> Random:
        return seeded(self.seed, step, self.candidate.id)

    def criteria(self) -> list[Pair | Dropped]:
        mix, keys = self.options.mix, self.options.criteria
        made: dict[str, Pair | Dropped] = {key: self._none(key) for key in keys}
        repaired = {key: better for key in keys if (better := self._repaired(key, mix.repair)) is not None}
        made |= {key: self._pair(key, "repair", better, self.human) for key, better in repaired.items()}
        defects = {key: worse for key in keys if key not in repaired and (worse := self._defect(key)) is not None}
        flipped = self._flip(defects)
        for one, other in (flipped, flipped[::-1]) if flipped else ():
            made[one] = self._pair(one, "flip", defects[other], defects[one])
        for key in defects.keys() - set(flipped):
            made[key] = self._alone(key, defects[key])
        return list(made.values())

    def placebo(self) -> list[Pair]:
        rng = self.rng("placebo")
        if rng.random() >= self.options.mix.placebo:
            return []
        operators = self.options.usable(PLACEBOS)
        other = draw(self.human, rng.sample(operators, len(operators)), rng, self.protected)
        if other is None:
            return []
        sides = (self.human, other) if rng.random() < 0.5 else (other, self.human)
        return [self._pair(rng.choice(self.options.criteria), "placebo", *sides)]

    def _defect(self, criterion: str) -> Version | None:
        rng = self.rng(f"mutate/{criterion}")
        return draw(self.human, self._order(OPERATORS[criterion], rng), rng, self.protected)

    def _order(self, operators: Sequence[Operator], rng: Random) -> list[Operator]:
        usable = self.options.usable(operators)
        drawn, blatant = rng.sample(usable, len(usable)), self.options.hardness.blatant
        if blatant is None:
            return drawn
        first = rng.random() < blatant
        return sorted(drawn, key=lambda one: one.blatant is not first)

    def _repaired(self, criterion: str, share: float) -> Version | None:
        rng = self.rng(f"repair/{criterion}")
        if rng.random() >= share:
            return None
        usable = self.options.usable(REPAIRS[criterion])
        return draw(self.human, rng.sample(usable, len(usable)), rng, self.protected)

    def _flip(self, defects: dict[str, Version]) -> tuple[str, ...]:
        """Two criteria whose defects are paired with each other; none where it is not drawn or there are none."""
        rng = self.rng("flip")
        fit = [both for both in combinations(defects, 2) if frozenset(both) not in ENTANGLED]
        if rng.random() >= self.options.mix.flip or not fit:
            return ()
        both = rng.choice(fit)
        return () if defects[both[0]].code == defects[both[1]].code else both

    def _alone(self, criterion: str, defect: Version) -> Pair:
        """The chain that a defect begins where one is drawn and fits, else the plain pair with its count of defects."""
        rng = self.rng(f"chain/{criterion}")
        if rng.random() < self.options.mix.chain:
            worse = self._further(criterion, defect, rng)
            if worse is not None:
                return self._pair(criterion, "chain", defect, worse)
        rng = self.rng(f"defects/{criterion}")
        weights = self.options.hardness.defects
        for _ in range(rng.choices(range(len(weights)), weights)[0]):
            defect = self._further(criterion, defect, rng) or defect
        return self._pair(criterion, "defect", self.human, defect)

    def _further(self, criterion: str, defect: Version, rng: Random) -> Version | None:
        used = {one.name for one, _ in defect.made}
        operators = [one for one in self._order(OPERATORS[criterion], rng) if one.name not in used]
        try:
            worse = draw(defect, operators, rng, self.protected)
        except ParseRefused:
            return None
        return worse if worse is not None and worse.code != self.human.code else None

    def _pair(self, criterion: str, kind: str, chosen: Version, rejected: Version) -> Pair:
        c = self.candidate
        steps = (*chosen.steps("chosen", c.spans), *rejected.steps("rejected", c.spans))
        told = {f"{n} {step.side} {step.name}": dict(step.parameters).get("edits", "") for n, step in enumerate(steps)}
        return Pair(
            id=child_id(c.id, f"mutation/{kind}/{criterion}", VERSION, told, ()),
            parent_id=c.id,
            cluster=c.id,
            origin=c.origin,
            language=c.language,
            criterion=criterion,
            prompt=c.instruction,
            chosen=chosen.code,
            rejected=rejected.code,
            spans=c.spans,
            steps=steps,
            window=c.window,
            kind=kind,
            label=0.5 if kind == "placebo" else 1.0,
        )

    def _none(self, criterion: str) -> Dropped:
        id_ = child_id(self.candidate.id, f"{STAGE}/{criterion}", VERSION, {}, ())
        fit = len(self.options.usable(OPERATORS[criterion]))
        return Dropped(
            STAGE, "no_operator_fits", f"{criterion}: none of {fit} operators fits", id_, self.candidate.origin
        )
