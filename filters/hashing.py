"""Hashes of words and of runs of words, as array operations: what near-duplicates and decontamination share.

All arithmetic is in uint64, where overflow is reduction modulo 2**64. The constants are fixed: a hash is the same in
every process, on every machine and under every version of numpy.
"""

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]

_BASE_BYTE = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2**64
_BASE_TOKEN = 0xD1342543DE82EF95
_INVERSE_TOKEN = pow(_BASE_TOKEN, -1, 1 << 64)
_BLOCK = 1 << 16


def mix(values: Hashes) -> Hashes:
    """A fixed bijection of uint64 that spreads every bit over all (the finalizer of splitmix64)."""
    values = values ^ (values >> np.uint64(30))
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def stream(seed: int, count: int) -> Hashes:
    """`count` pseudo-random uint64 values that follow from `seed` (splitmix64)."""
    start = np.uint64(seed % (1 << 64))
    return mix(np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_BASE_BYTE) + start)


@cache
def _powers(base: int, blocks: int) -> Hashes:
    """base**0, base**1, ...: `blocks` times 65,536 of them, modulo 2**64."""
    values = np.full(blocks * _BLOCK, np.uint64(base), dtype=np.uint64)
    values[0] = 1
    return np.multiply.accumulate(values)


def powers(base: int, count: int) -> Hashes:
    """The first `count` powers of `base` modulo 2**64. Tables grow by doubling and are kept for the process."""
    blocks = 1
    while blocks * _BLOCK < count:
        blocks *= 2
    return _powers(base, blocks)[:count]


@cache
def _byte_values() -> Hashes:
    return stream(0xB17E, 256)


def hash_runs(data: NDArray[np.uint8], starts: NDArray[np.intp]) -> Hashes:
    """Hash of each run of bytes: sum of value(byte j of the run) * base**j, mixed.

    Args:
        data: bytes, shape (N,).
        starts: ascending start of each run, shape (T,), the first 0; a run ends where the next begins.

    Returns:
        uint64, shape (T,).
    """
    lengths = np.diff(starts, append=len(data))
    place = np.arange(len(data)) - np.repeat(starts, lengths)
    terms = _byte_values()[data] * powers(_BASE_BYTE, int(lengths.max(initial=0)))[place]
    return mix(np.add.reduceat(terms, starts)) if len(starts) else np.empty(0, dtype=np.uint64)


def hash_grams(tokens: Hashes, size: int) -> Hashes:
    """Hash of each run of `size` neighbouring tokens, in order; of all of them where there are fewer.

    A prefix sum P of token i * base**i gives any run [i, i + size) as (P[i + size] - P[i]) / base**i: three passes,
    whatever the size. The number of tokens is part of the hash: a short text never equals a part of a longer one.

    Args:
        tokens: uint64, shape (T,).
        size: tokens of a run, at least 1.

    Returns:
        uint64, shape (max(1, T - size + 1),), or (0,) where T is 0.
    """
    count = len(tokens)
    if count == 0:
        return np.empty(0, dtype=np.uint64)
    width = min(size, count)
    sums = np.zeros(count + 1, dtype=np.uint64)
    np.cumsum(tokens * powers(_BASE_TOKEN, count), out=sums[1:])
    runs = (sums[width:] - sums[:-width]) * powers(_INVERSE_TOKEN, count - width + 1)
    return mix(runs + np.uint64(width))
