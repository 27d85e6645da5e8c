"""Operators of repairs of expressions: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import idioms

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "none_compared_by_identity",
        "Python",
        "def f(a):\n    if a == None:\n        g()\n",
        "def f(a):\n    if a is None:\n        g()\n",
    ),
    (
        "comparison_straightened",
        "Python",
        "def f(a, b):\n    if not a in b:\n        g()\n",
        "def f(a, b):\n    if a not in b:\n        g()\n",
    ),
    (
        "comparison_straightened",
        "Java",
        "void f(int a, int b) {\n    if (!(a == b)) {\n        g();\n    }\n}\n",
        "void f(int a, int b) {\n    if (a != b) {\n        g();\n    }\n}\n",
    ),
    (
        "emptiness_asked",
        "Ruby",
        "def f(a)\n  g if a.size == 0\nend\n",
        "def f(a)\n  g if a.empty?\nend\n",
    ),
    (
        "emptiness_asked",
        "Java",
        "void f(List<String> a) {\n    if (a.size() == 0) {\n        g();\n    }\n}\n",
        "void f(List<String> a) {\n    if (a.isEmpty()) {\n        g();\n    }\n}\n",
    ),
    (
        "emptiness_asked",
        "Python",
        "def f():\n    found = []\n    g(found)\n    if len(found) == 0:\n        h()\n",
        "def f():\n    found = []\n    g(found)\n    if not found:\n        h()\n",
    ),
    (
        "words_dropped",
        "Python",
        "def f(a, key):\n    if key in a.keys():\n        g(key)\n",
        "def f(a, key):\n    if key in a:\n        g(key)\n",
    ),
    (
        "words_dropped",
        "Java",
        "void f() {\n    List<String> a = new ArrayList<String>();\n    g(a);\n}\n",
        "void f() {\n    List<String> a = new ArrayList<>();\n    g(a);\n}\n",
    ),
    (
        "words_dropped",
        "Go",
        "func f(a []int) {\n\tfor i, _ := range a {\n\t\tg(i)\n\t}\n}\n",
        "func f(a []int) {\n\tfor i := range a {\n\t\tg(i)\n\t}\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(idioms).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "comparison_straightened",
        "C++",
        "bool operator!=(const P& a, const P& b) {\n  return !(a == b);\n}\n",
    ),
    (
        "none_compared_by_identity",
        "Python",
        "def f(q, a):\n    return q.where(a.b != None)\n",
    ),
    (
        "emptiness_asked",
        "Ruby",
        "def f(a)\n  g while a.size > 0\nend\n",
    ),
    (
        "comparison_straightened",
        "Java",
        "void f(boolean a) {\n    if (!a) {\n        g();\n    }\n}\n",
    ),
    (
        "emptiness_asked",
        "Python",
        "def f(a):\n    if len(a) == 0:\n        g()\n",
    ),
    (
        "emptiness_asked",
        "Java",
        "void f(Range a) {\n    if (a.size() == 0) {\n        g();\n    }\n}\n",
    ),
    (
        "words_dropped",
        "Python",
        "def f(a):\n    for key in a.keys():\n        del a[key]\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
