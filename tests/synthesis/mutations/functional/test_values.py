"""Tests of operators: use another value or call than the one that is needed."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("arguments_swapped", "Go", "report(first, last)", "report(last, first)"),
    ("arguments_swapped", "C#", "Store(left, right)", "Store(right, left)"),
    ("arguments_swapped", "Ruby", "skip(name, wanted)", "skip(wanted, name)"),
    ("wrong_variable", "Python", "result -= rates[i]", "result -= items[i]"),
    ("wrong_variable", "C#", "sum += left", "sum += right"),
    ("wrong_variable", "Java", "return low;", "return high;"),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "arguments_swapped",
        "Java",
        'void f(Map<String, String> m) {\n    m.put("a", "b");\n    g(m);\n}\n',
        '"a", "b"',
        '"b", "a"',
    ),
    ("arguments_swapped", "Go", "func f(a T, b T) {\n\tg(a.size, b.size)\n}\n", "a.size, b.size", "b.size, a.size"),
    ("flag_flipped", "Go", "func f(a int) (bool, error) {\n\treturn true, nil\n}\n", "true", "false"),
    ("flag_flipped", "Python", "def f(a):\n    return g(a, deep=True)\n", "True", "False"),
    ("flag_flipped", "Ruby", "def f(a)\n  return true if a\n  g\nend\n", "true", "false"),
    ("result_negated", "Java", "boolean f(String a) {\n    return a.isEmpty();\n}\n", "a.isEmpty()", "!a.isEmpty()"),
    ("result_negated", "C++", "bool empty() const {\n  return !any(items_);\n}\n", "!any(items_)", "any(items_)"),
    ("argument_not_passed", "Python", "def f(a, strict):\n    return g(a, strict=strict)\n", ", strict=strict", ""),
    (
        "argument_not_passed",
        "JavaScript",
        "function f(a, options) {\n  return g(a.b, options);\n}\n",
        "g(a.b, options)",
        "g(a.b)",
    ),
    ("parts_swapped", "Java", 'String f(String a) {\n    return a + ".txt";\n}\n', 'a + ".txt"', '".txt" + a'),
    ("parts_swapped", "Python", 'def f(a, b):\n    return a + "/" + b\n', '"/" + b', 'b + "/"'),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    ("arguments_swapped", "C", "int f(char *a, char *b) {\n    return strcmp(a, b);\n}\n"),
    ("result_negated", "Go", "func f(a int) error {\n\treturn hasIt(a)\n}\n"),
    ("flag_flipped", "C", "int f(int a) {\n    return g(a, true /* deep */);\n}\n"),
    ("flag_flipped", "C#", "async Task F() {\n    await G().ConfigureAwait(false);\n}\n"),
    ("parts_swapped", "JavaScript", 'function f(a) {\n  return a + "";\n}\n'),
    ("parts_swapped", "C++", 'std::string f(const std::string& a) {\n  return "x" + a;\n}\n'),
    ("parts_swapped", "Python", 'def f(a):\n    raise ValueError("no " + a)\n'),
    ("wrong_variable", "Python", "def f(xs):\n    def g(*args, **kwargs):\n        return h(xs)\n    return g\n"),
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


def test_symmetric_calls_keep_their_arguments() -> None:
    assert made("arguments_swapped", "Python", "def f(a, b):\n    return max(a, b)\n") == []


def test_arguments_of_different_types_stay() -> None:
    assert made("arguments_swapped", "Java", "int f(int a, String b) {\n    return g(a, b);\n}\n") == []
