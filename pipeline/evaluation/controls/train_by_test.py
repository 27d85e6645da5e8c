"""Training x testing over mutants, commits, and both: what is learnt on the one and holds on the other."""

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.evaluation import bag
from pipeline.evaluation.controls.before_after import NEWER
from pipeline.evaluation.pairs import BenchmarkPair, outcome
from pipeline.evaluation.statistics import summary

PARTS = ("mutants", "commits", "both")
MUTANTS = frozenset({"defect", "chain", "repair", "flip"})


def part(kinds: Sequence[str], name: str) -> list[int]:
    """Rows of `mutants` (made by an edit), `commits` (two sides of a change), or `both` (all, of unknown kind too)."""
    if name == "both":
        return list(range(len(kinds)))
    wanted = MUTANTS if name == "mutants" else frozenset(NEWER)
    return [row for row, kind in enumerate(kinds) if kind in wanted]


def by_test(pairs: Sequence[BenchmarkPair], differences: Sequence[float]) -> dict[str, Any]:
    """Accuracy of one model on each part of the benchmark that has pairs."""
    kinds = [pair.kind for pair in pairs]
    rows = {name: part(kinds, name) for name in PARTS}
    return {name: summary([outcome(pairs[row], differences[row]) for row in own]) for name, own in rows.items() if own}


def train_by_test(pairs: Sequence[BenchmarkPair], models: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Name of each model (what it was trained on) to its accuracy on each part of the benchmark.

    Args:
        pairs: of the benchmark.
        models: name to differences, chosen's score less rejected's, one a pair.
    """
    return {name: by_test(pairs, differences) for name, differences in models.items()}


def bags(words: bag.Bag, kinds: Sequence[str], benchmark: Sequence[BenchmarkPair]) -> dict[str, Any]:
    """`train_by_test` of the bag; a part with fewer than two training pairs is null.

    Args:
        words: of the training pairs.
        kinds: of the training pairs.
        benchmark: pairs.
    """
    columns = words.columns(benchmark)
    found: dict[str, Any] = {}
    for name in PARTS:
        rows = part(kinds, name)
        if len(rows) < 2:
            found[name] = None
            continue
        differences = bag.differences(words.fit(rows), columns)
        found[name] = {"training_pairs": len(rows), **by_test(benchmark, differences)}
    return found
