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
    (
        "explanation_inlined",
        "Python",
        "def f(rows, rate):\n    discount = sum(rows) * rate / len(rows)\n"
        '    return {"kind": "receipt of the shop", "total": discount, "rows": list(rows)}\n',
        "def f(rows, rate):\n"
        '    return {"kind": "receipt of the shop", "total": (sum(rows) * rate / len(rows)), '
        '"rows": list(rows)}\n',
    ),
    (
        "explanation_inlined",
        "C++",
        "int f(int a) {\n  int middle = (a + other(a)) / 2 + 7;\n"
        '  return write_in_the_log(a, middle, "middle of the range");\n}\n',
        'int f(int a) {\n  return write_in_the_log(a, (a + other(a)) / 2 + 7, "middle of the range");\n}\n',
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
        "explanation_inlined",
        "Python",
        "def f(a):\n    b = a()\n    for i in range(3):\n        g(b)\n",
    ),
    (
        "explanation_inlined",
        "Python",
        "def f(a):\n    rows = []\n    for i in a:\n        rows.append(i)\n    return rows\n",
    ),
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
        "explanation_inlined",
        "Python",
        "def f(rows, rate):\n    discount = sum(rows) * rate / len(rows)\n"
        '    return record("receipt of the shop", list(rows), discount)\n',
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
    (
        "explanation_inlined",
        "Ruby",
        "def f(node)\n  return false unless (parent = node.each_ancestor(:class).first)\n\n"
        "  resolve_constant_in_index(parent.identifier, node.kind)\nend\n",
    ),
    (
        "explanation_inlined",
        "Python",
        "def f(rows, rate):\n    discount = sum(rows) * rate / len(rows)\n    if rate > 1:\n"
        '        return record("receipt of the shop", discount, "rows and rate")\n    return 0\n',
    ),
    (
        "explanation_inlined",
        "Python",
        "def f(rows, rate):\n    discount = sum(rows) * rate / len(rows)\n"
        '    return rate and record("receipt of the shop", rows, discount)\n',
    ),
    (
        "explanation_inlined",
        "Python",
        "def f(rows, rate):\n    discount = sum(rows) * rate / len(rows)\n"
        '    return record("receipt of the shop", discount) if rate > 1 else None\n',
    ),
    (
        "explanation_inlined",
        "Python",
        "def f(rows, rate):\n    discount = sum(rows) * rate / len(rows)\n"
        "    # the discount is never negative\n"
        '    return record("receipt of the shop", discount, rows)\n',
    ),
    (
        "explanation_inlined",
        "Python",
        "def f(rows, rate):\n    discount = sum(rows) * rate / len(rows)\n"
        '    while record("receipt of the shop", discount, rows):\n        rows.pop()\n',
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
