"""The pair of a change, whose two sides history wrote."""

from dataclasses import replace
from typing import Any

from schemas.provenance import Step, child_id, sha256
from schemas.records import Candidate, Pair

VERSION = "2"


def change_pair(candidate: Candidate) -> Pair:
    """The pair in which the code after a change beats the code before it, or the older beats the newer where undone."""
    assert candidate.before is not None
    assert candidate.criterion is not None
    sides = (
        ("commit/after", candidate.after, candidate.spans),
        ("commit/before", candidate.before, candidate.before_spans),
    )
    chosen, rejected = reversed(sides) if candidate.reversed else sides
    steps = tuple(
        Step(side, name, VERSION, (("sha256", sha256(text.encode())),), spans)
        for side, (name, text, spans) in (("chosen", chosen), ("rejected", rejected))
    )
    return Pair(
        id=child_id(candidate.id, "commit", VERSION, {"criterion": candidate.criterion}, candidate.spans),
        parent_id=candidate.id,
        cluster=candidate.id,
        origin=candidate.origin,
        language=candidate.language,
        criterion=candidate.criterion,
        prompt=candidate.instruction,
        chosen=chosen[1],
        rejected=rejected[1],
        spans=candidate.spans,
        steps=steps,
        window=candidate.window,
        kind="reversed" if candidate.reversed else "change",
    )


def with_step(pair: Pair, step: Step, **changed: Any) -> Pair:
    """The pair with one more step, and with other fields where they are given."""
    return replace(pair, steps=(*pair.steps, step), **changed)
