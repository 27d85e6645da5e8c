"""Which documents are near to each other: candidates by MinHash bands, each verified exactly.

Packed all the way: a block's documents give one element a partition of their band keys. The way of a document:

    block ──bands──> partition of the key: pairs that share one (across flags: keys of the flagged first, then of the
                     others those keys only that a flagged one has, as far as marked bits can tell)
          ──pairs──> partition of the pair's larger number: each pair once; where it will be verified, which is the
                     *home* of the larger one and the same place for most of a group of near documents
          ──sets───> back to its block, which reads its text again and sends its shingles to that place
          ──edges──> the pairs that are near enough, to the homes of both
"""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from filters.marks import mark, marked, unmarked
from filters.minhash import BANDS, ROWS, SHINGLE, band_keys, shingles
from filters.pair_kernels import bucket_pairs, count_pairs, similarities
from pipeline.stages.blocks import Texts
from pipeline.stages.packed import (
    DOC,
    MAX_TIME,
    block_of,
    distinct,
    flag_of,
    joined,
    local_of,
    partition,
    rows,
    scatter,
    unpack,
)
from schemas.config import Options

EDGE = np.dtype(
    [("loser", "<u8"), ("winner", "<u8"), ("first", "<u8"), ("second", "<u8"), ("jaccard", "<f8"),
     ("loser_home", "<u4"), ("winner_home", "<u4")]
)  # fmt: skip
"""Two near documents; `first` and `second` are the loser's priority."""

_ENTRY = np.dtype([("key", "<u8"), ("doc", "<u8"), ("rank", "<u4")])
_PAIR = np.dtype([("right", "<u8"), ("left", "<u8"), ("shared", "<u4")])
_REQUEST = np.dtype([("doc", "<u8"), ("home", "<u4"), ("own", "?")])
_SET = np.dtype([*DOC.descr, ("home", "<u4"), ("size", "<u4")])
_WHOLE, _MOST = (512, 4096), (64, 256)  # see `bucket_pairs`; the latter across flags, where a miss is a leak


class SimilarityOptions(Options):
    """When two documents are near.

    Attributes:
        threshold: Jaccard similarity of their shingles.
        shingle_tokens: tokens in a shingle; a shorter document is compared whole.
        bands: keys of a document; many short bands find nearly all, and verification pays for it.
        rows: places of the signature in a key.
        shared: keys that two documents must share to be compared. With the defaults a pair at the threshold is missed
            once in 150,000 times; where training is kept apart from the benchmark, one key is enough: once in 30
            million times.
        partitions: that packed shuffles are cut into: more of them need less memory each, and cost more elements.
    """

    threshold: float = Field(default=0.75, gt=0, le=1)
    shingle_tokens: int = Field(default=SHINGLE, ge=1)
    bands: int = Field(default=BANDS, ge=1)
    rows: int = Field(default=ROWS, ge=1)
    shared: int = Field(default=3, ge=1)
    partitions: int = Field(default=32, ge=1, le=65_536)


class SimilarPairs(beam.PTransform):
    """(block, packed `DOC`) to (home, packed `EDGE`): an edge is at the home of either end, once where they are one.

    Args:
        options: of the comparison.
        texts: of the documents.
        across: only documents of different flags are compared.
    """

    def __init__(self, options: SimilarityOptions, texts: Texts, across: bool = False) -> None:
        super().__init__()
        self.options = options
        self.texts = texts
        self.across = across

    def expand(self, docs: Any) -> Any:
        """The wiring."""
        by_block = docs | "of a block" >> beam.GroupByKey() | "whole block" >> beam.Map(joined)
        pairs = (
            self._entries(by_block)
            | "same key" >> beam.GroupByKey()
            | "candidates" >> beam.FlatMap(_candidates, self.across, self.options.partitions)
            | "same right" >> beam.GroupByKey()
            | "each once"
            >> beam.ParDo(_once, self.options.partitions, 1 if self.across else self.options.shared).with_outputs(
                "requests", main="pairs"
            )
        )
        sets = {"docs": by_block, "requests": pairs.requests} | "asked of a block" >> beam.CoGroupByKey()
        sent = sets | "sets" >> beam.FlatMap(_sets, self.texts, self.options)
        together = {"sets": sent, "pairs": pairs.pairs} | "to verify" >> beam.CoGroupByKey()
        return together | "verify" >> beam.FlatMap(_edges, self.options.threshold)

    def _entries(self, by_block: Any) -> Any:
        if not self.across:
            return by_block | "bands" >> beam.FlatMap(_bands, self.texts, self.options)
        flagged = by_block | "flagged bands" >> beam.FlatMap(_bands, self.texts, self.options, of=True)
        documents = len(self.texts.sides) * sum(block.rows for block in self.texts.blocks)
        marks = beam.pvalue.AsSingleton(
            flagged | "mark" >> beam.CombineGlobally(_Marks(documents * self.options.bands))
        )
        others = by_block | "other bands" >> beam.FlatMap(_bands, self.texts, self.options, of=False, marks=marks)
        return (flagged, others) | "all bands" >> beam.Flatten()


class _Marks(beam.CombineFn):
    """Packed `_ENTRY` to the bits of their keys; about `keys` of them."""

    def __init__(self, keys: int) -> None:
        self.keys = keys

    def create_accumulator(self) -> NDArray[np.uint8]:
        return unmarked(self.keys)

    def add_input(self, bits: NDArray[np.uint8], entries: tuple[int, bytes]) -> NDArray[np.uint8]:
        mark(bits, np.ascontiguousarray(unpack([entries[1]], _ENTRY)["key"]))
        return bits

    def merge_accumulators(self, several: Iterable[NDArray[np.uint8]]) -> NDArray[np.uint8]:
        whole = unmarked(self.keys)
        for bits in several:
            whole |= bits
        return whole

    def extract_output(self, bits: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return bits


def _rank(docs: Any) -> Any:
    """A priority in 32 bits, the split, 15 of the time (36 hours) and 16 of the id: what a hot key compares first."""
    late = docs["first"] >> np.uint64(63)
    time = np.clip((docs["first"] & np.uint64(MAX_TIME)).astype(np.int64) - (MAX_TIME + 1) // 2, 0, (1 << 32) - 1)
    return (
        (late << np.uint64(31))
        | (time.astype(np.uint64) >> np.uint64(17) << np.uint64(16))
        | docs["second"] >> np.uint64(48)
    )


def _bands(
    item: tuple[int, bytes],
    texts: Texts,
    options: SimilarityOptions,
    of: bool | None = None,
    marks: NDArray[np.uint8] | None = None,
) -> Iterator[tuple[int, bytes]]:
    """Entries of a block's documents, of one flag where it is given, and with marked keys only where marks are."""
    block, docs = item[0], unpack([item[1]], DOC)
    if of is not None:
        docs = docs[flag_of(docs["doc"]) == of]
    if not len(docs):
        return
    data, starts, ends = texts.read(block, local_of(docs["doc"]))
    keys, counts = band_keys(data, starts, ends, options.shingle_tokens, options.bands, options.rows)
    some = np.flatnonzero(counts)
    flat = keys[some].ravel()
    wanted = np.arange(len(flat)) if marks is None else np.flatnonzero(marked(marks, flat))
    owner, flat = some[wanted // options.bands], flat[wanted]
    entries = rows(_ENTRY, key=flat, rank=_rank(docs)[owner], doc=docs["doc"][owner])
    yield from scatter(entries, partition(flat, options.partitions))


def _shared_keys(entries: Any) -> Any:
    """Entries whose key another one has, in the order of key and priority."""
    order = np.argsort(entries["key"])
    keys = entries["key"][order]
    same = keys[1:] == keys[:-1]
    several = np.zeros(len(keys), dtype=np.bool_)
    several[1:] = same
    several[:-1] |= same
    found = entries[order[several]]
    return found[np.lexsort((found["doc"], found["rank"], found["key"]))]


def _counted(right: Any, left: Any, shared: Any, least: int = 1) -> Any:
    """`_PAIR` in order, each once, with the sum of the keys that it shares where that is no less than `least`."""
    right, left, shared = (np.array(column) for column in (right, left, shared))
    once = slice(count_pairs(right, left, shared))
    pairs = rows(_PAIR, right=right[once], left=left[once], shared=shared[once])[shared[once] >= least]
    return pairs[np.lexsort((pairs["left"], pairs["right"]))]


def _candidates(item: tuple[int, Iterable[bytes]], across: bool, partitions: int) -> Iterator[tuple[int, bytes]]:
    entries = _shared_keys(unpack(item[1], _ENTRY))
    keys, docs = (np.ascontiguousarray(entries[name]) for name in ("key", "doc"))
    given = (keys, docs, flag_of(docs), across, _WHOLE[across], _MOST[across])
    found = np.empty((bucket_pairs(*given, np.empty((0, 2), dtype=np.uint64)), 2), dtype=np.uint64)
    bucket_pairs(*given, found)
    pairs = _counted(found[:, 0], found[:, 1], np.ones(len(found), dtype=np.uint32))
    yield from scatter(pairs, partition(pairs["right"], partitions))


def _once(item: tuple[int, Iterable[bytes]], partitions: int, least: int) -> Iterator[Any]:
    seen = unpack(item[1], _PAIR)
    pairs = _counted(seen["right"], seen["left"], seen["shared"], least)
    rights, first = np.unique(pairs["right"], return_index=True)
    homes = partition(pairs["left"][first], partitions)  # of the least neighbour: a group of near documents shares it
    home = homes[np.searchsorted(rights, pairs["right"])]
    yield from scatter(pairs, home)
    asked = np.concatenate(
        [rows(_REQUEST, doc=rights, home=homes, own=True), rows(_REQUEST, doc=pairs["left"], home=home, own=False)]
    )
    for block, requests in scatter(asked, block_of(asked["doc"])):
        yield beam.pvalue.TaggedOutput("requests", (block, requests))


def _sets(
    item: tuple[int, dict[str, Iterable[bytes]]], texts: Texts, options: SimilarityOptions
) -> Iterator[tuple[int, tuple[bytes, bytes]]]:
    block, groups = item
    docs, requests = unpack(groups["docs"], DOC), distinct(unpack(groups["requests"], _REQUEST))
    if not len(requests):
        return
    docs = docs[np.argsort(docs["doc"])]
    docs = docs[np.isin(docs["doc"], requests["doc"])]
    data, starts, ends = texts.read(block, local_of(docs["doc"]))
    sets = [shingles(data[start:end], options.shingle_tokens) for start, end in zip(starts, ends, strict=True)]
    homes = partition(docs["doc"], options.partitions)
    own = requests[requests["own"]]
    homes[np.searchsorted(docs["doc"], own["doc"])] = own["home"]
    for home in np.unique(requests["home"]).tolist():
        wanted = np.searchsorted(docs["doc"], np.unique(requests["doc"][requests["home"] == home]))
        sizes = [len(sets[place]) for place in wanted]
        heads = rows(_SET, **{name: docs[name][wanted] for name in DOC.names or ()}, home=homes[wanted], size=sizes)
        yield home, (heads.tobytes(), b"".join(sets[place] for place in wanted))


def _edges(item: tuple[int, dict[str, Iterable[Any]]], threshold: float) -> Iterator[tuple[int, bytes]]:
    groups = item[1]
    pairs = distinct(unpack(groups["pairs"], _PAIR))
    if not len(pairs):
        return
    sent = list(groups["sets"])
    heads, values = unpack((head for head, _ in sent), _SET), unpack((value for _, value in sent), np.dtype("<u8"))
    ends = np.cumsum(heads["size"], dtype=np.int64)
    order = np.argsort(heads["doc"])
    left, right = (order[np.searchsorted(heads["doc"], pairs[side], sorter=order)] for side in ("left", "right"))
    found = similarities(values, ends - heads["size"], ends, left, right, threshold)
    near = np.flatnonzero(found >= threshold)
    yield from _both_ends(heads, left[near], right[near], found[near])


def _both_ends(heads: Any, left: Any, right: Any, jaccard: Any) -> Iterator[tuple[int, bytes]]:
    priority = np.argsort(np.lexsort((heads["doc"], heads["second"], heads["first"])))  # place of each in the order
    winner, loser = (
        heads[np.where((priority[left] < priority[right]) == first, left, right)] for first in (True, False)
    )
    edges = rows(
        EDGE, loser=loser["doc"], winner=winner["doc"], first=loser["first"], second=loser["second"],
        jaccard=jaccard, loser_home=loser["home"], winner_home=winner["home"],
    )  # fmt: skip
    yield from scatter(edges, edges["loser_home"].astype(np.int64))
    away = edges[edges["winner_home"] != edges["loser_home"]]
    yield from scatter(away, away["winner_home"].astype(np.int64))
