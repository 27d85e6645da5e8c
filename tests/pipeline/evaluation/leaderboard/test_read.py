"""Any folder with scores is read; a broken one is refused in words that name it and the way out."""

import json
import math

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.evaluation.leaderboard.names import family_of, parameters_of, size_of
from pipeline.evaluation.leaderboard.read import read_run, read_runs
from schemas import contract
from schemas.errors import ConfigError
from tests.pipeline.evaluation.leaderboard.scored import rows, save


def refused(folder, table=None):
    if table is not None:
        save(folder, table)
    with pytest.raises(ConfigError) as caught:
        read_runs([folder])
    assert str(folder) in str(caught.value)
    return str(caught.value)


def changed(**values):
    made = rows(6)
    made[3] |= values
    return made


def test_folders_of_any_depth_come_by_name(tmp_path):
    for name in ("b", "c"):
        save(tmp_path / "many" / name, rows(6))
    save(tmp_path / "a", rows(6))
    save(tmp_path / "run" / "evaluation" / "nano", rows(6))
    (tmp_path / "many" / "notes").mkdir()
    found = read_runs([tmp_path / "run", tmp_path / "many", tmp_path / "a"])
    assert [run.name for run in found] == ["a", "b", "c", "nano"]


def test_rows_are_ordered_by_id_and_types_are_those_of_the_contract(tmp_path):
    table = pa.Table.from_pylist(list(reversed(rows(9))), contract.SCORES)
    table = table.set_column(5, "language", table["language"].dictionary_encode())
    table = table.set_column(6, "aspect", table["aspect"].cast(pa.large_string()))
    table = table.append_column("note", pa.array(range(9)))
    found = read_run(save(tmp_path / "m", table)).scores
    assert found.schema.remove_metadata() == contract.SCORES
    assert found.to_pylist() == rows(9)


def test_float32_scores_and_no_subset(tmp_path):
    table = pa.Table.from_pylist(rows(50), contract.SCORES).drop_columns(["subset"])
    for place, name in ((1, "chosen_score"), (2, "rejected_score"), (4, "score_diff")):
        table = table.set_column(place, name, table[name].cast(pa.float32()))
    found = read_run(save(tmp_path / "m", table)).scores
    assert "subset" not in found.column_names
    assert found["chosen_score"].type == pa.float64()


@pytest.mark.parametrize(
    "spellings",
    [("parse_failed",), ("chosen_parse_failed", "rejected_parse_failed"), ("parse_failed", "chosen_parse_failed")],
)
def test_failures_under_any_spelling(tmp_path, spellings):
    made = rows(6)
    for number, row in enumerate(made):
        row |= {"chosen_score": None, "score_diff": 0.0, "correct": False} if number == 2 else {}
    table = pa.Table.from_pylist(made, contract.SCORES)
    for name in spellings:
        table = table.append_column(name, pa.array([n == 2 and not name.startswith("rejected") for n in range(6)]))
    found = read_run(save(tmp_path / "judge", table)).scores
    assert found["parse_failed"].to_pylist() == [False, False, True, False, False, False]
    assert found.column_names == [*contract.SCORES.names, "parse_failed"]


def test_no_scores(tmp_path):
    (tmp_path / "empty").mkdir()
    assert "holds no scores.parquet" in refused(tmp_path / "empty")
    assert "no such folder" in refused(tmp_path / "nowhere")


def test_results_without_the_scores_that_they_are_of(tmp_path):
    save(tmp_path / "m" / "whole", rows(6))
    (tmp_path / "m" / "lost").mkdir()
    (tmp_path / "m" / "lost" / "results.json").write_text("{}")
    with pytest.raises(ConfigError, match=r"lost: has results\.json and no scores\.parquet"):
        read_runs([tmp_path / "m"])


def test_two_folders_of_one_name(tmp_path):
    one, other = save(tmp_path / "x" / "nano", rows(6)), save(tmp_path / "y" / "nano", rows(6))
    with pytest.raises(ConfigError, match="have one name, nano") as caught:
        read_runs([one, other])
    assert str(one) in str(caught.value)
    assert str(other) in str(caught.value)


def test_an_empty_table(tmp_path):
    assert "holds no pair" in refused(tmp_path / "m", [])


def test_an_id_twice(tmp_path):
    assert "the id pair-0001 comes twice" in refused(tmp_path / "m", changed(id="pair-0001"))


def test_a_missing_column(tmp_path):
    table = pa.Table.from_pylist(rows(6), contract.SCORES).drop_columns(["aspect", "correct"])
    assert "has no column correct, aspect" in refused(tmp_path / "m", table)


@pytest.mark.parametrize("value", [math.nan, math.inf, None])
@pytest.mark.parametrize("name", ["chosen_score", "rejected_score", "score_diff"])
def test_a_score_that_is_no_number(tmp_path, name, value):
    told = refused(tmp_path / "m", changed(**{name: value}))
    assert "pair-0003 has" in told
    assert "must be finite; a pair without a score is marked in the column parse_failed" in told


def test_columns_that_contradict_each_other(tmp_path):
    wrong = not rows(6)[3]["correct"]
    assert "correct must say whether" in refused(tmp_path / "m", changed(correct=wrong))
    assert "score_diff must be chosen_score less" in refused(tmp_path / "n", changed(score_diff=7.5))
    failed = pa.Table.from_pylist(changed(correct=True), contract.SCORES)
    failed = failed.append_column("parse_failed", pa.array([n == 3 for n in range(6)]))
    assert "correct must say whether" in refused(tmp_path / "o", failed)


def test_a_missing_label(tmp_path):
    assert "1 rows have no language" in refused(tmp_path / "m", changed(language=None))


def test_a_column_of_another_type(tmp_path):
    table = pa.Table.from_pylist(rows(6), contract.SCORES)
    table = table.set_column(1, "chosen_score", pa.array(["high"] * 6))
    assert "the column chosen_score is string, must be double" in refused(tmp_path / "m", table)


def test_a_file_that_is_no_parquet(tmp_path):
    (tmp_path / "scores.parquet").write_bytes(b"id,chosen_score\n")
    assert "can't be read as Parquet" in refused(tmp_path)


def test_a_file_cut_short(tmp_path):
    whole = (save(tmp_path, rows(200)) / "scores.parquet").read_bytes()
    (tmp_path / "scores.parquet").write_bytes(whole[:-100])
    assert "can't be read as Parquet" in refused(tmp_path)


def test_intervals_of_other_scores(tmp_path):
    folder = save(tmp_path / "m", rows(6))
    (folder / "intervals.json").write_text(json.dumps({"overall": {"pairs": 7}}))
    assert "is of 7 pairs, scores.parquet holds 6" in refused(folder)
    (folder / "intervals.json").write_text("[]")
    assert "a JSON object is expected, not list" in refused(folder)
    (folder / "intervals.json").write_text('{"overall": ')
    assert "not JSON" in refused(folder)


def test_size_of_a_model_of_ours_is_in_its_training_summary(tmp_path):
    folder = save(tmp_path / "evaluation" / "nano", rows(6))
    assert read_run(folder).parameters is None
    (tmp_path / "models" / "nano").mkdir(parents=True)
    (tmp_path / "models" / "nano" / "training.json").write_text('{"parameters": 1049856}')
    assert read_run(folder).parameters == 1_049_856


def test_a_table_that_hides_its_failures_is_known_by_its_name(tmp_path):
    assert read_run(save(tmp_path / "LMUnit-qwen2.5-72b", rows(6))).no_answer == 0.0
    assert read_run(save(tmp_path / "other", rows(6))).no_answer is None


def test_a_hive_like_folder_adds_no_column(tmp_path):
    folder = save(tmp_path / "seed=3", rows(6))
    assert read_run(folder).scores.column_names == pq.read_schema(folder / "scores.parquet").names


@pytest.mark.parametrize(
    ("name", "parameters", "family"),
    [
        ("Themis-RM-0.6B", 600_000_000, "Themis-RM"),
        ("internlm2-1_8-b-reward", 1_800_000_000, "internlm2-reward"),
        ("internlm2-7b-reward-code-100k", 7_000_000_000, "internlm2-reward-code-100k"),
        ("LMUnit-qwen2.5-72b", 72_000_000_000, "LMUnit-qwen2.5"),
        ("Llama-3.1-8B-Instruct-RM-RB2", 8_000_000_000, "Llama-3.1-Instruct-RM-RB2"),
        ("R3-Qwen3-14B-14k", 14_000_000_000, "R3-Qwen3-14k"),
        ("Qwen3-30B-A3B-RM", 30_000_000_000, "Qwen3-A3B-RM"),
        ("smollm2-135m", 135_000_000, "smollm2"),
        ("FsfairX-LLaMA3-RM-v0.1", 8_000_000_000, "FsfairX-LLaMA3-RM-v0.1"),
        ("GRM-v2-3beta", None, "GRM-v2-3beta"),
        ("nano", None, "nano"),
        ("7B", 7_000_000_000, "7B"),
    ],
)
def test_sizes_and_families_in_names(name, parameters, family):
    assert parameters_of(name) == parameters
    assert family_of(name) == family


def test_sizes_in_words():
    sizes = (None, 1_049_856, 135e6, 600e6, 1.8e9, 72e9, 4_000)
    assert [size_of(one) for one in sizes] == ["–", "1.05M", "135M", "0.6B", "1.8B", "72B", "4,000"]
