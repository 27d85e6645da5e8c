"""The two sides of a made-up pair and the steps that it would have, with real operators' names over cheap edits."""

import json
from random import Random
from typing import NamedTuple

from bench.pair_texts import Edit, applied, edits, in_bytes
from schemas.provenance import Span, Step, sha256
from synthesis.mutations import OPERATORS, PLACEBOS, REPAIRS
from synthesis.mutations.operator import Operator


class Slot(NamedTuple):
    """One pair of a cluster before its texts are made.

    Attributes:
        kind: one of `PAIR_KINDS`.
        criterion: key of the criterion that decides.
        other: of a flip, the criterion that the chosen side is weak in.
        number: in the cluster.
    """

    kind: str
    criterion: str
    other: str
    number: int


def sides(text: str, span: Span, slot: Slot, random: Random) -> tuple[tuple[str, str], tuple[Step, ...]]:
    """Chosen and rejected, and the steps that they would have."""
    spans = (span,)
    first = edits(text, random)
    edited = applied(text, first)
    if slot.kind in ("change", "reversed"):
        both = (text, edited) if slot.kind == "change" else (edited, text)
        names = ("commit/after", "commit/before") if slot.kind == "change" else ("commit/before", "commit/after")
        return both, tuple(
            _found(side, name, own, spans) for side, name, own in zip(("chosen", "rejected"), names, both, strict=True)
        )
    if slot.kind == "chain":
        one_step = _edited("chosen", text, first, _operator("defect", slot.criterion, random))
        after = edits(edited, random)
        last = _edited("rejected", edited, after, _operator("defect", slot.criterion, random))
        return (edited, applied(edited, after)), (one_step, _on_rejected(one_step), last)
    if slot.kind == "flip":  # the same two texts in both of its pairs, whichever is made first
        texts = Random(f"flip:{text}")
        weak = {criterion: edits(text, texts) for criterion in sorted((slot.criterion, slot.other))}
        made = (applied(text, weak[slot.other]), applied(text, weak[slot.criterion]))
        return made, (
            _edited("chosen", text, weak[slot.other], _operator("defect", slot.other, random)),
            _edited("rejected", text, weak[slot.criterion], _operator("defect", slot.criterion, random)),
        )
    if slot.kind == "repair":
        step = _edited("chosen", text, first, _operator("repair", slot.criterion, random))
        return (edited, text), (step, _found("rejected", "source", text, spans))
    step = _edited("rejected", text, first, _operator(slot.kind, slot.criterion, random))
    return (text, edited), (_found("chosen", "source", text, spans), step)


def _on_rejected(step: Step) -> Step:
    """The same step on the other side: a chain's two sides begin alike."""
    return Step("rejected", step.name, step.version, step.parameters, step.spans)


def _operator(kind: str, criterion: str, random: Random) -> Operator:
    table = {"defect": OPERATORS, "repair": REPAIRS}.get(kind)
    return random.choice(PLACEBOS if table is None else table[criterion])


def _found(side: str, name: str, text: str, spans: tuple[Span, ...]) -> Step:
    return Step(side, name, "1", (("sha256", sha256(text.encode())),), spans)


_STEP_OF_KIND = {"defect": "mutation", "repair": "repair", "placebo": "placebo"}


def _edited(side: str, text: str, made: list[Edit], one: Operator) -> Step:
    spans = tuple(in_bytes(text, made))
    told = [[start, end, edit.text] for (start, end), edit in zip(spans, sorted(made), strict=True)]
    parameters = (("criterion", one.criterion), ("edits", json.dumps(told, ensure_ascii=False)))
    return Step(side, f"{_STEP_OF_KIND[one.kind]}/{one.name}", one.version, parameters, spans)
