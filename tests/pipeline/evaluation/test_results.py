"""`results.json` against numbers worked out by hand, in the shape of the released evaluation runs."""

import json

import pyarrow as pa

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
