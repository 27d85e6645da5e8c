"""Reads what a run left in its folder. A part that is not there is None or empty; a part that is broken is an error."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from schemas import contract
from schemas.criteria import CRITERIA
from schemas.errors import RunFolderError


def read_manifest(root: Path) -> dict[str, Any]:
    """The run's manifest.

    Raises:
        RunFolderError: `root` has none, so it is not a run's folder.
    """
    found = read_json(root / "manifest.json")
    if found is None:
        raise RunFolderError(f"{root}: no manifest.json here, so there is no run to report on. `themis run` makes one.")
    return found


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object, or None where there is no such file.

    Raises:
        RunFolderError: the file holds something else.
    """
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RunFolderError(f"{path}: not JSON ({error}). Delete it to have it made again.") from None
    if not isinstance(found, dict):
        raise RunFolderError(f"{path}: a JSON object is expected, not {type(found).__name__}. Delete it.")
    return found


def read_log(path: Path) -> list[dict[str, float]]:
    """A training log's rows; empty where there is none.

    Raises:
        RunFolderError: a value is not a number.
    """
    if not path.is_file():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        try:
            return [{key: float(value) for key, value in row.items()} for row in csv.DictReader(file)]
        except (TypeError, ValueError) as error:
            raise RunFolderError(f"{path}: every value must be a number ({error}). Train again.") from None


def shards(root: Path, folder: str) -> list[Path]:
    """Parquet files of `root/folder`, by name."""
    return sorted((root / folder).glob("*.parquet"))


def rows_in(root: Path, folder: str) -> int | None:
    """Rows of all shards of a folder; None where there are none."""
    found = shards(root, folder)
    return sum(pq.read_metadata(path).num_rows for path in found) if found else None


def column_values(root: Path, folder: str, column: str) -> Iterator[Any]:
    """One column of every shard of a folder."""
    for path in shards(root, folder):
        for batch in pq.ParquetFile(path).iter_batches(columns=[column]):
            yield from batch.column(0).to_pylist()


def class_labels(path: Path) -> tuple[list[str], list[str]]:
    """Languages and criteria by class label: of the shard's own features, else the released ones."""
    try:
        features = json.loads((pq.read_schema(path).metadata or {})[b"huggingface"])["info"]["features"]
        return features["language"]["names"], features["aspect"]["names"]
    except (KeyError, ValueError, TypeError):
        return contract.language_labels(), [c.name for c in sorted(CRITERIA.values(), key=lambda c: c.id)]


def criterion_name(key: str) -> str:
    """The readable name of a criterion, from its key or its benchmark spelling; others as they are."""
    for c in CRITERIA.values():
        if key in (c.key, c.name, c.benchmark_name):
            return c.name
    return key


def language_name(key: str) -> str:
    """The readable name of a language, from its own or its benchmark spelling."""
    return {spelling: name for name, spelling in contract.BENCHMARK_LANGUAGES.items()}.get(key, key)
