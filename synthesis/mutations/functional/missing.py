"""Operators that do not reckon with a missing value."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.functional.absence import absent, falls_back, present, reads_into, tests_first
from synthesis.mutations.functional.common import KEY, TERNARIES, called, found, gone, ternary
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_NULL = scope.kinds("null none nil null_literal undefined")
_DEFAULTS = scope.kinds("string integer float list dictionary true false set tuple")
_VALUE = scope.kinds("integer_literal real_literal boolean_literal throw_expression default_expression")


@operator(KEY, "CWE-476", family="unusual_case")
def null_guard_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that may be missing is used as if it were always there."""
    yield from _guards(syntax, function)
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) not in effects.LOGIC or layout.declares(one.node):
            continue
        if tests_first(syntax, one) and not effects.orphans(syntax, function, one.left):
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
        edit = gone(syntax, node.parent) if node.parent.id in statements else None
        if edit is not None:
            yield (edit,)
        elif node.parent.type in ("assignment_expression", "variable_declarator"):
            yield (replace(node, syntax.text(passed[0])),)


_DEMANDS = re.compile(
    r"requireNonNull|checkNotNull|(?:Guard)?ThrowIf(?:Argument)?Null(?:OrEmpty)?|[nN]otNull|CheckNotNull"
)


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
            used = name and re.search(rf"(?<![\w.@$]){re.escape(name)}(?!\w)", rest)
            leaves = 0 < len(inside) <= 2 and layout.exits(syntax, inside[-1])
            if used and leaves and not effects.orphans(syntax, function, node):
                edit = gone(syntax, node)
                if edit is not None:
                    yield (edit,)


@operator(KEY, "CWE-476", ("JavaScript", "Ruby", "C#"), family="unusual_case")
def safe_access_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A member is asked of a value that may be missing, and no longer only where it is there."""
    for node in found(function.body, frozenset(("optional_chain", "conditional_access_expression", "call"))):
        if node.type == "optional_chain":
            after = syntax.data[node.end_byte : node.end_byte + 1]
            yield (replace(node, "" if after in (b"[", b"(") else "."),)
            continue
        for child in node.children:
            if not child.is_named and child.type == "?" and node.type == "conditional_access_expression":
                yield (replace(child, ""),)
            elif child.type == "&." and node.type == "call":
                yield (replace(child, "."),)


@operator(KEY, "CWE-456", family="unusual_case")
def default_lost(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A missing value no longer gets its default."""
    for one in layout.binaries(syntax, function.body):
        if not falls_back(syntax, one) or (syntax.language == "C#" and one.right.type in _VALUE):
            continue
        if one.right.type not in _NULL:
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
        short = Edit(passed[0].end_byte, passed[-1].end_byte, "") if len(passed) == 2 else replace(passed[0], "")
        yield (short,) if other == syntax.text(name) else (replace(name, other), short)


_WITH_DEFAULT = {
    ("Python", "get", 2): "get", ("Python", "pop", 2): "pop",
    ("Ruby", "fetch", 2): "fetch", ("Java", "getOrDefault", 2): "get", ("Java", "orElse", 1): "get",
    ("C++", "value_or", 1): "value", ("C#", "GetValueOrDefault", 2): "GetValueOrDefault",
}  # fmt: skip
"""Language, function and number of arguments to the function without a default."""
