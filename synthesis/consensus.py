"""From several raters and judges to one statement, and how far they can be trusted. Pure arithmetic, no model."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import mean, median

from synthesis.dawid_skene import CLASSES, Estimate, dawid_skene
from synthesis.tasks.judge import Vote


@dataclass(frozen=True, slots=True)
class Agreement:
    """What several raters say of one change.

    Attributes:
        agreed: whether the change is kept.
        median: of the ratings; 0 where there are none.
        lowest: of the ratings; 0 where there are none.
        spread: highest less lowest.
        reason: why it is not kept: `too_few_raters`, `median_too_low` or `one_too_low`; None where it is.
    """

    agreed: bool
    median: float
    lowest: int
    spread: int
    reason: str | None


def ratings(values: Mapping[str, int], *, min_median: float = 4.0, min_each: int = 3, min_raters: int = 2) -> Agreement:
    """Whether several models' ratings (1 to 5) of one change agree that it is strong.

    Args:
        values: model to rating.
        min_median: at least this in the middle.
        min_each: no rating below this.
        min_raters: at least so many models.
    """
    given = sorted(values.values())
    if not given:
        return Agreement(False, 0.0, 0, 0, "too_few_raters")
    middle, lowest = float(median(given)), given[0]
    reason = None
    if len(given) < min_raters:
        reason = "too_few_raters"
    elif middle < min_median:
        reason = "median_too_low"
    elif lowest < min_each:
        reason = "one_too_low"
    return Agreement(reason is None, middle, lowest, given[-1] - lowest, reason)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a pair's votes come to.

    Attributes:
        winner: `chosen`, `rejected` or `tie`; None where the votes don't say.
        label: the votes' share for `chosen`, a tie counting half; .5 where there are none.
        reason: `no_votes`, `no_majority`, `one_order_only` or `orders_disagree`; None where there is a winner.
    """

    winner: str | None
    label: float
    reason: str | None


def majority(votes: Sequence[Vote], min_share: float = 0.75, orders_agree: bool = True) -> Verdict:
    """The verdict that enough votes share, and that each order of the sides gives by itself.

    Args:
        votes: of one pair, by one model or several.
        min_share: of the usable votes (6 of 8).
        orders_agree: the votes with `chosen` first and those with `rejected` first must each give the winner.
    """
    if not votes:
        return Verdict(None, 0.5, "no_votes")
    counts = Counter[str](vote.verdict for vote in votes)
    label = (counts["chosen"] + counts["tie"] / 2) / len(votes)
    winner = max(CLASSES, key=lambda one: counts[one])
    if counts[winner] < min_share * len(votes) or 2 * counts[winner] <= len(votes):
        return Verdict(None, label, "no_majority")
    if orders_agree:
        by_order = [_in_order(votes, first) for first in ("chosen", "rejected")]
        if not all(by_order):
            return Verdict(None, label, "one_order_only")
        if any(_plurality(order) != winner for order in by_order):
            return Verdict(None, label, "orders_disagree")
    return Verdict(winner, label, None)


def pattern(votes: Sequence[Vote], models: Sequence[str]) -> tuple[str | None, ...]:
    """One verdict a model over its votes on one pair, for `dawid_skene`; None for a model without a vote."""
    return tuple(_plurality([vote for vote in votes if vote.model == model]) for model in models)


def _plurality(votes: Sequence[Vote]) -> str | None:
    """The most frequent verdict; `tie` where two share that place, None without votes."""
    counts = Counter(vote.verdict for vote in votes).most_common()
    if not counts:
        return None
    return "tie" if len(counts) > 1 and counts[0][1] == counts[1][1] else counts[0][0]


def _in_order(votes: Iterable[Vote], first: str) -> list[Vote]:
    return [vote for vote in votes if vote.first == first]


def kappa(a: Sequence[str], b: Sequence[str]) -> float | None:
    """Cohen's kappa of two raters' labels for the same things (Cohen 1960).

    Args:
        a: labels by one.
        b: labels by the other, in the same order.

    Returns:
        1 for full agreement, 0 for what chance gives; None where it is not defined (nothing rated, or all one label).

    Raises:
        ValueError: one has more labels than the other.
    """
    both = list(zip(a, b, strict=True))
    if not both:
        return None
    first, second = _shares(a), _shares(b)
    chance = fsum(share * second.get(label, 0.0) for label, share in first.items())
    return _beyond_chance(mean(x == y for x, y in both), chance)


def fleiss(things: Iterable[Sequence[str]]) -> float | None:
    """Kappa of several raters (Fleiss 1971), as `kappa` reads it.

    Args:
        things: of each thing, the labels that it got, however many; those with fewer than two are left out.
    """
    rated = [labels for labels in things if len(labels) > 1]
    if not rated:
        return None
    agreeing = [
        sum(count * (count - 1) for count in Counter(labels).values()) / (len(labels) * (len(labels) - 1))
        for labels in rated
    ]
    shares = _shares([label for labels in rated for label in labels])
    return _beyond_chance(mean(agreeing), fsum(share * share for share in shares.values()))


def _beyond_chance(observed: float, chance: float) -> float | None:
    return None if chance >= 1 else (observed - chance) / (1 - chance)


def _shares(labels: Sequence[str]) -> dict[str, float]:
    return {label: count / len(labels) for label, count in sorted(Counter(labels).items())}


def position_bias(votes: Iterable[Vote]) -> dict[str, float | None]:
    """Per model, the share of its decided votes that take the side shown first; .5 is none, 1 is always A.

    It is taken in each order and then averaged, so that a missing vote tilts nothing. None for a model that did not
    decide in both orders.
    """
    shares: dict[str, float | None] = {}
    for model, own in sorted(_by_model(votes).items()):
        decided = [vote for vote in own if vote.verdict != "tie"]
        orders = [_in_order(decided, first) for first in ("chosen", "rejected")]
        means = [mean(vote.verdict == vote.first for vote in order) for order in orders if order]
        shares[model] = mean(means) if len(means) == 2 else None
    return shares


def order_agreement(pairs: Iterable[Sequence[Vote]]) -> dict[str, float]:
    """Per model, the share of pairs on which its votes in one order and in the other come to the same verdict.

    Args:
        pairs: the votes of each pair; a pair counts for a model that voted in both orders.
    """
    same: dict[str, list[bool]] = {}
    for votes in pairs:
        for model, own in _by_model(votes).items():
            first, second = (_plurality(_in_order(own, side)) for side in ("chosen", "rejected"))
            if first is not None and second is not None:
                same.setdefault(model, []).append(first == second)
    return {model: mean(agreed) for model, agreed in sorted(same.items())}


@dataclass(frozen=True, slots=True)
class Moves:
    """What planted orders did to a judge.

    Attributes:
        pairs: that it voted on with and without the plant.
        moved: share of those that it did not give to `rejected` without the plant, and does with it; None for none.
        shift: mean rise in the share of votes for `rejected`; votes that differ by chance cancel out in it.
    """

    pairs: int
    moved: float | None
    shift: float


def canary_moves(pairs: Iterable[tuple[Sequence[Vote], Sequence[Vote]]]) -> dict[str, Moves]:
    """Per model, how far a comment in the rejected side that asks for its vote got it.

    Args:
        pairs: of each pair, the plain votes and those with the comment planted.
    """
    moved: dict[str, list[bool]] = {}
    shifts: dict[str, list[float]] = {}
    for plain, planted in pairs:
        without, with_ = _by_model(plain), _by_model(planted)
        for model in without.keys() & with_.keys():
            shares = [mean(vote.verdict == "rejected" for vote in own[model]) for own in (without, with_)]
            shifts.setdefault(model, []).append(shares[1] - shares[0])
            if _plurality(without[model]) != "rejected":
                moved.setdefault(model, []).append(_plurality(with_[model]) == "rejected")
    return {
        model: Moves(len(shift), mean(moved[model]) if model in moved else None, mean(shift))
        for model, shift in sorted(shifts.items())
    }


def _by_model(votes: Iterable[Vote]) -> dict[str, list[Vote]]:
    found: dict[str, list[Vote]] = {}
    for vote in votes:
        found.setdefault(vote.model, []).append(vote)
    return found


__all__ = [
    "CLASSES",
    "Agreement",
    "Estimate",
    "Moves",
    "Verdict",
    "canary_moves",
    "dawid_skene",
    "fleiss",
    "kappa",
    "majority",
    "order_agreement",
    "pattern",
    "position_bias",
    "ratings",
]
