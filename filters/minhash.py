"""Near-duplicates: shingles, MinHash signatures, band keys and exact Jaccard similarity, as array operations.

Jaccard similarity is exact over 64-bit hashes of shingles: two different shingles of one comparison collide with a
chance of about n**2 / 2**65, less than 1e-9 for documents of 100,000 tokens.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from filters.hashing import Hashes, hash_grams, hash_runs, mix, stream

SHINGLE = 20
PERMUTATIONS = 252
BANDS = 42
ROWS = 6

_CHUNK = 1024  # shingles at a time: 1 MB beside 252 permutations of 4 bytes

_KINDS = np.zeros(256, dtype=np.uint8)  # 0 white space and control, 1 part of a word, 2 punctuation
_KINDS[33:127] = 2
_KINDS[[*range(48, 58), *range(65, 91), *range(97, 123), ord("_")]] = 1
_KINDS[128:] = 1


def tokens(data: bytes) -> Hashes:
    """Hash of each token of UTF-8 text, in order.

    A token is a run of ASCII letters, digits, underscores and bytes from 128 on (so a word in any script stays whole),
    or one byte of ASCII punctuation. White space and control characters only separate.

    Returns:
        uint64, shape (T,).
    """
    array = np.frombuffer(data, dtype=np.uint8)
    if not len(array):
        return np.empty(0, dtype=np.uint64)
    kinds = _KINDS[array]
    begins = np.empty(len(array), dtype=np.bool_)
    begins[0] = True
    np.not_equal(kinds[1:], kinds[:-1], out=begins[1:])
    begins |= kinds == 2
    starts = np.flatnonzero(begins)
    hashes: Hashes = hash_runs(array, starts)[kinds[starts] != 0]
    return hashes


def shingles(text: str, size: int = SHINGLE) -> Hashes:
    """Hashes of every run of `size` tokens; a shorter text is one shingle, compared whole.

    Returns:
        uint64, ascending, each once, shape (S,); (0,) for a text without tokens.
    """
    return np.unique(hash_grams(tokens(text.encode("utf-8", "surrogatepass")), size))


@cache
def _permutations(count: int, seed: int) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    drawn = stream(seed, 2 * count)
    high = (drawn >> np.uint64(32)).astype(np.uint32)
    return (high[:count] | np.uint32(1))[:, None], high[count:, None]


def signature(hashes: Hashes, permutations: int = PERMUTATIONS, seed: int = 0) -> NDArray[np.uint32]:
    """The least value of the set under each permutation h -> a * h + b modulo 2**32, a odd.

    The share of places where two signatures agree estimates their Jaccard similarity (Broder 1997); a linear map
    isn't min-wise independent by proof, so a test holds the estimate against exact values.

    Args:
        hashes: shingles, shape (S,); any order. Memory stays under 3 MB whatever S is.
        permutations: places of the signature, P.
        seed: of the permutations.

    Returns:
        uint32, shape (P,); the largest value everywhere for an empty set.
    """
    factor, offset = _permutations(permutations, seed)
    least = np.full(permutations, np.iinfo(np.uint32).max, dtype=np.uint32)
    low = (hashes >> np.uint64(32)).astype(np.uint32)
    for start in range(0, len(low), _CHUNK):
        values = factor * low[None, start : start + _CHUNK]
        values += offset
        np.minimum(least, values.min(axis=1), out=least)
    return least


def band_keys(values: NDArray[np.uint32], bands: int = BANDS, rows: int = ROWS) -> Hashes:
    """One key a band: documents that share a key are candidates. The band's number is part of the key.

    With 42 bands of 6 rows a pair at Jaccard J becomes a candidate with a chance of 1 - (1 - J**6)**42: .9998 at .75.

    Args:
        values: a signature of at least bands * rows places.
        bands: number of keys.
        rows: places of a band.

    Returns:
        uint64, shape (bands,).
    """
    if len(values) < bands * rows:
        raise ValueError(f"a signature of {len(values)} places is too short for {bands} bands of {rows} rows")
    keys = stream(0xBA2D, bands)
    for column in values[: bands * rows].reshape(bands, rows).T.astype(np.uint64):
        keys = mix(keys ^ column)
    return keys


def jaccard(left: Hashes, right: Hashes) -> float:
    """Size of the intersection over size of the union of two sets, given ascending and without repeats.

    Two empty sets are the same text without tokens: 1.0.
    """
    if len(left) > len(right):
        left, right = right, left
    if not len(right):
        return 1.0
    if not len(left):
        return 0.0
    at = np.searchsorted(right, left)
    at[at == len(right)] = 0
    common = int(np.count_nonzero(right[at] == left))
    return common / (len(left) + len(right) - common)
