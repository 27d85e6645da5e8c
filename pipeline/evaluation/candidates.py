"""Candidates to rank: answers to tasks with what each is worth, read from Parquet or JSON lines."""

import json
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas.criteria import CRITERIA
from schemas.errors import ConfigError

DEFAULT_CRITERION = "functional_correctness"
COLUMNS = "task_id, prompt, answer, and pass_rate (0 to 1) or passed (true or false); id, criterion, language if known"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One answer to a task.

    Attributes:
        id: its own.
        task: the task's id; candidates of one task are a list.
        prompt: the user's message, the same in the whole list.
        answer: the answer.
        pass_rate: what it is worth, 0 to 1.
        criterion: key of the criterion to score by, the same in the whole list.
        language: name of the language, the same in the whole list; empty where unknown.
    """

    id: str
    task: str
    prompt: str
    answer: str
    pass_rate: float
    criterion: str
    language: str


def read_candidates(path: Path, criterion: str = DEFAULT_CRITERION) -> list[list[Candidate]]:
    """Lists of candidates, ordered by task and then by id.

    Args:
        path: a `.parquet` or `.jsonl` file, or a folder of them.
        criterion: key for rows that name none.

    Raises:
        ConfigError: there is no file, a column is missing, a value is not what it must be, an id comes twice, a list
            has one candidate, or its candidates differ in prompt, criterion or language.
    """
    if criterion not in CRITERIA:
        raise ConfigError(f"--criterion {criterion}: no such criterion; there are {', '.join(CRITERIA)}")
    lists: dict[str, list[Candidate]] = defaultdict(list)
    seen: dict[str, str] = {}
    for where, row in _rows(path):
        one = _candidate(where, row, criterion)
        if one.id in seen:
            raise ConfigError(
                f"{where}: the id {one.id!r} is that of {seen[one.id]} too. Give each row an id of its own."
            )
        seen[one.id] = where
        lists[one.task].append(one)
    if not lists:
        raise ConfigError(f"{path}: holds no candidate.")
    for task, group in lists.items():
        _check_list(path, task, group)
    return [sorted(lists[task], key=lambda one: one.id) for task in sorted(lists)]


def _rows(path: Path) -> Iterable[tuple[str, dict[str, Any]]]:
    """(where it stands, row) of every file, in the order of names."""
    paths = sorted(p for p in path.iterdir() if p.suffix in (".parquet", ".jsonl")) if path.is_dir() else [path]
    if not paths or not all(p.is_file() for p in paths):
        raise ConfigError(f"{path}: no .parquet or .jsonl file there. It needs the columns {COLUMNS}.")
    for file in paths:
        if file.suffix == ".parquet":
            try:
                table = pq.read_table(file)
            except (pa.ArrowInvalid, OSError) as error:
                raise ConfigError(f"{file}: not a Parquet file: {error}") from None
            for number, row in enumerate(table.to_pylist(), 1):
                yield f"{file}, row {number}", row
        elif file.suffix == ".jsonl":
            yield from _json_rows(file)
        else:
            raise ConfigError(f"{file}: ends in {file.suffix or 'nothing'}, must be .parquet or .jsonl.")


def _json_rows(file: Path) -> Iterable[tuple[str, dict[str, Any]]]:
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8: {error}") from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"{file}, line {number}: not JSON: {error}") from None
        if not isinstance(row, dict):
            raise ConfigError(f"{file}, line {number}: holds {type(row).__name__}, must be an object of columns.")
        yield f"{file}, line {number}", row


def _candidate(where: str, row: dict[str, Any], criterion: str) -> Candidate:
    texts = {}
    for name in ("task_id", "prompt", "answer"):
        if row.get(name) is None:
            raise ConfigError(f"{where}: lacks {name}. A row needs {COLUMNS}.")
        if not isinstance(row[name], str) and not (name == "task_id" and type(row[name]) is int):
            raise ConfigError(f"{where}: {name} is {row[name]!r}, must be a text.")
        texts[name] = str(row[name])
    by_name = {one.benchmark_name: key for key, one in CRITERIA.items()} | {key: key for key in CRITERIA}
    named = row.get("criterion") or criterion
    if not isinstance(named, str) or named not in by_name:
        raise ConfigError(f"{where}: criterion is {named!r}, must be one of {', '.join(CRITERIA)}.")
    return Candidate(
        id=str(row["id"]) if row.get("id") is not None else where.rpartition("/")[2],
        task=texts["task_id"],
        prompt=texts["prompt"],
        answer=texts["answer"],
        pass_rate=_pass_rate(where, row),
        criterion=by_name[named],
        language=str(row.get("language") or ""),
    )


def _pass_rate(where: str, row: dict[str, Any]) -> float:
    rate, passed = row.get("pass_rate"), row.get("passed")
    if rate is None and passed is None:
        raise ConfigError(f"{where}: has neither pass_rate nor passed. A row needs {COLUMNS}.")
    if rate is None:
        if type(passed) is not bool and passed not in (0, 1):
            raise ConfigError(f"{where}: passed is {passed!r}, must be true or false.")
        return float(passed)
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not math.isfinite(rate) or not 0 <= rate <= 1:
        raise ConfigError(f"{where}: pass_rate is {rate!r}, must be a number from 0 to 1. Percentages: divide by 100.")
    return float(rate)


def _check_list(path: Path, task: str, group: Sequence[Candidate]) -> None:
    if len(group) < 2:
        raise ConfigError(
            f"{path}: the task {task!r} has one candidate, must have 2 or more to be ranked. Leave it out."
        )
    for name in ("prompt", "criterion", "language"):
        values = sorted({str(getattr(one, name)) for one in group})
        if len(values) > 1:
            told = " and ".join(repr(value[:60]) for value in values[:2])
            raise ConfigError(
                f"{path}: candidates of the task {task!r} differ in {name}: {told}. Give each its own task."
            )
