"""The values that loops, counters and flags start from."""

import re

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.functional.common import CONDITIONAL, above, found

_NUMBERS = scope.kinds("number_literal integer_literal int_literal decimal_integer_literal number integer")
_COUNTED = scope.kinds("for_statement for_clause")
_GIVING = scope.kinds("init_declarator variable_declarator assignment_expression expression_list equals_value_clause")
_NO_COUNT = re.compile(r"(?i)flags?|status|ret|rc|err\w*|error|mask|rv|state|char")
_CODE = ("result", "res")


def loop_starts(function: Function) -> list[Node]:
    """Numbers that a counted loop starts from."""
    starts = []
    for loop in found(function.body, _COUNTED):
        first = next(
            (loop.child_by_field_name(f) for f in ("initializer", "init") if loop.child_by_field_name(f)), None
        )
        if first is None:
            continue
        for node, _ in walk(first):
            plain = node.parent is not None and node.parent.type in _GIVING
            if node.type in _NUMBERS and plain and scope.field(node) not in ("left", "name", "declarator"):
                starts.append(node)
    return starts


def initial_values(syntax: Syntax, function: Function) -> list[Node]:
    """Literals that a local starts from and that later code builds on, whichever way it takes."""
    heads = [
        loop.child_by_field_name("initializer") or loop.child_by_field_name("init")
        for loop in found(function.body, _COUNTED)
    ]
    spans = [(head.start_byte, head.end_byte) for head in heads if head is not None]
    known = scope.variables(syntax, function)
    values = []
    for match in syntax.matches("assignments", function.body):
        target, value = match["target"][0], match["value"][0]
        variable = known.get(syntax.text(target))
        if value.type == "expression_list" and value.named_child_count == 1:
            value = value.named_children[0]
        if variable is None or variable.parameter or variable.uses[0].start_byte != target.start_byte:
            continue
        counted = any(start <= target.start_byte < end for start, end in spans)
        if counted or variable.type == "char" or _NO_COUNT.fullmatch(variable.name):
            continue
        if variable.name in _CODE and syntax.language in ("C", "C++"):
            continue
        if _built_on(syntax, function, variable):
            values.append(value)
    return values


def _built_on(syntax: Syntax, function: Function, variable: scope.Variable) -> bool:
    """Whether the first value of a variable counts: it is written again later, but not before it may be read."""
    later = [use for use in variable.uses[1:] if use.start_byte > variable.uses[0].start_byte]
    stored = {use.id for use in scope.written(variable)}
    if not any(use.id in stored for use in later):
        return False
    use = later[0]
    if use.id not in stored or _compound(syntax, use):
        return True
    outer = above(use, CONDITIONAL, function.body)
    return outer is not None and not (outer.start_byte <= variable.uses[0].start_byte < outer.end_byte)


def _compound(syntax: Syntax, use: Node) -> bool:
    """Whether a write builds on the old value."""
    line = syntax.data[use.start_byte : layout.line_end(syntax.data, use.end_byte)].decode("utf-8", "replace")
    before = syntax.data[max(0, use.start_byte - 2) : use.start_byte]
    name = re.escape(syntax.text(use))
    return (
        before in (b"++", b"--")
        or re.match(rf"{name}\s*(?:\+\+|--|(?:[-+*/%|&^]|<<|>>|//)=|=.*\b{name}\b)", line) is not None
    )
