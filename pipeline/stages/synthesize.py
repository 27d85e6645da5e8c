"""Synthesize: candidates to pairs. A change has both sides already; a task gets its worse side from a backend."""

from functools import partial
from typing import Any

import apache_beam as beam

from pipeline.beam import Children, Expand
from schemas.config import Options
from schemas.provenance import Step, child_id, sha256
from schemas.records import Candidate, Pair
from synthesis.backends.mutation import MutationBackend

STAGE = "synthesize"
VERSION = "2"


class SynthesizeOptions(Options):
    """How the two sides of a task are made.

    Attributes:
        backend: what makes the worse side.
    """

    backend: MutationBackend = MutationBackend()


class Synthesize(beam.PTransform):
    """Candidates to pairs.

    Args:
        options: of the stage.
        seed: of the run.
    """

    def __init__(self, options: SynthesizeOptions, seed: int) -> None:
        super().__init__()
        self.options = options
        self.seed = seed

    def expand(self, candidates: Any) -> Any:
        """The wiring: `kept`, `dropped`, `dead` and `counts`."""
        done = (
            candidates
            | beam.Reshuffle()
            | Expand.outputs(STAGE, partial(synthesize, options=self.options, seed=self.seed))
        )
        return {"kept": done.kept, "dropped": done.dropped, "dead": done.dead, "counts": done.counts}


def synthesize(candidate: Candidate, options: SynthesizeOptions, seed: int) -> Children:
    """Pairs of one candidate, and why there are no others."""
    if candidate.kind == "change":
        return [change_pair(candidate)]
    return list(options.backend.pairs(candidate, seed))


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
