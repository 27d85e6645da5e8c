"""The length rule: one sign per criterion says whether the longer or the shorter answer wins."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipeline.evaluation.scorers.base import ScorerOptions
from pipeline.training.pairs import read_pairs


@dataclass(frozen=True, slots=True)
class LengthRule:
    """Scores an answer by its length in characters, times the criterion's sign.

    Attributes:
        signs: key of a criterion to +1.0 (longer wins) or -1.0 (shorter wins); others count as +1.0.
    """

    signs: dict[str, float]

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        """Signed lengths; `prompts` do not matter."""
        return [self.signs.get(key, 1.0) * len(answer) for answer, key in zip(answers, criteria, strict=True)]


def fit(pairs: Iterable[tuple[str, str, str]]) -> LengthRule:
    """The best sign per criterion for these pairs; +1.0 where neither is better.

    Args:
        pairs: (criterion, chosen, rejected).
    """
    balance: dict[str, int] = defaultdict(int)
    for criterion, chosen, rejected in pairs:
        balance[criterion] += (len(chosen) > len(rejected)) - (len(chosen) < len(rejected))
    return LengthRule({key: 1.0 if value >= 0 else -1.0 for key, value in sorted(balance.items())})


class LengthOptions(ScorerOptions):
    """The rule fitted on a training set; the other options do not matter to it."""

    kind: Literal["length"] = "length"

    def load(self, model: str) -> LengthRule:
        """The rule fitted on a run's training set.

        Args:
            model: a run's `dataset` folder.

        Raises:
            ConfigError: it holds no training shards.
        """
        return fit((pair.criterion, pair.chosen, pair.rejected) for pair in read_pairs(Path(model)))
