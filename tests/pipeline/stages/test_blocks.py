"""Texts out of row groups: the right ones, in the order asked for, as they are after mending."""

import pickle
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.personal_data import PersonalData
from pipeline.stages.blocks import Texts, blocks_of, read_rows
from pipeline.stages.packed import MENDED_BIT
from schemas import contract


@pytest.fixture
def path(tmp_path: Path, make_pair: Any) -> str:
    pairs = [make_pair(f"p{n}", prompt=f"prompt {n}", chosen=f"größe {n}", rejected=f"bad {n}") for n in range(7)]
    pairs[5] = replace(pairs[5], chosen="# by Ann <mira.holt@nordmail.org>\nx = 1\n")
    table = pa.Table.from_pylist([contract.pair_row(pair) for pair in pairs], schema=contract.PAIRS)
    pq.write_table(table, tmp_path / "pairs.parquet", row_group_size=3)
    return str(tmp_path / "pairs.parquet")


def laid(texts: Texts, block: int, local: list[int]) -> list[str]:
    data, starts, ends = texts.read(block, np.array(local, dtype=np.int64))
    found = [data[a:b].tobytes().decode() for a, b in zip(starts, ends, strict=True)]
    assert found == texts.texts(block, np.array(local, dtype=np.int64))
    return found


def test_blocks_are_the_row_groups(path: str) -> None:
    blocks = blocks_of([path, path])
    assert [(one.row_group, one.rows, one.first) for one in blocks] == [(0, 3, 0), (1, 3, 3), (2, 1, 6)] * 2
    assert [row["id"] for row in read_rows(blocks[1], ["id"], batch=2)] == ["p3", "p4", "p5"]


def test_one_column_and_several_joined(path: str) -> None:
    blocks = blocks_of([path])
    assert laid(Texts(blocks, (("chosen",),)), 1, [1, 0]) == ["größe 4", "größe 3"]
    assert laid(Texts(blocks, (("prompt", "chosen"),)), 0, [2]) == ["prompt 2\ngröße 2"]
    assert laid(Texts(blocks, (("chosen",),)), 2, []) == []


def test_two_sides_of_a_row_are_two_documents(path: str) -> None:
    texts = Texts(blocks_of([path]), (("chosen",), ("rejected",)))
    assert laid(texts, 0, [5, 0, 1, 2]) == ["bad 2", "größe 0", "bad 0", "größe 1"]
    assert laid(pickle.loads(pickle.dumps(texts)), 2, [1]) == ["bad 6"]


def test_what_is_mended_is_read_as_mended(path: str) -> None:
    texts = Texts(blocks_of([path]), (("chosen",), ("rejected",)), (PersonalData(),))
    mended = 1 << MENDED_BIT
    assert laid(texts, 1, [2, mended | 4, mended | 5]) == [
        "größe 4", "# by Ann <name@example.com>\nx = 1\n", "bad 5"
    ]  # fmt: skip
    assert laid(texts, 1, [4])[0].startswith("# by Ann <mira.holt@")
