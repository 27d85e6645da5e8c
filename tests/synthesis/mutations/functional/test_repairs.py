"""Repairs of functional correctness: what they mend, and what they leave alone."""

import pytest

from tests.synthesis.mutations.functional.sources import REPAIRS, made, one_made

CASES = [
    ("literal_identity", "Python", "def f(a):\n    return a is 'x'\n", "a is 'x'", "a == 'x'"),
    ("literal_identity", "Python", "def f(a):\n    return a is not 3\n", "a is not 3", "a != 3"),
    ("string_identity", "Java", 'boolean f(String a) {\n    return a == "x";\n}\n', 'a == "x"', '"x".equals(a)'),
    ("string_identity", "Java", 'boolean f(String a) {\n    return a != "x";\n}\n', 'a != "x"', '!"x".equals(a)'),
    ("pointer_size", "C", "void f(T *p) {\n    memset(p, 0, sizeof(p));\n}\n", "sizeof(p)", "sizeof(*p)"),
    (
        "exit_swallowed",
        "Python",
        "def f():\n    try:\n        g()\n    except:\n        pass\n",
        "except:",
        "except Exception:",
    ),
    (
        "exit_swallowed",
        "Ruby",
        "def f\n  g\nrescue Exception\n  nil\nend\n",
        "rescue Exception",
        "rescue StandardError",
    ),
    (
        "signed_character",
        "C",
        "int f(const char *s, char c) {\n    return isspace(*s) || isdigit(c);\n}\n",
        "isspace(*s) || isdigit(c)",
        "isspace((unsigned char)*s) || isdigit((unsigned char)c)",
    ),
    (
        "midpoint_overflow",
        "Java",
        "int f(int low, int high) {\n    int middle = (low + high) / 2;\n    return middle;\n}\n",
        "(low + high) / 2",
        "low + (high - low) / 2",
    ),
    (
        "interrupt_swallowed",
        "Java",
        "void f() {\n    try {\n        g();\n    } catch (InterruptedException e) {\n    }\n}\n",
        "(InterruptedException e) {\n",
        "(InterruptedException e) {\n        Thread.currentThread().interrupt();\n",
    ),
    (
        "rethrown_anew",
        "C#",
        "void F() {\n    try {\n        G();\n    } catch (Exception e) {\n"
        "        Log(e);\n        throw e;\n    }\n}\n",
        "throw e;",
        "throw;",
    ),
]

KEPT = [
    ("mutable_default", "Python", "def f(a, seen=[]):\n    return a in seen\n"),
    ("literal_identity", "Python", "def f(a):\n    return a is None\n"),
    ("string_identity", "Java", "boolean f(String a, String b) {\n    return a == b;\n}\n"),
    ("pointer_size", "C", "void f(void) {\n    char p[8];\n    memset(p, 0, sizeof(p));\n}\n"),
    ("exit_swallowed", "Python", "def f():\n    try:\n        g()\n    except:\n        undo()\n        raise\n"),
    ("exit_swallowed", "Ruby", "def f\n  g\nrescue Exception => e\n  warn(e)\nend\n"),
    ("signed_character", "C", "int f(unsigned char c) {\n    return isspace(c);\n}\n"),
    ("midpoint_overflow", "C", "int f(int width, int height) {\n    return (width + height) / 2;\n}\n"),
    (
        "interrupt_swallowed",
        "Java",
        "void f() {\n    try {\n        g();\n    } catch (InterruptedException e) {\n"
        "        throw new Stop(e);\n    }\n}\n",
    ),
    (
        "rethrown_anew",
        "C#",
        "void F() {\n    try {\n        G();\n    } catch (Exception e) {\n        throw;\n    }\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "old", "new"), CASES)
def test_case(name: str, language: str, code: str, old: str, new: str) -> None:
    assert one_made(name, language, code, old, new)


@pytest.mark.parametrize(("name", "language", "code"), KEPT)
def test_sound_code_is_left_alone(name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []


def test_a_default_that_is_changed_is_made_anew_at_each_call() -> None:
    code = 'def f(a, seen=[]):\n    """Keep."""\n    seen.append(a)\n    return seen\n'
    assert made("mutable_default", "Python", code) == [
        'def f(a, seen=None):\n    """Keep."""\n    if seen is None:\n        seen = []\n'
        "    seen.append(a)\n    return seen\n"
    ]


def test_every_repair_is_shown() -> None:
    assert {name for name, *_ in CASES} | {"mutable_default"} == set(REPAIRS)
