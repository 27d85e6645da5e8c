"""Operators of explaining variables: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import explanations

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "expression_repeated",
        "C#",
        "int F(int a, int b)\n{\n    int gap = a - b * 2;\n    Log(gap);\n    return gap + 1;\n}\n",
        "int F(int a, int b)\n{\n    Log(a - b * 2);\n    return (a - b * 2) + 1;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(explanations).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "expression_repeated",
        "Python",
        "def f(a, c):\n    b = a + c * 2\n    g(b)\n    a = 3\n    return b + a\n",
    ),
    (
        "expression_repeated",
        "Python",
        "def f(a, c):\n    b = g(a) + c * 2\n    g(b)\n    return b\n",
    ),
    (
        "expression_repeated",
        "Go",
        "func f() map[string]bool {\n\tseen := map[string]bool{}\n\tg(seen)\n\treturn seen\n}\n",
    ),
    (
        "expression_repeated",
        "Python",
        "def f(a):\n    half = a.size / 2 + 1\n    a.grow()\n    g(half)\n    return half\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
