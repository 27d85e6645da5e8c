"""Tests of operators: drop the handling of a case."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("guard_removed", "Go", "	if len(xs) == 0 {\n		return 0, errEmpty\n	}\n", ""),
    ("guard_removed", "C", "    if (text == 0)\n        return -1;\n", ""),
    ("guard_removed", "Ruby", "  return found unless wanted\n", ""),
    ("else_dropped", "Python", "        else:\n            result += items[i] * rates[i - 1]\n", ""),
    ("else_dropped", "Java", " else {\n            high = middle;\n        }", ""),
    ("else_dropped", "Ruby", "    else\n      skip(name, wanted)\n", ""),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""

CASES = [
    (
        "case_dropped",
        "Python",
        (
            "def f(a):\n    if a == 1:\n        b = 2\n    elif a == 3:\n        b = 4\n    else:\n"
            "        b = 5\n    return b\n"
        ),
        "    elif a == 3:\n        b = 4\n",
        "",
    ),
    (
        "case_dropped",
        "Ruby",
        "def f(a)\n  case a\n  when 1 then g\n  when 2 then h\n  else k\n  end\nend\n",
        "  when 2 then h\n",
        "",
    ),
    (
        "case_dropped",
        "Java",
        (
            "int f(int a) {\n    if (a == 1) {\n        g();\n    } else if (a == 2) {\n        h();\n"
            "    } else {\n        k();\n    }\n    return a;\n}\n"
        ),
        "else if (a == 2) {\n        h();\n    } else",
        "else",
    ),
    (
        "case_dropped",
        "JavaScript",
        (
            "function f(a) {\n  switch (a) {\n    case 1:\n      return g();\n    case 2:\n      return h();\n"
            "    default:\n      return k();\n  }\n}\n"
        ),
        "    case 2:\n      return h();\n",
        "",
    ),
    (
        "case_dropped",
        "Go",
        (
            "func f(a int) int {\n\tswitch a {\n\tcase 1:\n\t\treturn g()\n\tcase 2:\n\t\treturn h()\n"
            "\tdefault:\n\t\treturn k()\n\t}\n}\n"
        ),
        "\tcase 2:\n\t\treturn h()\n",
        "",
    ),
    (
        "case_dropped",
        "C#",
        (
            "int F(int a) {\n    return a switch\n    {\n        1 => G(),\n        2 => H(),\n"
            "        _ => K(),\n    };\n}\n"
        ),
        "        2 => H(),\n",
        "",
    ),
]
"""Operator, language, code, the text that changes, what it becomes."""

KEPT = [
    (
        "else_dropped",
        "C#",
        "void F(string s) {\n    if (G(s, out Level level)) {\n        H();\n    } else {\n"
        "        level = Level.None;\n    }\n    K(level);\n}\n",
    ),
    (
        "guard_removed",
        "Go",
        (
            "func f(xs []int) int {\n\tn := 0\n\tif len(xs) == 0 {\n\t\treturn n\n\t}\n"
            "\tfor _, x := range xs {\n\t\tn += x\n\t}\n\treturn n\n}\n"
        ),
    ),
    (
        "case_dropped",
        "JavaScript",
        (
            "function f(a) {\n  switch (a) {\n    case 1:\n    case 2:\n      return h();\n    default:\n"
            "      return k();\n  }\n}\n"
        ),
    ),
    (
        "else_dropped",
        "Java",
        (
            "int f(int a) {\n    int b;\n    if (a > 1) {\n        b = 1;\n    } else {\n        b = 2;\n"
            "    }\n    return b;\n}\n"
        ),
    ),
    ("else_dropped", "Python", 'def f(a):\n    if a:\n        g()\n    else:\n        log.debug("nothing")\n'),
    ("guard_removed", "Python", "def f(a, cache):\n    if a in cache:\n        return cache[a]\n    return g(a)\n"),
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


def test_else_that_returns_stays_at_the_end_of_a_static_function() -> None:
    code = "int f(int a) {\n    if (a) {\n        return 1;\n    } else if (g(a)) {\n        return 2;\n    }\n}\n"
    assert made("case_dropped", "Java", code) == []
    assert made("case_dropped", "JavaScript", code.replace("int f(int a)", "function f(a)")) != []


def test_guard_takes_its_comment_and_one_blank_line_with_it() -> None:
    code = "def f(x):\n    y = 1\n\n    # nothing to do\n    if x < 0:\n        return y\n\n    return x + y\n"
    assert made("guard_removed", "Python", code) == ["def f(x):\n    y = 1\n\n    return x + y\n"]


def test_go_keeps_what_alone_reads_a_variable() -> None:
    code = "func f() int {\n\tok := g()\n\tif !ok {\n\t\treturn 1\n\t}\n\treturn 0\n}\n"
    assert made("guard_removed", "Go", code) == []
