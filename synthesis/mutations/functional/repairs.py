"""Repairs of functional correctness: mistakes that a language lets pass, found in code as people left it."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, scope
from synthesis.mutations.functional.common import KEY, called, found
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, repair

_LITERALS = scope.kinds("integer float string concatenated_string")
_STRINGS = scope.kinds("string_literal")
_EMPTY = {"[]": "[]", "{}": "{}", "list()": "[]", "dict()": "{}", "set()": "set()"}
_CTYPE = scope.kinds("isalpha isdigit isalnum isspace isupper islower ispunct isprint isxdigit toupper tolower iscntrl")


@repair(KEY, "CWE-1067: a default is made once and shared by every call", ("Python",), "2", family="language_trap")
def mutable_default(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A list or dictionary as a default is shared between calls, so that what one adds the next one finds."""
    run = next((r for r in layout.sequences(syntax, function.body) if _directly(r[0], function.body)), [])
    definition = next(found(function.node, frozenset(("function_definition",))), None)
    parameters = definition.child_by_field_name("parameters") if definition is not None else None
    if not run or parameters is None:
        return
    for one in found(parameters, frozenset(("default_parameter", "typed_default_parameter"))):
        name, value = one.child_by_field_name("name"), one.child_by_field_name("value")
        if name is None or value is None or syntax.text(value) not in _EMPTY or one.type != "default_parameter":
            continue
        text = syntax.text(name)
        if re.search(r"(?i)cache|memo|^_", text):
            continue  # shared on purpose
        changed = (
            rf"\b{re.escape(text)}(?:\.(?:append|add|update|extend|insert|pop|remove|setdefault|clear)\(|\[[^\]]+\] = )"
        )
        if not re.search(changed, syntax.text(function.body)):
            continue
        step = layout.step(syntax, function)
        fill = f"if {text} is None:{layout.newline(syntax)}{layout.indentation(syntax.data, run[0].start_byte)}{step}"
        edit = layout.insertion_before(syntax, run[0], fill + f"{text} = {_EMPTY[syntax.text(value)]}")
        if edit is not None:
            yield (replace(value, "None"), edit)


def _directly(node: Node, body: Node) -> bool:
    return node.parent is not None and node.parent.id == body.id


@repair(KEY, "CWE-595: identity of literals is up to the interpreter", ("Python",), family="language_trap")
def literal_identity(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two values are compared by identity, which need not hold for equal numbers and texts."""
    for one in layout.binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        if sign in ("is", "is not") and (one.left.type in _LITERALS or one.right.type in _LITERALS):
            yield (replace(one.operator, "==" if sign == "is" else "!="),)


@repair(KEY, "CWE-597", ("Java",), family="language_trap")
def string_identity(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two strings are compared by identity, which need not hold for equal ones."""
    for one in layout.binaries(syntax, function.body):
        sign, sides = syntax.text(one.operator), (one.left, one.right)
        literal = next((side for side in sides if side.type in _STRINGS), None)
        other = next((side for side in sides if side.type not in _STRINGS), None)
        if sign in ("==", "!=") and literal is not None and other is not None and other.type in layout.SIMPLE:
            no = "!" if sign == "!=" else ""
            yield (replace(one.node, f"{no}{syntax.text(literal)}.equals({syntax.text(other)})"),)


_PLAIN = re.compile(r"\b(?:void|\w*char|bool|int|short|long|float|double|unsigned|byte|BYTE|u?int\d+(?:_t)?|u\d+|T)\b")
"""What a pointer may point to many of, so that one of them is not what is meant either."""


@repair(KEY, "CWE-467", ("C", "C++"), "2", family="language_trap")
def pointer_size(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The size of a pointer is taken where that of what it points to is meant."""
    known = scope.variables(syntax, function)
    pattern = re.compile(r"memset\(\s*(\w+)\s*,.*\bsizeof\s*\(?\s*(\w+)\s*\)?\s*\)", re.S)
    for node, _ in called(syntax, function.body):
        match = pattern.fullmatch(syntax.text(node))
        variable = known.get(match[1]) if match is not None else None
        if match is None or variable is None or match[1] != match[2] or not variable.type.endswith("*"):
            continue
        if variable.type.count("*") == 1 and "[" not in variable.type and not _PLAIN.search(variable.type):
            at = node.start_byte + len(syntax.text(node)[: match.start(2)].encode("utf-8"))
            yield (Edit(at, at, "*"),)


@repair(KEY, "CERT STR37-C", ("C", "C++"), family="language_trap")
def signed_character(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A plain character, which may be negative, is given to a function that takes EOF and unsigned ones only."""
    known = scope.variables(syntax, function)
    edits = []
    for node, name in called(syntax, function.body):
        arguments = node.child_by_field_name("arguments")
        passed = arguments.named_children if arguments is not None else []
        if syntax.text(name) not in _CTYPE or name.start_byte != node.start_byte or len(passed) != 1:
            continue
        text = syntax.text(passed[0])
        pointed = re.fullmatch(r"\*(\w+)(?:\+\+)?|(\w+)\[[^\[\]]+\]", text)
        one = known.get((pointed[1] or pointed[2]) if pointed is not None else text)
        kind = one.type.replace("const", "").replace(" ", "") if one is not None else ""
        if kind in (("char*", "char[]") if pointed is not None else ("char",)):
            edits.append(Edit(passed[0].start_byte, passed[0].start_byte, "(unsigned char)"))
    if edits:
        yield tuple(edits)
