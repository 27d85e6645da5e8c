"""Scores a benchmark with a scorer and writes scores, results and intervals."""

import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from pipeline.evaluation.analysis import analyse
from pipeline.evaluation.contrasts import group_contrasts
from pipeline.evaluation.pairs import BenchmarkPair, outcome, read_benchmark, read_placebos
from pipeline.evaluation.results import results
from pipeline.evaluation.scoring import CHUNK_PAIRS, AnyScorer, Progress, Scored, score_all, score_pairs, store_key
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import write_whole
from schemas import contract
from schemas.config import Options
from schemas.errors import CheckFailed

__all__ = ["BenchmarkPair", "EvaluationOptions", "evaluate", "outcome", "read_benchmark", "score_pairs"]

STORE = ".scores"
FAILED = ("parse_failed", "chosen_parse_failed", "rejected_parse_failed")


class EvaluationOptions(Options):
    """How a benchmark is scored.

    Attributes:
        allow_missing: whether pairs without scores are taken as wrong, rather than as an error.
        chunk_pairs: pairs that are scored, and kept for a later run, at once.
        contrasts: YAML file of declared contrasts between groups of pairs, see `contrasts`.
    """

    allow_missing: bool = False
    chunk_pairs: int = Field(default=CHUNK_PAIRS, ge=1)
    contrasts: Path | None = None


def evaluate(
    scorer: AnyScorer,
    benchmark_dir: Path,
    out: Path,
    progress: Progress,
    options: EvaluationOptions | None = None,
    identity: str | None = None,
) -> dict[str, Any]:
    """Score a benchmark and write `scores.parquet`, `intervals.json` and `results.json` into `out`.

    Where the benchmark has placebos, `placebo_scores.parquet` too; where a pair has no score, `failed.json` (id,
    reason), and the scores get the columns `parse_failed`, `chosen_parse_failed` and `rejected_parse_failed`.

    Args:
        scorer: what scores, pointwise or pairwise.
        benchmark_dir: folder with `data/*.parquet` and, where known, `provenance/*.parquet` and `placebo/*.parquet`.
        out: such as `evaluation/nano`; each file is written whole, `results.json` last.
        progress: told a dict a chunk: `stage`, `step`, `steps`.
        options: None for the defaults.
        identity: what tells the scorer from others, see `scoring.identity`: a killed evaluation then goes on where it
            was. None starts anew.

    Returns:
        The content of `intervals.json`.

    Raises:
        ConfigError: the benchmark or the contrasts can't be read, or the extra `train` is missing.
        CheckFailed: pairs have no score and that is not allowed (after everything is written), or the scorer raises
            on every pair.
    """
    require_train_extra()
    options = options or EvaluationOptions()
    pairs, placebos = read_benchmark(benchmark_dir), read_placebos(benchmark_dir)

    def scores_of(rows: Sequence[BenchmarkPair], stage: str) -> list[Scored]:
        key = None if identity is None else out / STORE / store_key(identity, rows, options.chunk_pairs)
        return score_all(scorer, rows, progress, key, options.chunk_pairs, stage)

    scored, tied = scores_of(pairs, "evaluate"), scores_of(placebos, "placebos")
    differences = [one.difference for one in scored]
    found = analyse(pairs, differences, placebos, [one.difference for one in tied])
    if options.contrasts is not None:
        found["contrasts"] = group_contrasts(options.contrasts, pairs, differences)
    failed = [
        {"id": pair.id, "reason": one.reason}
        for rows, ones in ((pairs, scored), (placebos, tied))
        for pair, one in zip(rows, ones, strict=True)
        if one.reason
    ]
    table = scores_table(pairs, scored)
    _write_table(out / "scores.parquet", table)
    _write_or_remove(out / "placebo_scores.parquet", scores_table(placebos, tied) if placebos else None)
    _write_json(out / "failed.json", failed or None)
    for name in ("baselines.json", "controls.parquet"):  # an earlier evaluation's, see `baselines`
        (out / name).unlink(missing_ok=True)
    _write_json(out / "intervals.json", found)
    write_whole(out / "results.json", json.dumps(results(table), indent=2).encode())
    if failed and not options.allow_missing:
        raise CheckFailed(
            f"{out / 'failed.json'}: {len(failed)} of {len(pairs) + len(placebos)} pairs have no score, the first "
            f"{failed[0]['id']}: {failed[0]['reason']}. Run again to ask for these, or allow missing scores "
            "(they count as wrong)."
        )
    shutil.rmtree(out / STORE, ignore_errors=True)
    return found


def scores_table(pairs: Sequence[BenchmarkPair], scored: Sequence[Scored]) -> pa.Table:
    """Rows of `scores.parquet`; with the released columns of failures, and nulls, where a pair has no score.

    As in the released runs, the difference of a pair without scores is 0.0, and the pair is not correct.
    """
    failures = any(one.reason for one in scored)
    rows = []
    for pair, one in zip(pairs, scored, strict=True):
        row: dict[str, Any] = {
            "id": pair.id,
            "chosen_score": one.chosen,
            "rejected_score": one.rejected,
            "correct": one.difference > 0,
            "score_diff": 0.0 if one.reason else one.difference,
            "language": pair.language,
            "aspect": pair.aspect,
            "subset": pair.subset,
        }
        if failures:
            row |= dict(zip(FAILED, (bool(one.reason), one.chosen is None, one.rejected is None), strict=True))
        rows.append(row)
    schema = contract.SCORES
    for name in FAILED if failures else ():
        schema = schema.append(pa.field(name, pa.bool_()))
    return pa.Table.from_pylist(rows, schema=schema)


def _write_table(path: Path, table: pa.Table) -> None:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    write_whole(path, sink.getvalue())


def _write_or_remove(path: Path, table: pa.Table | None) -> None:
    if table is None:
        path.unlink(missing_ok=True)
    else:
        _write_table(path, table)


def _write_json(path: Path, content: Any) -> None:
    if content is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, (json.dumps(content, indent=2) + "\n").encode())
