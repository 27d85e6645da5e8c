"""Whether a run's folder is what its manifest says: hashes, row sums, schemas, order, and the split's firewall."""

import io
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from parsers.language import languages
from pipeline import manifest, storage
from pipeline.audit.firewall import firewall
from pipeline.manifest import Manifest, StageEntry, check_sums
from pipeline.stages.assemble import KEPT
from schemas import contract
from schemas.errors import CheckFailed
from schemas.provenance import sha256

SCHEMAS: dict[str, pa.Schema] = {
    "mined": contract.MINED,
    "pairs": contract.PAIRS,
    "curated": contract.CURATED,
    "ledger": contract.LEDGER,
    "dropped": contract.DROPPED,
    "dead": contract.DEAD,
    "dataset/data": contract.training_schema(tuple(languages())),
    "dataset/balanced": contract.training_schema(tuple(languages())),
    "dataset/provenance": contract.PROVENANCE,
    "benchmark/data": contract.BENCHMARK,
    "benchmark/provenance": contract.BENCHMARK_PROVENANCE,
    "dataset/placebo": contract.training_schema(tuple(languages())),
    "dataset/placebo_provenance": contract.PROVENANCE,
    "benchmark/placebo": contract.BENCHMARK,
    "benchmark/placebo_provenance": contract.BENCHMARK_PROVENANCE,
}
"""Folder of a run to the schema of its tables."""

MAIN = {
    "mine": ("mined",),
    "synthesize": ("pairs",),
    "curate": ("curated",),
    "assemble": KEPT,
}
"""Stage to the folders that hold what it kept."""

BESIDE = (
    ("dataset/data", "dataset/provenance", "idx"),
    ("dataset/placebo", "dataset/placebo_provenance", "idx"),
    ("benchmark/data", "benchmark/provenance", "id"),
    ("benchmark/placebo", "benchmark/placebo_provenance", "id"),
)
"""Folders of rows and of their provenance, and the key that both are ordered by."""

SHARDS = ("dataset/balanced", *(folder for *folders, _ in BESIDE for folder in folders))


def verify(root: str) -> list[str]:
    """What is broken, one line each; empty where all holds.

    Raises:
        RunFolderError: it is not a run's folder.
    """
    made = manifest.required(root)
    broken = [line for entry in made.stages.values() for file in entry.files for line in _file(root, file)]
    if broken:
        return broken
    broken += _sums(made)
    if "assemble" in made.stages:
        broken += _extra(root, made)
        broken += _rows(root, made)
        broken += firewall(root, made)
    return broken


def _file(root: str, file: dict[str, Any]) -> Iterator[str]:
    path = storage.join(root, file["path"])
    if not storage.exists(path):
        yield f"{file['path']}: missing"
        return
    data = storage.read_bytes(path)
    if sha256(data) != file["sha256"]:
        yield f"{file['path']}: sha256 is {sha256(data)[:12]}…, the manifest says {file['sha256'][:12]}…"
        return
    if file["rows"] is None:
        return
    try:
        table = pq.ParquetFile(io.BytesIO(data))
    except pa.ArrowInvalid as error:
        yield f"{file['path']}: not a Parquet file: {error}"
        return
    if table.metadata.num_rows != file["rows"]:
        yield f"{file['path']}: {table.metadata.num_rows} rows, the manifest says {file['rows']}"
    expected = SCHEMAS[file["path"].rsplit("/", 1)[0]]
    if not table.schema_arrow.equals(expected):
        yield f"{file['path']}: its schema is not the contract's"
    if (
        expected.metadata
        and (table.schema_arrow.metadata or {}).get(b"huggingface") != expected.metadata[b"huggingface"]
    ):
        yield f"{file['path']}: its Hugging Face features are not the contract's"


def _sums(made: Manifest) -> Iterator[str]:
    before = None
    for name, entry in made.stages.items():
        if not entry.counts:
            continue
        try:
            check_sums(name, entry.counts)
        except CheckFailed as error:
            yield str(error)
        if before is not None and entry.counts["in"] != before[1]:
            yield f"{name}: {entry.counts['in']} records in, but {before[0]} kept {before[1]}"
        before = name, entry.counts["kept"]
        for what, recorded, rows in _written(name, entry):
            if recorded != rows:
                yield f"{name}: its counts say {recorded} {what}, its files have {rows} rows"


def _written(name: str, entry: StageEntry) -> Iterator[tuple[str, int, int]]:
    """What was counted and how many rows of it the stage's files have."""
    counts, main = entry.counts, MAIN[name]
    yield "kept", counts["kept"], sum(_rows_in(entry, folder) for folder in main)
    if name != "assemble":
        yield "dropped", counts["dropped"] + counts["dropped_in"], _rows_in(entry, "dropped")
        yield "dead", counts["dead"] + counts["dead_in"], _rows_in(entry, "dead")


def _rows_in(entry: StageEntry, folder: str) -> int:
    return sum(file["rows"] for file in entry.files if file["path"].rsplit("/", 1)[0] == folder and file["rows"])


def _extra(root: str, made: Manifest) -> Iterator[str]:
    """Shards that readers of a folder would take in, and the manifest does not name."""
    for folder in SHARDS:
        known = {storage.join(root, path) for path in made.stages["assemble"].table(folder)}
        for path in storage.listed(root, f"{folder}/*.parquet"):
            if path not in known:
                yield f"{folder}/{path.rsplit('/', 1)[1]}: not of this run, yet readers of the folder take it in"


def _rows(root: str, made: Manifest) -> Iterator[str]:
    for data, provenance, key in BESIDE:
        seen: set[str] = set()
        counts = [len(made.stages["assemble"].table(folder)) for folder in (data, provenance)]
        if counts[0] != counts[1]:
            yield f"{provenance}: {counts[1]} files, {data} has {counts[0]}"
            continue
        for left, right in zip(_tables(root, made, data), _tables(root, made, provenance), strict=True):
            ids = left.column(key).to_pylist()
            if ids != right.column(key).to_pylist():
                yield f"{provenance}: not in the order of {data}"
                continue
            if ids != sorted(ids):
                yield f"{data}: rows are not ordered by {key}"
            repeated = seen & set(ids) or (len(set(ids)) < len(ids))
            if repeated:
                yield f"{data}: a row's {key} occurs twice"
            seen |= set(ids)
            for side in ("chosen", "rejected"):
                texts, digests = left.column(side).to_pylist(), right.column(f"{side}_sha256").to_pylist()
                wrong = [i for i, t, d in zip(ids, texts, digests, strict=True) if sha256(t.encode()) != d]
                if wrong:
                    yield f"{data}: {side} of {wrong[0]} is not the text that its provenance names"
        if data == "dataset/data":
            extra = {i for t in _tables(root, made, "dataset/balanced") for i in t.column("idx").to_pylist()} - seen
            if extra:
                yield f"dataset/balanced: {min(extra)} is not in dataset/data"


def _tables(root: str, made: Manifest, folder: str) -> Iterator[pa.Table]:
    for path in made.stages["assemble"].table(folder):
        yield storage.read_table(storage.join(root, path))
