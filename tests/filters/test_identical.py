"""Identical: sides that say the same, and prompts that hold a side."""

import pickle
import sys
from pathlib import Path

import pytest

from filters.identical import Identical, same_tokens

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, pair


def test_a_good_pair_passes_before_and_after_pickling():
    copy = pickle.loads(pickle.dumps(Identical()))
    assert copy == Identical() and copy.refuse(PAIR) is None
    assert copy.refuse(pair(rejected=CHOSEN)) is not None


@pytest.mark.parametrize(
    ("language", "left", "right", "same"),
    [
        ("Python", "x = 1\n", "x = 1\n", True),
        ("Python", "x = [1, 2]\n", "x=[1,\n   2]  \n", True),
        ("Python", "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n", False),
        ("Python", "x = 'a b'\n", "x = 'ab'\n", False),
        ("Python", "x = 1  # one two\n", "x = 1  #  one  two\n", True),
        ("Java", "class A { int f() { return 1; } }", "class A {\n  int f() {\n    return 1;\n  }\n}\n", True),
        ("JavaScript", "function f() { return\n1 }", "function f() { return 1 }", False),
        ("Go", "func f() { a(); b() }", "func f() {\n\ta(); b()\n}", True),
        ("C", "int f(void) { return 1; }", "int f(void) { return 2; }", False),
        ("NL", "yes  it is", "yes it\nis", True),
        ("Python", "x\0 y", "x\0y", True),
    ],
)
def test_same_tokens(language, left, right, same):
    assert same_tokens(language, left, right) is same


def test_identical_sides():
    assert Identical().refuse(pair(rejected=CHOSEN)) == ("identical", "both sides are the same text")
    assert Identical().refuse(pair(rejected=CHOSEN + "\n\n")).detail == "the sides differ in white space only"


def test_a_prompt_that_holds_a_side():
    prompt = f"Improve this:\n{CHOSEN}"
    assert Identical().refuse(pair(prompt=prompt)) == ("leak", "the prompt holds the chosen side whole")
    assert Identical(leak=False).refuse(pair(prompt=prompt)) is None
    assert Identical().refuse(pair(prompt="Return x please.", rejected="return x")) is None
