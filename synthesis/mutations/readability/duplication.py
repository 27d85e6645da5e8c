"""Duplication: code that stands in two places, where one would do."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.readability import blocks, rewording

KEY = "readability_maintainability"


@operator(KEY, "one implementation in two branches: Sonar S1871, RuboCop Lint/DuplicateBranch", family="redundancy")
def branch_duplicated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two branches of a condition hold the same code, where one condition led to it."""
    for one in layout.ifs(syntax, function.body):
        condition = layout.core(one.condition)
        if condition is None or not blocks.own(syntax, one) or one.node.child_by_field_name("initializer") is not None:
            continue
        parts = blocks.either(syntax, condition, ("or", "||"))
        lines = blocks.inside(syntax, one, one.consequence)
        if parts is None or lines is None or "\n" in syntax.text(condition):
            continue
        body = syntax.data[lines.start : lines.end].decode("utf-8", "replace")
        if body.count("\n") > 8 or blocks.holds(one.consequence, "label", "static"):
            continue
        indent, (gap, brace) = rewording.indent_of(syntax, one.node), rewording.brace_style(syntax, one)
        second = blocks.test(syntax, parts.right)
        if syntax.language in ("Python", "Ruby"):
            word = "elif" if syntax.language == "Python" else "elsif"
            colon = ":" if syntax.language == "Python" else ""
            more = Edit(lines.end, lines.end, f"\n{indent}{word} {second}{colon}\n{body}")
        elif syntax.text(one.consequence).startswith("{"):
            tested = second if syntax.language == "Go" else f"({second})"
            copy = f"{gap}else if {tested}{brace}{syntax.text(one.consequence)}"
            more = Edit(one.consequence.end_byte, one.consequence.end_byte, copy)
        else:
            continue
        first = replace(condition, blocks.test(syntax, parts.left))
        yield (first, Edit(more.start, more.end, layout.written(syntax, more.text)))


@operator(KEY, "do not repeat yourself: Fowler, Consolidate Duplicate Conditional Fragments", family="redundancy")
def tail_duplicated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Both branches end in the same statement, which could follow them once."""
    ifs = {one.node.id: one for one in layout.ifs(syntax, function.body)}
    more = blocks.step(syntax, function)
    for run in layout.sequences(syntax, function.body):
        for node, common in pairwise(run):
            if node.id not in ifs or "declar" in common.type or common.type in ("if_statement", "if", "unless"):
                continue
            one = ifs[node.id]
            other = blocks.else_block(one)
            if (
                other is None
                or not blocks.own(syntax, one)
                or not layout.owns_lines(syntax.data, common.start_byte, common.end_byte)
            ):
                continue
            branches = [blocks.inside(syntax, one, one.consequence), blocks.inside(syntax, one, other)]
            if any(
                b is None or layout.exits(syntax, b.statements[-1]) or not _falls(b.statements[-1]) for b in branches
            ):
                continue
            if any(e.type == "elif_clause" for e in one.node.named_children) or _declares(syntax, common):
                continue
            names = {syntax.text(n) for n in syntax.nodes("locals", "local", node)}
            if names & scope_words(syntax, common) and syntax.language not in ("Python", "Ruby"):
                continue
            text = layout.reindented(syntax, layout.line_start(syntax.data, common.start_byte), common.end_byte, more)
            gap = syntax.data[node.end_byte : common.start_byte]
            if text is None or gap.strip() or text.count("\n") > 6:
                continue
            stop = layout.line_end(syntax.data, common.end_byte)
            copies = [Edit(b.end, b.end, layout.newline(syntax) + text) for b in branches if b is not None]
            yield (*copies, Edit(node.end_byte, stop, ""))


def scope_words(syntax: Syntax, node: Node) -> set[str]:
    """Every word of a node's text."""
    return set(re.findall(r"[^\W\d]\w*", syntax.text(node)))


def _declares(syntax: Syntax, node: Node) -> bool:
    return bool(syntax.nodes("locals", "local", node)) and syntax.language not in ("Python", "Ruby")


def _falls(node: Node) -> bool:
    """Whether control certainly goes on after a statement of a branch: it holds no jump."""
    return not any(n.type in layout.EXITS for n, _ in walk(node))
