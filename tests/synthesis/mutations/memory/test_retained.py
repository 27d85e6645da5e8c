"""What the operators of `memory.retained` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import retained
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "reference_kept",
        "JavaScript",
        ("function done(id) {\n  finish(this.pending[id]);\n  delete this.pending[id];\n}\n"),
        ("function done(id) {\n  finish(this.pending[id]);\n}\n"),
    ),
    (
        "reference_kept",
        "Python",
        ("def load(path):\n    text = read(path)\n    rows = parse(text)\n    del text\n    return fit(rows)\n"),
        ("def load(path):\n    text = read(path)\n    rows = parse(text)\n    return fit(rows)\n"),
    ),
    (
        "eviction_removed",
        "Python",
        (
            "def put(self, key, value):\n"
            "    self.cache[key] = value\n"
            "    if len(self.cache) > self.limit:\n"
            "        self.cache.popitem()\n"
        ),
        ("def put(self, key, value):\n    self.cache[key] = value\n"),
    ),
    (
        "weak_made_strong",
        "JavaScript",
        ("function table() {\n  return new WeakMap();\n}\n"),
        ("function table() {\n  return new Map();\n}\n"),
    ),
    (
        "cache_unbounded",
        "Python",
        ("@lru_cache(maxsize=64)\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
        ("@lru_cache(maxsize=None)\ndef fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n"),
    ),
]
LEFT_ALONE = [
    ("reference_kept", "JavaScript", ("function init() {\n  this.pending = null;\n}\n")),
    (
        "reference_kept",
        "JavaScript",
        ("function visit(node) {\n  walk(node, this.seen);\n  this.seen.delete(node);\n}\n"),
    ),
    (
        "eviction_removed",
        "Python",
        (
            "def put(self, value):\n"
            "    if len(self.cache) > self.limit:\n"
            "        self.full = True\n"
            "    self.cache.append(value)\n"
        ),
    ),
    (
        "eviction_removed",
        "Python",
        "def pop(self):\n    if len(self.indents) > 0:\n        self.indents.pop()\n    return self.text\n",
    ),
    ("cache_unbounded", "Python", "@lru_cache(maxsize=1)\ndef home():\n    return find()\n"),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE)
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "memory_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_of_the_file_has_an_example() -> None:
    own = {one.name for one in vars(retained).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
