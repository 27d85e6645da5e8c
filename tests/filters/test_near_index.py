"""The nearest text through the index equals the nearest by comparing with every text."""

import pickle
from random import Random
from typing import Any

import numpy as np
import pytest

from filters import near_index, near_kernels
from filters.minhash import jaccard, shingles
from filters.near_index import Near, NearIndex


def texts(seed: int) -> list[tuple[str, str]]:
    """A few texts, edited copies of them, short ones and an empty one."""
    rng = Random(seed)
    made = [[f"w{rng.randrange(10**6)}" for _ in range(rng.randrange(25, 120))] for _ in range(4)]
    for _ in range(30):
        words = list(rng.choice(made))
        for _ in range(rng.randrange(1, 4)):
            words[rng.randrange(len(words))] = "edited"
        made.append(words)
    made += [["a", "b"], ["a", "c"], []]
    return [(f"t{n:02d}", " ".join(words)) for n, words in enumerate(made)]


@pytest.mark.parametrize("threshold", [0.3, 0.55, 0.75, 1.0])
@pytest.mark.parametrize("size", [3, 20])
def test_it_finds_what_comparing_with_all_finds(threshold: float, size: int) -> None:
    known, asked = texts(1)[::2], texts(1)
    index = NearIndex.build(known, size)
    sets = {id_: shingles(text, size) for id_, text in known}
    found = 0
    for _, text in asked:
        own = shingles(text, size)
        best = max(((jaccard(own, other), id_) for id_, other in sets.items() if len(own)), default=(0.0, ""))[0]
        near = index.nearest(text, threshold)
        assert (near is not None) == (best >= threshold)
        if near is not None:
            found += 1
            assert near.jaccard == best == jaccard(own, sets[near.id])
    assert 18 <= found <= len(asked)


def test_of_equally_near_texts_the_first_is_named() -> None:
    index = NearIndex.build([("b", "one two"), ("a", "one  two")])
    assert index.nearest("one two", 0.75) == Near("b", 1.0)


def test_a_text_without_tokens_is_near_to_nothing() -> None:
    index = NearIndex.build([("empty", ""), ("word", "word")])
    assert index.nearest(" \n", 0.1) is None


def test_an_empty_index_knows_nothing_and_all_can_be_sent_to_a_worker() -> None:
    assert NearIndex.build([]).nearest("one two", 0.1) is None
    again = pickle.loads(pickle.dumps(NearIndex.build([("a", "one two")])))
    assert again.nearest("one two", 0.75) == Near("a", 1.0)


def test_many_are_asked_at_once_and_a_look_up_leaves_no_trace() -> None:
    index = NearIndex.build([("a", "one two"), ("b", "three")])
    assert index.nearest_many(["three", "", "four", "one two"], 0.75) == [Near("b", 1.0), None, None, Near("a", 1.0)]
    assert index.nearest_many([], 0.75) == []
    again = pickle.loads(pickle.dumps(index))
    assert len(pickle.dumps(again)) == len(pickle.dumps(NearIndex.build([("a", "one two"), ("b", "three")])))
    assert again.nearest_many(["three"], 0.5) == [Near("b", 1.0)]


def test_of_texts_with_the_same_shingles_one_is_held() -> None:
    index = NearIndex.build((str(n), "one two three " * 10) for n in range(1000))
    assert index.ids == ("0",)
    assert index.nearest("one two three " * 10, 1.0) == Near("0", 1.0)


def test_slices_hold_every_text_in_order() -> None:
    known = texts(2)
    whole = NearIndex.build(known, 3)
    sliced = list(NearIndex.slices(known, 3, 100))
    assert len(sliced) > 3
    assert [id_ for index in sliced for id_ in index.ids][: len(whole.ids)] == list(whole.ids)
    assert all(len(index.hashes) >= 100 for index in sliced[:-1])
    for _, text in known:
        answers = [near for near in (index.nearest(text, 0.6) for index in sliced) if near is not None]
        assert max(answers, key=lambda near: near.jaccard, default=None) == whole.nearest(text, 0.6)
    assert [index.ids for index in NearIndex.slices([], 3, 100)] == [()]


def random_texts(rng: Random) -> list[str]:
    """Texts of few words, so that sets overlap in every degree: copies with a few words changed, or cut short."""
    made = []
    first = [[f"w{rng.randrange(50)}" for _ in range(rng.randrange(60))] for _ in range(6)]
    for _ in range(60):
        words = list(rng.choice(first))
        for _ in range(rng.randrange(6)):
            if words:
                words[rng.randrange(len(words))] = f"w{rng.randrange(50)}"
        made.append(" ".join(words[: rng.randrange(len(words) + 1)] if rng.random() < 0.3 else words))
    return made


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_common_nothing_is_missed(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(seed)
    monkeypatch.setattr(near_index, "HOT", rng.choice([1, 2, 5, 32]))
    made, size = random_texts(rng), rng.choice([1, 2, 3, 5])
    threshold = rng.choice([0.01, 0.2, 0.5, 0.6, 0.75, 0.8, 0.9, 1.0])
    index = NearIndex.build(((str(n), text) for n, text in enumerate(made[:40])), size)
    sets = [shingles(text, size) for text in made]
    expected = []
    for own in sets:
        nearness = [(jaccard(own, other) if len(own) else 0.0, -n) for n, other in enumerate(sets[:40])]
        best, place = max(nearness)
        expected.append(Near(str(-place), best) if best >= threshold else None)
    assert index.nearest_many(made, threshold) == expected
    assert any(expected)


def test_the_work_does_not_grow_with_texts_that_share_a_header(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = Random(5)
    header = " ".join(f"h{n}" for n in range(30))
    made = [f"{header} " + " ".join(f"w{rng.randrange(10**9)}" for _ in range(100)) for _ in range(200)]
    index = NearIndex.build((str(n), text) for n, text in enumerate(made[:-1]))
    compared = np.zeros(len(index.ids), dtype=np.int32)
    prefixes = index._prefixes(0.75)
    arrays = (prefixes.hot, prefixes.buckets, prefixes.keys, prefixes.owners)
    found, _ = near_kernels.nearest(shingles(made[-1]), index.hashes, index.starts, *arrays, compared, 1, 0.75)
    assert (found, int(compared.sum())) == (-1, 0)
    assert len(prefixes.hot) == 11


def test_the_compiled_code_is_what_is_written() -> None:
    rng = Random(7)
    made = [text for text in random_texts(rng) if text]
    index = NearIndex.build([(str(n), text) for n, text in enumerate(made[:30])], 2)
    hot = near_index._common(index.hashes)[:5]
    for total in (1, 2, 3, 7, 100):
        for threshold in (0.01, 0.5, 0.75, 1.0):
            for union in (False, True):
                least = near_kernels.least_overlap.py_func(total, threshold, union)
                assert least == near_kernels.least_overlap(total, threshold, union)
                reached = [c for c in range(1, total) if c / (total - c if union else total) >= threshold]
                assert least == min(reached, default=total)
    both = [form(index.hashes, index.starts, hot, 0.75) for form in _forms(near_kernels.prefixes)]
    assert all(np.array_equal(left, right) for left, right in zip(*both, strict=True))
    made_of = index._prefixes(0.75)
    arrays = (made_of.hot, made_of.buckets, made_of.keys, made_of.owners)
    for text in made:
        own = shingles(text, 2)
        places = [np.zeros(len(own), dtype=np.int64) for _ in range(2)]
        counts = [form(own, hot, len(own), out) for form, out in zip(_forms(near_kernels.prefix), places, strict=True)]
        assert counts == [len(own)] * 2 and np.array_equal(*places) and sorted(places[0]) == list(range(len(own)))
        other = shingles(made[0], 2)
        assert len({form(own, other, 3) for form in _forms(near_kernels.overlap)}) == 1
        answers = {
            form(own, index.hashes, index.starts, *arrays, np.zeros(30, dtype=np.int32), 1, 0.6)
            for form in _forms(near_kernels.nearest)
        }
        assert len(answers) == 1


def _forms(kernel: Any) -> tuple[Any, Any]:
    return kernel, kernel.py_func
