"""Synthesize: candidates to pairs. A change has both sides already; a task gets its worse side from a backend."""

from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import apache_beam as beam
from pydantic import Field

from pipeline.beam import Children, Expand
from pipeline.concurrent import ExpandConcurrently
from schemas.config import Options
from schemas.records import Candidate, Dropped, Pair
from synthesis import work
from synthesis.backends.endpoint import EndpointBackend
from synthesis.backends.engine import EngineBackend
from synthesis.backends.mutation import MutationBackend
from synthesis.calls import Answer, Caller, Request
from synthesis.changes import change_pair
from synthesis.dawid_skene import Estimate, Pattern, dawid_skene
from synthesis.recipe import JudgeOptions
from synthesis.verdicts import decided, pattern_of

STAGE = "synthesize"

AnyBackend = Annotated[MutationBackend | EndpointBackend | EngineBackend, Field(discriminator="kind")]


class SynthesizeOptions(Options):
    """How the two sides of a pair are made.

    Attributes:
        backend: what makes the worse side of a task, and what is asked about both.
        ledger: file that keeps every call of a model, shared between runs where they name the same one; by default
            one in the run's own folder.
    """

    backend: AnyBackend = MutationBackend()
    ledger: str | None = None


class Synthesize(beam.PTransform):
    """Candidates to pairs.

    Args:
        options: of the stage.
        seed: of the run.
        ledger: file that keeps the calls.
    """

    def __init__(self, options: SynthesizeOptions, seed: int, ledger: str) -> None:
        super().__init__()
        self.options = options
        self.seed = seed
        self.ledger = ledger

    def expand(self, candidates: Any) -> Any:
        """The wiring: `kept`, `dropped`, `dead`, `counts` and `calls` (rows of the ledger, each call once)."""
        spread = candidates | beam.Reshuffle()
        backend = self.options.backend
        if isinstance(backend, MutationBackend):
            done = spread | Expand.outputs(STAGE, partial(mutated, backend=backend, seed=self.seed))
            none = candidates.pipeline | "no calls" >> beam.Create([])
            return {name: getattr(done, name) for name in ("kept", "dropped", "dead", "counts")} | {"calls": none}
        ask = ExpandConcurrently(
            STAGE, partial(asked, backend=backend, seed=self.seed), partial(backend.caller, Path(self.ledger)),
            call_row, backend.in_flight,
        )  # fmt: skip
        done = spread | "ask" >> beam.ParDo(ask).with_outputs("dropped", "dead", "counts", "calls", main="kept")
        judged = self._decide(done.kept)
        calls = done.calls | beam.Map(_by_key) | "each call" >> beam.GroupByKey() | beam.Map(_one)
        dropped = (done.dropped, judged.dropped) | "all dropped" >> beam.Flatten()
        return {"kept": judged.kept, "dropped": dropped, "dead": done.dead, "counts": done.counts, "calls": calls}

    def _decide(self, pairs: Any) -> Any:
        """Pairs to `kept` and `dropped` by their votes."""
        assert not isinstance(self.options.backend, MutationBackend)
        options = self.options.backend.judge
        estimate = None
        if options is not None and options.consensus == "dawid_skene":
            estimate = beam.pvalue.AsSingleton(
                pairs
                | beam.FlatMap(_patterns, options)
                | beam.combiners.Count.PerElement()
                | "all patterns" >> beam.combiners.ToList()
                | beam.Map(_estimated, options.models)
            )
        return pairs | "decide" >> beam.ParDo(_decided, options, estimate).with_outputs("dropped", main="kept")


def mutated(candidate: Candidate, backend: MutationBackend, seed: int) -> Children:
    """Pairs of one candidate without a model, and why there are no others."""
    if candidate.kind == "change":
        return [change_pair(candidate)]
    return list(backend.pairs(candidate, seed))


async def asked(
    candidate: Candidate, caller: Caller, backend: EndpointBackend | EngineBackend, seed: int
) -> list[work.Made]:
    """Pairs of one candidate with their votes; see `synthesis.work`."""
    return await work.synthesize(backend, candidate, seed, caller)


def call_row(request: Request, answer: Answer) -> dict[str, Any]:
    """A row of `ledger/`."""
    asked = {"key": request.key, "task": request.task, "record": request.record, "model": request.model}
    return {**asked, "request": request.canonical, **asdict(answer)}


def _by_key(row: dict[str, Any]) -> tuple[str, tuple[str, str, dict[str, Any]]]:
    return row["key"], (row["task"], row["record"], row)


def _one(item: tuple[str, Iterable[tuple[str, str, dict[str, Any]]]]) -> dict[str, Any]:
    """One row of a call, whoever asked for it: the same on every worker."""
    return min(item[1], key=lambda told: told[:2])[2]


def _patterns(pair: Pair, options: JudgeOptions) -> list[Pattern]:
    found = pattern_of(pair, options)
    return [] if found is None else [found]


def _estimated(counts: list[tuple[Pattern, int]], models: tuple[str, ...]) -> Estimate:
    return dawid_skene(dict(counts), models)


def _decided(pair: Pair, options: JudgeOptions | None, estimate: Estimate | None) -> Any:
    verdict = pair if options is None else decided(pair, options, estimate)
    yield beam.pvalue.TaggedOutput("dropped", verdict) if isinstance(verdict, Dropped) else verdict
