import random
import re

import numpy as np
import pytest
from datasketch import MinHash

from filters import kernels, minhash

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
