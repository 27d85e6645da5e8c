"""Fitting the linear model on made-up commits of four repositories, with the real encoder."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hand_read import REPOSITORIES, read

from pipeline.criterion import fit
from pipeline.criterion.fit import Labels, Row, labels, measured_at, precision_recall, threshold_of
from pipeline.criterion.model import Model, Shape, calibrated, to_json
from pipeline.mining_report.gold import NONE, Gold
from schemas.criteria import CODE_CRITERIA
from schemas.errors import CheckFailed, ConfigError
from schemas.records import Change

KEYS = list(CODE_CRITERIA)
Read = list[tuple[Gold, Change | str]]
PLANTED = REPOSITORIES[2]


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a fit made, and what went through its hands."""

    given: Labels
    model: Model
    report: list[dict[str, Any]]
    left_out: list[dict[str, float]]
    seen: list[set[str]]
    shapes: list[Shape]


def planted() -> Read:
    """One repository's additions are memory's, by a word that no other repository has; its name has two spellings."""
    found: Read = []
    for gold, change in read():
        assert isinstance(change, Change)
        if gold.repo == PLANTED and gold.criterion == NONE:
            changed = replace(change, message=change.message.replace("Add an option", "Zebra zebras the option"))
            repo = PLANTED.title() if len(found) % 4 else PLANTED
            gold = replace(gold, repo=repo, criterion="memory_efficiency", usable=True, strength=5)
            found.append((gold, changed))
        else:
            found.append((gold, change))
    return found


@pytest.fixture(scope="module")
def fitted() -> Iterator[Fitted]:
    """The model of `planted`, and another file with few rows."""
    scores: list[dict[str, float]] = []
    seen: list[set[str]] = []
    shapes: list[Shape] = []
    calibrate, heads = fit.calibration_of, fit._heads

    def spied_calibration(rows: Sequence[Row], given: Sequence[dict[str, float]]) -> Any:
        scores.extend(given)
        return calibrate(rows, given)

    def spied_heads(rows: Sequence[Row], shape: Shape) -> Any:
        shapes.append(shape)
        seen.append({one.gold.repo for one in rows})
        return heads(rows, shape)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fit, "calibration_of", spied_calibration)
        patch.setattr(fit, "_heads", spied_heads)
        given = labels(planted())
        nothing = Labels((), {"vague": 1}, 0)
        model, report = fit.fit([given, nothing], {"labels": "made up"})
    yield Fitted(given, model, report, scores, seen, shapes)


# labels


def test_labels_are_in_order_whatever_the_readers() -> None:
    found = labels(read())
    assert found == labels(reversed(read()))
    assert len(found.rows) == len(read()) and found.refused == {} and found.lost == 0
    assert [(one.gold.repo, one.gold.sha) for one in found.rows] == sorted((g.repo, g.sha) for g, _ in read())


def test_labels_count_what_is_refused_and_lost() -> None:
    rows = read()
    good, usable = rows[0]
    assert isinstance(usable, Change) and good.usable
    other, useless = rows[5]
    assert isinstance(useless, Change) and not other.usable
    given: Read = [
        (good, usable),
        (good, "missing_blob: 1234"),
        (good, replace(usable, after=usable.before)),
        (good, replace(usable, after=usable.after.replace("free", "\0"))),
        (other, "missing_blob: 5678"),
        (other, replace(useless, message="Merge branch 'a' into b")),
    ]
    found = labels(given)
    assert len(found.rows) == 1
    assert found.lost == 3
    assert sum(found.refused.values()) == 5
    assert found.refused["missing_blob"] == 2 and next(iter(found.refused)) == "missing_blob"
    assert found.refused["nul_bytes"] == 1


@pytest.mark.parametrize(
    ("other", "weight"),
    [
        ({}, 1.0),
        ({"confidence": "low"}, 0.4),
        ({"strength": 5}, 1.3),
        ({"strength": 3}, 1.0),
        ({"strength": 3, "usable": False}, 0.6),
        ({"strength": 3, "usable": False, "confidence": "low"}, 0.24),
        ({"strength": 5, "confidence": "low"}, 0.52),
    ],
)
def test_weight(other: dict[str, Any], weight: float) -> None:
    row = labels(read()).rows[0]
    gold = replace(row.gold, **{"usable": True, "strength": 4, "confidence": "high", **other})
    assert replace(row, gold=gold).weight == pytest.approx(weight)


def test_right_is_usable_for_that_criterion() -> None:
    row = labels(read()[:1]).rows[0]
    assert [key for key in KEYS if row.right(key)] == ["memory_efficiency"]
    assert not any(replace(row, gold=replace(row.gold, usable=False)).right(key) for key in KEYS)


# the fit


def test_model_knows_its_rows(fitted: Fitted) -> None:
    for one in fitted.given.rows:
        if one.gold.usable:
            found = fitted.model.probabilities(one.found)
            assert max(found, key=lambda key: found[key]) == one.gold.criterion, one.found.message


def test_fit_gives_the_same_bytes(fitted: Fitted) -> None:
    again, report = fit.fit([labels(reversed(planted())), Labels((), {}, 0)], {"labels": "made up"})
    assert to_json(again) == to_json(fitted.model)
    assert report == fitted.report


def test_repository_is_left_out_whole(fitted: Fitted) -> None:
    """However its name is spelt."""
    assert len(fitted.seen) == len(REPOSITORIES) + 1
    everything = {one.gold.repo for one in fitted.given.rows}
    assert everything == {*REPOSITORIES, PLANTED.title()}
    *folds, last = [{repo.casefold() for repo in seen} for seen in fitted.seen]
    assert last == set(REPOSITORIES)
    assert [set(REPOSITORIES) - fold for fold in folds] == [{repo} for repo in sorted(REPOSITORIES)]
    knowing = ["s:zebra" in shape.words["subject"] for shape in fitted.shapes]
    assert knowing == [PLANTED in fold for fold in folds] + [True], "words are counted without it too"


def test_row_is_scored_by_a_model_that_has_not_seen_its_repository(fitted: Fitted) -> None:
    """What only one repository says can't be known without it."""
    marked = [i for i, one in enumerate(fitted.given.rows) if "s:zebra" in one.found.words]
    assert len(marked) == 3
    for i in marked:
        found = fitted.model.probabilities(fitted.given.rows[i].found)
        left_out = fitted.left_out[i]["memory_efficiency"]
        slope, offset = fitted.model.calibration["memory_efficiency"]
        assert found["memory_efficiency"] > calibrated(left_out, slope, offset) + 0.1
        assert max(fitted.left_out[i].values()) < 0.5
    assert all(list(one) == KEYS for one in fitted.left_out) and len(fitted.left_out) == len(fitted.given.rows)


def test_thresholds_reach_the_precision(fitted: Fitted) -> None:
    report = fitted.report[0]
    for name, precision in fit.PRECISIONS.items():
        assert report[name]["precision"] >= precision
        assert report[name]["threshold"] == fitted.model.thresholds[name]
        taken = [
            one.right(max(score, key=lambda key, score=score: score[key]))
            for one, score in zip(fitted.given.rows, judged(fitted), strict=True)
            if max(score.values()) >= report[name]["threshold"]
        ]
        assert sum(taken) / len(taken) == pytest.approx(report[name]["precision"], abs=1e-4)
        usable = sum(one.gold.usable for one in fitted.given.rows)
        assert sum(taken) / usable == pytest.approx(report[name]["recall"], abs=1e-4)
    assert fitted.model.thresholds["default"] <= fitted.model.thresholds["strict"]


def judged(fitted: Fitted) -> list[dict[str, float]]:
    calibration = fit.calibration_of(fitted.given.rows, fitted.left_out)
    return [{key: calibrated(value, *calibration[key]) for key, value in one.items()} for one in fitted.left_out]


def test_file_without_rows_reaches_nothing(fitted: Fitted) -> None:
    for name, threshold in fitted.model.thresholds.items():
        assert fitted.report[1][name] == {"threshold": threshold, "precision": 0.0, "recall": 0.0}


def test_lost_commits_count_as_not_found(fitted: Fitted) -> None:
    usable = sum(one.gold.usable for one in fitted.given.rows)
    whole = precision_recall(fitted.given.rows, judged(fitted), 0)
    half = precision_recall(fitted.given.rows, judged(fitted), usable)
    assert [(p, a, pytest.approx(r / 2)) for p, a, r in whole] == half


def test_no_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each repository calls everything otherwise, so that nothing can be learnt from the others."""
    given: Read = []
    for gold, change in read():
        if gold.criterion != NONE:
            other = KEYS[(KEYS.index(gold.criterion) + REPOSITORIES.index(gold.repo)) % len(KEYS)]
            gold = replace(gold, criterion=other)
        given.append((gold, change))
    with pytest.raises(CheckFailed, match=r"no threshold reaches a precision of 0\.75 .*label more commits"):
        fit.fit([labels(given)], {})


LACKING: list[tuple[Callable[[Gold], bool], str]] = [
    (lambda gold: False, r"labels: readability_maintainability: 0 usable commits .* 0 groups"),
    (lambda gold: gold.repo == REPOSITORIES[0], r"labels: readability_maintainability: 3 usable commits .* 1 groups"),
    (lambda gold: gold.criterion != "memory_efficiency", r"labels: memory_efficiency: 0 usable commits"),
    (lambda gold: gold.criterion != NONE, r"labels: none: 0 unusable commits"),
    (lambda gold: gold.criterion != NONE or gold.repo == REPOSITORIES[1], r"labels: none: 3 unusable .* 1 groups"),
]


@pytest.mark.parametrize(("kept", "said"), LACKING)
def test_rows_that_will_not_do(kept: Callable[[Gold], bool], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        fit.fit([labels([one for one in read() if kept(one[0])])], {})


# curves


def curve_of(*rows: tuple[float, bool], lost: int = 0) -> list[tuple[float, float, float]]:
    """Rows with the probability of their best criterion, and whether that is right."""
    row = labels(read()[:1]).rows[0]
    given = [
        replace(row, gold=replace(row.gold, usable=right, sha=f"{place:040x}")) for place, (_, right) in enumerate(rows)
    ]
    scores = [dict.fromkeys(KEYS, 0.0) | {"memory_efficiency": probability} for probability, _ in rows]
    return precision_recall(given, scores, lost)


def test_rows_of_one_probability_are_taken_together() -> None:
    assert curve_of((0.8, True), (0.1, False), (0.8, False), (0.9, True), (0.8, False)) == [
        (0.9, 1.0, 1 / 2),
        (0.8, 2 / 4, 1.0),
        (0.1, 2 / 5, 1.0),
    ]
    assert curve_of() == []


def test_order_of_rows_does_not_matter() -> None:
    rows = [(0.7, True), (0.7, False), (0.5, True), (0.9, False)]
    assert curve_of(*rows) == curve_of(*reversed(rows))


def test_row_is_right_by_its_best_criterion_alone() -> None:
    row = labels(read()[:1]).rows[0]
    scores = dict.fromkeys(KEYS, 0.0) | {"memory_efficiency": 0.6, "security_hardness": 0.7}
    assert precision_recall([row], [scores], 0) == [(0.7, 0.0, 0.0)]
    assert precision_recall([row], [scores | {"memory_efficiency": 0.71}], 0) == [(0.71, 1.0, 1.0)]


def test_recall_counts_what_was_lost() -> None:
    assert curve_of((0.8, True), (0.7, False), lost=3) == [(0.8, 1.0, 1 / 4), (0.7, 1 / 2, 1 / 4)]
    assert curve_of((0.8, False)) == [(0.8, 0.0, 0.0)]


def test_threshold_is_the_lowest_that_holds() -> None:
    curve = [(0.9, 0.5, 0.1), (0.8, 0.8, 0.2), (0.7, 0.7, 0.3), (0.6, 0.75, 0.4), (0.5, 0.6, 0.5)]
    assert threshold_of(curve, 0.75) == 0.6
    assert threshold_of(curve, 0.8) == 0.8
    with pytest.raises(CheckFailed, match=r"precision of 0\.85"):
        threshold_of(curve, 0.85)
    with pytest.raises(CheckFailed, match="no threshold"):
        threshold_of([], 0.1)


def test_measured_at_a_threshold() -> None:
    curve = [(0.9, 1.0, 0.1), (0.6, 2 / 3, 0.4)]
    assert measured_at(curve, 0.6) == {"threshold": 0.6, "precision": 0.6667, "recall": 0.4}
    assert measured_at(curve, 0.7) == {"threshold": 0.7, "precision": 1.0, "recall": 0.1}
    assert measured_at(curve, 0.95) == {"threshold": 0.95, "precision": 0.0, "recall": 0.0}
