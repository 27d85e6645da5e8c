"""Operators of conditions: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import conditions

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "condition_convoluted",
        "JavaScript",
        "function f(a) {\n  if (a === 1) {\n    g();\n  }\n}\n",
        "function f(a) {\n  if (!(a !== 1)) {\n    g();\n  }\n}\n",
    ),
    (
        "condition_convoluted",
        "Python",
        "def f(a, b):\n    if a < 1 and not b:\n        g()\n",
        "def f(a, b):\n    if not (a >= 1 or b):\n        g()\n",
    ),
    (
        "branches_inverted",
        "Python",
        "def f(a):\n    if a:\n        g()\n    else:\n        h(a)\n",
        "def f(a):\n    if not a:\n        h(a)\n    else:\n        g()\n",
    ),
    (
        "branches_inverted",
        "C",
        "void f(int a) {\n    if (ready) {\n        g();\n    } else {\n        h();\n    }\n}\n",
        "void f(int a) {\n    if (!ready) {\n        h();\n    } else {\n        g();\n    }\n}\n",
    ),
    (
        "branches_inverted",
        "Ruby",
        "def f(a)\n  if a.ok?\n    g\n  else\n    h\n  end\nend\n",
        "def f(a)\n  unless a.ok?\n    h\n  else\n    g\n  end\nend\n",
    ),
    (
        "condition_convoluted",
        "JavaScript",
        "function f(a, b) {\n  if (a < 1 && b) {\n    g();\n  }\n}\n",
        "function f(a, b) {\n  if (!(!(a < 1) || !b)) {\n    g();\n  }\n}\n",
    ),
    (
        "boolean_compared",
        "Java",
        "void f(String a) {\n    if (!a.isEmpty()) {\n        g();\n    }\n}\n",
        "void f(String a) {\n    if (a.isEmpty() == false) {\n        g();\n    }\n}\n",
    ),
    (
        "boolean_compared",
        "Python",
        "def f(a):\n    if isinstance(a, int):\n        g()\n",
        "def f(a):\n    if isinstance(a, int) == True:\n        g()\n",
    ),
    (
        "boolean_compared",
        "C#",
        'void F(string a)\n{\n    if (a.StartsWith("x"))\n    {\n        G();\n    }\n}\n',
        'void F(string a)\n{\n    if (a.StartsWith("x") == true)\n    {\n        G();\n    }\n}\n',
    ),
    (
        "constant_first",
        "Go",
        "func f(a int) bool {\n\treturn g(a) == 1\n}\n",
        "func f(a int) bool {\n\treturn 1 == g(a)\n}\n",
    ),
    (
        "ternary_nested",
        "Python",
        "def f(a, b):\n    if a:\n        return 1\n    if b:\n        return 2\n    return 3\n",
        "def f(a, b):\n    return 1 if a else 2 if b else 3\n",
    ),
    (
        "ternary_nested",
        "C",
        "int f(int a, int b) {\n    if (a) {\n        return 1;\n    }\n    if (b == 2) {\n"
        "        return 2;\n    }\n    return 3;\n}\n",
        "int f(int a, int b) {\n    return a ? 1 : (b == 2) ? 2 : 3;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(conditions).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "branches_inverted",
        "Python",
        "def f(a):\n    if not a:\n        g()\n    else:\n        h()\n",
    ),
    (
        "branches_inverted",
        "C",
        "void f(int a) {\n    if (a == 0) {\n        g();\n    } else {\n        h();\n    }\n}\n",
    ),
    (
        "boolean_compared",
        "Python",
        "def f(a):\n    if a:\n        g()\n",
    ),
    (
        "boolean_compared",
        "Go",
        "func f(a int) {\n\tif a == 1 {\n\t\tg()\n\t}\n}\n",
    ),
    (
        "constant_first",
        "Python",
        "def f(a):\n    return a > 1\n",
    ),
    (
        "ternary_nested",
        "Go",
        "func f(a bool, b bool) int {\n\tif a {\n\t\treturn 1\n\t}\n\tif b {\n\t\treturn 2\n\t}\n\treturn 3\n}\n",
    ),
    (
        "ternary_nested",
        "Java",
        "Object f(boolean a, boolean b) {\n    if (a) {\n        return 1;\n    }\n    if (b) {\n"
        '        return "b";\n    }\n    return null;\n}\n',
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
