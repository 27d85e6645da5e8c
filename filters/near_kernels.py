"""Compiled loops of the index of near texts: prefixes of sets of shingles, and the set nearest to another one.

A set's prefix, in an order that all sets share, is its first n - a + 1 members, where a is the least overlap that a set
of n must have with any set at the threshold. Two sets at the threshold share a member of their prefixes (Chaudhuri,
Ganti & Kaushik 2006), so nothing else needs to be indexed or looked up. The order here: by hash, and those that many
sets have last.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from filters.hashing import Hashes


@njit(cache=True, nogil=True)
def least_overlap(total: int, threshold: float, union: bool) -> int:
    """The least c of at least 1 with c / total >= threshold, or, with `union`, c / (total - c) >= threshold.

    Args:
        total: members of a set, or of two together.
        threshold: above 0, at most 1.
        union: whether `total` counts what both have twice.
    """
    share = threshold / (1.0 + threshold) if union else threshold
    c = max(1, int(share * total))
    while c > 1 and (c - 1) / (total - c + 1 if union else total) >= threshold:
        c -= 1
    while c < total and c / (total - c if union else total) < threshold:
        c += 1
    return c


@njit(cache=True, nogil=True)
def prefix(own: Hashes, hot: Hashes, wanted: int, out: NDArray[np.int64]) -> int:
    """Places of a set's first `wanted` members into `out`: ascending those not in `hot`, then the others.

    Args:
        own: a set, ascending.
        hot: what many sets have, ascending.
        wanted: at most len(own).
        out: at least `wanted` long.
    """
    count = 0
    for late in (False, True):
        for place in range(len(own)):
            if count == wanted:
                return count
            at = np.searchsorted(hot, own[place]) if len(hot) else 0
            if (at < len(hot) and hot[at] == own[place]) == late:
                out[count] = place
                count += 1
    return count


@njit(cache=True, nogil=True)
def prefixes(
    hashes: Hashes, starts: NDArray[np.int64], hot: Hashes, threshold: float
) -> tuple[Hashes, NDArray[np.int32]]:
    """Members of all prefixes and whose they are.

    Args:
        hashes: all sets, each ascending, one after another, shape (N,).
        starts: set i is hashes[starts[i]:starts[i + 1]], shape (D + 1,).
        hot: as of `prefix`.
        threshold: as of `least_overlap`.
    """
    texts = len(starts) - 1
    total, longest = 0, 0
    for text in range(texts):
        n = starts[text + 1] - starts[text]
        longest = max(longest, n)
        total += n - least_overlap(n, threshold, False) + 1 if n else 0
    members = np.empty(total, dtype=np.uint64)
    owners = np.empty(total, dtype=np.int32)
    places = np.empty(longest, dtype=np.int64)
    filled = 0
    for text in range(texts):
        own = hashes[starts[text] : starts[text + 1]]
        if len(own) == 0:
            continue
        for k in range(prefix(own, hot, len(own) - least_overlap(len(own), threshold, False) + 1, places)):
            members[filled] = own[places[k]]
            owners[filled] = text
            filled += 1
    return members, owners


@njit(cache=True, nogil=True)
def overlap(left: Hashes, right: Hashes, least: int) -> int:
    """Members that two ascending sets share; -1 as soon as they can't be `least`."""
    spare_left, spare_right = len(left) - least, len(right) - least
    i, j, count = 0, 0, 0
    while i < len(left) and j < len(right):
        a, b = left[i], right[j]
        if a == b:
            count += 1
            i += 1
            j += 1
        elif a < b:
            i += 1
            spare_left -= 1
            if spare_left < 0:
                return -1
        else:
            j += 1
            spare_right -= 1
            if spare_right < 0:
                return -1
    return count if count >= least else -1


@njit(cache=True, nogil=True)
def nearest(
    own: Hashes,
    hashes: Hashes,
    starts: NDArray[np.int64],
    hot: Hashes,
    buckets: NDArray[np.int32],
    keys: NDArray[np.uint32],
    owners: NDArray[np.int32],
    seen: NDArray[np.int32],
    turn: int,
    threshold: float,
) -> tuple[int, float]:
    """The set nearest to `own` and its Jaccard similarity, the first of equally near ones; -1 where none is near.

    Args:
        own: a set, ascending, not empty.
        hashes: as of `prefixes`, with `starts` and `hot`.
        starts: see there.
        hot: see there.
        buckets: members of prefixes whose upper bits are b stand at buckets[b]:buckets[b + 1].
        keys: lower 32 bits of the members of prefixes, ascending by the whole hash.
        owners: whose they are.
        seen: of each set the last turn in which it was compared, shape (D,).
        turn: another one at every call with one `seen`.
        threshold: as of `least_overlap`.
    """
    size = len(own)
    wanted = size - least_overlap(size, threshold, False) + 1
    places = np.empty(wanted, dtype=np.int64)
    shift = np.uint64(64 - int(np.round(np.log2(len(buckets) - 1))))
    found, best = -1, threshold
    for k in range(prefix(own, hot, wanted, places)):
        member = own[places[k]]
        bucket = np.int64(member >> shift)
        low = np.uint32(member & np.uint64(0xFFFFFFFF))
        for at in range(buckets[bucket], buckets[bucket + 1]):
            owner = owners[at]
            if keys[at] != low or seen[owner] == turn:
                continue
            seen[owner] = turn
            other = hashes[starts[owner] : starts[owner + 1]]
            if min(size, len(other)) / max(size, len(other)) < best:
                continue
            common = overlap(own, other, least_overlap(size + len(other), best, True))
            if common < 0:
                continue
            similarity = common / (size + len(other) - common)
            if similarity > best or found < 0 or owner < found:
                found, best = owner, similarity
    return found, best
