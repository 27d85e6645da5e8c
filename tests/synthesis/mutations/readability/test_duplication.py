"""Operators of duplication: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import duplication

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "branch_duplicated",
        "Java",
        "void f(int a, int b) {\n    if (a == 1 || b == 2) {\n        g();\n    } else {\n        h();\n    }\n}\n",
        "void f(int a, int b) {\n    if (a == 1) {\n        g();\n    } else if (b == 2) {\n"
        "        g();\n    } else {\n        h();\n    }\n}\n",
    ),
    (
        "branch_duplicated",
        "Python",
        "def f(a, b):\n    if a or b:\n        g()\n    h()\n",
        "def f(a, b):\n    if a:\n        g()\n    elif b:\n        g()\n    h()\n",
    ),
    (
        "branch_duplicated",
        "Ruby",
        "def f(a, b)\n  if a || b\n    g\n  end\nend\n",
        "def f(a, b)\n  if a\n    g\n  elsif b\n    g\n  end\nend\n",
    ),
    (
        "branch_duplicated",
        "Go",
        "func f(a bool, b bool) {\n\tif a || b {\n\t\tg()\n\t}\n}\n",
        "func f(a bool, b bool) {\n\tif a {\n\t\tg()\n\t} else if b {\n\t\tg()\n\t}\n}\n",
    ),
    (
        "tail_duplicated",
        "JavaScript",
        "function f(a) {\n  if (a) {\n    g();\n  } else {\n    h();\n  }\n\n  done(a);\n}\n",
        "function f(a) {\n  if (a) {\n    g();\n    done(a);\n  } else {\n    h();\n    done(a);\n  }\n}\n",
    ),
    (
        "tail_duplicated",
        "Python",
        "def f(a):\n    if a:\n        g()\n    else:\n        h()\n    return a\n",
        "def f(a):\n    if a:\n        g()\n        return a\n    else:\n        h()\n        return a\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(duplication).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "tail_duplicated",
        "Java",
        "void f(int a) {\n    if (a == 1) {\n        return;\n    } else {\n        g();\n    }\n    h();\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
