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


def changed_tokens(pair: Sides, crossed: bool = True) -> Features:
    """Counts of code tokens in chosen less those in rejected.

    Args:
        pair: two sides.
        crossed: whether each token comes crossed with the criterion too.
    """
    difference = Counter(_TOKEN.findall(pair.chosen))
    difference.subtract(_TOKEN.findall(pair.rejected))
    changed = {token: count for token, count in difference.items() if count}
    if not crossed:
        return changed
    return changed | {f"{pair.criterion} {token}": count for token, count in changed.items()}


@dataclass(frozen=True, slots=True)
class Bag:
    """Training pairs as columns, from which any number of models are fitted.

    Attributes:
        vectorizer: features to columns.
        matrix: changed tokens of the training pairs, one row a pair.
        crossed: whether tokens are crossed with the criterion.
    """

    vectorizer: Any
    matrix: Any
    crossed: bool = True

    def fit(self, rows: Sequence[int] | None = None, wins: Sequence[bool] | None = None) -> Any:
        """Logistic regression without intercept, as if each pair were shown from both sides.

        Without an intercept a pair and its mirror image have the same loss, so each is shown once and counts twice;
        every other one is shown mirrored, so that both outcomes are there. Solved in the dual, which is exact and some
        seventy times as fast here as L-BFGS.

        Args:
            rows: which training pairs, at least two; None for all.
            wins: whether the chosen side is labelled the winner, one for each pair of the training set; None for all.
        """
        import numpy as np
        from scipy.sparse import diags_array
        from sklearn.linear_model import LogisticRegression

        labels = np.ones(self.matrix.shape[0], dtype=bool) if wins is None else np.array(wins, dtype=bool)
        chosen = np.arange(len(labels)) if rows is None else np.array(rows)
        first_wins = np.arange(len(chosen)) % 2 == 0
        shown = diags_array(np.where(first_wins == labels[chosen], 1.0, -1.0)) @ self.matrix[chosen]
        shown = shown.tocsr()
        shown.indices, shown.indptr = shown.indices.astype(np.int32), shown.indptr.astype(np.int32)  # liblinear's
        model = LogisticRegression(
            fit_intercept=False, C=2.0, solver="liblinear", dual=True, tol=1e-3, max_iter=20_000, random_state=0
        )
        return model.fit(shown, first_wins)

    def columns(self, pairs: Sequence[Sides]) -> Any:
        """Changed tokens of other pairs, one row a pair; tokens that no training pair has are left out."""
        return self.vectorizer.transform([changed_tokens(pair, self.crossed) for pair in pairs])


def differences(model: Any, columns: Any) -> list[float]:
    """Log-odds that the chosen side wins, one for each row of `columns`; 0.0 where no known token differs."""
    return [float(value) for value in model.decision_function(columns)]


def make(pairs: Sequence[Sides], crossed: bool = True) -> Bag:
    """A bag of at least two training pairs, of which some differ in a token.

    Args:
        pairs: to train on.
        crossed: whether tokens come crossed with the criterion too; not where criteria must not be known.

    Raises:
        ConfigError: the extra `train` is missing.
    """
    require_train_extra()
    from sklearn.feature_extraction import DictVectorizer

    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([changed_tokens(pair, crossed) for pair in pairs])
    return Bag(vectorizer, matrix.tocsr(), crossed)
