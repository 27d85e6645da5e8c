"""The end of curation: each file of pairs is read again, and what is kept of it is written, in its order."""

import hashlib
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq

from filters.base import Filter
from pipeline import storage
from pipeline.beam import ROW_GROUP_BYTES, join_name
from pipeline.stages.blocks import Block, mended, opened
from pipeline.stages.keys import STAGE, Gone, Key
from pipeline.stages.packed import where
from schemas import contract
from schemas.provenance import Origin
from schemas.records import Curated, Dropped

_BATCH = 2048
_ORIGIN = ("id", "source", "repo", "revision", "path", "blob_sha256")


class Decision(NamedTuple):
    """What became of one row of a file.

    Attributes:
        row: of the file.
        split: of a kept pair; empty for one that is gone.
        mended: whether a filter redacts something of a kept pair.
        reason: of one that is gone.
        detail: likewise.
    """

    row: int
    split: str = ""
    mended: bool = False
    reason: str = ""
    detail: str = ""


class Rewrite(beam.PTransform):
    """Keys that are kept, and pairs that are gone, to `files` (receipts of `curated/`) and `dropped`.

    A pair that is in neither, since a filter refused it, has left before.

    Args:
        root: the run's folder.
        paths: files of pairs; there is one of kept pairs to each.
        blocks: of these files.
        filters: of the pairs, to mend what is to be mended.
        names: of the steps that a kept pair has passed.
    """

    def __init__(
        self,
        root: str,
        paths: tuple[str, ...],
        blocks: tuple[Block, ...],
        filters: tuple[Filter, ...],
        names: tuple[str, ...],
    ) -> None:
        super().__init__()
        self.root = root
        self.paths = paths
        self.blocks = blocks
        self.filters = filters
        self.names = names

    def expand(self, decided: Any) -> Any:
        """The wiring: `decided` are the keys and the gone."""
        kept, lost = decided
        places = {path: place for place, path in enumerate(self.paths)}
        starts = tuple((places[block.path], block.first) for block in self.blocks if block.path in places)
        every = kept.pipeline | "files" >> beam.Create([(place, None) for place in range(len(self.paths))])
        rows = (kept | "keep" >> beam.Map(_kept, starts), lost | "drop" >> beam.Map(_lost, starts), every)
        write = partial(_rewrite, root=self.root, paths=self.paths, filters=self.filters, names=self.names)
        return (
            rows
            | "all rows" >> beam.Flatten()
            | "of a file" >> beam.GroupByKey()
            | "rewrite" >> beam.FlatMap(write).with_outputs("dropped", main="files")
        )


def _kept(key: Key, starts: tuple[tuple[int, int], ...]) -> tuple[int, Decision]:
    block, row, is_mended = where(key.doc)
    file, first = starts[block]
    return file, Decision(first + row, key.split, is_mended)


def _lost(one: Gone, starts: tuple[tuple[int, int], ...]) -> tuple[int, Decision]:
    block, row, _ = where(one.doc)
    file, first = starts[block]
    return file, Decision(first + row, reason=one.reason, detail=one.detail)


class _Hashed:
    """A stream that keeps the digest and the size of what is written to it."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.digest = hashlib.sha256()
        self.size = 0
        self.closed = False

    def write(self, data: Any) -> int:
        self.digest.update(data)
        self.size += len(data)
        self.stream.write(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held here."""


def _rewrite(
    item: tuple[int, Iterable[Decision | None]],
    root: str,
    paths: tuple[str, ...],
    filters: tuple[Filter, ...],
    names: tuple[str, ...],
) -> Iterator[Any]:
    file, found = item
    decisions = sorted(one for one in found if one is not None)
    path = join_name("curated", "curated", len(paths)).format(shard=file)
    rows = 0
    with storage.created(storage.join(root, path)) as stream:
        hashed = _Hashed(stream)
        with pq.ParquetWriter(hashed, contract.CURATED, compression="zstd") as writer:
            waiting: list[pa.Table] = []
            for table, dropped in _decided(paths[file], decisions, filters, names):
                yield from (beam.pvalue.TaggedOutput("dropped", one) for one in dropped)
                waiting.append(table)
                rows += len(table)
                if sum(one.nbytes for one in waiting) >= ROW_GROUP_BYTES:
                    writer.write_table(pa.concat_tables(waiting), row_group_size=rows)
                    waiting = []
            if waiting:
                writer.write_table(pa.concat_tables(waiting), row_group_size=max(rows, 1))
    yield "file", {"path": path, "sha256": hashed.digest.hexdigest(), "rows": rows, "bytes": hashed.size}


def _decided(
    path: str, decisions: list[Decision], filters: tuple[Filter, ...], names: tuple[str, ...]
) -> Iterator[tuple[pa.Table, list[Dropped]]]:
    """Of each batch of a file: what is kept of it, and what is gone."""
    first, done = 0, 0
    with opened(path) as file:
        for batch in file.iter_batches(_BATCH):
            here = []
            while done < len(decisions) and decisions[done].row < first + len(batch):
                here.append(decisions[done])
                done += 1
            lost = [one for one in here if one.reason]
            origins = batch.select(_ORIGIN).take(pa.array([one.row - first for one in lost], pa.int64())).to_pylist()
            dropped = [_dropped(one, origin) for one, origin in zip(lost, origins, strict=True)]
            yield _kept_rows(batch, first, [one for one in here if one.split], filters, names), dropped
            first += len(batch)


def _dropped(one: Decision, row: dict[str, Any]) -> Dropped:
    id_ = row.pop("id")
    return Dropped(STAGE, one.reason, one.detail, id_, Origin(**row))


def _kept_rows(
    batch: Any, first: int, kept: list[Decision], filters: tuple[Filter, ...], names: tuple[str, ...]
) -> pa.Table:
    """Rows of `curated/`; only those that are mended pass through Python."""
    table = pa.table(batch.take(pa.array([one.row - first for one in kept], pa.int64())))
    table = table.append_column("split", pa.array([one.split for one in kept], pa.string()))
    table = table.append_column("filters", pa.array([names] * len(kept), pa.list_(pa.string())))
    table = table.cast(contract.CURATED)
    for place in [place for place, one in enumerate(kept) if one.mended]:
        pair = mended(contract.pair_from_row(table.slice(place, 1).to_pylist()[0]), filters)
        row = contract.curated_row(Curated(pair, kept[place].split, names))
        changed = pa.Table.from_pylist([row], schema=contract.CURATED)
        table = pa.concat_tables([table.slice(0, place), changed, table.slice(place + 1)])
    return table
