"""Arrays as elements: what crosses a shuffle where an element a record would cost too much.

An element is (partition, bytes): rows of one fixed layout, as they lie in memory, little-endian.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from filters.hashing import Hashes, mix

DOC = np.dtype([("doc", "<u8"), ("first", "<u8"), ("second", "<u8")])
"""A document's number, and its priority: of two near ones the one with the smaller (first, second, doc) is kept."""

_FLAG, _BLOCK, MENDED_BIT = 63, 32, 31  # bits of a document's number
_FEW = 1 << 16  # destinations, which sort five times as fast in 16 bits


MAX_TIME = (1 << 41) - 1
"""Of a priority: times are counted from 2**40 seconds before 1970."""


def number(block: int, place: int, flag: bool = False, mended: bool = False) -> int:
    """The number of the document at a place of a block.

    Args:
        block: under 2**31.
        place: under 2**31.
        flag: tells two kinds of documents apart.
        mended: whether its text is another than the one that is stored.
    """
    return (int(flag) << _FLAG) | (block << _BLOCK) | (int(mended) << MENDED_BIT) | place


def where(doc: int) -> tuple[int, int, bool]:
    """(block, place there, whether it is mended) of one document."""
    return (doc >> _BLOCK) & 0x7FFFFFFF, doc & 0x7FFFFFFF, bool((doc >> MENDED_BIT) & 1)


def priority(benchmark: bool, time: int, id_: str) -> tuple[int, int]:
    """(first, second) of a document: the benchmark's before others, then the earlier, then the lesser id.

    Args:
        benchmark: whether it is of the benchmark.
        time: Unix seconds; within 2**40 of 1970.
        id_: hexadecimal, of which 16 digits count; of another text the first eight bytes do.
    """
    first = (int(not benchmark) << 63) | min(max(time + (MAX_TIME + 1) // 2, 0), MAX_TIME)
    try:
        return first, int(id_[:16], 16)
    except ValueError:
        return first, int.from_bytes(id_.encode()[:8].ljust(8, b"\0"), "big")


def block_of(docs: Hashes) -> NDArray[np.int64]:
    """Blocks of documents."""
    return ((docs >> np.uint64(_BLOCK)) & np.uint64(0x7FFFFFFF)).astype(np.int64)


def local_of(docs: Hashes) -> NDArray[np.int64]:
    """What a document's number says besides its block, as `Texts` wants it: its place, and whether it is mended."""
    return (docs & np.uint64(0xFFFFFFFF)).astype(np.int64)


def flag_of(docs: Hashes) -> NDArray[np.bool_]:
    """Flags of documents."""
    flags: NDArray[np.bool_] = docs >= np.uint64(1 << _FLAG)
    return flags


def partition(values: Hashes, partitions: int) -> NDArray[np.int64]:
    """The partition that each value belongs to."""
    return (mix(values) % np.uint64(partitions)).astype(np.int64)


def unpack(parts: Iterable[bytes], layout: Any) -> Any:
    """Rows of all parts, shape (N,)."""
    return np.frombuffer(b"".join(parts), dtype=layout)


def joined(item: tuple[int, Iterable[bytes]]) -> tuple[int, bytes]:
    """All parts of a key in one, whatever order they came in."""
    return item[0], b"".join(sorted(item[1]))


def rows(layout: Any, **columns: Any) -> Any:
    """Rows out of columns of one length, or single values."""
    size = max((np.size(column) for column in columns.values() if np.ndim(column)), default=1)
    made = np.empty(size, dtype=layout)
    for name, column in columns.items():
        made[name] = column
    return made


def distinct(packed: Any) -> Any:
    """Rows in the order of their columns, each once."""
    names = list(packed.dtype.names)
    ordered = packed[np.lexsort([packed[name] for name in reversed(names)])]
    begins = np.ones(len(ordered), dtype=np.bool_)
    begins[1:] = np.logical_or.reduce([ordered[name][1:] != ordered[name][:-1] for name in names])
    return ordered[begins]


def scatter(packed: Any, destinations: NDArray[np.int64]) -> Iterator[tuple[int, bytes]]:
    """(destination, its rows), ascending; the order of rows is kept."""
    few = len(destinations) > 0 and destinations.max() < _FEW
    order = np.argsort(destinations.astype(np.uint16) if few else destinations, kind="stable")
    ends = np.flatnonzero(np.diff(destinations[order], append=-1)) + 1 if len(order) else np.empty(0, dtype=np.int64)
    start = 0
    for end in ends.tolist():
        yield int(destinations[order[start]]), packed[order[start:end]].tobytes()
        start = end
