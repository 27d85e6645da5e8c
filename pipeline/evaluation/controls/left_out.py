"""The token bag on what it was not shown: operators, and families of operators, left out of its training in turn."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from pipeline.evaluation import bag
from pipeline.evaluation.pairs import BenchmarkPair, outcome
from pipeline.evaluation.scoring import Progress
from pipeline.evaluation.statistics import summary
from pipeline.training.pairs import TrainingPair

Names = Callable[[str], frozenset[str]]


def operators(made_by: str) -> frozenset[str]:
    """Names in a pair's `operator`."""
    return frozenset(name for name in made_by.split("+") if name)


def families(made_by: str) -> frozenset[str]:
    """Families of a pair's operators; one that is no mutation's or repair's name has none."""
    from synthesis.mutations import BY_NAME

    return frozenset(BY_NAME[name].family for name in operators(made_by) if name in BY_NAME)


def several(pairs: Sequence[BenchmarkPair]) -> frozenset[str]:
    """Families of which the pairs have more than one operator: leaving out another is leaving out its operator."""
    names = frozenset(name for pair in pairs for name in operators(pair.operator))
    counts = Counter(family for name in names for family in families(name))
    return frozenset(family for family, count in counts.items() if count > 1)


def left_out(
    words: bag.Bag,
    training: Sequence[TrainingPair],
    benchmark: Sequence[BenchmarkPair],
    least: int,
    progress: Progress,
    stage: str = "left_out_operator",
    names_of: Names = operators,
    only: frozenset[str] | None = None,
) -> dict[str, Any]:
    """For each name with at least `least` benchmark pairs: the bag trained without it, measured on it.

    Args:
        words: of the training pairs.
        training: pairs.
        benchmark: pairs.
        least: benchmark pairs that a name needs.
        progress: told a dict a name: `stage`, `step`, `steps`.
        stage: what `progress` is told.
        names_of: names in a pair's `operator`.
        only: names to look at; None for all.
    """
    shown, asked = [names_of(pair.operator) for pair in training], [names_of(pair.operator) for pair in benchmark]
    counts = Counter(name for names in asked for name in names)
    wanted = sorted(name for name, count in counts.items() if count >= least and (only is None or name in only))
    columns = words.columns(benchmark)
    found = {}
    for step, name in enumerate(wanted, 1):
        without = [row for row, names in enumerate(shown) if name not in names]
        of_it = [row for row, names in enumerate(asked) if name in names]
        if len(without) > 1:
            values = bag.differences(words.fit(without), columns[of_it])
            outcomes = [outcome(benchmark[row], value) for row, value in zip(of_it, values, strict=True)]
            found[name] = {"training_pairs": len(without), **summary(outcomes, macro=True)}
        progress({"stage": stage, "step": step, "steps": len(wanted)})
    return found
