"""Tests of operators: do not reckon with a missing value."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("null_guard_lost", "Python", "        if items[i] is None:\n            continue\n", ""),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "null_guard_lost",
        "Java",
        "int f(String a) {\n    if (a == null) {\n        return 0;\n    }\n    return a.length();\n}\n",
        "    if (a == null) {\n        return 0;\n    }\n",
        "",
    ),
    ("null_guard_lost", "Go", "func f(a *T) bool {\n\treturn a != nil && a.ok\n}\n", "a != nil && a.ok", "a.ok"),
    (
        "null_guard_lost",
        "Python",
        "def f(a):\n    return a.b if a is not None else None\n",
        "a.b if a is not None else None",
        "a.b",
    ),
    (
        "null_guard_lost",
        "C#",
        "void F(string a) {\n    ArgumentNullException.ThrowIfNull(a);\n    G(a);\n}\n",
        "    ArgumentNullException.ThrowIfNull(a);\n",
        "",
    ),
    (
        "null_guard_lost",
        "Java",
        "void f(String a) {\n    this.a = Objects.requireNonNull(a);\n}\n",
        "Objects.requireNonNull(a)",
        "a",
    ),
    ("safe_access_lost", "JavaScript", "function f(a) {\n  return a?.b;\n}\n", "a?.b", "a.b"),
    ("safe_access_lost", "JavaScript", "function f(a) {\n  return a?.[0];\n}\n", "a?.[0]", "a[0]"),
    ("safe_access_lost", "Ruby", "def f(a)\n  a&.size\nend\n", "a&.size", "a.size"),
    ("safe_access_lost", "C#", "int? F(string a) {\n    return a?.Length;\n}\n", "a?.Length", "a.Length"),
    (
        "default_lost",
        "JavaScript",
        "function f(o) {\n  const a = o.list || [];\n  return a;\n}\n",
        "o.list || []",
        "o.list",
    ),
    ("default_lost", "JavaScript", "function f(n) {\n  return 2 / (n || 1);\n}\n", "(n || 1)", "n"),
    ("default_lost", "Python", "def f(d, k):\n    return d.get(k, 0)\n", "d.get(k, 0)", "d.get(k)"),
    (
        "default_lost",
        "Java",
        "int f(Map<String, Integer> d, String k) {\n    return d.getOrDefault(k, 0);\n}\n",
        "getOrDefault(k, 0)",
        "get(k)",
    ),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    ("default_lost", "C#", "int F(X a) {\n    return G(a.First()?.Size ?? Size, 3);\n}\n"),
    ("null_guard_lost", "Java", "void f(T a) {\n    Objects.requireNonNull(a);\n    g(a.b());\n    h();\n}\n"),
    ("null_guard_lost", "C", "int f(int n, char *s) {\n    if (!n)\n        return 0;\n    return g(s[n - 1]);\n}\n"),
    (
        "null_guard_lost",
        "Java",
        "void f(T a) {\n    if (a == null) {\n        throw new NullPointerException();\n    }\n    g(a.b());\n}\n",
    ),
    ("null_guard_lost", "C", "int f(int n) {\n    if (n == 0)\n        return 1;\n    return g(n);\n}\n"),
    ("null_guard_lost", "Python", "def f(rules):\n    if not rules:\n        return\n    g(rules.pop())\n"),
    (
        "null_guard_lost",
        "C#",
        "T F(Type t) {\n    if (t is null) throw new E(t);\n    var a = Maps[t];\n    return a;\n}\n",
    ),
    ("safe_access_lost", "Ruby", "def f(a)\n  a.start\n  a&.stop\nend\n"),
    ("safe_access_lost", "Ruby", "def test_stop(a)\n  a&.stop\nend\n"),
    ("safe_access_lost", "C#", "int? F(Type a) {\n    return Find(a)?.Length;\n}\n"),
    ("default_lost", "Python", 'def f(d, k):\n    return parse(d.get(k, ""))\n'),
    ("default_lost", "JavaScript", "function f(o) {\n  const a = o.on || false;\n  return a;\n}\n"),
    ("default_lost", "Python", "def f(session, kind, key):\n    return session.get(kind, key)\n"),
    ("default_lost", "C#", "int F(int? a) {\n    return a ?? 0;\n}\n"),
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
