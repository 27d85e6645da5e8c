"""Operators that compare wrongly."""

import re
from collections.abc import Iterator

from parsers.language import languages
from parsers.syntax import Function, Syntax
from synthesis.mutations import layout
from synthesis.mutations.functional.common import BOUNDS, KEY, LOOPS, TERNARIES, above, asserted, ternary
from synthesis.mutations.layout import Binary, replace
from synthesis.mutations.operator import Site, operator

_EQUALS = {
    "==": "!=", "!=": "==", "===": "!==", "!==": "===", "is": "is not", "is not": "is", "in": "not in", "not in": "in",
}  # fmt: skip
_REVERSED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}
_CONTINUOUS = re.compile(r"(?i)\d\.\d|rand|now\b|\btime|elapsed|deadline|epsilon|\beps\b")
"""Values that are hardly ever equal, so that a moved bound makes no difference."""


def _ordered(syntax: Syntax, function: Function) -> Iterator[Binary]:
    """Comparisons by order; `List<(A, B)>` may parse as some and is left out."""
    for one in layout.binaries(syntax, function.body):
        around = syntax.data[one.operator.start_byte - 1 : one.operator.end_byte + 1]
        generic = languages()[syntax.language].angle_brackets and not re.fullmatch(rb"\s.*\s", around, re.DOTALL)
        if syntax.text(one.operator) in BOUNDS and not generic and not asserted(syntax, one.node):
            yield one


def _picks(syntax: Syntax, one: Binary) -> bool:
    """Whether the comparison only picks one of its two sides, which for equal ones is the same either way."""
    sides = {syntax.text(one.left), syntax.text(one.right)}
    parent = one.node.parent
    while parent is not None and parent.type in ("parenthesized_expression", "condition_clause"):
        parent = parent.parent
    if parent is None:
        return False
    if parent.type in TERNARIES:
        parts = ternary(parent)
        return parts is not None and {syntax.text(parts[1]), syntax.text(parts[2])} == sides
    consequence = parent.child_by_field_name("consequence") or parent.child_by_field_name("body")
    if consequence is None or parent.child_by_field_name("alternative") is not None:
        return False
    match = re.fullmatch(r"(?:\{|then)?\s*(.+?)\s*=\s*(.+?);?\s*\}?", syntax.text(consequence).strip())
    return match is not None and set(match.groups()) == sides


@operator(KEY, "CWE-193", version="2", family="comparison")
def boundary_moved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison takes its bound in where it should stay out, or the other way."""
    for one in _ordered(syntax, function):
        if not _CONTINUOUS.search(syntax.text(one.node)) and not _picks(syntax, one):
            yield (replace(one.operator, BOUNDS[syntax.text(one.operator)]),)


@operator(KEY, "CWE-697", family="comparison")
def comparison_reversed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison asks for the smaller value where it should ask for the larger one, or the other way."""
    for one in _ordered(syntax, function):
        loop = above(one.node, LOOPS, function.body)
        body = loop.child_by_field_name("body") if loop is not None else None
        head = loop is not None and (body is None or one.node.start_byte < body.start_byte)
        if not head:  # a loop that never turns, or never ends, is seen at once
            yield (replace(one.operator, _REVERSED[syntax.text(one.operator)]),)


@operator(KEY, "CWE-697", version="2", family="comparison")
def equality_inverted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Code runs for the unequal values where it should run for the equal ones, or the other way."""
    for one in layout.binaries(syntax, function.body):
        if (sign := syntax.text(one.operator)) in _EQUALS and not asserted(syntax, one.node):
            yield (replace(one.operator, _EQUALS[sign]),)
