"""What the stage mine left of each hand-read commit, and of all others in counts; tables are read in batches."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from parsers.language import language_of
from pipeline import storage
from pipeline.manifest import required
from pipeline.mining_report.gold import Gold, same_repository
from pipeline.stages.selection import length_side
from schemas.errors import ConfigError

STAGE = "mine"
LOW_CONFIDENCE = "low_confidence"
NO_LANGUAGE = "other"
_MINED = ["id", "kind", "source", "repo", "revision", "path", "language", "criterion", "confidence", "window",
          "message", "before", "after", "reversed"]  # fmt: skip
_DROPPED = ["stage", "reason", "detail", "source", "repo", "revision", "path"]
_BATCH_ROWS = 2_000
_DETAIL = re.compile(r"(?P<criterion>\w+) (?P<probability>[01]\.\d{4}), at least [01]\.\d{4}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Prediction:
    """A criterion that the miner gave a commit.

    Attributes:
        criterion: key of it.
        confidence: calibrated probability that the change is usable for it.
        kept: whether it was mined; else the classifier abstained.
        reversed: whether the older side was taken for the better one.
        subject: first line of the message; empty where the run kept none.
    """

    criterion: str
    confidence: float
    kept: bool
    reversed: bool = False
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A hand-read commit and what became of it.

    Attributes:
        gold: the commit.
        source: that the run read it from.
        repo: as the run spells it.
        path: likewise; the gold file's where the run has none.
        language: of the gold file, else by the path's ending.
        predictions: one a criterion, most confident first; empty where it was dropped before the classifier.
        reason: why it was dropped; None where it was mined.
        detail: of that reason.
    """

    gold: Gold
    source: str
    repo: str
    path: str
    language: str
    predictions: tuple[Prediction, ...]
    reason: str | None = None
    detail: str = ""

    @property
    def mined(self) -> bool:
        """Whether any prediction was kept."""
        return any(one.kept for one in self.predictions)


@dataclass(frozen=True, slots=True)
class Cell:
    """Candidates of one criterion, language and window that stand on one side of length."""

    criterion: str
    language: str
    window: str


@dataclass(slots=True)
class Tally:
    """What is counted while the tables are read.

    Attributes:
        candidates: mined changes by cell.
        repositories: of each criterion.
        sides: by criterion and language, candidate id to `length_side` of the better side.
        confidences: (criterion, confidence, kept) of each mined or abstained change, counted.
        tasks: mined candidates that are no change.
        reversed: mined changes whose older side is the better one.
        dropped: (reason, language), counted.
        unreadable: abstentions whose detail holds no probability.
    """

    candidates: Counter[Cell] = field(default_factory=Counter)
    repositories: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    sides: dict[tuple[str, str], dict[str, str]] = field(default_factory=lambda: defaultdict(dict))
    confidences: Counter[tuple[str, float, bool]] = field(default_factory=Counter)
    tasks: int = 0
    reversed: int = 0
    dropped: Counter[tuple[str, str]] = field(default_factory=Counter)
    unreadable: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A run's mining.

    Attributes:
        tally: over all its rows.
        found: hand-read commits that it examined, in the gold file's order.
        missing: those that it did not, each with why that may be.
    """

    tally: Tally
    found: tuple[Found, ...]
    missing: tuple[tuple[Gold, str], ...]


def read_run(root: str, gold: Iterable[Gold] = ()) -> Reading:
    """Read the tables of the stage mine once.

    Raises:
        RunFolderError: `root` is no run's folder.
        ConfigError: the run has not mined yet.
    """
    entry = required(root).stages.get(STAGE)
    if entry is None:
        raise ConfigError(f"{root}: the run has mined nothing yet. `themis run` goes on with it.")
    commits = list(gold)
    shas = {one.sha for one in commits}
    tally = Tally()
    kept, gone = defaultdict(list), defaultdict(list)
    for row in _rows(root, entry.table("mined"), _MINED):
        _count_mined(row, tally)
        if row["kind"] == "change" and row["revision"] in shas:
            kept[row["revision"]].append(_without_sides(row))
    for row in _rows(root, entry.table("dropped"), _DROPPED):
        if row["stage"] != STAGE:
            continue
        _count_dropped(row, tally)
        if row["revision"] in shas:
            gone[row["revision"]].append(row)
    found, missing = [], []
    for one in commits:
        matched = _found(one, kept[one.sha], gone[one.sha])
        if isinstance(matched, str):
            missing.append((one, matched))
        else:
            found.append(matched)
    return Reading(tally, tuple(found), tuple(missing))


def probability(detail: str) -> tuple[str, float] | None:
    """Criterion and probability of an abstention's detail, such as `runtime_efficiency 0.3120, at least 0.6000`."""
    found = _DETAIL.fullmatch(detail or "")
    return (found["criterion"], float(found["probability"])) if found else None


def language_by_ending(path: str) -> str:
    """Released spelling of the language that a path's ending names; `other` for none."""
    language = language_of(path, b"")
    return NO_LANGUAGE if language is None else language.name


def _rows(root: str, paths: Iterable[str], columns: list[str]) -> Iterator[dict[str, Any]]:
    for path in paths:
        for batch in storage.read_table(storage.join(root, path), columns).to_batches(max_chunksize=_BATCH_ROWS):
            yield from batch.to_pylist()


def _count_mined(row: Mapping[str, Any], tally: Tally) -> None:
    if row["kind"] != "change":
        tally.tasks += 1
        return
    criterion, language = row["criterion"], row["language"]
    tally.candidates[Cell(criterion, language, row["window"] or "no time")] += 1
    tally.repositories[criterion].add(row["repo"])
    tally.reversed += bool(row["reversed"])
    sides = (row["before"], row["after"]) if row["reversed"] else (row["after"], row["before"])
    tally.sides[criterion, language][row["id"]] = length_side(*sides)
    tally.confidences[criterion, _confidence(row), True] += 1


def _confidence(row: Mapping[str, Any]) -> float:
    """A change without one had its criterion from its source: certain."""
    return 1.0 if row["confidence"] is None else float(row["confidence"])


def _count_dropped(row: Mapping[str, Any], tally: Tally) -> None:
    tally.dropped[row["reason"], language_by_ending(row["path"] or "")] += 1
    if row["reason"] == LOW_CONFIDENCE:
        read = probability(row["detail"])
        if read is None:
            tally.unreadable += 1
        else:
            tally.confidences[(*read, False)] += 1


def _without_sides(row: dict[str, Any]) -> dict[str, Any]:
    subject = (row["message"] or "").strip().split("\n", 1)[0]
    return {**{k: v for k, v in row.items() if k not in ("before", "after", "message")}, "subject": subject}


def _found(gold: Gold, kept: list[dict[str, Any]], gone: list[dict[str, Any]]) -> Found | str:
    """What became of a commit, or why it may not be among the rows that have its sha."""
    rows = [row for row in kept if _is(gold, row)]
    dropped = [row for row in gone if _is(gold, row)]
    if not rows and not dropped:
        others = sorted({f"{row['repo']} {row['path']}".strip() for row in (*kept, *gone)})
        return f"the run has this commit as {'; '.join(others)}" if others else "not among the run's commits"
    dropped.sort(key=lambda row: (row["reason"] != LOW_CONFIDENCE, row["reason"], row["detail"] or ""))
    first = rows[0] if rows else dropped[0]
    path = first["path"] or gold.path
    language = gold.language or (first["language"] if rows else language_by_ending(path))
    reason, detail = (None, "") if rows else (first["reason"], first["detail"] or "")
    return Found(
        gold, first["source"], first["repo"], path, language, _predictions(rows, dropped), reason, detail
    )  # fmt: skip


def _is(gold: Gold, row: Mapping[str, Any]) -> bool:
    paths = (gold.path, row["path"] or "")
    return same_repository(row["repo"], gold.repo) and (not all(paths) or paths[0] == paths[1])


def _predictions(rows: list[dict[str, Any]], dropped: list[dict[str, Any]]) -> tuple[Prediction, ...]:
    """One a criterion: the mined one, else the most confident; most confident first."""
    every = [
        Prediction(row["criterion"], _confidence(row), True, bool(row["reversed"]), row["subject"]) for row in rows
    ]
    for row in dropped if not rows else ():
        read = probability(row["detail"]) if row["reason"] == LOW_CONFIDENCE else None
        if read is not None:
            every.append(Prediction(*read, kept=False))
    every.sort(key=lambda one: (-one.confidence, one.criterion, one.reversed))
    best: dict[str, Prediction] = {}
    for one in every:
        best.setdefault(one.criterion, one)
    return tuple(best.values())
