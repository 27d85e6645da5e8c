"""A set of keys as marked bits: a key that was marked is never missed, and now and then another is taken for one."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from filters.hashing import Hashes

_FEWEST, _MOST = 16, 31  # bits are counted in powers of two: 8 kB to 256 MB


def unmarked(keys: int) -> NDArray[np.uint8]:
    """Bits for about so many keys, none of them marked; of the others up to two fifths are taken for marked.

    Args:
        keys: at least 1; beyond a thousand million the share grows.

    Returns:
        Shape (2**n / 8,).
    """
    power = min(max((2 * keys - 1).bit_length(), _FEWEST), _MOST)
    return np.zeros(1 << (power - 3), dtype=np.uint8)


def mark(bits: NDArray[np.uint8], keys: Hashes) -> None:
    """Mark keys, in place."""
    _mark(bits, keys, _shift(bits))


def marked(bits: NDArray[np.uint8], keys: Hashes) -> NDArray[np.bool_]:
    """Whether each key is marked, shape (K,)."""
    found = np.empty(len(keys), dtype=np.bool_)
    _marked(bits, keys, _shift(bits), found)
    return found


def _shift(bits: NDArray[np.uint8]) -> np.uint64:
    return np.uint64(64 - (8 * len(bits) - 1).bit_length())


@njit(cache=True, nogil=True)
def _mark(bits: NDArray[np.uint8], keys: Hashes, shift: np.uint64) -> None:
    for key in keys:
        place = key >> shift
        bits[place >> np.uint64(3)] |= np.uint8(1) << np.uint8(place & np.uint64(7))


@njit(cache=True, nogil=True)
def _marked(bits: NDArray[np.uint8], keys: Hashes, shift: np.uint64, found: NDArray[np.bool_]) -> None:
    for i in range(len(keys)):
        place = keys[i] >> shift
        found[i] = (bits[place >> np.uint64(3)] >> np.uint8(place & np.uint64(7))) & np.uint8(1) != 0
