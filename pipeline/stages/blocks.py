"""Where the texts of a stage are: row groups of Parquet files, read again whenever they are needed.

Only the number of a document crosses a shuffle: its block and its place there.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems
from numpy.typing import NDArray

from filters.base import Filter
from pipeline import storage
from pipeline.stages.packed import MENDED_BIT
from schemas.contract import pair_from_row
from schemas.records import Pair


@dataclass(frozen=True, slots=True)
class Block:
    """One row group of one file.

    Attributes:
        path: of the file.
        row_group: its number there.
        rows: how many.
        first: the first one's row in the file.
    """

    path: str
    row_group: int
    rows: int
    first: int


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """A Parquet file, of which only what is asked for is read."""
    if storage.is_local(path):
        with pq.ParquetFile(path, memory_map=True) as file:
            yield file
    else:
        with FileSystems.open(path) as stream, pq.ParquetFile(stream) as file:
            yield file


def blocks_of(paths: Sequence[str]) -> tuple[Block, ...]:
    """Every row group of the files, in order."""
    found = []
    for path in paths:
        first = 0
        with opened(path) as file:
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                found.append(Block(path, group, count, first))
                first += count
    return tuple(found)


def read_rows(block: Block, columns: Sequence[str] | None = None, batch: int = 256) -> Iterator[dict[str, Any]]:
    """Rows of a block, in order; a few at a time are held."""
    with opened(block.path) as file:
        for rows in file.iter_batches(batch, row_groups=[block.row_group], columns=columns):
            yield from rows.to_pylist()


def mended(pair: Pair, filters: tuple[Filter, ...]) -> Pair:
    """The pair as the filters leave it."""
    for one in filters:
        pair = one.mend(pair)
    return pair


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts of documents by number, out of blocks. Picklable: it holds paths.

    Attributes:
        blocks: the document number's block is an index of them.
        sides: of each row, the columns that a document is made of, joined by a line feed. The place of a document in
            its block is `row * len(sides) + side`.
        filters: that mend the pairs which are to be mended.
    """

    blocks: tuple[Block, ...]
    sides: tuple[tuple[str, ...], ...]
    filters: tuple[Filter, ...] = ()

    def read(
        self, block: int, local: NDArray[np.int64]
    ) -> tuple[NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
        """Texts of documents of a block, as they are after mending.

        Args:
            block: an index of `blocks`.
            local: of each document, as `packed.local_of` gives it, shape (D,).

        Returns:
            UTF-8, shape (N,), and where each text starts and ends in it, shapes (D,).
        """
        whole, picked = self._array(block, local)
        _, offsets, data = whole.buffers()
        if not len(picked) or data is None:
            return np.empty(0, dtype=np.uint8), np.zeros_like(picked), np.zeros_like(picked)
        begins = np.frombuffer(offsets, dtype=np.int64)[whole.offset : whole.offset + len(whole) + 1]
        return np.frombuffer(data, dtype=np.uint8), begins[picked], begins[picked + 1]

    def texts(self, block: int, local: NDArray[np.int64]) -> list[str]:
        """The same as Python's strings."""
        whole, picked = self._array(block, local)
        found: list[str] = whole.take(pa.array(picked)).to_pylist()
        return found

    def _array(self, block: int, local: NDArray[np.int64]) -> tuple[Any, NDArray[np.int64]]:
        """Texts, the wanted ones among them, and where these are."""
        columns = sorted({name for side in self.sides for name in side})
        changed = np.flatnonzero(local >> MENDED_BIT)
        with opened(self.blocks[block].path) as file:
            table = file.read_row_group(self.blocks[block].row_group, columns=None if len(changed) else columns)
        rows, sides = np.divmod(local & ((1 << MENDED_BIT) - 1), len(self.sides))
        picked = sides * len(table) + rows
        arrays = [_side(table, names) for names in self.sides]
        if len(changed):
            pairs = table.take(pa.array(rows[changed])).to_pylist()
            new = [self._mended(row, side) for row, side in zip(pairs, sides[changed].tolist(), strict=True)]
            picked[changed] = len(self.sides) * len(table) + np.arange(len(new))
            arrays.append(pa.array(new, pa.large_string()))
        return arrays[0] if len(arrays) == 1 else pa.concat_arrays(arrays), picked

    def _mended(self, row: dict[str, Any], side: int) -> str:
        pair = mended(pair_from_row(row), self.filters)
        return "\n".join(getattr(pair, name) for name in self.sides[side])


def _side(table: Any, names: tuple[str, ...]) -> Any:
    columns = [table.column(name) for name in names]
    texts = [one.chunk(0) if one.num_chunks == 1 else one.combine_chunks() for one in columns]
    texts = [one.cast(pa.large_string()) for one in texts]
    return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, pa.scalar("\n", pa.large_string()))
