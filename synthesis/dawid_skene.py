"""What several judges' verdicts come to, each weighed by how far it errs, without a known truth (Dawid & Skene 1979).

The annotators are models, one verdict each a pair: the votes of one model err together, so as annotators they would
count as that many independent witnesses. The work depends on the number of different patterns of verdicts alone, of
which four models can give 256, and not on the number of pairs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log
from typing import TypeAlias

from schemas.errors import ConfigError

CLASSES = ("chosen", "rejected", "tie")
MAX_ITERATIONS = 2_000
TOLERANCE = 1e-10
"""Rise of the log-likelihood, per pair, at which it has converged."""

SMOOTHING = 0.1
"""Added to each count, so that a verdict never seen is not held impossible; times two where the verdict is right."""

Pattern: TypeAlias = tuple[str | None, ...]
"""One verdict a model, in the models' order; None where a model gave none."""

Row: TypeAlias = tuple[float, float, float]
"""A probability for each of `CLASSES`."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What the verdicts come to.

    Attributes:
        posterior: of each pattern, the probability of each of `CLASSES`.
        confusion: of each model, for each true class (row) the probability of each verdict (column).
        priors: share of each class.
        iterations: of expectation and maximisation.
        converged: whether the likelihood had stopped rising; else the figures are where it was cut off.
    """

    posterior: dict[Pattern, Row]
    confusion: dict[str, tuple[Row, Row, Row]]
    priors: Row
    iterations: int
    converged: bool


def dawid_skene(
    patterns: Mapping[Pattern, int], models: tuple[str, ...], max_iterations: int = MAX_ITERATIONS
) -> Estimate:
    """Truth and each model's errors from counts of verdict patterns, by expectation and maximisation.

    It starts from each pattern's shares of verdicts, so the classes keep their names as long as the models are right
    more often than not. With fewer than three models the errors are not identified, and the posterior is hardly more
    than the verdicts themselves.

    Args:
        patterns: how many pairs have each pattern.
        models: names, in the patterns' order.
        max_iterations: when to give up on converging.

    Raises:
        ConfigError: a pattern has another length than `models`, an unknown verdict, or a count below 0.
    """
    counts = _checked(patterns, models)
    pairs = sum(counts.values())
    posterior = {one: _start(one) for one in counts}
    priors, confusion = _maximised(counts, posterior, len(models))
    before, iteration, converged = None, 0, pairs == 0
    while not converged and iteration < max_iterations:
        iteration += 1
        posterior, likelihood = _expected(counts, priors, confusion)
        priors, confusion = _maximised(counts, posterior, len(models))
        converged = before is not None and abs(likelihood - before) <= TOLERANCE * pairs
        before = likelihood
    return Estimate(posterior, dict(zip(models, confusion, strict=True)), priors, iteration, converged)


def _checked(patterns: Mapping[Pattern, int], models: tuple[str, ...]) -> dict[Pattern, int]:
    """The patterns that occur, in one order whatever the mapping's is."""
    for one, count in patterns.items():
        if len(one) != len(models) or any(verdict is not None and verdict not in CLASSES for verdict in one):
            raise ConfigError(f"pattern {one}: give one verdict of {', '.join(CLASSES)} or None for each of {models}.")
        if count < 0:
            raise ConfigError(f"pattern {one}: {count} pairs; give 0 or more.")
    return {one: patterns[one] for one in sorted(patterns, key=lambda p: tuple(v or "" for v in p)) if patterns[one]}


def _start(pattern: Pattern) -> Row:
    given = [verdict for verdict in pattern if verdict is not None]
    share = [(given.count(one) + 1 / 3) / (len(given) + 1) for one in CLASSES]
    return share[0], share[1], share[2]


def _maximised(
    counts: Mapping[Pattern, int], posterior: Mapping[Pattern, Row], models: int
) -> tuple[Row, list[tuple[Row, Row, Row]]]:
    """Priors, and each model's confusion, given each pattern's truth."""
    weighed = [(one, [count * share for share in posterior[one]]) for one, count in counts.items()]
    priors = _normal([SMOOTHING + fsum(weights[k] for _, weights in weighed) for k in range(3)])
    confusion = []
    for model in range(models):
        rows = [
            _normal(
                [
                    SMOOTHING * (2 if k == said else 1)
                    + fsum(weights[k] for one, weights in weighed if one[model] == CLASSES[said])
                    for said in range(3)
                ]
            )
            for k in range(3)
        ]
        confusion.append((rows[0], rows[1], rows[2]))
    return priors, confusion


def _expected(
    counts: Mapping[Pattern, int], priors: Row, confusion: Sequence[tuple[Row, Row, Row]]
) -> tuple[dict[Pattern, Row], float]:
    """Each pattern's truth, and the log-likelihood of all (with the smoothing's share of it)."""
    posterior, terms = {}, []
    for one, count in counts.items():
        logs = [
            log(priors[k])
            + fsum(log(matrix[k][CLASSES.index(v)]) for v, matrix in zip(one, confusion, strict=True) if v is not None)
            for k in range(3)
        ]
        top = max(logs)
        odds = [exp(value - top) for value in logs]
        posterior[one] = _normal(odds)
        terms.append(count * (top + log(fsum(odds))))
    for matrix in confusion:
        terms += [SMOOTHING * (2 if k == said else 1) * log(matrix[k][said]) for k in range(3) for said in range(3)]
    terms += [SMOOTHING * log(share) for share in priors]
    return posterior, fsum(terms)


def _normal(values: Sequence[float]) -> Row:
    total = fsum(values)
    return values[0] / total, values[1] / total, values[2] / total
