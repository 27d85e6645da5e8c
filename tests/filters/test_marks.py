import numpy as np

from filters.hashing import stream
from filters.marks import mark, marked, unmarked


def test_what_was_marked_is_found_and_little_else():
    keys = stream(1, 20_000)
    bits = unmarked(len(keys))
    assert not marked(bits, keys).any()
    mark(bits, keys)
    mark(bits, keys[:7])
    assert marked(bits, keys).all()
    others = marked(bits, stream(2, 20_000)).mean()
    load = len(keys) / (8 * len(bits))
    assert abs(others - (1 - np.exp(-load))) < 0.02


def test_the_least_and_the_greatest_key_have_a_place():
    for keys in (1, 40_000):
        bits = unmarked(keys)
        ends = np.array([0, 2**64 - 1], dtype=np.uint64)
        mark(bits, ends)
        assert marked(bits, ends).all()
        assert bits[0] == 1
        assert bits[-1] == 128
        assert bits.sum() == 129


def test_bits_grow_with_keys_up_to_a_bound():
    sizes = [len(unmarked(keys)) for keys in (1, 1 << 15, (1 << 15) + 1, 1 << 20)]
    assert sizes == [1 << 13, 1 << 13, 1 << 14, 1 << 18]
    assert len(unmarked(1 << 40)) == 1 << 28
