import math

import pytest

from pipeline.evaluation.statistics import (
    Outcome,
    clustered_interval,
    credit,
    interval,
    intervals,
    mean_interval,
    summary,
    t_quantile,
)


def one(difference, cluster, criterion="A", language="Python", operator="x", length="same length"):
    return Outcome(difference, cluster, criterion, language, operator, "defect", length)


def test_quantiles_of_the_tables():
    assert t_quantile(2) == pytest.approx(12.7062, abs=1e-4)
    assert t_quantile(21) == pytest.approx(2.0860, abs=1e-4)


def test_credit_of_ties():
    assert [credit(d, half) for half in (False, True) for d in (0.1, 0.0, -0.1)] == [1, 0, 0, 1, 0.5, 0]


def test_packages_weigh_the_same():
    # Accuracies 1, 0.5 and 0: mean 0.5, sd 0.5, t(2) = 4.3027, half-width 4.3027 * 0.5 / sqrt(3) = 1.2421.
    assert mean_interval([1.0, 0.5, 0.0]) == {"estimate": 0.5, "half_width": 1.2421, "low": 0.0, "high": 1.0}
    assert mean_interval([0.25]) == {"estimate": 0.25, "half_width": None, "low": None, "high": None}


def test_ends_are_cut_to_what_an_accuracy_can_be():
    assert interval(0.9, 0.2) == {"estimate": 0.9, "half_width": 0.2, "low": 0.7, "high": 1.0}


def test_micro_is_cluster_robust():
    # p: 3 of 4, 1 of 2, 1 of 2. Share 5/8; residual sums 0.5, -0.25, -0.25; variance 3/2 * 0.375 / 64.
    credits = {"p": [1, 1, 1, 0], "q": [1, 0], "r": [0, 1]}
    group = [(cluster, float(value)) for cluster, values in credits.items() for value in values]
    half = 4.302653 * math.sqrt(1.5 * 0.375 / 64)
    found = clustered_interval([group])
    assert found["estimate"] == 0.625
    assert found["half_width"] == pytest.approx(half, abs=1e-4)


def test_pairs_of_one_cluster_count_as_one():
    alone = [(str(i), float(i % 2)) for i in range(40)]
    together = [(str(i // 10), float(i // 10 % 2)) for i in range(40)]
    assert clustered_interval([alone])["half_width"] == pytest.approx(0.1619, abs=1e-4)
    assert clustered_interval([together])["half_width"] > 0.9


def test_macro_weighs_criteria_the_same():
    outcomes = [one(1.0, f"p{i}") for i in range(9)] + [one(-1.0, "p0", criterion="B")]
    found = summary(outcomes, macro=True)
    assert found["strict"]["micro"]["estimate"] == 0.9
    assert found["strict"]["macro"]["estimate"] == 0.5
    assert found["strict"]["macro"]["half_width"] == 0.0  # no residual inside either criterion
    assert "macro" not in summary(outcomes)["strict"]


def test_ties_are_counted_and_credited_in_half():
    found = summary([one(0.0, "p"), one(0.0, "q"), one(1.0, "q"), one(-1.0, "p")])
    assert (found["pairs"], found["clusters"], found["ties"]) == (4, 2, 2)
    assert found["strict"]["micro"]["estimate"] == 0.25
    assert found["half_credit"]["micro"]["estimate"] == 0.5


def test_few_clusters_are_noted():
    assert summary([one(1.0, "p")])["note"].startswith("1 clusters, below 20")
    assert "note" not in summary([one(1.0, str(i)) for i in range(20)])


def test_groups_of_the_file():
    outcomes = [one(1.0, "p", operator="x"), one(-1.0, "q", operator="y", criterion="B"), one(1.0, "q", language="Go")]
    found = intervals(outcomes)
    groups = [name.removeprefix("by_") for name in found]
    assert groups == ["definition", "overall", "criterion", "language", "operator", "kind", "length"]
    assert list(found["by_criterion"]) == ["A", "B"]
    assert list(found["by_language"]) == ["Python"]  # Go has one cluster
    assert found["by_operator"]["x"]["pairs"] == 2
    assert found["by_operator"]["y"]["strict"]["micro"] == {
        "estimate": 0.0, "half_width": None, "low": None, "high": None,
    }  # fmt: skip
