"""Near-duplicates: shingles of tokens, MinHash signatures, band keys and exact Jaccard similarity, in arrays.

A token is a run of ASCII letters, digits, underscores and bytes from 128 on (so a word in any script stays whole), or
one byte of ASCII punctuation. White space and control characters only separate. A shingle is a run of tokens; a text
shorter than one is compared whole.

Jaccard similarity is exact over 64-bit hashes of shingles: two different shingles of one comparison collide with a
chance of about n**2 / 2**65, less than 1e-9 for documents of 100,000 tokens.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from filters import kernels
from filters.hashing import Hashes

SHINGLE = 20
BANDS = 64
ROWS = 5

_SEED = np.uint64(0x7E315)


Utf8: TypeAlias = bytes | NDArray[np.uint8]


def tokens(data: Utf8) -> Hashes:
    """Hash of each token of UTF-8 text, in order; uint64, shape (T,)."""
    array = data if isinstance(data, np.ndarray) else np.frombuffer(data, dtype=np.uint8)
    found = np.empty(len(array) + 1, dtype=np.uint64)
    return found[: kernels.token_hashes(array, kernels.KINDS, kernels.VALUES, found)]


def shingles(text: str | Utf8, size: int = SHINGLE) -> Hashes:
    """Hashes of every run of `size` tokens; a shorter text is one shingle, compared whole.

    Args:
        text: as it is, or its UTF-8.
        size: tokens of a shingle.

    Returns:
        uint64, ascending, each once, shape (S,); (0,) for a text without tokens.
    """
    found = tokens(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    found = np.sort(found[: kernels.roll(found, size)])
    return found[np.concatenate(([True], found[1:] != found[:-1]))] if len(found) else found


def signature(hashes: Hashes, places: int = BANDS * ROWS) -> Hashes:
    """A one-permutation MinHash signature; the share of places where two agree estimates their Jaccard similarity.

    Args:
        hashes: shingles, shape (S,); any order.
        places: of the signature, P.

    Returns:
        uint64 under 2**32, shape (P,); 2**32 everywhere for an empty set.
    """
    values = np.empty(places, dtype=np.uint64)
    kernels.bins(hashes, _SEED, values)
    return values


def band_keys(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    size: int = SHINGLE,
    bands: int = BANDS,
    rows: int = ROWS,
) -> tuple[Hashes, NDArray[np.int64]]:
    """One key a band of each of many texts: texts that share a key are candidates.

    With 64 bands of 5 rows a pair at Jaccard J becomes a candidate with a chance of 1 - (1 - J**5)**64: all but 3e-8
    at .75. No memory is held for a text besides the keys; the longest one needs 8 bytes a byte while it is read.

    Args:
        data: UTF-8 that holds them, shape (N,).
        starts: text i is data[starts[i]:ends[i]], shape (D,).
        ends: likewise.
        size: tokens of a shingle.
        bands: keys of a text.
        rows: places of the signature in a key.

    Returns:
        Keys, uint64, shape (D, bands); and the number of shingles of each text, repeats counted, shape (D,).
    """
    keys, counts = kernels.sketch(data, starts, ends, kernels.KINDS, kernels.VALUES, size, bands, rows, _SEED)
    return keys, counts


def jaccard(left: Hashes, right: Hashes) -> float:
    """Size of the intersection over size of the union of two sets, given ascending and without repeats.

    Two empty sets are the same text without tokens: 1.0.
    """
    if not len(left) and not len(right):
        return 1.0
    both: int = kernels.common(left, right)
    return both / (len(left) + len(right) - both)


def lay(texts: Sequence[bytes]) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Texts one after another, as `band_keys` wants them."""
    ends = np.cumsum([len(text) for text in texts], dtype=np.int64)
    starts = np.concatenate((ends[:0], [0], ends))[: len(texts)].astype(np.int64)
    return np.frombuffer(b"".join(texts), dtype=np.uint8), starts, ends
