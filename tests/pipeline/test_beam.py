"""The transforms that lose nothing: counters whose sums hold, tables whose bytes depend on their rows alone."""

import json
from collections import Counter
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to

from pipeline import beam as module
from pipeline.beam import Children, Expand, ReadTable, Summarize, WriteTable, dead, parquet_bytes, read_rows, shard_of
from schemas.provenance import Origin, sha256
from schemas.records import Dead, Dropped

ORIGIN = Origin("s", "r", "1", "p", "0")
SCHEMA = pa.schema([("id", pa.string()), ("text", pa.large_string())])


def local() -> Any:
    return beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"]))


def dropped(id_: str, reason: str = "no") -> Dropped:
    return Dropped("stage", reason, "", id_, ORIGIN)


def children_of(record: Any) -> Children:
    """`fail`s, `drop`s whole, or n children of which every third is dropped."""
    if record == "fail":
        raise ValueError("can't: fail")
    if record == "drop":
        return dropped("whole")
    return [dropped(f"child {n}") if n % 3 == 2 else f"{record} {n}" for n in range(record)]


RECORDS: list[Any] = [0, 1, 4, "fail", "drop", 6, dropped("before"), "fail", 2]


def test_expand_accounts_for_every_record_and_child() -> None:
    with local() as p:
        done = p | beam.Create(RECORDS) | Expand.outputs("stage", children_of)
        kept = [f"{n} {m}" for n in (1, 4, 6, 2) for m in range(n) if m % 3 != 2]
        assert_that(done.kept, equal_to(kept), label="kept")
        gone = done.dropped | beam.Map(lambda one: one.id)
        expected = ["whole", "before", "child 2", "child 2", "child 5"]
        assert_that(gone, equal_to(expected), label="dropped")
        assert_that(done.dead, equal_to([DEAD, DEAD]), label="dead")
        counts = done.counts | beam.CombinePerKey(sum)
        assert_that(counts, equal_to(list(COUNTS.items())), label="counts")
    assert COUNTS["in"] == COUNTS["expanded"] + COUNTS["dropped_in"] + COUNTS["dead_in"]
    assert COUNTS["children"] == len(kept) + COUNTS["dropped"]


COUNTS = {"in": 9, "expanded": 5, "dropped_in": 2, "dead_in": 2, "children": 13, "dropped": 3}


def _dead() -> Dead:
    try:
        children_of("fail")
    except ValueError as error:
        return dead("stage", error, "fail")
    raise AssertionError


DEAD = _dead()


def test_a_dead_letter_carries_its_record_and_where_it_failed() -> None:
    assert DEAD.record == "'fail'"
    assert DEAD.error.startswith("ValueError: can't: fail (test_beam.py:")
    assert dead("s", KeyError("k"), "x").error == "KeyError: 'k'"
    assert len(dead("s", ValueError(), "x" * 200_000).record) == 100_000


def test_a_bundle_that_is_retried_counts_once() -> None:
    step = Expand("stage", children_of)
    step.start_bundle()
    list(step.process(4))
    step.start_bundle()
    list(step.process(4))
    counts = dict(output.value.value for output in step.finish_bundle())
    assert counts == {"in": 1, "expanded": 1, "children": 4, "dropped": 1}


def as_row(record: tuple[str, str]) -> dict[str, Any]:
    return {"id": record[0], "text": record[1]}


def by_id(row: dict[str, Any]) -> str:
    key: str = row["id"]
    return key


def write(root: Path, records: list[tuple[str, str]], shards: int = 4) -> dict[str, Any]:
    with local() as p:
        files = p | beam.Create(records) | WriteTable(str(root), "mined", "part", SCHEMA, as_row, by_id, shards)
        counts = p | "counts" >> beam.Create([("in", 2), ("kept", 1), ("in", 3)])
        _ = (counts, files) | Summarize(str(root / "stages" / "x.json"))
    summary: dict[str, Any] = json.loads((root / "stages" / "x.json").read_bytes())
    return summary


def test_the_bytes_do_not_depend_on_the_order(tmp_path: Path) -> None:
    records = [(f"id {n}", f"größe {n}" * (n % 7)) for n in range(300)]
    shuffled = list(records)
    Random(3).shuffle(shuffled)
    first, second = write(tmp_path / "a", records), write(tmp_path / "b", shuffled)
    assert first == second
    assert first["counts"] == {"in": 5, "kept": 1}
    assert sum(receipt["rows"] for receipt in first["files"]) == 300
    found = []
    for number, receipt in enumerate(first["files"]):
        assert receipt["path"] == f"mined/part-{number:05d}-of-00004.parquet"
        data = (tmp_path / "a" / receipt["path"]).read_bytes()
        assert data == (tmp_path / "b" / receipt["path"]).read_bytes()
        assert (receipt["sha256"], receipt["bytes"]) == (sha256(data), len(data))
        rows = pq.read_table(BytesIO(data)).to_pylist()
        assert rows == sorted(rows, key=by_id)
        assert {shard_of(row["id"], 4) for row in rows} == {number}
        found += [(row["id"], row["text"]) for row in rows]
    assert sorted(found) == sorted(records)


@pytest.mark.parametrize("records", [[], [("one", "x")]])
def test_shards_without_rows_exist_with_their_schema(tmp_path: Path, records: list[tuple[str, str]]) -> None:
    receipts = write(tmp_path, records, 5)["files"]
    assert [receipt["rows"] for receipt in receipts].count(0) == 5 - len(records)
    for receipt in receipts:
        assert pq.read_schema(tmp_path / receipt["path"]).equals(SCHEMA)


def test_a_written_table_is_read_back(tmp_path: Path) -> None:
    records = [(f"id {n}", "text") for n in range(50)]
    paths = [str(tmp_path / receipt["path"]) for receipt in write(tmp_path, records)["files"]]
    with local() as p:
        assert_that(p | ReadTable(paths, lambda row: (row["id"], row["text"])), equal_to(records))
    assert [row["id"] for row in read_rows(paths[0], dict)] == sorted(
        id_ for id_, _ in records if shard_of(id_, 4) == 0
    )


def test_row_groups_stay_under_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"id": f"{n:03d}", "text": "x" * 1_000} for n in range(100)]
    whole = pq.ParquetFile(BytesIO(parquet_bytes(rows, SCHEMA)))
    assert whole.metadata.num_row_groups == 1
    monkeypatch.setattr(module, "ROW_GROUP_BYTES", 20_000)
    cut = pq.ParquetFile(BytesIO(parquet_bytes(rows, SCHEMA)))
    sizes = [cut.metadata.row_group(n).num_rows for n in range(cut.metadata.num_row_groups)]
    assert sum(sizes) == 100
    assert max(sizes) <= 20
    assert cut.read().to_pylist() == whole.read().to_pylist() == rows
    monkeypatch.setattr(module, "ROW_GROUP_BYTES", 10)
    assert pq.ParquetFile(BytesIO(parquet_bytes(rows[:3], SCHEMA))).metadata.num_row_groups == 3
    assert pq.ParquetFile(BytesIO(parquet_bytes([], SCHEMA))).metadata.num_rows == 0


def test_a_key_chooses_its_shard_evenly_and_for_good() -> None:
    assert [shard_of(f"id {n}", 7) for n in range(5)] == [6, 0, 3, 1, 6]
    counts = Counter(shard_of(f"id {n}", 4) for n in range(4_000))
    assert all(900 < counts[shard] < 1_100 for shard in range(4))
    assert shard_of("\ud800", 4) in range(4)
