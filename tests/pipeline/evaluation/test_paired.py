import itertools

import numpy as np
import pytest

from pipeline.evaluation.paired import Side, compare, corrected, holm, sign_flip


def test_all_flips_of_few_clusters():
    given = [0.3, -0.1, 0.25, 0.4, 0.05]
    totals = [
        abs(sum(s * d for s, d in zip(signs, given, strict=True))) for signs in itertools.product((1, -1), repeat=5)
    ]
    expected = sum(total >= sum(given) - 1e-12 for total in totals) / 32
    p, method = sign_flip(given)
    assert p == pytest.approx(expected)
    assert method == "exact, 32 sign flips"


def test_clusters_that_agree_reach_the_least_p():
    assert sign_flip([1.0] * 6)[0] == pytest.approx(2 / 64)
    assert sign_flip([1.0] * 6 + [0.0] * 50)[0] == pytest.approx(2 / 64)  # those of no difference say nothing
    assert sign_flip([0.0, 0.0]) == (1.0, "exact, no cluster differs")


def test_many_clusters_are_flipped_at_random_but_the_same_each_time():
    rng = np.random.default_rng(0)
    given = rng.normal(0.12, 1.0, 60)
    p, method = sign_flip(given)
    assert method == "10000 seeded sign flips"
    assert sign_flip(given)[0] == p
    signs = np.random.default_rng(99).choice([-1.0, 1.0], (40_000, 60))
    assert p == pytest.approx(float((np.abs(signs @ given) >= abs(given.sum())).mean()), abs=0.015)
    assert sign_flip([1.0] * 17)[0] == pytest.approx(1 / 10_001, abs=2e-4)


def test_holm_by_hand():
    # Sorted .01 .02 .03 .04, times 4, 3, 2, 1: .04 .06 .06 .04, and never falling: .04 .06 .06 .06.
    assert holm([0.04, 0.01, 0.03, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1.0, 1.0]
    assert holm([]) == []


def test_paired_difference_of_two_models_by_hand():
    # Clusters p (3 pairs) and q (1), r (1): differences 1, 0, 1 | 0 | -1: sum 1 of 5.
    a, b = [1.0, 1.0, 1.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0, 1.0]
    clusters = ["p", "p", "p", "q", "r"]
    found = compare("a beats b", Side(a, clusters), Side(b, clusters))
    mean = 0.2
    residuals = [2 - 3 * mean, 0 - mean, -1 - mean]
    half = 4.302653 * (3 / 2 * sum(r**2 for r in residuals) / 25) ** 0.5
    assert found.difference["estimate"] == mean
    assert found.difference["half_width"] == pytest.approx(half, abs=1e-4)
    assert (found.difference["low"], found.difference["high"]) == (-1.0, 1.0)
    assert found.difference["bootstrap_low"] == pytest.approx(-1.0)
    assert found.p == 1.0  # of +2 and -1, each flip of signs gives 1 or 3
    assert (found.clusters, found.pairs) == (3, (5, 5))


def test_pairs_of_both_models_are_compared_whatever_their_level():
    # A level that both share cancels: the same p whether they are right on the other pairs or wrong.
    clusters = [str(i) for i in range(10)] * 2
    won = [1.0] * 10
    for rest in ([0.0] * 10, [1.0] * 10):
        found = compare("x", Side(won + rest, clusters), Side([0.0] * 10 + rest, clusters))
        assert found.p == pytest.approx(2 / 1024)
        assert found.holds


def test_two_groups_of_pairs_are_compared_about_their_common_mean():
    easy = Side([1.0] * 27 + [0.0] * 3, [str(i % 10) for i in range(30)])
    hard = Side([1.0] * 3 + [0.0] * 27, [str(i % 10) for i in range(30)])
    found = compare("easy above hard", easy, hard)
    assert found.difference["estimate"] == 0.8
    assert found.holds
    assert not compare("hard above easy", hard, easy).holds  # different, but below
    same = compare("easy above itself", easy, easy)
    assert (same.p, same.difference["half_width"], same.holds) == (1.0, 0.0, False)


def test_a_claim_says_when_it_can_not_hold():
    side = Side([1.0] * 4, ["a", "b", "c", "d"])
    row = compare("beats chance", side, Side([0.5] * 4, side.clusters)).row()
    assert (row["p"], row["holds"]) == (0.125, False)
    assert row["note"] == "with 4 clusters p can't fall below 0.125: it can't hold"
    alone = compare("beats chance", Side([1.0], ["a"]), Side([0.5], ["a"])).row()
    assert alone["difference"] == {"estimate": 0.5, "half_width": None, "low": None, "high": None}


def test_the_correction_is_over_all_comparisons():
    sides = [Side([1.0] * count, [str(i) for i in range(count)]) for count in (8, 10)]
    found = corrected([compare(str(len(s.values)), s, Side([0.5] * len(s.values), s.clusters)) for s in sides])
    assert [one.p_holm for one in found] == pytest.approx([2 / 256, 4 / 1024])


def test_under_the_null_a_twentieth_is_called_different():
    rng = np.random.default_rng(5)
    clusters = [str(i // 6) for i in range(6 * 12)]
    called = 0
    for _ in range(200):
        leaning = np.repeat(rng.normal(0, 0.3, 12), 6)
        a, b = (rng.random(72) < 0.6 + leaning), (rng.random(72) < 0.6 + leaning)
        called += compare("x", Side(a.astype(float), clusters), Side(b.astype(float), clusters)).p < 0.05
    assert called / 200 <= 0.09


def test_groups_in_clusters_of_their_own_are_flipped_about_the_common_mean():
    a, b = [1.0, 1.0, 1.0, 0.0], [0.0, 0.0, 1.0, 0.0, 0.0, 1.0]
    found = compare("a above b", Side(a, list("pqrs")), Side(b, list("tuvwxy")))
    common = 0.5  # five of ten
    given = [(value - common) / 4 for value in a] + [-(value - common) / 6 for value in b]
    flips = [
        abs(sum(s * g for s, g in zip(signs, given, strict=True))) for signs in itertools.product((1, -1), repeat=10)
    ]
    assert found.p == pytest.approx(sum(total >= sum(given) - 1e-12 for total in flips) / 1024)
    assert found.difference["estimate"] == pytest.approx(3 / 4 - 2 / 6, abs=1e-4)
