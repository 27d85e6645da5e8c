import math

import numpy as np
import pytest

from pipeline.evaluation.bootstrap import percentiles, resampled
from pipeline.evaluation.statistics import (
    Outcome,
    clustered_interval,
    credit,
    interval,
    intervals,
    mean_interval,
    share,
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
    assert groups == ["definition", "overall", "criterion", "language", "operator", "kind", "length", "family"]
    assert list(found["by_criterion"]) == ["A", "B"]
    assert list(found["by_language"]) == ["Python"]  # Go has one cluster
    assert found["by_operator"]["x"]["pairs"] == 2
    assert found["by_operator"]["y"]["strict"]["micro"] == {
        "estimate": 0.0, "half_width": None, "low": None, "high": None,
    }  # fmt: skip


def test_a_pair_without_scores_is_wrong_and_no_tie():
    found = summary([one(math.nan, "p"), one(0.0, "q"), one(1.0, "r"), one(1.0, "r")])
    assert (found["pairs"], found["ties"], found["missing"]) == (4, 1, 1)
    assert found["strict"]["micro"]["estimate"] == 0.5
    assert found["half_credit"]["micro"]["estimate"] == 0.625
    assert "missing" not in summary([one(0.0, "q")])


def test_resampled_sums_are_of_whole_clusters():
    columns = np.array([[1.0, 10.0], [1.0, 20.0], [1.0, 40.0]])
    drawn = resampled(columns, draws=500)
    assert drawn.shape == (500, 2)
    assert (drawn[:, 0] == 3).all()
    possible = {a + b + c for a in (10, 20, 40) for b in (10, 20, 40) for c in (10, 20, 40)}
    assert set(drawn[:, 1]) == possible
    assert (resampled(columns, draws=500) == drawn).all()
    assert (resampled(columns, draws=500, seed=1) != drawn).any()


def test_blocks_of_draws_are_the_draws_of_one_block(monkeypatch):
    columns = np.arange(14.0).reshape(7, 2)
    whole = resampled(columns, draws=50)
    monkeypatch.setattr("pipeline.evaluation.bootstrap._CELLS", 7 * 8)
    assert (resampled(columns, draws=50) == whole).all()


def test_percentiles_leave_out_draws_that_are_nothing():
    assert percentiles(np.array([*range(101), math.nan], dtype=float)) == pytest.approx((2.5, 97.5))


def plain_bootstrap(credits_by_cluster, draws, seed):
    """Independent of the code: draws cluster by cluster, and pools their pairs."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        taken = [credits_by_cluster[i] for i in rng.integers(0, len(credits_by_cluster), len(credits_by_cluster))]
        found.append(np.concatenate(taken).mean())
    return np.quantile(found, [0.025, 0.975])


def test_the_bootstrap_is_that_of_pooled_clusters():
    rng = np.random.default_rng(0)
    clusters = [(rng.random(rng.integers(1, 40)) < 0.3 + 0.5 * rng.random()).astype(float) for _ in range(25)]
    outcomes = [one(1.0 if value else -1.0, str(i)) for i, values in enumerate(clusters) for value in values]
    found = summary(outcomes)["strict"]["micro"]
    low, high = plain_bootstrap(clusters, 4000, 1)
    assert found["bootstrap_low"] == pytest.approx(low, abs=0.012)
    assert found["bootstrap_high"] == pytest.approx(high, abs=0.012)


def test_macro_leaves_out_criteria_that_a_draw_lacks():
    outcomes = [one(1.0, f"p{i}") for i in range(5)] + [one(-1.0, "q", criterion="B")]
    found = summary(outcomes, macro=True)["strict"]["macro"]
    assert (found["estimate"], found["bootstrap_low"], found["bootstrap_high"]) == (0.5, 0.5, 1.0)


def test_share_is_the_summary_of_one_group():
    values, clusters = [1.0, 0.0, 0.5, 1.0], ["a", "a", "b", "c"]
    outcomes = [one(value - 0.5 or 0.0, cluster) for value, cluster in zip([1, 0, 0.5, 1], clusters, strict=True)]
    found, whole = share(values, clusters), summary(outcomes)
    assert {name: found[name] for name in ("packages", "micro")} == whole["half_credit"]
    assert (found["pairs"], found["clusters"]) == (4, 3)


def test_intervals_cover_what_they_should():
    # 40 clusters of unlike sizes whose own accuracies vary about 0.7: both intervals should hold 0.7 in about 95 of
    # 100 data sets, and an interval that took pairs for independent would not.
    rng = np.random.default_rng(3)
    held = {"t": 0, "bootstrap": 0, "pairs": 0}
    trials = 120
    for _ in range(trials):
        values, clusters = [], []
        for cluster in range(40):
            size, rate = rng.integers(2, 30), rng.beta(3.5, 1.5)
            values += list((rng.random(size) < rate).astype(float))
            clusters += [str(cluster)] * size
        found = share(values, clusters)["packages"]
        held["t"] += found["low"] <= 0.7 <= found["high"]
        held["bootstrap"] += found["bootstrap_low"] <= 0.7 <= found["bootstrap_high"]
        half = 1.96 * math.sqrt(0.7 * 0.3 / len(values))
        held["pairs"] += abs(np.mean(values) - 0.7) <= half
    assert held["t"] / trials >= 0.9
    assert held["bootstrap"] / trials >= 0.88
    assert held["pairs"] / trials <= 0.85
