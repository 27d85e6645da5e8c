"""Shards: released columns and spellings, provenance in the same order, and a `balanced` set that length can't tell."""

import hashlib
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import apache_beam as beam
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from apache_beam.options.pipeline_options import PipelineOptions

from parsers.language import languages
from pipeline.beam import Summarize
from pipeline.stages.assemble import (
    Assemble,
    AssembleOptions,
    SystemPromptShares,
    benchmark_provenance_row,
    benchmark_row,
    provenance_row,
    training_row,
)
from schemas import contract
from schemas.config import validate
from schemas.conversation import system_prompt
from schemas.errors import ConfigError
from schemas.records import Curated

OPTIONS = AssembleOptions(shards=3)


@pytest.fixture
def curated(make_pair: Any) -> list[Curated]:
    """Sixty training pairs, two of three with the longer side chosen, and six of the benchmark."""
    made = []
    for n in range(66):
        pair = make_pair(
            f"id{n:02d}",
            repo=f"repo{n}",
            criterion="runtime_efficiency" if n % 2 else "security_hardness",
            language="C++" if n < 30 else "C#",
            chosen="x" * (9 if n % 3 else 3),
            rejected="ö" * 6,
            operator="commit/before" if n == 65 else "mutation/m",
        )
        made.append(Curated(pair, "train" if n < 60 else "benchmark", ("length", "split")))
    return made


def test_a_training_row_has_the_released_columns_and_labels(curated: list[Curated]) -> None:
    row = training_row(curated[1], OPTIONS, 1)
    assert list(row) == contract.training_schema().names
    assert row["language"] == contract.LANGUAGES.index("C++") == 3
    assert (row["aspect"], row["idx"], row["source"], row["input"]) == (1, "id01", "pypi", "Write it.")
    assert row == training_row(curated[1], AssembleOptions(shards=9), 1)
    assert set(languages()) <= set(contract.language_labels(tuple(languages())))


def test_system_prompts_come_in_their_shares_and_follow_the_pair(curated: list[Curated]) -> None:
    pairs = [replace(curated[1], pair=replace(curated[1].pair, id=f"id {n}")) for n in range(4_000)]
    drawn = [training_row(one, OPTIONS, 1)["system"] for one in pairs]
    assert drawn == [training_row(one, OPTIONS, 1)["system"] for one in pairs]
    own = system_prompt("runtime_efficiency")
    kinds = Counter("none" if text is None else "own" if text == own else "all" for text in drawn)
    for kind, share in (("none", 0.15), ("own", 0.60), ("all", 0.25)):
        assert abs(kinds[kind] / len(drawn) - share) < 0.03
    never = AssembleOptions(system_prompts=SystemPromptShares(none=1.0, own=0.0, all=0.0))
    assert {training_row(one, never, 1)["system"] for one in pairs[:50]} == {None}


def test_provenance_hashes_both_sides_and_keeps_the_steps(curated: list[Curated]) -> None:
    one = curated[0]
    row = provenance_row(one)
    assert set(row) == set(contract.PROVENANCE.names)
    assert row["chosen_sha256"] == hashlib.sha256(one.pair.chosen.encode()).hexdigest()
    assert row["rejected_sha256"] == hashlib.sha256(one.pair.rejected.encode()).hexdigest()
    assert contract.steps_from_row(row["steps"]) == one.pair.steps
    assert contract.origin_from_row(row) == one.pair.origin
    assert row["filters"] == ["length", "split"]
    held = benchmark_provenance_row(one)
    assert held.pop("id") == row.pop("idx")
    assert held == row


@pytest.mark.parametrize(
    ("language", "criterion", "spelled", "aspect"),
    [
        ("C++", "functional_correctness", "Cpp", "Functional_Correctness"),
        ("C#", "runtime_efficiency", "CSharp", "Runtime_Efficiency"),
        ("C", "memory_efficiency", "C", "Memory_Efficiency"),
        ("JavaScript", "readability_maintainability", "JavaScript", "Readability_Maintainability"),
        ("Go", "security_hardness", "Go", "Security_Hardness"),
    ],
)
def test_benchmark_rows_are_spelled_as_released(
    make_pair: Any, language: str, criterion: str, spelled: str, aspect: str
) -> None:
    row = benchmark_row(Curated(make_pair("i", language=language, criterion=criterion), "benchmark", ()))
    assert set(row) == set(contract.BENCHMARK.names)
    assert (row["language"], row["aspect"], row["subset"], row["id"]) == (spelled, aspect, "MUTANTS", "i")


def test_the_subset_says_how_the_pair_was_made(curated: list[Curated]) -> None:
    assert [benchmark_row(one)["subset"] for one in curated[64:]] == ["MUTANTS", "COMMITS"]


def assembled(curated: list[Curated], root: Path) -> dict[str, pa.Table]:
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
        done = p | beam.Create(curated) | Assemble(str(root), OPTIONS, 1)
        _ = (done["counts"], done["files"]) | Summarize(str(root / "summary.json"))
    names = ("data", "provenance", "placebo", "placebo_provenance")
    folders = ("dataset/balanced", *(f"{top}/{name}" for top in ("dataset", "benchmark") for name in names))
    return {
        folder: pa.concat_tables([pq.read_table(path) for path in sorted((root / folder).glob("*.parquet"))])
        for folder in folders
    }


def test_every_table_of_a_data_set(curated: list[Curated], tmp_path: Path) -> None:
    tables = assembled(curated, tmp_path)
    full, even = tables["dataset/data"], tables["dataset/balanced"]
    assert full.num_rows == 60
    assert full["idx"].to_pylist() == tables["dataset/provenance"]["idx"].to_pylist()
    assert set(even["idx"].to_pylist()) < set(full["idx"].to_pylist())
    assert sorted(tables["benchmark/data"]["id"].to_pylist()) == [f"id{n}" for n in range(60, 66)]
    assert tables["benchmark/data"]["id"].to_pylist() == tables["benchmark/provenance"]["id"].to_pylist()
    assert [path.name for path in sorted((tmp_path / "dataset/data").iterdir())] == [
        f"train-0000{n}-of-00003.parquet" for n in range(3)
    ]
    rows = {row["idx"]: row for row in full.to_pylist()}
    assert all(rows[row["idx"]] == row for row in even.to_pylist())
    strata: dict[tuple[int, int], list[int]] = {}
    for row in even.to_pylist():
        sides = strata.setdefault((row["language"], row["aspect"]), [0, 0])
        sides[len(row["chosen"]) > len(row["rejected"])] += 1
    assert len(strata) == 4
    for shorter, longer in strata.values():
        assert 0.45 <= longer / (shorter + longer) <= 0.55
    summary = json.loads((tmp_path / "summary.json").read_bytes())
    per_split = Counter(dict.fromkeys(("train", "benchmark", "balanced"), 0))
    for cell, count in summary["counts"].items():
        per_split[cell.split("\t")[0]] += count
    assert per_split == {"train": 60, "benchmark": 6, "balanced": even.num_rows}
    assert summary["counts"]["benchmark\truntime_efficiency\tC#\tcommit/before\tlonger\tdefect"] == 1
    for receipt in summary["files"]:
        data = (tmp_path / receipt["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (receipt["sha256"], receipt["bytes"])


def test_the_order_of_arrival_does_not_matter(curated: list[Curated], tmp_path: Path) -> None:
    assembled(curated, tmp_path / "a")
    assembled(curated[::-1], tmp_path / "b")
    files = [path.relative_to(tmp_path / "a") for path in sorted((tmp_path / "a").rglob("*.parquet"))]
    assert len(files) == 19
    for path in files:
        assert (tmp_path / "a" / path).read_bytes() == (tmp_path / "b" / path).read_bytes()


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (
            {"system_prompts": {"none": 0.5}},
            "system_prompts: Value error, none, own and all sum to 1.35, must sum to 1",
        ),
        ({"system_prompts": {"none": -0.1}}, "system_prompts.none: Input should be greater than or equal to 0"),
        ({"shards": 0}, "shards: Input should be greater than or equal to 1, got 0"),
    ],
)
def test_shares_and_shards_are_bounded(options: dict[str, Any], expected: str) -> None:
    with pytest.raises(ConfigError) as caught:
        validate(AssembleOptions, options, "run.yaml")
    assert expected in str(caught.value)
