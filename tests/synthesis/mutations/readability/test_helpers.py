"""Operators of local helpers: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import helpers

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "helper_inlined",
        "Python",
        "def f(rows):\n    def area(row):\n        return row.width * row.height\n    return area(rows) + area(best)\n",
        "def f(rows):\n    return (rows.width * rows.height) + (best.width * best.height)\n",
    ),
    (
        "helper_inlined",
        "Python",
        "def f(rows):\n    area = lambda row: row.width * row.height\n    return area(rows) or area(rows)\n",
        "def f(rows):\n    return (rows.width * rows.height) or (rows.width * rows.height)\n",
    ),
    (
        "helper_inlined",
        "JavaScript",
        "function f(rows) {\n  const area = (row) => row.width * row.height;\n  return area(rows) + area(rows);\n}\n",
        "function f(rows) {\n  return (rows.width * rows.height) + (rows.width * rows.height);\n}\n",
    ),
    (
        "helper_inlined",
        "Go",
        "func f(a int) int {\n\tarea := func(width int) int {\n\t\treturn width * a + 1\n\t}\n"
        "\treturn area(a) + area(3)\n}\n",
        "func f(a int) int {\n\treturn (a * a + 1) + (3 * a + 1)\n}\n",
    ),
    (
        "helper_inlined",
        "C#",
        "int F(int a)\n{\n    int Area(int width) => width * a + 1;\n    return Area(3) - Area(a);\n}\n",
        "int F(int a)\n{\n    return (3 * a + 1) - (a * a + 1);\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(helpers).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "helper_inlined",
        "JavaScript",
        "function f(rows) {\n  const area = (row) => row.width * row.height;\n  return rows.map(area);\n}\n",
    ),
    (
        "helper_inlined",
        "Python",
        "def f(rows):\n    def area(row):\n        log(row)\n"
        "        return row.width * row.height\n    return area(rows)\n",
    ),
    (
        "helper_inlined",
        "Python",
        "def f(rows):\n    def area(row):\n        return row.width * row.width\n    return area(next(rows))\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
