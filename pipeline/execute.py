"""One stage as one Beam pipeline: wire it, run it, and bring back what it counted and wrote."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import create_runner

import filters
import parsers
import pipeline
import schemas
import synthesis
from pipeline import storage
from pipeline.beam import ReadTable, Summarize, WriteTable, parquet_bytes, read_rows
from pipeline.folder import LOG
from pipeline.manifest import StageEntry, check_sums
from pipeline.sources.base import Unit
from pipeline.stages.assemble import Assemble
from pipeline.stages.curate import UNDECIDED, Benchmarks, Curate
from pipeline.stages.mine import Mine
from pipeline.stages.synthesize import Synthesize
from schemas import contract
from schemas.errors import CheckFailed, ConfigError, SourceUnavailable, ThemisError
from synthesis.calls import ServerUnavailable
from synthesis.ledger import Ledger

Row = Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """What a stage's main output is written as."""

    folder: str
    schema: pa.Schema
    to_row: Row


LEDGER = "ledger"
"""Folder of the model calls that a run's pairs follow from."""

TABLES = {
    "mine": Table("mined", contract.MINED, contract.candidate_row),
    "synthesize": Table("pairs", contract.PAIRS, contract.pair_row),
    "curate": Table("curated", contract.CURATED, contract.curated_row),
}


DATA_CODE = ("schemas", "parsers", "filters", "synthesis", "pipeline/sources", "pipeline/stages", "pipeline/criterion",
             "pipeline/beam.py", "pipeline/concurrent.py")  # fmt: skip
"""What the records of a run follow from."""


def code_version(parts: tuple[str, ...]) -> str:
    """sha256 over the source files of packages, or of modules below `pipeline/`, such as `pipeline/stages`."""
    roots = {m.__name__: Path(str(m.__file__)).parent for m in (schemas, parsers, filters, synthesis, pipeline)}
    digest = hashlib.sha256()
    for part in parts:
        package, _, below = part.partition("/")
        top = roots[package] / below
        files = [top] if top.is_file() else [path for path in top.rglob("*") if path.is_file()]
        for path in sorted(files):
            if path.suffix in {".py", ".scm", ".toml", ".jinja", ".sql", ".json"}:
                digest.update(str(path.relative_to(roots[package])).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def beam_options(runner: str, given: tuple[str, ...]) -> PipelineOptions:
    """Beam's options; the default runner works in this process and tries no download.

    Raises:
        ConfigError: Beam knows no such runner or option.
    """
    try:
        create_runner(runner)
    except (ValueError, ImportError, AttributeError) as error:
        raise ConfigError(f"execution.runner: {runner!r}: {error}") from None
    try:
        options = PipelineOptions([f"--runner={runner}", *given])
        options.get_all_options()
    except SystemExit:
        raise ConfigError(
            f"Beam refuses the options {' '.join(given)!r}; see `--help` of the runner {runner}."
        ) from None
    return options


class LocalRunner(FnApiRunner):
    """Beam's runner on this machine, whose worker processes, where it is asked for some, are `pipeline.worker`."""

    def run_via_runner_api(self, pipeline_proto: Any, options: Any) -> Any:
        """Name our worker where Beam names its own."""
        for environment in pipeline_proto.components.environments.values():
            environment.payload = environment.payload.replace(_BEAMS_WORKER, _OUR_WORKER)
        return super().run_via_runner_api(pipeline_proto, options)


_BEAMS_WORKER, _OUR_WORKER = b"-m apache_beam.runners.worker.sdk_worker_main", b"-m pipeline.worker"


@contextmanager
def running(config: Any) -> Iterator[Any]:
    """A pipeline that runs when the block ends.

    Raises:
        ConfigError: Beam knows no such runner or option.
        ThemisError: what a stage raised on purpose, in this process or in a worker's.
        KeyboardInterrupt: also where it hit inside a worker of this process, which Beam turns into a RuntimeError.
    """
    # In worker processes glibc then gives freed blocks of 1 MB back; left to itself it keeps those of up to 32 MB, and
    # Beam's buffers leave a third of a worker's memory in holes.
    os.environ.setdefault("MALLOC_MMAP_THRESHOLD_", str(1 << 20))
    try:
        options = beam_options(config.execution.runner, config.execution.beam_options)
        here = config.execution.runner == FnApiRunner.__name__
        with beam.Pipeline(runner=LocalRunner() if here else None, options=options) as p:
            yield p
    except _ON_PURPOSE as error:
        raise _as_said(type(error), str(error)) from None
    except RuntimeError as error:  # what a worker raised, as text
        if "KeyboardInterrupt" in str(error):
            raise KeyboardInterrupt from None
        for kind in _ON_PURPOSE:
            _, named, said = str(error).rpartition(f"\n{kind.__module__}.{kind.__qualname__}: ")
            if named:
                raise _as_said(kind, said) from None
        raise


_ON_PURPOSE: tuple[type[ThemisError], ...] = (ConfigError, CheckFailed, SourceUnavailable, ServerUnavailable)


def _as_said(kind: type[ThemisError], text: str) -> ThemisError:
    return kind(text.partition(" [while running ")[0].strip())  # Beam adds its name of the step


def mine(root: str, units: tuple[Unit, ...], config: Any, shards: int) -> dict[str, int]:
    """Run the stage `mine`; returns its counts."""
    cache = str(Path(config.execution.cache).expanduser())
    transform = Mine(config.sources, config.mine, config.seed, cache, code_version(DATA_CODE))
    return _records(root, "mine", config, shards, lambda p: p | beam.Create(units) | transform)


def synthesize(root: str, mined: list[str], config: Any, shards: int) -> dict[str, int]:
    """Run the stage `synthesize`; returns its counts."""
    read = ReadTable([storage.join(root, path) for path in mined], contract.candidate_from_row)
    transform = Synthesize(config.synthesize, config.seed, ledger_path(root, config))
    return _records(root, "synthesize", config, shards, lambda p: p | read | transform)


def ledger_path(root: str, config: Any) -> str:
    """The file that keeps a run's model calls while it works.

    It is the configured one, else one in the run's folder or, where that is not on a local disk, in the cache.
    """
    if config.synthesize.ledger is not None:
        return str(Path(config.synthesize.ledger).expanduser())
    if storage.is_local(root):
        return storage.join(root, LEDGER, "calls.sqlite")
    return str(Path(config.execution.cache).expanduser() / LEDGER / f"{config.identity}.sqlite")


def curate(root: str, pairs: list[str], config: Any, shards: int) -> dict[str, int]:
    """Run the stage `curate`; returns its counts.

    Raises:
        ConfigError: a filter lacks what it needs, or another benchmark can't be read.
    """
    c = config.curate
    for one in c.filters:
        one.ready()
    paths = tuple(storage.join(root, path) for path in pairs)
    benchmarks = other_benchmarks(root, config)
    transform = Curate(
        root, paths, c.filters, c.near_duplicates, benchmarks, c.split, c.max_operator_share, config.seed
    )
    counts = _records(root, "curate", config, shards, lambda p: p | transform)
    undecided = summary(root, "curate")["counts"].get(UNDECIDED, 0)
    if undecided:
        LOG.warning("curate: %d clusters are kept undecided: raise curate.near_duplicates.rounds", undecided)
    return counts


def other_benchmarks(root: str, config: Any) -> Benchmarks:
    """The benchmarks that training must share nothing with: a table of their prompts and a file of their sides.

    On a local disk the table is in the cache and mapped by every worker; elsewhere it travels with the pipeline.

    Raises:
        ConfigError: one can't be read.
    """
    given = config.curate.decontaminate
    cache = Path(config.execution.cache).expanduser() / "grams" if storage.is_local(root) else None
    sides = [{"id": name, "chosen": text, "rejected": ""} for name, text in given.sides()]
    if not sides:
        return Benchmarks(given.table(cache))
    path = storage.join(root, "stages", "benchmarks.parquet")
    schema = pa.schema([("id", pa.string()), ("chosen", pa.large_string()), ("rejected", pa.large_string())])
    storage.write_bytes(path, parquet_bytes(sides, schema))
    return Benchmarks(given.table(cache), path)


def assemble(root: str, curated: list[str], config: Any) -> dict[str, int]:
    """Run the stage `assemble`; returns pairs per cell, `split<TAB>criterion<TAB>language<TAB>operator<TAB>length`."""
    with running(config) as p:
        read = ReadTable([storage.join(root, path) for path in curated], contract.curated_from_row)
        done = p | read | Assemble(root, config.assemble, config.seed)
        _ = (done["counts"], done["files"]) | Summarize(summary_path(root, "assemble"))
    cells: dict[str, int] = summary(root, "assemble")["counts"]
    return cells


def _records(root: str, stage: str, config: Any, shards: int, wire: Callable[[Any], dict[str, Any]]) -> dict[str, int]:
    table = TABLES[stage]
    with running(config) as p:
        done = wire(p)
        if "files" not in done:
            main = WriteTable(root, table.folder, table.folder, table.schema, table.to_row, _row_id, shards)
            done["files"] = done["kept"] | "write kept" >> main
        gone = WriteTable(root, "dropped", stage, contract.DROPPED, contract.dropped_row, _dropped_key, shards)
        dead = WriteTable(root, "dead", stage, contract.DEAD, contract.dead_row, _dead_key, 1)
        files = (
            done["files"],
            done["dropped"] | "write dropped" >> gone,
            done["dead"] | "write dead" >> dead,
            *_sealed(root, done.get("calls"), shards),
        ) | "all receipts" >> beam.Flatten()
        _ = (done["counts"], files) | Summarize(summary_path(root, stage))
    return stage_counts(stage, summary(root, stage))


def unseal(root: str, config: Any) -> None:
    """Take the calls of an earlier run of this folder into the file that the next one asks first."""
    sealed = storage.listed(root, f"{LEDGER}/*.parquet")
    if sealed:
        ledger = Ledger(ledger_path(root, config))
        for path in sealed:
            ledger.load(read_rows(path, dict))
        ledger.close()


def _sealed(root: str, calls: Any, shards: int) -> tuple[Any, ...]:
    """Receipts of the table of model calls, where a stage has one."""
    if calls is None:
        return ()
    write = WriteTable(root, LEDGER, "calls", contract.LEDGER, dict, itemgetter("key"), shards)
    return (calls | "write calls" >> write,)


def stage_counts(stage: str, made: dict[str, Any]) -> dict[str, int]:
    """The terms of both sums: counters from the workers, and rows of the files that were written.

    Raises:
        CheckFailed: a sum does not hold.
    """
    rows = {folder: _rows(made["files"], folder) for folder in (TABLES[stage].folder, "dropped", "dead")}
    counter = {name: made["counts"].get(name, 0) for name in ("in", "expanded", "dropped_in", "dead_in", "children")}
    counts = {
        **counter,
        "kept": rows[TABLES[stage].folder],
        "dropped": rows["dropped"] - counter["dropped_in"],
        "dead": rows["dead"] - counter["dead_in"],
    }
    check_sums(stage, counts)
    return counts


def _rows(files: list[dict[str, Any]], folder: str) -> int:
    return sum(file["rows"] for file in files if file["path"].startswith(f"{folder}/"))


def summary_path(root: str, stage: str) -> str:
    """Where a stage's pipeline leaves its counters and receipts for the driver."""
    return storage.join(root, "stages", f"{stage}.json")


def summary(root: str, stage: str) -> dict[str, Any]:
    """Counters and receipts of a stage that has run."""
    found: dict[str, Any] = json.loads(storage.read_bytes(summary_path(root, stage)))
    return found


def entry(root: str, stage: str, key: str, seconds: float, counts: dict[str, int]) -> StageEntry:
    """A Beam stage's entry in the manifest."""
    return StageEntry(key, round(seconds, 1), counts, tuple(summary(root, stage)["files"]))


def _row_id(row: dict[str, Any]) -> str:
    id_: str = row["id"]
    return id_


def _dropped_key(row: dict[str, Any]) -> str:
    return "\0".join((row["id"], row["reason"], row["detail"], row["path"]))


def _dead_key(row: dict[str, Any]) -> str:
    return f"{row['record']}\0{row['error']}"
