"""Operators of dead code: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import dead_code

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "dead_assignment",
        "Java",
        "void f(int a) {\n    this.size = a;\n    g();\n}\n",
        "void f(int a) {\n    this.size = a;\n    this.size = a;\n    g();\n}\n",
    ),
    (
        "dead_assignment",
        "Go",
        "func f(a int) int {\n\tb := a * 2\n\treturn b\n}\n",
        "func f(a int) int {\n\tb := a * 2\n\tb = a * 2\n\treturn b\n}\n",
    ),
    (
        "guard_repeated",
        "Go",
        "func f(a *T) int {\n\tif a == nil {\n\t\treturn 0\n\t}\n\treturn a.n\n}\n",
        "func f(a *T) int {\n\tif a == nil {\n\t\treturn 0\n\t}\n\tif a == nil {\n\t\treturn 0\n\t}\n\treturn a.n\n}\n",
    ),
    (
        "guard_repeated",
        "Ruby",
        "def f(a)\n  return unless a\n\n  g(a)\nend\n",
        "def f(a)\n  return unless a\n  return unless a\n\n  g(a)\nend\n",
    ),
    (
        "needless_jump",
        "Java",
        "void f(int a) {\n    g(a);\n    h(a);\n}\n",
        "void f(int a) {\n    g(a);\n    h(a);\n    return;\n}\n",
    ),
    (
        "needless_jump",
        "Python",
        "def f(rows):\n    for row in rows:\n        g(row)\n        h(row)\n",
        "def f(rows):\n    for row in rows:\n        g(row)\n        h(row)\n        continue\n",
    ),
    (
        "dead_assignment",
        "C++",
        "int f(int size) {\n  int half = size / 2;\n  return half;\n}\n",
        "int f(int size) {\n  int half = size / 2;\n  int half_size = size / 2;\n  return half;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(dead_code).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "dead_assignment",
        "Python",
        "def f(a):\n    a.b = g(a)\n    return a\n",
    ),
    (
        "dead_assignment",
        "C#",
        "void F(int size)\n{\n    Size = size;\n    G();\n}\n",
    ),
    (
        "guard_repeated",
        "C",
        "int f(int a) {\n    if (next(a)) {\n        return 1;\n    }\n    return 2;\n}\n",
    ),
    (
        "needless_jump",
        "Java",
        "int f(int a) {\n    g(a);\n    return 1;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
