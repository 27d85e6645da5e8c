import random
import re

import numpy as np
import pytest
from datasketch import MinHash

from filters import kernels, minhash
from tests import greedy

TOKEN = re.compile(rb"[0-9A-Za-z_\x80-\xff]+|[!-/:-@\[-^`{-~]")


def naive_tokens(text):
    return TOKEN.findall(text.encode() if isinstance(text, str) else text)


def naive_shingles(text, size):
    words = naive_tokens(text)
    return {tuple(words[i : i + size]) for i in range(max(1, len(words) - size + 1))} if words else set()


def naive_jaccard(left, right, size=20):
    a, b = naive_shingles(left, size), naive_shingles(right, size)
    return len(a & b) / len(a | b)


def document(rng, words, vocabulary=400):
    return " ".join(f"name_{rng.randrange(vocabulary)}" + rng.choice(["(x)", " +", ";\n", ""]) for _ in range(words))


def edited(rng, text, changes):
    words = text.split(" ")
    for _ in range(changes):
        words[rng.randrange(len(words))] = f"new_{rng.randrange(10**6)}"
    return " ".join(words)


TEXTS = [
    "",
    " \n\t",
    "a",
    "a b",
    "ab",
    "x=1",
    "x = 1",
    "größe + 文字;",
    "a\x00b",
    "__init__(self)",
    "a" * 70_000 + " b",
    "\u00a0x",
]


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_the_definition(text):
    words = naive_tokens(text)
    hashes = minhash.tokens(text.encode())
    assert len(hashes) == len(words)
    assert hashes.tolist() == [int(minhash.tokens(w)[0]) for w in words]


def test_different_tokens_have_different_hashes():
    words = {f"{a}{b}" for a in "abcxyz_019é" for b in range(3000)} | {a * n for a in "ab" for n in range(1, 300)}
    hashes = {int(minhash.tokens(w.encode())[0]) for w in words}
    assert len(hashes) == len(words)


def test_hashes_never_change():
    assert minhash.tokens(b"def f").tolist() == [10211559072644316122, 16734179640463378069]
    assert minhash.signature(minhash.shingles("def f(): pass"), 3).tolist() == [791188017, 791188017, 791188017]
    assert minhash.band_keys(*minhash.lay([b"def f(): pass"]), bands=2)[0].tolist() == [
        [17766541624754711029, 17009572236945023231]
    ]


@pytest.mark.parametrize("size", [1, 3, 20])
def test_shingles_are_sorted_unique_and_as_many_as_the_naive_ones(size):
    rng = random.Random(size)
    for words in (1, 5, 19, 20, 21, 300):
        text = document(rng, words, 10)
        found = minhash.shingles(text, size)
        assert len(found) == len(naive_shingles(text, size))
        assert (np.diff(found.astype(object)) > 0).all()


def test_exact_jaccard_is_that_of_naive_sets():
    rng = random.Random(1)
    for _ in range(40):
        left = document(rng, rng.randrange(5, 400))
        right = edited(rng, left, rng.randrange(8))
        ours = minhash.jaccard(minhash.shingles(left), minhash.shingles(right))
        assert ours == pytest.approx(naive_jaccard(left, right), abs=1e-12)
    assert minhash.jaccard(minhash.shingles(""), minhash.shingles(" ")) == 1.0
    assert minhash.jaccard(minhash.shingles(""), minhash.shingles("a")) == 0.0


def test_a_short_document_is_compared_whole():
    assert len(minhash.shingles("a b c")) == 1
    assert minhash.jaccard(minhash.shingles("a b c"), minhash.shingles("a b c")) == 1.0
    assert minhash.jaccard(minhash.shingles("a b c"), minhash.shingles("a b d")) == 0.0
    assert minhash.jaccard(minhash.shingles("a " * 19), minhash.shingles("a " * 20)) == 0.0


def estimate(left, right):
    return float(np.mean(left == right))


def test_the_signature_estimates_jaccard_as_well_as_datasketch():
    rng = random.Random(7)
    ours, theirs = [], []
    for _ in range(60):
        left = document(rng, 300)
        right = edited(rng, left, rng.randrange(1, 12))
        a, b = minhash.shingles(left), minhash.shingles(right)
        exact = minhash.jaccard(a, b)
        ours.append(estimate(minhash.signature(a), minhash.signature(b)) - exact)
        pair = []
        for hashes in (a, b):
            one = MinHash(num_perm=252, seed=1, scheme="affine32")
            one.update_batch([int(h).to_bytes(8, "little") for h in hashes])
            pair.append(one)
        theirs.append(pair[0].jaccard(pair[1]) - exact)
    assert abs(np.mean(ours)) < 0.015  # no bias
    assert np.sqrt(np.mean(np.square(ours))) < 0.04  # sqrt(J * (1 - J) / 252) is at most 0.0315
    assert np.sqrt(np.mean(np.square(ours))) < 1.4 * np.sqrt(np.mean(np.square(theirs)))


def test_a_signature_does_not_depend_on_order_or_repeats():
    hashes = minhash.shingles(document(random.Random(3), 3000))
    whole = minhash.signature(hashes)
    assert (minhash.signature(np.concatenate([hashes[::-1], hashes])) == whole).all()
    assert (whole < 2**32).all()
    assert (minhash.signature(hashes[:0]) == 2**32).all()


@pytest.mark.parametrize("size", [1, 2, 7, 60, 3000])
def test_no_place_of_a_signature_stays_empty(size):
    values = minhash.signature(minhash.shingles(document(random.Random(size), size + 19, 10**6)))
    assert (values < 2**32).all()


@pytest.mark.parametrize("size", [8, 40, 150, 2000])
def test_the_estimate_is_unbiased_for_small_sets_too(size):
    rng = np.random.default_rng(size)
    errors = []
    for _ in range(80):
        drawn = rng.integers(0, 2**63, size=size + size // 4).astype(np.uint64)
        left, right = drawn[:size], drawn[size // 4 :]
        exact = minhash.jaccard(np.sort(left), np.sort(right))
        errors.append(estimate(minhash.signature(left), minhash.signature(right)) - exact)
    assert abs(np.mean(errors)) < 0.012


def keys_of(*texts):
    keys, _ = minhash.band_keys(*minhash.lay([text.encode() for text in texts]))
    return keys


def test_banding_finds_planted_pairs():
    rng = random.Random(11)
    planted = 0
    keys_of_others = set()
    for i in range(250):
        left = document(rng, 300)
        right = edited(rng, left, rng.randrange(1, 4))
        keys = keys_of(left, right)
        if minhash.jaccard(minhash.shingles(left), minhash.shingles(right)) >= 0.75:
            planted += 1
            assert (keys[0] == keys[1]).sum() >= 3
        if i % 10 == 0:
            assert keys_of_others.isdisjoint(keys[0].tolist())
            keys_of_others |= set(keys[0].tolist())
    assert planted > 80


def test_keys_of_many_texts_are_those_of_each_and_of_its_shingles():
    texts = ["", "a", document(random.Random(1), 50), "größe " * 30, "  ", "x=1"]
    keys, counts = minhash.band_keys(*minhash.lay([text.encode() for text in texts]))
    assert counts.tolist() == [0, 1, *(max(1, len(naive_tokens(text)) - 19) for text in texts[2:4]), 0, 1]
    for text, row in zip(texts, keys, strict=True):
        folded = np.empty(minhash.BANDS, dtype=np.uint64)
        kernels.fold(minhash.signature(minhash.shingles(text)), minhash.ROWS, folded)
        assert (keys_of(text)[0] == row).all() and (folded == row).all()


def test_equal_rows_in_two_bands_have_different_keys():
    assert len(set(keys_of("a")[0].tolist())) == minhash.BANDS
    assert minhash.band_keys(*minhash.lay([]))[0].shape == (0, minhash.BANDS)


def test_lone_surrogates_and_any_bytes_are_text_like_any_other():
    assert len(minhash.shingles("a \udcff b", 1)) == 3
    assert len(minhash.tokens(bytes(range(256)))) == len(naive_tokens(bytes(range(256))))


def bucket_pairs(keys, docs, across=False, whole=512, most=64):
    docs = np.array(docs, dtype=np.uint64)
    given = (np.array(keys, dtype=np.uint64), docs, docs >= np.uint64(1 << 63), across, whole, most)
    out = np.empty((kernels.bucket_pairs(*given, np.empty((0, 2), dtype=np.uint64)), 2), dtype=np.uint64)
    assert kernels.bucket_pairs(*given, out) == len(out)
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


def test_similarities_are_exact_where_sizes_allow_the_threshold():
    sets = [minhash.shingles(text, 1) for text in ("a b c d", "a b c e", "a b", "", "a b c d")]
    ends = np.cumsum([len(one) for one in sets])
    left, right = np.array([0, 0, 0, 3, 0]), np.array([1, 2, 4, 3, 3])
    found = kernels.similarities(np.concatenate(sets), ends - [len(one) for one in sets], ends, left, right, 0.55)
    assert found.tolist() == [0.6, 0.0, 1.0, 0.0, 0.0]


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
    kernels.settle(starts, np.array([rank[name] for name in losers], dtype=np.int64), winners, states)
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
    kernels.settle(np.array([0, 1, 3]), np.array([2, 3]), np.array([0, 0, 1]), states)
    assert states.tolist() == [0, 1, 0, 2]


def test_a_chain_loses_only_what_is_near_a_kept_one():
    assert greedy.keep([("a", "b"), ("b", "c"), ("c", "d")], ["a", "b", "c", "d"]) == {"a", "c"}
    assert greedy.keep([("b", "a"), ("b", "c")], ["b", "a", "c"]) == {"b"}


def test_greedy_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="lacks"):
        greedy.keep([("a", "z")], ["a"])
    with pytest.raises(ValueError, match="twice"):
        greedy.keep([], ["a", "a"])
