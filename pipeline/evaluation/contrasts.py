"""Declared contrasts: what will be compared is written down first, and Holm's correction is over the whole list.

A file of contrasts, between groups of pairs of one model, or between models on the same pairs:

    contrasts:
      - name: mutants are easier than flips
        a: {kind: defect}
        b: {kind: flip}
      - name: PM beats PT on security
        a: {model: pm, criterion: Security_Hardness}
        b: {model: pt, criterion: Security_Hardness}
"""

import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
from pydantic import Field

from pipeline.evaluation.paired import DEFINITION, Comparison, Side, compare, corrected
from pipeline.evaluation.pairs import BenchmarkPair, outcome
from pipeline.evaluation.results import failed_pairs
from pipeline.evaluation.statistics import Outcome, credit
from schemas.config import Options, read_yaml, validate
from schemas.errors import ConfigError

FILTERS = ("criterion", "language", "operator", "kind", "length", "family")


class Group(Options):
    """Some pairs as one model scored them: those that match everything that is named.

    Attributes:
        model: name of the model; empty for the only one.
        criterion: benchmark spelling.
        language: benchmark spelling.
        operator: the step that decides the pair.
        kind: how its sides stand to each other.
        length: `chosen is longer`, `chosen is shorter` or `same length`.
        family: `shown` or `held out`.
    """

    model: str = ""
    criterion: str | None = None
    language: str | None = None
    operator: str | None = None
    kind: str | None = None
    length: str | None = None
    family: str | None = None

    def has(self, one: Outcome) -> bool:
        """Whether the pair is one of the group."""
        return all(getattr(self, name) in (None, getattr(one, name)) for name in FILTERS)


class Contrast(Options):
    """Is the accuracy of `a` above that of `b`?"""

    name: str = Field(min_length=1)
    a: Group
    b: Group


class Contrasts(Options):
    """A file of contrasts."""

    contrasts: tuple[Contrast, ...] = Field(min_length=1)


Model = Mapping[str, Outcome]
"""Id to outcome."""


def read_contrasts(path: Path) -> tuple[Contrast, ...]:
    """The contrasts of a YAML file.

    Raises:
        ConfigError: it can't be read, a key is unknown, or a name comes twice.
    """
    declared = validate(Contrasts, read_yaml(path), str(path)).contrasts
    names = [one.name for one in declared]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ConfigError(f"{path}: the name {twice!r} comes twice. Every contrast needs a name of its own.")
    return declared


def run_contrasts(declared: Sequence[Contrast], models: Mapping[str, Model]) -> dict[str, Any]:
    """`definition` and `rows` of the contrasts, corrected over all of them.

    Args:
        declared: at least one.
        models: name to outcomes by id.

    Raises:
        ConfigError: a model is not there, a group has no pair, or two models are compared on different pairs.
    """
    tested = corrected([_contrast(one, models) for one in declared])
    return {"definition": DEFINITION, "rows": [one.row() for one in tested]}


def group_contrasts(path: Path, pairs: Sequence[BenchmarkPair], differences: Sequence[float]) -> dict[str, Any]:
    """Contrasts between groups of pairs of one model.

    Raises:
        ConfigError: as `read_contrasts` and `run_contrasts`.
    """
    model = {pair.id: outcome(pair, value) for pair, value in zip(pairs, differences, strict=True)}
    return run_contrasts(read_contrasts(path), {"": model})


def every_two(models: Mapping[str, Model]) -> dict[str, Any]:
    """Each model against each other one, in the order given, on the pairs that both have, corrected over all.

    Raises:
        ConfigError: two models have no pair in common.
    """
    made = []
    for a, b in itertools.combinations(models, 2):
        common = [key for key in models[a] if key in models[b]]
        if not common:
            raise ConfigError(f"{a} and {b} have no pair in common. Score the same benchmark with both.")
        made.append(compare(f"{a} beats {b}", *(_side([models[name][key] for key in common]) for name in (a, b))))
    return {"definition": DEFINITION, "rows": [one.row() for one in corrected(made)]}


def outcomes_of(scores: pa.Table, pairs: Sequence[BenchmarkPair] = ()) -> dict[str, Outcome]:
    """Id to outcome, from a table of scores.

    Args:
        scores: columns of `contract.SCORES`, and of failures where there are any.
        pairs: of the benchmark; a row whose pair is not given is a cluster of its own, and its operator, kind and
            length are unknown.
    """
    known = {pair.id: pair for pair in pairs}
    failed = failed_pairs(scores)
    found = {}
    columns = ["id", "score_diff", "aspect", "language"]
    for row, one in enumerate(scores.select(columns).to_pylist()):
        value = float("nan") if failed is not None and failed[row] else one["score_diff"]
        pair = known.get(one["id"])
        found[one["id"]] = (
            Outcome(value, one["id"], one["aspect"], one["language"], "none", "unknown", "unknown", "unknown")
            if pair is None
            else outcome(pair, value)
        )
    return found


def _contrast(declared: Contrast, models: Mapping[str, Model]) -> Comparison:
    sides = []
    for group in (declared.a, declared.b):
        if group.model not in models:
            there = ", ".join(repr(name) for name in models)
            raise ConfigError(f"contrast {declared.name!r}: no model {group.model!r}; there are {there}.")
        own = {key: one for key, one in models[group.model].items() if group.has(one)}
        if not own:
            raise ConfigError(f"contrast {declared.name!r}: no pair matches {group.model_dump(exclude_none=True)}.")
        sides.append(own)
    same = declared.a.model_copy(update={"model": declared.b.model}) == declared.b
    if same and sides[0].keys() != sides[1].keys():
        raise ConfigError(
            f"contrast {declared.name!r}: {declared.a.model} and {declared.b.model} have scores of different pairs. "
            "Score the same benchmark with both."
        )
    return compare(declared.name, *(_side(list(own.values())) for own in sides))


def _side(outcomes: Sequence[Outcome]) -> Side:
    return Side([credit(one.difference, True) for one in outcomes], [one.cluster for one in outcomes])
