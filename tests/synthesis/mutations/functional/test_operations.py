"""Tests of operators: compute another number with the same operands."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("sign_swapped", "Java", "low + high", "low - high"),
    ("sign_swapped", "Python", "rates[i - 1]", "rates[i + 1]"),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "compound_operator_swapped",
        "Java",
        "int f(int[] xs) {\n    int n = 0;\n    n += 2;\n    return n;\n}\n",
        "n += 2",
        "n -= 2",
    ),
    ("compound_operator_swapped", "C", "int f(int flags) {\n    flags |= MASK;\n    return flags;\n}\n", "|=", "&="),
    (
        "accumulation_lost",
        "Go",
        "func f(xs []int) int {\n\tn := 0\n\tfor _, x := range xs {\n\t\tn += x\n\t}\n\treturn n\n}\n",
        "n += x",
        "n = x",
    ),
    (
        "accumulation_lost",
        "Python",
        'def f(xs):\n    s = ""\n    for x in xs:\n        s += x\n    return s\n',
        "s += x",
        "s = x",
    ),
    ("division_changed", "Python", "def f(xs):\n    return sum(xs) / len(xs)\n", "/", "//"),
    ("division_changed", "Python", "def f(n):\n    return n // 2\n", "//", "/"),
    (
        "division_changed",
        "JavaScript",
        "function f(a, b) {\n  return Math.floor((a + b) / 2);\n}\n",
        "Math.floor((a + b) / 2)",
        "(a + b) / 2",
    ),
    ("division_changed", "Ruby", "def f(a, b)\n  a.to_f / b\nend\n", "a.to_f", "a"),
    ("division_changed", "Java", "double f(int a, int b) {\n    return (double) a / b;\n}\n", "(double) a", "a"),
    (
        "division_changed",
        "C++",
        "double f(int a, int b) {\n  return static_cast<double>(a) / b;\n}\n",
        "static_cast<double>(a)",
        "(a)",
    ),
    (
        "division_changed",
        "Go",
        "func f(a []int, b []int) float64 {\n\treturn float64(len(a)) / float64(len(b))\n}\n",
        "float64(len(a)) / float64(len(b))",
        "float64(len(a) / len(b))",
    ),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    ("sign_swapped", "JavaScript", 'function f(n) {\n  n = 1;\n  return "a" + n;\n}\n'),
    ("division_changed", "Python", 'def f(base):\n    return base / "name"\n'),
    ("division_changed", "Python", "def f(n):\n    return int(n / 2)\n"),
    ("division_changed", "C", "double f(int a, double b) {\n    return (double)a / b;\n}\n"),
    ("division_changed", "Go", "func f(a int64, b int) float64 {\n\treturn float64(a) / float64(b)\n}\n"),
    ("division_changed", "Ruby", "def f(a, b)\n  (a * b) / b.to_f\nend\n"),
    ("sign_swapped", "Go", "func f(n int) []byte {\n\treturn make([]byte, 0, n+1)\n}\n"),
    ("accumulation_lost", "C", "void f(char *p) {\n    while (*p) {\n        p += 2;\n    }\n}\n"),
    ("compound_operator_swapped", "C#", "void F(string s, string t) {\n    s += t;\n    G(s);\n}\n"),
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
