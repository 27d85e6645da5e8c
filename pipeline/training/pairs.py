"""Training pairs as training and the baselines read them: shards joined with their provenance."""

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
    """

    idx: str
    system: str | None
    prompt: str
    chosen: str
    rejected: str
    criterion: str
    repo: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True)
class Made:
    """What a provenance row says of a pair; all empty where there is none.

    Attributes:
        repo: where its code was read.
        operator: everything that made it, see `operator_of`.
        decisive: the step that decides it, see `schemas.provenance.decisive`.
        kind: one of `schemas.records.PAIR_KINDS`.
    """

    repo: str = ""
    operator: str = ""
    decisive: str = ""
    kind: str = ""


def swapped(pair: TrainingPair) -> TrainingPair:
    """The pair with its label turned round."""
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


def read_folder(folder: Path, schema: pa.Schema) -> pa.Table:
    """Every `*.parquet` of a folder, in the order of names, with the schema's columns.

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
        tables.append(pq.read_table(path, columns=schema.names).replace_schema_metadata())
    return pa.concat_tables(tables)


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
    return {
        row[key]: Made(
            row["repo"],
            operator_of(row["steps"]),
            decisive((step["side"], step["name"]) for step in row["steps"]),
            row["kind"],
        )
        for row in read_folder(folder, schema).to_pylist()
    }


def read_pairs(dataset_dir: Path, configuration: Literal["full", "balanced"] = "full") -> list[TrainingPair]:
    """Every training pair of one configuration, ordered by idx, so that the number of shards changes nothing.

    Args:
        dataset_dir: a run's `dataset` folder.
        configuration: `full` or `balanced`.

    Raises:
        ConfigError: no shards, a missing column, or a class label that is none of the criteria.
    """
    table = read_folder(dataset_dir / FOLDERS[configuration], contract.training_schema())
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
                made.repo, made.operator,
            )
        )  # fmt: skip
    return sorted(pairs, key=lambda pair: pair.idx)
