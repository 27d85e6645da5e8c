"""Functions that test, measure or show other functions: what they waste or leave open matters to nobody."""

import re
from collections.abc import Iterator
from functools import wraps

from parsers.syntax import Function, Syntax
from synthesis.mutations.operator import Site, Sites

_TEST_NAME = re.compile(
    r"^(?:[\w:]*::|[\w.]+\.)?(?:test|Test|Benchmark|Example|should_|setup$|setUp$|teardown$)|Tests?$"
)
_TEST_MARK = re.compile(
    r"@(?:\w+)?Test\b|\[(?:Test|Fact|Theory|TestCase|TestMethod)\b|\*testing\.[TBMF]\b|^TEST(?:_[FP])?\("
)
_TEST_WORDS = frozenset(
    {"test", "tests", "testing", "bench", "benchmark", "example", "mock", "fixture", "fuzz", "stub"}
)
_EXPECTS = re.compile(
    r"\b(?:EXPECT|ASSERT)_(?:EQ|NE|TRUE|FALSE|GE|GT|LE|LT|OK|STREQ|THAT)\(|\bassert_equal[( ]|\bassertThat\("
)


def is_test(syntax: Syntax, function: Function) -> bool:
    """Whether the function tests, measures or shows others: it runs by itself, on data of its own."""
    head = syntax.data[function.node.start_byte : function.body.start_byte].decode("utf-8", "replace")
    if _TEST_NAME.search(function.name) or _TEST_MARK.search(head):
        return True
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", function.name)
    return any(w.lower() in _TEST_WORDS for w in words) or _EXPECTS.search(syntax.text(function.body)) is not None


def outside_tests(sites: Sites) -> Sites:
    """The same sites, none of them in a test."""

    @wraps(sites)
    def spared(syntax: Syntax, function: Function) -> Iterator[Site]:
        return iter(()) if is_test(syntax, function) else sites(syntax, function)

    return spared
