"""Baseline: logistic regression for each criterion on the subject's words and the counts of changed code tokens.

No commit is predicted by a model that has seen its repository; thresholds come from such predictions on the labels.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from parsers.edits import Edit
from pipeline.mining_report.found import Prediction
from pipeline.mining_report.gold import Gold
from pipeline.mining_report.scoring import Judged, best_threshold
from pipeline.training.extra import require_train_extra
from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError
from schemas.records import Change

PRECISIONS = (0.75, 0.85)
"""Precisions on the labels that thresholds are set by: the default one and the strict one."""

MAX_TOKENS = 20_000
_WORD = re.compile(r"[^\W\d_]{2,}")
_TOKEN = re.compile(r"[^\W\d]\w*|\d+|[^\w\s]+")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A hand-read commit with its texts."""

    gold: Gold
    change: Change


@dataclass(frozen=True, slots=True)
class Plain:
    """What the classifier makes of the commits to score.

    Attributes:
        predictions: by repository and sha; one each, of the most likely criterion.
        thresholds: precision on the labels to the confidence that reaches it there; None where none does.
        labels: commits that it was trained on.
        repositories: of them.
    """

    predictions: dict[tuple[str, str], Prediction]
    thresholds: dict[float, float | None]
    labels: int
    repositories: int


def tokens(change: Change) -> list[str]:
    """Features of a change: words of its subject (`s:`), tokens of its removed (`-:`) and added (`+:`) lines."""
    subject = change.message.strip().split("\n", 1)[0].lower()
    found = [f"s:{word}" for word in _WORD.findall(subject)]
    edit = Edit(change.language, change.before, change.after)
    removed, added = (Counter(_TOKEN.findall("\n".join(lines))) for lines in (edit.removed, edit.added))
    found += [f"-:{token}" for token in (removed - added).elements()]
    found += [f"+:{token}" for token in (added - removed).elements()]
    return found[:MAX_TOKENS]


def fit_and_predict(labels: Sequence[Labelled], scored: Sequence[Labelled]) -> Plain:
    """Train on `labels` and predict `scored`, each commit by a model without its repository.

    Args:
        labels: of at least two repositories.
        scored: commits to predict.

    Raises:
        ConfigError: the extra `train` is missing, or the labels are of one repository.
    """
    require_train_extra()
    repositories = sorted({one.gold.repo.casefold() for one in labels})
    if len(repositories) < 2:
        raise ConfigError(
            f"--labels: commits of {len(repositories)} repositories, at least 2 are needed to hold one out."
        )
    features = _matrix([one.change for one in labels], [one.change for one in scored])
    known, asked = features[: len(labels)], features[len(labels) :]
    own: dict[int, Prediction] = {}
    predictions: dict[tuple[str, str], Prediction] = {}
    for left_out in [*repositories, None]:
        rows = [place for place, one in enumerate(labels) if one.gold.repo.casefold() != left_out]
        held = [place for place, one in enumerate(labels) if one.gold.repo.casefold() == left_out]
        wanted = [place for place, one in enumerate(scored) if _held_out(one, repositories) == left_out]
        models = _fit(known[rows], [labels[place].gold for place in rows]) if held or wanted else {}
        own.update(zip(held, _predict(models, known[held]), strict=True) if held else ())
        made = _predict(models, asked[wanted]) if wanted else []
        for place, prediction in zip(wanted, made, strict=True):
            predictions[scored[place].gold.repo, scored[place].gold.sha] = prediction
    judged = [Judged(one.gold, one.change.language, (own[place],)) for place, one in enumerate(labels)]
    thresholds = {precision: best_threshold(judged, precision) for precision in PRECISIONS}
    return Plain(predictions, thresholds, len(labels), len(repositories))


def _held_out(one: Labelled, repositories: list[str]) -> str | None:
    """The labelled repository that a commit belongs to, if any."""
    repo = one.gold.repo.casefold()
    return repo if repo in repositories else None


def _matrix(labels: list[Change], scored: list[Change]) -> Any:
    """Logarithms of token counts, one row of length 1 a commit; the vocabulary is that of the labels."""
    from scipy.sparse import vstack
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize

    vectorizer = CountVectorizer(analyzer=tokens, min_df=min(2, len(labels)))
    known = vectorizer.fit_transform(labels)
    both = vstack([known, vectorizer.transform(scored)]) if scored else known
    return normalize(both.astype("float64").log1p()).tocsr()


def _fit(matrix: Any, gold: Sequence[Gold]) -> dict[str, Any]:
    """A model for each criterion that has positive and negative labels."""
    from sklearn.linear_model import LogisticRegression

    models = {}
    for key in CODE_CRITERIA:
        positive = [one.usable and one.criterion == key for one in gold]
        if any(positive) and not all(positive):
            models[key] = LogisticRegression(C=10.0, solver="liblinear", max_iter=1000).fit(matrix, positive)
    return models


def _predict(models: dict[str, Any], matrix: Any) -> list[Prediction]:
    """The most likely criterion of each row; of confidence 0 where no model could be fitted."""
    rows = matrix.shape[0]
    if not models:
        return [Prediction(next(iter(CODE_CRITERIA)), 0.0, True)] * rows
    scores = {key: model.predict_proba(matrix)[:, 1] for key, model in models.items()}
    best = [max(scores, key=lambda key: scores[key][row]) for row in range(rows)]
    return [Prediction(key, round(float(scores[key][row]), 6), True) for row, key in enumerate(best)]
