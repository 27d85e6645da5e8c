"""Operators that compute another number with the same operands."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.functional.common import KEY, LOOPS, above, found
from synthesis.mutations.functional.uses import asks_room
from synthesis.mutations.layout import Binary, replace
from synthesis.mutations.operator import Edit, Site, operator

_SIGNS = {"+": "-", "-": "+"}
_COMPOUND = scope.kinds(
    "assignment_expression augmented_assignment_expression augmented_assignment operator_assignment "
    "assignment_statement"
)
_TURNED = {
    "+=": "-=", "-=": "+=", "*=": "+=", "/=": "*=", "|=": "&=", "&=": "|=", "<<=": ">>=", ">>=": "<<=", "%=": "/=",
}  # fmt: skip
_BITS = ("|=", "&=")
_ROUNDS = re.compile(r"\b(?:Math\.(?:floor|trunc)|parseInt)$")
_COUNTS = re.compile(r"(?i)\b(?:len|sum|float|int|abs|max|min|count|size|total|num\w*|n|width|height|length)\b")
_WHOLE = re.compile(
    r"(?i)\b(?:int|round|floor|ceil|trunc|Path|PurePath|dir|path|root|folder|base|parent|home|url)\b"
    r"|\w*(?:_dir|_path|Dir|Path)\b"
)
_INTEGRAL = re.compile(r"(?i)\d+|(?:@?[\w.]+[._]|@)?(?:size|length|count|to_i|total|n|max|min|num\w*|\w+_count)")
"""Ruby values that are whole numbers, so that a division by them is one."""
_WHOLE_TYPE = re.compile(r"\b(?:u?int\w*|long|short|size_t|ssize_t|unsigned|byte)\b")
_WHOLE_NUMBER = re.compile(r"\d+|[\w.>-]*\b(?:size|length|count|Count|Length)(?:\(\))?")


@operator(KEY, "CWE-480", version="3", family="arithmetic")
def sign_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A number is added where it should be subtracted, or the other way."""
    numbers = scope.numeric(syntax, scope.variables(syntax, function))
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for one in layout.binaries(syntax, function.body):
        sides = (one.left, one.right)
        if syntax.text(one.operator) not in _SIGNS or any("string" in n.type for n, _ in walk(one.node)):
            continue
        if asks_room(syntax, one.node):
            continue
        if any(s.id in literals or syntax.text(s) in numbers for s in sides):
            yield (replace(one.operator, _SIGNS[syntax.text(one.operator)]),)


@operator(KEY, "CWE-480", family="arithmetic")
def compound_operator_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is changed by the wrong operation: subtracted for added, masked for set."""
    known = scope.variables(syntax, function)
    numbers = scope.numeric(syntax, known)
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for node, target, sign, value in _compounds(function):
        text = syntax.text(sign)
        if text not in _TURNED:
            continue
        amount = value.named_children[0] if value.type == "expression_list" and value.named_child_count == 1 else value
        certain = amount.id in literals or syntax.text(target) in numbers or syntax.text(amount) in numbers
        if (certain or text in _BITS) and not any("string" in n.type for n, _ in walk(node)):
            yield (replace(sign, _TURNED[text]),)


@operator(KEY, "CWE-682", family="arithmetic")
def accumulation_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What a loop should add up is replaced at each turn, so that only the last turn counts."""
    known = scope.variables(syntax, function)
    for node, target, sign, _ in _compounds(function):
        variable = known.get(syntax.text(target).strip())
        if syntax.text(sign) not in ("+=", "|=") or variable is None or "*" in variable.type:
            continue
        loop = above(node, LOOPS, function.body)
        outside = loop is not None and not loop.start_byte <= variable.uses[0].start_byte < loop.end_byte
        read = loop is not None and any(use.start_byte >= loop.end_byte for use in variable.uses)
        if outside and read and not re.search(r"\b(?:byte|short|char|event)\b", variable.type):
            yield (replace(sign, "="),)


def _compounds(function: Function) -> Iterator[tuple[Node, Node, Node, Node]]:
    """Assignments with an operator in them: (node, target, operator, value)."""
    for node in found(function.body, _COMPOUND):
        target, value = node.child_by_field_name("left"), node.child_by_field_name("right")
        sign = next((c for c in node.children if not c.is_named and c.type.endswith("=") and len(c.type) > 1), None)
        if target is not None and value is not None and sign is not None:
            yield node, target, sign, value


@operator(KEY, "CWE-682", version="3", family="arithmetic")
def division_changed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A division drops the fraction that is needed, or keeps the one that should go."""
    if syntax.language == "Python":
        yield from _python_divisions(syntax, function)
    if syntax.language == "JavaScript":
        yield from _unrounded(syntax, function)
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) != "/":
            continue
        if syntax.language == "Ruby":
            yield from _to_f_lost(syntax, one)
        elif syntax.language in ("C", "C++", "Java", "C#"):
            yield from _cast_lost(syntax, function, one)
        elif syntax.language == "Go":
            yield from _converted_late(syntax, function, one)


def _python_divisions(syntax: Syntax, function: Function) -> Iterator[Site]:
    numbers = scope.numeric(syntax, scope.variables(syntax, function))
    literals = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    for one in layout.binaries(syntax, function.body):
        sign, text = syntax.text(one.operator), syntax.text(one.node)
        if (
            sign not in ("/", "//")
            or syntax.text(one.right) == "0"
            or any("string" in n.type for n, _ in walk(one.node))
        ):
            continue
        outer = above(one.node, frozenset(("call",)), function.body)
        callee = outer.child_by_field_name("function") if outer is not None else None
        if _WHOLE.search(text) or (callee is not None and _WHOLE.search(syntax.text(callee))):
            continue
        sides = (one.left, one.right)
        if sign == "//" or any(
            s.id in literals or syntax.text(s) in numbers or _COUNTS.search(syntax.text(s)) for s in sides
        ):
            yield (replace(one.operator, "/" if sign == "//" else "//"),)


def _unrounded(syntax: Syntax, function: Function) -> Iterator[Site]:
    products = {one.node.id for one in layout.binaries(syntax, function.body) if syntax.text(one.operator) in "*/"}
    for match in syntax.matches("calls", function.body):
        passed = match["arguments"][0].named_children
        if not _ROUNDS.search(syntax.text(match["callee"][0])) or not passed or passed[0].id not in products:
            continue
        call, value = match["call"][0], syntax.text(passed[0])
        if len(passed) == 1:
            plain = call.parent is not None and call.parent.type in ("variable_declarator", "return_statement")
            yield (replace(call, value if plain else f"({value})"),)


def _to_f_lost(syntax: Syntax, one: Binary) -> Iterator[Site]:
    lossy = [side for side in (one.left, one.right) if syntax.text(side).endswith(".to_f")]
    other = [side for side in (one.left, one.right) if side not in lossy]
    if len(lossy) != 1:
        return
    first = lossy[0].id == one.left.id and re.fullmatch(r"\w+", syntax.text(other[0]))
    if first or _INTEGRAL.fullmatch(syntax.text(other[0])):
        yield (Edit(lossy[0].end_byte - len(".to_f"), lossy[0].end_byte, ""),)


def _cast_lost(syntax: Syntax, function: Function, one: Binary) -> Iterator[Site]:
    known = scope.variables(syntax, function)
    sides = (one.left, one.right)
    for side, other in (sides, sides[::-1]):
        match = re.match(r"\((?:double|float)\) ?(?=[\w(])|static_cast<(?:double|float)>(?=\()", syntax.text(side))
        bare = known.get(re.sub(r"\W", "", syntax.text(other)))
        whole = _WHOLE_NUMBER.fullmatch(syntax.text(other)) or (bare is not None and _WHOLE_TYPE.search(bare.type))
        if match is not None and side.type in ("cast_expression", "call_expression") and whole:
            yield (Edit(side.start_byte, side.start_byte + match.end(), ""),)


def _converted_late(syntax: Syntax, function: Function, one: Binary) -> Iterator[Site]:
    known = scope.variables(syntax, function)
    inner = [re.fullmatch(r"float64\((len\(.+\)|\w+)\)", syntax.text(side)) for side in (one.left, one.right)]
    if inner[0] is None or inner[1] is None:
        return
    kinds = {"int" if m[1].startswith("len(") else known[m[1]].type if m[1] in known else "" for m in inner if m}
    if len(kinds) == 1 and "" not in kinds:
        yield (replace(one.node, f"float64({inner[0][1]} / {inner[1][1]})"),)
