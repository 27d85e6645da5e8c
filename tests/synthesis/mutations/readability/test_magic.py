"""Operators of magic numbers: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import magic

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "constant_inlined",
        "JavaScript",
        "function f(a) {\n  const most = 86400;\n  if (a > most) {\n    return most;\n  }\n  return a;\n}\n",
        "function f(a) {\n  if (a > 86400) {\n    return 86400;\n  }\n  return a;\n}\n",
    ),
    (
        "constant_inlined",
        "Go",
        "func f(w http.ResponseWriter) {\n\tw.WriteHeader(http.StatusNotFound)\n}\n",
        "func f(w http.ResponseWriter) {\n\tw.WriteHeader(404)\n}\n",
    ),
    (
        "constant_inlined",
        "Python",
        "def f(a):\n    minutes = 24 * 60\n    return a * minutes\n",
        "def f(a):\n    return a * (24 * 60)\n",
    ),
    (
        "character_coded",
        "C",
        "int f(int c) {\n    return c == '\\n';\n}\n",
        "int f(int c) {\n    return c == 10;\n}\n",
    ),
    (
        "mask_in_decimal",
        "C",
        "int f(int c) {\n    return (c & 0x3f) | (1 << 12);\n}\n",
        "int f(int c) {\n    return (c & 63) | 4096;\n}\n",
    ),
    (
        "mask_in_decimal",
        "Python",
        "def f(a):\n    return a.read(1 << 16)\n",
        "def f(a):\n    return a.read(65536)\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(magic).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "constant_inlined",
        "Ruby",
        "def f(a)\n  paths = []\n  g(paths)\n  paths\nend\n",
    ),
    (
        "constant_inlined",
        "C",
        "int f(int a) {\n    int first = 0;\n    return a + first;\n}\n",
    ),
    (
        "character_coded",
        "C",
        "int f(int c) {\n    return c != '\\0';\n}\n",
    ),
    (
        "mask_in_decimal",
        "C",
        "int f(int c) {\n    return c & 0xff;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
