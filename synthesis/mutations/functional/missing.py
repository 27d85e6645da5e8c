"""Operators that do not reckon with a missing value."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.functional.absence import absent, falls_back, present, reads_into, tests_first
from synthesis.mutations.functional.common import KEY, TERNARIES, called, found, gone, ternary
from synthesis.mutations.functional.uses import is_test, unread
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_NULL = scope.kinds("null none nil null_literal undefined")
_DEFAULTS = scope.kinds("string integer float list dictionary true set tuple")
_VALUE = scope.kinds("integer_literal real_literal boolean_literal throw_expression default_expression")


@operator(KEY, "CWE-476", version="2", family="unusual_case")
def null_guard_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that may be missing is used as if it were always there."""
    yield from _guards(syntax, function)
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) not in effects.LOGIC or layout.declares(one.node):
            continue
        if tests_first(syntax, one) and not unread(syntax, function, one.left):
            yield (Edit(one.left.start_byte, one.right.start_byte, ""),)
    yield from _demands(syntax, function)
    for node in found(function.body, TERNARIES):
        parts = ternary(node)
        if parts is None or layout.declares(node):
            continue
        condition = syntax.text(layout.core(parts[0]) or parts[0])
        there, gone = present(condition), absent(condition)
        name, used, other = (there, parts[1], parts[2]) if there else (gone, parts[2], parts[1])
        if name and reads_into(name, syntax.text(used)) and not reads_into(name, syntax.text(other)):
            bracket = node.parent is not None and used.type not in layout.SIMPLE and "binary" in node.parent.type
            yield (replace(node, f"({syntax.text(used)})" if bracket else syntax.text(used)),)


def _demands(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Calls that throw where their argument is missing."""
    runs = layout.sequences(syntax, function.body)
    statements = {n.id for run in runs if len(run) > 1 for n in run[:-1]}
    for node, name in called(syntax, function.body):
        arguments = node.child_by_field_name("arguments")
        passed = [a for a in arguments.named_children if a.type != "comment"] if arguments is not None else []
        if not _DEMANDS.fullmatch(syntax.text(name)) or not passed or node.parent is None:
            continue
        later = syntax.data[node.end_byte : function.body.end_byte].decode("utf-8", "replace")
        if reads_into(syntax.text(passed[0]), later):
            continue  # looking into nothing throws as much
        edit = gone(syntax, node.parent) if node.parent.id in statements else None
        if edit is not None:
            yield (edit,)
        elif node.parent.type in ("assignment_expression", "variable_declarator"):
            yield (replace(node, syntax.text(passed[0])),)


_DEMANDS = re.compile(
    r"requireNonNull|checkNotNull|(?:Guard)?ThrowIf(?:Argument)?Null(?:OrEmpty)?|[nN]otNull|CheckNotNull"
)


def _needs(syntax: Syntax, name: str, condition: str, rest: str) -> bool:
    """Whether later code looks into what a guard makes sure of; an empty list or text is no missing value."""
    emptiness = syntax.language == "Python" and not condition.endswith("None")
    path = rf"(?<![\w.@$]){re.escape(name)}"
    reckoned = re.search(rf"{path} [-+*/] |[\w)\]] [-+*/] {path}(?!\w)", rest) is not None
    nothing = re.search(r"(?i)\b(?:null|none|nil)\b", condition) is not None
    return not emptiness and (reads_into(name, rest) or (reckoned and nothing))


def _guards(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Conditions without an else that leave where something is missing, and that later code relies on."""
    conditions = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    for run in layout.sequences(syntax, function.body):
        for at, node in enumerate(run[:-1]):
            one = conditions.get(node.id)
            if one is None or one.alternative is not None or layout.declares(one.condition):
                continue
            text = syntax.text(layout.core(one.condition) or one.condition)
            name = present(text) if node.type.startswith("unless") else absent(text)
            inside = layout.branch(syntax, one.consequence)
            rest = syntax.data[run[at + 1].start_byte : run[-1].end_byte].decode("utf-8", "replace")
            used = name and _needs(syntax, name, text, rest)
            leaves = 0 < len(inside) <= 2 and layout.exits(syntax, inside[-1])
            if leaves and re.search(r"NullPointer|ArgumentNull", syntax.text(inside[-1])):
                continue  # looking into nothing throws as much
            if used and leaves and not unread(syntax, function, node):
                edit = gone(syntax, node)
                if edit is not None:
                    yield (edit,)


@operator(KEY, "CWE-476", ("JavaScript", "Ruby", "C#"), version="2", family="unusual_case")
def safe_access_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A member is asked of a value that may be missing, and no longer only where it is there."""
    if is_test(function):
        return
    for node in found(function.body, frozenset(("optional_chain", "conditional_access_expression", "call"))):
        if _relied_on(syntax, function, node):
            continue
        if node.type == "optional_chain":
            after = syntax.data[node.end_byte : node.end_byte + 1]
            yield (replace(node, "" if after in (b"[", b"(") else "."),)
            continue
        for child in node.children:
            if not child.is_named and child.type == "?" and node.type == "conditional_access_expression":
                yield (replace(child, ""),)
            elif child.type == "&." and node.type == "call":
                yield (replace(child, "."),)


def _may_be_null(syntax: Syntax, one: layout.Binary) -> bool:
    """Whether the left side of a C# default is surely of a type that takes null, and not a number's nullable form."""
    left, right = syntax.text(one.left), syntax.text(one.right)
    if one.right.type in _VALUE or "?." in left:
        return False
    return one.right.type != "identifier" or right[:1].islower()


def _relied_on(syntax: Syntax, function: Function, node: Node) -> bool:
    """Whether a receiver is no name, or is used plainly or asked for before, so that it is there."""
    first = node.parent if node.type == "optional_chain" else node
    receiver = first.named_children[0] if first is not None and first.named_children else None
    if receiver is None or receiver.type not in _NAMED:
        return True
    text = re.escape(syntax.text(receiver))
    before = syntax.data[function.body.start_byte : receiver.start_byte].decode("utf-8", "replace")
    return re.search(rf"(?<![\w.@$]){text}(?:\.\w|\[|!\.)|\b(?:if|unless) ?\(? ?!?{text}\W", before) is not None


_NAMED = scope.kinds(
    "identifier member_expression member_access_expression instance_variable call conditional_access_expression "
    "element_access_expression element_reference subscript_expression field_expression"
)


@operator(KEY, "CWE-456", version="2", family="unusual_case")
def default_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A missing value no longer gets its default."""
    for one in layout.binaries(syntax, function.body):
        if not falls_back(syntax, one) or (syntax.language == "C#" and not _may_be_null(syntax, one)):
            continue
        if one.right.type not in _NULL and one.right.type != "false":
            outer = one.node.parent
            alone = outer is not None and outer.type == "parenthesized_expression"
            simple = one.left.type in layout.SIMPLE and one.left.type != "parenthesized_expression"
            yield (replace(outer if outer is not None and alone and simple else one.node, syntax.text(one.left)),)
    for node, name in called(syntax, function.body):
        arguments = node.child_by_field_name("arguments")
        passed = [a for a in arguments.named_children if a.type != "comment"] if arguments is not None else []
        other = _WITH_DEFAULT.get((syntax.language, syntax.text(name), len(passed)))
        if other is None or (syntax.language == "Python" and passed[-1].type not in _DEFAULTS):
            continue
        if other == syntax.text(name) == "get" and _EMPTY.fullmatch(syntax.text(passed[-1])) and not _looked(node):
            continue
        short = Edit(passed[0].end_byte, passed[-1].end_byte, "") if len(passed) == 2 else replace(passed[0], "")
        yield (short,) if other == syntax.text(name) else (replace(name, other), short)


def _looked(node: Node) -> bool:
    """Whether what a call gives is used at once in a way that nothing cannot be."""
    parent = node.parent
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    return parent is not None and parent.type in _USES and scope.field(node) not in ("body", "subscript")


_EMPTY = re.compile(r"False|None|''|\"\"|b''|b\"\"|0|\[\]|\{\}|\(\)|set\(\)")
_USES = scope.kinds(
    "return_statement attribute binary_operator subscript for_statement for_in_clause augmented_assignment"
)
_WITH_DEFAULT = {
    ("Python", "get", 2): "get", ("Python", "pop", 2): "pop",
    ("Ruby", "fetch", 2): "fetch", ("Java", "getOrDefault", 2): "get", ("Java", "orElse", 1): "get",
    ("C++", "value_or", 1): "value", ("C#", "GetValueOrDefault", 2): "GetValueOrDefault",
}  # fmt: skip
"""Language, function and number of arguments to the function without a default."""
