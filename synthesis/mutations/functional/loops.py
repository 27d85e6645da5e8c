"""Operators that make a loop run over the wrong turns or build up the wrong result."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.functional.common import KEY, called, found
from synthesis.mutations.functional.starts import initial_values, loop_starts
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_STARTS = {
    "0": "1", "1": "0", "-1": "0", "0.0": "1.0", "1.0": "0.0", "0L": "1L",
    "true": "false", "false": "true", "True": "False", "False": "True",
}  # fmt: skip
_SENTINEL = re.compile(
    r"-?float\(['\"]-?inf(?:inity)?['\"]\)|-?math\.inf|-?np\.inf|-?(?:Number\.)?(?:POSITIVE_|NEGATIVE_)?(?:Infinity|INFINITY)"
    r"|(?:Number|Integer|Long|Double|Float|int|long|double|float)\.(?:MAX|MIN|Max|Min)_?(?:VALUE|Value|SAFE_INTEGER)"
    r"|-?Float::INFINITY|U?INT(?:32|64)?_(?:MAX|MIN)|U?LONG_(?:MAX|MIN)|-?(?:DBL|FLT)_MAX|math\.(?:Max|Min)U?[iI]nt\d*"
    r"|-?math\.MaxFloat64|std::numeric_limits<[\w ]+>::(?:max|min|lowest|infinity)\(\)|sys\.maxsize"
)
"""Bounds that any value is below, or above."""


_CURSORS = re.compile(r"(?i)insert|\bbegin\(|iter|stream|writer|reader|ostringstream")
"""Values that stand for the place that they write to or read from, so that a new one may do the same."""


@operator(KEY, "CWE-665", version="3", family="control_flow")
def reset_in_loop(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What a loop builds up is set back at each turn."""
    known = scope.variables(syntax, function)
    runs = layout.sequences(syntax, function.body)
    loops = [(m["loop"][0], m["body"][0]) for m in syntax.matches("loops", function.body)]
    for match in syntax.matches("assignments", function.body):
        target, value = match["target"][0], match["value"][0]
        name, text = syntax.text(target).lstrip("*& "), syntax.text(value)
        before = syntax.data[layout.line_start(syntax.data, target.start_byte) : target.start_byte]
        if re.search(rb"\b(?:const|final|readonly)\b", before):
            continue
        if (
            name not in known
            or "\n" in text
            or _CURSORS.search(text)
            or value.type in ("array_initializer", "initializer_list")
        ):
            continue
        for loop, body in loops:
            inside = layout.branch(syntax, body)
            outer = scope.scope(target)
            around = outer.start_byte <= loop.start_byte and loop.end_byte <= outer.end_byte
            if not inside or inside[0].id == body.id or not around or not effects.precedes(runs, target, loop):
                continue
            touched = any(body.start_byte <= u.start_byte < body.end_byte for u in scope.written(known[name]))
            grown = rf"(?<![\w.]){re.escape(name)}(\.(append|push|add|Add|push_back)\b| <<)"
            if not touched and not re.search(grown, syntax.text(body)):
                continue
            edit = layout.insertion_before(syntax, inside[0], f"{name} = {text}{layout.ending(syntax)}")
            if edit is not None:
                yield (edit,)


@operator(KEY, "CWE-705", family="control_flow")
def loop_left_early(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop ends after its first turn."""
    after = {one.id: two for run in layout.sequences(syntax, function.body) for one, two in pairwise(run)}
    for match in syntax.matches("loops", function.body):
        inside = layout.branch(syntax, match["body"][0])
        follower = after.get(match["loop"][0].id)
        if (
            follower is None
            or follower.type not in layout.RETURNS
            or not inside
            or inside[-1].id == match["body"][0].id
        ):
            continue
        text = syntax.text(follower)
        if not layout.exits(syntax, inside[-1]) and "\n" not in text:
            edit = layout.insertion_after(syntax, inside[-1], text)
            if edit is not None:
                yield (edit,)


@operator(KEY, "CWE-665", family="control_flow")
def initial_value_wrong(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What is built up starts from a wrong value."""
    for value in initial_values(syntax, function):
        text = syntax.text(value)
        other = _STARTS.get(text) or ("0" if _SENTINEL.fullmatch(text) else None)
        if other is not None:
            yield (replace(value, other),)


@operator(KEY, "CWE-193", family="control_flow")
def loop_start_wrong(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop leaves out its first turn, or makes one too many."""
    for node in loop_starts(function):
        head = syntax.data[node.start_byte : layout.line_end(syntax.data, node.end_byte)]
        if syntax.text(node) in ("0", "1") and b"b.N" not in head:
            yield (replace(node, "1" if syntax.text(node) == "0" else "0"),)
    if syntax.language == "Python":
        yield from _python_starts(syntax, function)
    if syntax.language == "Go":
        yield from _go_starts(syntax, function)
    if syntax.language == "Ruby":
        yield from _ruby_starts(syntax, function)


def _python_starts(syntax: Syntax, function: Function) -> Iterator[Site]:
    for match in syntax.matches("calls", function.body):
        callee, passed = syntax.text(match["callee"][0]), match["arguments"][0].named_children
        if callee == "range" and len(passed) == 1 and passed[0].type in ("identifier", "call", "attribute"):
            yield (Edit(passed[0].start_byte, passed[0].start_byte, "1, "),)
        elif callee == "range" and len(passed) == 2 and syntax.text(passed[0]) == "1":
            yield (Edit(passed[0].start_byte, passed[1].start_byte, ""),)
        elif callee == "enumerate" and len(passed) == 2 and syntax.text(passed[1]) in ("1", "start=1"):
            yield (Edit(passed[0].end_byte, passed[1].end_byte, ""),)
        elif callee == "enumerate" and len(passed) == 1 and _index_used(syntax, match["call"][0]):
            yield (Edit(passed[0].end_byte, passed[0].end_byte, ", 1"),)


def _index_used(syntax: Syntax, call: Node) -> bool:
    """Whether a loop over `enumerate(...)` reads the number that it is given."""
    loop = call.parent
    left = loop.child_by_field_name("left") if loop is not None else None
    if loop is None or left is None or not left.named_children:
        return False
    name = re.escape(syntax.text(left.named_children[0]))
    around = loop if loop.type == "for_statement" else loop.parent or loop
    return len(re.findall(rf"\b{name}\b", syntax.text(around))) > 1


def _go_starts(syntax: Syntax, function: Function) -> Iterator[Site]:
    known = scope.variables(syntax, function)
    for clause in found(function.body, frozenset(("range_clause",))):
        over = clause.child_by_field_name("right")
        variable = known.get(syntax.text(over)) if over is not None else None
        if over is not None and variable is not None and variable.type.startswith("[]"):
            yield (Edit(over.end_byte, over.end_byte, "[1:]"),)


def _ruby_starts(syntax: Syntax, function: Function) -> Iterator[Site]:
    for node, name in called(syntax, function.body):
        text, arguments = syntax.text(name), node.child_by_field_name("arguments")
        receiver = node.child_by_field_name("receiver")
        block = node.child_by_field_name("block")
        names = re.findall(r"\|[^|]*?(\w+)\s*\|", syntax.text(block)) if block is not None else []
        if text == "each_with_index" and arguments is None and names and block is not None:
            used = len(re.findall(rf"\b{names[0]}\b", syntax.text(block))) > 1
            if not used:
                continue
            yield (replace(name, "each.with_index(1)"),)
        elif text == "with_index" and arguments is not None and syntax.text(arguments) == "(1)":
            yield (replace(arguments, ""),)
        elif text == "upto" and receiver is not None and syntax.text(receiver) in ("0", "1"):
            yield (replace(receiver, "1" if syntax.text(receiver) == "0" else "0"),)


@operator(KEY, "CWE-193", version="2", family="control_flow")
def loop_step_wrong(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop goes on by a wrong step, so that it skips elements or meets them twice."""
    known = scope.variables(syntax, function)
    numbers = scope.numeric(syntax, known)
    for loop in found(function.body, frozenset(("for_statement", "for_clause"))):
        update = loop.child_by_field_name("update") or loop.child_by_field_name("increment")
        if update is None:
            continue
        match = re.fullmatch(r"(?:\+\+(\w+)|(\w+)\+\+)", syntax.text(update))
        stepped = re.fullmatch(r"(\w+) ?\+= ?(?!1$)[\w.>-]+", syntax.text(update))
        if b"b.N" in syntax.data[loop.start_byte : update.start_byte]:
            continue
        name = (match[1] or match[2]) if match is not None else ""
        if name in numbers and (syntax.language != "C++" or known[name].type):
            yield (replace(update, f"{name} += 2"),)
        elif stepped is not None:
            yield (replace(update, f"{stepped[1]}++"),)
    if syntax.language == "Python":
        for call in syntax.matches("calls", function.body):
            passed = call["arguments"][0].named_children
            if syntax.text(call["callee"][0]) == "range" and len(passed) == 3:
                yield (Edit(passed[1].end_byte, passed[2].end_byte, ""),)


@operator(KEY, "CWE-193", ("Ruby",), family="control_flow")
def range_end_moved(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A range takes its end in where it should stay out, or the other way."""
    for node in found(function.body, frozenset(("range",))):
        sign, end = node.child_by_field_name("operator"), node.child_by_field_name("end")
        if sign is not None and end is not None and node.child_by_field_name("begin") is not None:
            other = "..." if syntax.text(sign) == ".." else ".."
            if _in_place(node):
                yield (replace(sign, other),)


def _in_place(node: Node) -> bool:
    """Whether a range is a loop's or a slice's."""
    parent = node.parent
    while parent is not None and parent.type in ("parenthesized_statements", "argument_list"):
        parent = parent.parent
    return parent is not None and parent.type in ("element_reference", "call", "for", "in")
