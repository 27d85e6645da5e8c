"""The labelling bench's report: everything that is known, as one JSON object, and where it is written."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pipeline import storage
from pipeline.folder import receipts, themis_version
from pipeline.manifest import required
from pipeline.mining_report import baselines, counts, intervals, scoring
from pipeline.mining_report.found import STAGE, Found, Reading, read_run
from pipeline.mining_report.gold import Gold, GoldFile, read_gold
from pipeline.mining_report.plain import Labelled
from pipeline.mining_report.scoring import Judged, at_least, measure, mined
from pipeline.mining_report.terms import read_terms
from pipeline.mining_report.texts import Texts, from_mirrors, from_sources, run_config
from pipeline.report import mining as page
from pipeline.report import write_report
from schemas.errors import ConfigError

FOLDER = "mining"
"""Where in a run's folder the report goes; the manifest does not name it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a report is to hold besides the counts of the run.

    Attributes:
        gold: file of hand-read commits.
        at: thresholds to measure at; empty for the configuration's strict one.
        terms: folder of term lists, for a baseline.
        labels: file of other hand-read commits, for the plain classifier.
        mirrors: folder of git repositories that `labels` speaks of.
    """

    gold: Path | None = None
    at: tuple[float, ...] = ()
    terms: Path | None = None
    labels: Path | None = None
    mirrors: Path | None = None


def check(asked: Asked) -> None:
    """Check what can be checked before anything is read.

    Raises:
        ConfigError: options that need others, or a threshold outside 0 to 1.
    """
    for name in ("at", "terms", "labels"):
        if getattr(asked, name) and asked.gold is None:
            raise ConfigError(f"--{name}: measured on hand-read commits; give them by --gold FILE.")
    if asked.labels is not None and asked.mirrors is None:
        raise ConfigError(
            "--labels: their code is read from git repositories; name the folder of these by --mirrors DIR."
        )
    for threshold in asked.at:
        if not 0 <= threshold <= 1:
            raise ConfigError(f"--at {threshold:g}: a threshold is a probability, from 0 to 1.")


def make(root: str, asked: Asked, say: Callable[[str], None]) -> dict[str, Any]:
    """The whole report on a run.

    Args:
        root: the run's folder.
        asked: what it is to hold.
        say: told one line a step.

    Raises:
        ConfigError: an option or a file is wrong.
        RunFolderError: `root` is no run's folder.
    """
    check(asked)
    manifest = required(root)
    gold = None if asked.gold is None else read_gold(asked.gold)
    terms = None if asked.terms is None else read_terms(asked.terms)
    labels = None if asked.labels is None else read_gold(asked.labels)
    reading = read_run(root, () if gold is None else gold.commits)
    report: dict[str, Any] = {
        "run": manifest.name,
        "themis": themis_version(),
        "mine_key": manifest.stages[STAGE].key,
        "yield": counts.yields(reading.tally),
        "lengths": counts.lengths(reading.tally, manifest.seed),
        "funnel": counts.funnel(reading.tally, reading.found),
        "unreadable_abstentions": reading.tally.unreadable,
    }
    if gold is None:
        return report
    report["gold"] = _gold(gold, reading)
    report |= _scores(root, asked, reading)
    report["definitions"] = {**scoring.DEFINITION, "intervals": intervals.DEFINITION, "baselines": baselines.DEFINITION}
    recall = report["points"][0]["overall"]["recall"]["unweighted"]["estimate"]
    report["baselines"] = _baselines(root, asked, reading.found, terms, labels, recall, say)
    return report


def write(root: str, report: dict[str, Any], out: Path | None) -> str:
    """Write `report.json` and a page, to `out` or to the run's own folder, whose page then shows them too.

    Returns:
        The folder written to.
    """
    target = storage.join(root, FOLDER) if out is None else str(out)
    storage.write_json(storage.join(target, "report.json"), report)
    storage.write_bytes(storage.join(target, "report.html"), page.standalone(report).encode())
    if out is None and storage.is_local(root):
        _refresh(root)
    return target


def _refresh(root: str) -> None:
    """Write the run's page anew, where it has one, and its new receipt."""
    with storage.lock(root):
        manifest = required(root)
        entry = manifest.stages.get("report")
        if entry is None:
            return
        made = write_report(Path(root))
        manifest.with_stage("report", replace(entry, files=receipts(root, [made.name]))).save(root)


def strict_threshold(root: str) -> float | None:
    """The strict threshold of the run's classifier; None where the run keeps no configuration."""
    if not storage.exists(storage.join(root, "config.yaml")):
        return None
    return run_config(root).mine.changes.classifier.thresholds().get("strict")


def _gold(gold: GoldFile, reading: Reading) -> dict[str, Any]:
    """What the gold file holds, and which of its commits the run did not examine."""
    usable = [one for one in gold.commits if one.usable]
    return {
        "file": gold.name,
        "sha256": gold.sha256,
        "rows": gold.rows,
        "commits": len(gold.commits),
        "duplicates": gold.rows - len(gold.commits),
        "usable": len(usable),
        "weight": round(sum(one.weight for one in gold.commits), 6),
        "repositories": len({one.repo.casefold() for one in gold.commits}),
        "matched": len(reading.found),
        "matched_usable": sum(one.gold.usable for one in reading.found),
        "missing_count": len(reading.missing),
        "missing_usable": sum(one.usable for one, _ in reading.missing),
        "missing_by_repository": dict(sorted(Counter(one.repo for one, _ in reading.missing).items())),
        "missing": [{"repo": one.repo, "sha": one.sha, "line": one.line, "usable": one.usable, "why": why}
                    for one, why in reading.missing],
    }  # fmt: skip


def _scores(root: str, asked: Asked, reading: Reading) -> dict[str, Any]:
    """Points and curve of the miner on the hand-read commits that the run examined."""
    judged = [Judged(one.gold, one.language, one.predictions) for one in reading.found]
    draws = intervals.draw([one.gold.repo.casefold() for one in judged])
    strict = strict_threshold(root)
    levels = asked.at or ((strict,) if strict is not None else ())
    point = measure(judged, mined, draws)
    points = [{"name": "as mined", "threshold": None, "candidates": reading.tally.candidates.total(), **point}]
    for level in dict.fromkeys(levels):
        name = f"at {level:g}" + (", strict" if level == strict else "")
        found = counts.candidates_from(reading.tally, level)
        points.append({"name": name, "threshold": level, "candidates": found["mined"],
                       "abstained_above": found["abstained"], **measure(judged, at_least(level), draws)})  # fmt: skip
    usable = [one for one in judged if one.gold.usable]
    missed = [one for one, _ in reading.missing if one.usable]
    right = sum(any(scoring.is_right(c.gold, p) and p.kept for p in c.predictions) for c in usable)
    every = len(usable) + len(missed)
    return {
        "points": points,
        "curve": scoring.curve(judged, draws),
        "recall_of_all": {"k": right, "n": every, "estimate": round(right / every, 4) if every else None},
        "mistakes": counts.mistakes(reading.found),
        "misses": counts.misses(reading.found),
    }


def _baselines(
    root: str, asked: Asked, found: Sequence[Found], terms: dict[str, tuple[str, ...]] | None, labels: GoldFile | None,
    recall: float | None, say: Callable[[str], None],
) -> dict[str, Any]:  # fmt: skip
    """The baselines that were asked for, on the same commits."""
    if terms is None and labels is None:
        return {}
    texts = _texts(root, asked, found, say)
    scored = {} if terms is None else baselines.term_baselines(found, texts, terms)
    if labels is not None:
        assert asked.mirrors is not None
        own: tuple[Gold, ...] = labels.commits
        read = from_mirrors(own, asked.mirrors, baselines.counted_progress("labels", len(own), say))
        known = [Labelled(one, read.changes[one.repo, one.sha]) for one in own if (one.repo, one.sha) in read.changes]
        scored["plain"] = {
            **baselines.plain_baseline(found, texts, known, recall),
            "labels_file": labels.name,
            "labels_sha256": labels.sha256,
            "labels_unread": baselines.unread(read),
        }
    return scored


def _texts(root: str, asked: Asked, found: Sequence[Found], say: Callable[[str], None]) -> Texts:
    """Messages and sides of the gold commits: from the mirrors where these are given and have them, else replayed."""
    tell = baselines.counted_progress("gold", len(found), say)
    gold = [one.gold for one in found]
    near = Texts({}, ()) if asked.mirrors is None else from_mirrors(gold, asked.mirrors, tell)
    far = [one for one in found if (one.gold.repo, one.gold.sha) not in near.changes]
    if not far:
        return near
    config = run_config(root)
    read = from_sources(far, config.sources, Path(config.execution.cache).expanduser(), tell)
    return Texts({**near.changes, **read.changes}, read.unread)
