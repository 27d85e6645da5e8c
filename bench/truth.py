"""Every pair of documents at Jaccard >= 0.75, by an exact join: the truth that near-duplicate removal is held against.

Usage: python -m bench.truth --corpus runs/bench/corpus

Written independently of the pipeline: of its code only `shingles()` is used, which says what the sets are. There is no
signature here; the join is an inverted index with prefix filtering (Xiao et al. 2008, "Efficient similarity joins for
near-duplicate detection"), which loses nothing. A document shorter than a shingle is one shingle, so it is compared
whole; documents without any token are all alike.
"""

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numba import njit
from numpy.typing import NDArray

from filters.minhash import shingles

THRESHOLD = Fraction(3, 4)
Pair: TypeAlias = tuple[str, str, float]
"""Ids of two documents, the lesser first, and their similarity."""

_SCHEMA = pa.schema([("left", pa.string()), ("right", pa.string()), ("jaccard", pa.float64())])
_BUCKET_BITS = 24


class Sets(NamedTuple):
    """Shingles of documents, in ascending order of their number.

    Attributes:
        ids: of the documents, D.
        starts: of each document's shingles in `hashes`, and their end, shape (D + 1,).
        hashes: uint64, ascending within a document, shape (N,).
    """

    ids: tuple[str, ...]
    starts: NDArray[np.int64]
    hashes: NDArray[np.uint64]


def documents(corpus: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of a corpus, one row group in memory at a time."""
    for path in sorted(corpus.glob("files-*.parquet")):
        file = pq.ParquetFile(path)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=["id", "text"])
            yield from zip(table["id"].to_pylist(), table["text"].to_pylist(), strict=True)


def sets(texts: Iterable[tuple[str, str]]) -> Sets:
    """The shingles of (id, text) documents."""
    ids, found = [], []
    for id_, text in texts:
        ids.append(id_)
        found.append(shingles(text))
    order = sorted(range(len(ids)), key=lambda one: (len(found[one]), ids[one]))
    starts = np.zeros(len(ids) + 1, dtype=np.int64)
    np.cumsum([len(found[one]) for one in order], out=starts[1:])
    hashes = np.empty(starts[-1], dtype=np.uint64)
    for place, one in enumerate(order):
        hashes[starts[place] : starts[place + 1]] = found[one]
        found[one] = found[one][:0]
    return Sets(tuple(ids[one] for one in order), starts, hashes)


@njit(cache=True)
def _prefixes(starts, hashes, counts, shift, keep_p, keep_q):  # type: ignore[no-untyped-def]
    """Of each document its rarest size - ceil(size * p / q) + 1 shingles, rare first; with their starts."""
    documents = len(starts) - 1
    sizes = np.zeros(documents + 1, dtype=np.int64)
    for one in range(documents):
        size = starts[one + 1] - starts[one]
        sizes[one + 1] = 0 if size == 0 else size - (size * keep_p + keep_q - 1) // keep_q + 1
    firsts = np.cumsum(sizes)
    out = np.empty(firsts[-1], dtype=np.uint64)
    for one in range(documents):
        own = hashes[starts[one] : starts[one + 1]]
        common = np.empty(len(own), dtype=np.int64)
        for at in range(len(own)):
            common[at] = counts[own[at] >> shift]
        order = np.argsort(common, kind="mergesort")
        for at in range(sizes[one + 1]):
            out[firsts[one] + at] = own[order[at]]
    return firsts, out


@njit(cache=True)
def _common(left, right, least):  # type: ignore[no-untyped-def]
    """Size of the intersection of two ascending arrays, or some number below `least` where it is below that."""
    i = j = found = 0
    while i < len(left) and j < len(right):
        if found + min(len(left) - i, len(right) - j) < least:
            return found
        if left[i] == right[j]:
            found += 1
            i += 1
            j += 1
        elif left[i] < right[j]:
            i += 1
        else:
            j += 1
    return found


@njit(cache=True)
def _joined(starts, hashes, firsts, probes, keys, key_starts, owners, p, q):  # type: ignore[no-untyped-def]
    """(smaller, larger, common) of every pair with common / union >= p / q."""
    documents = len(starts) - 1
    seen = np.full(documents, -1, dtype=np.int64)
    found = [(0, 0, 0) for _ in range(0)]
    for one in range(documents):
        own = hashes[starts[one] : starts[one + 1]]
        size = len(own)
        for at in range(firsts[one], firsts[one + 1]):
            key = np.searchsorted(keys, probes[at])
            if key == len(keys) or keys[key] != probes[at]:
                continue
            for place in range(key_starts[key + 1] - 1, key_starts[key] - 1, -1):
                other = owners[place]
                if other >= one or seen[other] == one:
                    continue
                other_size = starts[other + 1] - starts[other]
                if other_size * q < p * size:
                    break
                seen[other] = one
                least = (p * (size + other_size) + p + q - 1) // (p + q)
                common = _common(hashes[starts[other] : starts[other + 1]], own, least)
                if common * q >= p * (size + other_size - common):
                    found.append((other, one, common))
    return found


def join(of: Sets, threshold: Fraction = THRESHOLD) -> list[Pair]:
    """Every pair at `threshold` or above, sorted. About 16 bytes of memory a shingle, and those of the pairs."""
    p, q = threshold.numerator, threshold.denominator
    shift = np.uint64(64 - _BUCKET_BITS)
    counts = np.zeros(1 << _BUCKET_BITS, dtype=np.int64)
    for start in range(0, len(of.hashes), 1 << 22):
        buckets, times = np.unique(of.hashes[start : start + (1 << 22)] >> shift, return_counts=True)
        counts[buckets] += times
    index_firsts, indexed = _prefixes(of.starts, of.hashes, counts, shift, 2 * p, p + q)
    owners = np.repeat(np.arange(len(of.ids), dtype=np.int32), np.diff(index_firsts))
    order = np.argsort(indexed, kind="stable")
    indexed, owners = indexed[order], owners[order]
    del order
    new = np.ones(len(indexed), dtype=np.bool_)
    np.not_equal(indexed[1:], indexed[:-1], out=new[1:])
    key_starts = np.flatnonzero(new)
    keys = indexed[key_starts]
    ends = np.append(key_starts, len(indexed)).astype(np.int64)
    firsts, probes = _prefixes(of.starts, of.hashes, counts, shift, p, q)
    pairs = []
    for left, right, common in _joined(of.starts, of.hashes, firsts, probes, keys, ends, owners, p, q):
        union = int(of.starts[left + 1] - of.starts[left] + of.starts[right + 1] - of.starts[right]) - common
        first, second = sorted((of.ids[left], of.ids[right]))
        pairs.append((first, second, common / union))
    empty = sorted(id_ for id_, size in zip(of.ids, np.diff(of.starts), strict=True) if not size)
    pairs += [(left, right, 1.0) for at, left in enumerate(empty) for right in empty[at + 1 :]]
    return sorted(pairs)


def greedy(pairs: Iterable[Pair], order: Sequence[str]) -> dict[str, str]:
    """Documents that an exact greedy pass removes, each with the first kept one that it is near to.

    In the given order a document goes only where one that was kept before it is in a pair with it.

    Raises:
        KeyError: a pair names a document that `order` lacks.
    """
    rank = {id_: place for place, id_ in enumerate(order)}
    earlier: dict[str, list[str]] = {}
    for left, right, _ in pairs:
        first, second = sorted((left, right), key=rank.__getitem__)
        earlier.setdefault(second, []).append(first)
    removed: dict[str, str] = {}
    for id_ in order:
        kept = [one for one in earlier.get(id_, ()) if one not in removed]
        if kept:
            removed[id_] = min(kept, key=rank.__getitem__)
    return removed


def recall(removed: Iterable[str], truth: Iterable[str]) -> float:
    """Of the removals that the exact greedy pass makes, the share that `removed` has; 1 where it makes none."""
    wanted = set(truth)
    return len(wanted & set(removed)) / len(wanted) if wanted else 1.0


def precision(removed: Iterable[str], pairs: Iterable[Pair]) -> float:
    """Of the removed documents, the share that has a *kept* document within the threshold; 1 where none is removed."""
    gone = set(removed)
    right = set()
    for left, other, _ in pairs:
        if (left in gone) != (other in gone):
            right.add(left if left in gone else other)
    return len(right) / len(gone) if gone else 1.0


def planted_recall(planted: Iterable[dict[str, Any]], removed: Iterable[str], truth: Iterable[str]) -> dict[str, float]:
    """By interval, of the planted copies that the exact greedy pass removes, the share that `removed` has."""
    gone, wanted = set(removed), set(truth)
    found: dict[str, list[bool]] = {}
    for one in planted:
        if one["id"] in wanted:
            found.setdefault(f"{one['low']:.2f}-{one['high']:.2f}", []).append(one["id"] in gone)
    return {interval: sum(hits) / len(hits) for interval, hits in sorted(found.items())}


def write(pairs: Sequence[Pair], path: Path) -> None:
    """`truth.parquet`: left, right, jaccard."""
    columns = list(zip(*pairs, strict=True)) or [(), (), ()]
    pq.write_table(pa.table([list(one) for one in columns], schema=_SCHEMA), path, compression="zstd")


def read(path: Path) -> list[Pair]:
    """The pairs of `truth.parquet`."""
    table = pq.read_table(path)
    return list(zip(*(table[name].to_pylist() for name in _SCHEMA.names), strict=True))


def main(arguments: Sequence[str] | None = None) -> int:
    """See the module's text."""
    parser = argparse.ArgumentParser(prog="bench.truth", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, default=Path("runs/bench/corpus"))
    corpus: Path = parser.parse_args(arguments).corpus
    begun = time.perf_counter()
    found = sets(documents(corpus))
    read_s = time.perf_counter() - begun
    pairs = join(found)
    write(pairs, corpus / "truth.parquet")
    removed = greedy(pairs, sorted(found.ids))
    said = {
        "documents": len(found.ids),
        "shingles": len(found.hashes),
        "pairs": len(pairs),
        "removed": len(removed),
        "read_s": round(read_s, 1),
        "join_s": round(time.perf_counter() - begun - read_s, 1),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    print(json.dumps(said))
    return 0


if __name__ == "__main__":
    sys.exit(main())
