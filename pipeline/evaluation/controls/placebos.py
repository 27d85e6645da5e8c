"""Placebos: edits that change neither meaning nor quality. How often the edit wins, and how far margins stray."""

import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.evaluation.statistics import credits_of, share

QUANTILES = (0.5, 0.9, 0.95)
BAND = 0.95
FEW = 20
DEFINITION = (
    "edited_wins: share of placebos whose edited side scores higher, a tie one half; 0.5 where the model has no "
    "leaning. margins: quantiles of |difference| over placebos. band: the 0.95 quantile; a benchmark pair whose "
    "|difference| is not above it is taken as a tie: `inside` is their share, `outside` the strict accuracy of the "
    "others, `banded` the accuracy with each pair inside counting one half"
)


def placebos(
    rows: Sequence[BenchmarkPair],
    differences: Sequence[float],
    pairs: Sequence[BenchmarkPair],
    pair_differences: Sequence[float],
) -> dict[str, Any] | None:
    """What `intervals.json` says of the placebos; None where none has scores, or no pair has.

    Args:
        rows: the placebos.
        differences: chosen's score less rejected's of each; NaN where one is missing.
        pairs: of the benchmark.
        pair_differences: likewise.
    """
    known = [(row, d) for row, d in zip(rows, differences, strict=True) if not math.isnan(d)]
    if not known or all(math.isnan(d) for d in pair_differences):
        return None
    clusters = [row.cluster or row.repo or row.id for row, _ in known]
    edits = [d if row.edited == "chosen" else -d for row, d in known if row.edited]
    edit_clusters = [name for (row, _), name in zip(known, clusters, strict=True) if row.edited]
    sizes = np.abs([d for _, d in known])
    band = float(np.quantile(sizes, BAND))
    found: dict[str, Any] = {"definition": DEFINITION, "placebos": len(rows), "scored": len(known)}
    if edits:
        found["edited_wins"] = share(credits_of(edits, True), edit_clusters)
    found["ties"] = int((sizes == 0).sum())
    found["margins"] = {str(q): float(f"{np.quantile(sizes, q):.6g}") for q in QUANTILES}
    found["benchmark_margins"] = {
        str(q): float(f"{np.nanquantile(np.abs(pair_differences), q):.6g}") for q in QUANTILES
    }
    found |= {"band": float(f"{band:.6g}"), **banded(pairs, pair_differences, band)}
    groups: dict[str, list[int]] = defaultdict(list)
    for index, pair in enumerate(pairs):
        groups[pair.aspect].append(index)
    found["by_criterion"] = {
        key: banded([pairs[i] for i in own], [pair_differences[i] for i in own], band)
        for key, own in sorted(groups.items())
    }
    if len(known) < FEW:
        found["note"] = f"{len(known)} placebos, below {FEW}: the band is rough"
    return found


def banded(pairs: Sequence[BenchmarkPair], differences: Sequence[float], band: float) -> dict[str, Any]:
    """Accuracy where a difference of at most `band` is a tie; a pair without scores is wrong, and outside."""
    given = np.asarray(differences, dtype=np.float64)
    inside = np.abs(given) <= band
    clusters = np.array([pair.cluster or pair.repo or pair.id for pair in pairs], dtype=object)
    strict = credits_of(given, False)
    found: dict[str, Any] = {"inside": round(float(inside.mean()), 4)}
    found["outside"] = share(strict[~inside], list(clusters[~inside])) if not inside.all() else None
    found["banded"] = share(np.where(inside, 0.5, strict), list(clusters))
    return found
