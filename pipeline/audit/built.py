"""`themis benchmark`: a benchmark from finished runs, and the check that it shares nothing with what they train on.

Pairs of one run are apart already (`pipeline/audit/firewall.py`); where several runs are merged, a held-out pair of one
may be near a training pair of another. Such pairs are dropped, by the same rules that make a run's split, and
`certificate.json` says what both sides are made of. `verify_built` does it all again from the runs' tables.
"""

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import certificate, shards
from pipeline.audit.apart import REASONS, Run, Training, conflicts, keys_of, open_run
from pipeline.certificate import Side
from pipeline.evaluation.build import CARD, FOLDERS, BuildOptions, Row, as_json, card, files, select
from pipeline.stages.split import groups
from pipeline.training.folder import whole_folder
from schemas import contract
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import sha256

NAME = "certificate.json"
VERSION = 1


def build(roots: Sequence[str], out: Path, name: str, options: BuildOptions) -> dict[str, Any]:
    """Write a benchmark's folder, whole or not at all; returns its certificate.

    Args:
        roots: folders of finished runs; their order changes nothing but which of two equal pairs stays.
        out: the folder; one that holds another benchmark is replaced.
        name: of the benchmark, for its card.
        options: what goes in.

    Raises:
        ConfigError: no run is given or one twice, `out` holds something else, or nothing is left.
    """
    if not roots or len(set(roots)) < len(roots):
        raise ConfigError(f"RUN: {', '.join(roots) or 'none'} given, must be one or more, each once.")
    if out.exists() and not (out / NAME).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out}: is there and is not a benchmark that this command wrote. Choose another --out.")
    runs = [open_run(root) for root in roots]
    rows, dropped = once(runs)
    train = Training.of(runs)
    against = conflicts(rows, train)
    dropped.update(against.values())
    kept, left_out = select([row for row in rows if row.id not in against], options)
    if not kept:
        raise ConfigError(f"{', '.join(roots)}: no pair is left ({dict(dropped + left_out)}). Loosen the options.")
    tables = files(kept)
    made = certified(runs, train, kept, {**dict.fromkeys(REASONS, 0), **dropped, **left_out}, options, tables)
    with whole_folder(out) as work:
        for path, (data, _) in tables.items():
            (work / path).parent.mkdir(exist_ok=True)
            (work / path).write_bytes(data)
        (work / CARD).write_text(card(name, kept, made), encoding="utf-8")
        (work / NAME).write_bytes(as_json(made))
    return made


def once(runs: Sequence[Run]) -> tuple[list[Row], Counter[str]]:
    """Held-out pairs of the runs, of equal pairs (by id, or by texts and criterion) the first; and what was dropped."""
    found: list[Row] = []
    dropped: Counter[str] = Counter()
    links = [link for run in runs for split in shards.FOLDERS for link in _links(run, split)]
    group_of = groups(links)
    ids: set[str] = set()
    texts: set[tuple[str, ...]] = set()
    for run in runs:
        for data, origin in _held_out(run):
            key = tuple(data[column] for column in ("prompt", "chosen", "rejected", "aspect"))
            if data["id"] in ids or key in texts:
                dropped["duplicate"] += 1
                continue
            ids.add(data["id"])
            texts.add(key)
            found.append(Row(data, origin, run.name, group_of[origin["repo"]]))
    return found, dropped


def _links(run: Run, split: str) -> set[tuple[str, str | None]]:
    return {(repo, family) for repo, family in shards.rows(run.root, run.files, split, ("repo", "family"), beside=True)}


def _held_out(run: Run) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    names, beside = contract.BENCHMARK.names, contract.BENCHMARK_PROVENANCE.names
    left = shards.rows(run.root, run.files, "benchmark", names, beside=False)
    right = shards.rows(run.root, run.files, "benchmark", beside, beside=True)
    for data, origin in zip(left, right, strict=True):
        yield dict(zip(names, data, strict=True)), dict(zip(beside, origin, strict=True))


def certified(
    runs: Sequence[Run],
    train: Training,
    rows: Sequence[Row],
    dropped: dict[str, int],
    options: BuildOptions,
    tables: dict[str, tuple[bytes, int]],
) -> dict[str, Any]:
    """The content of `certificate.json`."""
    held = Side()
    for row in rows:
        origin = row.origin
        held.add(origin["repo"], origin["family"], origin["blob_sha256"], origin["before_sha256"], origin["window"])
        for key in keys_of(row):
            held.clones.setdefault(key, row.id)
    made = certificate.certificate(train.side, held, {}, {})
    return {
        **made,
        "version": VERSION,
        "options": json.loads(options.model_dump_json()),
        "runs": sorted(({"name": run.name, **run.rules} for run in runs), key=json.dumps),
        "dropped": dict(sorted(dropped.items())),
        "files": [{"path": path, "rows": count, "sha256": sha256(data)} for path, (data, count) in tables.items()],
    }


def verify_built(out: Path, roots: Sequence[str]) -> list[str]:
    """What does not hold of a benchmark's folder against the runs that it was made from, one line each.

    Raises:
        ConfigError: the folder holds no benchmark that this command wrote.
    """
    try:
        said = json.loads((out / NAME).read_text(encoding="utf-8"))
        options = BuildOptions.model_validate_json(json.dumps(said["options"]))
        receipts = {file["path"]: file for file in said["files"]}
    except FileNotFoundError:
        raise ConfigError(f"{out}: holds no {NAME}. Give a folder that `themis benchmark` has written.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{out / NAME}: not a certificate of this version ({error}).") from None
    broken = _files(out, receipts)
    if broken:
        return broken
    runs = [open_run(root) for root in roots]
    rows = _read(out, receipts)
    train = Training.of(runs)
    for id_, reason in list(conflicts(rows, train).items())[:5]:
        broken.append(f"{id_}: is not apart from the training sets: {reason}")
    tables = {path: ((out / path).read_bytes(), receipts[path]["rows"]) for path in receipts}
    there = json.loads(as_json(certified(runs, train, rows, said["dropped"], options, tables)))
    for key in sorted(said.keys() | there.keys()):
        if said.get(key) != there.get(key):
            broken.append(f"{NAME}: {key} is not what the tables and the runs give")
    return broken


def _files(out: Path, receipts: dict[str, dict[str, Any]]) -> list[str]:
    broken = []
    for path, file in receipts.items():
        there = out / path
        if not there.is_file() or sha256(there.read_bytes()) != file["sha256"]:
            broken.append(f"{path}: missing, or not the file that {NAME} names")
    for folder in (name for both in FOLDERS.values() for name in both):
        for there in sorted((out / folder).glob("*.parquet")):
            if f"{folder}/{there.name}" not in receipts:
                broken.append(f"{folder}/{there.name}: not of this benchmark, yet readers of the folder take it in")
    return broken


def _read(out: Path, receipts: dict[str, dict[str, Any]]) -> list[Row]:
    rows = []
    for data, beside in FOLDERS.values():
        for path in receipts:
            if path.startswith(f"{data}/"):
                left = _table(out / path, contract.BENCHMARK)
                right = _table(out / path.replace(data, beside, 1), contract.BENCHMARK_PROVENANCE)
                rows += [Row(a, b, "", b["repo"]) for a, b in zip(left, right, strict=True)]
    return sorted(rows, key=lambda row: row.id)


def _table(path: Path, schema: pa.Schema) -> list[dict[str, Any]]:
    table = pq.read_table(io.BytesIO(path.read_bytes()))
    if not table.schema.equals(schema):
        raise CheckFailed(f"{path}: its schema is not the contract's.")
    found: list[dict[str, Any]] = table.to_pylist()
    return found
