"""The nearest text through the index equals the nearest by comparing with every text."""

import pickle
from random import Random

import pytest

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
