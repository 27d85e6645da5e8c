"""Intervals against known values and against what they promise."""

import numpy as np
import pytest

from pipeline.mining_report.intervals import FEW_REPOSITORIES, bootstrap, draw, share, wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # by the closed form, worked out apart; 17 of 100 and 30 of 100 are common textbook cases
    [(17, 100, 0.1089, 0.2555), (30, 100, 0.2189, 0.3958), (0, 24, 0.0, 0.1380), (5, 5, 0.5655, 1.0)],
)
def test_wilson(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx([low, high], abs=1e-4)


def test_wilson_of_nothing_is_nothing() -> None:
    assert wilson(0, 0) is None


def test_draws_keep_each_repository_at_its_size_and_are_the_same_each_time() -> None:
    repositories = ["a"] * 5 + ["b"] * 3 + ["a"]
    made = draw(repositories)
    of_a = np.array([name == "a" for name in repositories])
    assert set(made.commits[:, of_a].sum(axis=1)) == {6}
    assert set(made.commits[:, ~of_a].sum(axis=1)) == {3}
    assert made.repositories is None
    assert (draw(repositories).commits == made.commits).all()


def test_whole_repositories_are_drawn_from_eight_on() -> None:
    repositories = [f"r{number % FEW_REPOSITORIES}" for number in range(3 * FEW_REPOSITORIES)]
    taken = draw(repositories).repositories
    assert taken is not None
    columns = [np.array([name == f"r{number}" for name in repositories]) for number in range(FEW_REPOSITORIES)]
    assert all((taken[:, one] == taken[:, one][:, :1]).all() for one in columns)
    assert set(taken.sum(axis=1)) == {3 * FEW_REPOSITORIES}


def test_bootstrap_is_as_wide_as_theory_says() -> None:
    n = 400
    part = np.array([float(number % 4 == 0) for number in range(n)])
    ends = bootstrap(part, np.ones(n), draw(["a"] * n))["commits"]
    half = 1.96 * np.sqrt(0.25 * 0.75 / n)
    assert ends == pytest.approx([0.25 - half, 0.25 + half], abs=0.01)


def test_repositories_that_differ_widen_the_interval() -> None:
    repositories = [f"r{number // 20}" for number in range(200)]
    part = np.array([float(number // 20 < 5) for number in range(200)])  # all right in five, none in the others
    found = bootstrap(part, np.ones(200), draw(repositories))
    assert found["commits"] == [0.5, 0.5]
    assert found["repositories"] is not None
    assert found["repositories"][0] < 0.35 < 0.65 < found["repositories"][1]


def test_share_weighs_and_says_when_there_are_few() -> None:
    part, whole, weight = np.array([1.0, 0, 0]), np.array([1.0, 1, 0]), np.array([3.0, 1, 9])
    found = share(part, whole, weight, draw(["a", "a", "b"]))
    assert (found["k"], found["n"], found["small"]) == (1, 2, True)
    assert (found["unweighted"]["estimate"], found["weighted"]["estimate"]) == (0.5, 0.75)
    empty = share(part * 0, whole * 0, weight, draw(["a", "a", "b"]))
    assert empty["weighted"] == {"estimate": None, "commits": None, "repositories": None}


def test_draws_without_a_denominator_are_left_out() -> None:
    whole = np.array([1.0] + [0.0] * 99)
    many = draw([f"r{number}" for number in range(100)])  # 37% of the draws leave any one repository out
    assert bootstrap(whole, whole, many) == {"commits": [1.0, 1.0], "repositories": [1.0, 1.0]}
    assert bootstrap(whole * 0, whole * 0, many) == {"commits": None, "repositories": None}
