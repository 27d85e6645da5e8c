"""Measures of one ranked list, against scipy and against every order that ties allow."""

import math
import statistics
from fractions import Fraction
from itertools import pairwise, permutations, product
from random import Random

import pytest
from scipy import stats

from pipeline.evaluation.ranking import (
    average_ranks,
    best_of_n,
    expected_hits,
    kendall,
    random_hits,
    spearman,
    variance,
)


def orders(scores: list[float]) -> list[tuple[int, ...]]:
    """Every order of the answers that puts no lower score before a higher one."""
    found = permutations(range(len(scores)))
    return [o for o in found if all(scores[a] >= scores[b] for a, b in pairwise(o))]


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_expected_hits_is_the_mean_over_the_orders_that_ties_allow(size: int) -> None:
    rng = Random(size)
    for _ in range(25):
        scores = [float(rng.randrange(3)) for _ in range(size)]
        passing = [rng.random() < 0.4 for _ in range(size)]
        allowed = orders(scores)
        for k in (1, 2, 3, 8):
            hits = sum(any(passing[i] for i in order[:k]) for order in allowed)
            assert expected_hits(scores, passing, k) == pytest.approx(float(Fraction(hits, len(allowed))), abs=1e-12)


def test_expected_hits_is_exact_on_all_small_cases() -> None:
    for scores in product((0.0, 1.0), repeat=4):
        for passing in product((False, True), repeat=4):
            allowed = orders(list(scores))
            hits = sum(any(passing[i] for i in order[:2]) for order in allowed)
            assert expected_hits(scores, passing, 2) == pytest.approx(hits / len(allowed), abs=1e-12)


def test_random_hits() -> None:
    passing = [True, False, False, False]
    assert [random_hits(passing, k) for k in (1, 2, 4, 8)] == pytest.approx([0.25, 0.5, 1, 1])


def test_best_of_n_is_the_mean_over_ties() -> None:
    assert best_of_n([1, 3, 2], [0.1, 0.7, 0.9]) == 0.7
    assert best_of_n([3, 3, 2], [0.1, 0.7, 0.9]) == pytest.approx(0.4)


@pytest.mark.parametrize("levels", [2, 4, 100])
def test_correlations_as_scipy_has_them(levels: int) -> None:
    rng = Random(levels)
    for size in (2, 3, 8, 20):
        for _ in range(20):
            scores = [rng.randrange(levels) / 7 for _ in range(size)]
            rates = [rng.randrange(levels) / levels for _ in range(size)]
            assert average_ranks(scores) == pytest.approx(list(stats.rankdata(scores)))
            if len(set(scores)) > 1 and len(set(rates)) > 1:
                assert spearman(scores, rates) == pytest.approx(stats.spearmanr(scores, rates).statistic)
                assert kendall(scores, rates) == pytest.approx(stats.kendalltau(scores, rates).statistic)
            assert variance(scores) == pytest.approx(statistics.variance(scores))


def test_what_cannot_be_ranked() -> None:
    for correlation in (spearman, kendall):
        assert correlation([1, 2, 3], [0.5, 0.5, 0.5]) is None
        assert correlation([2, 2, 2], [0.1, 0.5, 0.9]) == 0.0
        assert correlation([1, 2, 3], [0.1, 0.5, 0.9]) == pytest.approx(1)
        assert correlation([3, 2, 1], [0.1, 0.5, 0.9]) == pytest.approx(-1)


def test_large_lists_do_not_overflow() -> None:
    scores, passing = [0.0] * 4000, [True] + [False] * 3999
    assert expected_hits(scores, passing, 8) == pytest.approx(8 / 4000)
    assert math.isfinite(spearman(list(range(4000)), list(range(4000))) or math.nan)
