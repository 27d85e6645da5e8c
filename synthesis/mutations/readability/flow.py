"""Flow: results and flags that are carried to a place where the code could have left at once."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
_LITERALS = scope.kinds(
    "true false null nil none null_literal boolean_literal number integer number_literal int_literal float "
    "integer_literal decimal_integer_literal string string_literal interpreted_string_literal undefined"
)
_PASSED = re.compile(r"^(if|else|block|compound|statement|then|unless|do$|body|elsif|elif|program|block_body)")
_SAFE_TYPES = re.compile(
    r"^(const )?(bool|int|unsigned|unsigned int|long|size_t|double|float|char|u?int\d+_t)[ *]*$|\*\s*$"
)


@operator(KEY, "guard clauses over a single exit (Fowler, Replace Nested Conditional)", family="nesting")
def single_exit(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two branches set a variable, only to return it below, where each could return its value."""
    more = blocks.step(syntax, function)
    values = {n.id: v for n, v in rewording.returned(syntax, function)}
    ifs = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    name = wording.fresh(syntax, function)
    declared = _declared(syntax, function, name)
    if declared is None:
        return
    for run in layout.sequences(syntax, function.body):
        if len(run) < 2 or run[-1].id not in values or run[-2].id not in ifs or not _outermost(run, function):
            continue
        one, last = ifs[run[-2].id], run[-1]
        lines = blocks.inside(syntax, one, one.consequence)
        left = lines.statements[-1] if lines is not None else None
        condition = layout.core(one.condition)
        gap = syntax.data[one.node.end_byte : last.start_byte]
        if one.node.child_by_field_name("initializer") is not None:
            continue
        if left is None or left.id not in values or one.alternative is not None or not blocks.own(syntax, one):
            continue
        texts = [syntax.text(values[n.id]) for n in (left, last)]
        if (
            lines is None
            or condition is None
            or gap.strip()
            or any("\n" in t for t in (*texts, syntax.text(condition)))
        ):
            continue
        if syntax.data[left.end_byte : lines.end].strip(b"; \t\r"):
            continue  # a comment behind the return
        if len(lines.statements) > 1 and any(n.id in values for n in lines.statements[:-1]):
            continue
        indent, end = rewording.indent_of(syntax, one.node), layout.ending(syntax)
        start = layout.line_start(syntax.data, left.start_byte)
        body = syntax.data[lines.start : start].decode("utf-8", "replace")
        inner = rewording.indent_of(syntax, left) if len(lines.statements) > 1 else indent + more
        body += f"{inner}{name} = {texts[0]}{end}"
        other = f"{indent}{more}{name} = {texts[1]}{end}"
        made = blocks.conditional(syntax, one, indent, syntax.text(condition), body, other)
        head = f"{declared}{end}\n{indent}" if declared else ""
        back = name if values[last.id].id == last.id else f"return {name}{end}"
        stop = last.end_byte
        yield (Edit(one.node.start_byte, stop, layout.written(syntax, f"{head}{made}\n{indent}{back}")),)


@operator(KEY, "no flag or result variables to leave a loop (Fowler, Remove Control Flag)", family="nesting")
def result_carried(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A loop puts its result into a variable and breaks, where it could return it."""
    values = {n.id: v for n, v in rewording.returned(syntax, function)}
    loops = {match["loop"][0].id: match for match in syntax.matches("loops", function.body)}
    name, end = wording.fresh(syntax, function), layout.ending(syntax)
    for run in layout.sequences(syntax, function.body):
        if len(run) < 2 or run[-2].id not in loops or not _outermost(run, function):
            continue
        loop, last = run[-2], run[-1]
        value = values.get(last.id) or (last if syntax.language == "Ruby" else None)
        body = loops[loop.id]["body"][0]
        left = [n for n in syntax.nodes("returns", "return", body) if body.start_byte <= n.start_byte < body.end_byte]
        if value is None or len(left) != 1 or left[0].id not in values or value.type not in _LITERALS:
            continue
        text = syntax.text(values[left[0].id])
        if "\n" in text or not _reaches(left[0], loop) or _loop_else(loop):
            continue
        head = _initial(syntax, function, name, syntax.text(value))
        first = layout.insertion_before(syntax, loop, f"{head}{end}") if head is not None else None
        if first is None:
            continue
        indent = rewording.indent_of(syntax, left[0])
        leave = f"{name} = {text}{end}{layout.newline(syntax)}{indent}break{end}"
        back = name if value.id == last.id else f"return {name}{end}"
        yield (first, replace(left[0], leave), replace(last, back))


def _outermost(run: list[Node], function: Function) -> bool:
    return blocks.direct(run[0], function.body)


def _type(syntax: Syntax, function: Function) -> str | None:
    """The function's result type as a local's; None where it can't be seen or may not be left without a value."""
    head = rewording.declaration(syntax, function)
    if syntax.language == "Go":
        result = function.node.child_by_field_name("result")
        named = result is None or result.type == "parameter_list"
        return None if named or result is None else syntax.text(result)
    if syntax.language == "C++":
        written = function.node.child_by_field_name("type")
        stars = "*" * function.signature.split("(")[0].count("*")
        whole = f"{syntax.text(written)} {stars}".strip() if written is not None else ""
        const = "const " if re.match(r"(static |inline )*const\b", function.signature) else ""
        return f"{const}{whole}" if head is not None and _SAFE_TYPES.search(whole) else None
    if syntax.language in ("Java", "C"):
        return head.strip() if head is not None else None
    if syntax.language == "C#":
        written = function.node.child_by_field_name("returns")
        text = syntax.text(written) if written is not None else "void"
        return None if text in ("void", "Task") or "async" in function.signature or "ref " in text else text
    return ""


def _declared(syntax: Syntax, function: Function, name: str) -> str | None:
    """The declaration of the result before it has a value; empty where the language needs none."""
    written = _type(syntax, function)
    if syntax.language in ("Python", "Ruby"):
        return ""
    if syntax.language == "JavaScript":
        return f"let {name}"
    if not written:
        return None
    return f"var {name} {written}" if syntax.language == "Go" else _joined(written, name)


def _initial(syntax: Syntax, function: Function, name: str, value: str) -> str | None:
    """The declaration of the result with its first value."""
    if syntax.language in ("Python", "Ruby"):
        return f"{name} = {value}"
    declared = _declared(syntax, function, name)
    if declared is None or (syntax.language == "Go" and value == "nil"):
        return declared
    return f"{declared} = {value}"


def _joined(written: str, name: str) -> str:
    return f"{written}{name}" if written.endswith("*") else f"{written} {name}"


def _reaches(node: Node, loop: Node) -> bool:
    """Whether a `break` in the node's place would leave `loop`: nothing but conditions and blocks between."""
    inside = list(rewording.parents(node, loop))
    if inside and inside[-1].type == "do_block":  # the loop's own, which a break leaves too
        inside.pop()
    braced = node.parent is not None and re.search(r"block|compound|statement_list|then|else$|body", node.parent.type)
    return bool(braced) and all(_PASSED.match(parent.type) for parent in inside)


def _loop_else(loop: Node) -> bool:
    return any(child.type == "else_clause" for child in loop.children)
