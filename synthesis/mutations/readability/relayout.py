"""Repairs of layout: what human code crams into one line, or leaves without braces."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, repair
from synthesis.mutations.readability import blocks, rewording

KEY = "readability_maintainability"
MARGIN = 120
"""Columns beyond which a line is called too long."""

_LISTS = scope.kinds("argument_list arguments")
_SIMPLE = scope.kinds("expression_statement return_statement break_statement continue_statement throw_statement")
_INNER = re.compile(r"lambda|function|closure|func_literal|block|arrow")
_DECLARATIONS = scope.kinds("declaration local_variable_declaration local_declaration_statement")


@repair(
    KEY,
    "braces around every branch: CERT EXP19-C, Google Java style 4.1.1, ESLint curly",
    ("Java", "C#", "JavaScript"),
    family="line_layout",
)
def braces_added(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A branch or loop has no braces, so the next line added to it would fall outside."""
    data = syntax.data
    places = [(one.node, one.consequence) for one in layout.ifs(syntax, function.body) if one.alternative is None]
    loops = [match for match in syntax.matches("loops", function.body) if match["loop"][0].type != "do_statement"]
    places += [(match["loop"][0], match["body"][0]) for match in loops]
    broken = re.search(r"\)\s*\n\s*\{", syntax.text(function.node)) is not None
    for outer, inner in places:
        if inner.type not in _SIMPLE or not layout.owns_lines(data, inner.start_byte, inner.end_byte):
            continue
        alone = layout.owns_lines(data, outer.start_byte, outer.end_byte)
        if not alone or outer.start_point.row == inner.start_point.row:
            continue
        head = layout.break_before(data, inner.start_byte)
        line = data[layout.line_start(data, head) : head].decode("utf-8", "replace")
        if "//" in line or "/*" in line or b"//" in data[inner.end_byte : layout.line_end(data, inner.end_byte)]:
            continue
        indent = rewording.indent_of(syntax, outer)
        opening = f"\n{indent}{{" if broken else " {"
        end = inner.end_byte
        yield (
            Edit(head, head, layout.written(syntax, opening)),
            Edit(end, end, layout.written(syntax, f"\n{indent}}}")),
        )


@repair(KEY, "lines of at most 80 to 120 columns: PEP 8, Google style guides, RuboCop", family="line_layout")
def line_wrapped(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A call runs far beyond the right margin on one line."""
    data, step, done = syntax.data, blocks.step(syntax, function), -1
    for node, _ in walk(function.body):
        if node.type not in _LISTS or node.start_byte < done or node.start_point.row != node.end_point.row:
            continue
        start, stop = layout.line_start(data, node.start_byte), layout.line_end(data, node.end_byte)
        line = data[start:stop].decode("utf-8", "replace")
        if len(line) <= MARGIN or node.named_child_count < 2 or "//" in line or not syntax.text(node).startswith("("):
            continue
        if line.lstrip().startswith("#") or any(_INNER.search(n.type) for n, _ in walk(node)):
            continue
        indent = layout.indentation(data, node.start_byte)
        parts = [syntax.text(argument) for argument in node.named_children]
        plain = ", ".join(parts) == syntax.text(node)[1:-1] and not _in_table(syntax, node)
        tail = data[node.end_byte : stop].decode("utf-8", "replace").strip()
        if tail not in ("", ";", ")", ");", ",", "),", ") {", "{", ":", "):") or node.end_byte - node.start_byte < 40:
            continue
        if re.search(r"\s(if|unless)\s", line.lstrip()) and syntax.language == "Ruby":
            continue
        if not plain or max(len(indent) + len(step) + len(part) for part in parts) > 100:
            continue
        done = node.end_byte
        trailing = syntax.language == "Go" or (syntax.language == "Python" and parts[-1][:1] != "*")
        comma = "," if trailing and len(parts) > 1 else ""
        joined = f",\n{indent}{step}".join(parts)
        last = "" if syntax.language in ("C", "C++", "Java", "C#") else f"\n{indent}"
        yield (replace(node, layout.written(syntax, f"(\n{indent}{step}{joined}{comma}{last})")),)


def _in_table(syntax: Syntax, node: Node) -> bool:
    """Whether the line above or below begins the same way: rows of a table stay rows."""
    data = syntax.data
    start, stop = layout.line_start(data, node.start_byte), layout.line_end(data, node.end_byte)
    head = data[start : node.start_byte + 1]
    return data[stop:].lstrip(b"\r\n").startswith(head) or data[
        layout.line_start(data, max(0, start - 1)) :
    ].startswith(head)


@repair(
    KEY,
    "one statement a line: PEP 8 E702, Google Java style 4.3, RuboCop Style/Semicolon",
    ("Python", "Ruby", "Go"),
    family="line_layout",
)
def statements_parted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Several statements share one line."""
    data = syntax.data
    for run in layout.sequences(syntax, function.body):
        for one, two in pairwise(run):
            gap = data[one.end_byte : two.start_byte].decode("utf-8", "replace")
            before = data[layout.line_start(data, one.start_byte) : one.start_byte]
            closed = data[: two.start_byte].rstrip().endswith(b";")
            if "\n" in gap or gap.strip(" ;\t") or before.strip() or "declar" in one.type + two.type or not closed:
                continue
            if (
                one.start_point.row != one.end_point.row
                or data[two.end_byte : layout.line_end(data, two.end_byte)].strip()
            ):
                continue
            yield (Edit(one.end_byte, two.start_byte, f"{layout.newline(syntax)}{rewording.indent_of(syntax, one)}"),)


@repair(
    KEY,
    "one variable a declaration: CERT DCL04-C, Google Java style 4.8.2.1",
    ("C", "C++", "Java", "C#"),
    family="line_layout",
)
def declarations_parted(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Variables with and without a value, or pointers and values, share one declaration."""
    for run in layout.sequences(syntax, function.body):
        for node in run:
            parts, text = _declarators(node) if node.type in _DECLARATIONS else [], syntax.text(node)
            if not 2 <= len(parts) <= 4 or "\n" in text or "/" in text:
                continue
            mixed = len({p.type for p in parts}) > 1 or sum("=" in syntax.text(p) for p in parts) > 1
            if not mixed or not layout.owns_lines(syntax.data, node.start_byte, node.end_byte):
                continue
            head = syntax.data[node.start_byte : parts[0].start_byte].decode("utf-8", "replace")
            line = f"{layout.newline(syntax)}{rewording.indent_of(syntax, node)}"
            yield (replace(node, line.join(f"{head}{syntax.text(p)};" for p in parts)),)


def _declarators(node: Node) -> list[Node]:
    """The declarators of a declaration; empty where it is none of several."""
    holder = node
    if node.type == "local_declaration_statement":
        found = [c for c in node.named_children if c.type == "variable_declaration"]
        holder = found[0] if len(found) == 1 and node.named_child_count == 1 else node
    parts = holder.children_by_field_name("declarator")
    return parts or [c for c in holder.named_children if c.type == "variable_declarator"]
