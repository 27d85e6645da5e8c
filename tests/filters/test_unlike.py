import pickle
import random
import sys
from pathlib import Path

import pytest

from filters.unlike import Unlike, shared
from schemas.config import validate
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, pair

OTHER = """class Reader:
    def __init__(self, path, encoding="utf-8"):
        self.path = path
        self.encoding = encoding

    def lines(self):
        with open(self.path, encoding=self.encoding) as file:
            yield from (line.rstrip() for line in file if not line.startswith("#"))
"""


def test_a_good_pair_passes_before_and_after_pickling():
    assert Unlike().refuse(PAIR) is None
    assert Unlike().refuse(pair(kind="placebo", rejected=CHOSEN)) is None
    copy = pickle.loads(pickle.dumps(Unlike()))
    assert copy == Unlike()
    assert copy.refuse(pair(rejected=OTHER)) is not None


def test_unrelated_sides_are_refused_either_way_round():
    refused = Unlike().refuse(pair(rejected=OTHER))
    assert refused is not None
    assert refused.reason == "unlike"
    assert refused.detail.endswith("of the shorter side shared, at least 0.2")
    assert Unlike().refuse(pair(chosen=OTHER, rejected=CHOSEN)) == refused


def test_an_answer_that_grew_shrank_or_was_rewritten_in_part_passes():
    assert Unlike().refuse(pair(rejected=CHOSEN + OTHER)) is None
    assert Unlike().refuse(pair(chosen=CHOSEN + OTHER, rejected=OTHER)) is None
    shorter = "def total(values: list[int]) -> int:\n    return sum(values)\n"
    assert Unlike().refuse(pair(rejected=shorter)) is None
    reordered = "\n".join(reversed(OTHER.splitlines()))
    assert Unlike().refuse(pair(chosen=OTHER, rejected=reordered)) is None


def test_a_side_that_is_much_longer_is_refused():
    long = CHOSEN * 40
    refused = Unlike().refuse(pair(rejected=long))
    assert refused is not None
    assert refused.detail == "1120 tokens against 28, at most 6 to one"
    assert Unlike(max_ratio=50).refuse(pair(rejected=long)) is None
    assert Unlike(min_tokens=500).refuse(pair(rejected=long)) is None
    stub = "def total(values: list[int]) -> int:\n    ...\n"
    assert Unlike().refuse(pair(rejected=stub)) is None


def test_bounds_come_from_the_options():
    half = pair(chosen="a b c d e f g h", rejected="a b c d w x y z")
    assert shared(["a", "b", "c", "d", "e", "f", "g", "h"], ["a", "b", "c", "d", "w", "x", "y", "z"]) == pytest.approx(
        2 / 6
    )
    assert validate(Unlike, {"min_shared": 0.34}, "x").refuse(half) is not None
    assert Unlike(min_shared=0.33).refuse(half) is None
    with pytest.raises(ConfigError, match="max_ratio"):
        validate(Unlike, {"max_ratio": 0.5}, "x")


def test_what_is_shared_counts_as_often_as_it_is_there():
    assert shared(list("aaaa"), list("aaaaaaaa")) == 1.0
    assert shared(list("abcabc"), list("abcxyzxyz")) == pytest.approx(1 / 4)
    assert shared([], list("abc")) == 1.0
    assert shared(["a"], ["b"]) == 0.0
    assert shared(["a", "b"], ["a", "b"]) == 1.0


def test_empty_odd_and_large_sides_end():
    assert Unlike().refuse(pair(chosen="", rejected="")) is None
    assert Unlike().refuse(pair(chosen="\ud800 \u00e9 1", rejected="\ud800 \u00e9 1")) is None
    rng = random.Random(3)
    left = " ".join(str(rng.random()) for _ in range(60_000))
    assert Unlike().refuse(pair(chosen=left, rejected=left[::-1])) is not None
    assert Unlike().refuse(pair(chosen="((" * 2_000_000, rejected="((" * 2_000_000)) is None
