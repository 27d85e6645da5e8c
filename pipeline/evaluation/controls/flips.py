"""Flips: the same two texts under the same prompt, with opposite winners by two criteria.

A model that doesn't read which criterion is asked gets one of the two right and the other wrong, every time.
"""

from collections.abc import Sequence
from typing import Any

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.evaluation.statistics import share

CHANCE = 0.25
DEFINITION = (
    "share of flips of which both pairs are right, strictly; 0.25 for two independent coins, 0 for a model that does "
    "not read the criterion; `at_its_accuracy` is the product of its accuracies on each flip's two sides, were they "
    "independent"
)


def couples(pairs: Sequence[BenchmarkPair]) -> list[tuple[int, int]]:
    """Rows of the two pairs of each flip, in order; a flip of which only one pair is there is left out."""
    waiting: dict[tuple[str, str, str], list[int]] = {}
    found = []
    for row, pair in enumerate(pairs):
        others = waiting.get((pair.prompt, pair.rejected, pair.chosen), [])
        match = next((other for other in others if pairs[other].criterion != pair.criterion), None)
        if match is None:
            waiting.setdefault((pair.prompt, pair.chosen, pair.rejected), []).append(row)
        else:
            others.remove(match)
            found.append((match, row))
    return found


def both_right(pairs: Sequence[BenchmarkPair], differences: Sequence[float]) -> tuple[list[float], list[str]]:
    """Of each flip, 1.0 where both pairs are right, else 0.0; and its cluster."""
    found = couples(pairs)
    values = [float(differences[i] > 0 and differences[j] > 0) for i, j in found]
    return values, [pairs[i].cluster or pairs[i].repo or pairs[i].id for i, _ in found]


def flips(pairs: Sequence[BenchmarkPair], differences: Sequence[float]) -> dict[str, Any] | None:
    """What `intervals.json` says of the flips; None where there is no whole one."""
    found = couples(pairs)
    if not found:
        return None
    values, clusters = both_right(pairs, differences)
    rights = [(differences[i] > 0) + (differences[j] > 0) for i, j in found]
    first, second = ([differences[couple[side]] > 0 for couple in found] for side in (0, 1))
    return {
        "definition": DEFINITION,
        "flips": len(found),
        "halves_alone": sum(pair.kind == "flip" for pair in pairs) - 2 * sum(pairs[i].kind == "flip" for i, _ in found),
        "both_right": share(values, clusters),
        "one_right": round(rights.count(1) / len(found), 4),
        "none_right": round(rights.count(0) / len(found), 4),
        "chance": CHANCE,
        "at_its_accuracy": round(sum(first) * sum(second) / len(found) ** 2, 4),
    }
