"""Operators that are off by one."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, scope
from synthesis.mutations.functional.common import BOUNDS, KEY, asserted
from synthesis.mutations.functional.starts import initial_values, loop_starts
from synthesis.mutations.functional.uses import asks_room
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_SIGNS = ("+", "-")
_SIZE = re.compile(r"(?i)(len|size|count|num|max|end|limit|index|width|height|total)\w*(\(.*\))?$")
_ANY = re.compile(rb"(?i)rand|seed|retr(?:y|ies)|attempt|timeout|sleep|iteration|static_assert")
"""Lines whose numbers could as well be others."""
_INDEXED = scope.kinds(
    "subscript subscript_expression subscript_argument_list index_expression element_reference "
    "array_access element_access_expression argument bracketed_argument_list"
)
_PLACES = scope.kinds(
    "subscript subscript_expression subscript_argument_list index_expression element_reference array_access "
    "bracketed_argument_list slice slice_expression range range_expression"
)
_CALLS = scope.kinds("call call_expression method_invocation invocation_expression")
_POSITIONS = re.compile(
    r"(?i)^[\w.@()\[\]\->?]*(slice|substr\w*|range|nth|charAt|charCodeAt|elementAt|splice|getOrNull|take|drop|skip|first"
    r"|last|step|upto|downto|splitn?|remove_?at|insert|erase|get)\("
)


@operator(KEY, "CWE-193", version="4", family="arithmetic")
def literal_off_by_one(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number is one too large or one too small."""
    taken = {node.id for node in initial_values(syntax, function)} | {node.id for node in loop_starts(function)}
    signs = {n.id: syntax.text(b.operator) for b in layout.binaries(syntax, function.body) for n in (b.left, b.right)}
    for node in syntax.nodes("numbers", "number", function.body):
        text = syntax.text(node)
        if node.id in taken or not re.fullmatch(r"0|[1-9]\d{0,3}", text) or not _counts(syntax, node, signs):
            continue
        first, last = layout.line_start(syntax.data, node.start_byte), layout.line_end(syntax.data, node.end_byte)
        if asserted(syntax, node) or asks_room(syntax, node) or _ANY.search(syntax.data[first:last]):
            continue
        yield (replace(node, str(int(text) + 1)),)
        if int(text) > (signs.get(node.id, "") in _SIGNS) and not syntax.data[: node.start_byte].endswith(b"-"):
            yield (replace(node, str(int(text) - 1)),)


def _counts(syntax: Syntax, node: Node, signs: dict[int, str]) -> bool:
    """Whether a number is a position, a bound or an offset, and not a code, a unit or a flag."""
    sign, small = signs.get(node.id, ""), len(syntax.text(node)) < 2
    if sign:
        return sign in BOUNDS or (small and sign in ("+", "-", "==", "!=", "===", "!==", "%", "//"))
    parent = node.parent
    while parent is not None and parent.type in ("argument", "unary_operator", "unary", "argument_list", "arguments"):
        parent = parent.parent
    if parent is None:
        return False
    return parent.type in _PLACES or (parent.type in _CALLS and _POSITIONS.search(syntax.text(parent)) is not None)


@operator(KEY, "CWE-193", version="2", family="arithmetic")
def offset_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A needed offset is missing, so a position or a count is off."""
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) in _SIGNS and one.right.id in literals and one.left.id not in literals:
            if asks_room(syntax, one.node):
                continue
            parent = one.node.parent
            outer = parent.parent if parent is not None and parent.type == "parenthesized_expression" else None
            if parent is not None and outer is not None and "binary" in outer.type and one.left.type in layout.SIMPLE:
                yield (replace(parent, syntax.text(one.left)),)
            else:
                yield (Edit(one.left.end_byte, one.right.end_byte, ""),)


@operator(KEY, "CWE-193", version="2", family="arithmetic")
def offset_added(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A position or a bound is shifted by one."""
    known = scope.numeric(syntax, scope.variables(syntax, function))
    places: list[Node] = []
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) in BOUNDS:
            text = syntax.text(one.right)
            if one.right.type in layout.SIMPLE and (text in known or _SIZE.search(text)):
                places.append(one.right)
    for node in syntax.nodes("identifiers", "identifier", function.body):
        inside = (
            node.parent is not None and node.parent.type in _INDEXED and scope.field(node) not in ("value", "object")
        )
        if inside and node.parent is not None and node.parent.named_children[-1].id == node.id:
            call = node.parent.parent is not None and node.parent.parent.type == "argument_list"
            if syntax.text(node) in known and not call:
                places.append(node)
    for match in syntax.matches("calls", function.body):
        arguments = match["arguments"][0].named_children
        if syntax.text(match["callee"][0]) in ("range", "xrange") and arguments:
            places.append(arguments[-1 if len(arguments) < 3 else 1])
    for place in sorted({p.id: p for p in places}.values(), key=lambda n: n.start_byte):
        if place.type in layout.SIMPLE and not place.has_error and not asks_room(syntax, place):
            signs = "-+" if place.start_byte % 2 else "+-"
            for sign in signs:
                shift = f"{sign}1" if syntax.language == "Go" else f" {sign} 1"
                yield (Edit(place.end_byte, place.end_byte, shift),)
