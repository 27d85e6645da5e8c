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
_MIDDLE = re.compile(r"\((\w+) ?\+ ?(\w+)\) ?(?:/ ?2|>> ?1)")
_BOUND = re.compile(
    r"(?i)(?:lo|low|left|start|begin|first|min|l|lower|from|b|s|i)[a-z]* "
    r"(?:hi|high|right|end|last|max|r|h|upper|to|e|j)[a-z]*"
)


@repair(KEY, "CWE-1067: a default is made once and shared by every call", ("Python",), family="language_trap")
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


@repair(KEY, "CWE-467", ("C", "C++"), family="language_trap")
def pointer_size(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The size of a pointer is taken where that of what it points to is meant."""
    known = scope.variables(syntax, function)
    pattern = re.compile(r"mem(?:set|cpy|move)\(\s*(\w+)\s*,.*\bsizeof\s*\(?\s*(\w+)\s*\)?\s*\)", re.S)
    for node, _ in called(syntax, function.body):
        match = pattern.fullmatch(syntax.text(node))
        variable = known.get(match[1]) if match is not None else None
        if match is None or variable is None or match[1] != match[2] or not variable.type.endswith("*"):
            continue
        if (
            variable.type.count("*") == 1
            and "[" not in variable.type
            and not re.match(r"(?:const )?void\b", variable.type)
        ):
            at = node.start_byte + len(syntax.text(node)[: match.start(2)].encode("utf-8"))
            yield (Edit(at, at, "*"),)


@repair(KEY, "CWE-396: an exit or an interrupt is no failure of the step", ("Python", "Ruby"), family="language_trap")
def exit_swallowed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A handler takes the signal to stop the program for an ordinary failure, and goes on."""
    for node in found(function.body, frozenset(("except_clause", "rescue"))):
        text = syntax.text(node)
        if re.search(r"\b(?:raise|exit|abort|throw|os\._exit)\b|=>", text):
            continue
        if syntax.language == "Python" and re.match(r"except\s*:", text):
            end = node.start_byte + len("except")
            yield (Edit(end, end, " Exception"),)
        elif syntax.language == "Ruby" and (match := re.match(r"rescue Exception\b(?!:)(?!,)", text)):
            yield (Edit(node.start_byte, node.start_byte + match.end(), "rescue StandardError"),)


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


@repair(KEY, "CWE-190", ("C", "C++", "Java", "C#", "Go"), family="language_trap")
def midpoint_overflow(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The middle of two positions is taken from their sum, which overflows for large ones."""
    known = scope.variables(syntax, function)
    for one in layout.binaries(syntax, function.body):
        match = _MIDDLE.fullmatch(syntax.text(one.node))
        if match is None or not {match[1], match[2]} <= set(known) or not _BOUND.fullmatch(match[1] + " " + match[2]):
            continue
        parent = one.node.parent
        if parent is None or "binary" not in parent.type:
            space = " " if " " in match[0] else ""
            middle = f"({match[2]}{space}-{space}{match[1]}){space}/{space}2"
            yield (replace(one.node, f"{match[1]}{space}+{space}{middle}"),)


@repair(KEY, "CWE-391", ("Java",), family="language_trap")
def interrupt_swallowed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An interrupt is caught and forgotten, so that the thread never learns that it should stop."""
    for node in found(function.body, frozenset(("catch_clause",))):
        text, body = syntax.text(node), node.child_by_field_name("body")
        match = re.match(r"catch\s*\((?:final )?InterruptedException (\w+)\)", text)
        if (
            match is None
            or body is None
            or re.search(r"interrupt\(|\bthrow\b|\bfail\b|AssertionError|\breturn\b", text)
        ):
            continue
        outer = layout.indentation(syntax.data, node.start_byte)
        line = layout.newline(syntax) + outer + layout.step(syntax, function) + "Thread.currentThread().interrupt();"
        at = body.start_byte + 1
        rest = "" if b"\n" in syntax.data[at : body.end_byte] else layout.newline(syntax) + outer
        if not syntax.data[at : body.end_byte - 1].strip():
            yield (Edit(at, body.end_byte - 1, line + layout.newline(syntax) + outer),)
        elif not rest:
            yield (Edit(at, at, line),)


@repair(KEY, "CA2200: rethrow to preserve stack details", ("C#",), family="language_trap")
def rethrown_anew(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A caught exception is thrown as a new one, and where it came from is lost."""
    for node in found(function.body, frozenset(("catch_clause",))):
        match = re.match(r"catch\s*\([\w.<>]+ (\w+)\)", syntax.text(node))
        for inner in found(node, frozenset(("throw_statement",))):
            if (
                match is not None
                and syntax.text(inner) == f"throw {match[1]};"
                and f"{match[1]} =" not in syntax.text(node)
            ):
                yield (replace(inner, "throw;"),)
