import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.evaluation.benchmark import evaluate, outcome, read_benchmark
from schemas import contract
from schemas.errors import CheckFailed, ConfigError


class Shorter:
    """Scores by how few characters an answer has, and notes what it was asked."""

    def __init__(self):
        self.asked = []

    def score(self, prompts, answers, criteria):
        self.asked += zip(prompts, answers, criteria, strict=True)
        return [-float(len(answer)) for answer in answers]


class Broken:
    def score(self, prompts, answers, criteria):
        return [float("nan")] * len(answers)


def quiet(event):
    pass


def test_files_of_an_evaluation(run, tmp_path):
    folder, out, scorer, events = run(), tmp_path / "evaluation" / "shorter", Shorter(), []
    found = evaluate(scorer, folder / "benchmark", out, events.append)
    assert sorted(p.name for p in out.iterdir()) == ["intervals.json", "results.json", "scores.parquet"]
    table = pq.read_table(out / "scores.parquet")
    assert table.schema.equals(contract.SCORES)
    rows = table.to_pylist()
    assert [r["id"] for r in rows] == sorted(r["id"] for r in rows)
    assert all(r["score_diff"] == r["chosen_score"] - r["rejected_score"] for r in rows)
    results = json.loads((out / "results.json").read_text())
    assert results["by_aspect"]["Functional_Correctness"] == {"accuracy": 1.0, "count": 24}
    assert results["by_aspect"]["Security_Hardness"] == {"accuracy": 0.0, "count": 24}  # swaps tie, and ties are wrong
    assert results["by_language"]["Cpp"]["count"] == 12
    assert json.loads((out / "intervals.json").read_text()) == found
    assert found["overall"]["half_credit"]["micro"]["estimate"] == pytest.approx(5 / 6, abs=1e-4)
    assert found["overall"]["clusters"] == 6
    assert found["by_operator"]["swap"]["ties"] == 24
    assert list(found["by_language"]) == ["Python"]
    assert found["by_length"]["chosen is shorter"]["strict"]["micro"]["estimate"] == 1.0
    assert events[-1] == {"stage": "evaluate", "step": 72, "steps": 72}
    assert {criterion for _, _, criterion in scorer.asked} == {
        "functional_correctness", "runtime_efficiency", "security_hardness",
    }  # fmt: skip


def test_the_same_evaluation_gives_the_same_bytes(run, tmp_path):
    folder = run()
    for name in ("a", "b"):
        evaluate(Shorter(), folder / "benchmark", tmp_path / name, quiet)
    for file in ("scores.parquet", "results.json", "intervals.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_a_score_that_is_no_number_writes_nothing(run, tmp_path):
    with pytest.raises(CheckFailed, match="must be finite"):
        evaluate(Broken(), run() / "benchmark", tmp_path / "out", quiet)
    assert not (tmp_path / "out").exists()


def test_a_published_benchmark_has_no_provenance(run):
    folder = run() / "benchmark"
    for path in (folder / "provenance").iterdir():
        path.unlink()
    (folder / "provenance").rmdir()
    pair = read_benchmark(folder)[0]
    assert (pair.repo, pair.operator) == ("", "")
    found = outcome(pair, 1.0)
    assert (found.cluster, found.operator) == (pair.id, "none")


def change(folder, column, value):
    path = next((folder / "data").iterdir())
    table = pq.read_table(path)
    values = [value] * table.num_rows
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, pa.array(values)), path)


def test_what_is_wrong_with_a_benchmark_is_named(run):
    folder = run() / "benchmark"
    change(folder, "aspect", "Beauty")
    with pytest.raises(ConfigError, match="aspect 'Beauty'"):
        read_benchmark(folder)
    change(folder, "aspect", "Security_Hardness")
    change(folder, "id", "same")
    with pytest.raises(ConfigError, match="the id same comes twice"):
        read_benchmark(folder)
    pq.write_table(contract.BENCHMARK.empty_table(), next((folder / "data").iterdir()))
    with pytest.raises(ConfigError, match="holds no pair"):
        read_benchmark(folder)
