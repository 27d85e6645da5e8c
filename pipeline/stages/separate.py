"""What keeps training apart from the benchmark: its time, its operators, its files, its trees, and its sides' texts."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import apache_beam as beam
import numpy as np

from pipeline.stages.blocks import Block, Texts, read_rows
from pipeline.stages.keys import Key, Short, Told, full, gone
from pipeline.stages.packed import DOC, distinct, number, partition, priority, rows, scatter, unpack, where
from pipeline.stages.same_text import ALIAS, SameText
from pipeline.stages.similar import EDGE, SimilarityOptions, SimilarPairs

SIDES = ("chosen", "rejected")
_SHARED, _NEAR = 0, 1  # places in the order of what is told


class NearBenchmark(beam.PTransform):
    """Keys to what is `Told`: training pairs of which a side is near to any side of a benchmark.

    Args:
        options: of the comparison; the band keys make a miss at the threshold as improbable as they can, see
            `filters.minhash.band_keys`, and `themis verify` compares exactly.
        texts: of pairs and of other benchmarks, by two sides a row.
        against: which of the blocks are of other benchmarks.
    """

    def __init__(self, options: SimilarityOptions, texts: Texts, against: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.options = options
        self.texts = texts
        self.against = against

    def expand(self, keys: Any) -> Any:
        """The wiring."""
        given = keys.pipeline | "other benchmarks" >> beam.Create(self.against)
        others = given | "their sides" >> beam.FlatMap(_given_sides, self.texts.blocks)
        docs = (keys | "own sides" >> beam.FlatMap(_sides), others) | "sides" >> beam.Flatten()
        theirs = given | "their names" >> beam.FlatMap(_given_names, self.texts.blocks)
        names = (keys | "own names" >> beam.FlatMap(_name), theirs) | "names" >> beam.Flatten()
        count = self.options.partitions
        same = docs | "each text once" >> SameText(self.texts, count)
        edges = same.first | "similar" >> SimilarPairs(self.options, self.texts, across=True)
        moved = edges | "by training side" >> beam.FlatMap(_by_loser, count)
        alike = {"edges": moved, "alias": same.alias} | "all of its text" >> beam.CoGroupByKey()
        near = alike | "near sides" >> beam.FlatMap(_near_sides)
        named = {"near": near, "name": names} | "by benchmark row" >> beam.CoGroupByKey()
        told = named | "tell" >> beam.FlatMap(_named) | "nearest" >> beam.CombinePerKey(min)
        return told | "near" >> beam.Map(_told)


def place(key: Key, held: frozenset[str]) -> Iterator[Any]:
    """The key with its split, or why it is in neither: its time is the other split's.

    What no later decision needs is left behind, here and further on: keys are what shuffles are made of.
    """
    split = "benchmark" if key.repo in held else "train"
    if key.window in (None, split):
        yield key._replace(split=split, repo="", family=None, window=None)
    else:
        kind = "held-out" if split == "benchmark" else "training"
        yield gone(key, "split_window", f"of the window {key.window}, in a {kind} repository")


def hold_out(key: Key) -> Iterator[Any]:
    """The key; a training pair that an operator of a held-out family helped to make goes."""
    if key.split == "train" and key.held_family is not None:
        yield gone(key, "held_out_family", key.held_family)
    else:
        yield key


Shared: TypeAlias = tuple[Short, tuple[str, Short, int]]
"""What two pairs may share, and (split, id, row) of one of them."""


def by_file(key: Key) -> Iterator[Shared]:
    """Each file of a pair."""
    for blob in key.files:
        yield blob, (key.split, key.id, key.doc)


def by_clone(key: Key) -> Iterator[Shared]:
    """The syntax tree of each side of a pair."""
    for clone in key.clones:
        yield clone, (key.split, key.id, key.doc)


def shared(item: tuple[Short, Iterable[tuple[str, Short, int]]], reason: str, what: str) -> Iterator[Told]:
    """Training pairs that share something with the benchmark.

    Args:
        item: what is shared, and (split, id, row) of every pair that has it.
        reason: for the record.
        what: in words, such as `file`.
    """
    name, found = item
    members = list(found)
    held = min((full(id_) for split, id_, _ in members if split == "benchmark"), default=None)
    if held is not None:
        for split, _, doc in members:
            if split == "train":
                yield doc, (_SHARED, reason, f"the {what} {full(name)} is of the benchmark's {held} too")


def _sides(key: Key) -> Iterator[tuple[int, bytes]]:
    benchmark = key.split == "benchmark"
    first, second = priority(benchmark, key.time, full(key.id))
    block, row, mended = where(key.doc)
    docs = [number(block, row * len(SIDES) + side, benchmark, mended) for side in range(len(SIDES))]
    yield block, rows(DOC, doc=docs, first=first, second=second).tobytes()


def _given_sides(block: int, blocks: tuple[Block, ...]) -> Iterator[tuple[int, bytes]]:
    docs = [number(block, row * len(SIDES), True) for row in range(blocks[block].rows)]
    yield block, rows(DOC, doc=docs, first=0, second=0).tobytes()


def _name(key: Key) -> Iterator[tuple[int, str]]:
    if key.split == "benchmark":
        yield key.doc, full(key.id)


def _given_names(block: int, blocks: tuple[Block, ...]) -> Iterator[tuple[int, str]]:
    for row, found in enumerate(read_rows(blocks[block], ["id"])):
        yield number(block, row), found["id"]


def _by_loser(item: tuple[int, bytes], partitions: int) -> Iterator[tuple[int, bytes]]:
    edges = unpack([item[1]], EDGE)
    yield from scatter(edges, partition(edges["loser"], partitions))


def _near_sides(item: tuple[int, dict[str, Iterable[bytes]]]) -> Iterator[tuple[int, tuple[float, str, int]]]:
    """(benchmark row, (similarity, side, training row)) of each training side near to it, and of all of its text."""
    edges, alias = distinct(unpack(item[1]["edges"], EDGE)), distinct(unpack(item[1]["alias"], ALIAS))
    for loser, winner, similarity in zip(*(edges[name] for name in ("loser", "winner", "jaccard")), strict=True):
        held, _ = _row_and_side(int(winner))
        among = slice(*np.searchsorted(alias["first"], [loser, loser + np.uint64(1)]))
        for one in (int(loser), *alias["doc"][among].tolist()):
            row, side = _row_and_side(one)
            yield held, (float(similarity), SIDES[side], row)


def _row_and_side(doc: int) -> tuple[int, int]:
    block, place, mended = where(doc)
    row, side = divmod(place, len(SIDES))
    return number(block, row, mended=mended), side


def _named(item: tuple[int, dict[str, list[Any]]]) -> Iterator[tuple[int, tuple[str, float, str]]]:
    for name in item[1]["name"]:
        for similarity, side, doc in item[1]["near"]:
            yield doc, (side, -similarity, name)


def _told(item: tuple[int, tuple[str, float, str]]) -> Told:
    doc, (side, negative, name) = item
    detail = f"Jaccard {-negative:.6f} of the {side} side with a side of the benchmark's {name}"
    return doc, (_NEAR, "near_benchmark", detail)
