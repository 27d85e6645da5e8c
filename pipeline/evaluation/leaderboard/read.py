"""Finds and checks the scores that a leaderboard is made from: ours, and the released ones in each of their layouts."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.evaluation.leaderboard.names import parameters_of
from pipeline.evaluation.results import PAIR_FAILED, SCORES, SIDES_FAILED, failed_pairs, flags, floats
from schemas import contract
from schemas.errors import ConfigError

FILE = "scores.parquet"
OPTIONAL = ("subset", PAIR_FAILED, *SIDES_FAILED)
TOLERANCE = 1e-5
"""Of a difference against its scores, relative: a table may hold float32."""
NO_ANSWER = {"lmunit-": 0.0}
"""First part of a model's name (lower case) to the score that stands for none: LMUnit's scale is 1 to 5."""
RULES = {
    "length rule": ("length", "fitted_on_training", "overall", "strict", "micro", "estimate"),
    "best length rule": ("length", "best_on_benchmark", "overall", "strict", "micro", "estimate"),
    "token bag": ("bag", "overall", "strict", "micro", "estimate"),
}
"""Where `baselines.json` has what a model must beat."""


@dataclass(frozen=True, slots=True)
class Run:
    """The scores of one model on one benchmark.

    Attributes:
        name: of the model; the folder's name.
        folder: where it was read.
        scores: `contract.SCORES`, `subset` only where known, and `parse_failed` where the table tells.
        no_answer: the score that stands for none, see `results`; None where there is no such score.
        parameters: of the model; None where neither its name nor a file beside it tells.
        intervals: content of `intervals.json`; None where there is none.
        rules: name and strict accuracy of each simple rule that `baselines.json` measured on the same pairs.
    """

    name: str
    folder: Path
    scores: pa.Table
    no_answer: float | None
    parameters: float | None
    intervals: dict[str, Any] | None
    rules: tuple[tuple[str, float], ...]


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """Every run of `folders`, by name.

    Args:
        folders: each holds `scores.parquet`, or folders that do, or is a run's folder with `evaluation/`.

    Raises:
        ConfigError: a folder has no scores, two have one name, or a table is broken.
    """
    found: dict[str, Path] = {}
    for folder in (one for given in folders for one in _with_scores(given)):
        name = folder.resolve().name
        if name in found:
            raise ConfigError(f"{found[name]} and {folder}: have one name, {name}. Rename one, or name it once.")
        found[name] = folder
    return [read_run(found[name]) for name in sorted(found)]


def _with_scores(folder: Path) -> list[Path]:
    if (folder / FILE).is_file():
        return [folder]
    if not folder.is_dir():
        raise ConfigError(f"{folder}: no such folder. Name one that holds {FILE}.")
    inner = folder / "evaluation" if (folder / "evaluation").is_dir() else folder
    found = sorted(path.parent for path in inner.glob(f"*/{FILE}"))
    if not found:
        raise ConfigError(f"{folder}: holds no {FILE}, nor does a folder in it. `themis evaluate` writes one.")
    lost = next((path.parent for path in sorted(inner.glob("*/results.json")) if path.parent not in found), None)
    if lost is not None:
        raise ConfigError(
            f"{lost}: has results.json and no {FILE}, from which it is made. Evaluate again, or remove it."
        )
    return found


def read_run(folder: Path) -> Run:
    """The scores in one folder.

    Raises:
        ConfigError: the table is broken, or `intervals.json` is of other scores.
    """
    scores = checked(_read(folder / FILE), folder / FILE)
    name = folder.resolve().name
    intervals = _json(folder / "intervals.json")
    told = at(intervals, "overall", "pairs")
    if intervals is not None and told != scores.num_rows:
        raise ConfigError(
            f"{folder}/intervals.json: is of {told} pairs, {FILE} holds {scores.num_rows}. "
            "Evaluate again, or delete it."
        )
    no_answer = next((score for prefix, score in NO_ANSWER.items() if name.lower().startswith(prefix)), None)
    measured = _json(folder / "baselines.json")
    rules = tuple((rule, value) for rule, path in RULES.items() if isinstance(value := at(measured, *path), float))
    return Run(name, folder, scores, no_answer, _parameters(folder, name), intervals, rules)


def at(table: Any, *path: str) -> Any:
    """What a JSON object holds at `path`; None where it holds nothing there."""
    for key in path:
        table = table.get(key) if isinstance(table, dict) else None
    return table


def _parameters(folder: Path, name: str) -> float | None:
    """From the model's own summary in the same run (`models/NAME/training.json`), else from its name."""
    resolved = folder.resolve()
    summary = _json(resolved.parent.parent / "models" / name / "training.json") or {}
    counted = summary.get("parameters")
    return float(counted) if isinstance(counted, int) and counted > 0 else parameters_of(name)


def _json(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path}: not JSON ({error}). Evaluate again, or delete it.") from None
    if not isinstance(found, dict):
        raise ConfigError(f"{path}: a JSON object is expected, not {type(found).__name__}. Evaluate again.")
    return found


def _read(path: Path) -> pa.Table:
    try:
        return pq.read_table(path, partitioning=None)
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"{path}: can't be read as Parquet ({error}). Evaluate again.") from None


def checked(table: pa.Table, path: Path) -> pa.Table:
    """`table` with the types of `contract.SCORES`, its pairs ordered by id.

    Args:
        table: as read; more columns may be there and are left out.
        path: for the errors.

    Raises:
        ConfigError: no rows, a column is missing or of another type, an id comes twice, a label is missing, a score is
            no finite number though its pair did not fail, or the columns contradict each other.
    """
    missing = [name for name in contract.SCORES.names if name not in (*table.column_names, *OPTIONAL)]
    if missing:
        raise ConfigError(f"{path}: has no column {', '.join(missing)}; has {', '.join(table.column_names)}.")
    if not table.num_rows:
        raise ConfigError(f"{path}: holds no pair. Evaluate again.")
    kept = [name for name in (*contract.SCORES.names, PAIR_FAILED, *SIDES_FAILED) if name in table.column_names]
    types = {field.name: field.type for field in contract.SCORES}
    made = pa.table({name: _cast(table, name, types.get(name, pa.bool_()), path) for name in kept})
    for name in ("id", "language", "aspect", "subset"):
        if name in kept and made[name].null_count:
            raise ConfigError(f"{path}: {made[name].null_count} rows have no {name}. Every pair needs one.")
    made = made.sort_by("id")
    ids = made["id"].to_pylist()
    twice = next((one for one, other in pairwise(ids) if one == other), None)
    if twice is not None:
        raise ConfigError(f"{path}: the id {twice} comes twice. Every pair needs an id of its own.")
    failed = failed_pairs(made)
    _check_scores(made, np.zeros(len(ids), dtype=bool) if failed is None else failed, path)
    if failed is not None:
        made = made.drop_columns([name for name in (PAIR_FAILED, *SIDES_FAILED) if name in kept])
        made = made.append_column(PAIR_FAILED, pa.array(failed))
    return made


def _cast(table: pa.Table, name: str, kind: pa.DataType, path: Path) -> Any:
    try:
        return table[name].combine_chunks().cast(kind)
    except pa.ArrowException:
        raise ConfigError(f"{path}: the column {name} is {table[name].type}, must be {kind}.") from None


def _check_scores(table: pa.Table, failed: Any, path: Path) -> None:
    chosen, rejected = (floats(table[name]) for name in SCORES)
    correct, differences = flags(table["correct"]), floats(table["score_diff"])
    broken = ~failed & ~(np.isfinite(chosen) & np.isfinite(rejected) & np.isfinite(differences))
    _refuse(table, broken, path, f"must be finite; a pair without a score is marked in the column {PAIR_FAILED}")
    with np.errstate(invalid="ignore"):  # failed pairs may hold NaN
        size = np.fmax(1.0, np.fmax(abs(chosen), abs(rejected)))
        apart = abs((chosen - rejected) - differences) > TOLERANCE * size
        wrong = correct != (differences > 0)
    _refuse(table, ~failed & apart, path, "score_diff must be chosen_score less rejected_score")
    _refuse(table, np.where(failed, correct, wrong), path, "correct must say whether the chosen side scores higher")


def _refuse(table: pa.Table, where: Any, path: Path, rule: str) -> None:
    if where.any():
        row = table.slice(int(np.argmax(where)), 1).to_pylist()[0]
        told = ", ".join(f"{name} {row[name]}" for name in (*SCORES, "score_diff", "correct"))
        raise ConfigError(f"{path}: {row['id']} has {told}: {rule}. {int(where.sum())} such pairs.")
