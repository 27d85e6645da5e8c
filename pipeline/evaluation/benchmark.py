"""Scores a benchmark with a scorer and writes scores, results and intervals."""

import io
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.evaluation.results import results
from pipeline.evaluation.scorers.base import Scorer
from pipeline.evaluation.statistics import Outcome, intervals
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import write_whole
from pipeline.training.pairs import Made, provenance, read_folder
from schemas import contract
from schemas.criteria import CRITERIA
from schemas.errors import CheckFailed, ConfigError

CHUNK_PAIRS = 512


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


def read_benchmark(benchmark_dir: Path) -> list[BenchmarkPair]:
    """Every pair of a benchmark, ordered by id, with its provenance where there is one.

    Args:
        benchmark_dir: folder with `data/*.parquet` and, where known, `provenance/*.parquet`.

    Raises:
        ConfigError: there are no shards, a column is missing, an aspect is unknown, or an id comes twice.
    """
    table = read_folder(benchmark_dir / "data", contract.BENCHMARK)
    origins = provenance(benchmark_dir / "provenance", "id")
    by_name = {criterion.benchmark_name: key for key, criterion in CRITERIA.items()}
    pairs: dict[str, BenchmarkPair] = {}
    for row in table.to_pylist():
        if row["aspect"] not in by_name:
            raise ConfigError(
                f"{benchmark_dir}: aspect {row['aspect']!r} of {row['id']} must be one of {list(by_name)}."
            )
        if row["id"] in pairs:
            raise ConfigError(f"{benchmark_dir}: the id {row['id']} comes twice. Every pair needs an id of its own.")
        made = origins.get(row["id"], Made())
        pairs[row["id"]] = BenchmarkPair(**row, criterion=by_name[row["aspect"]], **asdict(made))
    if not pairs:
        raise ConfigError(f"{benchmark_dir}: holds no pair.")
    return sorted(pairs.values(), key=lambda pair: pair.id)


def score_pairs(
    scorer: Scorer, pairs: Sequence[BenchmarkPair], progress: Callable[[dict[str, Any]], None]
) -> list[tuple[float, float]]:
    """(chosen's, rejected's) score of each pair, in order.

    Raises:
        CheckFailed: a score is not a finite number.
    """
    found: list[tuple[float, float]] = []
    for start in range(0, len(pairs), CHUNK_PAIRS):
        chunk = pairs[start : start + CHUNK_PAIRS]
        prompts, criteria = [pair.prompt for pair in chunk], [pair.criterion for pair in chunk]
        answers = [pair.chosen for pair in chunk] + [pair.rejected for pair in chunk]
        scores = scorer.score(prompts * 2, answers, criteria * 2)
        for pair, chosen, rejected in zip(chunk, scores[: len(chunk)], scores[len(chunk) :], strict=True):
            if chosen is None or rejected is None or not (math.isfinite(chosen) and math.isfinite(rejected)):
                raise CheckFailed(f"{pair.id}: scores {chosen} and {rejected}, must be finite. Check the scorer.")
            found.append((chosen, rejected))
        progress({"stage": "evaluate", "step": len(found), "steps": len(pairs)})
    return found


def evaluate(
    scorer: Scorer, benchmark_dir: Path, out: Path, progress: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Score a benchmark and write `scores.parquet`, `intervals.json` and `results.json` into `out`.

    Args:
        scorer: what scores.
        benchmark_dir: folder with `data/*.parquet` and, where known, `provenance/*.parquet`.
        out: such as `evaluation/nano`; each file is written whole, `results.json` last.
        progress: told a dict a batch: `stage`, `step`, `steps`.

    Returns:
        The content of `intervals.json`.

    Raises:
        ConfigError: the benchmark can't be read, or the extra `train` is missing.
        CheckFailed: a score is not a finite number.
    """
    require_train_extra()
    pairs = read_benchmark(benchmark_dir)
    scores = score_pairs(scorer, pairs, progress)
    rows = [
        {
            "id": pair.id,
            "chosen_score": chosen,
            "rejected_score": rejected,
            "correct": chosen > rejected,
            "score_diff": chosen - rejected,
            "language": pair.language,
            "aspect": pair.aspect,
            "subset": pair.subset,
        }
        for pair, (chosen, rejected) in zip(pairs, scores, strict=True)
    ]
    table = pa.Table.from_pylist(rows, schema=contract.SCORES)
    found = intervals([outcome(pair, c - r) for pair, (c, r) in zip(pairs, scores, strict=True)])
    sink = io.BytesIO()
    pq.write_table(table, sink)
    write_whole(out / "scores.parquet", sink.getvalue())
    write_whole(out / "intervals.json", (json.dumps(found, indent=2) + "\n").encode())
    write_whole(out / "results.json", json.dumps(results(table), indent=2).encode())
    return found


def outcome(pair: BenchmarkPair, difference: float) -> Outcome:
    """What the statistics need of a scored pair; without provenance each pair is a cluster of its own."""
    longer = len(pair.chosen) - len(pair.rejected)
    return Outcome(
        difference=difference,
        cluster=pair.repo or pair.id,
        criterion=pair.aspect,
        language=pair.language,
        operator=pair.decisive.removeprefix("mutation/") or "none",
        kind=pair.kind or "unknown",
        length="chosen is longer" if longer > 0 else "chosen is shorter" if longer < 0 else "same length",
    )
