"""Operators of repairs of branches: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import rebranching

Made = Callable[[str, str, str], list[str]]

_LONG_JAVA = (
    "void f(int a) {\n    if (a == 1) {\n        g();\n        for (int i = 0; i < a; i++) {\n            if (h(i)) {\n"
    "                g();\n                g();\n            }\n            g();\n        }\n        g();\n"
    "        g();\n        g();\n    }\n}\n"
)

EXAMPLES = [
    (
        "else_if_flattened",
        "Java",
        "void f(int a) {\n    if (a == 1) {\n        g();\n    } else {\n        if (a == 2) {\n            h();\n"
        "        }\n    }\n}\n",
        "void f(int a) {\n    if (a == 1) {\n        g();\n    } else if (a == 2) {\n        h();\n    }\n}\n",
    ),
    (
        "else_if_flattened",
        "Python",
        "def f(a):\n    if a == 1:\n        g()\n    else:\n        if a:\n            h()\n        else:\n"
        "            i()\n",
        "def f(a):\n    if a == 1:\n        g()\n    elif a:\n        h()\n    else:\n        i()\n",
    ),
    (
        "else_if_flattened",
        "Ruby",
        "def f(a)\n  if a == 1\n    g\n  else\n    if a\n      h\n    end\n  end\n  i\nend\n",
        "def f(a)\n  if a == 1\n    g\n  elsif a\n    h\n  end\n  i\nend\n",
    ),
    (
        "tail_moved_out",
        "C",
        "void f(int a) {\n    if (a) {\n        g();\n        store_result(table, a);\n    } else {\n        h();\n"
        "        store_result(table, a);\n    }\n}\n",
        "void f(int a) {\n    if (a) {\n        g();\n    } else {\n        h();\n    }\n"
        "    store_result(table, a);\n}\n",
    ),
    (
        "tail_moved_out",
        "Python",
        "def f(a):\n    if a:\n        b = g()\n        store_result(table, b)\n    else:\n        b = h()\n"
        "        store_result(table, b)\n    return b\n",
        "def f(a):\n    if a:\n        b = g()\n    else:\n        b = h()\n    store_result(table, b)\n    return b\n",
    ),
    (
        "truth_chosen",
        "JavaScript",
        "function f(a, b) {\n  return a === b ? false : true;\n}\n",
        "function f(a, b) {\n  return a !== b;\n}\n",
    ),
    (
        "truth_chosen",
        "Python",
        "def f(a, b):\n    return True if a in b else False\n",
        "def f(a, b):\n    return a in b\n",
    ),
    (
        "guard_written",
        "Java",
        _LONG_JAVA,
        "void f(int a) {\n    if (a != 1) {\n        return;\n    }\n\n"
        "    g();\n    for (int i = 0; i < a; i++) {\n        if (h(i)) {\n            g();\n            g();\n"
        "        }\n        g();\n    }\n    g();\n    g();\n    g();\n}\n",
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
        "else_if_flattened",
        "Java",
        "void f(int a) {\n    if (a == 1) {\n        g();\n    } else {\n        // a reason\n        if (a == 2) {\n"
        "            h();\n        }\n    }\n}\n",
    ),
    (
        "tail_moved_out",
        "Java",
        "void f(int a) {\n    if (a > 1) {\n        int b = g();\n        storeTheResult(table, b);\n    } else {\n"
        "        int b = h();\n        storeTheResult(table, b);\n    }\n}\n",
    ),
    (
        "truth_chosen",
        "Python",
        "def f(a):\n    return True if a else False\n",
    ),
    (
        "guard_written",
        "Java",
        _LONG_JAVA.replace("a == 1", "a == 1 && h(a)"),
    ),
    (
        "guard_written",
        "Java",
        _LONG_JAVA.replace("    }\n}\n", "    }\n    g();\n}\n"),
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
