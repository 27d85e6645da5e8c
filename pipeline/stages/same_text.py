"""Each text once: documents of the same text stand behind the first of them by priority."""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Any

import apache_beam as beam
import numpy as np

from pipeline.stages.blocks import Texts
from pipeline.stages.packed import DOC, block_of, flag_of, joined, local_of, partition, rows, scatter, unpack

ALIAS = np.dtype([("first", "<u8"), ("doc", "<u8")])
"""A document, and the first one of its text."""

_SAME = np.dtype([("text", "<u8"), ("rest", "<u8"), *DOC.descr])


class SameText(beam.PTransform):
    """(block, packed `DOC`) to `first`, the same of each text's first document, and `alias` of the others.

    An alias is (partition of the first, packed `ALIAS`). Documents of different flags count as of different texts.

    Args:
        texts: of the documents.
        partitions: of the shuffle.
    """

    def __init__(self, texts: Texts, partitions: int) -> None:
        super().__init__()
        self.texts = texts
        self.partitions = partitions

    def expand(self, docs: Any) -> Any:
        """The wiring."""
        return (
            docs
            | "of a block" >> beam.GroupByKey()
            | "whole block" >> beam.Map(joined)
            | "digests" >> beam.FlatMap(_digests, self.texts, self.partitions)
            | "same text" >> beam.GroupByKey()
            | "first of it" >> beam.ParDo(_firsts, self.partitions).with_outputs("alias", main="first")
        )


def _digests(item: tuple[int, bytes], texts: Texts, partitions: int) -> Iterator[tuple[int, bytes]]:
    docs = unpack([item[1]], DOC)
    data, starts, ends = texts.read(item[0], local_of(docs["doc"]))
    whole = data.data
    digests = b"".join(sha256(whole[a:b]).digest()[:16] for a, b in zip(starts, ends, strict=True))
    halves = np.frombuffer(digests, dtype="<u8").reshape(-1, 2)
    text = np.where(flag_of(docs["doc"]), ~halves[:, 0], halves[:, 0])
    made = rows(_SAME, text=text, rest=halves[:, 1], **{name: docs[name] for name in DOC.names or ()})
    yield from scatter(made, partition(text, partitions))


def _firsts(item: tuple[int, Iterable[bytes]], partitions: int) -> Iterator[Any]:
    found = unpack(item[1], _SAME)
    found = found[np.lexsort((found["doc"], found["second"], found["first"], found["rest"], found["text"]))]
    begins = np.ones(len(found), dtype=np.bool_)
    begins[1:] = (found["text"][1:] != found["text"][:-1]) | (found["rest"][1:] != found["rest"][:-1])
    firsts = found["doc"][np.flatnonzero(begins)]
    alias = rows(ALIAS, doc=found["doc"], first=firsts[np.cumsum(begins) - 1])[~begins]
    for home, part in scatter(alias, partition(alias["first"], partitions)):
        yield beam.pvalue.TaggedOutput("alias", (home, part))
    unique = rows(DOC, **{name: found[name][begins] for name in DOC.names or ()})
    yield from scatter(unique, block_of(unique["doc"]))
