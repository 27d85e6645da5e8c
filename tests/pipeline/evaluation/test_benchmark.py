import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.evaluation.analysis import analyse
from pipeline.evaluation.benchmark import EvaluationOptions, evaluate, outcome, read_benchmark
from schemas import contract
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import Step


def write(folder, rows, schema):
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / "part-00000.parquet")


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


class Gaps(Shorter):
    """As `Shorter`, but gives no score to answers with a word in them."""

    def __init__(self, word):
        super().__init__()
        self.word = word

    def score(self, prompts, answers, criteria):
        scores = super().score(prompts, answers, criteria)
        return [None if self.word in answer else score for answer, score in zip(answers, scores, strict=True)]


def test_missing_scores_are_an_error_after_everything_is_written(run, tmp_path):
    folder, out = run() / "benchmark", tmp_path / "out"
    with pytest.raises(CheckFailed, match=r"failed.json: 24 of 72 pairs have no score, the first h0-001: rejected has"):
        evaluate(Gaps("sorted"), folder, out, quiet)
    failed = json.loads((out / "failed.json").read_text())
    assert len(failed) == 24
    assert failed[0] == {"id": "h0-001", "reason": "rejected has no score"}
    assert (out / "results.json").is_file() and (out / "intervals.json").is_file()
    evaluate(Shorter(), folder, out, quiet)
    assert not (out / "failed.json").exists()


def test_missing_scores_can_be_allowed_and_count_as_wrong(run, tmp_path):
    folder, out = run() / "benchmark", tmp_path / "out"
    found = evaluate(Gaps("sorted"), folder, out, quiet, EvaluationOptions(allow_missing=True))
    table = pq.read_table(out / "scores.parquet")
    assert table.column_names[-3:] == ["parse_failed", "chosen_parse_failed", "rejected_parse_failed"]
    row = next(r for r in table.to_pylist() if r["id"] == "h0-001")
    assert row["rejected_score"] is None and row["chosen_score"] < 0
    assert (row["correct"], row["score_diff"]) == (False, 0.0)
    assert (row["parse_failed"], row["chosen_parse_failed"], row["rejected_parse_failed"]) == (True, False, True)
    results = json.loads((out / "results.json").read_text())["overall"]
    assert (results["accuracy"], results["accuracy_valid_only"]) == (round(24 / 72, 4), 0.5)
    assert (results["valid_pairs"], results["total_parse_failures"]) == (48, 24)
    assert found["overall"]["strict"]["micro"]["estimate"] == results["accuracy"]
    assert (found["overall"]["missing"], found["overall"]["ties"]) == (24, 24)
    assert found["valid_only"]["strict"]["micro"]["estimate"] == 0.5
    assert found["coverage"] == {
        "pairs": 72, "scored": 48, "share": pytest.approx(2 / 3),
        "missing_by_criterion": {"Runtime_Efficiency": 24}, "missing_by_language": {"Cpp": 4, "Python": 20},
    }  # fmt: skip
    assert found["calibration"]["pairs"] == 48


def test_without_a_single_score_the_page_is_still_written(run, tmp_path):
    found = evaluate(Broken(), run() / "benchmark", tmp_path / "out", quiet, EvaluationOptions(allow_missing=True))
    assert found["coverage"]["share"] == 0.0
    assert found["overall"]["strict"]["micro"]["estimate"] == 0.0
    assert "calibration" not in found and "valid_only" not in found


def test_a_killed_evaluation_goes_on_in_its_folder(run, tmp_path):
    folder, out = run() / "benchmark", tmp_path / "out"
    options = EvaluationOptions(chunk_pairs=30)

    def stop(event):
        if event["step"] == 60:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate(Shorter(), folder, out, stop, options, "shorter")
    other, again = Shorter(), Shorter()
    with pytest.raises(KeyboardInterrupt):
        evaluate(other, folder, out, stop, options, "another")
    assert len(other.asked) == 120
    evaluate(again, folder, out, quiet, options, "shorter")
    assert len(again.asked) == 24
    assert not (out / ".scores").exists()
    evaluate(Shorter(), folder, tmp_path / "whole", quiet)
    for name in ("scores.parquet", "intervals.json", "results.json"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def placebo(number, side, package):
    steps = (Step("chosen", "source", "1"), Step("rejected", "source", "1"))
    steps = tuple(Step(s.side, "placebo/renamed", "1") if s.side == side else s for s in steps)
    pair = {
        "prompt": f"Do {number}.", "chosen": f"a{number}" + "x" * (side == "chosen"),
        "rejected": f"b{number}" + "x" * (side == "rejected"), "language": "Python",
        "aspect": "Security_Hardness", "subset": "MUTANTS", "id": f"p{number}",
    }  # fmt: skip
    origin = {"id": f"p{number}", "repo": f"pypi:{package}", "kind": "placebo", "label": 0.5}
    return pair, origin | {"steps": contract.steps_row(steps)}


def test_placebos_are_scored_beside(run, tmp_path):
    folder, out = run() / "benchmark", tmp_path / "out"
    rows = [placebo(i, "chosen" if i % 2 else "rejected", f"h{i % 3}") for i in range(6)]
    write(folder / "placebo", [pair for pair, _ in rows], contract.BENCHMARK)
    write(folder / "placebo_provenance", [origin for _, origin in rows], contract.BENCHMARK_PROVENANCE)
    found = evaluate(Shorter(), folder, out, quiet)
    assert found["placebos"]["edited_wins"]["micro"]["estimate"] == 0.0  # the edit is longer
    assert (found["placebos"]["band"], found["placebos"]["scored"]) == (1.0, 6)
    assert pq.read_table(out / "placebo_scores.parquet").num_rows == 6
    assert found["overall"]["pairs"] == 72
    evaluate(Shorter(), run_without_placebos(folder), out, quiet)
    assert not (out / "placebo_scores.parquet").exists()


def run_without_placebos(folder):
    next((folder / "placebo").iterdir()).unlink()
    return folder


def test_contrasts_between_groups_of_pairs(run, tmp_path):
    path = tmp_path / "contrasts.yaml"
    path.write_text(
        "contrasts:\n- name: sorting is easier than swapping\n  a: {operator: needless_sort}\n  b: {operator: swap}\n"
    )
    options = EvaluationOptions(contrasts=path)
    found = evaluate(Shorter(), run() / "benchmark", tmp_path / "out", quiet, options)
    row = found["contrasts"]["rows"][0]
    assert (row["difference"]["estimate"], row["clusters"]) == (0.5, 6)


def test_pairs_that_share_a_text_are_one_cluster(run):
    folder = run() / "benchmark"
    path = next((folder / "data").iterdir())
    rows = pq.read_table(path).to_pylist()
    by_id = {row["id"]: row for row in rows}
    by_id["h4-000"]["chosen"] = by_id["h2-003"]["chosen"]
    by_id["h5-001"]["prompt"] = by_id["h4-001"]["prompt"]
    pq.write_table(pa.Table.from_pylist(rows, contract.BENCHMARK), path)
    clusters = {pair.repo: pair.cluster for pair in read_benchmark(folder)}
    assert clusters == {f"pypi:h{i}": f"pypi:h{2 if i in (4, 5) else i}" for i in range(6)}


def test_a_published_benchmark_has_no_provenance(run):
    folder = run() / "benchmark"
    for path in (folder / "provenance").iterdir():
        path.unlink()
    (folder / "provenance").rmdir()
    pair = read_benchmark(folder)[0]
    assert (pair.repo, pair.operator) == ("", "")
    found = outcome(pair, 1.0)
    assert (found.cluster, found.operator, found.family) == (pair.id, "none", "unknown")
    assert analyse([pair], [1.0])["clusters"]["notes"][0].startswith("no provenance")


def change(folder, column, value):
    path = next((folder / "data").iterdir())
    table = pq.read_table(path)
    values = pa.array([value] * table.num_rows, pa.large_string())
    pq.write_table(table.set_column(table.schema.get_field_index(column), column, values), path)


def test_what_is_wrong_with_a_benchmark_is_named(run):
    folder = run() / "benchmark"
    change(folder, "aspect", "Beauty")
    with pytest.raises(ConfigError, match="aspect 'Beauty'"):
        read_benchmark(folder)
    change(folder, "aspect", "Security_Hardness")
    change(folder, "id", "same")
    with pytest.raises(ConfigError, match="the id same comes twice"):
        read_benchmark(folder)
    change(folder, "prompt", None)
    with pytest.raises(ConfigError, match="prompt is null in 72 rows"):
        read_benchmark(folder)
    pq.write_table(contract.BENCHMARK.empty_table(), next((folder / "data").iterdir()))
    with pytest.raises(ConfigError, match="holds no pair"):
        read_benchmark(folder)
