"""Tests of operators: make a loop run over the wrong turns or build up the wrong result."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("initial_value_wrong", "Python", "result = 0", "result = 1"),
    ("loop_start_wrong", "C++", "int i = 0", "int i = 1"),
    ("reset_in_loop", "Python", "        if items", "        result = 0\n        if items"),
    ("reset_in_loop", "Go", "		total += xs[i]", "		total = 0\n		total += xs[i]"),
    ("reset_in_loop", "C++", "    got += free_[i];", "    got = 0;\n    got += free_[i];"),
    ("loop_left_early", "C++", "    used_.push_back(i);\n", "    used_.push_back(i);\n    return got;\n"),
    ("loop_left_early", "C", "        text++;\n", "        text++;\n        return found;\n"),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "initial_value_wrong",
        "JavaScript",
        (
            "function f(xs) {\n  let best = -Infinity;\n  for (const x of xs) {\n    if (x > best) best = x;\n"
            "  }\n  return best;\n}\n"
        ),
        "-Infinity",
        "0",
    ),
    (
        "initial_value_wrong",
        "Java",
        (
            "boolean f(int[] xs) {\n    boolean seen = false;\n    for (int x : xs) {\n        if (x > 3) {\n"
            "            seen = true;\n        }\n    }\n    return seen;\n}\n"
        ),
        "seen = false",
        "seen = true",
    ),
    ("loop_start_wrong", "Python", "def f(n):\n    for i in range(n):\n        g(i)\n", "range(n)", "range(1, n)"),
    (
        "loop_start_wrong",
        "Python",
        "def f(xs):\n    for i, x in enumerate(xs, 1):\n        g(i, x)\n",
        "enumerate(xs, 1)",
        "enumerate(xs)",
    ),
    (
        "loop_start_wrong",
        "Go",
        "func f(xs []int) {\n\tfor _, x := range xs {\n\t\tg(x)\n\t}\n}\n",
        "range xs",
        "range xs[1:]",
    ),
    (
        "loop_start_wrong",
        "Ruby",
        "def f(xs)\n  xs.each_with_index do |x, i|\n    g(x, i)\n  end\nend\n",
        "each_with_index",
        "each.with_index(1)",
    ),
    ("loop_step_wrong", "C", "void f(int n) {\n    for (int i = 0; i < n; i++)\n        g(i);\n}\n", "i++", "i += 2"),
    (
        "loop_step_wrong",
        "JavaScript",
        "function f(n) {\n  for (let i = 0; i < n; i += 3) {\n    g(i);\n  }\n}\n",
        "i += 3",
        "i++",
    ),
    (
        "loop_step_wrong",
        "Python",
        "def f(n):\n    for i in range(0, n, 3):\n        g(i)\n",
        "range(0, n, 3)",
        "range(0, n)",
    ),
    ("range_end_moved", "Ruby", "def f(n)\n  (0...n).each { |i| g(i) }\nend\n", "0...n", "0..n"),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    (
        "reset_in_loop",
        "C++",
        "void f(S &s) {\n    auto out = std::back_inserter(s);\n    while (more()) {\n        next();\n"
        "        *out++ = 1;\n    }\n}\n",
    ),
    (
        "loop_step_wrong",
        "JavaScript",
        "function f(xs) {\n  for (let i = 0; i < xs.length; i += 1) {\n    g(xs[i]);\n  }\n}\n",
    ),
    ("initial_value_wrong", "C", "int f(int a) {\n    int ret = 0;\n    ret = g(a);\n    return ret;\n}\n"),
    ("initial_value_wrong", "C", "int f(int a) {\n    int n = 0;\n    n = g(a);\n    return n;\n}\n"),
    ("loop_start_wrong", "Ruby", "def f(xs)\n  xs.each_with_index do |x, _i|\n    g(x)\n  end\nend\n"),
    ("loop_start_wrong", "Go", "func f(b *testing.B) {\n\tfor i := 0; i < b.N; i++ {\n\t\tg()\n\t}\n}\n"),
    (
        "loop_step_wrong",
        "C++",
        ("void f(std::list<int> xs) {\n  for (auto it = xs.begin(); it != xs.end(); ++it) {\n    g(*it);\n  }\n}\n"),
    ),
    (
        "reset_in_loop",
        "JavaScript",
        ("function f(xs) {\n  const out = [];\n  for (const x of xs) {\n    out.push(x);\n  }\n  return out;\n}\n"),
    ),
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


def test_reset_needs_the_variable_around_the_loop() -> None:
    code = (
        "void f(int n) {\n    if (n) {\n        int k = 1;\n        use(k);\n    }\n"
        "    while (n) {\n        k = 2;\n    }\n}\n"
    )
    assert made("reset_in_loop", "C", code) == []
