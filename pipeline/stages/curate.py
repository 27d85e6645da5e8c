"""Curate: pairs to kept pairs. Filters, the split by repository and time, near-duplicates, decontamination, sampling.

A pair is read three times: for its filters, where it is compared, and when its shard is written. Between these only its
`Key` crosses a shuffle, never its text. Between the two sides of the split nothing may be common: a training pair goes
where it shares a file or a syntax tree with a pair of the benchmark, where either of its sides is near to a side there,
or where its prompt shares words with a prompt there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
from pydantic import Field

from filters.base import Filter
from filters.decontaminate import GramTable
from pipeline.beam import Expand
from pipeline.stages.blocks import Texts, blocks_of
from pipeline.stages.clean import Contaminated
from pipeline.stages.deduplicate import DropNearClusters
from pipeline.stages.keys import STAGE, Key, examine, full, gone, located
from pipeline.stages.near_duplicates import NearDuplicateOptions
from pipeline.stages.rewrite import Rewrite
from pipeline.stages.selection import balanced, first, is_bounded, share_cap
from pipeline.stages.separate import SIDES, NearBenchmark, by_clone, by_file, hold_out, place, shared
from pipeline.stages.split import Seen, held_out
from schemas.config import Options

UNDECIDED = "undecided"
"""The count of clusters that are kept since the rounds of selection ended before their turn."""

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


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """Other benchmarks that training must share nothing with, made ready for the workers.

    Attributes:
        prompts: their 13-grams.
        sides: file of their code sides, with the columns `id`, `chosen` and `rejected`; None where there are none.
    """

    prompts: GramTable
    sides: str | None = None


class Curate(beam.PTransform):
    """Files of pairs to files of kept pairs.

    Args:
        root: the run's folder.
        paths: files of pairs.
        filters: applied in order; the first that refuses a pair gives the reason.
        near: of near-duplicates.
        benchmarks: other ones, that training must share nothing with.
        split: of repositories.
        max_operator_share: of one operator among the kept pairs of a split.
        seed: of the run.
    """

    def __init__(
        self,
        root: str,
        paths: tuple[str, ...],
        filters: tuple[Filter, ...],
        near: NearDuplicateOptions,
        benchmarks: Benchmarks,
        split: SplitOptions,
        max_operator_share: float,
        seed: int,
    ) -> None:
        super().__init__()
        self.root = root
        self.paths = paths
        self.filters = filters
        self.near = near
        self.benchmarks = benchmarks
        self.split = split
        self.max_operator_share = max_operator_share
        self.seed = seed
        self.pairs = blocks_of(paths)
        given = () if benchmarks.sides is None else blocks_of([benchmarks.sides])
        self.blocks = (*self.pairs, *given)

    def expand(self, p: Any) -> Any:
        """The wiring: `files` (receipts of `curated/`), `dropped`, `dead` and `counts`."""
        filtered = (
            p
            | "blocks" >> beam.Create(range(len(self.pairs)))
            | "pairs" >> beam.FlatMap(located, self.pairs)
            | "filters" >> Expand.outputs(STAGE, partial(examine, filters=self.filters))
        )
        placed = self._place(filtered.kept)
        shown = self._hold_out(placed.kept)
        near = shown.kept | "near clusters" >> DropNearClusters(self.near, self._texts(self.near.columns))
        apart = self._keep_apart(near["kept"])
        even = self._balance_benchmark(apart.kept)
        done = self._cap_operators(even.kept)
        lost = tuple(one["gone"] for one in (placed, shown, near, apart, even, done))
        undecided = near["open"] | UNDECIDED >> beam.Map(_undecided)
        names = (*(one.kind for one in self.filters), *_JOINS)
        rewrite = Rewrite(self.root, self.paths, self.pairs, self.filters, names)
        rewritten = (done.kept, lost | "all gone" >> beam.Flatten()) | "rewrite" >> rewrite
        dropped = (filtered.dropped, rewritten.dropped)
        return {
            "files": rewritten.files,
            "dropped": dropped | "all dropped" >> beam.Flatten(),
            "dead": filtered.dead,
            "counts": (filtered.counts, undecided) | "all counts" >> beam.Flatten(),
        }

    def _texts(self, *sides: tuple[str, ...]) -> Texts:
        return Texts(self.blocks, sides, self.filters)

    def _place(self, keys: Any) -> Any:
        held = beam.pvalue.AsSingleton(
            keys
            | "seen" >> beam.Map(_seen)
            | beam.combiners.Count.PerElement()
            | "all seen" >> beam.combiners.ToList()
            | beam.Map(_held, self.split, self.seed)
        )
        return keys | "place" >> beam.ParDo(place, held).with_outputs("gone", main="kept")

    def _hold_out(self, keys: Any) -> Any:
        return keys | "families" >> beam.ParDo(hold_out).with_outputs("gone", main="kept")

    def _keep_apart(self, keys: Any) -> Any:
        files = keys | "by file" >> beam.FlatMap(by_file) | "same file" >> beam.GroupByKey()
        clones = keys | "by clone" >> beam.FlatMap(by_clone) | "same tree" >> beam.GroupByKey()
        sides = self._texts(*((side,) for side in SIDES))
        against = tuple(range(len(self.pairs), len(self.blocks)))  # other benchmarks' blocks come last
        told = (
            files | "shared files" >> beam.FlatMap(shared, "shared_blob", "file"),
            clones | "shared trees" >> beam.FlatMap(shared, "syntax_clone", "syntax tree"),
            keys | "near benchmark" >> NearBenchmark(self.near, sides, against),
            keys | "decontaminate" >> Contaminated(self._texts(("prompt",)), self.benchmarks.prompts),
        )
        speaks = told | "all told" >> beam.Flatten()
        joined = {"keys": keys | "by row" >> beam.Map(_by_doc), "told": speaks} | "judge" >> beam.CoGroupByKey()
        return joined | "keep apart" >> beam.ParDo(_judge).with_outputs("gone", main="kept")

    def _balance_benchmark(self, keys: Any) -> Any:
        strata = keys | "stratum" >> beam.Map(_stratum) | "strata" >> beam.GroupByKey()
        return strata | "balance" >> beam.ParDo(_balance, self.seed).with_outputs("gone", main="kept")

    def _cap_operators(self, keys: Any) -> Any:
        keyed = keys | "operator" >> beam.Map(_by_operator)
        caps = beam.pvalue.AsSingleton(
            keyed
            | "count operators" >> beam.combiners.Count.PerKey()
            | "all operators" >> beam.combiners.ToList()
            | beam.Map(operator_caps, self.max_operator_share)
        )
        grouped = keyed | "operators" >> beam.GroupByKey()
        return grouped | "cap" >> beam.ParDo(_cap, caps, self.seed).with_outputs("gone", main="kept")


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


def _undecided(clusters: int) -> tuple[str, int]:
    return UNDECIDED, clusters


def _seen(key: Key) -> tuple[str, str | None, str, str | None]:
    return key.repo, key.family, key.language, key.window


def _held(seen: list[Seen], split: SplitOptions, seed: int) -> frozenset[str]:
    return held_out(seen, split.benchmark_share, split.min_repositories, split.benchmark_repositories, seed)


def _by_doc(key: Key) -> tuple[int, Key]:
    return key.doc, key


def _judge(item: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[Any]:
    told = min(item[1]["told"], default=None)
    for key in item[1]["keys"]:
        yield key._replace(files=(), clones=(), time=0) if told is None else gone(key, *told[1:])


def _stratum(key: Key) -> tuple[tuple[str, str, str], Key]:
    return (key.split, key.criterion, key.language), key


def _balance(item: tuple[tuple[str, str, str], Iterable[Key]], seed: int) -> Iterator[Any]:
    (split, _, _), grouped = item
    keys = list(grouped)
    kept = None
    if split == "benchmark":
        kept = balanced({full(key.id): key.length for key in keys if not key.placebo}, seed)
    for key in keys:
        if kept is None or key.placebo or full(key.id) in kept:
            yield key
        else:
            yield gone(key, "length_balance", f"{key.length} chosen sides outnumber the others in its stratum")


def _by_operator(key: Key) -> tuple[tuple[str, str], Key]:
    return (key.split, key.operator), key


def _cap(item: tuple[tuple[str, str], Iterable[Key]], caps: dict[str, int], seed: int) -> Iterator[Any]:
    (split, operator), grouped = item
    keys = list(grouped)
    kept = first((full(key.id) for key in keys), caps[split] if is_bounded(operator) else len(keys), seed)
    for key in keys:
        if full(key.id) in kept:
            yield key
        else:
            yield gone(key, "operator_share", f"{operator} has {len(keys)} pairs, at most {caps[split]}")
