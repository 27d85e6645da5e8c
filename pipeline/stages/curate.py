"""Curate: pairs to kept pairs. Filters, the split by repository and time, near-duplicates, decontamination, sampling.

Between the two sides nothing may be common: a training pair goes where it shares a file with a pair of the benchmark,
where either of its sides is near to a side there, or where its prompt shares words with a prompt there.
"""

from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import Any

import apache_beam as beam
from pydantic import Field

from filters.base import Filter
from filters.decontaminate import Decontamination, GramTable
from pipeline.beam import Children, Expand
from pipeline.stages.near_duplicates import Document, NearDuplicateOptions, NearDuplicates, Verdict
from pipeline.stages.selection import balanced, first, is_bounded, length_side, operator_of, share_cap
from pipeline.stages.separate import STAGE, DropNearBenchmark, Placed, by_file, drop, hold_out, place, shared_file
from pipeline.stages.split import Seen, held_out
from schemas.config import Options
from schemas.records import Curated, Pair

_JOINS = ("near_duplicates", "decontaminate", "split")


class SplitOptions(Options):
    """Which repositories are held out. A repository and its forks are one here: they share a family.

    Attributes:
        benchmark_share: of each language's repositories; 0 holds none out.
        min_repositories: held out per language, where it has twice as many.
        benchmark_repositories: shell patterns of the names of those to hold out, such as `github.com/redis/*`; where
            there are any, nothing is drawn.
    """

    benchmark_share: float = Field(default=0.3, ge=0, lt=1)
    min_repositories: int = Field(default=2, ge=1)
    benchmark_repositories: tuple[str, ...] = ()


class Curate(beam.PTransform):
    """Pairs to kept pairs.

    Args:
        filters: applied in order; the first that refuses a pair gives the reason.
        near: of near-duplicates.
        decontamination: prompts that training must not share 13-grams with.
        split: of repositories.
        max_operator_share: of one operator among the kept pairs of a split.
        seed: of the run.
    """

    def __init__(
        self,
        filters: tuple[Filter, ...],
        near: NearDuplicateOptions,
        decontamination: Decontamination,
        split: SplitOptions,
        max_operator_share: float,
        seed: int,
    ) -> None:
        super().__init__()
        self.filters = filters
        self.near = near
        self.decontamination = decontamination
        self.split = split
        self.max_operator_share = max_operator_share
        self.seed = seed

    def expand(self, pairs: Any) -> Any:
        """The wiring: `kept`, `dropped`, `dead` and `counts`."""
        filtered = pairs | "filters" >> Expand.outputs(STAGE, partial(refuse, filters=self.filters))
        held = beam.pvalue.AsSingleton(
            filtered.kept
            | "seen" >> beam.Map(_seen)
            | beam.combiners.Count.PerElement()
            | "all seen" >> beam.combiners.ToList()
            | beam.Map(_held, self.split, self.seed)
        )
        placed = filtered.kept | "place" >> beam.ParDo(place, held).with_outputs("dropped", main="kept")
        shown = placed.kept | "families" >> beam.ParDo(hold_out).with_outputs("dropped", main="kept")
        apart = self._drop_near(shown.kept)
        unlike = apart.kept | "near the benchmark" >> DropNearBenchmark(self.near.threshold, self.near.shingle_tokens)
        clean = self._decontaminate(unlike.kept)
        even = self._balance_benchmark(clean.kept)
        shared = self._share(even.kept)
        names = (*(one.kind for one in self.filters), *_JOINS)
        steps = (filtered, placed, shown, apart, unlike, clean, even, shared)
        dropped = tuple(step.dropped for step in steps)
        return {
            "kept": shared.kept | beam.Map(_curated, names),
            "dropped": dropped | "all dropped" >> beam.Flatten(),
            "dead": filtered.dead,
            "counts": filtered.counts,
        }

    def _drop_near(self, pairs: Any) -> Any:
        clusters = pairs | "representative" >> beam.Map(_representative) | beam.CombinePerKey(min)
        verdicts = clusters | beam.Map(_document) | "near-duplicates" >> NearDuplicates(self.near)
        shared = pairs | beam.FlatMap(by_file) | "same file" >> beam.GroupByKey() | beam.FlatMap(shared_file)
        keyed = pairs | "by cluster" >> beam.Map(_by_cluster)
        joined = {"pairs": keyed, "verdicts": verdicts, "shared": shared} | "judge clusters" >> beam.CoGroupByKey()
        return joined | "drop near" >> beam.ParDo(_judge_cluster).with_outputs("dropped", main="kept")

    def _decontaminate(self, pairs: Any) -> Any:
        own = beam.pvalue.AsSingleton(
            pairs
            | beam.FlatMap(_benchmark_prompt)
            | "all prompts" >> beam.combiners.ToList()
            | beam.Map(_own_table, self.decontamination.n)
        )
        checked = beam.ParDo(_contaminated, self.decontamination, own).with_outputs("dropped", main="kept")
        return pairs | "decontaminate" >> checked

    def _balance_benchmark(self, pairs: Any) -> Any:
        strata = pairs | "stratum" >> beam.Map(_stratum) | "strata" >> beam.GroupByKey()
        return strata | "balance" >> beam.ParDo(_balance, self.seed).with_outputs("dropped", main="kept")

    def _share(self, pairs: Any) -> Any:
        keyed = pairs | "operator" >> beam.Map(_by_operator)
        caps = beam.pvalue.AsSingleton(
            keyed
            | "count operators" >> beam.combiners.Count.PerKey()
            | "all operators" >> beam.combiners.ToList()
            | beam.Map(operator_caps, self.max_operator_share)
        )
        grouped = keyed | "operators" >> beam.GroupByKey()
        return grouped | "cap" >> beam.ParDo(_cap, caps, self.seed).with_outputs("dropped", main="kept")


def refuse(pair: Pair, filters: tuple[Filter, ...]) -> Children:
    """The pair itself, or why the first filter refuses it."""
    for one in filters:
        refusal = one.refuse(pair)
        if refusal is not None:
            return [drop(pair, refusal.reason, refusal.detail)]
    return [pair]


def operator_caps(counts: Iterable[tuple[tuple[str, str], int]], share: float) -> dict[str, int]:
    """Split to the largest count that one operator may have there.

    Args:
        counts: ((split, operator), pairs).
        share: of the split's pairs.
    """
    per_split: dict[str, dict[str, int]] = {}
    for (split, operator), count in counts:
        per_split.setdefault(split, {})[operator] = count
    return {split: share_cap(operators, share) for split, operators in per_split.items()}


def _seen(pair: Pair) -> tuple[str, str | None, str, str | None]:
    return pair.origin.repo, pair.origin.family, pair.language, pair.window


def _held(seen: list[Seen], split: SplitOptions, seed: int) -> frozenset[str]:
    return held_out(seen, split.benchmark_share, split.min_repositories, split.benchmark_repositories, seed)


def _representative(item: Placed) -> tuple[str, tuple[str, str, str, int]]:
    split, pair = item
    return pair.cluster, (pair.id, f"{pair.prompt}\n{pair.chosen}", split, pair.origin.committed_at or 0)


def _document(item: tuple[str, tuple[str, str, str, int]]) -> Document:
    cluster, (_, text, split, committed_at) = item
    return Document(cluster, f"{0 if split == 'benchmark' else 1}:{committed_at:020d}:{cluster}", text)


def _by_cluster(item: Placed) -> tuple[str, Placed]:
    return item[1].cluster, item


def _judge_cluster(item: tuple[str, dict[str, list[Any]]]) -> Iterator[Any]:
    groups = item[1]
    verdicts: list[Verdict] = list(groups["verdicts"])
    shared: dict[str, str] = dict(sorted(groups["shared"], reverse=True))  # of several files the least
    for split, pair in groups["pairs"]:
        if verdicts:
            detail = f"Jaccard {verdicts[0].jaccard} with cluster {verdicts[0].winner}"
            yield beam.pvalue.TaggedOutput("dropped", drop(pair, verdicts[0].reason, detail))
        elif pair.id in shared:
            yield beam.pvalue.TaggedOutput("dropped", drop(pair, "shared_blob", shared[pair.id]))
        else:
            yield split, pair


def _benchmark_prompt(item: tuple[str, Pair]) -> Iterator[tuple[str, str]]:
    if item[0] == "benchmark":
        yield item[1].id, item[1].prompt


def _own_table(prompts: list[tuple[str, str]], n: int) -> GramTable:
    return GramTable.build(sorted(prompts), n)


@cache
def _given_table(decontamination: Decontamination) -> GramTable:
    return decontamination.table()


def _contaminated(item: tuple[str, Pair], decontamination: Decontamination, own: GramTable) -> Iterator[Any]:
    split, pair = item
    row = None
    if split == "train":
        row = _given_table(decontamination).hit(pair.prompt) or own.hit(pair.prompt)
    if row is None:
        yield item
    else:
        detail = f"shares {decontamination.n} words in a row with the benchmark prompt {row}"
        yield beam.pvalue.TaggedOutput("dropped", drop(pair, "contaminated", detail))


def _stratum(item: tuple[str, Pair]) -> tuple[tuple[str, str, str], Pair]:
    split, pair = item
    return (split, pair.criterion, pair.language), pair


def _balance(item: tuple[tuple[str, str, str], Iterable[Pair]], seed: int) -> Iterator[Any]:
    (split, _, _), grouped = item
    pairs = list(grouped)
    kept = None
    if split == "benchmark":
        sides = {pair.id: length_side(pair.chosen, pair.rejected) for pair in pairs if pair.kind != "placebo"}
        kept = balanced(sides, seed) | {pair.id for pair in pairs if pair.kind == "placebo"}
    for pair in pairs:
        if kept is None or pair.id in kept:
            yield split, pair
        else:
            detail = f"{length_side(pair.chosen, pair.rejected)} chosen sides outnumber the others in its stratum"
            yield beam.pvalue.TaggedOutput("dropped", drop(pair, "length_balance", detail))


def _by_operator(item: tuple[str, Pair]) -> tuple[tuple[str, str], Pair]:
    split, pair = item
    return (split, operator_of(pair)), pair


def _cap(item: tuple[tuple[str, str], Iterable[Pair]], caps: dict[str, int], seed: int) -> Iterator[Any]:
    (split, operator), grouped = item
    pairs = list(grouped)
    bounded = is_bounded(operator)
    kept = first((pair.id for pair in pairs), caps[split] if bounded else len(pairs), seed)
    for pair in pairs:
        if pair.id in kept:
            yield split, pair
        else:
            detail = f"{operator} has {len(pairs)} pairs, at most {caps[split]}"
            yield beam.pvalue.TaggedOutput("dropped", drop(pair, "operator_share", detail))


def _curated(item: tuple[str, Pair], names: tuple[str, ...]) -> Curated:
    split, pair = item
    return Curated(pair, split, names)
