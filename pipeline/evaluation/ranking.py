"""How well scores rank one list: expected hits and best-of-n under ties, Spearman and Kendall. Pure."""

import math
from collections.abc import Sequence
from itertools import groupby


def expected_hits(scores: Sequence[float], passing: Sequence[bool], k: int) -> float:
    """Probability that a passing answer is among the `k` of highest score, equal scores in random order.

    Only the answers of the score at the boundary are in doubt: of g such answers, p of them passing, r are taken, and
    all of those fail with probability C(g - p, r) / C(g, r).

    Args:
        scores: of each answer.
        passing: whether each passes.
        k: at least 1; a list of fewer answers is taken whole.
    """
    left = min(k, len(scores))
    for group in _tied(scores):
        size, good = len(group), sum(passing[i] for i in group)
        if size > left:
            return 1 - math.comb(size - good, left) / math.comb(size, left)
        if good:
            return 1.0
        left -= size
        if not left:
            return 0.0
    return 0.0


def random_hits(passing: Sequence[bool], k: int) -> float:
    """`expected_hits` of an order drawn at random."""
    return expected_hits([0.0] * len(passing), passing, k)


def best_of_n(scores: Sequence[float], rates: Sequence[float]) -> float:
    """Mean pass rate of the answers of the highest score."""
    best = next(iter(_tied(scores)))
    return sum(rates[i] for i in best) / len(best)


def average_ranks(values: Sequence[float]) -> list[float]:
    """Ranks from 1, lowest value first; equal values share the average of their ranks."""
    ranks = [0.0] * len(values)
    done = len(values)
    for group in _tied(values):
        for i in group:
            ranks[i] = done - (len(group) - 1) / 2
        done -= len(group)
    return ranks


def spearman(scores: Sequence[float], rates: Sequence[float]) -> float | None:
    """Pearson's correlation of the average ranks.

    Where all rates are equal there is nothing to rank: None. Where all scores are equal nothing is ranked: 0.
    """
    if len(set(rates)) < 2:
        return None
    if len(set(scores)) < 2:
        return 0.0
    middle = (len(scores) + 1) / 2
    x, y = ([rank - middle for rank in average_ranks(values)] for values in (scores, rates))
    product = sum(a * b for a, b in zip(x, y, strict=True))
    return product / math.sqrt(sum(a * a for a in x) * sum(b * b for b in y))


def kendall(scores: Sequence[float], rates: Sequence[float]) -> float | None:
    """Kendall's tau-b; None and 0 as for `spearman`."""
    if len(set(rates)) < 2:
        return None
    if len(set(scores)) < 2:
        return 0.0
    total = untied_scores = untied_rates = 0
    for i, (score, rate) in enumerate(zip(scores, rates, strict=True)):
        for other_score, other_rate in zip(scores[:i], rates[:i], strict=True):
            one = (score > other_score) - (score < other_score)
            other = (rate > other_rate) - (rate < other_rate)
            total += one * other
            untied_scores += one != 0
            untied_rates += other != 0
    return total / math.sqrt(untied_scores * untied_rates)


def variance(values: Sequence[float]) -> float:
    """Sample variance, over n - 1; at least two values."""
    mean = sum(values) / len(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1)


def _tied(values: Sequence[float]) -> list[list[int]]:
    """Indices of equal values together, highest value first."""
    order = sorted(range(len(values)), key=lambda i: -values[i])
    return [list(group) for _, group in groupby(order, key=lambda i: values[i])]
