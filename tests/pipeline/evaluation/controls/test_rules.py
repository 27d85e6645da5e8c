"""Flips, placebos, order of the sides, training x testing, left out: what is computed from scores and provenance."""

import math

import numpy as np
import pytest

from pipeline.evaluation import bag
from pipeline.evaluation.controls.before_after import NEWER, ORIGINAL, order_bag, order_rule
from pipeline.evaluation.controls.flips import both_right, couples, flips
from pipeline.evaluation.controls.left_out import families, left_out, operators, several
from pipeline.evaluation.controls.placebos import banded, placebos
from pipeline.evaluation.controls.train_by_test import bags, part, train_by_test
from pipeline.evaluation.pairs import BenchmarkPair, family_of
from pipeline.training.pairs import TrainingPair
from synthesis.mutations import BY_NAME, HELD_OUT


def pair(number, chosen="a", rejected="b", criterion="security_hardness", **more):
    given = {"prompt": "p", "language": "Go", "aspect": criterion, "subset": "S", "cluster": f"c{number}"} | more
    return BenchmarkPair(id=str(number), chosen=chosen, rejected=rejected, criterion=criterion, **given)


FLIPS = [
    pair(0, "a", "b", kind="flip"),
    pair(1, "c", "d", kind="flip"),
    pair(2, "b", "a", "functional_correctness", kind="flip"),
    pair(3, "x", "y", kind="flip"),  # its other half is not there
    pair(4, "d", "c", "functional_correctness", kind="flip"),
    pair(5, "d", "c", "functional_correctness", prompt="another", kind="defect"),
    pair(6, "y", "x", kind="defect"),  # the other way round, but by the same criterion
]


def test_flips_are_found_by_their_texts():
    assert couples(FLIPS) == [(0, 2), (1, 4)]


def test_both_sides_of_a_flip_must_be_right():
    values, clusters = both_right(FLIPS, [1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    assert (values, clusters) == ([1.0, 0.0], ["c0", "c1"])
    found = flips(FLIPS, [1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0])
    assert (found["flips"], found["halves_alone"], found["chance"]) == (2, 1, 0.25)
    assert found["both_right"]["micro"]["estimate"] == 0.5
    assert (found["one_right"], found["none_right"], found["at_its_accuracy"]) == (0.5, 0.0, 0.5)
    assert flips(FLIPS[3:4], [1.0]) is None


def test_a_model_that_does_not_read_the_criterion_has_no_flip_right():
    worth = {"a": 3.0, "b": 1.0, "c": 2.0, "d": 2.5, "x": 0.0, "y": 0.0}
    found = flips(FLIPS, [worth[one.chosen] - worth[one.rejected] for one in FLIPS])
    assert (found["both_right"]["micro"]["estimate"], found["one_right"]) == (0.0, 1.0)


def test_placebos_give_a_band_of_no_difference():
    ties = [pair(i, edited="chosen" if i % 2 else "rejected") for i in range(21)]
    differences = [0.1 * i * (1 if i % 2 else -1) for i in range(21)]  # the edited side is above, but for a tie at 0
    bench = [pair(i) for i in range(4)]
    found = placebos(ties, differences, bench, [5.0, 1.9, -1.0, -3.0])
    assert found["edited_wins"]["micro"]["estimate"] == round(20.5 / 21, 4)
    assert found["ties"] == 1
    assert found["margins"] == pytest.approx({"0.5": 1.0, "0.9": 1.8, "0.95": 1.9})
    assert found["inside"] == 0.5
    assert found["outside"]["micro"]["estimate"] == 0.5
    assert found["banded"]["micro"]["estimate"] == 0.5
    assert found["benchmark_margins"]["0.5"] == pytest.approx(np.median([5.0, 1.9, 1.0, 3.0]))
    assert "note" not in found
    assert list(found["by_criterion"]) == ["security_hardness"]


def test_placebos_without_scores_are_left_out():
    ties, bench = [pair(0, edited="chosen"), pair(1)], [pair(2)]
    found = placebos(ties, [math.nan, -2.0], bench, [1.0])
    assert (found["placebos"], found["scored"], found["band"]) == (2, 1, 2.0)
    assert "edited_wins" not in found  # of the one with scores it is not known which side was edited
    assert found["note"].startswith("1 placebos, below 20")
    assert placebos(ties, [math.nan, math.nan], bench, [1.0]) is None
    assert placebos(ties, [1.0, 1.0], bench, [math.nan]) is None
    assert placebos([], [], bench, [1.0]) is None


def test_a_missing_pair_is_outside_the_band_and_wrong():
    found = banded([pair(i) for i in range(4)], [math.nan, 0.5, 2.0, 2.0], 1.0)
    assert found["inside"] == 0.25
    assert found["outside"]["micro"]["estimate"] == round(2 / 3, 4)
    assert found["banded"]["micro"]["estimate"] == 2.5 / 4
    assert banded([pair(0)], [0.5], 1.0)["outside"] is None


def test_the_order_of_the_sides_as_a_rule():
    kinds = ["change", "reversed", "defect", "chain", "repair", "flip", ""]
    rows = [pair(i, kind=kind) for i, kind in enumerate(kinds)]
    assert order_rule(rows, NEWER) == [1, -1, 0, 0, 0, 0, 0]
    assert order_rule(rows, ORIGINAL) == [0, 0, 1, 1, -1, 0, 0]


def training(chosen, rejected, operator="x", repo="r", criterion="security_hardness"):
    return TrainingPair(f"{chosen}>{rejected}", None, "p", chosen, rejected, criterion, repo, operator)


def test_a_bag_of_the_order_sees_no_label():
    # Newer sides have `new`: on top in changes, at the bottom in reversed pairs. The label is right 4 of 6 times.
    rows = [training("f ( new )", "f ( old )")] * 4 + [training("f ( old )", "f ( new )")] * 2
    kinds = ["change"] * 4 + ["reversed"] * 2
    bench = [pair(0, "g ( new )", "g ( old )"), pair(1, "g ( old )", "g ( new )"), pair(2, "g", "h")]
    bench.append(pair(3, "g ( new )", "g ( old )", "memory_efficiency"))
    used, found = order_bag(rows, kinds, bench, NEWER)
    assert used == 6
    assert found[0] > 0.5 > -0.5 > found[1] and found[2] == 0
    assert found[0] == pytest.approx(-found[1])
    assert found[3] == found[0]  # the criterion is not seen either
    assert order_bag(rows, ["defect"] * 6, bench, NEWER) is None
    assert order_bag([training("a", "a")] * 3, ["change"] * 3, bench, NEWER) is None  # nothing differs


def test_parts_of_training_and_testing():
    kinds = ["defect", "change", "flip", "reversed", "chain", "repair", ""]
    assert part(kinds, "mutants") == [0, 2, 4, 5]
    assert part(kinds, "commits") == [1, 3]
    assert part(kinds, "both") == [0, 1, 2, 3, 4, 5, 6]


def test_a_bag_is_trained_on_each_part_and_measured_on_each():
    mutants = [training(f"v{i} <", f"v{i} <=") for i in range(8)]
    commits = [training(f"v{i} new", f"v{i} old") for i in range(8)]
    words = bag.make([*mutants, *commits])
    bench = [pair(0, "z <", "z <=", kind="defect"), pair(1, "z new", "z old", kind="change")]
    found = bags(words, ["defect"] * 8 + ["change"] * 8, bench)
    shares = {
        name: {test: one["half_credit"]["micro"]["estimate"] for test, one in row.items() if test != "training_pairs"}
        for name, row in found.items()
    }
    assert shares == {
        "mutants": {"mutants": 1.0, "commits": 0.5, "both": 0.75},
        "commits": {"mutants": 0.5, "commits": 1.0, "both": 0.75},
        "both": {"mutants": 1.0, "commits": 1.0, "both": 1.0},
    }
    assert [found[name]["training_pairs"] for name in shares] == [8, 8, 16]
    assert bags(words, ["defect"] * 16, bench)["commits"] is None


def test_tables_of_scores_are_measured_on_each_part():
    bench = [pair(0, kind="defect"), pair(1, kind="change"), pair(2, kind="change")]
    found = train_by_test(bench, {"pm_mutants": [1.0, -1.0, 0.0], "pm_commits": [-1.0, 1.0, 1.0]})
    assert {
        name: {test: one["half_credit"]["micro"]["estimate"] for test, one in row.items()}
        for name, row in found.items()
    } == {
        "pm_mutants": {"mutants": 1.0, "commits": 0.25, "both": 0.5},
        "pm_commits": {"mutants": 0.0, "commits": 1.0, "both": 0.6667},
    }


def test_operators_and_their_families():
    name, one = next((name, one) for name, one in BY_NAME.items() if one.family != name)
    assert operators(f"{name}+commit/before") == {name, "commit/before"}
    assert families(f"{name}+commit/before") == {one.family}
    relatives = [other for other, its in BY_NAME.items() if its.family == one.family]
    rows = [pair(i, operator=other) for i, other in enumerate(relatives[:2])]
    assert several(rows) == {one.family}
    assert several(rows[:1]) == frozenset()


def test_families_held_out_of_training_are_told():
    held = next(name for name, one in BY_NAME.items() if one.family in HELD_OUT)
    shown = next(name for name, one in BY_NAME.items() if one.family not in HELD_OUT)
    assert [family_of(pair(0, operator=text)) for text in (held, shown, f"{held}+{shown}", "")] == [
        "held out", "shown", "held out", "unknown",
    ]  # fmt: skip


def test_the_bag_is_trained_without_what_is_left_out():
    # `one` and `two` share a family of words: without both, `<=` was never seen.
    rows = (
        [training("v <", "v <=", "one")] * 3 + [training("w <", "w <=", "two")] * 3 + [training("new", "old", "z")] * 3
    )
    bench = [pair(0, "q <", "q <=", operator="one"), pair(1, "q <", "q <=", operator="two")]
    words = bag.make(rows)
    events = []
    alone = left_out(words, rows, bench, 1, events.append)
    assert {name: (one["training_pairs"], one["strict"]["micro"]["estimate"]) for name, one in alone.items()} == {
        "one": (6, 1.0), "two": (6, 1.0),
    }  # fmt: skip
    assert events[-1] == {"stage": "left_out_operator", "step": 2, "steps": 2}
    family = {"one": frozenset({"f"}), "two": frozenset({"f"}), "z": frozenset({"g"})}
    together = left_out(words, rows, bench, 1, events.append, "families", family.__getitem__)
    assert (together["f"]["training_pairs"], together["f"]["ties"]) == (3, 2)
    assert left_out(words, rows, bench, 3, events.append) == {}
    assert left_out(words, rows, bench, 1, events.append, only=frozenset({"two"})).keys() == {"two"}
