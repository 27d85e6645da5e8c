"""What each stage of a run does, from what is done before it to its entry in the manifest."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline import certificate, execute, learn, manifest, storage
from pipeline.card import write_card
from pipeline.config import RunConfig
from pipeline.folder import receipts
from pipeline.manifest import Manifest, StageEntry
from pipeline.report import write_report
from pipeline.sources.base import Unit
from pipeline.stages.assemble import KEPT as ASSEMBLED


@dataclass(frozen=True, slots=True)
class Job:
    """One stage to do.

    Attributes:
        stage: its name.
        key: that its entry will have.
        config: of the run.
        root: the run's folder.
        units: of the sources.
        done: the stages before it.
        started: `time.monotonic()` at its begin.
    """

    stage: str
    key: str
    config: RunConfig
    root: str
    units: tuple[Unit, ...]
    done: Manifest
    started: float


def _records_stage(job: Job) -> StageEntry:
    shards = job.config.execution.table_shards
    if job.stage == "mine":
        counts = execute.mine(job.root, job.units, job.config, shards)
    elif job.stage == "synthesize":
        counts = execute.synthesize(job.root, job.done.stages["mine"].table("mined"), job.config, shards)
    else:
        counts = execute.curate(job.root, job.done.stages["synthesize"].table("pairs"), job.config, shards)
    return execute.entry(job.root, job.stage, job.key, time.monotonic() - job.started, counts)


def _assemble_stage(job: Job) -> StageEntry:
    cells = execute.assemble(job.root, job.done.stages["curate"].table("curated"), job.config)
    made = execute.entry(job.root, job.stage, job.key, 0.0, {})
    folders = tuple(f"{folder}/" for folder in ASSEMBLED)
    into = job.done.stages["curate"].counts["kept"]
    kept = sum(file["rows"] for file in made.files if file["path"].startswith(folders))
    counts = {"in": into, "expanded": into, "dropped_in": 0, "dead_in": 0,
              "children": into, "kept": kept, "dropped": 0, "dead": 0}  # fmt: skip
    manifest.check_sums(job.stage, counts)
    stats = statistics(job.root, cells, job.units, job.done)
    rules = certificate.rules(job.config.model_dump(mode="json"))
    split = certificate.certify(job.root, made.files, job.done.stages["curate"], rules)
    storage.write_json(storage.join(job.root, certificate.NAME), split)
    whole = receipts(job.root, [*write_card(job.root, job.config, stats), certificate.NAME])
    return StageEntry(job.key, round(time.monotonic() - job.started, 1), counts, (*made.files, *whole))


def _learning_stage(job: Job) -> StageEntry:
    assert job.config.train is not None
    doing: Callable[..., list[str]] = learn.train if job.stage == "train" else learn.evaluate
    written = doing(Path(job.root), job.config.train.recipe, job.config.train.configuration, job.config.seed)
    return StageEntry(job.key, round(time.monotonic() - job.started, 1), {}, receipts(job.root, written))


def _report_stage(job: Job) -> StageEntry:
    path = write_report(Path(job.root))
    return StageEntry(job.key, round(time.monotonic() - job.started, 1), {}, receipts(job.root, [path.name]))


DOING: dict[str, Callable[[Job], StageEntry]] = {
    "mine": _records_stage,
    "synthesize": _records_stage,
    "curate": _records_stage,
    "assemble": _assemble_stage,
    "train": _learning_stage,
    "evaluate": _learning_stage,
    "report": _report_stage,
}
"""Stage to what does it."""


def statistics(root: str, cells: dict[str, int], units: tuple[Unit, ...], done: Manifest) -> dict[str, Any]:
    """What `dataset/stats.json` holds: pairs per cell and split, drop reasons per stage, units per source."""
    names = ("split", "criterion", "language", "operator", "length", "kind")
    rows = [{**dict(zip(names, cell.split("\t"), strict=True)), "pairs": count} for cell, count in cells.items()]
    pairs: Counter[str] = Counter()
    for cell, count in cells.items():
        pairs[cell.split("\t")[0]] += count
    dropped: dict[str, dict[str, int]] = {}
    for stage in ("mine", "synthesize", "curate"):
        reasons: Counter[str] = Counter()
        for path in done.stages[stage].table("dropped"):
            column = storage.read_table(storage.join(root, path), ["reason"]).column("reason")
            reasons.update({row["values"]: row["counts"] for row in column.value_counts().to_pylist()})
        dropped[stage] = dict(reasons.most_common())
    sources = Counter(unit.source for unit in units)
    return {
        "pairs": dict(pairs),
        "cells": rows,
        "dropped": dropped,
        "sources": [{"source": name, "units": count} for name, count in sorted(sources.items())],
    }


def stats_of(root: str) -> dict[str, Any]:
    """`dataset/stats.json` of a run."""
    found: dict[str, Any] = json.loads(storage.read_bytes(storage.join(root, "dataset/stats.json")))
    return found
