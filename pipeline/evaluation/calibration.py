"""How far sigma(margin) is a probability: expected calibration error, Brier score, log loss, before and after scaling.

A pair is read from both sides at once: the confidence is sigma(|margin|), and it is right where the margin is positive
(half right for a tie). Brier and log loss are of the chosen side's sigma(margin), whose truth is always 1.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.evaluation.bootstrap import Floats
from pipeline.evaluation.statistics import credits_of

BINS = 15
DEFINITION = (
    "ece: 15 bins of equal mass over sigma(|margin|), weighted mean of |confidence - share right|; brier: mean of "
    "(1 - sigma(margin))^2; log_loss: mean of -log sigma(margin). scaled: the same of margin / temperature, each half "
    "of the clusters with the temperature of least log loss on the other half. A margin of 0 everywhere gives a Brier "
    "score of 0.25 and a log loss of 0.6931"
)


def sigmoid(values_N: Floats) -> Floats:
    """1 / (1 + exp(-v)), for any finite value."""
    return np.asarray(np.exp(-np.logaddexp(0.0, -values_N)))


def expected_calibration_error(margins: Sequence[float] | Floats, bins: int = BINS) -> float:
    """Weighted mean, over bins of equal mass, of |mean confidence - share right|.

    Args:
        margins: finite; at least one.
        bins: at most; no bin is empty.
    """
    margins_N = np.asarray(margins, dtype=np.float64)
    order_N = np.argsort(np.abs(margins_N), kind="stable")
    right_N, confidence_N = credits_of(margins_N, True)[order_N], sigmoid(np.abs(margins_N))[order_N]
    parts = np.array_split(np.arange(len(margins_N)), min(bins, len(margins_N)))
    gaps = [abs(float(confidence_N[part].mean() - right_N[part].mean())) * len(part) for part in parts]
    return sum(gaps) / len(margins_N)


def log_loss(margins: Sequence[float] | Floats) -> float:
    """Mean of -log sigma(margin)."""
    return float(np.logaddexp(0.0, -np.asarray(margins, dtype=np.float64)).mean())


def brier(margins: Sequence[float] | Floats) -> float:
    """Mean of (1 - sigma(margin))^2."""
    return float((sigmoid(-np.asarray(margins, dtype=np.float64)) ** 2).mean())


def temperature(margins: Sequence[float] | Floats) -> float:
    """The temperature of least log loss, within a factor of a million of the median |margin|; 1.0 if all are 0."""
    from scipy.optimize import minimize_scalar

    margins_N = np.asarray(margins, dtype=np.float64)
    moved = np.abs(margins_N[margins_N != 0])
    if not len(moved):
        return 1.0
    middle = float(np.log(np.median(moved)))
    wide = float(np.log(1e6))
    found = minimize_scalar(
        lambda log_t: log_loss(margins_N * np.exp(-log_t)),
        bounds=(middle - wide, middle + wide), method="bounded", options={"xatol": 1e-6},
    )  # fmt: skip
    return float(np.exp(found.x))


def calibration(margins: Sequence[float], clusters: Sequence[str]) -> dict[str, Any]:
    """What `intervals.json` says of calibration.

    Args:
        margins: chosen's score less rejected's, finite; at least one.
        clusters: the pair's cluster. Halves are of whole clusters, told apart by a hash of their names.
    """
    margins_N = np.asarray(margins, dtype=np.float64)
    found: dict[str, Any] = {"definition": DEFINITION, "pairs": len(margins_N), **_measured(margins_N)}
    names = sorted(set(clusters), key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    if len(names) < 2:
        return found | {"scaled": None}
    first = set(names[: len(names) // 2])
    first_N = np.array([name in first for name in clusters])
    temperatures = [temperature(margins_N[first_N]), temperature(margins_N[~first_N])]
    scaled_N = margins_N / np.where(first_N, temperatures[1], temperatures[0])
    return found | {"scaled": {"temperatures": [float(f"{t:.4g}") for t in temperatures], **_measured(scaled_N)}}


def _measured(margins_N: Floats) -> dict[str, float]:
    return {
        "ece": round(expected_calibration_error(margins_N), 4),
        "brier": round(brier(margins_N), 4),
        "log_loss": round(log_loss(margins_N), 4),
    }
