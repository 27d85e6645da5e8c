"""Prompts of a benchmark, out of whichever file they come in."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import ConfigError

ENDINGS = (".jsonl", ".json", ".parquet", ".csv", ".txt")
_MAX_FIELD_BYTES = 10_000_000


def read_prompts(path: str | Path, column: str = "prompt") -> Iterator[tuple[str, str]]:
    """(row id, prompt) of each row, in order. The id is the column `id` where there is one, else the row's number.

    A prompt that is a list of chat messages gives their contents, a line between. A `.txt` file has a prompt a line
    (empty ones left out), and no columns.

    Raises:
        ConfigError: the file is missing, unreadable or of another kind, or a row lacks the column.
    """
    file = Path(path)
    ending = file.suffix.lower()
    if ending not in _READERS:
        raise ConfigError(f"{file}: ends in {ending or 'nothing'!r}; benchmark prompts come in {', '.join(ENDINGS)}.")
    if not file.is_file():
        raise ConfigError(f"{file}: no such file. Give the path of the benchmark's prompts under `against`.")
    wanted = "prompt" if ending == ".txt" else column
    try:
        for number, row in enumerate(_READERS[ending](file, wanted)):
            yield _prompt(file, number, row, wanted)
    except (OSError, UnicodeDecodeError, csv.Error, pa.ArrowException) as error:
        raise ConfigError(f"{file}: can't be read as {ending}: {error}") from None


def _prompt(file: Path, number: int, row: Any, column: str) -> tuple[str, str]:
    if not isinstance(row, Mapping):
        raise ConfigError(f"{file}: row {number} is {type(row).__name__}, must be an object with {column!r}.")
    if column not in row:
        _no_column(file, column, list(row))
    value = row[column]
    if isinstance(value, list) and all(isinstance(m, Mapping) and isinstance(m.get("content"), str) for m in value):
        value = "\n".join(m["content"] for m in value)
    if not isinstance(value, str):
        raise ConfigError(
            f"{file}: row {number}: column {column!r} holds {type(value).__name__}, must be text. Name another column."
        )
    identifier = row.get("id")
    return str(number if identifier is None else identifier), value


def _no_column(file: Path, column: str, there: list[str]) -> None:
    raise ConfigError(f"{file}: no column {column!r}; there are {', '.join(map(str, there)) or 'none'}.")


def _jsonl(file: Path, _: str) -> Iterator[Any]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _loads(file, line, f"line {number}")


def _json(file: Path, _: str) -> Iterator[Any]:
    value = _loads(file, file.read_text(encoding="utf-8"), "the file")
    if not isinstance(value, list):
        raise ConfigError(f"{file}: holds {type(value).__name__}, must be a list of objects.")
    yield from value


def _loads(file: Path, text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        raise ConfigError(f"{file}: {where} is not JSON: {error}") from None


def _parquet(file: Path, column: str) -> Iterator[Any]:
    with pq.ParquetFile(file) as table:
        names = table.schema_arrow.names
        if column not in names:
            _no_column(file, column, names)
        columns = [name for name in dict.fromkeys(("id", column)) if name in names]
        for batch in table.iter_batches(1000, columns=columns):
            yield from batch.to_pylist()


def _csv(file: Path, column: str) -> Iterator[Any]:
    csv.field_size_limit(_MAX_FIELD_BYTES)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines, strict=True)
        if column not in (rows.fieldnames or ()):
            _no_column(file, column, list(rows.fieldnames or ()))
        yield from rows


def _txt(file: Path, _: str) -> Iterator[Any]:
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield {"prompt": line.strip()}


_READERS = {".jsonl": _jsonl, ".json": _json, ".parquet": _parquet, ".csv": _csv, ".txt": _txt}
