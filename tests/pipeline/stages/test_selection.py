"""Sampling by strata: shares, lengths and held-out repositories, whatever the order."""

from random import Random

import pytest

from pipeline.stages.selection import balanced, benchmark_repositories, first, length_side, operator_of, rank, share_cap
from schemas.provenance import Origin, Step
from schemas.records import Pair


def test_the_operator_is_what_made_the_rejected_side() -> None:
    steps = (Step("chosen", "source", "1"), Step("rejected", "mutation/guard_removed", "1"))
    pair = Pair("i", "p", "c", Origin("s", "r", "1", "x", "0"), "C", "k", "p", "a", "b", (), steps)
    assert operator_of(pair) == "mutation/guard_removed"


def test_first_takes_those_of_lowest_rank_whatever_the_order() -> None:
    ids = [f"id {n}" for n in range(50)]
    taken = first(ids, 10, 3)
    assert len(taken) == 10
    assert taken == first(reversed(ids), 10, 3)
    assert taken == set(sorted(ids, key=lambda one: rank(3, one))[:10])
    assert taken != first(ids, 10, 4)
    assert first(ids, 10, 3) < first(ids, 11, 3)
    assert first(ids, 99, 3) == set(ids)


@pytest.mark.parametrize(
    ("counts", "share", "cap"),
    [
        ({}, 0.5, 0),
        ({"mutation/a": 10}, 1.0, 10),
        ({"mutation/a": 10, "mutation/b": 10}, 0.5, 10),
        ({"mutation/a": 90, "mutation/b": 10, "mutation/c": 10}, 0.5, 20),
        ({"mutation/a": 50, "commit/before": 50}, 0.25, 16),
        ({"mutation/a": 50, "mutation/b": 9, "mutation/c": 9, "commit/before": 50}, 0.25, 22),
        ({"commit/before": 70}, 0.1, 0),
        ({"mutation/a": 10, "mutation/b": 10, "mutation/c": 10}, 0.3, 10),
        ({"mutation/a": 90, "mutation/b": 10}, 0.1, 10),
        ({"mutation/a": 90}, 0.1, 90),
    ],
)
def test_share_cap(counts: dict[str, int], share: float, cap: int) -> None:
    assert share_cap(counts, share) == cap


def test_share_cap_is_the_largest_that_holds() -> None:
    rng = Random(5)
    for _ in range(300):
        counts = {f"mutation/{n}": rng.randrange(1, 60) for n in range(rng.randrange(1, 8))}
        counts["commit/before"] = rng.randrange(0, 80)
        share = rng.choice([0.1, 0.2, 0.34, 0.5, 0.9])

        def holds(cap: int, counts: dict[str, int] = counts, share: float = share) -> bool:
            mutations = [min(count, cap) for name, count in counts.items() if name.startswith("mutation/")]
            total = sum(mutations) + counts["commit/before"]
            return (
                max(mutations) <= (share if counts["commit/before"] else max(share, 1 / len(mutations))) * total + 1e-9
            )

        cap = share_cap(counts, share)
        most = max(count for name, count in counts.items() if name.startswith("mutation/"))
        assert holds(cap)
        assert not any(holds(larger) for larger in range(cap + 1, most + 1))


def test_an_even_share_is_met_by_even_counts_whatever_their_number() -> None:
    for number in range(1, 120):
        assert share_cap({f"mutation/{n}": 7 for n in range(number)}, 1 / number) == 7


def test_length_side() -> None:
    assert [length_side(*sides) for sides in (("ab", "a"), ("a", "ab"), ("ö", "o"))] == ["longer", "shorter", "equal"]


@pytest.mark.parametrize(("longer", "shorter", "equal"), [(70, 30, 5), (3, 90, 0), (0, 8, 4), (0, 0, 3), (20, 20, 0)])
def test_balanced_keeps_as_many_longer_as_shorter_and_every_equal(longer: int, shorter: int, equal: int) -> None:
    sides = {f"l{n}": "longer" for n in range(longer)}
    sides |= {f"s{n}": "shorter" for n in range(shorter)} | {f"e{n}": "equal" for n in range(equal)}
    shuffled = list(sides.items())
    Random(1).shuffle(shuffled)
    kept = balanced(sides, 2)
    assert kept == balanced(dict(shuffled), 2)
    count = {letter: sum(one[0] == letter for one in kept) for letter in "lse"}
    assert count == {"l": min(longer, shorter), "s": min(longer, shorter), "e": equal}


def repositories(**counts: int) -> list[tuple[tuple[str, str], int]]:
    return [((f"{language}{n}", language), 1) for language, count in counts.items() for n in range(count)]


def held(rows: list[tuple[tuple[str, str], int]], share: float, minimum: int, seed: int = 1) -> dict[str, int]:
    found = benchmark_repositories(rows, share, minimum, seed)
    return {language: sum(one.startswith(language) for one in found) for language in sorted({r[0][1] for r in rows})}


def test_each_language_holds_out_its_share_and_no_fewer_than_the_minimum() -> None:
    rows = repositories(go=20, ruby=4, java=3)
    assert held(rows, 0.3, 2) == {"go": 6, "java": 0, "ruby": 2}
    assert held(rows, 0.01, 1) == {"go": 1, "java": 1, "ruby": 1}
    assert held(rows, 0.0, 2) == {"go": 0, "java": 0, "ruby": 0}


def test_held_out_repositories_do_not_depend_on_the_order_but_on_the_seed() -> None:
    rows = repositories(go=20, ruby=10)
    found = benchmark_repositories(rows, 0.3, 2, 1)
    assert found == benchmark_repositories(rows[::-1], 0.3, 2, 1)
    assert found != benchmark_repositories(rows, 0.3, 2, 2)


def test_a_repository_belongs_to_the_language_it_has_most_of() -> None:
    rows = [(("mixed", "c"), 1), (("mixed", "go"), 5), (("g", "go"), 1), (("c1", "c"), 1), (("c2", "c"), 1)]
    found = benchmark_repositories(rows, 0.5, 1, 1)
    assert len(found & {"mixed", "g"}) == 1
    assert len(found & {"c1", "c2"}) == 1
    tie = [(("t", "go"), 2), (("t", "c"), 2), (("c1", "c"), 1)]
    assert len(benchmark_repositories(tie, 0.5, 1, 1)) == 1
