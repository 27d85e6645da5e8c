import random
import re

import numpy as np
import pytest
from datasketch import MinHash

from filters import greedy, hashing, minhash

TOKEN = re.compile(rb"[0-9A-Za-z_\x80-\xff]+|[!-/:-@\[-^`{-~]")


def naive_tokens(text):
    return TOKEN.findall(text.encode())


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
    assert minhash.tokens(b"def f").tolist() == [9968374143584299812, 1676681971144066744]
    assert minhash.signature(minhash.shingles("def f(): pass"), 3).tolist() == [1716795718, 3228220356, 1993888746]


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


def test_a_signature_does_not_depend_on_order_or_chunks_but_on_the_seed():
    hashes = minhash.shingles(document(random.Random(3), 3000))
    assert len(hashes) > 2 * minhash._CHUNK
    whole = minhash.signature(hashes)
    assert (minhash.signature(hashes[::-1]) == whole).all()
    parts = [minhash.signature(hashes[:500]), minhash.signature(hashes[500:])]
    assert (np.minimum(*parts) == whole).all()
    assert (minhash.signature(hashes, seed=1) != whole).all()
    assert (minhash.signature(hashes[:0]) == 2**32 - 1).all()


def test_banding_finds_planted_pairs():
    rng = random.Random(11)
    planted = found = 0
    keys_of_others = set()
    for i in range(250):
        left = document(rng, 300)
        right = edited(rng, left, rng.randrange(1, 4))
        a, b = minhash.shingles(left), minhash.shingles(right)
        keys = set(minhash.band_keys(minhash.signature(a)).tolist())
        if minhash.jaccard(a, b) >= 0.75:
            planted += 1
            found += not keys.isdisjoint(minhash.band_keys(minhash.signature(b)).tolist())
        if i % 10 == 0:
            assert keys.isdisjoint(keys_of_others)
            keys_of_others |= keys
    assert planted > 80
    assert found == planted


def test_equal_rows_in_two_bands_have_different_keys():
    keys = minhash.band_keys(np.zeros(252, dtype=np.uint32))
    assert len(set(keys.tolist())) == 42
    with pytest.raises(ValueError, match="too short for 42 bands of 6 rows"):
        minhash.band_keys(np.zeros(251, dtype=np.uint32))


def test_powers_beyond_one_table():
    base = 0x9E3779B97F4A7C15
    values = hashing.powers(base, 200_000)
    for i in (0, 1, 65_535, 65_536, 199_999):
        assert int(values[i]) == pow(base, i, 1 << 64)


def rounds(edges, priority):
    rank = {name: i for i, name in enumerate(priority)}
    better = {name: set() for name in priority}
    for a, b in edges:
        if a != b:
            first, second = sorted((a, b), key=rank.__getitem__)
            better[second].add(first)
    states = dict.fromkeys(priority, "undecided")
    count = 0
    while "undecided" in states.values():
        count += 1
        states = {
            name: greedy.decide(states[other] for other in better[name]) if state == "undecided" else state
            for name, state in states.items()
        }
        assert count <= len(priority)
    return {name for name, state in states.items() if state == "kept"}


@pytest.mark.parametrize("seed", range(60))
def test_rounds_give_the_greedy_choice_on_random_graphs(seed):
    rng = random.Random(seed)
    priority = [f"d{i}" for i in range(rng.randrange(1, 40))]
    rng.shuffle(priority)
    edges = [(rng.choice(priority), rng.choice(priority)) for _ in range(rng.randrange(80))]
    kept = greedy.keep(edges, priority)
    assert rounds(edges, priority) == kept
    near = {frozenset(e) for e in edges}
    rank = {name: i for i, name in enumerate(priority)}
    for name in priority:
        before = [k for k in kept if frozenset((k, name)) in near and rank[k] < rank[name]]
        assert (name in kept) is not bool(before)


def test_a_chain_loses_only_what_is_near_a_kept_one():
    assert greedy.keep([("a", "b"), ("b", "c"), ("c", "d")], ["a", "b", "c", "d"]) == {"a", "c"}
    assert greedy.keep([("b", "a"), ("b", "c")], ["b", "a", "c"]) == {"b"}


def test_greedy_refuses_what_it_does_not_know():
    with pytest.raises(ValueError, match="lacks"):
        greedy.keep([("a", "z")], ["a"])
    with pytest.raises(ValueError, match="twice"):
        greedy.keep([], ["a", "a"])
