"""Benchmark pairs as evaluation reads them: shards joined with their provenance, each pair with its cluster."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from pipeline.evaluation.clusters import cluster_names, ties_of
from pipeline.evaluation.statistics import Outcome
from pipeline.training.pairs import Made, provenance, read_folder
from schemas import contract
from schemas.criteria import CRITERIA
from schemas.errors import ConfigError

ORIGIN = ("repo", "family", "blob_sha256", "before_sha256", "cluster", "steps")


@dataclass(frozen=True, slots=True)
class BenchmarkPair:
    """One row of a benchmark.

    Attributes:
        id: the pair's id.
        prompt: the user's message.
        chosen: the better answer.
        rejected: the worse answer.
        language: spelling of the benchmark.
        aspect: criterion, spelling of the benchmark.
        subset: name of the part of the benchmark.
        criterion: key of the criterion.
        repo: the package or repository; empty where there is no provenance.
        operator: everything that made it, see `pairs.operator_of`; empty where there is no provenance.
        decisive: the step that decides it; likewise.
        kind: how its sides stand to each other; likewise.
        cluster: the connected component that it belongs to, see `clusters`; empty where none was computed.
        edited: side of a placebo that was edited, `chosen` or `rejected`; empty for other pairs.
    """

    id: str
    prompt: str
    chosen: str
    rejected: str
    language: str
    aspect: str
    subset: str
    criterion: str
    repo: str = ""
    operator: str = ""
    decisive: str = ""
    kind: str = ""
    cluster: str = ""
    edited: str = ""


def read_benchmark(benchmark_dir: Path) -> list[BenchmarkPair]:
    """Every pair of a benchmark, ordered by id, with its provenance where there is one.

    Args:
        benchmark_dir: folder with `data/*.parquet` and, where known, `provenance/*.parquet`.

    Raises:
        ConfigError: there are no shards, a column is missing, a value is null, an aspect is unknown, or an id comes
            twice.
    """
    return _read(benchmark_dir / "data", benchmark_dir / "provenance")


def read_placebos(benchmark_dir: Path) -> list[BenchmarkPair]:
    """Every placebo of a benchmark, ordered by id; empty where it has none.

    Raises:
        ConfigError: as `read_benchmark`.
    """
    folder = benchmark_dir / "placebo"
    if not any(folder.glob("*.parquet")):
        return []
    return _read(folder, benchmark_dir / "placebo_provenance", least=0)


def outcome(pair: BenchmarkPair, difference: float) -> Outcome:
    """What the statistics need of a scored pair; a pair without a cluster is one of its own, or of its repository.

    Args:
        pair: of the benchmark.
        difference: chosen's score less rejected's; NaN where one is missing.
    """
    longer = len(pair.chosen) - len(pair.rejected)
    return Outcome(
        difference=difference,
        cluster=pair.cluster or pair.repo or pair.id,
        criterion=pair.aspect,
        language=pair.language,
        operator=pair.decisive.removeprefix("mutation/") or "none",
        kind=pair.kind or "unknown",
        length="chosen is longer" if longer > 0 else "chosen is shorter" if longer < 0 else "same length",
        family=family_of(pair),
    )


def family_of(pair: BenchmarkPair) -> str:
    """`held out` where an operator of a family that no training pair is made with made it, else `shown`; `unknown`."""
    from synthesis.mutations import BY_NAME, HELD_OUT

    names = [name for name in pair.operator.split("+") if name]
    if not names:
        return "unknown"
    return "held out" if any(name in BY_NAME and BY_NAME[name].family in HELD_OUT for name in names) else "shown"


def _read(data: Path, origins: Path, least: int = 1) -> list[BenchmarkPair]:
    table = read_folder(data, contract.BENCHMARK)
    for name in table.column_names:
        if table[name].null_count:
            raise ConfigError(f"{data}: {name} is null in {table[name].null_count} rows. Every cell needs a value.")
    made_by, links = provenance(origins, "id"), _origins(origins)
    by_name = {criterion.benchmark_name: key for key, criterion in CRITERIA.items()}
    rows: dict[str, dict[str, Any]] = {}
    for row in table.to_pylist():
        if row["aspect"] not in by_name:
            raise ConfigError(f"{data}: aspect {row['aspect']!r} of {row['id']} must be one of {list(by_name)}.")
        if row["id"] in rows:
            raise ConfigError(f"{data}: the id {row['id']} comes twice. Every pair needs an id of its own.")
        rows[row["id"]] = row
    if len(rows) < least:
        raise ConfigError(f"{data}: holds no pair.")
    ids = sorted(rows)
    made = [made_by.get(name, Made()) for name in ids]
    ties = [ties_of(links.get(i), *(rows[i][side] for side in ("prompt", "chosen", "rejected"))) for i in ids]
    names = cluster_names(ids, [one.repo or "" for one in made], ties)
    return [
        BenchmarkPair(
            **rows[i],
            criterion=by_name[rows[i]["aspect"]],
            repo=one.repo or "",
            operator=one.operator,
            decisive=one.decisive,
            kind=one.kind or "",
            cluster=name,
            edited=_edited(links.get(i)),
        )
        for i, one, name in zip(ids, made, names, strict=True)
    ]


def _origins(folder: Path) -> dict[str, Mapping[str, Any]]:
    """Id to the columns that tie pairs together, as far as the folder's files have them."""
    found: dict[str, Mapping[str, Any]] = {}
    for path in sorted(folder.glob("*.parquet")):
        there = set(pq.read_schema(path).names)
        columns = ["id", *(name for name in ORIGIN if name in there)]
        found |= {row["id"]: row for row in pq.read_table(path, columns=columns).to_pylist()}
    return found


def _edited(origin: Mapping[str, Any] | None) -> str:
    """The side that a step `placebo/...` made."""
    steps = (origin or {}).get("steps") or ()
    return next((step["side"] for step in steps if step["name"].startswith("placebo/")), "")
