"""Bootstrap over whole clusters: seeded, percentile, as one matrix product."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Codes: TypeAlias = NDArray[np.int64]

DRAWS = 2_000
SEED = 20190601
_CELLS = 2_000_000


def resampled(columns_GK: Floats, draws: int = DRAWS, seed: int = SEED) -> Floats:
    """Sums over G clusters drawn with replacement, one row a draw.

    Args:
        columns_GK: what is summed, one row a cluster.
        draws: D, number of draws.
        seed: of the draws; they depend on it and on the number of clusters alone.

    Returns:
        (D, K).
    """
    count = len(columns_GK)
    rng = np.random.default_rng((seed, count))
    step = max(1, _CELLS // count)
    parts = []
    for start in range(0, draws, step):
        rows = min(step, draws - start)
        taken = rng.integers(0, count, (rows, count)) + count * np.arange(rows)[:, None]
        times_RG = np.bincount(taken.ravel(), minlength=rows * count).reshape(rows, count)
        parts.append(times_RG.astype(np.float64) @ columns_GK)
    return np.concatenate(parts)


def percentiles(values_D: Floats, confidence: float = 0.95) -> tuple[float, float]:
    """Ends of the percentile interval of the draws; draws that are NaN are left out."""
    low, high = np.nanquantile(values_D, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
