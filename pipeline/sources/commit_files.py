"""Tables of commits on disk, Parquet or JSON lines (plain, .gz, .zst), read row by row in bounded memory."""

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from pipeline.sources.commit_rows import COLUMNS, missing_columns
from pipeline.sources.files import Refused
from schemas.errors import ConfigError, SourceUnavailable

Rows: TypeAlias = Iterator[tuple[int, dict[str, Any] | Refused]]
"""Row numbers, from 1, and rows by column name, or why a row can't be read."""

ROWS_PER_UNIT = 20_000
_ROWS_PER_BATCH = 64
_BUFFER_BYTES = 2**20
_MAX_WINDOW_BYTES = 2**27
_NAME = re.compile(r"\.(?:parquet|(?:jsonl|ndjson|json)(?:\.gz|\.zst)?)$", re.IGNORECASE)
_BROKEN = (OSError, EOFError, zlib.error, pa.ArrowException, zstandard.ZstdError)
"""What a damaged or vanished file raises."""


def is_table(name: str) -> bool:
    """Whether a file's name says that it is one of the kinds that can be read."""
    return _NAME.search(name) is not None


def is_parquet(path: Path) -> bool:
    """Whether a table is Parquet; else it is JSON lines."""
    return path.name.lower().endswith(".parquet")


def digest_of(path: Path) -> str:
    """Hex sha256 of a file, read as a stream."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path, max_line_bytes: int) -> None:
    """Look at a table's columns: all of Parquet's, the first row's of JSON lines.

    Raises:
        ConfigError: naming the file and the missing columns, or that it is no such table.
    """
    try:
        if is_parquet(path):
            there: Sequence[str] = pq.ParquetFile(path).schema_arrow.names
        else:
            first = next(json_rows(path, max_line_bytes), (0, None))[1]
            if first is None:
                return
            if isinstance(first, Refused):
                raise ConfigError(
                    f"{path}: line 1 is no row: {first.reason}, {first.detail}. Give JSON lines or Parquet."
                )
            there = list(first)
    except (*_BROKEN, SourceUnavailable) as error:
        raise ConfigError(f"{path}: can't be read: {error}. Give JSON lines (.jsonl, .gz, .zst) or Parquet.") from None
    refuse_missing(str(path), there)


def refuse_missing(where: str, there: Sequence[str]) -> None:
    """End with a clear error where a table lacks a column.

    Raises:
        ConfigError: naming the table, what is missing, and what is there.
    """
    missing = missing_columns(there)
    if missing:
        raise ConfigError(
            f"{where}: no column {', '.join(missing)}; there are {', '.join(there)}. "
            "Rename them, or leave this table out."
        )


def row_groups(path: Path) -> list[tuple[int, int]]:
    """Ranges of a Parquet file's row groups, first and after the last, each of about `ROWS_PER_UNIT` rows."""
    metadata = pq.ParquetFile(path).metadata
    ranges, start, rows = [], 0, 0
    for group in range(metadata.num_row_groups):
        rows += metadata.row_group(group).num_rows
        if rows >= ROWS_PER_UNIT:
            ranges.append((start, group + 1))
            start, rows = group + 1, 0
    return [*ranges, (start, metadata.num_row_groups)] if start < metadata.num_row_groups else ranges


def rows_of(path: Path, groups: tuple[int, int] | None, max_line_bytes: int, commit: str | None = None) -> Rows:
    """Rows of a table, in its order.

    Args:
        path: of the table.
        groups: Parquet's row groups to read, first and after the last; None for all. Of JSON lines always all.
        max_line_bytes: longer JSON lines are refused, `too_large`.
        commit: of Parquet, only row groups that hold this commit.

    Raises:
        SourceUnavailable: the file is gone or damaged.
    """
    try:
        yield from parquet_rows(path, groups, commit) if is_parquet(path) else json_rows(path, max_line_bytes)
    except _BROKEN as error:
        raise SourceUnavailable(f"{path}: can't be read: {error}. Put the whole file back.") from None


def parquet_rows(path: Path, groups: tuple[int, int] | None = None, commit: str | None = None) -> Rows:
    """Rows of a Parquet file, the known columns alone, texts as bytes.

    Args:
        path: of the file.
        groups: row groups, first and after the last; None for all.
        commit: only row groups that hold this commit, known by their statistics and that one column.
    """
    with pq.ParquetFile(path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
        names = [name for name in dict.fromkeys(COLUMNS) if name in file.schema_arrow.names]
        start, end = groups or (0, file.num_row_groups)
        number = sum(file.metadata.row_group(group).num_rows for group in range(start))
        for group in range(start, end):
            rows = file.metadata.row_group(group).num_rows
            if commit is None or _holds(file, group, commit):
                yield from enumerate(_group_rows(file, group, names), number + 1)
            number += rows


def _group_rows(file: pq.ParquetFile, group: int, names: list[str]) -> Iterator[dict[str, Any]]:
    for batch in file.iter_batches(batch_size=_ROWS_PER_BATCH, row_groups=[group], columns=names):
        columns = {name: _untyped(batch.column(name)).to_pylist() for name in names}
        for values in zip(*columns.values(), strict=True):
            yield dict(zip(columns, values, strict=True))


def _untyped(column: pa.Array) -> pa.Array:
    """A column without dictionary, its texts as bytes: one that is wrong UTF-8 then costs its own row alone."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return column.cast(pa.large_binary()) if any(is_one(column.type) for is_one in texts) else column


def _holds(file: pq.ParquetFile, group: int, commit: str) -> bool:
    metadata = file.metadata.row_group(group)
    columns = [metadata.column(index) for index in range(metadata.num_columns)]
    for known in (column.statistics for column in columns if column.path_in_schema == "commit"):
        if known and known.has_min_max and isinstance(known.min, str) and not known.min <= commit <= known.max:
            return False
    wanted = commit.encode()
    batches = file.iter_batches(row_groups=[group], columns=["commit"])
    return any(value in (wanted, commit) for batch in batches for value in _untyped(batch.column(0)).to_pylist())


def json_rows(path: Path, max_line_bytes: int) -> Rows:
    """Rows of JSON lines; blank lines are none."""
    with _open(path) as file:
        number = 0
        while line := file.readline(max_line_bytes + 1):
            number += 1
            if len(line) > max_line_bytes and not line.endswith(b"\n"):
                while (rest := file.readline(_BUFFER_BYTES)) and not rest.endswith(b"\n"):
                    pass
                yield number, Refused("too_large", f"line {number} is over {max_line_bytes} bytes")
            elif line.strip():
                yield number, _json_row(line, number)


def _json_row(line: bytes, number: int) -> dict[str, Any] | Refused:
    try:
        row = json.loads(line)
    except UnicodeDecodeError as error:
        return Refused("not_utf8", f"line {number} at byte {error.start}")
    except (ValueError, RecursionError) as error:
        return Refused("not_json", f"line {number}: {error}")
    return row if isinstance(row, dict) else Refused("not_json", f"line {number} holds {type(row).__name__}")


def _open(path: Path) -> io.BufferedReader:
    """A file, unpacked as it is read."""
    name = path.name.lower()
    if name.endswith(".gz"):
        return io.BufferedReader(gzip.GzipFile(path, "rb"), _BUFFER_BYTES)
    if name.endswith(".zst"):
        unpacked = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW_BYTES).stream_reader(
            path.open("rb"), read_across_frames=True, closefd=True
        )
        return io.BufferedReader(unpacked, _BUFFER_BYTES)
    return path.open("rb")
