"""Operators of repairs of statements: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import repairs

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "else_unwrapped",
        "Java",
        "int f(int a) {\n    if (a == 1) {\n        return 1;\n    } else {\n"
        + "        g();\n" * 5
        + "        return h();\n    }\n}\n",
        "int f(int a) {\n    if (a == 1) {\n        return 1;\n    }\n" + "    g();\n" * 5 + "    return h();\n}\n",
    ),
    (
        "else_unwrapped",
        "Python",
        "def f(a):\n    if a:\n        return 1\n    else:\n" + "        g()\n" * 5 + "        return h()\n",
        "def f(a):\n    if a:\n        return 1\n" + "    g()\n" * 5 + "    return h()\n",
    ),
    (
        "else_unwrapped",
        "Ruby",
        "def f(a)\n  if a\n    return 1\n  else\n" + "    g\n" * 5 + "    h\n  end\nend\n",
        "def f(a)\n  if a\n    return 1\n  end\n" + "  g\n" * 5 + "  h\nend\n",
    ),
    (
        "ifs_merged",
        "JavaScript",
        "function f(a, b) {\n  if (a) {\n    if (b || a > 1) {\n      g();\n    }\n  }\n}\n",
        "function f(a, b) {\n  if (a && (b || a > 1)) {\n    g();\n  }\n}\n",
    ),
    (
        "ifs_merged",
        "Python",
        "def f(a, b):\n    if a:\n        if b:\n            g()\n            h()\n",
        "def f(a, b):\n    if a and b:\n        g()\n        h()\n",
    ),
    (
        "boolean_returned",
        "Java",
        "boolean f(int a) {\n    if (a > 1) {\n        return true;\n    } else {\n        return false;\n    }\n}\n",
        "boolean f(int a) {\n    return a > 1;\n}\n",
    ),
    (
        "boolean_returned",
        "Python",
        "def f(a, b):\n    if a in b:\n        return False\n    return True\n",
        "def f(a, b):\n    return a not in b\n",
    ),
    (
        "result_returned",
        "Go",
        "func f(a int) int {\n\tresult := g(a, 1)\n\treturn result\n}\n",
        "func f(a int) int {\n\treturn g(a, 1)\n}\n",
    ),
    (
        "result_returned",
        "C",
        "int f(int a) {\n    int ret = g(a, 1);\n    return ret;\n}\n",
        "int f(int a) {\n    return g(a, 1);\n}\n",
    ),
    (
        "result_returned",
        "Ruby",
        "def f(a)\n  result = g(a)\n  result\nend\n",
        "def f(a)\n  g(a)\nend\n",
    ),
    (
        "jump_removed",
        "C",
        "void f(int a) {\n    g(a);\n    return;\n}\n",
        "void f(int a) {\n    g(a);\n}\n",
    ),
    (
        "jump_removed",
        "JavaScript",
        "function f(xs) {\n  for (const x of xs) {\n    g(x);\n    continue;\n  }\n}\n",
        "function f(xs) {\n  for (const x of xs) {\n    g(x);\n  }\n}\n",
    ),
    (
        "return_word_removed",
        "Ruby",
        "def f(a)\n  g(a)\n  return a + 1\nend\n",
        "def f(a)\n  g(a)\n  a + 1\nend\n",
    ),
    (
        "commented_code_removed",
        "JavaScript",
        "function f(a) {\n  g(a);\n  // console.log(a);\n  return 1;\n}\n",
        "function f(a) {\n  g(a);\n  return 1;\n}\n",
    ),
    (
        "commented_code_removed",
        "Python",
        "def f(a):\n    g(a)\n    # print(a)\n    return 1\n",
        "def f(a):\n    g(a)\n    return 1\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(repairs).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "else_unwrapped",
        "Python",
        "def f(a):\n    if a:\n        return 1\n    else:\n        g()\n        return h()\n",
    ),
    (
        "commented_code_removed",
        "Python",
        "def f(a):\n    g(a)\n    # print(a)\n    h(a)\n    # and then: show(a)\n    return 1\n",
    ),
    (
        "jump_removed",
        "C",
        "void f(int a) {\n#if A\n    g(a);\n    return;\n#endif\n    h(a);\n}\n",
    ),
    (
        "else_unwrapped",
        "Java",
        "int f(int a) {\n    if (a == 1) {\n        return 1;\n    } else {\n        int b = g();\n"
        "        h(b);\n    }\n    int b = 2;\n    return b;\n}\n",
    ),
    (
        "ifs_merged",
        "JavaScript",
        "function f(a, b) {\n  if (a) {\n    if (b) {\n      g();\n    }\n  } else {\n    h();\n  }\n}\n",
    ),
    (
        "boolean_returned",
        "Python",
        "def f(a):\n    if a:\n        return True\n    return False\n",
    ),
    (
        "boolean_returned",
        "Go",
        "func f(a int, b int) bool {\n\tif a == 1 || b == 2 {\n\t\treturn false\n\t}\n\treturn true\n}\n",
    ),
    (
        "result_returned",
        "C",
        "long f(int a) {\n    int ret = g(a);\n    return ret;\n}\n",
    ),
    (
        "result_returned",
        "Python",
        "def f(a):\n    total = g(a)\n    return total\n",
    ),
    (
        "jump_removed",
        "Go",
        "func f(a int) (b int) {\n\tb = a\n\treturn\n}\n",
    ),
    (
        "return_word_removed",
        "Ruby",
        "def f(a)\n  return 1 if a\n\n  return 2\nend\n",
    ),
    (
        "commented_code_removed",
        "JavaScript",
        "function f(a) {\n  g(a);\n  // calls the (old) one\n  return 1;\n}\n",
    ),
    (
        "commented_code_removed",
        "C#",
        "void F(int a)\n{\n    while (G(a))\n    {\n        // H(a);\n    }\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
