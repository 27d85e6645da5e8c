"""Where things stand in the text: lines, indentation, sequences of statements, conditions and their negation.

Everything here works over the concept queries; the few node names that no query gives are in the tables at the top.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations.operator import Edit
from synthesis.mutations.scope import kinds

EXITS = kinds(
    "return_statement return raise_statement throw_statement throw break_statement break "
    "continue_statement continue next goto_statement co_return_statement"
)
RETURNS = frozenset(("return_statement", "return"))
SIMPLE = kinds(
    "identifier call call_expression method_invocation invocation_expression attribute member_expression "
    "field_access field_expression member_access_expression selector_expression subscript "
    "subscript_expression index_expression element_reference array_access element_access_expression "
    "instance_variable constant true false this parenthesized_expression"
)
NEGATIONS = frozenset(("not_operator", "unary_expression", "unary", "prefix_unary_expression"))
_WRAPPERS = frozenset(("parenthesized_expression", "condition_clause", "parenthesized_statements"))
_DECLARES = kinds(
    "declaration_pattern declaration_expression declaration named_expression var_pattern "
    "recursive_pattern type_pattern record_pattern init_declarator"
)
_NOT_STATEMENTS = kinds(
    "comment rescue ensure else elsif heredoc_body block_parameters exceptions function_definition "
    "class_definition decorated_definition method class type_declaration empty_statement global_statement "
    "nonlocal_statement import_statement import_from_statement"
)
_OPPOSITE = {"==": "!=", "===": "!==", "<": ">=", "<=": ">", "is": "is not", "in": "not in", "=~": "!~"}
OPPOSITE = _OPPOSITE | {value: key for key, value in _OPPOSITE.items()}
_REST = re.compile(r"[ \t]*((#|//).*|/\*[^\n]*\*/[ \t]*)?\r?$")


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands."""

    node: Node
    left: Node
    operator: Node
    right: Node


@dataclass(frozen=True, slots=True)
class If:
    """A condition with its branches; `alternative` is None where there is no else."""

    node: Node
    condition: Node
    consequence: Node
    alternative: Node | None


def replace(node: Node, text: str) -> Edit:
    """Put `text` in the node's place."""
    return Edit(node.start_byte, node.end_byte, text)


def binaries(syntax: Syntax, within: Node) -> Iterator[Binary]:
    """Binary operations below `within`, without those that hold a parse error."""
    for match in syntax.matches("binary", within):
        parts = [match[name][0] for name in ("binary", "left", "operator", "right") if match.get(name)]
        if len(parts) == 4 and not parts[0].has_error:
            yield Binary(*parts)


def ifs(syntax: Syntax, within: Node) -> list[If]:
    """Conditional statements below `within`, each once, in the order of the text."""
    found: dict[int, If] = {}
    for match in syntax.matches("conditions", within):
        node, alternative = match["if"][0], match.get("alternative")
        one = If(node, match["condition"][0], match["consequence"][0], alternative[0] if alternative else None)
        if not node.has_error and (node.id not in found or found[node.id].alternative is None):
            found[node.id] = one
    return list(found.values())


def sequences(syntax: Syntax, within: Node) -> list[list[Node]]:
    """Runs of statements that share a block below `within`; documentation strings are left out."""
    runs: dict[int, list[Node]] = {}
    for node in syntax.nodes("statements", "statement", within):
        if node.type in _NOT_STATEMENTS or node.parent is None or node.has_error:
            continue
        if (
            node.type == "expression_statement"
            and node.named_child_count == 1
            and node.named_children[0].type
            in (
                "string",
                "concatenated_string",
            )
        ):
            continue
        runs.setdefault(node.parent.id, []).append(node)
    return list(runs.values())


def exits(syntax: Syntax, node: Node) -> bool:
    """Whether a statement leaves its block for good."""
    if node.type in EXITS:
        return True
    if node.type in ("expression_statement", "if_modifier", "unless_modifier"):
        return False
    return node.type == "call" and re.match(r"(raise|fail|throw)\b", syntax.text(node)) is not None


def branch(syntax: Syntax, node: Node) -> list[Node]:
    """Statements of a branch: those of its block, or the one that stands there without a block."""
    runs = [run for run in sequences(syntax, node) if run[0].start_byte >= node.start_byte]
    direct = [run for run in runs if _holds(node, run[0])]
    if direct:
        return direct[0]
    blocks = syntax.nodes("blocks", "block", node)
    return [] if any(block.id == node.id for block in blocks) else [node]


def _holds(node: Node, statement: Node) -> bool:
    parent = statement.parent
    while parent is not None and parent.type in ("statement_list",) and parent.id != node.id:
        parent = parent.parent
    if parent is None:
        return False
    return parent.id == node.id or (parent.parent is not None and parent.parent.id == node.id)


def line_start(data: bytes, position: int) -> int:
    """Start of the line that holds the byte `position`."""
    return data.rfind(b"\n", 0, position) + 1


def line_end(data: bytes, position: int) -> int:
    """End of the line that holds the byte `position`, without its line break."""
    end = data.find(b"\n", position)
    if end < 0:
        return len(data)
    return end - data[position:end].endswith(b"\r")


def break_before(data: bytes, position: int) -> int:
    """Start of the line break before the line of the byte `position`; 0 on the first line."""
    start = line_start(data, position)
    return max(0, start - 1 - data[: max(0, start - 1)].endswith(b"\r"))


def indentation(data: bytes, position: int) -> str:
    """White space that starts the line of the byte `position`."""
    start = line_start(data, position)
    line = data[start : line_end(data, position)].decode("utf-8", "replace")
    return line[: len(line) - len(line.lstrip(" \t"))]


def owns_lines(data: bytes, start: int, end: int) -> bool:
    """Whether nothing but white space and a trailing comment shares the lines of `start:end`."""
    before = data[line_start(data, start) : start]
    after = data[end : line_end(data, end)].decode("utf-8", "replace")
    return not before.strip() and _REST.match(after) is not None


def step(syntax: Syntax, function: Function) -> str:
    """One level of indentation as the function writes it; four spaces where it shows none."""
    outer = indentation(syntax.data, function.node.start_byte)
    for run in sequences(syntax, function.body):
        if owns_lines(syntax.data, run[0].start_byte, run[0].end_byte):
            inner = indentation(syntax.data, run[0].start_byte)
            if inner.startswith(outer) and len(inner) > len(outer):
                return inner[len(outer) :]
    return "    "


def deletion(syntax: Syntax, node: Node, comment: bool = True) -> Edit | None:
    """Delete a statement: its whole lines, the comment right above, and a blank line that would be left double.

    None where the statement shares a line with other code.

    Args:
        syntax: the parsed text.
        node: the statement.
        comment: whether the comment above goes with it.
    """
    data = syntax.data
    if not owns_lines(data, node.start_byte, node.end_byte):
        return None
    start, end = line_start(data, node.start_byte), line_end(data, node.end_byte)
    comments = {c.end_byte: c for c in syntax.nodes("comments", "comment")}
    while comment and start > 0:
        ends = (break_before(data, start), start - 1, start)
        above = next((comments[place] for place in ends if place in comments), None)
        if above is None or not owns_lines(data, above.start_byte, above.end_byte):
            break
        start = line_start(data, above.start_byte)
    if start == 0:
        return None
    previous = data[line_start(data, start - 1) : start - 1]
    following = data[end:].split(b"\n", 2)[1:2]
    if not previous.strip() and b"".join(following).strip() in (b"", b"}", b"end") and start > 1:
        start = line_start(data, start - 1)
    return Edit(break_before(data, start), end, "")


def insertion_after(syntax: Syntax, node: Node, text: str) -> Edit | None:
    """Add the line `text` after a statement, indented as it is; None where the statement shares a line."""
    data = syntax.data
    if not owns_lines(data, node.start_byte, node.end_byte):
        return None
    end = line_end(data, node.end_byte)
    return Edit(end, end, newline(syntax) + indentation(data, node.start_byte) + text)


def insertion_before(syntax: Syntax, node: Node, text: str) -> Edit | None:
    """Add the line `text` before a statement, indented as it is; None where the statement shares a line."""
    data = syntax.data
    if not owns_lines(data, node.start_byte, node.end_byte):
        return None
    indent = indentation(data, node.start_byte)
    return Edit(node.start_byte, node.start_byte, text + newline(syntax) + indent)


def reindented(syntax: Syntax, start: int, end: int, more: str) -> str | None:
    """Whole lines `start:end` moved in by `more`; None where a text literal runs over a line break."""
    for node in syntax.nodes("strings", "string"):
        if node.start_byte < end and node.end_byte > start and b"\n" in syntax.data[node.start_byte : node.end_byte]:
            return None
    lines = syntax.data[start:end].decode("utf-8", "replace").split("\n")
    return "\n".join(more + line if line.strip() and not line.startswith("#") else line for line in lines)


def newline(syntax: Syntax) -> str:
    """How the text ends its lines."""
    return "\r\n" if b"\r\n" in syntax.data else "\n"


def written(syntax: Syntax, text: str) -> str:
    """`text` with its line breaks as the code around it has them."""
    return re.sub(r"\r?\n", newline(syntax), text)


def core(node: Node) -> Node | None:
    """A condition without the brackets around it; None where it declares a name."""
    while node.type in _WRAPPERS:
        inside = [child for child in node.named_children if child.type != "comment"]
        if len(inside) != 1:
            return None
        node = inside[0]
    return None if node.has_error or declares(node) else node


def declares(node: Node) -> bool:
    """Whether an expression declares a name that later code may use."""
    return any(child.type in _DECLARES for child, _ in walk(node))


def operand(node: Node) -> Node | None:
    """What a logical negation negates; None for any other node."""
    if node.type not in NEGATIONS or not node.children or node.children[0].type not in ("!", "not"):
        return None
    return node.children[-1]


def words(language: str) -> tuple[str, str, str]:
    """How a language writes not, and, or (`not` with the space that it needs)."""
    return ("not ", "and", "or") if language == "Python" else ("!", "&&", "||")


def negation(syntax: Syntax, node: Node) -> str:
    """The opposite of a condition, as one would write it."""
    inner = operand(node)
    if inner is not None:
        stripped = core(inner) if inner.type in _WRAPPERS else inner
        return syntax.text(stripped or inner)
    for one in binaries(syntax, node):
        if one.node.id == node.id and syntax.text(one.operator) in OPPOSITE:
            sign = OPPOSITE[syntax.text(one.operator)]
            data = syntax.data
            return (
                data[node.start_byte : one.operator.start_byte]
                + sign.encode()
                + data[one.operator.end_byte : node.end_byte]
            ).decode("utf-8", "replace")
    return denied(syntax, node)


def denied(syntax: Syntax, node: Node) -> str:
    """A condition with a negation put before it."""
    text = syntax.text(node)
    no = words(syntax.language)[0]
    command = node.type == "call" and not text.endswith(")") and " " in text
    return no + text if node.type in SIMPLE and not command else f"{no}({text})"


def ending(syntax: Syntax) -> str:
    """What ends a statement in this text: a semicolon where most statements have one, else nothing."""
    statements = syntax.nodes("statements", "statement")
    plain = [n for n in statements if not n.type.startswith(("if", "for", "while", "switch", "try", "do"))]
    closed = sum(syntax.data[n.start_byte : n.end_byte].rstrip().endswith(b";") for n in plain)
    return ";" if closed * 2 > len(plain) else ""
