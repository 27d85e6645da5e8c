"""How well a scorer picks among several answers to one task: Hits@k, best-of-n, rank correlations, spread."""

import io
import json
import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from pipeline.evaluation.bootstrap import percentiles, resampled
from pipeline.evaluation.candidates import DEFAULT_CRITERION, Candidate, read_candidates
from pipeline.evaluation.ranking import best_of_n, expected_hits, kendall, random_hits, spearman, variance
from pipeline.evaluation.scorers.base import Scorer
from pipeline.training.folder import write_whole
from schemas.config import Options
from schemas.errors import CheckFailed, ConfigError

Progress = Callable[[dict[str, Any]], None]
CHUNK = 512
KS = (1, 2, 4, 8)
ROWS = pa.schema(
    [
        ("task_id", pa.string()),
        ("id", pa.string()),
        ("score", pa.float64()),
        ("pass_rate", pa.float64()),
        ("criterion", pa.string()),
        ("language", pa.string()),
    ]
)
"""`rerank.parquet`, ordered by task and id."""
GROUPS = ("mixed", "all_pass", "none_pass")
DEFINITION = {
    "mixed": "lists with a passing and a failing answer; the others say nothing of hits and are reported apart",
    "hits": "share of lists with a passing answer among the k of highest score, equal scores in random order; a list "
    "of k or fewer answers hits for certain, `whole` counts them; `random` is what a random order gets",
    "best_of_n": "mean pass rate of the answer of highest score (mean over equal scores), of an answer drawn at "
    "random, and of the best one",
    "spearman, kendall": "mean over lists, ties by average ranks and tau-b; a list of equal pass rates is left out "
    "and counted as undefined, a list of equal scores counts 0",
    "variance": "of scores: `within` is the mean of the lists' sample variances, `between` that of the lists' means",
    "interval": "95% percentile interval of 2,000 bootstrap draws of tasks; null below two tasks",
}


class RerankOptions(Options):
    """How candidates are read.

    Attributes:
        criterion: key for rows that name none.
        passing: an answer passes from this pass rate on.
    """

    criterion: str = DEFAULT_CRITERION
    passing: float = Field(default=1.0, gt=0, le=1)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A list with its scores.

    Attributes:
        candidates: of one task.
        scores: of each.
        passing: whether each passes.
    """

    candidates: tuple[Candidate, ...]
    scores: tuple[float, ...]
    passing: tuple[bool, ...]

    @property
    def rates(self) -> list[float]:
        """Pass rate of each."""
        return [one.pass_rate for one in self.candidates]

    @property
    def group(self) -> str:
        """One of `GROUPS`."""
        return (
            "mixed" if any(self.passing) and not all(self.passing) else "all_pass" if any(self.passing) else "none_pass"
        )


def rerank(
    scorer: Scorer, path: Path, out: Path, progress: Progress, options: RerankOptions | None = None
) -> dict[str, Any]:
    """Score candidates and write `rerank.parquet` and `rerank.json` into `out`.

    Args:
        scorer: pointwise.
        path: see `candidates.read_candidates`.
        out: such as `evaluation/nano`; `rerank.json` is written last.
        progress: told a dict a batch: `stage`, `step`, `steps`.
        options: how candidates are read; None for the defaults.

    Returns:
        The content of `rerank.json`.

    Raises:
        ConfigError: the candidates can't be read, or the scorer compares pairs.
        CheckFailed: an answer has no finite score.
    """
    options = options or RerankOptions()
    lists = read_candidates(path, options.criterion)
    if not hasattr(scorer, "score"):
        raise ConfigError(f"{type(scorer).__name__}: compares two answers, and reranking needs a score for each one.")
    scores = score_candidates(scorer, [one for group in lists for one in group], progress)
    ranked, start = [], 0
    for group in lists:
        own = tuple(scores[start : start + len(group)])
        ranked.append(Ranked(tuple(group), own, tuple(one.pass_rate >= options.passing for one in group)))
        start += len(group)
    found = report(ranked, options)
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row for one in ranked for row in _rows(one)], ROWS), sink, compression="zstd")
    write_whole(out / "rerank.parquet", sink.getvalue())
    write_whole(out / "rerank.json", (json.dumps(found, indent=2) + "\n").encode())
    return found


def score_candidates(scorer: Scorer, candidates: Sequence[Candidate], progress: Progress) -> list[float]:
    """A score a candidate, in order.

    Raises:
        CheckFailed: a score is missing or not finite; the first ones are named.
    """
    found: list[float] = []
    lost: list[str] = []
    for start in range(0, len(candidates), CHUNK):
        chunk = candidates[start : start + CHUNK]
        prompts, answers = [one.prompt for one in chunk], [one.answer for one in chunk]
        scores = scorer.score(prompts, answers, [one.criterion for one in chunk])
        for one, score in zip(chunk, scores, strict=True):
            if score is None or not math.isfinite(score):
                lost.append(f"{one.id} of task {one.task} ({score})")
            found.append(math.nan if score is None else float(score))
        progress({"stage": "rerank", "step": len(found), "steps": len(candidates)})
    if lost:
        told = ", ".join(lost[:5]) + (f" and {len(lost) - 5} more" if len(lost) > 5 else "")
        raise CheckFailed(f"no finite score for {told}. Check the scorer, or leave these tasks out.")
    return found


def report(ranked: Sequence[Ranked], options: RerankOptions) -> dict[str, Any]:
    """The content of `rerank.json`: overall, and by criterion and language where there are several.

    Args:
        ranked: at least one list.
        options: as they were read.
    """
    found: dict[str, Any] = {"definition": DEFINITION, "passing": options.passing, "overall": summary(ranked)}
    for name in ("criterion", "language"):
        groups: dict[str, list[Ranked]] = defaultdict(list)
        for one in ranked:
            groups[getattr(one.candidates[0], name)].append(one)
        found[f"by_{name}"] = {key or "unknown": summary(group) for key, group in sorted(groups.items())}
    return found


def summary(ranked: Sequence[Ranked]) -> dict[str, Any]:
    """Everything of one group of lists; at least one."""
    parts = {name: [one for one in ranked if one.group == name] for name in GROUPS}
    return {
        "lists": len(ranked),
        "candidates": sum(len(one.scores) for one in ranked),
        **{name: _part(part, hits=name == "mixed") for name, part in parts.items()},
    }


def _part(lists: Sequence[Ranked], hits: bool) -> dict[str, Any]:
    if not lists:
        return {"lists": 0}
    found: dict[str, Any] = {"lists": len(lists)}
    if hits:
        found["hits"] = {
            str(k): {
                **interval([expected_hits(one.scores, one.passing, k) for one in lists]),
                "random": round(sum(random_hits(one.passing, k) for one in lists) / len(lists), 4),
                "whole": sum(len(one.scores) <= k for one in lists),
            }
            for k in KS
        }
    picked = [best_of_n(one.scores, one.rates) for one in lists]
    drawn = [sum(one.rates) / len(one.rates) for one in lists]
    oracle = [max(one.rates) for one in lists]
    found["best_of_n"] = {
        "picked": interval(picked),
        "random": interval(drawn),
        "oracle": interval(oracle),
        "picked_less_random": interval([p - d for p, d in zip(picked, drawn, strict=True)]),
    }
    for name, correlation in (("spearman", spearman), ("kendall", kendall)):
        given = [value for one in lists if (value := correlation(one.scores, one.rates)) is not None]
        found[name] = {**interval(given), "lists": len(given), "undefined": len(lists) - len(given)}
    means = [sum(one.scores) / len(one.scores) for one in lists]
    found["variance"] = {
        "within": sum(variance(one.scores) for one in lists) / len(lists),
        "between": variance(means) if len(means) > 1 else None,
        "lists_of_one_score": sum(len(set(one.scores)) == 1 for one in lists),
    }
    return found


def interval(values: Sequence[float]) -> dict[str, float | None]:
    """Mean with its bootstrap interval; nulls where there are too few values."""
    if not values:
        return {"estimate": None, "low": None, "high": None}
    mean = round(sum(values) / len(values), 4)
    if len(values) < 2:
        return {"estimate": mean, "low": None, "high": None}
    drawn = resampled(np.array(values, dtype=np.float64)[:, None])[:, 0] / len(values)
    low, high = percentiles(drawn)
    return {"estimate": mean, "low": round(low, 4), "high": round(high, 4)}


def _rows(one: Ranked) -> list[dict[str, Any]]:
    return [
        {
            "task_id": each.task,
            "id": each.id,
            "score": score,
            "pass_rate": each.pass_rate,
            "criterion": each.criterion,
            "language": each.language,
        }
        for each, score in zip(one.candidates, one.scores, strict=True)
    ]
