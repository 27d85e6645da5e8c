"""Which side came first: what a rule or a bag scores that knows nothing of quality, only older from newer.

Two rules read the order off the provenance, so they are what a perfect guess of it would score: `newer_wins` on
commits, `original_wins` on edits. Two bags learn the order from training pairs, without their label or criterion.
"""

from collections.abc import Mapping, Sequence

from pipeline.evaluation import bag
from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.training.pairs import TrainingPair

NEWER: Mapping[str, float] = {"change": 1.0, "reversed": -1.0}
"""Kind of pair to the difference that `newer wins` gives: above 0 where the chosen side is the newer one."""

ORIGINAL: Mapping[str, float] = {"defect": 1.0, "chain": 1.0, "repair": -1.0}
"""Likewise for `the side with fewer edits wins`; the sides of a flip have as many each."""

ORDERS = {"newer": NEWER, "original": ORIGINAL}
DEFINITION = (
    "newer_wins, original_wins: the order of the sides itself, from provenance; a pair without one is a tie. "
    "newer_bag, original_bag: bags of changed tokens trained to tell that order on training pairs, without label or "
    "criterion; null where fewer than two training pairs have the order"
)


def order_rule(pairs: Sequence[BenchmarkPair], order: Mapping[str, float]) -> list[float]:
    """Differences of the rule that knows the order; 0 where there is none."""
    return [order.get(pair.kind, 0.0) for pair in pairs]


def order_bag(
    training: Sequence[TrainingPair],
    kinds: Sequence[str],
    benchmark: Sequence[BenchmarkPair],
    order: Mapping[str, float],
) -> tuple[int, list[float]] | None:
    """Training pairs used, and differences of the bag that learnt the order; None where it can't be learnt.

    Args:
        training: pairs.
        kinds: how each one's sides stand to each other.
        benchmark: pairs.
        order: kind to above 0 where the chosen side is the one to prefer, below 0 where the other one is.
    """
    rows = [row for row, kind in enumerate(kinds) if kind in order]
    if len(rows) < 2:
        return None
    words = bag.make([training[row] for row in rows], crossed=False)
    if not words.matrix.shape[1]:
        return None
    model = words.fit(wins=[order[kinds[row]] > 0 for row in rows])
    return len(rows), bag.differences(model, words.columns(benchmark))
