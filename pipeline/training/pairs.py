"""Training pairs as training and the baselines read them: shards joined with their provenance."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import contract
from schemas.criteria import CRITERIA
from schemas.errors import ConfigError
from schemas.provenance import decisive

FOLDERS = {"full": "data", "balanced": "balanced"}


@dataclass(frozen=True, slots=True)
class TrainingPair:
    """One row of a training shard.

    Attributes:
        idx: the pair's id.
        system: the stored system prompt, or None.
        prompt: the user's message.
        chosen: the better answer.
        rejected: the worse answer.
        criterion: key of a criterion.
        repo: the package or repository; empty where there is no provenance.
        operator: what made it, see `operator_of`; empty where there is no provenance.
        label: probability that chosen is the better answer; 0.5 for a tie or a placebo.
        weight: how much the pair counts where soft labels are asked for.
    """

    idx: str
    system: str | None
    prompt: str
    chosen: str
    rejected: str
    criterion: str
    repo: str = ""
    operator: str = ""
    label: float = 1.0
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Made:
    """What a provenance row says of a pair; all empty where there is none.

    Attributes:
        repo: where its code was read.
        operator: everything that made it, see `operator_of`.
        decisive: the step that decides it, see `schemas.provenance.decisive`.
        kind: one of `schemas.records.PAIR_KINDS`.
        label: probability that chosen is the better answer.
        weight: how much the pair counts.
    """

    repo: str = ""
    operator: str = ""
    decisive: str = ""
    kind: str = ""
    label: float = 1.0
    weight: float = 1.0


def swapped(pair: TrainingPair) -> TrainingPair:
    """The pair with its sides swapped: what was better is now worse."""
    return replace(pair, chosen=pair.rejected, rejected=pair.chosen)


def operator_of(steps: Iterable[dict[str, Any]]) -> str:
    """What made a pair, from rows of the `steps` column: names sorted, each once, joined by `+`.

    These are the operators of either side; without any, the steps that made the rejected side, such as
    `commit/before`; empty for none.
    """
    rows = list(steps)
    made = (row["name"].partition("/") for row in rows)
    names = {name for first, _, name in made if first in ("mutation", "repair", "placebo")}
    others = {row["name"] for row in rows if row["side"] == "rejected" and row["name"] != "source"}
    return "+".join(sorted(names or others))


def read_folder(folder: Path, schema: pa.Schema, optional: pa.Schema | None = None) -> pa.Table:
    """Every `*.parquet` of a folder, in the order of names, with the schema's columns.

    Args:
        folder: of the shards.
        schema: columns that must be there.
        optional: columns that are null where a shard lacks them.

    Raises:
        ConfigError: there is none, or a column is missing.
    """
    paths = sorted(folder.glob("*.parquet"))
    if not paths:
        raise ConfigError(f"{folder}: holds no *.parquet file. Give a folder that `themis run` has finished.")
    tables = []
    for path in paths:
        missing = set(schema.names) - set(pq.read_schema(path).names)
        if missing:
            raise ConfigError(
                f"{path}: lacks the columns {', '.join(sorted(missing))}. Was it written by `themis run`?"
            )
        table = pq.read_table(path, columns=[*schema.names, *_there(path, optional)]).replace_schema_metadata()
        for field in optional or ():
            if field.name not in table.column_names:
                table = table.append_column(field, pa.nulls(table.num_rows, field.type))
        tables.append(table)
    return pa.concat_tables(tables)


def _there(path: Path, optional: pa.Schema | None) -> list[str]:
    """Which of the optional columns a shard has."""
    names = set(pq.read_schema(path).names)
    return [field.name for field in optional or () if field.name in names]


def provenance(folder: Path, key: str) -> dict[str, Made]:
    """Id to what is known of a pair, from a provenance folder; empty where the folder does not exist.

    Args:
        folder: such as `dataset/provenance`.
        key: name of the id's column, `idx` or `id`.
    """
    if not folder.is_dir():
        return {}
    columns = [contract.PROVENANCE.field(name) for name in ("repo", "kind", "steps")]
    schema = pa.schema([(key, pa.string()), *columns])
    soft = [contract.PROVENANCE.field(name) for name in ("label", "weight")]
    return {
        row[key]: Made(
            row["repo"],
            operator_of(row["steps"]),
            decisive((step["side"], step["name"]) for step in row["steps"]),
            row["kind"],
            _number(folder, row, "label", 1.0),
            _number(folder, row, "weight", None),
        )
        for row in read_folder(folder, schema, pa.schema(soft)).to_pylist()
    }


def _number(folder: Path, row: dict[str, Any], name: str, most: float | None) -> float:
    """A label or weight: 1 where there is none.

    Raises:
        ConfigError: it is negative, over `most`, or no finite number.
    """
    value = row[name]
    if value is None:
        return 1.0
    if not (0.0 <= value < math.inf and (most is None or value <= most)):
        wanted = "0 or more" if most is None else f"between 0 and {most:g}"
        raise ConfigError(f"{folder}: {name} is {value}, must be {wanted}. Was it written by `themis run`?")
    return float(value)


def read_pairs(dataset_dir: Path, configuration: Literal["full", "balanced"] = "full") -> list[TrainingPair]:
    """Every training pair of one configuration, ordered by idx, so that the number of shards changes nothing.

    Args:
        dataset_dir: a run's `dataset` folder.
        configuration: `full` or `balanced`.

    Raises:
        ConfigError: no shards, no row in them, a missing column, or a class label that is none of the criteria.
    """
    table = read_folder(dataset_dir / FOLDERS[configuration], contract.training_schema())
    if not table.num_rows:
        raise ConfigError(
            f"{dataset_dir / FOLDERS[configuration]}: its shards hold no pair. Look at the run's dropped rows, or name "
            "another run or configuration."
        )
    origins = provenance(dataset_dir / "provenance", "idx")
    by_label = {criterion.id: key for key, criterion in CRITERIA.items()}
    pairs = []
    for row in table.to_pylist():
        if row["aspect"] not in by_label:
            raise ConfigError(
                f"{dataset_dir}: aspect {row['aspect']!r} of {row['idx']} must be one of {sorted(by_label)}."
            )
        made = origins.get(row["idx"], Made())
        pairs.append(
            TrainingPair(
                row["idx"], row["system"], row["input"], row["chosen"], row["rejected"], by_label[row["aspect"]],
                made.repo, made.operator, made.label, made.weight,
            )
        )  # fmt: skip
    return sorted(pairs, key=lambda pair: pair.idx)
