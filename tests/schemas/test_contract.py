"""Rows go through real Parquet and come back as the records they were; training shards are what `datasets` expects."""

from io import BytesIO
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas import contract
from schemas.provenance import Origin, Step
from schemas.records import Candidate, Curated, Dead, Dropped, Pair

FULL = Origin("git", "github.com/a/b", "c0ffee", "src/größe.py", "ab" * 32, "MIT OR Apache-2.0", 1_600_000_000)
BARE = Origin("files", "folder", "", "x.c", "cd" * 32)
STEPS = (
    Step("chosen", "source", "1", (("sha256", "ef" * 32),), ((0, 40),)),
    Step(
        "rejected", "mutation/guard_removed", "2", (("criterion", "x"), ("edits", '[[1, 2, "ö\\n"]]')), ((1, 2), (5, 5))
    ),
    Step("rejected", "nothing", "1"),
)
TASK = Candidate("i", "p", "task", BARE, "C", ((3, 9),), "Write it.", "int f(void) { return 1; }")
CHANGE = Candidate(
    "j", "q", "change", FULL, "Python", ((0, 7), (9, 12)), "Prompt\n\n文字", "after\r\n", "before",
    "runtime_efficiency", 0.5, "faster: größer", "train",
)  # fmt: skip
PAIR = Pair("k", "j", "j", FULL, "Python", "security_hardness", "p", "c\n", "r\u2028", ((0, 7),), STEPS)
BARE_PAIR = Pair("l", "i", "i", BARE, "C++", "memory_efficiency", "", "", "", (), ())


def through_parquet(rows: list[dict[str, Any]], schema: pa.Schema) -> list[dict[str, Any]]:
    sink = BytesIO()
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
    table = pq.read_table(BytesIO(sink.getvalue()))
    assert table.schema.equals(schema)
    found: list[dict[str, Any]] = table.to_pylist()
    return found


@pytest.mark.parametrize("candidate", [TASK, CHANGE])
def test_candidates_come_back(candidate: Candidate) -> None:
    (row,) = through_parquet([contract.candidate_row(candidate)], contract.MINED)
    assert contract.candidate_from_row(row) == candidate
    assert set(row) == set(contract.MINED.names)


@pytest.mark.parametrize("pair", [PAIR, BARE_PAIR])
def test_pairs_and_kept_pairs_come_back(pair: Pair) -> None:
    (row,) = through_parquet([contract.pair_row(pair)], contract.PAIRS)
    assert contract.pair_from_row(row) == pair
    curated = Curated(pair, "benchmark", ("length", "english"))
    (row,) = through_parquet([contract.curated_row(curated)], contract.CURATED)
    assert contract.curated_from_row(row) == curated


def test_steps_parameters_are_a_json_object_in_order() -> None:
    rows = contract.steps_row(STEPS)
    assert rows[1]["parameters"] == '{"criterion": "x", "edits": "[[1, 2, \\"ö\\\\n\\"]]"}'
    assert contract.steps_from_row(rows) == STEPS


@pytest.mark.parametrize("origin", [FULL, BARE])
def test_origins_come_back_and_other_columns_are_ignored(origin: Origin) -> None:
    assert contract.origin_from_row({**contract.origin_row(origin), "id": "x"}) == origin


def test_what_was_dropped_and_what_failed_are_rows_of_their_tables() -> None:
    dropped = contract.dropped_row(Dropped("mine", "too_large", "2 > 1", "i", FULL))
    assert through_parquet([dropped], contract.DROPPED) == [
        {
            "stage": "mine", "reason": "too_large", "detail": "2 > 1", "id": "i", "source": "git",
            "repo": "github.com/a/b", "revision": "c0ffee", "path": "src/größe.py",
        }
    ]  # fmt: skip
    dead = contract.dead_row(Dead("curate", "ValueError: no", "Pair(...)"))
    assert through_parquet([dead], contract.DEAD) == [dead]


def test_training_schema_is_read_by_datasets_with_the_released_labels() -> None:
    schema = contract.training_schema()
    assert schema.names == ["system", "input", "chosen", "rejected", "language", "aspect", "source", "idx"]
    features = datasets.Features.from_arrow_schema(schema)
    assert features["language"].names == ["JavaScript", "Python", "Ruby", "C++", "C", "Go", "Java", "C#", "NL"]
    assert features["aspect"].names == [
        "Readability and Maintainability", "Runtime Efficiency", "Security Hardness", "Functional Correctness",
        "Memory Efficiency", "Helpfulness", "Harmlessness",
    ]  # fmt: skip
    for name in ("system", "input", "chosen", "rejected"):
        assert features[name] == datasets.Value("large_string")
    assert features["source"] == features["idx"] == datasets.Value("string")
    assert features.arrow_schema.field("language").type == pa.int64()


def test_a_training_shard_loads_as_a_data_set(tmp_path: Any) -> None:
    row = {"system": None, "input": "i", "chosen": "c", "rejected": "r", "language": 3, "aspect": 2,
           "source": "pypi", "idx": "k"}  # fmt: skip
    pq.write_table(pa.Table.from_pylist([row], schema=contract.training_schema()), tmp_path / "train.parquet")
    loaded = datasets.Dataset.from_parquet(str(tmp_path / "train.parquet"), cache_dir=str(tmp_path / "cache"))
    assert loaded[0] == row
    assert loaded.features["language"].int2str(3) == "C++"
    assert loaded.features["aspect"].int2str(2) == "Security Hardness"


def test_new_languages_follow_the_released_ones_in_the_order_given() -> None:
    labels = contract.language_labels(("Rust", "C", "Kotlin"))
    assert labels == [*contract.LANGUAGES, "Rust", "Kotlin"]
    features = datasets.Features.from_arrow_schema(contract.training_schema(("Rust",)))
    assert features["language"].names[9:] == ["Rust"]


def test_benchmark_tables_have_the_released_columns() -> None:
    assert set(contract.BENCHMARK.names) == {"id", "prompt", "chosen", "rejected", "language", "aspect", "subset"}
    assert contract.BENCHMARK_PROVENANCE.names == ["id", *contract.PROVENANCE.names[1:]]
    assert contract.SCORES.names == [
        "id", "chosen_score", "rejected_score", "correct", "score_diff", "language", "aspect", "subset",
    ]  # fmt: skip
