"""Texts of a benchmark's rows, out of whichever file or data set they come in."""

import csv
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.errors import ConfigError

ENDINGS = (".jsonl", ".json", ".parquet", ".csv", ".txt")
_IN_FOLDERS = (".jsonl", ".parquet")
_MAX_FIELD_BYTES = 10_000_000
_BATCH_ROWS = 256
_FENCE = re.compile(r"[ \t]*(`{3,}|~{3,})(.*)")


@dataclass(frozen=True, slots=True)
class Files:
    """A file, or a folder of .parquet and .jsonl files."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    def files(self) -> list[Path]:
        """The files, in the order of their names.

        Raises:
            ConfigError: there are none, or of another kind.
        """
        if self.path.is_dir():
            found = sorted(file for file in self.path.rglob("*") if file.suffix.lower() in _IN_FOLDERS)
            if not found:
                raise ConfigError(f"{self.path}: the folder holds no {' or '.join(_IN_FOLDERS)} file.")
            return found
        ending = self.path.suffix.lower()
        if ending not in _READERS:
            raise ConfigError(
                f"{self.path}: ends in {ending or 'nothing'!r}; benchmark prompts come in {', '.join(ENDINGS)}."
            )
        if not self.path.is_file():
            raise ConfigError(f"{self.path}: no such file. Give the path of the benchmark's prompts under `against`.")
        return [self.path]

    def rows(self, columns: tuple[str, ...], id_column: str) -> Iterator[Any]:
        """Each row, with the columns that are wanted at least."""
        for file in self.files():
            ending = file.suffix.lower()
            try:
                yield from _READERS[ending](file, columns, id_column)
            except UnicodeDecodeError as error:
                raise ConfigError(f"{file}: can't be read as {ending}: {error}. Save it as UTF-8.") from None
            except (OSError, csv.Error, pa.ArrowException) as error:
                raise ConfigError(f"{file}: can't be read as {ending}: {error}") from None


@dataclass(frozen=True, slots=True)
class HubDataset:
    """A data set that `datasets.load_dataset` finds: on the hub, in its cache, or in a local folder."""

    name: str
    config: str | None
    split: str | None
    revision: str | None

    def __str__(self) -> str:
        given = (("config", self.config), ("split", self.split), ("revision", self.revision))
        return ", ".join([f"data set {self.name!r}", *(f"{key} {value!r}" for key, value in given if value)])

    def rows(self, columns: tuple[str, ...], id_column: str) -> Iterator[Any]:
        """Each row of each split, with the columns that are wanted."""
        found = self._load()
        for split in found.values() if isinstance(found, dict) else (found,):
            top = _needed(str(self), split.column_names, columns, id_column)
            for batch in split.select_columns(top).with_format(None).iter(_BATCH_ROWS):
                yield from (dict(zip(top, row, strict=True)) for row in zip(*(batch[key] for key in top), strict=True))

    def _load(self) -> Any:
        import datasets

        try:
            return datasets.load_dataset(self.name, name=self.config, split=self.split, revision=self.revision)
        except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
            said = str(error).strip().split("\n")[0] or type(error).__name__
            raise ConfigError(
                f"{self}: can't be had: {said}. Correct the name, or fetch its files where there is a network and give "
                "them with `path` in place of `dataset`; with a `preset`, their columns are known."
            ) from None


Place: TypeAlias = Files | HubDataset


def read(
    place: Place, id_column: str, columns: tuple[str, ...], may_lack: bool = False
) -> Iterator[tuple[str, list[tuple[str, ...]]]]:
    """(row id, texts of each column) of each row, in order; a row without an id is named by its number.

    Args:
        place: of the rows.
        id_column: of the id.
        columns: dotted paths, as `Against` says.
        may_lack: whether a column may be null in a row, which gives no text.

    Raises:
        ConfigError: the place can't be had or read, a row lacks a column or holds no text there, or there is no row.
    """
    number = -1
    for number, row in enumerate(place.rows(columns, id_column)):
        if not isinstance(row, Mapping):
            raise ConfigError(f"{place}: row {number} is {type(row).__name__}, must be an object with {columns[0]!r}.")
        identifier = row.get(id_column)
        texts = [_texts(f"{place}: row {number}", column, _at(place, row, column), may_lack) for column in columns]
        yield str(number if identifier is None else identifier), texts
    if number < 0:
        raise ConfigError(f"{place}: holds no rows, so it guards nothing. Give the benchmark's own, or take it out.")


def read_prompts(path: str | Path, column: str = "prompt") -> Iterator[tuple[str, str]]:
    """(row id, prompt) of each row of a file, in order; `read` with the column `id` and texts put together."""
    for row, (texts,) in read(Files(Path(path)), "id", (column,)):
        yield row, "\n".join(texts)


def fenced_code(text: str) -> str:
    """The code between ``` or ~~~ lines, all blocks on end; the whole text where there is no such block."""
    blocks: list[str] = []
    fence = ""
    for line in text.splitlines(keepends=True):
        marks = _FENCE.fullmatch(line.rstrip("\r\n"))
        if not fence:
            if marks and not (marks[1][0] == "`" and "`" in marks[2]):
                fence = marks[1]
        elif marks and marks[1].startswith(fence) and not marks[2].strip():
            fence = ""
        else:
            blocks.append(line)
    return "".join(blocks) if blocks else text


def _at(place: Place, row: Mapping[str, Any], column: str) -> Any:
    if column in row:
        return row[column]
    top, *rest = column.split(".")
    if top not in row:
        _no_column(str(place), column, list(row))
    return _within(row[top], rest, lambda there: _no_column(str(place), column, there))


def _within(value: Any, path: list[str], lacks: Any) -> Any:
    for i, key in enumerate(path):
        if isinstance(value, list) and not key.isdecimal():
            return [_within(one, path[i:], lacks) for one in value]
        if isinstance(value, list) and int(key) < len(value):
            value = value[int(key)]
        elif isinstance(value, Mapping) and key in value:
            value = value[key]
        elif value is None:
            return None
        else:
            lacks(list(value) if isinstance(value, Mapping) else [])
    return value


def _texts(where: str, column: str, value: Any, may_lack: bool) -> tuple[str, ...]:
    if value is None and may_lack:
        return ()
    if isinstance(value, list) and all(isinstance(m, Mapping) and isinstance(m.get("content"), str) for m in value):
        return ("\n".join(m["content"] for m in value),)
    texts = value if isinstance(value, list) else [value]
    for text in texts:
        if not isinstance(text, str):
            raise ConfigError(
                f"{where}: column {column!r} holds {type(text).__name__}, must be text. Name another column."
            )
    return tuple(texts)


def _no_column(where: str, column: str, there: list[Any]) -> None:
    raise ConfigError(f"{where}: no column {column!r}; there are {', '.join(map(str, there)) or 'none'}.")


def _needed(where: str, there: list[str], columns: tuple[str, ...], id_column: str) -> list[str]:
    """The names of the columns that hold what is wanted."""
    top = [column if column in there else column.split(".")[0] for column in columns]
    for column, name in zip(columns, top, strict=True):
        if name not in there:
            _no_column(where, column, there)
    return [name for name in dict.fromkeys((id_column, *top)) if name in there]


def _jsonl(file: Path, *_: Any) -> Iterator[Any]:
    with file.open(encoding="utf-8-sig") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _loads(file, line, f"line {number}")


def _json(file: Path, *_: Any) -> Iterator[Any]:
    value = _loads(file, file.read_text(encoding="utf-8-sig"), "the file")
    if not isinstance(value, list):
        raise ConfigError(f"{file}: holds {type(value).__name__}, must be a list of objects.")
    yield from value


def _loads(file: Path, text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: {where} is not JSON: {error}") from None


def _parquet(file: Path, columns: tuple[str, ...], id_column: str) -> Iterator[Any]:
    with pq.ParquetFile(file) as table:
        needed = _needed(str(file), table.schema_arrow.names, columns, id_column)
        for batch in table.iter_batches(_BATCH_ROWS, columns=needed):
            yield from batch.to_pylist()


def _csv(file: Path, columns: tuple[str, ...], id_column: str) -> Iterator[Any]:
    csv.field_size_limit(_MAX_FIELD_BYTES)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.DictReader(lines, strict=True)
        _needed(str(file), list(rows.fieldnames or ()), columns, id_column)
        yield from rows


def _txt(file: Path, columns: tuple[str, ...], _: str) -> Iterator[Any]:
    with file.open(encoding="utf-8-sig") as lines:
        for line in lines:
            if line.strip():
                yield dict.fromkeys(columns, line.strip())


_READERS = {".jsonl": _jsonl, ".json": _json, ".parquet": _parquet, ".csv": _csv, ".txt": _txt}
