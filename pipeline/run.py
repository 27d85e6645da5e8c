"""A run: prepare the sources, do the stages that are not done, and leave a folder that `themis verify` accepts."""

import json
import logging
import shutil
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from rich.console import Console

from pipeline import execute, learn, manifest, storage
from pipeline.card import write_card
from pipeline.config import RunConfig, dump
from pipeline.manifest import ORDER, Manifest, StageEntry
from pipeline.progress import stage_progress
from pipeline.report import write_report
from pipeline.sources.base import Prepared, Unit
from pipeline.stages.mine import unit_id
from schemas.errors import CheckFailed, ConfigError, RunFolderError
from schemas.provenance import content_id, sha256

LOG = logging.getLogger("themis")

OUTPUTS: dict[str, tuple[str, ...]] = {
    "mine": ("mined",),
    "synthesize": ("pairs",),
    "curate": ("curated",),
    "assemble": ("dataset/data", "dataset/balanced", "dataset/provenance", "dataset", "benchmark/data",
                 "benchmark/provenance", "benchmark"),
    "train": (), "evaluate": (), "report": (),
}  # fmt: skip

OURS = {".lock", "run.log", "config.yaml", "stages", "dropped", "dead"} | {
    name.split("/")[0] for folders in OUTPUTS.values() for name in folders
}
"""What may lie in a folder whose run was killed before its first stage was done."""

_DATA_CODE = ("schemas", "parsers", "filters", "synthesis", "pipeline/sources", "pipeline/stages", "pipeline/beam.py")
CODE: dict[str, tuple[str, ...]] = {
    "mine": _DATA_CODE,
    "synthesize": _DATA_CODE,
    "curate": _DATA_CODE,
    "assemble": (*_DATA_CODE, "pipeline/card.py"),
    "train": ("schemas", "pipeline/training", "pipeline/learn.py"),
    "evaluate": ("schemas", "pipeline/evaluation", "pipeline/training", "pipeline/learn.py"),
    "report": ("schemas", "pipeline/report"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would do with one stage: `reuse` or `do`."""

    stage: str
    action: str


def themis_version() -> str:
    """Version of this package."""
    try:
        return version("themis-preference")
    except PackageNotFoundError:
        return "0+source"


def stages_of(config: RunConfig, until: str | None) -> tuple[str, ...]:
    """The stages that a configuration asks for, up to `until`.

    Raises:
        ConfigError: there is no such stage.
    """
    if until is not None and until not in ORDER:
        raise ConfigError(f"--until {until}: no such stage; there are {', '.join(ORDER)}")
    wanted = ORDER if config.train else tuple(s for s in ORDER if s not in ("train", "evaluate"))
    if until is None:
        return wanted
    return tuple(stage for stage in wanted if ORDER.index(stage) <= ORDER.index(until))


def prepare(config: RunConfig, console: Console) -> tuple[tuple[Unit, ...], tuple[str, ...]]:
    """Units of every source, and warnings of those that may be missing.

    Raises:
        SourceUnavailable: a required source can't be had.
        CheckFailed: there is nothing to read.
    """
    cache = Path(config.execution.cache).expanduser()
    cache.mkdir(parents=True, exist_ok=True)
    units: list[Unit] = []
    warnings: list[str] = []
    for source in config.sources:
        with console.status(f"source {source.name}") as status:
            prepared: Prepared = source.prepare(cache, lambda line, status=status: status.update(line))  # type: ignore[misc]
        units += prepared.units
        warnings += prepared.warnings
        console.print(f"source {source.name}: {len(prepared.units):,} units", highlight=False)
        for warning in prepared.warnings:
            console.print(f"  [yellow]warning[/]: {warning}", highlight=False)
            LOG.warning("%s", warning)
    if not units:
        raise CheckFailed("sources: nothing to read. Name at least one source that has files of a known language.")
    return tuple(units), tuple(warnings)


def claim(config: RunConfig, root: str, warnings: tuple[str, ...]) -> Manifest:
    """The manifest of the folder, which must be this run's, empty, or absent.

    Raises:
        RunFolderError: the folder is another run's or holds other things.
    """
    found = manifest.load(root)
    if found is not None and found.identity != config.identity:
        raise RunFolderError(
            f"{root}: holds the run {found.name!r} of another name, seed or set of sources. Choose another --out."
        )
    if found is None and storage.is_local(root) and Path(root).is_dir():
        names = sorted(path.name for path in Path(root).iterdir())
        foreign = [name for name in names if name not in OURS and not name.startswith(storage.WRITING)]
        if foreign:
            raise RunFolderError(f"{root}: not empty and not a run's folder ({foreign[0]!r}). Choose another --out.")
    made = Manifest(config.name, config.seed, config.identity, themis_version(), warnings)
    return made if found is None else Manifest(**{**_fields(made), "stages": found.stages})


def _fields(made: Manifest) -> dict[str, Any]:
    return {name: getattr(made, name) for name in ("name", "seed", "identity", "themis", "warnings")}


def stage_key(stage: str, config: RunConfig, units: tuple[Unit, ...], done: Manifest) -> str:
    """Key of a stage: its section, the sha256 of its inputs, and the version of its code."""
    sections: dict[str, Any] = {
        "mine": config.mine,
        "synthesize": config.synthesize,
        "curate": config.curate,
        "assemble": config.assemble,
        "train": config.train,
        "evaluate": config.train,
        "report": config.train,
    }
    earlier = {
        "mine": (), "synthesize": ("mine",), "curate": ("synthesize",), "assemble": ("curate",),
        "train": ("assemble",), "evaluate": ("assemble", "train"),
        "report": ("mine", "synthesize", "curate", "assemble", "train", "evaluate"),
    }[stage]  # fmt: skip
    inputs = [f["sha256"] for name in earlier if name in done.stages for f in done.stages[name].files]
    if stage == "mine":
        inputs = [unit_id(unit) for unit in units]
    section = sections[stage].model_dump_json() if sections[stage] is not None else ""
    return content_id(stage, section, str(config.seed), execute.code_version(CODE[stage]), *inputs)


def intact(root: str, entry: StageEntry) -> bool:
    """Whether every file of a finished stage is there, of the recorded size where that can be seen cheaply."""
    for file in entry.files:
        path = storage.join(root, file["path"])
        if storage.is_local(path):
            if not Path(path).is_file() or Path(path).stat().st_size != file["bytes"]:
                return False
        elif not storage.exists(path):
            return False
    return True


def run(
    config: RunConfig, root: str, console: Console, until: str | None = None, dry_run: bool = False
) -> tuple[Manifest, tuple[Planned, ...]]:
    """Do what is not done; a killed run goes on from its last finished stage.

    Returns:
        The manifest, and what was (or, in a dry run, would be) done with each stage.

    Raises:
        ThemisError: with the way out.
    """
    stages = stages_of(config, until)
    if dry_run:
        units, warnings = prepare(config, console)
        return _dry(config, root, stages, units, warnings)
    with storage.lock(root):
        _log_to(root)
        _check_disk(root, config.execution.min_free_gib)
        units, warnings = prepare(config, console)
        done = claim(config, root, warnings)
        storage.write_bytes(storage.join(root, "config.yaml"), f"# themis {themis_version()}\n{dump(config)}".encode())
        done.save(root)
        planned = []
        for stage in stages:
            key = stage_key(stage, config, units, done)
            known = done.stages.get(stage)
            if known is not None and _reusable(known, key, root, config):
                console.print(f"{stage:<11} unchanged", highlight=False)
                _check_entry(stage, known, root, config.execution.max_dead_share)
                planned.append(Planned(stage, "reuse"))
                continue
            done = done.before(stage, ORDER)
            done.save(root)
            done = _do(stage, key, config, root, units, done, console)
            planned.append(Planned(stage, "do"))
    return done, tuple(planned)


def _reusable(entry: StageEntry, key: str, root: str, config: RunConfig) -> bool:
    """Whether there is nothing to do again; what failed for too many records is worth another try."""
    return entry.key == key and intact(root, entry) and not too_many_dead(entry, config.execution.max_dead_share)


def _dry(
    config: RunConfig, root: str, stages: tuple[str, ...], units: tuple[Unit, ...], warnings: tuple[str, ...]
) -> tuple[Manifest, tuple[Planned, ...]]:
    done = claim(config, root, warnings)
    planned, stale = [], False
    for stage in stages:
        known = done.stages.get(stage)
        stale = stale or known is None or not _reusable(known, stage_key(stage, config, units, done), root, config)
        planned.append(Planned(stage, "do" if stale else "reuse"))
    return done, tuple(planned)


def _do(
    stage: str, key: str, config: RunConfig, root: str, units: tuple[Unit, ...], done: Manifest, console: Console
) -> Manifest:
    LOG.info("%s: begins", stage)
    started = time.monotonic()
    _clear(root, stage)
    total, label = _expected(stage, units, done)
    with stage_progress(console, stage, label, total):
        entry = _DOING[stage](stage, key, config, root, units, done, started)
    done = done.with_stage(stage, entry)
    done.save(root)
    line = _line(stage, entry)
    LOG.info("%s", line)
    console.print(line, highlight=False)
    _check_entry(stage, entry, root, config.execution.max_dead_share)
    return done


def _records_stage(
    stage: str, key: str, config: RunConfig, root: str, units: tuple[Unit, ...], done: Manifest, started: float
) -> StageEntry:
    shards = config.execution.table_shards
    if stage == "mine":
        counts = execute.mine(root, units, config, shards)
    elif stage == "synthesize":
        counts = execute.synthesize(root, done.stages["mine"].table("mined"), config, shards)
    else:
        counts = execute.curate(root, done.stages["synthesize"].table("pairs"), config, shards)
    return execute.entry(root, stage, key, time.monotonic() - started, counts)


def _assemble_stage(
    stage: str, key: str, config: RunConfig, root: str, units: tuple[Unit, ...], done: Manifest, started: float
) -> StageEntry:
    cells = execute.assemble(root, done.stages["curate"].table("curated"), config)
    made = execute.entry(root, stage, key, 0.0, {})
    rows = {
        name: sum(f["rows"] for f in made.files if f["path"].startswith(f"{folder}/"))
        for name, folder in (("train", "dataset/data"), ("benchmark", "benchmark/data"))
    }
    into, kept = done.stages["curate"].counts["kept"], rows["train"] + rows["benchmark"]
    counts = {"in": into, "expanded": into, "dropped_in": 0, "dead_in": 0,
              "children": into, "kept": kept, "dropped": 0, "dead": 0}  # fmt: skip
    manifest.check_sums(stage, counts)
    stats = statistics(root, cells, units, done)
    cards = write_card(root, config, stats)
    return StageEntry(key, round(time.monotonic() - started, 1), counts, (*made.files, *cards))


def _learning_stage(
    stage: str, key: str, config: RunConfig, root: str, units: tuple[Unit, ...], done: Manifest, started: float
) -> StageEntry:
    assert config.train is not None
    doing: Callable[..., list[str]] = learn.train if stage == "train" else learn.evaluate
    written = doing(Path(root), config.train.recipe, config.train.configuration, config.seed)
    return StageEntry(key, round(time.monotonic() - started, 1), {}, receipts(root, written))


def _report_stage(
    stage: str, key: str, config: RunConfig, root: str, units: tuple[Unit, ...], done: Manifest, started: float
) -> StageEntry:
    path = write_report(Path(root))
    return StageEntry(key, round(time.monotonic() - started, 1), {}, receipts(root, [path.name]))


_DOING: dict[str, Callable[..., StageEntry]] = {
    "mine": _records_stage,
    "synthesize": _records_stage,
    "curate": _records_stage,
    "assemble": _assemble_stage,
    "train": _learning_stage,
    "evaluate": _learning_stage,
    "report": _report_stage,
}


def receipts(root: str, paths: list[str]) -> tuple[dict[str, Any], ...]:
    """Receipts of files that are not tables of records."""
    made = []
    for path in sorted(paths):
        data = storage.read_bytes(storage.join(root, path))
        made.append({"path": path, "sha256": sha256(data), "rows": None, "bytes": len(data)})
    return tuple(made)


def statistics(root: str, cells: dict[str, int], units: tuple[Unit, ...], done: Manifest) -> dict[str, Any]:
    """What `dataset/stats.json` holds: pairs per cell and split, drop reasons per stage, units per source."""
    names = ("split", "criterion", "language", "operator", "length")
    rows = [{**dict(zip(names, cell.split("\t"), strict=True)), "pairs": count} for cell, count in cells.items()]
    pairs: Counter[str] = Counter()
    for cell, count in cells.items():
        pairs[cell.split("\t")[0]] += count
    dropped: dict[str, dict[str, int]] = {}
    for stage in ("mine", "synthesize", "curate"):
        reasons: Counter[str] = Counter()
        for path in done.stages[stage].table("dropped"):
            column = pq.read_table(_open(root, path), columns=["reason"]).column("reason")
            reasons.update({row["values"]: row["counts"] for row in column.value_counts().to_pylist()})
        dropped[stage] = dict(reasons.most_common())
    sources = Counter(unit.source for unit in units)
    return {
        "pairs": dict(pairs),
        "cells": rows,
        "dropped": dropped,
        "sources": [{"source": name, "units": count} for name, count in sorted(sources.items())],
    }


def _open(root: str, path: str) -> Any:
    import io

    return io.BytesIO(storage.read_bytes(storage.join(root, path)))


def _clear(root: str, stage: str) -> None:
    patterns = [f"{folder}/*" for folder in OUTPUTS[stage]]
    if stage in ("mine", "synthesize", "curate"):
        patterns += [f"dropped/{stage}-*", f"dead/{stage}-*"]
    storage.remove(root, patterns)
    if storage.is_local(root) and stage in ("train", "evaluate"):
        shutil.rmtree(Path(root) / ("models" if stage == "train" else "evaluation"), ignore_errors=True)


def _expected(stage: str, units: tuple[Unit, ...], done: Manifest) -> tuple[int | None, str]:
    if stage == "synthesize":
        return done.stages["mine"].counts["kept"], "candidates"
    if stage == "curate":
        return done.stages["synthesize"].counts["kept"], "pairs"
    return None, "files" if stage == "mine" else "done"


def _line(stage: str, entry: StageEntry) -> str:
    if not entry.counts:
        return f"{stage:<11} {len(entry.files):,} files, {entry.seconds:,.0f} s"
    counts = entry.counts
    gone, failed = counts["dropped"] + counts["dropped_in"], counts["dead"] + counts["dead_in"]
    return (
        f"{stage:<11} {counts['in']:,} in, {counts['kept']:,} kept, {gone:,} dropped, {failed:,} dead, "
        f"{entry.seconds:,.0f} s"
    )


def too_many_dead(entry: StageEntry, max_dead_share: float) -> bool:
    """Whether more of a stage's records failed than may."""
    counts = entry.counts
    return bool(counts) and counts["dead"] + counts["dead_in"] > max_dead_share * max(counts["in"], 1)


def _check_entry(stage: str, entry: StageEntry, root: str, max_dead_share: float) -> None:
    if not entry.counts:
        return
    counts = entry.counts
    failed = counts["dead"] + counts["dead_in"]
    if too_many_dead(entry, max_dead_share):
        raise CheckFailed(
            f"{stage}: {failed} of {counts['in']} records failed, more than execution.max_dead_share={max_dead_share}. "
            f"What was kept is safe; {root}/dead tells why."
        )
    if not counts["kept"]:
        reasons = Counter(
            row["reason"] for path in entry.table("dropped") for row in pq.read_table(_open(root, path)).to_pylist()
        )
        told = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common(5)) or "nothing came in"
        raise CheckFailed(f"{stage}: nothing is left of {counts['in']} records ({told}). {root}/dropped has each one.")


def _check_disk(root: str, min_free_gib: float) -> None:
    if storage.is_local(root):
        Path(root).mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(root).free / 2**30
        if free < min_free_gib:
            raise CheckFailed(
                f"{root}: {free:.1f} GiB free, execution.min_free_gib asks for {min_free_gib}. Free some, or lower it."
            )


def _log_to(root: str) -> None:
    if not storage.is_local(root):
        return
    handler = logging.FileHandler(Path(root) / "run.log", encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    for old in list(LOG.handlers):
        LOG.removeHandler(old)
        old.close()
    LOG.addHandler(handler)
    LOG.setLevel(logging.INFO)
    LOG.propagate = False


def stats_of(root: str) -> dict[str, Any]:
    """`dataset/stats.json` of a run."""
    found: dict[str, Any] = json.loads(storage.read_bytes(storage.join(root, "dataset/stats.json")))
    return found
