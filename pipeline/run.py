"""A run: prepare the sources, do the stages that are not done, and leave a folder that `themis verify` accepts."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline import execute, storage
from pipeline.config import RunConfig, dump
from pipeline.folder import LOG, check_disk, claim, clear, intact, log_to, themis_version
from pipeline.manifest import ORDER, Manifest, StageEntry
from pipeline.progress import stage_progress
from pipeline.sources.base import Prepared, Unit
from pipeline.stages.mine import unit_id
from pipeline.steps import DOING, Job
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import content_id

CODE: dict[str, tuple[str, ...]] = {
    "mine": execute.DATA_CODE,
    "synthesize": execute.DATA_CODE,
    "curate": execute.DATA_CODE,
    "assemble": (*execute.DATA_CODE, "pipeline/card.py", "pipeline/certificate.py", "pipeline/shards.py"),
    "train": ("schemas", "pipeline/training", "pipeline/learn.py"),
    "evaluate": ("schemas", "synthesis/mutations", "pipeline/evaluation", "pipeline/training", "pipeline/learn.py"),
    "report": ("schemas", "pipeline/report"),
}


@dataclass(frozen=True, slots=True)
class Planned:
    """What a run would do with one stage: `reuse` or `do`."""

    stage: str
    action: str


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
    if stage == "curate":
        inputs.append(config.curate.decontaminate.key())
    section = sections[stage].model_dump_json() if sections[stage] is not None else ""
    return content_id(stage, section, str(config.seed), execute.code_version(CODE[stage]), *inputs)


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
        log_to(root)
        check_disk(root, config.execution.min_free_gib)
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
    if stage == "synthesize":
        execute.unseal(root, config)
    clear(root, stage)
    total, label = _expected(stage, units, done)
    with stage_progress(console, stage, label, total):
        entry = DOING[stage](Job(stage, key, config, root, units, done, started))
    done = done.with_stage(stage, entry)
    done.save(root)
    line = _line(stage, entry)
    LOG.info("%s", line)
    console.print(line, highlight=False)
    _check_entry(stage, entry, root, config.execution.max_dead_share)
    return done


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
            row["reason"]
            for path in entry.table("dropped")
            for row in storage.read_table(storage.join(root, path), ["reason"]).to_pylist()
        )
        told = ", ".join(f"{reason} {count}" for reason, count in reasons.most_common(5)) or "nothing came in"
        raise CheckFailed(f"{stage}: nothing is left of {counts['in']} records ({told}). {root}/dropped has each one.")
