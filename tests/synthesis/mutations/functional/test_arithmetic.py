"""Tests of operators: are off by one."""

import pytest

from tests.synthesis.mutations.functional.sources import SOURCES, made, one_made

EXAMPLES = [
    ("literal_off_by_one", "Java", "xs.length - 1", "xs.length - 2"),
    ("offset_lost", "Java", "xs.length - 1", "xs.length"),
    ("offset_lost", "Python", "rates[i - 1]", "rates[i]"),
    ("offset_added", "Python", "range(len(items))", "range(len(items) - 1)"),
    ("offset_added", "Go", "xs[i]", "xs[i+1]"),
    ("offset_added", "C++", "i < want", "i < want - 1"),
]
"""Operator, language, the text that changes in the language's sample, what it becomes (None: it stays)."""


@pytest.mark.parametrize(("name", "language", "old", "new"), EXAMPLES)
def test_example(name: str, language: str, old: str, new: str | None) -> None:
    code = SOURCES[language]
    if new is None:
        assert code.count(old) >= 1
        assert code.replace(old, "") not in made(name, language, code)
    else:
        assert one_made(name, language, code, old, new)
