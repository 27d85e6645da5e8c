"""Tests of operators: compare wrongly."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("boundary_moved", "Go", "i < last", "i <= last"),
    ("boundary_moved", "Java", "low <= high", "low < high"),
    ("equality_inverted", "Python", "items[i] is None", "items[i] is not None"),
    ("equality_inverted", "Ruby", "name == wanted", "name != wanted"),
    ("equality_inverted", "C#", "left == right", "left != right"),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "comparison_reversed",
        "Go",
        "func f(a int) int {\n\tif a < 3 {\n\t\treturn 1\n\t}\n\treturn a\n}\n",
        "a < 3",
        "a > 3",
    ),
    ("boundary_moved", "Python", "def f(a, top):\n    return a > top\n", "a > top", "a >= top"),
    (
        "boundary_moved",
        "C",
        "int f(int *a, int i, int n) {\n    if (i < n && a[i])\n        return 1;\n    return g(i);\n}\n",
        "i < n",
        "i <= n",
    ),
    ("comparison_reversed", "Ruby", "def f(a)\n  return 1 if a >= 3\n  a\nend\n", "a >= 3", "a <= 3"),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    ("comparison_reversed", "C", "int f(int n) {\n    for (int i = 0; i < n; i++)\n        g(i);\n    return n;\n}\n"),
    ("boundary_moved", "C", "int f(int a, int b) {\n    return a > b ? a : b;\n}\n"),
    ("boundary_moved", "Python", "def f(a, top):\n    if a > top:\n        a = top\n    return a\n"),
    ("boundary_moved", "Python", SOURCES["Python"]),  # a part of a condition whose other part may cover it
    ("boundary_moved", "Python", "def f(xs):\n    if len(xs) > 0:\n        g(xs)\n    return xs\n"),
    ("boundary_moved", "C", "int f(int n) {\n    if (n > room)\n        grow(n);\n    return n;\n}\n"),
    ("equality_inverted", "C", "int f(int n) {\n#if A == B\n    n++;\n#endif\n    return n;\n}\n"),
    ("boundary_moved", "JavaScript", "function f() {\n  return Math.random() < 0.5;\n}\n"),
]
"""Operator, language and code that it leaves alone."""


@pytest.mark.parametrize(("name", "language", "old", "new"), EXAMPLES)
def test_example(name: str, language: str, old: str, new: str | None) -> None:
    code = SOURCES[language]
    if new is None:
        assert code.count(old) >= 1
        assert code.replace(old, "") not in made(name, language, code)
    else:
        assert one_made(name, language, code, old, new)


@pytest.mark.parametrize(("name", "language", "code", "old", "new"), CASES)
def test_case(name: str, language: str, code: str, old: str, new: str) -> None:
    assert one_made(name, language, code, old, new)


@pytest.mark.parametrize(("name", "language", "code"), KEPT)
def test_what_is_no_defect_or_would_not_compile_is_left_alone(name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
