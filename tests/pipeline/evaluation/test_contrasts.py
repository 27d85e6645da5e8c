import math

import pyarrow as pa
import pytest

from pipeline.evaluation.contrasts import Contrast, Group, every_two, outcomes_of, read_contrasts, run_contrasts
from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.evaluation.statistics import Outcome
from schemas import contract
from schemas.errors import ConfigError


def model(rights, kind="defect", criterion="A"):
    return {
        str(i): Outcome(1.0 if right else -1.0, f"c{i}", criterion, "Python", "x", kind, "same length")
        for i, right in enumerate(rights)
    }


GOOD, BAD = model([1] * 9 + [0]), model([0] * 9 + [1])


def test_models_are_compared_on_the_same_pairs():
    declared = [
        Contrast(name="good beats bad", a=Group(model="good"), b=Group(model="bad")),
        Contrast(name="bad beats good", a=Group(model="bad"), b=Group(model="good")),
    ]
    rows = run_contrasts(declared, {"good": GOOD, "bad": BAD})["rows"]
    assert [row["name"] for row in rows] == ["good beats bad", "bad beats good"]
    assert [row["difference"]["estimate"] for row in rows] == [0.8, -0.8]
    # Nine clusters differ by +1 and one by -1: |sum| 8 or more in 2 * (1 + 10) of 1024 flips; twice that by Holm.
    assert [row["p"] for row in rows] == pytest.approx([22 / 1024] * 2, abs=1e-6)
    assert [row["p_holm"] for row in rows] == pytest.approx([44 / 1024] * 2, abs=1e-6)
    assert [row["holds"] for row in rows] == [True, False]


def test_groups_of_pairs_are_compared_in_one_model():
    whole = GOOD | {f"flip{key}": one for key, one in model([0] * 10, kind="flip").items()}
    declared = [Contrast(name="defects are easier", a=Group(kind="defect"), b=Group(kind="flip"))]
    row = run_contrasts(declared, {"": whole})["rows"][0]
    assert (row["pairs"], row["other_pairs"], row["difference"]["estimate"]) == (10, 10, 0.9)
    assert row["holds"]


def test_every_two_models_on_what_both_have():
    part = {key: one for key, one in GOOD.items() if key != "9"}
    found = every_two({"part": part, "bad": BAD, "good": GOOD})["rows"]
    assert [(row["name"], row["pairs"]) for row in found] == [
        ("part beats bad", 9), ("part beats good", 9), ("bad beats good", 10),
    ]  # fmt: skip
    with pytest.raises(ConfigError, match="a and b have no pair in common"):
        every_two({"a": {"x": GOOD["1"]}, "b": {"y": GOOD["1"]}})


def test_a_contrast_that_can_not_be_made_is_named():
    def run(a, b):
        run_contrasts([Contrast(name="x", a=a, b=b)], {"good": GOOD, "part": {"1": GOOD["1"]}})

    with pytest.raises(ConfigError, match=r"'x': no model 'best'; there are 'good', 'part'"):
        run(Group(model="best"), Group(model="good"))
    with pytest.raises(ConfigError, match=r"no pair matches .*'criterion': 'B'"):
        run(Group(model="good", criterion="B"), Group(model="good"))
    with pytest.raises(ConfigError, match="good and part have scores of different pairs"):
        run(Group(model="good"), Group(model="part"))


def test_a_file_of_contrasts(tmp_path):
    path = tmp_path / "contrasts.yaml"
    path.write_text("contrasts:\n- name: one\n  a: {model: pm, criterion: A}\n  b: {model: pt, criterion: A}\n")
    assert read_contrasts(path) == (
        Contrast(name="one", a=Group(model="pm", criterion="A"), b=Group(model="pt", criterion="A")),
    )
    path.write_text("contrasts:\n- {name: one, a: {}, b: {}}\n- {name: one, a: {}, b: {}}\n")
    with pytest.raises(ConfigError, match="the name 'one' comes twice"):
        read_contrasts(path)
    path.write_text("contrasts:\n- {name: one, a: {criterium: A}, b: {}}\n")
    with pytest.raises(ConfigError, match=r"contrasts\.0\.a\.criterium: unknown key"):
        read_contrasts(path)
    path.write_text("contrasts: []\n")
    with pytest.raises(ConfigError, match="at least 1 item"):
        read_contrasts(path)


def test_outcomes_of_a_table_of_scores():
    rows = [
        {"id": "1", "chosen_score": 2.0, "rejected_score": 1.0, "correct": True, "score_diff": 1.0},
        {"id": "2", "chosen_score": None, "rejected_score": 1.0, "correct": False, "score_diff": 0.0},
    ]
    same = {"language": "Go", "aspect": "Security_Hardness", "subset": "S"}
    table = pa.Table.from_pylist([row | same for row in rows], contract.SCORES)
    pair = BenchmarkPair("1", "p", "long", "r", "Go", "Security_Hardness", "S", "security_hardness", cluster="c")
    plain = outcomes_of(table)
    assert (plain["1"].cluster, plain["1"].kind, plain["2"].difference) == ("1", "unknown", 0.0)
    judged = outcomes_of(table.append_column("parse_failed", pa.array([False, True])), [pair])
    assert (judged["1"].cluster, judged["1"].length) == ("c", "chosen is longer")
    assert math.isnan(judged["2"].difference)
