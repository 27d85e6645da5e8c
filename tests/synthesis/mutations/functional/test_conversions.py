"""Tests of operators: leave out what a value has to go through before it is used."""

import pytest

from tests.synthesis.mutations.functional.sources import made, one_made

CASES = [
    ("result_discarded", "Python", "def f(s):\n    s = s.strip()\n    return g(s)\n", "s = s.strip()", "s.strip()"),
    (
        "result_discarded",
        "Go",
        "func f(s string) string {\n\ts = strings.TrimSpace(s)\n\treturn s\n}\n",
        "s = strings",
        "strings",
    ),
    ("conversion_lost", "JavaScript", "function f(s) {\n  return g(s.trim());\n}\n", "s.trim()", "s"),
    ("conversion_lost", "C", "int f(int a, int b) {\n    return abs(a - b) < 3;\n}\n", "abs(a - b)", "(a - b)"),
    (
        "conversion_lost",
        "Go",
        "func f(s string) bool {\n\treturn strings.Contains(strings.ToLower(s), s)\n}\n",
        "strings.ToLower(s)",
        "s",
    ),
    (
        "chain_step_lost",
        "Java",
        (
            "List<T> f(Stream<T> xs) {\n    return xs\n        .filter(x -> x.ok())\n"
            "        .map(x -> x.name())\n        .collect(toList());\n}\n"
        ),
        "\n        .filter(x -> x.ok())",
        "",
    ),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    ("result_discarded", "Python", "def f(t):\n    s = t.strip()\n    return s\n"),
    ("conversion_lost", "Ruby", "def f(s)\n  s = s.strip\n  g(s)\nend\n"),
    (
        "conversion_lost",
        "Go",
        "func f(s string) string {\n\treturn strings.ToLower(s)\n}\n",
    ),  # the import would be left
    ("conversion_lost", "Ruby", "def f(s)\n  s.uniq.each { |x| g(x) }\nend\n"),
    ("conversion_lost", "C#", "string F(string s) {\n    return G(Clean(s));\n}\n"),
    (
        "chain_step_lost",
        "Java",
        ("List<T> f(Stream<T> xs) {\n    return xs\n        .map(x -> x.name())\n        .collect(toList());\n}\n"),
    ),
]
"""Operator, language and code that it leaves alone."""


@pytest.mark.parametrize(("name", "language", "code", "old", "new"), CASES)
def test_case(name: str, language: str, code: str, old: str, new: str) -> None:
    assert one_made(name, language, code, old, new)


@pytest.mark.parametrize(("name", "language", "code"), KEPT)
def test_what_is_no_defect_or_would_not_compile_is_left_alone(name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
