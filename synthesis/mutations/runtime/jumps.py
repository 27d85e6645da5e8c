"""Choices among many values that were one jump or one table, made by comparing with one value after another."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator

CRITERION = "runtime_efficiency"
_SWITCHES = frozenset(("switch_statement", "expression_switch_statement", "switch_expression"))
_CASES = frozenset(
    ("case_statement", "expression_case", "default_case", "switch_section", "switch_block_statement_group", "switch_case", "switch_default")
)
_ENDS = re.compile(r"^(?:return|throw|continue|goto)\b")


@dataclass(frozen=True, slots=True)
class Arm:
    """A case with its values; no value is the default.

    Attributes:
        values: sources of the values.
        body: source of its statements, without the break at the end.
    """

    values: tuple[str, ...]
    body: str


@operator(CRITERION, "O(cases) comparisons where a jump table, a binary search or a hash takes one jump",
          ("C", "C++", "Go", "Java", "JavaScript", "C#"), family="no_early_exit")  # fmt: skip
def compared_one_by_one(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A switch, one jump to the case, is written as comparisons that are made one after another."""
    for node, _ in walk(function.body):
        if node.type not in _SWITCHES or not text.owns_lines(syntax, node):
            continue
        subject = _subject(syntax, node)
        arms = _arms(syntax, node)
        if subject is None or arms is None:
            continue
        values = [value for arm in arms for value in arm.values]
        strings = bool(values) and values[0].startswith(('"', "'"))
        if len(values) < 6 or len(arms) < 5 or any(not arm.values for arm in arms[:-1]):
            continue
        if not strings and syntax.language == "JavaScript" and not re.fullmatch(r"\d+|\w*[A-Z][\w.]*", values[0]):
            continue
        yield (Edit(node.start_byte, node.end_byte, _chain(syntax, function, node, subject, arms)),)


def _subject(syntax: Syntax, node: Node) -> str | None:
    found = node.child_by_field_name("condition") or node.child_by_field_name("value")
    if syntax.language == "C#":
        found = node.child_by_field_name("value")
    if found is None or node.child_by_field_name("initializer") is not None:
        return None
    source = syntax.text(text.core(found))
    source = source[1:-1] if source.startswith("(") and source.endswith(")") and source.count("(") == 1 else source
    return source if re.fullmatch(r"\*?\w+(?:(?:\.|->)\w+)*(?:\[\w+\])?", source) else None


def _arms(syntax: Syntax, node: Node) -> list[Arm] | None:
    """The cases in order; None where one falls through with statements, or is not of the plain form."""
    block = node.child_by_field_name("body") or node
    arms: list[Arm] = []
    waiting: list[str] = []
    last = len([n for n in block.named_children if n.type in _CASES])
    for place, case in enumerate((n for n in block.named_children if n.type in _CASES), 1):
        if any("comment" in n.type or "preproc" in n.type or n.has_error for n, _ in walk(case)):
            return None
        parts = _parts(syntax, case)
        if parts is None:
            return None
        values, statements = parts
        if not statements and syntax.language != "Go":
            if values is None or place == last:
                return None
            waiting += values
            continue
        body = _body(syntax, statements, place == last)
        if body is None or (values is None and waiting):
            return None
        arms.append(Arm(tuple(waiting + (values or [])), body))
        waiting = []
    if any("comment" in n.type or "preproc" in n.type for n in block.named_children):
        return None
    return arms if len(arms) > 1 and not waiting else None


def _parts(syntax: Syntax, case: Node) -> tuple[list[str] | None, list[Node]] | None:
    """Values (None for the default) and statements of a case; None where they are not plain."""
    source = syntax.text(case)
    default = re.match(r"default\s*:", source)
    children = list(case.named_children)
    if default:
        return None, children
    head = re.match(r"case ((?:[\w.:]+|\"[^\"\n]*\"|'[^'\n]*'|, )+?) ?:(?!:)", source)
    if head is None:
        heads = re.match(r"(?:case (?:[\w.]+|\"[^\"\n]*\"|'[^'\n]*'):\s*)+", source)
        if heads is None:
            return None
        head = heads
    end = case.start_byte + len(source[: head.end()].encode())
    more = re.match(r"(?:\s*case (?:[\w.]+|\"[^\"\n]*\"|'[^'\n]*'):)+", syntax.data[end : case.end_byte].decode("utf-8", "replace"))
    if more and syntax.language in ("Java", "C#"):
        end += len(more[0].encode())
        source = source[: head.end()] + more[0]
        values = re.findall(r"case ([\w.]+|\"[^\"\n]*\"|'[^'\n]*')", source)
    else:
        values = [one.strip() for one in head[1].split(", ")] if head.re.groups else re.findall(r"case ([^:]+):", head[0])
    return values, [n for n in children if n.start_byte >= end]


def _body(syntax: Syntax, statements: list[Node], last: bool) -> str | None:
    if len(statements) == 1 and statements[0].type == "statement_list":
        statements = list(statements[0].named_children)
    if len(statements) == 1 and statements[0].type in text.BLOCKS:
        statements = list(statements[0].named_children)
    go = syntax.language == "Go"
    if not statements:
        return None
    kept = statements
    if statements[-1].type == "break_statement":
        kept = statements[:-1]
    elif not go and not last and not _ENDS.match(syntax.text(statements[-1])):
        return None
    if any(n.type in ("break_statement", "fallthrough_statement", "labeled_statement", "case_statement", "declaration", "lexical_declaration", "local_declaration_statement", "local_variable_declaration")
           for one in kept for n, _ in walk(one)) or not kept:  # fmt: skip
        return None
    first = kept[0]
    source = syntax.data[first.start_byte : kept[-1].end_byte].decode("utf-8", "replace")
    if syntax.data[kept[-1].end_byte : kept[-1].end_byte + 1] == b";":
        source += ";"
    if "`" in source or '"""' in source:
        return None
    return "\n".join(line.strip() if index == 0 else line[_depth(syntax, first) :] if not line[: _depth(syntax, first)].strip() else line
                     for index, line in enumerate(source.split("\n")))  # fmt: skip


def _depth(syntax: Syntax, node: Node) -> int:
    return len(text.indent(syntax, node))


def _chain(syntax: Syntax, function: Function, node: Node, subject: str, arms: list[Arm]) -> str:
    outer, step = text.indent(syntax, node), layout.step(syntax, function)
    broken = syntax.language == "C#"
    open_, close = ("{" if not broken else f"\n{outer}{{"), "}"
    pieces = []
    for place, arm in enumerate(arms):
        test = " || ".join(_equal(syntax.language, subject, value) for value in arm.values)
        wrapped = test if syntax.language == "Go" else f"({test})"
        head = f"if {wrapped}" if place == 0 else f"else if {wrapped}" if arm.values else "else"
        gap = "" if broken else " "
        body = "\n".join(f"{outer}{step}{line}" if line.strip() else line for line in arm.body.split("\n"))
        pieces.append(f"{head}{gap}{open_}\n{body}\n{outer}{close}")
    return (f"\n{outer}" if broken else " ").join(pieces)


def _equal(language: str, subject: str, value: str) -> str:
    if language == "Java" and value.startswith('"'):
        return f"{subject}.equals({value})"
    return f"{subject} {'===' if language == 'JavaScript' else '=='} {value}"
