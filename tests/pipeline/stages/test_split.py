"""Groups of repositories, what is held out of them, and the windows of time."""

from random import Random
from typing import Any

import pytest

from pipeline.stages.selection import benchmark_repositories
from pipeline.stages.separate import shared
from pipeline.stages.split import files_of, groups, held_out
from pipeline.stages.windows import Windows
from schemas.config import validate
from schemas.errors import ConfigError
from schemas.provenance import Origin


def test_repositories_are_connected_through_families_and_names() -> None:
    links = [("b", "f1"), ("a", "f1"), ("a", "f2"), ("c", "f2"), ("d", "f3"), ("e", None), ("g", None), ("d", None)]
    expected = {"a": "a", "b": "a", "c": "a", "d": "d", "e": "e", "g": "g"}
    for seed in range(20):
        Random(seed).shuffle(links)
        assert groups(links) == expected


def test_a_repository_and_a_family_of_one_name_are_two_things() -> None:
    assert groups([("x", "y"), ("y", None)]) == {"x": "x", "y": "y"}


def test_a_long_chain_is_one_group() -> None:
    links = [(f"r{n:04d}", f"f{n + step}") for n in range(3_000) for step in (0, 1)]
    Random(1).shuffle(links)
    assert set(groups(links).values()) == {"r0000"}


def seen(*rows: tuple[str, str | None, str | None, int]) -> list[Any]:
    """(repository, family, window, pairs) in one language."""
    return [((repo, family, "Go", window), count) for repo, family, window, count in rows]


def test_without_families_and_windows_the_draw_is_by_repository() -> None:
    rows = seen(*((f"r{n}", None, None, n + 1) for n in range(20)))
    for seed in range(5):
        plain = benchmark_repositories([((f"r{n}", "Go"), n + 1) for n in range(20)], 0.3, 2, seed)
        assert held_out(rows, 0.3, 2, (), seed) == held_out(rows[::-1], 0.3, 2, (), seed) == plain


def test_the_share_is_of_groups_and_a_group_goes_whole() -> None:
    rows = seen(*((f"r{n:02d}", f"f{n // 5}", None, 1) for n in range(20)))
    for seed in range(5):
        held = held_out(rows, 0.5, 1, (), seed)
        assert len(held) == 10
        assert len({name[1:] for name in held}) == 10
        assert len({int(name[1:]) // 5 for name in held}) == 2


def test_only_what_a_benchmark_can_use_is_held_out_and_the_rest_counts_for_the_share() -> None:
    rows = seen(*((f"r{n}", None, "train", 9) for n in range(8)), ("r8", None, "benchmark", 1), ("r9", None, None, 1))
    for seed in range(5):
        assert held_out(rows, 0.2, 1, (), seed) == {"r8", "r9"}
        assert len(held_out(rows, 0.1, 1, (), seed)) == 1
        assert held_out(rows, 0.0, 1, (), seed) == set()
    fork = seen(("r0", "f", "train", 9), ("r0 fork", "f", "benchmark", 1), ("r1", None, "train", 9))
    assert held_out(fork, 0.5, 1, (), 1) == {"r0", "r0 fork"}


def test_names_decide_where_they_are_given() -> None:
    rows = seen(("a/x", "f", "train", 1), ("b/x", "f", None, 1), ("a/y", None, None, 1), ("A/x", None, None, 1))
    assert held_out(rows, 0.0, 2, ("a/?",), 1) == {"a/x", "a/y", "b/x"}
    assert held_out(rows, 0.9, 1, ("A/*",), 1) == {"A/x"}


def test_a_name_that_nothing_has_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        held_out(seen(*((f"r{n:02d}", None, None, 1) for n in range(12))), 0.3, 2, ("r*", "redis"), 1)
    assert str(caught.value) == (
        "curate.split.benchmark_repositories: 'redis' matches no repository that has pairs; there are r00, r01, r02, "
        "r03, r04, r05, r06, r07, r08, r09 and 2 more"
    )


def test_files_of_a_pair_are_both_sides_each_once() -> None:
    origin = Origin("s", "r", "1", "x", "bb", before_sha256="aa")
    assert files_of(origin) == ("aa", "bb")
    assert files_of(Origin("s", "r", "1", "x", "bb")) == ("bb",)
    assert files_of(Origin("s", "r", "1", "x", "bb", before_sha256="bb")) == ("bb",)


def test_a_file_of_one_side_drops_nothing() -> None:
    for split in ("train", "benchmark"):
        assert list(shared(("f", [(split, "p1", 1), (split, "p2", 2)]), "shared_blob", "file")) == []


@pytest.mark.parametrize(
    ("times", "window"),
    [
        ((1_551_398_399,), "train"),  # 2019-02-28 23:59:59
        ((1_551_398_400,), None),
        ((0, 1_551_398_399), "train"),
        ((0, 1_551_398_400), None),
        ((1_559_347_199,), None),
        ((1_559_347_200,), "benchmark"),  # 2019-06-01
        ((1_559_347_200, 1_612_137_599), "benchmark"),  # to 2021-01-31 23:59:59
        ((1_559_347_200, 1_612_137_600), None),
        ((0, 1_559_347_200), None),
    ],
)
def test_a_change_is_of_a_window_by_all_of_its_times(times: tuple[int, ...], window: str | None) -> None:
    assert Windows().of(*times) == window


def test_windows_follow_each_other() -> None:
    given = {"train_before": "2020-01-01", "benchmark_from": "2020-01-01", "benchmark_to": "2020-01-01"}
    assert validate(Windows, given, "x").of(1_577_836_800) == "benchmark"
    with pytest.raises(ConfigError, match="2020-01-02, 2020-01-01, 2020-01-01: train_before"):
        validate(Windows, given | {"train_before": "2020-01-02"}, "x")
