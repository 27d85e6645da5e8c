"""Accuracy under perturbations that must not change the verdict, before and after on the same pairs."""

import io
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from pipeline.evaluation.adversarial import PERTURBATIONS, Perturbation, perturb
from pipeline.evaluation.benchmark import BenchmarkPair, outcome, read_benchmark, score_pairs
from pipeline.evaluation.paired import Side, compare
from pipeline.evaluation.scoring import AnyScorer
from pipeline.evaluation.statistics import clustered_interval, credit
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import write_whole
from schemas.config import Options
from schemas.contract import BENCHMARK_LANGUAGES
from schemas.errors import ConfigError
from schemas.provenance import seeded

Progress = Callable[[dict[str, Any]], None]
ROWS = pa.schema(
    [
        *((name, pa.string()) for name in ("perturbation", "id", "language", "aspect", "cluster")),
        *((name, pa.large_string()) for name in ("chosen", "rejected")),
        *((name, pa.float64()) for name in ("chosen_before", "rejected_before", "chosen_after", "rejected_after")),
    ]
)
"""`adversarial.parquet`: a row a perturbed pair, its texts as they were scored; `perturbation` and `id` name it."""
DEFINITION = {
    "considered": "pairs whose criterion is one for which the perturbation must not change the verdict",
    "applied": "those on which it could be made; before and after are of these alone",
    "before, after": "share of pairs with chosen's score above rejected's, a tie counts one half",
    "flips": "pairs whose half credit changes: from right to less, or from less to right",
    "changed": "share of pairs that flip either way: a model may change its mind often and be as right as before",
    "margin_change": "mean of (chosen's less rejected's score after) less the same before, in the model's own unit",
    "rejected_raised": "share of pairs in which the rejected side's score is higher after",
}


class AdversarialOptions(Options):
    """What to perturb.

    Attributes:
        perturbations: names; empty for every one.
        pairs: per criterion, at most, at equal distances in the order of ids; None for all.
        seed: of the edits.
    """

    perturbations: tuple[str, ...] = ()
    pairs: int | None = Field(default=None, ge=1)
    seed: int = 20190601


@dataclass(frozen=True, slots=True)
class Perturbed:
    """A pair and what became of it.

    Attributes:
        before: as the benchmark has it.
        after: perturbed.
        scores: (chosen, rejected) before, then after.
    """

    before: BenchmarkPair
    after: BenchmarkPair
    scores: tuple[tuple[float, float], tuple[float, float]]

    def margin(self, after: bool) -> float:
        """Chosen's score less rejected's."""
        chosen, rejected = self.scores[after]
        return chosen - rejected

    def credit(self, after: bool) -> float:
        """1 where chosen's score is above, 0.5 for a tie."""
        return credit(self.margin(after), half=True)


def adversarial(
    scorer: AnyScorer,
    benchmark_dir: Path,
    out: Path,
    progress: Progress,
    options: AdversarialOptions | None = None,
) -> dict[str, Any]:
    """Perturb a benchmark, score it, and write `adversarial.parquet` and `adversarial.json` into `out`.

    Args:
        scorer: what scores.
        benchmark_dir: a benchmark's folder.
        out: such as `evaluation/nano`; `adversarial.json` is written last.
        progress: told a dict a batch: `stage`, `step`, `steps`.
        options: what to perturb; None for the defaults.

    Returns:
        The content of `adversarial.json`.

    Raises:
        ConfigError: the benchmark can't be read, or there is no such perturbation.
        CheckFailed: a score is not a finite number.
    """
    require_train_extra()
    options = options or AdversarialOptions()
    pairs = spread(read_benchmark(benchmark_dir), options.pairs)
    made = [(one, made_of(one, pairs, options.seed)) for one in chosen(options.perturbations)]
    wanted = {pair.id for _, done in made for pair in done.values()}
    originals = [pair for pair in pairs if pair.id in wanted]
    before = dict(zip((p.id for p in originals), score_pairs(scorer, originals, progress), strict=True))
    found: dict[str, Any] = {"definition": DEFINITION, "pairs": len(pairs), "seed": options.seed, "perturbations": {}}
    rows = []
    for one, done in made:
        after = score_pairs(scorer, list(done.values()), progress)
        scored = [
            Perturbed(pair, done[pair.id], (before[pair.id], scores))
            for pair, scores in zip((p for p in pairs if p.id in done), after, strict=True)
        ]
        found["perturbations"][one.name] = summary(one, [p for p in pairs if p.criterion in one.criteria], scored)
        rows += [_row(one.name, each) for each in scored]
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, ROWS), sink, compression="zstd")
    write_whole(out / "adversarial.parquet", sink.getvalue())
    write_whole(out / "adversarial.json", (json.dumps(found, indent=2) + "\n").encode())
    return found


def chosen(names: Sequence[str]) -> list[Perturbation]:
    """Perturbations by name, each once; every one for no names.

    Raises:
        ConfigError: there is no such perturbation.
    """
    wrong = [name for name in names if name not in PERTURBATIONS]
    if wrong:
        raise ConfigError(f"--only {wrong[0]}: no such perturbation; there are {', '.join(PERTURBATIONS)}")
    return [one for name, one in PERTURBATIONS.items() if not names or name in names]


def spread(pairs: Sequence[BenchmarkPair], most: int | None) -> list[BenchmarkPair]:
    """At most `most` pairs of each criterion, at equal distances in the order given, which is kept."""
    by_criterion: dict[str, list[BenchmarkPair]] = defaultdict(list)
    for pair in pairs:
        by_criterion[pair.criterion].append(pair)
    kept: set[str] = set()
    for group in by_criterion.values():
        count = len(group) if most is None else min(most, len(group))
        kept |= {group[i * len(group) // count].id for i in range(count)}
    return [pair for pair in pairs if pair.id in kept]


def made_of(one: Perturbation, pairs: Sequence[BenchmarkPair], seed: int) -> dict[str, BenchmarkPair]:
    """Id to the perturbed pair, of those that the perturbation is for and can be made on, in the order given."""
    names = {spelled: name for name, spelled in BENCHMARK_LANGUAGES.items()}
    found = {}
    for pair in pairs:
        if pair.criterion not in one.criteria:
            continue
        language = names.get(pair.language, pair.language)
        rng = seeded(seed, f"adversarial/{one.name}", pair.id)
        texts = perturb(one, language, pair.criterion, pair.chosen, pair.rejected, rng)
        if texts is not None:
            found[pair.id] = replace(pair, chosen=texts[0], rejected=texts[1])
    return found


def summary(one: Perturbation, considered: Sequence[BenchmarkPair], scored: Sequence[Perturbed]) -> dict[str, Any]:
    """What `adversarial.json` says of one perturbation.

    Args:
        one: the perturbation.
        considered: pairs whose criterion it is for.
        scored: those that it was made on.
    """
    by_aspect: dict[str, list[Perturbed]] = defaultdict(list)
    for each in scored:
        by_aspect[each.before.aspect].append(each)
    there, done = Counter(p.language for p in considered), Counter(each.before.language for each in scored)
    return {
        "sides": one.sides,
        "changes": one.changes,
        "criteria": sorted(one.criteria),
        "considered": len(considered),
        "applied": len(scored),
        "by_language": {
            name: {"considered": count, "applied": done[name], "share": round(done[name] / count, 4)}
            for name, count in sorted(there.items())
        },
        "overall": cell(scored) if scored else None,
        "by_criterion": {aspect: cell(group) for aspect, group in sorted(by_aspect.items())},
    }


def cell(scored: Sequence[Perturbed]) -> dict[str, Any]:
    """Accuracies, flips and the paired difference of one group; at least one pair."""
    clusters = [outcome(each.before, each.margin(False)).cluster for each in scored]
    before, after = ([each.credit(side) for each in scored] for side in (False, True))
    compared = compare("after less before", Side(after, clusters), Side(before, clusters))
    count = len(scored)
    return {
        "pairs": count,
        "clusters": compared.clusters,
        "before": clustered_interval([list(zip(clusters, before, strict=True))]),
        "after": clustered_interval([list(zip(clusters, after, strict=True))]),
        "difference": {key: None if end is None else end + 0.0 for key, end in compared.difference.items()},  # no -0.0
        "p": round(compared.p, 6) if before != after else 1.0,
        "flips": {
            "from_right": sum(a < b == 1.0 for b, a in zip(before, after, strict=True)),
            "to_right": sum(b < a == 1.0 for b, a in zip(before, after, strict=True)),
        },
        "changed": round(sum(a != b for b, a in zip(before, after, strict=True)) / count, 4),
        "margin_change": sum(each.margin(True) - each.margin(False) for each in scored) / count,
        "rejected_raised": round(sum(each.scores[1][1] > each.scores[0][1] for each in scored) / count, 4),
    }


def _row(name: str, each: Perturbed) -> dict[str, Any]:
    (chosen_before, rejected_before), (chosen_after, rejected_after) = each.scores
    pair = each.after
    return {
        "perturbation": name,
        "id": pair.id,
        "language": pair.language,
        "aspect": pair.aspect,
        "cluster": outcome(pair, 0.0).cluster,
        "chosen": pair.chosen,
        "rejected": pair.rejected,
        "chosen_before": chosen_before,
        "rejected_before": rejected_before,
        "chosen_after": chosen_after,
        "rejected_after": rejected_after,
    }
