"""What keeps training apart from the benchmark, pair by pair: its time, its file, and the texts of its sides."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import apache_beam as beam

from filters.near_index import NearIndex
from pipeline.stages.split import files_of
from schemas.records import Dropped, Pair
from synthesis.mutations import HELD_OUT
from synthesis.versions import operator_named

STAGE = "curate"

Placed: TypeAlias = tuple[str, Pair]
"""A pair with its split."""


class DropNearBenchmark(beam.PTransform):
    """Placed pairs to `kept` and `dropped`: a training pair goes if a side of it is near to any side of the benchmark.

    Every worker has the benchmark's shingles, as it has those of its prompts: about 12 bytes a token of its code.

    Args:
        threshold: Jaccard similarity of shingles.
        shingle_tokens: tokens in a shingle.
    """

    def __init__(self, threshold: float, shingle_tokens: int) -> None:
        super().__init__()
        self.threshold = threshold
        self.shingle_tokens = shingle_tokens

    def expand(self, pairs: Any) -> Any:
        """The wiring."""
        index = beam.pvalue.AsSingleton(
            pairs
            | beam.FlatMap(_benchmark_sides)
            | "each side once" >> beam.CombinePerKey(min)
            | "all sides" >> beam.combiners.ToList()
            | beam.Map(_side_index, self.shingle_tokens)
        )
        return pairs | beam.ParDo(_near_benchmark, index, self.threshold).with_outputs("dropped", main="kept")


def drop(pair: Pair, reason: str, detail: str) -> Dropped:
    """A pair as a dropped record."""
    return Dropped(STAGE, reason, detail, pair.id, pair.origin)


def hold_out(item: Placed) -> Iterator[Any]:
    """The placed pair; a training pair that an operator of a held-out family helped to make goes."""
    split, pair = item
    operators = (operator_named(step.name) for step in pair.steps)
    family = next((one.family for one in operators if one is not None and one.family in HELD_OUT), None)
    if split == "train" and family is not None:
        yield beam.pvalue.TaggedOutput("dropped", drop(pair, "held_out_family", family))
    else:
        yield item


def place(pair: Pair, held: frozenset[str]) -> Iterator[Any]:
    """The pair with its split, or why it is in neither: its time is the other split's."""
    split = "benchmark" if pair.origin.repo in held else "train"
    if pair.window in (None, split):
        yield split, pair
    else:
        kind = "held-out" if split == "benchmark" else "training"
        yield beam.pvalue.TaggedOutput(
            "dropped", drop(pair, "split_window", f"of the window {pair.window}, in a {kind} repository")
        )


def by_file(item: Placed) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """(sha256 of a file, (split, cluster, pair)) for each file of a pair."""
    split, pair = item
    for blob in files_of(pair.origin):
        yield blob, (split, pair.cluster, pair.id)


def shared_file(item: tuple[str, Iterable[tuple[str, str, str]]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Training pairs that share a file with the benchmark: (cluster, (pair, what it shares)).

    Args:
        item: sha256 of the file, and (split, cluster, pair) of every pair from it.
    """
    blob, found = item
    members = list(found)
    held = min((id_ for split, _, id_ in members if split == "benchmark"), default=None)
    if held is not None:
        for split, cluster, id_ in members:
            if split == "train":
                yield cluster, (id_, f"the file {blob} is of the benchmark's {held} too")


def _benchmark_sides(item: Placed) -> Iterator[tuple[str, str]]:
    split, pair = item
    if split == "benchmark":
        yield pair.chosen, pair.id
        yield pair.rejected, pair.id


def _side_index(sides: list[tuple[str, str]], shingle_tokens: int) -> NearIndex:
    return NearIndex.build(sorted((id_, text) for text, id_ in sides), shingle_tokens)


def _near_benchmark(item: Placed, index: NearIndex, threshold: float) -> Iterator[Any]:
    split, pair = item
    if split == "train":
        for side in ("chosen", "rejected"):
            near = index.nearest(getattr(pair, side), threshold)
            if near is not None:
                detail = f"Jaccard {near.jaccard:.6f} of the {side} side with a side of the benchmark's {near.id}"
                yield beam.pvalue.TaggedOutput("dropped", drop(pair, "near_benchmark", detail))
                return
    yield item
