"""Numbers of documents, their priorities, and arrays as elements of a shuffle."""

from itertools import product

import numpy as np
import pytest

from pipeline.stages import packed
from pipeline.stages.packed import DOC


@pytest.mark.parametrize(("flag", "mended"), list(product([False, True], repeat=2)))
def test_a_number_says_where_the_document_is(flag: bool, mended: bool) -> None:
    for block, place in ((0, 0), (7, 5), (2**31 - 1, 2**31 - 1)):
        doc = packed.number(block, place, flag, mended)
        assert packed.where(doc) == (block, place, mended)
        docs = np.array([doc], dtype=np.uint64)
        assert packed.block_of(docs).tolist() == [block]
        assert packed.local_of(docs).tolist() == [place + (mended << packed.MENDED_BIT)]
        assert packed.flag_of(docs).tolist() == [flag]


def test_priority_is_the_benchmark_then_time_then_id() -> None:
    order = [
        packed.priority(True, 5, "f" * 64), packed.priority(True, 6, "0" * 64), packed.priority(False, -9, "a" * 64),
        packed.priority(False, 0, "b" * 64), packed.priority(False, 0, "c" + "0" * 63),
        packed.priority(False, 2**33, "0" * 64),
    ]  # fmt: skip
    assert order == sorted(order)
    assert packed.priority(False, 1, "alpha") < packed.priority(False, 1, "beta")
    assert packed.priority(False, 2**60, "0" * 64)[0] < 2**64


def test_scattered_rows_come_together_again_in_their_order() -> None:
    made = packed.rows(DOC, doc=np.arange(50), first=np.arange(50) % 7, second=1)
    parts = dict(packed.scatter(made, made["first"].astype(np.int64)))
    assert sorted(parts) == list(range(7))
    for home, part in parts.items():
        found = packed.unpack([part], DOC)
        assert found["doc"].tolist() == list(range(home, 50, 7))
        assert set(found["second"].tolist()) == {1}
    assert list(packed.scatter(made[:0], np.empty(0, dtype=np.int64))) == []


def test_distinct() -> None:
    layout = np.dtype([("right", "<u8"), ("left", "<u8"), ("shared", "<u4")])
    made = packed.rows(layout, right=[2, 1, 2, 2], left=[1, 0, 1, 0], shared=[3, 1, 4, 1])
    assert packed.distinct(np.concatenate([made, made])).tolist() == [(1, 0, 1), (2, 0, 1), (2, 1, 3), (2, 1, 4)]
    assert len(packed.distinct(made[:0])) == 0


def test_partitions_are_used_evenly() -> None:
    counts = np.bincount(packed.partition(np.arange(10_000, dtype=np.uint64), 16), minlength=16)
    assert counts.min() > 500 and counts.max() < 760
