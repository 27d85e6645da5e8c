"""Train the criterion model on hand-read commits; thresholds come from predictions for repositories it has not seen."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from filters.changes import DEFAULT_CHANGE_FILTERS, first_refusal
from parsers.edits import Edit
from pipeline.criterion.features import NUMBERS, Features, features
from pipeline.criterion.message import message
from pipeline.criterion.model import BLOCKS, NONE, USABLE, Model, Shape, calibrated, combined, from_json, to_json
from pipeline.mining_report.gold import Gold
from pipeline.training.extra import require_train_extra
from schemas.criteria import CODE_CRITERIA
from schemas.errors import CheckFailed, ConfigError, ParseRefused
from schemas.records import Change

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_DOCUMENTS = 3
"""Rows that must hold a word for it to count."""
STRENGTH_OF_FIT = 0.5
"""Inverse of the penalty on large weights (scikit-learn's `C`)."""
FOLDS = 12
PRECISIONS = {"default": 0.75, "strict": 0.85}
"""Precision, on repositories left out, that sets each threshold."""
_DOUBTFUL, _NEAR_MISS, _STRIKING, _SEED = 0.4, 0.6, 1.3, 0.3


@dataclass(frozen=True, slots=True)
class Row:
    """One hand-read commit that passes the filters.

    Attributes:
        gold: its labels.
        found: its features.
    """

    gold: Gold
    found: Features

    @property
    def weight(self) -> float:
        """How much it counts: less where its reader was in doubt or it nearly is usable, more where it is striking."""
        weight = _DOUBTFUL if self.gold.confidence == "low" else 1.0
        if self.gold.strength == 3 and not self.gold.usable:
            weight *= _NEAR_MISS
        return weight * _STRIKING if self.gold.strength == 5 else weight

    def right(self, key: str) -> bool:
        """Whether it is usable for the criterion `key`."""
        return self.gold.usable and self.gold.criterion == key


def row(gold: Gold, change: Change) -> Row | str:
    """A commit's row, or why a run would not get as far as asking the model."""
    edit = Edit(change.language, change.before, change.after)
    try:
        refusal = first_refusal(change, edit, DEFAULT_CHANGE_FILTERS)
        return Row(gold, features(change.message, edit)) if refusal is None else refusal.reason
    except ParseRefused as refused:
        return refused.reason


@dataclass(frozen=True, slots=True)
class Labels:
    """Hand-read commits of one file.

    Attributes:
        rows: those that pass the filters, by repository and sha.
        refused: why others are none, and how many.
        lost: usable ones among the others, which count as not found.
    """

    rows: tuple[Row, ...]
    refused: Mapping[str, int]
    lost: int


def labels(read: Iterable[tuple[Gold, Change | str]]) -> Labels:
    """Rows of hand-read commits."""
    rows, refused, lost = [], Counter[str](), 0
    for gold, change in read:
        made = change if isinstance(change, str) else row(gold, change)
        if isinstance(made, Row):
            rows.append(made)
        else:
            refused[made.partition(":")[0]] += 1
            lost += gold.usable
    return Labels(tuple(sorted(rows, key=lambda one: (one.gold.repo, one.gold.sha))), dict(refused.most_common()), lost)


def fit(given: Sequence[Labels], trained: dict[str, Any]) -> tuple[Model, list[dict[str, Any]]]:
    """The model of all rows, and how it did on each file's where their repositories were left out.

    Args:
        given: the first sets the thresholds; all are trained on.
        trained: what the rows are, to be written with the model.

    Raises:
        ConfigError: the extra `train` is missing, or the rows are too few or all of one sort.
        CheckFailed: no threshold reaches the precision wanted.
    """
    require_train_extra()
    rows = [one for part in given for one in part.rows]
    _check(rows)
    scores = _left_out(rows)
    calibration = calibration_of(rows, scores)
    judged = [{key: calibrated(score, *calibration[key]) for key, score in one.items()} for one in scores]
    curves, start = [], 0
    for part in given:
        end = start + len(part.rows)
        curves.append(precision_recall(part.rows, judged[start:end], part.lost))
        start = end
    thresholds = {name: threshold_of(curves[0], precision) for name, precision in PRECISIONS.items()}
    shape = _shape([one.found for one in rows])
    model = Model(shape, _heads(rows, shape), calibration, thresholds, trained)
    report = [{name: measured_at(curve, threshold) for name, threshold in thresholds.items()} for curve in curves]
    return from_json(to_json(model)), report


def _check(rows: Sequence[Row]) -> None:
    """Check that each class still has rows where any one fold of repositories is left out."""
    repositories = sorted({one.gold.repo.casefold() for one in rows})
    fold_of = {repo: place % FOLDS for place, repo in enumerate(repositories)}
    for key in (*CODE_CRITERIA, NONE):
        chosen = [one for one in rows if one.gold.criterion == key and one.gold.usable == (key != NONE)]
        folds = {fold_of[one.gold.repo.casefold()] for one in chosen}
        if len(folds) < 2:
            sort = "unusable" if key == NONE else "usable"
            raise ConfigError(
                f"labels: {key}: {len(chosen)} {sort} commits that pass the filters, in {len(folds)} groups of"
                f" repositories; must be in at least 2. Label such commits of other repositories too."
            )


def precision_recall(
    rows: Sequence[Row], judged: Sequence[dict[str, float]], lost: int
) -> list[tuple[float, float, float]]:
    """(probability, precision, recall) from the most certain row down; a row has one prediction, its best criterion.

    One point for each probability: a threshold takes all rows of one, or none.
    """
    best = [max(one, key=lambda key, one=one: one[key]) for one in judged]  # type: ignore[misc]
    order = sorted(range(len(rows)), key=lambda i: (-judged[i][best[i]], rows[i].gold.sha))
    usable = sum(one.gold.usable for one in rows) + lost
    curve, right = {}, 0
    for count, i in enumerate(order, 1):
        right += rows[i].right(best[i])
        curve[judged[i][best[i]]] = judged[i][best[i]], right / count, right / max(usable, 1)
    return list(curve.values())


def threshold_of(curve: list[tuple[float, float, float]], precision: float) -> float:
    """The lowest probability down to which the precision holds."""
    reached = [probability for probability, found, _ in curve if found >= precision]
    if not reached:
        raise CheckFailed(
            f"no threshold reaches a precision of {precision} on repositories left out; label more commits"
        )
    return reached[-1]


def measured_at(curve: list[tuple[float, float, float]], threshold: float) -> dict[str, float]:
    """Precision and recall where all from a probability on are taken; both are 0 where that is none."""
    _, precision, recall = ([(threshold, 0.0, 0.0)] + [point for point in curve if point[0] >= threshold])[-1]
    return {"threshold": threshold, "precision": round(precision, 4), "recall": round(recall, 4)}


def _left_out(rows: Sequence[Row]) -> list[dict[str, float]]:
    """Scores of each row by a model that has seen no commit of its repository."""
    repositories = sorted({one.gold.repo.casefold() for one in rows})
    scores: list[dict[str, float]] = [{} for _ in rows]
    for fold in range(min(FOLDS, len(repositories))):
        held = set(repositories[fold::FOLDS])
        inside = [one for one in rows if one.gold.repo.casefold() not in held]
        places = [i for i, one in enumerate(rows) if one.gold.repo.casefold() in held]
        shape = _shape([one.found for one in inside])
        heads = _heads(inside, shape)
        outside = _matrix(shape, [rows[i].found for i in places])
        raw = {name: bias + outside @ weights for name, (bias, weights) in heads.items()}
        for line, i in enumerate(places):
            scores[i] = combined({name: float(values[line]) for name, values in raw.items()})
    return scores


def _shape(found: Sequence[Features]) -> Shape:
    words, rarity = {}, {}
    for name, prefixes in BLOCKS.items():
        seen = Counter(word for one in found for word in one.words if word.startswith(prefixes))
        kept = sorted(word for word, count in seen.items() if count >= MIN_DOCUMENTS)
        words[name] = {word: place for place, word in enumerate(kept)}
        rarity[name] = np.array([math.log(len(found) / seen[word]) + 1 for word in kept])
    numbers = np.array([one.numbers for one in found]).reshape(len(found), len(NUMBERS))
    return Shape(words, rarity, numbers.mean(axis=0), np.maximum(numbers.std(axis=0), 1e-6))


def _matrix(shape: Shape, found: Sequence[Features]) -> Any:
    from scipy.sparse import csr_matrix

    return csr_matrix(np.stack([shape.vector(one) for one in found]))


def _heads(rows: Sequence[Row], shape: Shape) -> dict[str, tuple[float, "NDArray[np.float64]"]]:
    matrix = _matrix(shape, [one.found for one in rows])
    weights = np.array([one.weight for one in rows])
    heads = {key: _binary(matrix, [one.right(key) for one in rows], weights) for key in CODE_CRITERIA}
    heads[USABLE] = _binary(matrix, [one.gold.usable for one in rows], weights)
    seeds = [(key, _seed(term, shape)) for key, criterion in CODE_CRITERIA.items() for term in criterion.terms]
    both = _matrix(shape, [*(one.found for one in rows), *(found for _, found in seeds)])
    classes = [*(one.gold.criterion for one in rows), *(key for key, _ in seeds)]
    fitted = _regression().fit(both, classes, sample_weight=[*weights, *([_SEED] * len(seeds))])
    known = list(fitted.classes_)
    for key in (*CODE_CRITERIA, NONE):
        place = known.index(key)
        heads[f"is {key}"] = float(fitted.intercept_[place]), fitted.coef_[place]
    return heads


def _seed(term: str, shape: Shape) -> Features:
    """A criterion's term as a change that says nothing else: its words alone, and an edit like any other."""
    said = message(term)
    words = {f"s:{word}": 1.0 for word in said.subject} | {f"f:{word}": 1.0 for word in said.subject[:1]}
    return Features(words, tuple(shape.means), said)


def _binary(matrix: Any, wanted: list[bool], weights: Any) -> tuple[float, "NDArray[np.float64]"]:
    fitted = _regression().fit(matrix, wanted, sample_weight=weights)
    return float(fitted.intercept_[0]), fitted.coef_[0]


def _regression() -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=STRENGTH_OF_FIT, max_iter=2000)


def calibration_of(rows: Sequence[Row], scores: Sequence[dict[str, float]]) -> dict[str, tuple[float, float]]:
    """Slope and offset by criterion; one slope for all, since the rare ones have too few rows for their own."""
    keys = list(CODE_CRITERIA)
    inputs, right = [], []
    for one, score in zip(rows, scores, strict=True):
        for place, key in enumerate(keys):
            held = min(max(score[key], 1e-6), 1 - 1e-6)
            inputs.append([math.log(held / (1 - held)), *(float(place == other) for other in range(len(keys)))])
            right.append(one.right(key))
    fitted = _regression().fit(np.array(inputs), right)
    slope, *offsets = fitted.coef_[0]
    return {key: (float(slope), float(fitted.intercept_[0] + offsets[place])) for place, key in enumerate(keys)}
