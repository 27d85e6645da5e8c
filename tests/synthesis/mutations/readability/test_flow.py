"""Operators of flow: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import flow

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "single_exit",
        "Java",
        "String f(int a) {\n    if (a == 1) {\n        return g();\n    }\n    return h();\n}\n",
        "String f(int a) {\n    String res;\n    if (a == 1) {\n        res = g();\n    } else {\n"
        "        res = h();\n    }\n    return res;\n}\n",
    ),
    (
        "single_exit",
        "Python",
        "def f(a):\n    if a:\n        return g()\n    return h()\n",
        "def f(a):\n    if a:\n        res = g()\n    else:\n        res = h()\n    return res\n",
    ),
    (
        "single_exit",
        "Go",
        "func f(a int) error {\n\tif a == 1 {\n\t\treturn g()\n\t}\n\n\treturn nil\n}\n",
        "func f(a int) error {\n\tvar rv error\n\tif a == 1 {\n\t\trv = g()\n\t} else {\n"
        "\t\trv = nil\n\t}\n\treturn rv\n}\n",
    ),
    (
        "result_carried",
        "C",
        "int f(int *xs, int n) {\n    for (int i = 0; i < n; i++) {\n        if (xs[i] == 7) {\n"
        "            return i;\n        }\n    }\n    return -1;\n}\n",
        "int f(int *xs, int n) {\n    int ret = -1;\n    for (int i = 0; i < n; i++) {\n"
        "        if (xs[i] == 7) {\n            ret = i;\n            break;\n        }\n    }\n"
        "    return ret;\n}\n",
    ),
    (
        "result_carried",
        "Go",
        "func f(xs []int) error {\n\tfor _, x := range xs {\n\t\tif err := g(x); err != nil {\n"
        "\t\t\treturn err\n\t\t}\n\t}\n\treturn nil\n}\n",
        "func f(xs []int) error {\n\tvar res error\n\tfor _, x := range xs {\n"
        "\t\tif err := g(x); err != nil {\n\t\t\tres = err\n\t\t\tbreak\n\t\t}\n\t}\n\treturn res\n"
        "}\n",
    ),
    (
        "result_carried",
        "Ruby",
        "def f(xs)\n  xs.each do |x|\n    if x.ok?\n      return x\n    end\n  end\n  nil\nend\n",
        "def f(xs)\n  value = nil\n  xs.each do |x|\n    if x.ok?\n      value = x\n      break\n"
        "    end\n  end\n  value\nend\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(flow).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "single_exit",
        "C++",
        "Status f(int a) {\n  if (a == 1) {\n    return g();\n  }\n  return h();\n}\n",
    ),
    (
        "single_exit",
        "Go",
        "func f(a int) error {\n\tif err := g(a); err != nil {\n\t\treturn err\n\t}\n\treturn nil\n}\n",
    ),
    (
        "single_exit",
        "Python",
        "def f(a):\n    if a:\n        return g(a)  # never None\n    return h(a)\n",
    ),
    (
        "result_carried",
        "Java",
        "int f(int[][] xs) {\n    for (int[] row : xs) {\n        for (int x : row) {\n"
        "            if (x == 7) {\n                return x;\n            }\n        }\n    }\n"
        "    return -1;\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
