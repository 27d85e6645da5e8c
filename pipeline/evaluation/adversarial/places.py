"""Where a line goes: before a function's first statement, or above the code."""

from parsers.language import languages
from parsers.syntax import Function, Syntax
from pipeline.evaluation.adversarial.base import Code
from synthesis.mutations import layout
from synthesis.mutations.operator import Edit

_FIRST = frozenset(("explicit_constructor_invocation",))
"""Statements that must stay the first of their block."""


def statements(syntax: Syntax, function: Function) -> list[tuple[int, str]]:
    """(start, indentation) of each statement right in a function's body that starts its line.

    A statement that has to stay the first of its block is left out, such as a directive or a call of a constructor.
    """
    found = []
    for run in layout.sequences(syntax, function.body):
        parent = run[0].parent
        while parent is not None and parent.type == "statement_list":
            parent = parent.parent
        if parent is None or parent.id != function.body.id:
            continue
        for node in run:
            start = layout.line_start(syntax.data, node.start_byte)
            before = syntax.data[start : node.start_byte].decode("utf-8", "replace")
            quoted = syntax.data[node.start_byte : node.start_byte + 1] in (b'"', b"'")
            first = start > 0 and not before.strip() and node.start_byte < function.node.end_byte
            if first and node.type not in _FIRST and not (quoted and node.type == "expression_statement"):
                found.append((node.start_byte, before))
    return found


def entry(code: Code) -> tuple[Function, int, str] | None:
    """(function, start, indentation) of the first statement of the first function that has one on a line of its own."""
    for function in code.functions():
        for start, indent in statements(code.syntax, function)[:1]:
            return function, start, indent
    return None


def line_before(code: Code, start: int, indent: str, line: str) -> Edit:
    """Put a line before the one whose code begins at `start`."""
    return Edit(start, start, line + layout.newline(code.syntax) + indent)


def comment(code: Code, text: str) -> str:
    """A comment to the end of the line."""
    return f"{languages()[code.syntax.language].line_comment} {text}"


def line_above(code: Code, text: str) -> Edit | None:
    """Put a comment above all of the code; None where the first line is one that must stay the first."""
    written = code.text.removeprefix("\ufeff")
    if written.startswith(("#!", "# -*-", "# frozen", "# encoding", "# coding", "<?", "=begin")):
        return None
    start = code.offset + len(code.text.encode()) - len(written.encode())
    return Edit(start, start, comment(code, text) + layout.newline(code.syntax))
