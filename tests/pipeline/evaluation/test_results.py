"""`results.json` against numbers worked out by hand and by pandas, in each layout of the released evaluation runs."""

import json
import os
import random
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.evaluation.leaderboard.read import read_runs
from pipeline.evaluation.results import results
from schemas import contract

ROWS = [  # id, chosen, rejected, language, aspect, subset
    ("a", 2.0, -1.0, "Python", "Runtime_Efficiency", "ECCO"),  # +3
    ("b", -0.5, -0.25, "Java", "Functional_Correctness", "RUNBUGRUN"),  # -0.25
    ("c", 1.0, 1.0, "Cpp", "Functional_Correctness", "RUNBUGRUN"),  # tie
    ("d", 0.125, 0.0, "Java", "Security_Hardness", "SECBENCH"),  # +0.125
    ("e", 4.0, 3.5, "Python", "Functional_Correctness", "RUNBUGRUN"),  # +0.5
    ("f", 0.0, 2.0, "CSharp", "Functional_Correctness", "MDEVAL"),  # -2
]


def table(rows=ROWS):
    made = [
        {
            "id": i, "chosen_score": c, "rejected_score": r, "correct": c > r, "score_diff": c - r,
            "language": language, "aspect": aspect, "subset": subset,
        }
        for i, c, r, language, aspect, subset in rows
    ]  # fmt: skip
    return pa.Table.from_pylist(made, contract.SCORES)


EXPECTED = """{
  "overall": {
    "accuracy": 0.5,
    "total_examples": 6,
    "correct_predictions": 3,
    "mean_score_difference": 0.2292,
    "median_score_difference": 0.0625,
    "std_score_difference": 1.6133
  },
  "by_aspect": {
    "Functional_Correctness": {
      "accuracy": 0.25,
      "count": 4
    },
    "Runtime_Efficiency": {
      "accuracy": 1.0,
      "count": 1
    },
    "Security_Hardness": {
      "accuracy": 1.0,
      "count": 1
    }
  },
  "by_language": {
    "CSharp": {
      "accuracy": 0.0,
      "count": 1
    },
    "Cpp": {
      "accuracy": 0.0,
      "count": 1
    },
    "Java": {
      "accuracy": 0.5,
      "count": 2
    },
    "Python": {
      "accuracy": 1.0,
      "count": 2
    }
  },
  "by_subset": {
    "ECCO": {
      "accuracy": 1.0,
      "count": 1
    },
    "MDEVAL": {
      "accuracy": 0.0,
      "count": 1
    },
    "RUNBUGRUN": {
      "accuracy": 0.3333,
      "count": 3
    },
    "SECBENCH": {
      "accuracy": 1.0,
      "count": 1
    }
  }
}"""
# mean: 1.375 / 6. std: squares 9 + 0.0625 + 0 + 0.015625 + 0.25 + 4 = 13.328125, less 6 * (1.375 / 6)^2 = 0.315104,
# over 5 = 2.602604, root 1.613259.


def test_released_keys_order_and_rounding():
    assert json.dumps(results(table()), indent=2) == EXPECTED


def test_one_row_has_no_spread():
    assert results(table(ROWS[:1]))["overall"]["std_score_difference"] == 0.0


def test_judges_that_fail_to_answer():
    failed = pa.array([False, True, False, False, False, False])
    found = results(table().append_column("parse_failed", failed))
    assert list(found) == ["overall", "by_aspect", "by_language", "by_subset", "parse_failures"]
    assert found["overall"] == {
        "accuracy": 0.5,
        "accuracy_valid_only": 0.6,
        "total_examples": 6,
        "correct_predictions": 3,
        "mean_score_difference": 0.325,
        "median_score_difference": 0.125,
        "std_score_difference": 1.7845,
        "valid_pairs": 5,
        "total_parse_failures": 1,
        "parse_failure_rate": 0.1667,
    }
    assert found["by_aspect"]["Functional_Correctness"] == {"accuracy": 0.25, "count": 4}
    assert found["parse_failures"] == 1


def test_scores_that_failed_inside_a_table_without_the_columns():
    """Fallback scores count as any other; the answers that failed are counted, not the pairs."""
    found = results(table(), no_answer=0.0)["overall"]
    assert list(found)[3:6] == ["parse_failures", "parse_failure_rate", "mean_score_difference"]
    assert (found["parse_failures"], found["parse_failure_rate"]) == (2, 0.1667)
    assert found["mean_score_difference"] == 0.2292


def test_either_side_fails_the_pair_where_only_the_sides_are_told():
    sides = table().append_column("chosen_parse_failed", pa.array([False, True, False, False, False, False]))
    sides = sides.append_column("rejected_parse_failed", pa.array([False, True, False, False, False, True]))
    found = results(sides)
    assert found["parse_failures"] == 2
    assert found["overall"]["accuracy_valid_only"] == 0.75


def test_no_pair_with_an_answer():
    found = results(table().append_column("parse_failed", pa.array([True] * 6)))["overall"]
    assert [found[f"{name}_score_difference"] for name in ("mean", "median", "std")] == [0.0, 0.0, 0.0]
    assert (found["accuracy_valid_only"], found["valid_pairs"], found["parse_failure_rate"]) == (0.0, 0, 1.0)


def test_without_subsets():
    assert results(table().drop_columns(["subset"]))["by_subset"] == {}


def test_halves_round_as_numpy_does():
    """1 of 160 is 0.00625: numpy, which made the released files, gives 0.0062; `round` gives 0.0063."""
    rows = [(f"{n:03d}", float(n == 0), 0.5, "Go", "Memory_Efficiency", "X") for n in range(160)]
    found = results(table(rows))
    assert found["overall"]["accuracy"] == 0.0062 == found["by_language"]["Go"]["accuracy"]
    assert round(1 / 160, 4) == 0.0063


def independent(frame):
    """The released shape by pandas alone."""
    failed = frame.get("parse_failed")
    valid = frame if failed is None else frame[~failed]
    difference = valid["score_diff"]
    overall = {"accuracy": round(frame["correct"].mean(), 4)}
    if failed is not None:
        overall["accuracy_valid_only"] = round(valid["correct"].mean(), 4)
    overall |= {
        "total_examples": len(frame),
        "correct_predictions": int(frame["correct"].sum()),
        "mean_score_difference": round(difference.mean(), 4),
        "median_score_difference": round(difference.median(), 4),
        "std_score_difference": round(difference.std(), 4),
    }
    if failed is not None:
        lost = int(failed.sum())
        overall |= {"valid_pairs": len(valid), "total_parse_failures": lost, "parse_failure_rate": lost / len(frame)}
        overall["parse_failure_rate"] = round(overall["parse_failure_rate"], 4)
    found = {"overall": overall}
    for name in ("aspect", "language", "subset"):
        groups = frame.groupby(name)["correct"].agg(["mean", "count"]).round(4)
        found[f"by_{name}"] = {
            key: {"accuracy": mean, "count": int(count)}
            for key, mean, count in zip(groups.index, groups["mean"], groups["count"], strict=True)
        }
    if failed is not None:
        found["parse_failures"] = int(failed.sum())
    return found


@pytest.mark.parametrize("judged", [False, True])
@pytest.mark.parametrize("strings", ["string", "large_string"])
def test_against_pandas(tmp_path, judged, strings):
    """A file as pandas writes it: ids as the index, null scores where a judge gave none."""
    draw = random.Random(7)
    frame = pd.DataFrame(
        {
            "chosen_score": [draw.choice([draw.gauss(0.3, 2), 3.0]) for _ in range(700)],
            "rejected_score": [draw.choice([draw.gauss(0, 2), 3.0]) for _ in range(700)],
            "language": [draw.choice(["Cpp", "Go", "Ruby"]) for _ in range(700)],
            "aspect": [draw.choice(["Memory_Efficiency", "Security_Hardness"]) for _ in range(700)],
            "subset": [draw.choice(["A", "B", "C", "D"]) for _ in range(700)],
            "id": [f"{draw.getrandbits(60):x}" for _ in range(700)],
        }
    )
    frame["correct"] = frame["chosen_score"] > frame["rejected_score"]
    frame["score_diff"] = frame["chosen_score"] - frame["rejected_score"]
    if judged:
        sides = {side: pd.Series([draw.random() < 0.1 for _ in range(700)]) for side in ("chosen", "rejected")}
        frame["parse_failed"] = sides["chosen"] | sides["rejected"]
        for side, failed in sides.items():
            frame[f"{side}_parse_failed"] = failed
            frame.loc[failed, f"{side}_score"] = None
        frame.loc[frame["parse_failed"], ["correct", "score_diff"]] = [False, 0.0]
    written = pa.Table.from_pandas(frame.set_index("id"))
    for name in ("language", "aspect", "subset", "id"):
        column = written.column_names.index(name)
        written = written.set_column(column, name, written[name].cast(getattr(pa, strings)()))
    (tmp_path / "judge").mkdir()
    pq.write_table(written, tmp_path / "judge" / "scores.parquet")
    (run,) = read_runs([tmp_path])
    assert json.dumps(results(run.scores), indent=2) == json.dumps(independent(frame), indent=2)


PUBLISHED = os.environ.get("THEMIS_PUBLISHED_RUNS")


@pytest.mark.skipif(PUBLISHED is None, reason="THEMIS_PUBLISHED_RUNS names no folder of published runs")
def test_published_runs_to_the_last_byte():
    runs = read_runs([Path(str(PUBLISHED))])
    published = {run.name: (run.folder / "results.json").read_text() for run in runs}
    assert {run.name: json.dumps(results(run.scores, run.no_answer), indent=2) for run in runs} == published
