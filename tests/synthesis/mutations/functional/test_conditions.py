"""Tests of operators: make a condition ask for something else."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("connective_swapped", "Python", "limit and i", "limit or i"),
    ("connective_swapped", "Java", "key || strict", "key && strict"),
    ("condition_negated", "Java", "if (!strict)", "if (strict)"),
    ("condition_negated", "JavaScript", "if (seen)", "if (!seen)"),
    ("condition_negated", "Ruby", "return found unless wanted", "return found if wanted"),
    ("operand_lost", "C", "*text == ' ' && found < limit", "found < limit"),
    ("operand_lost", "C#", "sum + right", "sum"),
    ("operand_lost", "Java", "int middle = low + high", "int middle = low"),
    ("condition_overreached", "Go", "len(xs) == 0", None),  # no other condition to borrow from
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "branches_swapped",
        "Python",
        "def f(a, b):\n    return a if b else None\n",
        "a if b else None",
        "None if b else a",
    ),
    ("branches_swapped", "Ruby", "def f(a)\n  a ? 1 : 2\nend\n", "1 : 2", "2 : 1"),
    ("branches_swapped", "C#", "int F(bool a) {\n    return a ? One() : Two();\n}\n", "One() : Two()", "Two() : One()"),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    ("operand_lost", "Ruby", "def wait(n)\n  super(n) or stop(n)\nend\n"),
    ("connective_swapped", "C", "int f(int n) {\n#if defined(A) && defined(B)\n    n++;\n#endif\n    return n;\n}\n"),
    ("operand_lost", "Ruby", "def respond_to?(name)\n  super || @body.respond_to?(name)\nend\n"),
    ("operand_lost", "C", "long f(char *a, char *b) {\n    return a - b;\n}\n"),
    ("branches_swapped", "Java", "int f(boolean a, boolean b) {\n    return a ? 1 : (x = 3);\n}\n"),
    ("connective_swapped", "JavaScript", "function f(o) {\n  const a = o || {};\n  return a;\n}\n"),
    ("operand_lost", "Python", "def f(a):\n    return a is not None and a.b\n"),
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


def test_overreached_condition_borrows_what_is_declared_before() -> None:
    code = "def f(a, b):\n    if a > 1:\n        g(a)\n    if b:\n        c = a\n        if c:\n            h()\n"
    found = made("condition_overreached", "Python", code)
    assert any("if a > 1 and b:" in m or "if a > 1 or b:" in m for m in found)
    assert not any(
        "if a > 1 and c" in m or "if a > 1 or c" in m or "if b and c" in m or "if b or c" in m for m in found
    )


def test_overreached_condition_keeps_precedence() -> None:
    code = "def f(a, b, c):\n    if a or b:\n        g()\n    if c:\n        h()\n"
    assert all("a or b and c" not in m for m in made("condition_overreached", "Python", code))
