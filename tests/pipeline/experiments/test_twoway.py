"""The two-way bootstrap against loops, against known variances, and on its edges."""

import itertools

import numpy as np
import pytest

from pipeline.evaluation.paired import holm
from pipeline.experiments.twoway import Draws, Sums, drawn, make_draws, p_of, sums, widened


def test_sums_are_credits_by_seed_and_cluster() -> None:
    differences = np.array([[1.0, -1.0, 0.0, np.nan], [2.0, 3.0, -1.0, 1.0]])
    found = sums(differences, (0, 1, 2, 3), np.array([0, 0, 1, 2]), 3)
    assert found.totals.tolist() == [[1.0, 0.5, 0.0], [2.0, 0.0, 1.0]]
    assert found.counts.tolist() == [2.0, 1.0, 1.0]
    assert found.by_seed.tolist() == [1.5 / 4, 3 / 4]
    assert found.estimate == pytest.approx(4.5 / 8)
    part = sums(differences, (1, 3), np.array([0, 0, 1, 2]), 3)
    assert part.counts.tolist() == [1.0, 0.0, 1.0]
    assert part.estimate == pytest.approx((0 + 0 + 1 + 1) / 4)


def test_a_draw_is_the_accuracy_of_the_pairs_it_takes() -> None:
    rng = np.random.default_rng(3)
    codes = np.array([0, 0, 0, 1, 2, 2, 3])
    differences = rng.normal(size=(3, 7))
    draws = make_draws(3, 4, draws=50)
    values = drawn(sums(differences, range(7), codes, 4), draws)
    for number in range(50):
        taken = [
            float(differences[s, n] > 0)
            for s in range(3)
            for n in range(7)
            for _ in range(int(draws.seeds[number, s] * draws.clusters[number, codes[n]]))
        ]
        assert values[number] == pytest.approx(np.mean(taken))


def test_draws_take_one_less_than_there_are() -> None:
    draws = make_draws(5, 7, draws=400)
    assert draws.seeds.shape == (400, 5)
    assert set(draws.seeds.sum(axis=1)) == {4.0}
    assert set(draws.clusters.sum(axis=1)) == {6.0}
    assert not (draws.clusters == draws.clusters[0]).all()
    again = make_draws(5, 7, draws=400)
    assert (again.seeds == draws.seeds).all()
    assert set(make_draws(1, 3).seeds.ravel()) == {1.0}


def test_the_variance_over_seeds_is_that_of_their_mean() -> None:
    accuracies = np.array([0.5, 0.6, 0.8])
    one = Sums(accuracies[:, None] * 10, np.array([10.0]))
    exact = [np.mean(accuracies[list(two)]) for two in itertools.product(range(3), repeat=2)]
    assert np.var(exact) == pytest.approx(np.var(accuracies, ddof=1) / 3), "drawing S - 1 of S is unbiased"
    values = drawn(one, make_draws(3, 1, draws=20_000))
    assert np.var(values) == pytest.approx(np.var(exact), rel=0.03)


def test_a_draw_without_a_pair_of_the_group_is_none() -> None:
    one = Sums(np.array([[1.0, 0.0]]), np.array([1.0, 0.0]))
    values = drawn(one, Draws(np.ones((2, 1)), np.array([[0.0, 1.0], [1.0, 0.0]])))
    assert np.isnan(values[0])
    assert values[1] == 1.0


def test_draws_are_widened_as_the_seeds_and_clusters_ask() -> None:
    from scipy.stats import norm, t

    rng = np.random.default_rng(5)
    normal = norm.ppf(0.975)
    noise = 0.6 + 0.02 * rng.normal(size=4000)
    alike = widened(noise, np.array([0.6, 0.6]), 10)
    assert alike - 0.6 == pytest.approx((noise - 0.6) * t.ppf(0.975, 9) / normal), "all of it is of the clusters"
    apart = widened(noise, np.array([0.3, 0.9]), 10)
    assert apart - 0.6 == pytest.approx((noise - 0.6) * t.ppf(0.975, 1) / normal), "all of it is of the seeds"
    both = widened(noise, np.array([0.6 - 0.0141, 0.6 + 0.0141]), 10)
    assert np.std(alike) < np.std(both) < np.std(apart)
    one = widened(noise, np.array([0.6]), 10)
    assert np.std(one) == pytest.approx(np.std(alike))
    assert widened(np.full(9, 0.7), np.array([0.7, 0.7]), 3).tolist() == [0.7] * 9
    assert np.isnan(widened(np.full(3, np.nan), np.array([0.7, 0.7]), 3)).all()


def test_p_is_the_larger_of_two() -> None:
    far = np.full(2000, 0.2)
    assert p_of(0.2, far, np.full(12, 0.01)) == pytest.approx(2 / 2001), "the draws' least"
    assert p_of(0.2, far, np.full(3, 0.01)) == pytest.approx(0.25), "three clusters: two of eight flips"
    mixed = np.array([-0.1] * 500 + [0.1] * 1500)
    assert p_of(0.1, mixed, np.full(12, 0.01)) == pytest.approx(2 * 501 / 2001)
    assert p_of(-0.1, -mixed, np.full(12, -0.01)) == pytest.approx(2 * 501 / 2001)
    assert p_of(0.1, np.array([np.nan]), np.full(12, 0.01)) == 1.0
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
