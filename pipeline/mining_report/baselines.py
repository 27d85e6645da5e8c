"""What the miner must beat, scored on the same hand-read commits: published term lists and a plain classifier."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pipeline.mining_report.found import Found, Prediction
from pipeline.mining_report.intervals import Draws, draw
from pipeline.mining_report.plain import Labelled, fit_and_predict
from pipeline.mining_report.scoring import Judged, at_least, curve, measure, mined, threshold_of_recall
from pipeline.mining_report.terms import every_match, hits, most_hits
from pipeline.mining_report.texts import Key, Texts

EXAMPLES = 20
POINTS = {"terms": "every match", "terms_one": "most hits"}
DEFINITION = {
    "terms": "a prediction for each criterion of which a term is anywhere in the lower-cased message",
    "terms_one": "of these, the criterion with most hits alone",
    "plain": "logistic regression on subject words and tokens of changed code, no commit by a model of its repository",
}


def term_baselines(found: Sequence[Found], texts: Texts, terms: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Both ways to read the term lists."""
    counted = {key: hits(change.message, terms) for key, change in texts.changes.items()}
    made: dict[str, dict[Key, tuple[Prediction, ...]]] = {
        "terms": {key: every_match(one) for key, one in counted.items()},
        "terms_one": {key: most_hits(one) for key, one in counted.items()},
    }
    scored = {}
    for name, predictions in made.items():
        judged = _judged(found, predictions)
        point = measure(judged, mined, _draws(judged))
        scored[name] = {**_read(found, judged, texts), "points": [{"name": POINTS[name], "threshold": None, **point}]}
    return scored


def plain_baseline(
    found: Sequence[Found], texts: Texts, labels: Sequence[Labelled], recall: float | None
) -> dict[str, Any]:
    """The plain classifier at its thresholds and at the miner's `recall`, and its whole curve."""
    scored = [Labelled(one.gold, texts.changes[key]) for one in found if (key := _key(one)) in texts.changes]
    made = fit_and_predict(labels, scored)
    judged = _judged(found, {key: (one,) for key, one in made.predictions.items()})
    draws = _draws(judged)
    named = {f"{precision:g} on its labels": threshold for precision, threshold in made.thresholds.items()}
    named["recall as mined"] = threshold_of_recall(judged, recall or 0.0)
    points = [
        {"name": name, "threshold": threshold, **measure(judged, at_least(threshold), draws)}
        for name, threshold in named.items()
        if threshold is not None
    ]
    return {
        **_read(found, judged, texts),
        "labels": made.labels,
        "label_repositories": made.repositories,
        "unreached": [name for name, threshold in named.items() if threshold is None],
        "points": points,
        "curve": curve(judged, draws),
    }


def unread(texts: Texts) -> dict[str, Any]:
    """What could not be read again, for the report."""
    rows = [{"repo": repo, "sha": sha, "why": why} for (repo, sha), why in texts.unread]
    return {"count": len(rows), "by_repository": dict(sorted(Counter(r["repo"] for r in rows).items())),
            "first": rows[:EXAMPLES]}  # fmt: skip


def counted_progress(label: str, total: int, say: Callable[[str], None]) -> Callable[[int], None]:
    """A `tell` that says a line every 200 commits."""

    def tell(done: int) -> None:
        if done and (done % 200 == 0 or done == total):
            say(f"{label}: {done:,} of {total:,} commits read")

    return tell


def _key(one: Found) -> Key:
    return one.gold.repo, one.gold.sha


def _judged(found: Sequence[Found], predictions: Mapping[Key, tuple[Prediction, ...]]) -> list[Judged]:
    """The commits that could be read, with what a baseline predicts of them."""
    return [Judged(one.gold, one.language, predictions[key]) for one in found if (key := _key(one)) in predictions]


def _draws(judged: Sequence[Judged]) -> Draws:
    return draw([one.gold.repo.casefold() for one in judged])


def _read(found: Sequence[Found], judged: Sequence[Judged], texts: Texts) -> dict[str, Any]:
    return {"commits": len(judged), "unread": len(found) - len(judged), "unread_examples": unread(texts)["first"]}
