"""Near-duplicates among clusters of pairs: pairs of one cluster share texts by design and go or stay together."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import apache_beam as beam

from pipeline.stages.blocks import Texts
from pipeline.stages.keys import Key, Short, full, gone
from pipeline.stages.near_duplicates import VERDICT, NearDuplicateOptions, NearDuplicates
from pipeline.stages.packed import DOC, priority, rows, unpack, where

_First: TypeAlias = tuple[Short, int, str, int]
"""(id, row, split, time) of the pair that stands for a cluster: the one of the least id."""


class DropNearClusters(beam.PTransform):
    """Keys to `kept` and `gone`, and `open`: how many documents the rounds of selection left undecided.

    Args:
        options: of the comparison.
        texts: of pairs, by one side a row.
    """

    def __init__(self, options: NearDuplicateOptions, texts: Texts) -> None:
        super().__init__()
        self.options = options
        self.texts = texts

    def expand(self, keys: Any) -> Any:
        """The wiring."""
        firsts = keys | "first of a cluster" >> beam.Map(_first) | beam.CombinePerKey(min)
        found = firsts | "documents" >> beam.Map(_doc) | "near-duplicates" >> NearDuplicates(self.options, self.texts)
        names = firsts | "name" >> beam.Map(_name)
        verdicts = found["verdicts"] | "each verdict" >> beam.FlatMap(_verdicts)
        named = ({"verdict": verdicts, "name": names} | "kept one's name" >> beam.CoGroupByKey()) | beam.FlatMap(_named)
        judged = ({"verdict": named, "name": names} | "dropped one's name" >> beam.CoGroupByKey()) | beam.FlatMap(
            _judged
        )
        joined = {"keys": keys | "by cluster" >> beam.Map(_by_cluster), "verdict": judged} | beam.CoGroupByKey()
        done = joined | "drop clusters" >> beam.ParDo(_judge_cluster).with_outputs("gone", main="kept")
        return {"kept": done.kept, "gone": done.gone, "open": found["open"]}


def _first(key: Key) -> tuple[Short, _First]:
    return key.cluster, (key.id, key.doc, key.split, key.time)


def _doc(item: tuple[Short, _First]) -> tuple[int, bytes]:
    cluster, (_, doc, split, time) = item
    first, second = priority(split == "benchmark", time, full(cluster))
    return where(doc)[0], rows(DOC, doc=doc, first=first, second=second).tobytes()


def _name(item: tuple[Short, _First]) -> tuple[int, Short]:
    return item[1][1], item[0]


def _verdicts(packed: bytes) -> Iterator[tuple[int, tuple[int, float, bool]]]:
    found = unpack([packed], VERDICT)
    for loser, winner, jaccard, exact in zip(*(found[name].tolist() for name in VERDICT.names or ()), strict=True):
        yield winner, (loser, jaccard, exact)


def _named(item: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[int, tuple[str, str]]]:
    for cluster in item[1]["name"]:
        for loser, jaccard, exact in item[1]["verdict"]:
            reason = "exact_duplicate" if exact else "near_duplicate"
            yield loser, (reason, f"Jaccard {round(jaccard, 6)} with cluster {full(cluster)}")


def _judged(item: tuple[int, dict[str, Iterable[Any]]]) -> Iterator[tuple[Short, tuple[str, str]]]:
    for cluster in item[1]["name"]:
        for verdict in item[1]["verdict"]:
            yield cluster, verdict


def _by_cluster(key: Key) -> tuple[Short, Key]:
    return key.cluster, key


def _judge_cluster(item: tuple[Short, dict[str, Iterable[Any]]]) -> Iterator[Any]:
    verdict = next(iter(item[1]["verdict"]), None)
    for key in item[1]["keys"]:
        yield key._replace(cluster="") if verdict is None else gone(key, *verdict)
