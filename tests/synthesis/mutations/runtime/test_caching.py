"""`synthesis.mutations.runtime.caching` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import caching

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == caching.__name__}

MADE = [
    (
        "cache_check_removed",
        "Python",
        (
            "def schema(self):\n"
            "    if self._schema is None:\n"
            "        self._schema = parse(self.path)\n"
            "    return self._schema\n"
        ),
        ("def schema(self):\n    self._schema = parse(self.path)\n    return self._schema\n"),
    ),
    (
        "memoisation_removed",
        "Python",
        ("@lru_cache(maxsize=64)\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
        ("def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
    ),
    (
        "memoisation_removed",
        "Ruby",
        ("def rules\n  @rules ||= parse(path)\nend\n"),
        ("def rules\n  @rules = parse(path)\nend\n"),
    ),
    (
        "cache_check_removed",
        "JavaScript",
        (
            "function load(key) {\n"
            "  if (this.cache[key]) {\n"
            "    return this.cache[key];\n"
            "  }\n"
            "  return this.read(key);\n"
            "}\n"
        ),
        ("function load(key) {\n  return this.read(key);\n}\n"),
    ),
    (
        "cache_check_removed",
        "Ruby",
        ("def rules\n  unless @rules\n    @rules = parse(path)\n  end\n  @rules\nend\n"),
        ("def rules\n  @rules = parse(path)\n  @rules\nend\n"),
    ),
    (
        "cache_check_removed",
        "Python",
        (
            "def load(self, key):\n"
            "    if key not in self.cache:\n"
            "        self.cache[key] = parse(key)\n"
            "    return self.cache[key]\n"
        ),
        ("def load(self, key):\n    self.cache[key] = parse(key)\n    return self.cache[key]\n"),
    ),
    (
        "cache_check_removed",
        "Python",
        ("def load(self, key):\n    if key in self.cache:\n        return self.cache[key]\n    return parse(key)\n"),
        ("def load(self, key):\n    return parse(key)\n"),
    ),
    (
        "memoisation_removed",
        "JavaScript",
        ("function rules() {\n  this.rules ??= parse(this.path);\n  return this.rules;\n}\n"),
        ("function rules() {\n  this.rules = parse(this.path);\n  return this.rules;\n}\n"),
    ),
    (
        "cache_check_removed",
        "Java",
        (
            "Rules rules(String path) {\n"
            "    if (this.rules == null) {\n"
            "        this.rules = findRules(path);\n"
            "    }\n"
            "    return this.rules;\n"
            "}\n"
        ),
        ("Rules rules(String path) {\n    this.rules = findRules(path);\n    return this.rules;\n}\n"),
    ),
]

LEFT_ALONE = [
    (
        "cache_check_removed",
        "Python",
        (
            "def answer(self):\n"
            "    if self.response is not None:\n"
            "        return self.response\n"
            "    return build(self)\n"
        ),
    ),
    (
        "cache_check_removed",
        "Python",
        ("def schema(self, path):\n    if path is None:\n        path = find(self.path)\n    return path\n"),
    ),
    ("memoisation_removed", "Python", ("@property\ndef name(self):\n    return self._name\n")),
    (
        "cache_check_removed",
        "JavaScript",
        ("function load(key) {\n  if (key) {\n    return key;\n  }\n  return this.read(key);\n}\n"),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "runtime_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE, ids=[f"{row[0]}-{row[1]}" for row in LEFT_ALONE])
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
