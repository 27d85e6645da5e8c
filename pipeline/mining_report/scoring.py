"""Precision, recall and yield of predictions on hand-read commits, at one threshold and at every one.

A prediction is right when its criterion is the reader's and the reader calls the commit usable; `also` does not count,
nor does a prediction that takes the older side for the better one.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from pipeline.mining_report.found import Prediction
from pipeline.mining_report.gold import NONE, Gold
from pipeline.mining_report.intervals import Draws, Vector, bootstrap, share, wilson
from schemas.criteria import CODE_CRITERIA

CURVE_INTERVALS = 200
DEFINITION = {
    "right": "the predicted criterion is the reader's, and the reader calls the commit usable; `also` does not count",
    "precision": "right predictions out of all; a commit counts once for each criterion predicted",
    "recall": "usable commits with a right prediction, out of all usable ones that the run examined",
    "recall_any": "usable commits with any prediction, out of the same",
    "yield": "commits with any prediction, out of all hand-read ones that the run examined",
    "by_criterion": "precision by the predicted criterion, recall by the reader's",
    "curve": "all predictions from a confidence on: the mined ones and, below the run's own threshold, those on which "
    "the classifier abstained; a commit that a filter dropped is never found",
}

Choice: TypeAlias = Callable[[Prediction], bool]
"""Which predictions are made."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A hand-read commit beside what was predicted of it.

    Attributes:
        gold: the commit.
        language: released spelling.
        predictions: at most one a criterion.
    """

    gold: Gold
    language: str
    predictions: tuple[Prediction, ...]


def mined(prediction: Prediction) -> bool:
    """The run's own choice."""
    return prediction.kept


def at_least(threshold: float) -> Choice:
    """Predictions of at least this confidence, mined or not."""
    return lambda one: one.confidence >= threshold


def is_right(gold: Gold, prediction: Prediction) -> bool:
    """Whether a prediction counts as right."""
    return gold.usable and not prediction.reversed and prediction.criterion == gold.criterion


def measure(judged: Sequence[Judged], choice: Choice, draws: Draws) -> dict[str, Any]:
    """Precision, recall and yield, overall and by criterion and language.

    Args:
        judged: the commits.
        choice: which predictions are made.
        draws: for these commits, in this order.
    """
    made = [[one for one in commit.predictions if choice(one)] for commit in judged]
    weight = _vector([commit.gold.weight for commit in judged])
    every = np.ones(len(judged))
    criteria = [key for key in CODE_CRITERIA if _concerns(judged, made, key)]
    languages = sorted({commit.language for commit in judged})
    return {
        "overall": _figures(judged, made, weight, draws, None, every),
        "by_criterion": {key: _figures(judged, made, weight, draws, key, every) for key in criteria},
        "by_language": {
            name: _figures(judged, made, weight, draws, None, _vector([c.language == name for c in judged]))
            for name in languages
        },
        "confusion": _confusion(judged, made),
    }


def curve(judged: Sequence[Judged], draws: Draws) -> list[dict[str, Any]]:
    """The precision-recall curve: one point a distinct confidence, the most confident first.

    The bootstrap intervals of precision are given at up to 200 points, evenly among them; Wilson's at all.
    """
    levels = sorted({one.confidence for commit in judged for one in commit.predictions}, reverse=True)
    weight = _vector([commit.gold.weight for commit in judged])
    usable = _vector([commit.gold.usable for commit in judged])
    step = max(1, -(-len(levels) // CURVE_INTERVALS))
    points = []
    for place, level in enumerate(levels):
        made = [[one for one in commit.predictions if one.confidence >= level] for commit in judged]
        right, predicted, found = _counts(judged, made, None)
        k, n = int(right.sum()), int(predicted.sum())
        point = {
            "threshold": level,
            "predictions": n,
            "right": k,
            "precision": {"unweighted": _ratio(right, predicted),
                          "weighted": _ratio(right * weight, predicted * weight)},
            "recall": {"unweighted": _ratio(right, usable), "weighted": _ratio(right * weight, usable * weight)},
            "recall_any": {"unweighted": _ratio(found * usable, usable),
                           "weighted": _ratio(found * usable * weight, usable * weight)},
            "wilson": wilson(k, n),
        }  # fmt: skip
        if (len(levels) - 1 - place) % step == 0:
            point["weighted_precision_interval"] = bootstrap(right * weight, predicted * weight, draws)
        points.append(point)
    return points


def best_threshold(judged: Sequence[Judged], precision: float) -> float | None:
    """The lowest confidence from which on at least `precision` of the predictions (unweighted) are right, or None."""
    found = None
    right = predicted = 0
    scored = sorted(
        ((one.confidence, is_right(c.gold, one)) for c in judged for one in c.predictions), key=lambda item: -item[0]
    )
    for place, (confidence, hit) in enumerate(scored):
        right, predicted = right + hit, predicted + 1
        last = place + 1 == len(scored) or scored[place + 1][0] < confidence
        if last and right / predicted >= precision:
            found = confidence
    return found


def threshold_of_recall(judged: Sequence[Judged], recall: float) -> float | None:
    """The highest confidence from which on `recall` (unweighted) of the usable commits have a right prediction."""
    usable = sum(commit.gold.usable for commit in judged)
    right = [one.confidence for c in judged for one in c.predictions if is_right(c.gold, one)]
    right.sort(reverse=True)
    needed = math.ceil(recall * usable - 1e-9)
    return right[needed - 1] if 0 < needed <= len(right) else None


def _figures(
    judged: Sequence[Judged], made: list[list[Prediction]], weight: Vector, draws: Draws, criterion: str | None,
    within: Vector,
) -> dict[str, Any]:  # fmt: skip
    """Shares of one group of commits (`within`: 1 inside), or of one criterion's predictions and commits."""
    right, predicted, found = (values * within for values in _counts(judged, made, criterion))
    usable = within * _vector([c.gold.usable and criterion in (None, c.gold.criterion) for c in judged])
    concerned = within * _vector([criterion in (None, c.gold.criterion) for c in judged])
    any_found = _vector([bool(ones) for ones in made])
    return {
        "commits": int(concerned.sum()),
        "usable": int(usable.sum()),
        "precision": share(right, predicted, weight, draws),
        "recall": share(right, usable, weight, draws),
        "recall_any": share(any_found * usable, usable, weight, draws),
        "yield": share(found, within, weight, draws),
    }


def _counts(
    judged: Sequence[Judged], made: list[list[Prediction]], criterion: str | None
) -> tuple[Vector, Vector, Vector]:
    """Of each commit: right predictions, predictions, and whether there is one; of one criterion's, or of all."""
    own = [[one for one in ones if criterion in (None, one.criterion)] for ones in made]
    right = [sum(is_right(c.gold, one) for one in ones) for c, ones in zip(judged, own, strict=True)]
    return _vector(right), _vector([len(ones) for ones in own]), _vector([bool(ones) for ones in own])


def _concerns(judged: Sequence[Judged], made: list[list[Prediction]], criterion: str) -> bool:
    return any(one.criterion == criterion for ones in made for one in ones) or any(
        c.gold.criterion == criterion for c in judged
    )


def _confusion(judged: Sequence[Judged], made: list[list[Prediction]]) -> dict[str, dict[str, int]]:
    """Predicted criterion, to the readers' criterion (`not usable` apart), to predictions."""
    table: dict[str, dict[str, int]] = {}
    for commit, ones in zip(judged, made, strict=True):
        gold = commit.gold
        label = gold.criterion if gold.usable else NONE if gold.criterion == NONE else f"{gold.criterion}, not usable"
        for one in ones:
            row = table.setdefault(one.criterion, {})
            row[label] = row.get(label, 0) + 1
    return table


def _vector(values: Sequence[float]) -> Vector:
    return np.array(values, dtype=np.float64).reshape(len(values))


def _ratio(part: Vector, whole: Vector) -> float | None:
    total = float(whole.sum())
    return round(float(part.sum()) / total, 4) if total else None
