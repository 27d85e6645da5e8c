"""Compiled loops over documents that may be near: pairs out of buckets, how often each, how near, and who is kept."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from filters.hashing import Hashes
from filters.kernels import common

_ODD = np.uint64(0x9E3779B97F4A7C15)


@njit(cache=True, nogil=True)
def bucket_pairs(
    keys: Hashes, docs: Hashes, flags: NDArray[np.bool_], across: bool, whole: int, most: int, out: Hashes
) -> int:
    """Pairs of documents that share a key, into `out` as far as it reaches; returns how many there are.

    In a bucket of up to `whole` documents all are paired. In a larger one each document is paired with the first
    `most` of the bucket and the `most` before it: linear, however hot the key.

    Args:
        keys: ascending, shape (E,).
        docs: number of each entry's document; in a bucket in order of priority, shape (E,).
        flags: kind of each entry's document, shape (E,).
        across: only pairs of different flags.
        whole: documents.
        most: documents.
        out: (larger number, smaller number) of each pair, shape (N, 2).
    """
    count, start = 0, 0
    while start < len(keys):
        end = start + 1
        while end < len(keys) and keys[end] == keys[start]:
            end += 1
        for right in range(start + 1, end):
            near = start if end - start <= whole else max(start, right - most)
            left = start
            while left < right:
                if left >= near or left < start + most:
                    if docs[left] != docs[right] and (not across or flags[left] != flags[right]):
                        if count < len(out):
                            out[count, 0] = max(docs[left], docs[right])
                            out[count, 1] = min(docs[left], docs[right])
                        count += 1
                    left += 1
                else:
                    left = near
        start = end
    return count


@njit(cache=True, nogil=True)
def count_pairs(right: Hashes, left: Hashes, times: NDArray[np.uint32]) -> int:
    """Each pair once, with the sum of its times, in place and in the order of first sight; returns how many.

    Args:
        right: of each pair, shape (N,).
        left: likewise.
        times: that each was seen.
    """
    size = 16
    while size < 2 * len(right):
        size *= 2
    slots, last = np.full(size, -1, dtype=np.int64), np.uint64(size - 1)
    count = 0
    for place in range(len(right)):
        slot = (((right[place] * _ODD) ^ left[place]) * _ODD >> np.uint64(32)) & last
        while slots[slot] >= 0 and (right[slots[slot]] != right[place] or left[slots[slot]] != left[place]):
            slot = (slot + np.uint64(1)) & last
        if slots[slot] >= 0:
            times[slots[slot]] += times[place]
        else:
            slots[slot] = count
            right[count], left[count], times[count] = right[place], left[place], times[place]
            count += 1
    return count


@njit(cache=True, nogil=True)
def similarities(
    values: Hashes,
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    left: NDArray[np.int64],
    right: NDArray[np.int64],
    threshold: float,
) -> NDArray[np.float64]:
    """Exact Jaccard similarity of pairs of sets; 0 where it is surely below `threshold`.

    Args:
        values: of all sets, each ascending and without repeats, one after another.
        starts: set i is values[starts[i]:ends[i]].
        ends: likewise.
        left: number of each pair's one set, shape (N,).
        right: of its other one.
        threshold: below which a similarity need not be exact.
    """
    found = np.zeros(len(left), dtype=np.float64)
    for place in range(len(left)):
        one = values[starts[left[place]] : ends[left[place]]]
        other = values[starts[right[place]] : ends[right[place]]]
        if min(len(one), len(other)) >= threshold * max(len(one), len(other)) and len(one):
            least = threshold / (1 + threshold) * (len(one) + len(other))
            both = common(one, other, least - 0.5)  # for rounding
            found[place] = both / (len(one) + len(other) - both)
    return found


@njit(cache=True, nogil=True)
def settle(
    starts: NDArray[np.int64], losers: NDArray[np.int64], winners: NDArray[np.int64], states: NDArray[np.int8]
) -> None:
    """One pass of the greedy choice over documents in order of priority; changes `states` in place.

    A document is dropped (2) where a neighbour before it is kept (1), kept where all of them are dropped, and stays
    open (0) otherwise.

    Args:
        starts: neighbours of document i are winners[starts[i]:starts[i + 1]], shape (D + 1,).
        losers: index into `states` of each document, in order of priority, shape (D,).
        winners: index into `states` of each neighbour.
        states: of documents.
    """
    for place in range(len(losers)):
        if states[losers[place]]:
            continue
        state = 1
        for neighbour in winners[starts[place] : starts[place + 1]]:
            if states[neighbour] == 1:
                state = 2
                break
            if states[neighbour] == 0:
                state = 0
        states[losers[place]] = state
