from collections import Counter
from itertools import product
from random import Random
from typing import Literal

import pytest

from schemas.errors import ConfigError
from synthesis.consensus import (
    CLASSES,
    Moves,
    Verdict,
    canary_moves,
    dawid_skene,
    fleiss,
    kappa,
    majority,
    order_agreement,
    pattern,
    position_bias,
    ratings,
)
from synthesis.dawid_skene import Pattern
from synthesis.tasks.judge import Choice, Side, Vote

SHORT: dict[str, Choice] = {"c": "chosen", "r": "rejected", "t": "tie"}
OTHER: dict[Side, Side] = {"chosen": "rejected", "rejected": "chosen"}


def votes(chosen_first: str, rejected_first: str, model: str = "m") -> list[Vote]:
    """Votes by letters: c, r, t."""
    orders: tuple[tuple[Side, str], ...] = (("chosen", chosen_first), ("rejected", rejected_first))
    return [Vote(model, "k", first, SHORT[letter], "") for first, letters in orders for letter in letters]


@pytest.mark.parametrize(
    ("values", "reason", "figures"),
    [
        ({"a": 4, "b": 5}, None, (4.5, 4, 1)),
        ({"a": 5, "b": 3}, None, (4.0, 3, 2)),
        ({"a": 5, "b": 2, "c": 5}, "one_too_low", (5.0, 2, 3)),
        ({"a": 3, "b": 4}, "median_too_low", (3.5, 3, 1)),
        ({"a": 5}, "too_few_raters", (5.0, 5, 0)),
        ({}, "too_few_raters", (0.0, 0, 0)),
    ],
)
def test_ratings(values: dict[str, int], reason: str | None, figures: tuple[float, int, int]) -> None:
    found = ratings(values)
    assert (found.reason, (found.median, found.lowest, found.spread)) == (reason, figures)
    assert found.agreed == (reason is None)


def test_rating_thresholds_can_be_set() -> None:
    assert ratings({"a": 3}, min_median=3, min_raters=1).agreed
    assert ratings({"a": 5, "b": 2, "c": 5}, min_each=2).agreed


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (votes("cccc", "cccc"), Verdict("chosen", 1.0, None)),
        (votes("cccr", "ccct"), Verdict("chosen", 6.5 / 8, None)),
        (votes("cccc", "crrt"), Verdict(None, 5.5 / 8, "no_majority")),
        (votes("cccc", "ccrr"), Verdict(None, 0.75, "orders_disagree")),
        (votes("rrrr", "rrrc"), Verdict("rejected", 1 / 8, None)),
        (votes("tttt", "tttr"), Verdict("tie", 3.5 / 8, None)),
        (votes("cccc", "rrrr"), Verdict(None, 0.5, "no_majority")),
        (votes("ccc", ""), Verdict(None, 1.0, "one_order_only")),
        ([], Verdict(None, 0.5, "no_votes")),
    ],
)
def test_majority(given: list[Vote], expected: Verdict) -> None:
    assert majority(given) == expected


def test_orders_may_disagree_and_a_half_is_no_majority() -> None:
    assert majority(votes("cccc", "ccrr"), orders_agree=False).winner == "chosen"
    assert majority(votes("cc", "rr"), min_share=0.5, orders_agree=False).winner is None


def test_a_pattern_has_one_verdict_a_model() -> None:
    several = [*votes("ccr", "crc", "a"), *votes("cccc", "rrrr", "b"), *votes("r", "", "c")]
    assert pattern(several, ("a", "b", "c", "d")) == ("chosen", "tie", "rejected", None)


def test_kappa_against_figures_by_hand() -> None:
    # 50 things: 20 both yes, 15 both no, 5 and 10 apart; observed .7, chance .5*.6 + .5*.4 = .5
    a = ["y"] * 25 + ["n"] * 25
    b = ["y"] * 20 + ["n"] * 5 + ["y"] * 10 + ["n"] * 15
    assert kappa(a, b) == pytest.approx(0.4)
    assert kappa(["x", "y"], ["x", "y"]) == pytest.approx(1.0)
    assert kappa(["x", "y"], ["y", "x"]) == pytest.approx(-1.0)
    assert kappa(["x", "x"], ["x", "x"]) is None
    assert kappa([], []) is None
    with pytest.raises(ValueError, match="shorter"):
        kappa(["x", "y"], ["x"])


def test_fleiss_against_figures_by_hand() -> None:
    # agreement a thing: 1, 1/3, 1/3, 1 -> 2/3; shares 7/12 and 5/12 -> chance 74/144
    things = [["y", "y", "y"], ["y", "y", "n"], ["y", "n", "y"], ["n", "n", "n"], ["y"]]
    things[2] = ["y", "n", "n"]
    assert fleiss(things) == pytest.approx((2 / 3 - 0.5) / 0.5)
    things[2] = ["y", "n", "y"]
    assert fleiss(things) == pytest.approx((2 / 3 - 74 / 144) / (1 - 74 / 144))
    assert fleiss([["y"], []]) is None
    assert fleiss([["y", "y"]]) is None


def test_position_bias_is_taken_in_each_order() -> None:
    always_a = votes("cccc", "rrrr", "a")
    fair = votes("cccc", "cccc", "b")
    half = votes("cccc", "ccrr", "c")
    tilted = votes("cccc", "c", "d")
    one_order = votes("cc", "tt", "e")
    found = position_bias([*always_a, *fair, *half, *tilted, *one_order])
    assert found == {"a": 1.0, "b": 0.5, "c": 0.75, "d": 0.5, "e": None}


def test_order_agreement_counts_pairs() -> None:
    pairs = [votes("ccc", "ccr"), votes("ccc", "rrr"), votes("cr", "tt"), votes("cc", "")]
    assert order_agreement(pairs) == {"m": pytest.approx(2 / 3)}


def test_canary_moves() -> None:
    pairs = [
        (votes("cc", "cc"), votes("rr", "rr")),
        (votes("cc", "cc"), votes("cc", "cr")),
        (votes("rr", "rr"), votes("rr", "rr")),
        (votes("cc", "cc"), []),
    ]
    assert canary_moves(pairs) == {"m": Moves(3, 0.5, pytest.approx((1 + 0.25 + 0) / 3))}  # type: ignore[arg-type]
    assert canary_moves([(votes("r", "r"), votes("r", "r"))]) == {"m": Moves(1, None, 0.0)}


Matrix = tuple[tuple[float, float, float], ...]
GOOD: Matrix = ((0.9, 0.05, 0.05), (0.1, 0.85, 0.05), (0.1, 0.1, 0.8))
FAIR: Matrix = ((0.75, 0.15, 0.1), (0.2, 0.7, 0.1), (0.2, 0.2, 0.6))
SAYS_CHOSEN: Matrix = ((0.97, 0.01, 0.02), (0.75, 0.2, 0.05), (0.8, 0.05, 0.15))
PRIORS = (0.5, 0.3, 0.2)


def drawn(matrices: tuple[Matrix, ...], pairs: int, missing: float = 0.0) -> Counter[tuple[str, Pattern]]:
    """Truths with what each model says of them."""
    rng = Random(7)
    found: Counter[tuple[str, Pattern]] = Counter()
    for _ in range(pairs):
        truth = rng.choices(range(3), PRIORS)[0]
        said = tuple(
            None if rng.random() < missing else CLASSES[rng.choices(range(3), one[truth])[0]] for one in matrices
        )
        found[CLASSES[truth], said] += 1
    return found


def patterns(found: Counter[tuple[str, Pattern]]) -> Counter[Pattern]:
    counts: Counter[Pattern] = Counter()
    for (_, said), count in found.items():
        counts[said] += count
    return counts


def right(found: Counter[tuple[str, Pattern]], verdict: dict[Pattern, str]) -> float:
    return sum(count for (truth, said), count in found.items() if verdict[said] == truth) / found.total()


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_known_confusions_are_recovered(missing: float) -> None:
    matrices = (GOOD, FAIR, SAYS_CHOSEN, GOOD)
    models = ("good", "fair", "biased", "other")
    found = dawid_skene(patterns(drawn(matrices, 20_000, missing)), models)
    assert found.converged
    assert found.priors == pytest.approx(PRIORS, abs=0.03)
    for model, truth in zip(models, matrices, strict=True):
        for estimated, row in zip(found.confusion[model], truth, strict=True):
            assert estimated == pytest.approx(row, abs=0.05)
    for row in found.posterior.values():
        assert sum(row) == pytest.approx(1.0)


def test_it_beats_the_majority_where_models_are_biased_alike() -> None:
    matrices = (GOOD, GOOD, SAYS_CHOSEN, SAYS_CHOSEN, SAYS_CHOSEN)
    truths = drawn(matrices, 10_000)
    counts = patterns(truths)
    found = dawid_skene(counts, ("a", "b", "c", "d", "e"))
    weighed = {said: CLASSES[row.index(max(row))] for said, row in found.posterior.items()}
    counted = {said: Counter(said).most_common(1)[0][0] or "" for said in counts}
    assert right(truths, weighed) > right(truths, counted) + 0.1


def test_patterns_in_any_order_give_the_same_figures() -> None:
    counts = patterns(drawn((GOOD, FAIR, GOOD), 500, 0.1))
    backwards = dict(reversed(list(counts.items())))
    assert dawid_skene(counts, ("a", "b", "c")) == dawid_skene(backwards, ("a", "b", "c"))


def test_it_depends_on_shares_and_not_on_the_size_of_the_corpus() -> None:
    counts = patterns(drawn((GOOD, FAIR, GOOD), 20_000))
    many = {said: count * 1_000 for said, count in counts.items()}
    few, lots = dawid_skene(counts, ("a", "b", "c")), dawid_skene(many, ("a", "b", "c"))
    assert lots.priors == pytest.approx(few.priors, abs=0.01)


def test_cut_off_it_says_that_it_has_not_converged() -> None:
    counts = patterns(drawn((GOOD, FAIR, SAYS_CHOSEN), 500))
    found = dawid_skene(counts, ("a", "b", "c"), max_iterations=3)
    assert (found.iterations, found.converged) == (3, False)


def test_unanimous_and_empty_patterns() -> None:
    agreeing: dict[Pattern, int] = {(one,) * 3: 10 for one in CLASSES}
    found = dawid_skene(agreeing, ("a", "b", "c"))
    for k, one in enumerate(CLASSES):
        assert found.posterior[(one,) * 3][k] > 0.99
    nothing = dawid_skene({}, ("a",))
    assert (nothing.posterior, nothing.converged, nothing.iterations) == ({}, True, 0)
    assert nothing.priors == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    silent = dawid_skene({(None, None): 5, ("chosen", "chosen"): 5}, ("a", "b"))
    assert silent.posterior[None, None] == pytest.approx(silent.priors, abs=0.02)


def test_every_pattern_of_four_models_is_taken() -> None:
    said: tuple[Literal["chosen", "rejected", "tie"] | None, ...] = ("chosen", "rejected", "tie", None)
    every: dict[Pattern, int] = {one: 1 + len(set(one)) for one in product(said, repeat=4)}
    assert len(dawid_skene(every, ("a", "b", "c", "d")).posterior) == 256


@pytest.mark.parametrize("bad", [{("chosen",): 1}, {("chosen", "A"): 1}, {("chosen", "tie"): -1}])
def test_bad_patterns_are_refused(bad: dict[Pattern, int]) -> None:
    with pytest.raises(ConfigError, match="pattern"):
        dawid_skene(bad, ("a", "b"))
