"""Operators of nesting: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import nesting

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "else_after_exit",
        "Python",
        "def f(a):\n    if not a:\n        return 0\n\n    b = g(a)\n    return b\n",
        "def f(a):\n    if not a:\n        return 0\n    else:\n        b = g(a)\n        return b\n",
    ),
    (
        "else_after_exit",
        "C#",
        "int F(int a)\n{\n    if (a == 0)\n    {\n        return 1;\n    }\n    G(a);\n    return a;\n}\n",
        "int F(int a)\n{\n    if (a == 0)\n    {\n        return 1;\n    }\n    else\n    {\n"
        "        G(a);\n        return a;\n    }\n}\n",
    ),
    (
        "guard_nested",
        "Go",
        "func f(a int) int {\n\tif a == 0 {\n\t\treturn 1\n\t}\n\tg(a)\n\treturn a\n}\n",
        "func f(a int) int {\n\tif a != 0 {\n\t\tg(a)\n\t\treturn a\n\t} else {\n\t\treturn 1\n\t}\n}\n",
    ),
    (
        "guard_nested",
        "Python",
        "def f(a, b):\n    if a and b:\n        return 1\n    g(a)\n    return a\n",
        "def f(a, b):\n    if not (a and b):\n        g(a)\n        return a\n    else:\n        return 1\n",
    ),
    (
        "conjunction_nested",
        "Java",
        "void f(int a, int b) {\n    if (a > 1 && b > 2) {\n        g();\n    }\n}\n",
        "void f(int a, int b) {\n    if (a > 1) {\n        if (b > 2) {\n            g();\n        }\n    }\n}\n",
    ),
    (
        "conjunction_nested",
        "Python",
        "def f(a, b):\n    if a and b > 2:\n        g()\n",
        "def f(a, b):\n    if a:\n        if b > 2:\n            g()\n",
    ),
    (
        "conjunction_nested",
        "Ruby",
        "def f(a, b)\n  if a && b\n    g\n  end\nend\n",
        "def f(a, b)\n  if a\n    if b\n      g\n    end\n  end\nend\n",
    ),
    (
        "conjunction_nested",
        "C#",
        "void F(int a, int b)\n{\n    if (a > 1 && b > 2)\n    {\n        G();\n    }\n}\n",
        "void F(int a, int b)\n{\n    if (a > 1)\n    {\n        if (b > 2)\n        {\n"
        "            G();\n        }\n    }\n}\n",
    ),
    (
        "else_if_nested",
        "Python",
        "def f(a):\n    if a == 1:\n        g()\n    elif a == 2:\n        h()\n    else:\n        i()\n",
        "def f(a):\n    if a == 1:\n        g()\n    else:\n        if a == 2:\n            h()\n"
        "        else:\n            i()\n",
    ),
    (
        "else_if_nested",
        "Go",
        "func f(a int) {\n\tif a == 1 {\n\t\tg()\n\t} else if a == 2 {\n\t\th()\n\t}\n}\n",
        "func f(a int) {\n\tif a == 1 {\n\t\tg()\n\t} else {\n\t\tif a == 2 {\n\t\t\th()\n\t\t}\n\t}\n}\n",
    ),
    (
        "else_if_nested",
        "Ruby",
        "def f(a)\n  if a == 1\n    g\n  elsif a == 2\n    h\n  end\nend\n",
        "def f(a)\n  if a == 1\n    g\n  else\n    if a == 2\n      h\n    end\n  end\nend\n",
    ),
    (
        "else_if_nested",
        "C#",
        "void F(int a)\n{\n    if (a == 1)\n    {\n        G();\n    }\n    else if (a == 2)\n"
        "    {\n        H();\n    }\n}\n",
        "void F(int a)\n{\n    if (a == 1)\n    {\n        G();\n    }\n    else\n    {\n"
        "        if (a == 2)\n        {\n            H();\n        }\n    }\n}\n",
    ),
    (
        "else_after_exit",
        "Ruby",
        "def f(a)\n  return unless a\n\n  g(a)\n  h\nend\n",
        "def f(a)\n  unless a\n    return\n  else\n    g(a)\n    h\n  end\nend\n",
    ),
    (
        "guard_nested",
        "Ruby",
        "def f(a)\n  unless a.ok?\n    raise Bad\n  end\n  g(a)\n  h\nend\n",
        "def f(a)\n  if a.ok?\n    g(a)\n    h\n  else\n    raise Bad\n  end\nend\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(nesting).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "else_after_exit",
        "Python",
        'def f(a):\n    if a:\n        return 1\n    b = """x\n    y"""\n    return b\n',
    ),
    (
        "guard_nested",
        "Go",
        "func f(a int) int {\n\tif a == 0 {\n\t\treturn 1\n\t}\n\treturn a\n}\n",
    ),
    (
        "else_after_exit",
        "JavaScript",
        "function f(a) {\n  if (!a) {\n    return g;\n  }\n  function g() {}\n  h(g);\n  return a;\n}\n",
    ),
    (
        "conjunction_nested",
        "Java",
        "void f(int a, int b) {\n    if (a > 1 && b > 2) {\n        g();\n    } else {\n        h();\n    }\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
