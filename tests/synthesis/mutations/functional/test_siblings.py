"""Tests of operators: call the wrong one of two related functions, or name the wrong one of two related constants."""

import pytest

from tests.synthesis.mutations.functional.sources import made, one_made

CASES = [
    ("sibling_called", "C", "int f(int a, int b) {\n    return min(a, b);\n}\n", "min", "max"),
    (
        "sibling_called",
        "Go",
        'func f(s string) bool {\n\treturn strings.HasPrefix(s, "a")\n}\n',
        "HasPrefix",
        "HasSuffix",
    ),
    ("sibling_called", "Ruby", "def f(xs)\n  xs.first\nend\n", "first", "last"),
    ("sibling_called", "Python", "def f(s):\n    return s.upper()\n", "upper", "lower"),
    ("sibling_called", "C#", "int F(List<int> xs) {\n    return xs.Max(x => x.Size);\n}\n", "Max", "Min"),
    (
        "wrong_constant",
        "C",
        ("int f(int a) {\n    if (a == KIND_FILE)\n        return g();\n    return a == KIND_TREE ? 1 : 2;\n}\n"),
        "a == KIND_FILE",
        "a == KIND_TREE",
    ),
    (
        "wrong_constant",
        "C#",
        "void F(int a) {\n    if (a == 1)\n        G(Mode.Read);\n    else\n        G(Mode.Write);\n}\n",
        "Mode.Read",
        "Mode.Write",
    ),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    ("sibling_called", "C#", "T F(List<T> a) {\n    return a.FirstOrDefault(x => x.Ok);\n}\n"),
    ("sibling_called", "Go", "func f(v Value, i int) Value {\n\treturn v.Index(i)\n}\n"),
    ("sibling_called", "Java", "int f(int a) {\n    return startsWith(a);\n}\n"),
    ("sibling_called", "Go", "func f() {\n\t<-time.After(3)\n}\n"),
    ("sibling_called", "Python", "def f(xs):\n    return xs.pop(0)\n"),
    ("wrong_constant", "Ruby", "def f(a)\n  a.is_a?(Core::Reader) || a.is_a?(Core::Writer)\nend\n"),
    (
        "wrong_constant",
        "C",
        (
            "int f(int a) {\n    switch (a) {\n    case KIND_A:\n        return 1;\n    case KIND_B:\n"
            "        return 2;\n    }\n    return 0;\n}\n"
        ),
    ),
]
"""Operator, language and code that it leaves alone."""


@pytest.mark.parametrize(("name", "language", "code", "old", "new"), CASES)
def test_case(name: str, language: str, code: str, old: str, new: str) -> None:
    assert one_made(name, language, code, old, new)


@pytest.mark.parametrize(("name", "language", "code"), KEPT)
def test_what_is_no_defect_or_would_not_compile_is_left_alone(name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
