"""A linear bag of changed tokens: what can be told from the words that an edit adds or removes, and nothing else."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

from pipeline.training.extra import require_train_extra

Features: TypeAlias = dict[str, int]
_TOKEN = re.compile(r"[^\W\d]\w*|\d+|[^\w\s]+|\n")


class Sides(Protocol):
    """What the bag looks at: a training or a benchmark pair."""

    @property
    def chosen(self) -> str:
        """The better answer."""

    @property
    def rejected(self) -> str:
        """The worse answer."""

    @property
    def criterion(self) -> str:
        """Key of the criterion."""


def changed_tokens(pair: Sides) -> Features:
    """Counts of code tokens in chosen less those in rejected, each plain and crossed with the criterion."""
    difference = Counter(_TOKEN.findall(pair.chosen))
    difference.subtract(_TOKEN.findall(pair.rejected))
    changed = {token: count for token, count in difference.items() if count}
    return changed | {f"{pair.criterion} {token}": count for token, count in changed.items()}


@dataclass(frozen=True, slots=True)
class Bag:
    """Training pairs as columns, from which any number of models are fitted.

    Attributes:
        vectorizer: features to columns.
        matrix: changed tokens of the training pairs, one row a pair, every other row negated.
        first_wins: of each row, whether the row shows the chosen side first.
    """

    vectorizer: Any
    matrix: Any
    first_wins: Any

    def fit(self, rows: Sequence[int] | None = None, wins: Sequence[bool] | None = None) -> Any:
        """Logistic regression without intercept, as if each pair were shown from both sides.

        Without an intercept a pair and its mirror image have the same loss, so each is shown once and counts twice.

        Args:
            rows: which training pairs; None for all.
            wins: whether the chosen side is labelled the winner, one for each pair of the training set; None for all.
        """
        import numpy as np
        from sklearn.linear_model import LogisticRegression

        labels = self.first_wins if wins is None else self.first_wins == np.array(wins, dtype=bool)
        chosen = np.arange(len(labels)) if rows is None else np.array(rows)
        model = LogisticRegression(fit_intercept=False, max_iter=1000, C=2.0)
        return model.fit(self.matrix[chosen], labels[chosen])

    def columns(self, pairs: Sequence[Sides]) -> Any:
        """Changed tokens of other pairs, one row a pair; tokens that no training pair has are left out."""
        return self.vectorizer.transform([changed_tokens(pair) for pair in pairs])


def differences(model: Any, columns: Any) -> list[float]:
    """Log-odds that the chosen side wins, one for each row of `columns`; 0.0 where no known token differs."""
    return [float(value) for value in model.decision_function(columns)]


def make(pairs: Sequence[Sides]) -> Bag:
    """A bag of at least two training pairs, of which some differ in a token.

    Raises:
        ConfigError: the extra `train` is missing.
    """
    require_train_extra()
    import numpy as np
    from scipy.sparse import diags_array
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([changed_tokens(pair) for pair in pairs])
    first_wins = np.arange(len(pairs)) % 2 == 0
    return Bag(vectorizer, (diags_array(np.where(first_wins, 1.0, -1.0)) @ matrix).tocsr(), first_wins)
