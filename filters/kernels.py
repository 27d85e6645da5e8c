"""Compiled loops over the bytes and tokens of code: tokens, shingles, sketches, intersections.

Everything here works on arrays and makes no Python object a token. Arithmetic is in uint64, where overflow is reduction
modulo 2**64; a hash is the same in every process and on every machine. Compiled code is cached beside the sources, or
where `NUMBA_CACHE_DIR` says.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from filters.hashing import Hashes, stream

KINDS = np.zeros(256, dtype=np.uint64)
"""Of a byte: 0 white space and control, 1 part of a word, 2 punctuation."""
KINDS[33:127] = 2
KINDS[[*range(48, 58), *range(65, 91), *range(97, 123), ord("_")]] = 1
KINDS[128:] = 1

VALUES = stream(0xB17E, 256)
"""Of a byte: what it adds to the hash of a token."""

_BAND = np.uint64(0x9E3779B97F4A7C15)
_TOKEN = np.uint64(0xD1342543DE82EF95)
_EMPTY = np.uint64(1 << 32)  # of a bin; values have 32 bits


@njit(cache=True, inline="always")
def _mix(value: np.uint64) -> np.uint64:
    value ^= value >> np.uint64(30)
    value *= np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(27)
    value *= np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(cache=True, nogil=True)
def token_hashes(data: NDArray[np.uint8], kinds: Hashes, values: Hashes, out: Hashes) -> int:
    """Hash of each token of `data` into `out`, in order; returns how many.

    A hash is written at each byte and kept by moving on: no branch depends on where tokens end, which nothing can
    foresee.

    Args:
        data: UTF-8, shape (N,).
        kinds: of each byte, shape (256,), as `KINDS`.
        values: of each byte, random, shape (256,).
        out: longer than there are tokens by one; N + 1 is enough.
    """
    count, word, before = 0, np.uint64(0), np.uint64(0)
    for byte in data:
        kind = kinds[byte]
        inside = kind & np.uint64(1)
        out[count] = word
        count += before & (inside ^ np.uint64(1))
        word = (((word << np.uint64(5)) | (word >> np.uint64(59))) + values[byte]) & (np.uint64(0) - inside)
        out[count] = values[byte]
        count += kind >> np.uint64(1)
        before = inside
    if before:
        out[count] = word
        count += 1
    return count


@njit(cache=True, nogil=True)
def roll(tokens: Hashes, size: int) -> int:
    """Hash of each run of `size` tokens, in place of the tokens; of all where there are fewer. Returns how many.

    The number of tokens is part of the hash: a short text never equals a part of a longer one.
    """
    count = len(tokens)
    if count == 0:
        return 0
    width = min(size, count)
    first, value = np.uint64(1), np.uint64(0)
    for place in range(width):
        value = value * _TOKEN + tokens[place]
        if place:
            first *= _TOKEN
    for place in range(count - width + 1):
        leaving = tokens[place]
        tokens[place] = _mix(value + np.uint64(width))
        if place + width < count:
            value = (value - leaving * first) * _TOKEN + tokens[place + width]
    return count - width + 1


@njit(cache=True, nogil=True)
def bins(shingles: Hashes, seed: np.uint64, out: Hashes) -> None:
    """One-permutation MinHash: the least 32-bit value in each bin, empty bins filled from others.

    Li, Owen & Zhang 2012; an empty bin takes the value of the first full one that a fixed random sequence sends there
    (Mai et al. 2020), so that two sets agree in a filled bin about as often as their Jaccard similarity says.

    Args:
        shingles: any order, repeats do no harm, shape (S,).
        seed: of the permutation.
        out: shape (B,); 2**32 everywhere for an empty set.
    """
    size = np.uint64(len(out))
    out[:] = _EMPTY
    for shingle in shingles:
        value = _mix(shingle + seed)
        place = ((value >> np.uint64(32)) * size) >> np.uint64(32)
        out[place] = min(out[place], value & np.uint64(0xFFFFFFFF))
    full = np.flatnonzero(out != _EMPTY)
    left = len(out) - len(full)
    if len(full) == 0:
        return
    turn = np.uint64(0)
    while left:
        turn += np.uint64(1)
        for giver in full:
            drawn = _mix((turn << np.uint64(32)) + np.uint64(giver) + seed)
            place = ((drawn >> np.uint64(32)) * size) >> np.uint64(32)
            if out[place] == _EMPTY:
                out[place] = out[giver]
                left -= 1


@njit(cache=True, nogil=True)
def fold(values: Hashes, rows: int, out: Hashes) -> None:
    """One key a band of `rows` values; the band's number is part of it. `out` has shape (bands,)."""
    for band in range(len(out)):
        key = _mix(np.uint64(band) + _BAND)
        for place in range(band * rows, band * rows + rows):
            key = _mix(key ^ values[place])
        out[band] = key


@njit(cache=True, nogil=True)
def sketch(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    kinds: Hashes,
    values: Hashes,
    size: int,
    bands: int,
    rows: int,
    seed: np.uint64,
) -> tuple[Hashes, NDArray[np.int64]]:
    """Band keys of many texts.

    Args:
        data: UTF-8 that holds them, shape (N,).
        starts: text i is data[starts[i]:ends[i]], shape (D,).
        ends: likewise.
        kinds: as `KINDS`.
        values: as `VALUES`.
        size: tokens of a shingle.
        bands: keys of a text.
        rows: values of a key.
        seed: of the permutation.

    Returns:
        Keys, shape (D, bands), and the number of shingles of each text, repeats counted, shape (D,).
    """
    texts = len(starts)
    longest = 0
    for text in range(texts):
        longest = max(longest, ends[text] - starts[text])
    buffer = np.empty(longest + 1, dtype=np.uint64)
    places = np.empty(bands * rows, dtype=np.uint64)
    keys = np.empty((texts, bands), dtype=np.uint64)
    counts = np.empty(texts, dtype=np.int64)
    for text in range(texts):
        count = token_hashes(data[starts[text] : ends[text]], kinds, values, buffer)
        counts[text] = roll(buffer[:count], size)
        bins(buffer[: counts[text]], seed, places)
        fold(places, rows, keys[text])
    return keys, counts


@njit(cache=True, nogil=True)
def common(left: Hashes, right: Hashes, least: float = 0) -> int:
    """Size of the intersection of two sets, given ascending and without repeats; 0 where it is under `least`."""
    count, i, j = 0, 0, 0
    while i < len(left) and j < len(right):
        if count + min(len(left) - i, len(right) - j) < least:
            return 0
        a, b = left[i], right[j]
        count += a == b
        i += a <= b
        j += b <= a
    return count if count >= least else 0
