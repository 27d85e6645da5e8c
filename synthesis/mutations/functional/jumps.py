"""Operators that leave a function, a loop or a case too early or too late."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.functional.common import KEY, LOOPS, above, gives_object, gone, only_logs
from synthesis.mutations.functional.uses import unread
from synthesis.mutations.layout import If, replace
from synthesis.mutations.operator import Edit, Site, operator

_CASES = scope.kinds("case_statement switch_case switch_block_statement_group")
_NEXT_CASES = _CASES | frozenset(("switch_default",))
_SWITCHES = scope.kinds("switch_statement expression_switch_statement type_switch_statement select_statement "
                        "switch_expression case match_statement")  # fmt: skip
_CONSTANTS = scope.kinds("true false none null nil null_literal boolean_literal string string_literal")
_ENDLESS = ("while True:", "while true", "while (true)", "while(true)", "while (1)", "while(1)", "for (;;)", "for(;;)",
            "for {", "loop do", "while 1:")  # fmt: skip


def _branches(syntax: Syntax, function: Function) -> Iterator[tuple[list[Node], If, list[Node]]]:
    """Conditions without an else that others follow: (what follows, the condition, the statements of its branch)."""
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        for index, node in enumerate(run):
            one = conditions.get(node.id)
            if one is None or one.alternative is not None or layout.declares(one.condition):
                continue
            inside = layout.branch(syntax, one.consequence)
            if len(inside) > 1 and inside[-1].id != one.consequence.id:
                yield run[index + 1 :], one, inside


@operator(KEY, "CWE-393", version="2", family="control_flow")
def return_missing(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A case that is done does not return: the code for the other cases runs too, or there is no result."""
    for rest, _, inside in _branches(syntax, function):
        last = inside[-1]
        if not rest or last.type not in layout.RETURNS or unread(syntax, function, last):
            continue
        same = syntax.text(rest[0]).strip() == syntax.text(last).strip()
        edit = gone(syntax, last)
        if edit is not None and not same:
            yield (edit,)
    yield from _results(syntax, function)


def _results(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The last result of a function whose language takes a function without one."""
    runs = [run for run in layout.sequences(syntax, function.body) if run[0].parent is not None]
    top = next((run for run in runs if run[0].parent is not None and run[0].parent.id == function.body.id), [])
    if len(top) < 2:
        return
    last, before = top[-1], top[-2]
    if syntax.language in ("Python", "JavaScript") and last.type == "return_statement" and last.named_children:
        value = last.named_children[0]
        if value.type in ("call", "call_expression", "await", "await_expression"):
            yield (Edit(last.start_byte, value.start_byte, ""),)
        elif value.type == "identifier" and (edit := gone(syntax, last)) is not None:
            yield (edit,)
    if syntax.language == "Ruby" and last.type in ("identifier", "instance_variable") and _other_value(syntax, before):
        edit = gone(syntax, last)
        if edit is not None:
            yield (edit,)


def _other_value(syntax: Syntax, statement: Node) -> bool:
    """Whether a Ruby statement has a value that is surely not what the method builds up."""
    if statement.type in ("if", "unless", "while", "until", "if_modifier", "unless_modifier"):
        return True
    head = re.split(r"[( {]", syntax.text(statement))[0]
    return statement.child_by_field_name("block") is not None and head.endswith((".each", ".times", ".upto"))


@operator(KEY, "CWE-476", ("Java", "C#"), family="control_flow", blatant=True)
def result_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The function gives nothing where it should give its result."""
    runs = layout.sequences(syntax, function.body)
    if len(runs) != 1 or len(runs[0]) != 1 or not gives_object(syntax, function):
        return
    last = runs[0][0]
    value = last.named_children[0] if last.type == "return_statement" and last.named_children else None
    if value is not None and value.type in _MADE and "async " not in function.signature:
        yield (replace(value, "null"),)


_MADE = scope.kinds("object_creation_expression method_invocation invocation_expression cast_expression")


@operator(KEY, "CWE-484", version="2", family="control_flow")
def break_missing(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A case runs on into the next one, or a loop goes on after it has found what it was looking for."""
    for node, _ in walk(function.body):
        if not node.is_named or node.type not in ("break_statement", "break") or node.has_error:
            continue
        owner = above(node, LOOPS | _SWITCHES, function.body)
        if owner is None or syntax.text(node).strip("; ") != "break":
            continue
        dropped = _from_case(syntax, node) if owner.type in _SWITCHES else _from_loop(syntax, function, node, owner)
        edit = gone(syntax, node) if dropped else None
        if edit is not None and not unread(syntax, function, node):
            yield (edit,)


def _from_case(syntax: Syntax, node: Node) -> bool:
    """Whether a break ends a case that another one with something to do follows."""
    case = node.parent
    if (case is not None and case.type == "compound_statement") or (
        case is not None and case.type == "statement_block"
    ):
        case = case.parent
    if case is None or case.type not in _CASES:
        return False
    following = case.next_named_sibling
    while following is not None and following.type == "comment":
        following = following.next_named_sibling
    if following is None or following.type not in _NEXT_CASES:
        return False
    ends = {child.id for child in case.named_children[-1:]} | {
        inner.id for child in case.named_children[-1:] for inner in child.named_children[-1:]
    }
    empty = not [n for n in following.named_children if n.type.endswith("statement") and n.type != "break_statement"]
    return node.id in ends and not empty


def _from_loop(syntax: Syntax, function: Function, node: Node, loop: Node) -> bool:
    """Whether a loop that goes on after this break gives something else."""
    before = node.prev_named_sibling
    if before is None or node.parent is None or node.parent.id == loop.id:
        return False
    if above(node, scope.kinds("if_statement if unless elif_clause else_clause else elsif"), loop) is None:
        return False
    if syntax.text(loop).startswith(_ENDLESS):
        return True
    text, values = syntax.text(before), [n for n, _ in walk(before) if n.type in ("identifier", "call")]
    stored = "assign" in before.type or any("assign" in child.type for child in before.named_children)
    constant = any(child.type in _CONSTANTS for child, _ in walk(before)) and len(values) < 2
    changed = stored or any(text.rstrip("; ").endswith(sign) for sign in ("++", "--"))
    return changed and not constant


@operator(KEY, "CWE-691", version="2", family="control_flow")
def continue_missing(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An element that was dealt with apart is dealt with once more by the code for the others."""
    conditions = {one.node.id for one in layout.ifs(syntax, function.body)}
    for rest, _, inside in _branches(syntax, function):
        if all(only_logs(syntax, one) for one in inside[:-1]):
            continue  # what failed often leaves nothing for the others' code
        plain = bool(rest) and rest[0].id not in conditions and not layout.exits(syntax, rest[0])
        if plain and inside[-1].type in ("continue_statement", "next"):
            edit = gone(syntax, inside[-1])
            if edit is not None and not unread(syntax, function, inside[-1]):
                yield (edit,)


_ENDS = re.compile(
    r"\b(?:\w*(?:THROW|ABORT|FATAL|EXIT|PANIC|UNREACHABLE)\w*|Fatal\w*|fail|FailNow|Skip\w*|exit|_exit|abort|panic|die|raise|throw|Assert\.Fail)\b[^\n]*$"
)
"""Calls after which nothing runs."""


@operator(KEY, "CWE-705", version="3", family="control_flow")
def branch_left_early(syntax: Syntax, function: Function) -> Iterator[Site]:
    """In one case the function returns before its work is done."""
    known = scope.variables(syntax, function)
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        last = run[-1]
        text = syntax.text(last) if last.type in layout.RETURNS else effects.bare_return(syntax, function)
        if "\n" in text or not text:
            continue
        for node in run[: -2 if last.type in layout.RETURNS else -1]:
            one = conditions.get(node.id)
            inside = layout.branch(syntax, one.consequence) if one is not None else []
            if one is None or not inside or inside[-1].id == one.consequence.id or layout.exits(syntax, inside[-1]):
                continue
            if _ENDS.search(syntax.text(inside[-1])):
                continue
            names = [syntax.text(n) for n, _ in walk(last) if n.type == "identifier"]
            if last.type in layout.RETURNS and not all(scope.visible(known[n], node) for n in names if n in known):
                continue
            edit = layout.insertion_after(syntax, inside[-1], text)
            if edit is not None:
                yield (edit,)
