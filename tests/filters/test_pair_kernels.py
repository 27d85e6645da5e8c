"""Pairs out of buckets, counted, measured and settled: each kernel against the plain definition."""

import random
from collections import Counter

import numpy as np
import pytest

from filters import minhash, pair_kernels
from tests import greedy


def bucket_pairs(keys, docs, across=False, whole=512, most=64):
    docs = np.array(docs, dtype=np.uint64)
    given = (np.array(keys, dtype=np.uint64), docs, docs >= np.uint64(1 << 63), across, whole, most)
    out = np.empty((pair_kernels.bucket_pairs(*given, np.empty((0, 2), dtype=np.uint64)), 2), dtype=np.uint64)
    assert pair_kernels.bucket_pairs(*given, out) == len(out)
    return [tuple(pair) for pair in out.tolist()]


def test_all_of_a_bucket_are_paired_and_none_with_itself():
    assert bucket_pairs([1, 1, 1, 2, 3, 3], [5, 4, 5, 4, 9, 8]) == [(5, 4), (5, 4), (9, 8)]


def test_across_only_pairs_of_different_flags_are_made():
    held = 1 << 63
    assert bucket_pairs([1, 1, 1], [held | 1, held | 2, 7], across=True) == [(held | 1, 7), (held | 2, 7)]


def test_a_hot_key_makes_linearly_many_pairs_and_none_twice():
    pairs = bucket_pairs([1] * 1000, range(1000), whole=100, most=10)
    assert len(set(pairs)) == len(pairs) < 20 * 1000
    assert {(right, left) for right in range(1, 1000) for left in range(10) if left < right} <= set(pairs)
    assert {(right, right - back) for right in range(10, 1000) for back in range(1, 11)} <= set(pairs)


@pytest.mark.parametrize(("seen", "documents"), [(0, 1), (1, 1), (17, 2), (3000, 9), (3000, 2000)])
def test_pairs_are_counted_like_any_counter(seen, documents):
    rng = random.Random(seen)
    rows = [(rng.randrange(documents) << 32, rng.randrange(documents), rng.randrange(1, 9)) for _ in range(seen)]
    wanted = Counter()
    for right, left, times in rows:
        wanted[right, left] += times
    right, left = (np.array([row[at] for row in rows], dtype=np.uint64) for at in (0, 1))
    times = np.array([row[2] for row in rows], dtype=np.uint32)
    count = pair_kernels.count_pairs(right, left, times)
    found = list(zip(right[:count].tolist(), left[:count].tolist(), strict=True))
    assert found == list(wanted)
    assert times[:count].tolist() == list(wanted.values())


def test_similarities_are_exact_where_sizes_allow_the_threshold():
    sets = [minhash.shingles(text, 1) for text in ("a b c d", "a b c e", "a b", "", "a b c d")]
    ends = np.cumsum([len(one) for one in sets])
    left, right = np.array([0, 0, 0, 3, 0]), np.array([1, 2, 4, 3, 3])
    found = pair_kernels.similarities(np.concatenate(sets), ends - [len(one) for one in sets], ends, left, right, 0.55)
    assert found.tolist() == [0.6, 0.0, 1.0, 0.0, 0.0]


@pytest.mark.parametrize("threshold", [0.5, 0.75, 1.0])
def test_a_similarity_that_reaches_the_threshold_is_exact_and_no_other_does(threshold):
    rng = np.random.default_rng(5)
    drawn = [np.unique(rng.integers(0, 60, size=rng.integers(1, 60)).astype(np.uint64)) for _ in range(400)]
    drawn += [one[: max(1, len(one) * 3 // 4)] for one in drawn[:200]]  # at the threshold, and beside it
    ends = np.cumsum([len(one) for one in drawn])
    left, right = np.arange(200), np.arange(400, 600)
    left, right = np.append(left, np.arange(0, 400, 2)), np.append(right, np.arange(1, 400, 2))
    found = pair_kernels.similarities(
        np.concatenate(drawn), ends - [len(one) for one in drawn], ends, left, right, threshold
    )
    exact = np.array([minhash.jaccard(drawn[a], drawn[b]) for a, b in zip(left, right, strict=True)])
    near = exact >= threshold
    assert 0 < near.sum() < len(near)
    assert (found[near] == exact[near]).all() and (found[~near] < threshold).all()


def settled(edges, priority):
    """The greedy choice by the compiled pass, told nothing but what has no neighbour before it."""
    rank = {name: i for i, name in enumerate(priority)}
    before = {name: set() for name in priority}
    for a, b in edges:
        if a != b:
            first, second = sorted((a, b), key=rank.__getitem__)
            before[second].add(rank[first])
    states = np.array([0 if before[name] else 1 for name in priority], dtype=np.int8)
    losers = [name for name in priority if before[name]]
    starts = np.cumsum([0, *(len(before[name]) for name in losers)])
    winners = np.array([one for name in losers for one in sorted(before[name])], dtype=np.int64)
    pair_kernels.settle(starts, np.array([rank[name] for name in losers], dtype=np.int64), winners, states)
    assert 0 not in states
    return {name for name, state in zip(priority, states, strict=True) if state == 1}


@pytest.mark.parametrize("seed", range(60))
def test_one_pass_in_order_gives_the_greedy_choice_on_random_graphs(seed):
    rng = random.Random(seed)
    priority = [f"d{i}" for i in range(rng.randrange(1, 40))]
    rng.shuffle(priority)
    edges = [(rng.choice(priority), rng.choice(priority)) for _ in range(rng.randrange(80))]
    kept = greedy.keep(edges, priority)
    assert settled(edges, priority) == kept
    near = {frozenset(e) for e in edges}
    rank = {name: i for i, name in enumerate(priority)}
    for name in priority:
        before = [k for k in kept if frozenset((k, name)) in near and rank[k] < rank[name]]
        assert (name in kept) is not bool(before)


def test_what_depends_on_an_open_neighbour_stays_open():
    states = np.array([0, 1, 0, 0], dtype=np.int8)
    pair_kernels.settle(np.array([0, 1, 3]), np.array([2, 3]), np.array([0, 0, 1]), states)
    assert states.tolist() == [0, 1, 0, 2]


def test_a_chain_loses_only_what_is_near_a_kept_one():
    assert greedy.keep([("a", "b"), ("b", "c"), ("c", "d")], ["a", "b", "c", "d"]) == {"a", "c"}
    assert greedy.keep([("b", "a"), ("b", "c")], ["b", "a", "c"]) == {"b"}


def test_greedy_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="lacks"):
        greedy.keep([("a", "z")], ["a"])
    with pytest.raises(ValueError, match="twice"):
        greedy.keep([], ["a", "a"])
