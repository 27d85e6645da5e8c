"""Operators that compare wrongly."""

import re
from collections.abc import Iterator

from tree_sitter import Node

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
    if consequence is None:
        return False
    kept = re.findall(r"(?m)^[\s{]*(?:then)?\s*([\w.>@-]+) = ([^;\n]+?);?[\s}]*$", syntax.text(consequence))
    if any(set(pair) == sides for pair in kept):
        return True  # the smallest or the largest so far; ties are as good
    if parent.child_by_field_name("alternative") is not None:
        return False
    match = re.fullmatch(r"(?:\{|then)?\s*(.+?)\s*=\s*(.+?);?\s*\}?", syntax.text(consequence).strip())
    return match is not None and set(match.groups()) == sides


_ROOM = re.compile(
    r"(?i)cap(?:acity)?\b|capacity|thresh|cutoff|alloc|reserve|diff|delay|wait|timeout|interval|duration|schedul|expir|score"
)
_NONE = re.compile(r"(?:>|<=) ?0[uUlL]*|(?:>=|<) ?1[uUlL]*")
"""Whether there is anything at all: code that then does nothing makes no difference."""
_MAKES_ROOM = re.compile(r"(?i)\bmake\(|alloc|resize|reserve|grow|\bnew \w+\[|\bcap\(|capacity")


def _shows(syntax: Syntax, function: Function, one: Binary) -> bool:
    """Whether the equal case is one of its own: in the head of a loop, or as the whole of a condition."""
    if _CONTINUOUS.search(syntax.text(one.node)) or _picks(syntax, one) or _ROOM.search(syntax.text(one.node)):
        return False
    loop = above(one.node, LOOPS, function.body)
    body = loop.child_by_field_name("body") if loop is not None else None
    if loop is not None and body is not None and one.node.start_byte < body.start_byte:
        return True
    after = syntax.data[one.operator.start_byte : one.node.end_byte].decode("utf-8", "replace")
    if _NONE.fullmatch(after):
        return False
    outer = one.node.parent
    while outer is not None and outer.type in ("parenthesized_expression", "condition_clause"):
        outer = outer.parent
    if outer is None or "binary" in outer.type or "boolean" in outer.type:
        return _indexed(syntax, one, outer)
    return _MAKES_ROOM.search(syntax.text(outer)) is None


def _indexed(syntax: Syntax, one: Binary, outer: Node | None) -> bool:
    """Whether the other part of a condition takes the element that the comparison makes sure of."""
    text = syntax.text(outer) if outer is not None else ""
    name = re.escape(syntax.text(one.left))
    return one.left.type in layout.SIMPLE and re.search(rf"\[{name}\]|\({name}\)", text) is not None


@operator(KEY, "CWE-193", version="3", family="comparison")
def boundary_moved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison takes its bound in where it should stay out, or the other way."""
    for one in _ordered(syntax, function):
        if _shows(syntax, function, one):
            yield (replace(one.operator, BOUNDS[syntax.text(one.operator)]),)


@operator(KEY, "CWE-697", version="2", family="comparison")
def comparison_reversed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A comparison asks for the smaller value where it should ask for the larger one, or the other way."""
    for one in _ordered(syntax, function):
        loop = above(one.node, LOOPS, function.body)
        body = loop.child_by_field_name("body") if loop is not None else None
        head = loop is not None and (body is None or one.node.start_byte < body.start_byte)
        if not head:  # a loop that never turns, or never ends, is seen at once
            yield (replace(one.operator, _REVERSED[syntax.text(one.operator)]),)


@operator(KEY, "CWE-697", version="3", family="comparison")
def equality_inverted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Code runs for the unequal values where it should run for the equal ones, or the other way."""
    for one in layout.binaries(syntax, function.body):
        if (sign := syntax.text(one.operator)) in _EQUALS and not asserted(syntax, one.node):
            yield (replace(one.operator, _EQUALS[sign]),)
