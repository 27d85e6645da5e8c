"""Decontamination on Beam: no training prompt shares a run of words with a benchmark's, another's or the run's own."""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np

from filters.decontaminate import GramTable
from pipeline.stages.blocks import Texts
from pipeline.stages.keys import Key, gone
from pipeline.stages.packed import block_of, local_of, where


class DropContaminated(beam.PTransform):
    """Keys to `kept` and `gone`.

    Every worker has the table of the run's own benchmark: about 12 bytes a word of its prompts, and their words.

    Args:
        prompts: of pairs, by one side a row.
        given: 13-grams of other benchmarks.
    """

    def __init__(self, prompts: Texts, given: GramTable) -> None:
        super().__init__()
        self.prompts = prompts
        self.given = given

    def expand(self, keys: Any) -> Any:
        """The wiring."""
        own = beam.pvalue.AsSingleton(
            keys
            | "benchmark prompts" >> beam.FlatMap(_benchmark)
            | "of the benchmark" >> beam.GroupByKey()
            | "own table" >> beam.Map(_own_table, self.prompts, self.given.n),
            GramTable.build([], self.given.n),
        )
        return (
            keys
            | "by block" >> beam.Map(_by_block)
            | "prompts of a block" >> beam.GroupByKey()
            | "look up" >> beam.ParDo(_contaminated, self.prompts, self.given, own).with_outputs("gone", main="kept")
        )


def _benchmark(key: Key) -> Iterator[tuple[int, tuple[int, str]]]:
    if key.split == "benchmark":
        yield 0, (key.doc, key.id)


def _own_table(item: tuple[int, Iterable[tuple[int, str]]], prompts: Texts, n: int) -> GramTable:
    names = dict(sorted(item[1]))
    return GramTable.build(_prompts(names, prompts), n)


def _prompts(names: dict[int, str], prompts: Texts) -> Iterator[tuple[str, str]]:
    docs = np.array(list(names), dtype=np.uint64)
    blocks = block_of(docs)
    for block in np.unique(blocks).tolist():
        here = docs[blocks == block]
        for doc, text in zip(here.tolist(), prompts.texts(block, local_of(here)), strict=True):
            yield names[doc], text


def _by_block(key: Key) -> tuple[int, Key]:
    return where(key.doc)[0], key


def _contaminated(item: tuple[int, Iterable[Key]], prompts: Texts, given: GramTable, own: GramTable) -> Iterator[Any]:
    block, found = item
    keys = list(found)
    yield from (key for key in keys if key.split != "train")
    train = [key for key in keys if key.split == "train"]
    places = local_of(np.array([key.doc for key in train], dtype=np.uint64))
    for key, prompt in zip(train, prompts.texts(block, places), strict=True):
        row = given.hit(prompt) or own.hit(prompt)
        if row is None:
            yield key
        else:
            detail = f"shares {given.n} words in a row with the benchmark prompt {row}"
            yield gone(key, "contaminated", detail)
