"""Versions of a function: its code as found, or with operators applied one after another; to draw and to redo them.

Each operator's edits count bytes of the text that it started from, so a version is made again step by step.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from parsers.functions import parse_snippet
from schemas.errors import CheckFailed, ParseRefused
from schemas.provenance import Span, Step, sha256
from synthesis.mutations import BY_NAME
from synthesis.mutations.operator import Edit, Operator, Site, apply, mutant, shifted, sites

SOURCE_VERSION = "1"
STEP_OF_KIND = {"defect": "mutation", "repair": "repair", "placebo": "placebo"}
"""Kind of an operator to the first word of its step's name."""
_SITES_TRIED = 8


@dataclass(frozen=True, slots=True)
class Version:
    """A function's code, and what made it of the code as found.

    Attributes:
        language: released name.
        code: the text.
        made: operators and their edits, in the order in which they were applied.
    """

    language: str
    code: str
    made: tuple[tuple[Operator, Site], ...] = ()

    def steps(self, side: str, spans: tuple[Span, ...]) -> tuple[Step, ...]:
        """What made this side of a pair; `source` where nothing did, with the code's `spans` in its file."""
        if not self.made:
            return (Step(side, "source", SOURCE_VERSION, (("sha256", sha256(self.code.encode())),), spans),)
        return tuple(_step(side, one, edits) for one, edits in self.made)


def _step(side: str, one: Operator, edits: Site) -> Step:
    told = json.dumps([[e.start, e.end, e.text] for e in edits], ensure_ascii=False)
    spans = tuple((e.start, e.end) for e in edits)
    parameters = (("criterion", one.criterion), ("edits", told))
    return Step(side, step_name(one), one.version, parameters, spans)


def step_name(one: Operator) -> str:
    """Name of the step that an operator makes, such as `mutation/boundary_moved`."""
    return f"{STEP_OF_KIND[one.kind]}/{one.name}"


def operator_named(step: str) -> Operator | None:
    """The operator that a step's name speaks of; None for a step that no operator made, or one that is gone."""
    first, _, name = step.partition("/")
    found = BY_NAME.get(name)
    return found if found is not None and STEP_OF_KIND[found.kind] == first else None


def draw(
    version: Version, operators: Sequence[Operator], rng: Random, protected: frozenset[str] = frozenset()
) -> Version | None:
    """The version with one more operator applied: those in the given order, the first that fits at a drawn site.

    What was edited before stays as it is: an edit that touches an earlier one does not fit, nor does one that leads
    back to an earlier text.

    Args:
        version: to start from.
        operators: in the order in which they are tried.
        rng: draws the sites.
        protected: words that the prompt names, which must not be removed.

    Raises:
        ParseRefused: the code is outside the bounds, or holds no function.
    """
    original = parse_snippet(version.language, version.code)
    taken = _edited(version)
    for one in operators:
        found = sites(one, version.language, original)
        for site in rng.sample(found, min(len(found), _SITES_TRIED)):
            made = mutant(one, version.language, version.code, original, site, protected)
            if made is not None and not _meets(made.edits, taken):
                return Version(version.language, made.code, (*version.made, (one, made.edits)))
    return None


def _edited(version: Version) -> tuple[Span, ...]:
    """Byte ranges of the code that the version's operators wrote."""
    ranges: list[Span] = []
    for _, edits in version.made:
        ranges = [_moved(one, edits) for one in ranges]
        shift = 0
        for edit in sorted(edits):
            size = len(edit.text.encode("utf-8"))
            ranges.append((edit.start + shift, edit.start + shift + size))
            shift += size - (edit.end - edit.start)
    return tuple(ranges)


def _moved(span: Span, edits: Site) -> Span:
    """Where a range is after edits that do not meet it."""
    shift = sum(len(e.text.encode("utf-8")) - (e.end - e.start) for e in edits if e.end <= span[0])
    return span[0] + shift, span[1] + shift


def _meets(edits: Site, taken: Sequence[Span]) -> bool:
    return any(edit.start <= end and start <= edit.end for edit in edits for start, end in taken)


def redo(language: str, code: str, steps: Sequence[Step]) -> str:
    """Make one side again: each step's edits must be among what its operator yields on the text before it.

    Raises:
        CheckFailed: an operator is gone, its version is another, or it no longer yields these edits.
    """
    for step in steps:
        one = operator_named(step.name)
        if one is None or one.version != step.version:
            told = f"{step.name} version {step.version}: this code has another. Check out the run's version."
            raise CheckFailed(told)
        edits = tuple(Edit(start, end, text) for start, end, text in json.loads(dict(step.parameters)["edits"]))
        try:
            original = parse_snippet(language, code)
        except ParseRefused as refused:
            raise CheckFailed(f"{step.name}: the text before it can not be parsed: {refused}") from None
        if edits not in [shifted(site, original) for site in sites(one, language, original)]:
            raise CheckFailed(f"{step.name}: the operator no longer yields the recorded edits on this code.")
        code = apply(code, edits)
    return code
