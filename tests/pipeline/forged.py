"""What a careful forger does to a finished run: other tables, and a manifest that agrees with them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import certificate, manifest
from schemas.provenance import sha256

Broken = Callable[[], str]
"""What `verify` says of a run that was tampered with."""

DATA = "dataset/data/train-00000-of-00002.parquet"
PROVENANCE = "dataset/provenance/train-00000-of-00002.parquet"
BENCH_DATA = "benchmark/data/test-00000-of-00001.parquet"
BENCH = "benchmark/provenance/test-00000-of-00001.parquet"


def patch_manifest(run: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = run / "manifest.json"
    table = json.loads(path.read_text())
    change(table)
    path.write_text(json.dumps(table))


def rewrite(run: Path, name: str, table: pa.Table) -> None:
    """A table in place of another, with a manifest that agrees: what a careful forger would do."""
    pq.write_table(table, run / name)
    data = (run / name).read_bytes()

    def change(manifest: dict[str, Any]) -> None:
        for entry in manifest["stages"].values():
            for file in entry["files"]:
                if file["path"] == name:
                    file.update(sha256=sha256(data), bytes=len(data), rows=table.num_rows)

    patch_manifest(run, change)


def edited(run: Path, name: str, column: str, values: Callable[[list[Any]], list[Any]]) -> pa.Table:
    table = pq.read_table(run / name)
    at = table.schema.get_field_index(column)
    field = table.schema.field(at)
    return table.set_column(at, field, pa.array(values(table.column(column).to_pylist()), field.type))


def first(run: Path, name: str, column: str) -> Any:
    """A value of a shard's first row."""
    return pq.read_table(run / name, columns=[column]).column(column)[0].as_py()


def put(run: Path, name: str, column: str, value: Any) -> None:
    """Another value in the first row of a shard."""
    rewrite(run, name, edited(run, name, column, lambda values: [value, *values[1:]]))


def put_text(run: Path, name: str, column: str, text: str) -> None:
    """Another text in the first row of a shard, with its digest in the row's provenance where it has one."""
    put(run, name, column, text)
    if column in ("chosen", "rejected"):
        put(run, name.replace("/data/", "/provenance/"), f"{column}_sha256", sha256(text.encode()))


def told(themis: Callable[..., tuple[int, str, str]], run: Path) -> str:
    """What `verify` says of a run that doesn't hold."""
    code, out, err = themis("verify", run)
    assert (code, out) == (1, "")
    return err.removeprefix("error: ")


def certify_anew(run: Path, text: str) -> None:
    """A `split.json` in place of another, with a manifest that agrees."""
    (run / "split.json").write_text(text)

    def change(manifest: dict[str, Any]) -> None:
        for file in manifest["stages"]["assemble"]["files"]:
            if file["path"] == "split.json":
                file.update(sha256=sha256(text.encode()), bytes=len(text.encode()))

    patch_manifest(run, change)


def recertify(run: Path) -> None:
    """A `split.json` that the tables give as they are now."""
    stages = manifest.required(str(run)).stages
    rules = certificate.rules_of(str(run))
    table = certificate.certify(str(run), stages["assemble"].files, stages["curate"], rules)
    certify_anew(run, json.dumps(table))
