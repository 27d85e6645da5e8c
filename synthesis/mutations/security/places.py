"""Where operators of security look: calls with their arguments, patterns in the code, tests left aside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import effects, layout, text
from synthesis.mutations.operator import Edit, Site
from synthesis.mutations.patterns import Table
from synthesis.mutations.trials import is_test

CRITERION = "security_hardness"
SECRET = re.compile(
    r"(?i)passw(?:or)?d|passwd|passphrase|^pwd$|secret|credential|api_?key|private_?key|(?:access|auth|bearer|"
    r"session|csrf"
    r"|refresh|id)_?token|^token$|^cookies?$|session_?id|\botp\b|authorization|^auth$|signing_?key|encryption_?key"
)
"""Names of values that nobody but their owner should see."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call: `callee` as written with its receiver, `name` its last part, `arguments` without comments."""

    node: Node
    callee: str
    name: str
    arguments: tuple[Node, ...]
    brackets: Node


def calls(syntax: Syntax, function: Function) -> Iterator[Call]:
    """Calls of the function's body, in the order of the text; none of a test."""
    if is_test(syntax, function):
        return
    for node, _, brackets in text.calls(syntax, function.body):
        callee = syntax.data[node.start_byte : brackets.start_byte].decode("utf-8", "replace").strip()
        given = tuple(n for n in brackets.named_children if "comment" not in n.type)
        yield Call(node, callee, re.split(r"\.|->|::|\s", callee)[-1], given, brackets)


def is_literal(syntax: Syntax, node: Node) -> bool:
    """Whether an argument is a plain text between double or single quotes, with nothing put into it."""
    return re.fullmatch(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'", syntax.text(node)) is not None


def literal(syntax: Syntax, node: Node) -> str | None:
    """What stands between the quotes of a plain text, escapes as written; None for any other node."""
    return syntax.text(node)[1:-1] if is_literal(syntax, node) else None


def quiet(syntax: Syntax, function: Function) -> list[tuple[int, int]]:
    """Spans of comments and documentation strings."""
    found = [(n.start_byte, n.end_byte) for n in syntax.nodes("comments", "comment", function.node)]
    return found + [(n.start_byte, n.end_byte) for n in syntax.nodes("docstrings", "docstring", function.node)]


def rewrites(syntax: Syntax, function: Function, table: Table) -> Iterator[Site]:
    """One site for each place of the body, outside of comments, where a pattern of `table` stands; none of a test."""
    if is_test(syntax, function):
        return
    spans = quiet(syntax, function)
    start = text.line_start(syntax, function.body.start_byte)
    start = start if not syntax.data[start : function.body.start_byte].strip() else function.body.start_byte
    body = syntax.data[start : function.body.end_byte]
    for pattern, replacement in table.get(syntax.language, ()) + table.get("*", ()):
        for match in re.finditer(pattern.encode(), body):
            at = start + match.start()
            if not any(a <= at < b for a, b in spans):
                yield (Edit(at, start + match.end(), match.expand(replacement.encode()).decode("utf-8", "replace")),)


def deletion(syntax: Syntax, node: Node) -> Edit | None:
    """Delete a statement with its lines, the comment above it, and a blank line that would be left first or double.

    None where it shares a line, or is alone in its block.
    """
    edit = layout.deletion(syntax, node) if len(text.siblings(node)) > 1 else None
    return None if edit is None else tidied(syntax, edit)


def tidied(syntax: Syntax, edit: Edit) -> Edit:
    """A deletion of whole lines, with the blank line after it where that would be left first or double."""
    before, rest = syntax.data[: edit.start], syntax.data[edit.end :]
    above = before[text.line_start(syntax, edit.start) :].strip()
    blank = re.match(rb"\r?\n[ \t]*(?=\r?\n)", rest)
    opens = above.endswith((b"{", b":")) or re.search(rb'^def .*|^\w+ (?:do|then)$|"""$', above) is not None
    return Edit(edit.start, edit.end + blank.end(), "") if blank and (opens or not above) else edit


def dropped(syntax: Syntax, function: Function, statement: Node) -> Iterator[Site]:
    """The site that deletes a statement, where what is left still compiles."""
    edit = deletion(syntax, statement)
    if edit is not None and not effects.orphans(syntax, function, statement):
        yield (edit,)


def statement_of(node: Node) -> Node:
    """The statement that `node` is part of."""
    while node.parent is not None and node.parent.type not in text.BLOCKS:
        node = node.parent
    return node


def stands_alone(syntax: Syntax, node: Node) -> bool:
    """Whether `node` is a whole statement, its value used by nothing."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type == "expression_statement":
        return syntax.text(parent).rstrip("; ") == syntax.text(node)
    return syntax.language == "Ruby" and parent.type in text.BLOCKS


def after(syntax: Syntax, function: Function, node: Node) -> str:
    """The rest of the body after `node`."""
    return syntax.data[node.end_byte : function.body.end_byte].decode("utf-8", "replace")


def replaced(node: Node, code: str) -> Edit:
    """Put `code` in the node's place."""
    return Edit(node.start_byte, node.end_byte, code)


def value_kept(syntax: Syntax, call: Node, value: str) -> Iterator[Site]:
    """`value` in place of the call; where that would set a name to itself, the statement is gone."""
    binding = call.parent
    statement = binding.parent if binding is not None and binding.type in text.STATEMENT_PARTS else binding
    source = syntax.text(statement).rstrip(";") if statement is not None else ""
    target = re.split(r"\s*=\s*", source, maxsplit=1)[0]
    if statement is not None and target == value and source.endswith(syntax.text(call)):
        outer = statement.parent
        yield from text.removed(syntax, outer if outer is not None and outer.type not in text.BLOCKS else statement)
    elif target != value:
        yield (replaced(call, value),)
