"""Operators of repairs of branches: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import rebranching

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "branches_turned",
        "C#",
        "void F(bool a)\n{\n    if (!a)\n    {\n        G();\n    }\n    else\n    {\n        H();\n    }\n}\n",
        "void F(bool a)\n{\n    if (a)\n    {\n        H();\n    }\n    else\n    {\n        G();\n    }\n}\n",
    ),
    (
        "branches_turned",
        "Ruby",
        "def f(a)\n  unless a\n    g\n  else\n    h\n  end\nend\n",
        "def f(a)\n  if a\n    h\n  else\n    g\n  end\nend\n",
    ),
    (
        "else_if_unwrapped",
        "Java",
        "int f(int a) {\n    if (a == 1) {\n        return 1;\n    } else if (a == 2) {\n"
        "        return 3;\n    }\n    return 0;\n}\n",
        "int f(int a) {\n    if (a == 1) {\n        return 1;\n    }\n    if (a == 2) {\n"
        "        return 3;\n    }\n    return 0;\n}\n",
    ),
    (
        "else_if_unwrapped",
        "Python",
        "def f(a):\n    if a == 1:\n        return 1\n    elif a == 2:\n        return 3\n    return 0\n",
        "def f(a):\n    if a == 1:\n        return 1\n    if a == 2:\n        return 3\n    return 0\n",
    ),
    (
        "else_if_unwrapped",
        "Ruby",
        "def f(a)\n  if a == 1\n    return 1\n  elsif a == 2\n    return 3\n  end\n\n  0\nend\n",
        "def f(a)\n  if a == 1\n    return 1\n  end\n  if a == 2\n    return 3\n  end\n\n  0\nend\n",
    ),
    (
        "assignment_lifted",
        "C",
        "int f(int a) {\n    char *p;\n    if ((p = g(a)) == NULL) {\n        return 1;\n    }\n    return h(p);\n}\n",
        "int f(int a) {\n    char *p;\n    p = g(a);\n    if (p == NULL) {\n        return 1;\n"
        "    }\n    return h(p);\n}\n",
    ),
    (
        "ternary_unfolded",
        "JavaScript",
        "function f(a, b) {\n  return a < b ? -1 : a > b ? 1 : 0;\n}\n",
        "function f(a, b) {\n  if (a < b) {\n    return -1;\n  }\n  if (a > b) {\n    return 1;\n  }\n  return 0;\n}\n",
    ),
    (
        "ternary_unfolded",
        "Python",
        "def f(a):\n    return 1 if a > 1 else 2 if a else 3\n",
        "def f(a):\n    if a > 1:\n        return 1\n    if a:\n        return 2\n    return 3\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(rebranching).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "branches_turned",
        "Python",
        "def f(a):\n    if not a:\n        g()\n    elif h():\n        i()\n    else:\n        j()\n",
    ),
    (
        "else_if_unwrapped",
        "JavaScript",
        "function f(a) {\n  if (a) {\n    return 1;\n  } else if (g()) {\n    h();\n  } else {\n    i();\n  }\n}\n",
    ),
    (
        "assignment_lifted",
        "C",
        "void f(int a) {\n    char *p;\n    while ((p = g(a)) != NULL) {\n        h(p);\n    }\n}\n",
    ),
    (
        "ternary_unfolded",
        "C",
        "int f(int a) {\n    return a ? 1 : 2;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
