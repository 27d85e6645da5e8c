"""Decontamination on Beam: no training prompt shares a run of words with a benchmark's, another's or the run's own."""

from collections.abc import Iterable, Iterator
from typing import Any

import apache_beam as beam
import numpy as np

from filters.decontaminate import GramTable
from pipeline.stages.blocks import Texts
from pipeline.stages.keys import Key, Told, full
from pipeline.stages.packed import block_of, local_of, where

_WORDS = 2  # place in the order of what is told


class Contaminated(beam.PTransform):
    """Keys to what is `Told`: training pairs whose prompt shares a run of words with a benchmark's.

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
            | "training" >> beam.FlatMap(_training)
            | "prompts of a block" >> beam.GroupByKey()
            | "look up" >> beam.FlatMap(_contaminated, self.prompts, self.given, own)
        )


def _benchmark(key: Key) -> Iterator[tuple[int, tuple[int, str]]]:
    if key.split == "benchmark":
        yield 0, (key.doc, full(key.id))


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


def _training(key: Key) -> Iterator[tuple[int, int]]:
    if key.split == "train":
        yield where(key.doc)[0], key.doc


def _contaminated(item: tuple[int, Iterable[int]], prompts: Texts, given: GramTable, own: GramTable) -> Iterator[Told]:
    block, found = item[0], sorted(item[1])
    texts = prompts.texts(block, local_of(np.array(found, dtype=np.uint64)))
    for doc, prompt in zip(found, texts, strict=True):
        row = given.hit(prompt) or own.hit(prompt)
        if row is not None:
            yield doc, (_WORDS, "contaminated", f"shares {given.n} words in a row with the benchmark prompt {row}")
