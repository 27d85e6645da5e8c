"""Tests made more often than their answers can change: of one value, of one condition, of one object with itself."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "no_early_exit"
_LEAVES = re.compile(r"return|break|throw|raise|goto|yield|redo|retry|next$|await|labeled|switch")


@operator(CRITERION, "one test with two outcomes made twice", family="repeated_work")
@outside_tests
def test_made_twice(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A test that costs is made once for each of its two outcomes instead of once."""
    for one in layout.ifs(syntax, function.body):
        node, condition = one.node, one.node.child_by_field_name("condition")
        other = node.child_by_field_name("alternative")
        body = node.child_by_field_name("consequence")
        if condition is None or other is None or body is None or "\n" in syntax.text(condition):
            continue
        if layout.declares(condition) or not shapes.reads(syntax, condition) or not shapes.costs(syntax, condition):
            continue
        if node.child_by_field_name("initializer") is not None or shapes.statement_of(node) != node:
            continue
        statements = layout.branch(syntax, body)
        leaves = not statements or any(_LEAVES.search(n.type) and n.is_named for n, _ in walk(body))
        chained = any(
            n.type in ("if_statement", "elif_clause", "elsif", "if") for n in [other, *other.named_children][:2]
        )
        several = sum(n.type in ("elif_clause", "elsif", "else_clause", "else") for n in node.named_children) > 1
        if leaves or chained or several or not _harmless(syntax, function, body, condition):
            continue
        yield from _split(syntax, node, body, other, condition)


def _harmless(syntax: Syntax, function: Function, body: Node, condition: Node) -> bool:
    """Whether what the branch does can't change what the test says."""
    changed = text.assigned(syntax, body) | {n for c in shapes.calls(syntax, body) for n in _touched(syntax, c)}
    named = shapes.names(syntax, condition)
    own_names = set(text.parameters(syntax, function)) | {
        syntax.text(n) for n in syntax.nodes("locals", "local", function.node)
    }
    if not named <= own_names:
        return False  # of what is not the function's own, nobody knows what the branch changes
    members = set(re.findall(r"(?:\.|->|@)(\w+)", syntax.text(condition)))
    own = re.search(r"\b(?:self|this)\b|@", syntax.text(condition))
    return bool(named) and named.isdisjoint(changed) and members.isdisjoint(changed) and not own


def _touched(syntax: Syntax, one: shapes.Call) -> set[str]:
    parts = [*one.arguments, *([one.receiver] if one.receiver is not None else [])]
    return (
        {name for part in parts for name in shapes.names(syntax, part)} if not shapes.reads(syntax, one.node) else set()
    )


def _split(syntax: Syntax, node: Node, body: Node, other: Node, condition: Node) -> Iterator[Site]:
    negated = layout.negation(syntax, text.core(condition))
    indent = text.indent(syntax, node)
    language = syntax.language
    if language == "Python":
        head = syntax.data[other.start_byte : other.end_byte].split(b":", 1)[0]
        yield (Edit(other.start_byte, other.start_byte + len(head), f"if {negated}"),)
    elif language == "Ruby" and other.type == "else" and node.type == "if":
        yield (Edit(other.start_byte, other.start_byte + 4, f"end\n{indent}unless {syntax.text(condition)}"),)
    elif body.type in text.BLOCKS and syntax.data[node.start_byte : node.start_byte + 2] == b"if":
        block = other.named_children[0] if other.type == "else_clause" and other.named_child_count else other
        between = syntax.data[body.end_byte : block.start_byte]
        if block.type in text.BLOCKS and between.count(b"else") == 1 and b"/" not in between:
            test = negated if language == "Go" or _wrapped(negated) else f"({negated})"
            gap = "\n" if b"\n" in between.split(b"else")[1] else ""
            yield (Edit(body.end_byte, block.start_byte, f"\n{indent}if {test}{gap}{indent if gap else ' '}"),)


def _wrapped(source: str) -> bool:
    """Whether one pair of brackets holds the whole of `source`."""
    level = 0
    for index, mark in enumerate(source):
        level += {"(": 1, ")": -1}.get(mark, 0)
        if level == 0:
            return source.startswith("(") and index == len(source) - 1
    return False


@operator(CRITERION, "comparing all members although the two are one object", ("Java", "C#", "C++"), family=FAMILY)
@outside_tests
def identity_shortcut_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Two references to one object are compared member by member."""
    if not re.search(r"(?i)^(?:equals|compare|compareto|operator==)", function.name):
        return
    for one in layout.ifs(syntax, function.body):
        node, condition = one.node, one.node.child_by_field_name("condition")
        source = syntax.text(condition).strip("()") if condition is not None else ""
        same = re.fullmatch(r"this == &?\w+|\w+ == this|(?:object\.)?ReferenceEquals\(\w+, \w+|&\w+ == this", source)
        leaves = re.search(r"return (?:true|0);\s*\}?$", syntax.text(node))
        later = shapes.following(node)
        if same and leaves and node.child_by_field_name("alternative") is None and later is not None:
            yield from text.removed(syntax, node)
