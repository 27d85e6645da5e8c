"""Depth: sides that hold enough structure."""

import pickle
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from filters.depth import Depth
from filters.length import Length
from schemas.config import validate
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from pairs import PAIR, pair


def test_a_good_pair_passes_before_and_after_pickling():
    copy = pickle.loads(pickle.dumps(Depth()))
    assert copy == Depth() and copy.refuse(PAIR) is None
    assert copy.refuse(pair(chosen="", rejected="")) is not None


def test_options_come_from_a_configuration():
    assert validate(Depth, {"kind": "depth", "min_depth": 5}, "x").min_depth == 5
    with pytest.raises(ConfigError, match="min_depth"):
        validate(Depth, {"min_depth": 0}, "x")
    with pytest.raises(ValidationError):
        Length(kind="depth")


def test_depth():
    assert Depth().refuse(pair(rejected="# nothing")).reason == "depth"
    assert Depth(min_depth=40).refuse(PAIR).detail.startswith("chosen:")
    assert Depth().refuse(pair(language="NL", rejected="yes")) is None
    refusal = Depth().refuse(pair(rejected="x = 1\0"))
    assert refusal.reason == "nul_bytes" and refusal.detail.startswith("rejected:")
