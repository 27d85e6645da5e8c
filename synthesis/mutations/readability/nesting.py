"""Nesting: how deep the main path of a function lies."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
BRACES = ("C", "C++", "Java", "C#", "JavaScript")
_TRUTH = frozenset(("==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "not in", "is", "is not"))


@operator(
    KEY,
    "guard clauses over nesting (Fowler); no else after return: pylint R1705, ESLint no-else-return",
    family="nesting",
)
def else_after_exit(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The main path sits in an else that nothing needs, one level deeper."""
    data, more = syntax.data, blocks.step(syntax, function)
    for one, rest, _ in rewording.guards(syntax, function):
        alone = syntax.language == "Go" and len(rest) == 1 and blocks.even(syntax, one.node)
        if not alone and not _worth_nesting(syntax, one.node, rest):
            continue
        start, end = layout.line_end(data, one.node.end_byte), layout.line_end(data, rest[-1].end_byte)
        moved = layout.reindented(syntax, start + 1, end, more)
        indent = rewording.indent_of(syntax, one.node)
        if (
            moved is None
            or start >= rest[0].start_byte
            or (syntax.language == "Go" and ":=" in syntax.text(one.node).split("{")[0])
        ):
            continue
        moved = moved.lstrip("\r\n")
        closing = data[one.node.start_byte : one.node.end_byte].rstrip()
        if syntax.language == "Python":
            made = Edit(start, end, f"\n{indent}else:\n{moved}")
        elif syntax.language == "Ruby" and closing.endswith(b"end"):
            stop = layout.line_start(data, one.node.end_byte)
            made = Edit(stop, end, f"{indent}else\n{moved}\n{indent}end")
        elif syntax.language == "Ruby" and one.node.type.endswith("modifier"):
            head = f"{one.node.type[:-9]} {syntax.text(one.condition)}\n{indent}{more}{syntax.text(one.consequence)}"
            made = Edit(one.node.start_byte, end, f"{head}\n{indent}else\n{moved}\n{indent}end")
        elif closing.endswith(b"}") and one.consequence.type in ("block", "compound_statement", "statement_block"):
            gap, brace = rewording.brace_style(syntax, one)
            made = Edit(one.node.end_byte, end, f"{gap}else{brace}{{\n{moved}\n{indent}}}")
        else:
            continue
        yield (Edit(made.start, made.end, layout.written(syntax, made.text)),)


@operator(KEY, "guard clauses over nesting (Fowler)", family="nesting")
def guard_nested(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The main path is nested in a condition where a guard kept it flat."""
    data, more = syntax.data, blocks.step(syntax, function)
    for one, rest, condition in rewording.guards(syntax, function):
        if not _worth_nesting(syntax, one.node, rest):
            continue
        inside = layout.branch(syntax, one.consequence)
        start, end = layout.line_start(data, rest[0].start_byte), layout.line_end(data, rest[-1].end_byte)
        moved = layout.reindented(syntax, start, end, more)
        indent, (gap, brace) = rewording.indent_of(syntax, one.node), rewording.brace_style(syntax, one)
        if one.node.type.endswith("modifier") or syntax.nodes("comments", "comment", one.consequence):
            continue
        if (
            moved is None
            or len(inside) != 1
            or "\n" in syntax.text(inside[0])
            or b"#" in data[one.node.end_byte : start]
            or b"/" in data[one.node.end_byte : start]
        ):
            continue
        word = data[one.node.start_byte : condition.start_byte].decode()
        head = data[one.node.start_byte : one.consequence.start_byte].decode()
        tail = head[len(word) + len(syntax.text(condition)) :].rstrip("{ \r\n\t")
        leave = f"{indent}{more}{syntax.text(inside[0])}"
        opposite = wording.opposite(syntax, function, condition)
        if word.startswith("unless"):
            word, opposite = word.replace("unless", "if"), syntax.text(condition)
        if syntax.language == "Python":
            made = f"{word}{opposite}{tail}\n{moved}\n{indent}else:\n{leave}"
        elif syntax.language == "Ruby":
            made = f"{word}{opposite}{tail}\n{moved}\n{indent}else\n{leave}\n{indent}end"
        elif "{" in syntax.text(one.consequence):
            made = f"{word}{opposite}{tail}{brace}{{\n{moved}\n{indent}}}{gap}else{brace}{{\n{leave}\n{indent}}}"
        else:
            continue
        yield (Edit(one.node.start_byte, end, layout.written(syntax, made)),)


def _worth_nesting(syntax: Syntax, guard: Node, rest: list[Node]) -> bool:
    """Whether what follows a guard is a path of several statements, laid out as the guard is, that a block can hold."""
    functions = any(n.type == "function_declaration" for n in rest[0].parent.children) if rest[0].parent else False
    return len(rest) > 1 and not functions and blocks.even(syntax, guard)


@operator(KEY, "collapsible ifs: Sonar S1066, pylint and flake8-simplify SIM102", family="nesting")
def conjunction_nested(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two conditions that belong together are tested by two ifs, one inside the other."""
    more = blocks.step(syntax, function)
    for one in layout.ifs(syntax, function.body):
        condition = layout.core(one.condition)
        if condition is None or one.alternative is not None or not blocks.own(syntax, one):
            continue
        both = blocks.either(syntax, condition, ("and", "&&"))
        lines = blocks.inside(syntax, one, one.consequence)
        if both is None or lines is None or one.node.child_by_field_name("initializer") is not None:
            continue
        first, second = blocks.test(syntax, both.left), blocks.test(syntax, both.right)
        body = layout.reindented(syntax, lines.start, lines.end, more)
        if body is None or "\n" in first + second or "constexpr" in syntax.text(one.node).split("(")[0]:
            continue
        indent = rewording.indent_of(syntax, one.node)
        inner = blocks.conditional(syntax, one, indent + more, second, body)
        made = blocks.conditional(syntax, one, indent, first, indent + more + inner)
        yield (replace(one.node, layout.written(syntax, made)),)


@operator(
    KEY, "else if over if in else: ESLint no-lonely-if, pylint R5501, RuboCop Style/IfInsideElse", family="nesting"
)
def else_if_nested(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A chain of conditions nests an if in each else, and drifts to the right."""
    more = blocks.step(syntax, function)
    for match in syntax.matches("conditions", function.body):
        for node in match.get("alternative", []):
            edit = _nested_else(syntax, node, more)
            if edit is not None and b"\n#" not in syntax.data[match["if"][0].start_byte : match["if"][0].end_byte]:
                yield (edit,)


def _nested_else(syntax: Syntax, node: Node, more: str) -> Edit | None:
    """The edit that puts an `else if` into a block of its own; None for a plain else or shared lines."""
    inner, data = node, syntax.data
    if node.type == "else_clause" and node.named_child_count == 1:
        inner = node.named_children[0]
    if inner.type not in ("if_statement", "elif_clause", "elsif") or inner.parent is None or inner.has_error:
        return None
    indent = rewording.indent_of(syntax, node)
    end = inner.parent.end_byte if inner.type in ("elif_clause", "elsif") else inner.end_byte
    if inner.type == "elsif":
        end = layout.break_before(data, end)
    text = layout.reindented(syntax, inner.start_byte, end, more)
    if text is None or "\n" not in text:
        return None
    text = text[len(more) :]
    if inner.type == "elif_clause":
        made = f"else:\n{indent}{more}{text.removeprefix('el')}"
    elif inner.type == "elsif":
        made = f"else\n{indent}{more}{text.removeprefix('els')}\n{indent}{more}end"
    else:
        head = data[layout.line_start(data, inner.start_byte) : inner.start_byte].decode().strip(" \t}")
        if head != "else":
            return None
        allman = re.search(r"\)\s*\n\s*{", syntax.text(inner).split("else")[0]) is not None
        opening = f"\n{indent}{{" if allman else "{"
        made = f"{opening}\n{indent}{more}{text}\n{indent}}}"
        start = inner.start_byte - (1 if allman and data[inner.start_byte - 1 : inner.start_byte] == b" " else 0)
        return Edit(start, end, layout.written(syntax, made))
    return Edit(inner.start_byte, end, layout.written(syntax, made))
