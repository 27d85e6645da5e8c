"""Tests of operators: leave a function, a loop or a case too early or too late."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("branch_left_early", "C++", "    want = most;\n", "    want = most;\n    return got;\n"),
    ("branch_left_early", "JavaScript", "    out.sort();\n", "    out.sort();\n    return out;\n"),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "result_lost",
        "Java",
        "public static Builder builder() {\n    return new Builder();\n}\n",
        "new Builder()",
        "null",
    ),
    (
        "return_missing",
        "C",
        "void f(int a) {\n    if (a > 1) {\n        g();\n        return;\n    }\n    h();\n}\n",
        "        return;\n",
        "",
    ),
    ("return_missing", "JavaScript", "function f(a) {\n  const b = g(a);\n  return h(b);\n}\n", "return h(b)", "h(b)"),
    ("return_missing", "Python", "def f(a):\n    b = g(a)\n    return b\n", "    return b\n", ""),
    (
        "return_missing",
        "Ruby",
        "def f(xs)\n  n = 0\n  xs.each do |x|\n    n += x\n  end\n  n\nend\n",
        "  n\nend\n",
        "end\n",
    ),
    (
        "break_missing",
        "C",
        (
            "void f(int a) {\n    switch (a) {\n    case 1:\n        g();\n        break;\n    case 2:\n"
            "        h();\n        break;\n    }\n}\n"
        ),
        "        g();\n        break;\n",
        "        g();\n",
    ),
    (
        "break_missing",
        "Python",
        (
            "def f(xs):\n    found = None\n    for x in xs:\n        if x.ok:\n            found = x\n"
            "            break\n    return found\n"
        ),
        "            break\n",
        "",
    ),
    (
        "continue_missing",
        "Java",
        (
            "void f(List<T> xs) {\n    for (T x : xs) {\n        if (x.old()) {\n            drop(x);\n"
            "            continue;\n        }\n        keep(x);\n    }\n}\n"
        ),
        "            continue;\n",
        "",
    ),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    (
        "continue_missing",
        "Go",
        "func f(s []byte) int {\n\tn := 0\n\tfor _, c := range s {\n\t\tif c == 'x' {\n\t\t\tn++\n\t\t\tcontinue\n"
        "\t\t}\n\t\tif c != ':' {\n\t\t\tcontinue\n\t\t}\n\t\tg(c)\n\t}\n\treturn n\n}\n",
    ),
    (
        "branch_left_early",
        "C++",
        "void f(int a) {\n    if (a) {\n        JSON_THROW(a);\n    }\n    g(a);\n    h(a);\n}\n",
    ),
    ("result_lost", "Java", "public int size() {\n    return count();\n}\n"),
    ("branch_left_early", "Go", "func f(a int) {\n\tif a > 1 {\n\t\tt.Fatal(a)\n\t}\n\tg(a)\n}\n"),
    (
        "break_missing",
        "JavaScript",
        (
            "function f(xs) {\n  let found = false;\n  for (const x of xs) {\n    if (x) {\n"
            "      found = true;\n      break;\n    }\n  }\n  return found;\n}\n"
        ),
    ),
    (
        "break_missing",
        "C#",
        (
            "void F(int a) {\n    switch (a) {\n        case 1:\n            G();\n            break;\n"
            "        case 2:\n            H();\n            break;\n    }\n}\n"
        ),
    ),
    ("return_missing", "Go", "func f(a int) int {\n\tif a > 1 {\n\t\tg()\n\t\treturn a\n\t}\n\treturn a\n}\n"),
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


def test_bare_return_only_where_nothing_is_returned() -> None:
    code = "void f(int x) {\n    if (x) {\n        g(x);\n    }\n    h(x);\n}\n"
    assert made("branch_left_early", "C", code) == [code.replace("g(x);\n", "g(x);\n        return;\n")]
    assert made("branch_left_early", "C", code.replace("void", "int")) == []
