"""The hash that everything here is mixed with. Constants are fixed: a hash is the same in every process and version.

All arithmetic is in uint64, where overflow is reduction modulo 2**64.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Hashes: TypeAlias = NDArray[np.uint64]

_STEP = 0x9E3779B97F4A7C15


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
    return mix(np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_STEP) + start)
