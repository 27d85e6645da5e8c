"""Repairs of functional correctness: what they mend, and what they leave alone."""

import pytest

from tests.synthesis.mutations.functional.sources import REPAIRS, made, one_made

CASES = [
    ("literal_identity", "Python", "def f(a):\n    return a is 'x'\n", "a is 'x'", "a == 'x'"),
    ("literal_identity", "Python", "def f(a):\n    return a is not 3\n", "a is not 3", "a != 3"),
    ("string_identity", "Java", 'boolean f(String a) {\n    return a == "x";\n}\n', 'a == "x"', '"x".equals(a)'),
    ("string_identity", "Java", 'boolean f(String a) {\n    return a != "x";\n}\n', 'a != "x"', '!"x".equals(a)'),
    ("pointer_size", "C", "void f(struct state *p) {\n    memset(p, 0, sizeof(p));\n}\n", "sizeof(p)", "sizeof(*p)"),
    (
        "signed_character",
        "C",
        "int f(const char *s, char c) {\n    return isspace(*s) || isdigit(c);\n}\n",
        "isspace(*s) || isdigit(c)",
        "isspace((unsigned char)*s) || isdigit((unsigned char)c)",
    ),
]

KEPT = [
    ("mutable_default", "Python", "def f(a, seen=[]):\n    return a in seen\n"),
    ("literal_identity", "Python", "def f(a):\n    return a is None\n"),
    ("string_identity", "Java", "boolean f(String a, String b) {\n    return a == b;\n}\n"),
    ("mutable_default", "Python", "def f(a, memo={}):\n    memo[a] = 1\n    return memo\n"),
    ("pointer_size", "C", "void f(char *p) {\n    memset(p, 0, sizeof(p));\n}\n"),
    ("pointer_size", "C", "void f(struct state *p) {\n    memcpy(p, &p, sizeof(p));\n}\n"),
    ("pointer_size", "C", "void f(void) {\n    char p[8];\n    memset(p, 0, sizeof(p));\n}\n"),
    ("signed_character", "C", "int f(unsigned char c) {\n    return isspace(c);\n}\n"),
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
