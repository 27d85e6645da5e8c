"""Operators that use another value or call than the one that is needed."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import effects, layout, scope
from synthesis.mutations.functional.common import KEY, above, found
from synthesis.mutations.functional.starts import initial_values
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator

_SYMMETRIC = re.compile(
    r"max|min|gcd|lcm|hypot|equal|same|add|sum|swap|union|intersect|xor|print|log|error|isclose|concat|assert|expect|fail"
    r"|\bof$|asList|warn|Arrays|contains|any_?of|Set|List|cmp|compare|^make$",
    re.I,
)
_FLIPPED = {"true": "false", "false": "true", "True": "False", "False": "True", "TRUE": "FALSE", "FALSE": "TRUE"}
_BOOLEANS = scope.kinds("true false boolean_literal identifier")
_GIVEN = scope.kinds("argument_list arguments argument keyword_argument")
_RETURNED = scope.kinds("return_statement return")


@operator(KEY, "CWE-683", version="2", family="wrong_value")
def arguments_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call gets two of its arguments in the wrong order."""
    known = scope.variables(syntax, function)
    for match in syntax.matches("calls", function.body):
        if _SYMMETRIC.search(syntax.text(match["callee"][0]).split(".")[-1]):
            continue
        given = [a for a in match["arguments"][0].named_children if a.type != "comment"]
        for before, after in pairwise(given):
            one, two = effects.plain_argument(before), effects.plain_argument(after)
            if one is None or two is None:
                if _same_kind(syntax, before, after):
                    yield (replace(before, syntax.text(after)), replace(after, syntax.text(before)))
                continue
            if syntax.text(one) == syntax.text(two):
                continue
            first, second = known.get(syntax.text(one)), known.get(syntax.text(two))
            if first is not None and second is not None and scope.alike(syntax, first, second):
                yield (replace(one, second.name), replace(two, first.name))


def _same_kind(syntax: Syntax, one: Node, two: Node) -> bool:
    """Whether two arguments are surely of one type: two literals of one kind, or the same member of two things."""
    texts = [syntax.text(one), syntax.text(two)]
    if texts[0] == texts[1] or any("\n" in text for text in texts):
        return False
    core = [node.named_children[0] if node.type == "argument" and node.named_children else node for node in (one, two)]
    if core[0].type == core[1].type and core[0].type in _LITERALS:
        return True
    tails = [re.fullmatch(r"\w+((?:\.|->)\w+(?:\(\))?)", text) for text in texts]
    return tails[0] is not None and tails[1] is not None and tails[0][1] == tails[1][1]


_LITERALS = scope.kinds(
    "string string_literal interpreted_string_literal number number_literal int_literal integer_literal "
    "decimal_integer_literal character_literal char_literal class_literal integer"
)


@operator(KEY, "CWE-1109", version="2", family="wrong_value")
def wrong_variable(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is read from another variable than the one that holds it."""
    known = scope.variables(syntax, function)
    declared = {n.id for kind in ("parameter", "local") for n in syntax.nodes("locals", kind, function.node)}
    for one in known.values():
        stored = {n.id for n in scope.written(one)} | declared
        for use in one.uses if one.parameter else one.uses[1:]:
            if use.id in stored or use.start_byte < function.body.start_byte:
                continue
            others = [
                other
                for other in known.values()
                if other.name != one.name and scope.visible(other, use) and scope.alike(syntax, one, other, use)
            ]
            others = [other for other in others if not effects.beside(syntax, use, other.name)]
            for other in sorted(others, key=lambda v: use.start_byte - v.uses[0].start_byte)[:2]:
                yield (replace(use, other.name),)


@operator(KEY, "CWE-1188", family="wrong_value")
def flag_flipped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A yes is given where a no is due, or the other way: in a result, an argument or a flag that is set."""
    first = {node.id for node in initial_values(syntax, function)}
    declared = {v.uses[0].start_byte for v in scope.variables(syntax, function).values()}
    for node in found(function.body, _BOOLEANS):
        text, parent = syntax.text(node), node.parent
        if text not in _FLIPPED or parent is None or node.id in first or _explained(node):
            continue
        if parent.type == "expression_list" and parent.parent is not None:
            parent = parent.parent
        if parent.type in _GIVEN and parent.parent is not None and parent.parent.type in _RETURNED:
            parent = parent.parent  # Ruby wraps what is returned
        assigned = "assign" in parent.type and scope.field(node) in ("right", None)
        set_later = assigned or parent.type == "assignment_statement"
        target = parent.child_by_field_name("left")
        if set_later and (target is None or target.start_byte in declared):
            continue
        if parent.type in _RETURNED or parent.type in _GIVEN or set_later:
            yield (replace(node, _FLIPPED[text]),)


def _explained(node: Node) -> bool:
    """Whether a comment beside a flag says what it is, or the flag makes no difference to what is computed."""
    after, around = node.next_sibling, node.parent
    while around is not None and around.type not in (
        "invocation_expression",
        "call_expression",
        "expression_statement",
    ):
        around = around.parent
    callee = around.child_by_field_name("function") if around is not None else None
    text = callee.text.decode("utf-8", "replace") if callee is not None and callee.text is not None else ""
    return (after is not None and "comment" in after.type) or text.endswith("ConfigureAwait")


@operator(KEY, "CWE-480", family="wrong_value")
def result_negated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The function answers yes where it should answer no, and the other way."""
    if syntax.language in scope.STATIC and not re.search(r"\b(?:bool|boolean|Boolean)\b", function.signature):
        return
    for node in found(function.body, _RETURNED | frozenset(("arrow_expression_clause", "arrow_function"))):
        if syntax.language in scope.STATIC and above(node, _LAMBDAS, function.body) is not None:
            continue
        value = node.child_by_field_name("body") if node.type == "arrow_function" else None
        if node.type != "arrow_function" and node.named_children:
            value = node.named_children[0]
        if value is not None and value.type in ("argument_list", "expression_list"):
            value = value.named_children[0] if value.named_child_count == 1 else None
        if value is None:
            continue
        inner = layout.operand(value)
        if inner is not None and not syntax.text(inner).startswith("!"):
            yield (replace(value, layout.negation(syntax, value)),)
        elif value.type in layout.SIMPLE and _ASKS.search(re.split(r"[(\s]", syntax.text(value))[0]):
            yield (replace(value, layout.denied(syntax, value)),)


_LAMBDAS = scope.kinds("lambda_expression func_literal anonymous_method_expression local_function_statement class_body")
_ASKS = re.compile(
    r"(?:^|[.>:_])(?:(?:is|has|contains|can|are|was)(?:[A-Z_]\w*)?|(?:Is|Has|Contains|Can|StartsWith|EndsWith)"
    r"(?:[A-Z]\w*)?|equals|Equals|startsWith|startswith|endsWith|endswith|HasPrefix|HasSuffix|includes|isEmpty|matches"
    r"|empty\?|\w+\?|EqualFold|strequal|isinstance|any|all|Any|All|exists|empty|some|every|test)$"
)


@operator(KEY, "CWE-628", ("Python", "Ruby", "JavaScript", "C#"), family="wrong_value")
def argument_not_passed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """What the caller asks for is taken and not passed on."""
    known = {name for name, one in scope.variables(syntax, function).items() if one.parameter}
    for match in syntax.matches("calls", function.body):
        passed = [a for a in match["arguments"][0].named_children if a.type != "comment"]
        for before, one in pairwise(passed):
            text = syntax.text(one)
            given = re.fullmatch(r"(\w+)(?: ?= ?|: ?)(\w+)", text)
            pair = given is not None and given[1] == given[2] and given[2] in known
            token = syntax.language == "C#" and re.fullmatch(r"cancellationToken|ct|token", text) and text in known
            last = syntax.language == "JavaScript" and re.fullmatch(r"options|opts|context|settings|config", text)
            if pair or ((token or (last and text in known)) and one.id == passed[-1].id):
                yield (Edit(before.end_byte, one.end_byte, ""),)


@operator(KEY, "CWE-683", family="wrong_value")
def parts_swapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two parts of a text are joined in the wrong order."""
    for one in layout.binaries(syntax, function.body):
        if syntax.text(one.operator) != "+" or above(one.node, _MESSAGES, function.body) is not None:
            continue
        before = one.left
        if one.left.type in _JOINED:
            inner = one.left.child_by_field_name("right")
            sign = one.left.child_by_field_name("operator")
            if (
                inner is None
                or sign is None
                or syntax.text(sign) != "+"
                or one.left.child_by_field_name("left") is None
            ):
                continue
            before = inner
        sides = (before, one.right)
        if _adjacent(one.left, before) or any(syntax.text(side) in ("''", '""') for side in sides):
            continue
        if _LOGGED.search(syntax.data[layout.line_start(syntax.data, one.node.start_byte) : one.node.start_byte]):
            continue
        texts = [side.type in _TEXTS for side in sides]
        plain = all(side.type in layout.SIMPLE or text for side, text in zip(sides, texts, strict=True))
        if any(texts) and not all(texts) and plain and syntax.text(before) != syntax.text(one.right):
            if before.id == one.left.id and syntax.language == "C++":
                continue  # the first of two must be a string there
            yield (replace(before, syntax.text(one.right)), replace(one.right, syntax.text(before)))


def _adjacent(left: Node, before: Node) -> bool:
    """Whether the swap would put two literals side by side."""
    first = left.child_by_field_name("left") if left.id != before.id else None
    if first is not None and first.type in _JOINED:
        first = first.child_by_field_name("right")
    return first is not None and first.type in _TEXTS


_LOGGED = re.compile(
    rb"(?i)\b(?:\w*log\w*|fail|debug|info|warn\w*|error\w*|print\w*|puts|assert\w*|throw|raise|message|msg)\b"
)
_JOINED = scope.kinds("binary_expression binary_operator binary")
_TEXTS = scope.kinds("string string_literal interpreted_string_literal template_string")
_MESSAGES = scope.kinds("throw_statement raise_statement throw_expression assert_statement")
