"""The transforms that every stage is wired from: read a table, expand records with nothing lost, write a table.

Counters are elements, emitted when a bundle ends: a bundle that a runner retries counts once, on every runner.
"""

import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from operator import itemgetter
from typing import Any, TypeAlias

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.transforms.window import GlobalWindow
from apache_beam.utils.windowed_value import WindowedValue

from pipeline import storage
from pipeline.progress import tick
from schemas.provenance import sha256
from schemas.records import Dead, Dropped

Children: TypeAlias = list[Any] | Dropped
"""What a record became: children, some of them `Dropped`; or one `Dropped` for the record as a whole."""

ROW_GROUP_BYTES = 64 * 2**20
_MAX_RECORD_CHARS = 100_000


class Expand(beam.DoFn):
    """Apply a pure function to each record; outputs `kept` (main), `dropped`, `dead` and `counts`.

    Args:
        stage: name of the stage, for reasons and counters.
        function: from a record to its children; an exception sends the record to the dead letters.
    """

    def __init__(self, stage: str, function: Callable[[Any], Children]) -> None:
        self.stage = stage
        self.function = function
        self.counts: Counter[str] = Counter()

    def start_bundle(self) -> None:
        """Begin to count anew."""
        self.counts = Counter()

    def process(self, record: Any) -> Iterator[Any]:
        """One record."""
        tick(self.stage)
        self.counts["in"] += 1
        if isinstance(record, Dropped):
            self.counts["dropped_in"] += 1
            yield beam.pvalue.TaggedOutput("dropped", record)
            return
        try:
            children = self.function(record)
        except Exception as error:  # noqa: BLE001  (rule 3: whatever fails goes to the dead letters with its record)
            self.counts["dead_in"] += 1
            yield beam.pvalue.TaggedOutput("dead", dead(self.stage, error, record))
            return
        if isinstance(children, Dropped):
            self.counts["dropped_in"] += 1
            yield beam.pvalue.TaggedOutput("dropped", children)
            return
        self.counts["expanded"] += 1
        for child in children:
            self.counts["children"] += 1
            if isinstance(child, Dropped):
                self.counts["dropped"] += 1
                yield beam.pvalue.TaggedOutput("dropped", child)
            else:
                yield child

    def finish_bundle(self) -> Iterator[Any]:
        """Emit what was counted."""
        for item in self.counts.items():
            value = WindowedValue(item, GlobalWindow().max_timestamp(), [GlobalWindow()])
            yield beam.pvalue.TaggedOutput("counts", value)

    @staticmethod
    def outputs(stage: str, function: Callable[[Any], Children]) -> beam.PTransform:
        """The transform with its four outputs."""
        return beam.ParDo(Expand(stage, function)).with_outputs("dropped", "dead", "counts", main="kept")


def dead(stage: str, error: Exception, record: Any) -> Dead:
    """A dead letter: the error with its innermost frame, and the record as text."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    return Dead(stage, f"{type(error).__name__}: {error}{where}", repr(record)[:_MAX_RECORD_CHARS])


class ReadTable(beam.PTransform):
    """Rows of Parquet files as records.

    Args:
        paths: the files.
        from_row: from a row to a record.
    """

    def __init__(self, paths: list[str], from_row: Callable[[dict[str, Any]], Any]) -> None:
        super().__init__()
        self.paths = paths
        self.from_row = from_row

    def expand(self, root: Any) -> Any:
        """The wiring."""
        return root | beam.Create(self.paths) | beam.Reshuffle() | beam.FlatMap(read_rows, self.from_row)


def read_rows(path: str, from_row: Callable[[dict[str, Any]], Any]) -> Iterator[Any]:
    """Records of one Parquet file, in its order."""
    file = pq.ParquetFile(BytesIO(storage.read_bytes(path)))
    for batch in file.iter_batches(batch_size=1024):
        for row in batch.to_pylist():
            yield from_row(row)


class WriteTable(beam.PTransform):
    """Records to `<folder>/<stem>-00000-of-000NN.parquet`, ordered by key; gives ("file", receipt) elements.

    The shard is a function of the key, and so is the place in it: the same records give the same bytes.

    Args:
        root: the run's folder.
        folder: below it.
        stem: of the file names.
        schema: of the files.
        to_row: from a record to a row.
        key: from a row to the text that it is ordered by; rows of one key must be equal.
        shards: how many files.
    """

    def __init__(
        self,
        root: str,
        folder: str,
        stem: str,
        schema: pa.Schema,
        to_row: Callable[[Any], dict[str, Any]],
        key: Callable[[dict[str, Any]], str],
        shards: int,
    ) -> None:
        super().__init__()
        self.root = root
        self.folder = folder
        self.stem = stem
        self.schema = schema
        self.to_row = to_row
        self.key = key
        self.shards = shards

    def expand(self, records: Any) -> Any:
        """The wiring."""
        empty = records.pipeline | beam.Create([(shard, None) for shard in range(self.shards)])
        rows = records | "row" >> beam.Map(_keyed_row, self.to_row, self.key, self.shards)
        name = join_name(self.folder, self.stem, self.shards)
        return (
            (rows, empty)
            | beam.Flatten()
            | "by shard" >> beam.GroupByKey()
            | beam.Map(_write_shard, self.root, name, self.schema)
        )


def join_name(folder: str, stem: str, shards: int) -> str:
    """Pattern of a table's file names, with `{shard}` open."""
    return f"{folder}/{stem}-{{shard:05d}}-of-{shards:05d}.parquet"


def _keyed_row(
    record: Any, to_row: Callable[[Any], dict[str, Any]], key: Callable[[dict[str, Any]], str], shards: int
) -> tuple[int, tuple[str, dict[str, Any]]]:
    row = to_row(record)
    text = key(row)
    return shard_of(text, shards), (text, row)


def shard_of(key: str, shards: int) -> int:
    """The shard that a row with this key is in."""
    return int(sha256(key.encode("utf-8", "surrogatepass"))[:8], 16) % shards


def _write_shard(item: tuple[int, Iterable[Any]], root: str, name: str, schema: pa.Schema) -> tuple[str, Any]:
    shard, rows = item
    ordered = sorted((row for row in rows if row is not None), key=itemgetter(0))
    data = parquet_bytes([row for _, row in ordered], schema)
    path = name.format(shard=shard)
    storage.write_bytes(storage.join(root, path), data)
    return "file", {"path": path, "sha256": sha256(data), "rows": len(ordered), "bytes": len(data)}


def parquet_bytes(rows: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    """A Parquet file in memory, its row groups under 64 MiB of uncompressed data."""
    table = pa.Table.from_pylist(rows, schema=schema)
    size = max(1, table.num_rows * ROW_GROUP_BYTES // max(table.nbytes, 1))
    sink = BytesIO()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        writer.write_table(table, row_group_size=size)
    return sink.getvalue()


class Summarize(beam.PTransform):
    """Counters and receipts of a stage to one JSON file, which the driver takes into the manifest.

    Args:
        path: of the JSON file.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path

    def expand(self, inputs: Any) -> Any:
        """The wiring: `inputs` are counters and receipts."""
        counts, files = inputs
        summed = counts | beam.CombinePerKey(sum) | "tag" >> beam.Map(_tag_count)
        return (
            (summed, files) | beam.Flatten() | beam.combiners.ToList() | "write" >> beam.Map(_write_summary, self.path)
        )


def _tag_count(item: tuple[str, int]) -> tuple[str, tuple[str, int]]:
    return "count", item


def _write_summary(items: list[tuple[str, Any]], path: str) -> None:
    counts = dict(sorted(value for kind, value in items if kind == "count"))
    files = sorted((value for kind, value in items if kind == "file"), key=lambda receipt: receipt["path"])
    storage.write_json(path, {"counts": counts, "files": files})
