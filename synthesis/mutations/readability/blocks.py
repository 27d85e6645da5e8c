"""Blocks as text: the statements of a branch as whole lines, and an `if` written out in the style of the code."""

import re
from dataclasses import dataclass

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import layout
from synthesis.mutations.operator import Edit
from synthesis.mutations.readability import rewording

_ELSE = re.compile(r"\s*(else)?\s*:?\s*")
_HEAD = re.compile(r"[\s):]*(then)?\s*$")


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of the text, `start:end` without the last line break, and the statements that stand on them."""

    start: int
    end: int
    statements: list[Node]


def inside(syntax: Syntax, one: layout.If, block: Node) -> Lines | None:
    """The lines of a branch; None where they are shared with brackets, or a comment stands at their edge.

    Args:
        syntax: the parsed text.
        one: the `if` that the branch belongs to.
        block: its consequence, or the block of its else.
    """
    statements = layout.branch(syntax, block)
    if not statements:
        return None
    data, first, last = syntax.data, statements[0], statements[-1]
    if statements == [block] or not layout.owns_lines(data, first.start_byte, last.end_byte):
        return None
    start, end = layout.line_start(data, first.start_byte), layout.line_end(data, last.end_byte)
    if syntax.text(block).startswith("{"):
        before, after = data[block.start_byte + 1 : start], data[end : block.end_byte]
        clean = not before.strip() and after.strip() in (b"", b"}") and before.count(b"\n") == after.count(b"\n") == 1
        return Lines(start, end, statements) if clean else None
    if block.id == one.consequence.id:
        head = data[one.condition.end_byte : start].decode("utf-8", "replace")
        if not _HEAD.match(head):
            return None
    else:
        clause = block.parent if block.parent is not None and block.parent.type == "else_clause" else block
        if not _ELSE.fullmatch(data[clause.start_byte : max(start, clause.start_byte)].decode("utf-8", "replace")):
            return None
    return Lines(start, end, statements) if not data[end : block.end_byte].strip() else None


def else_block(one: layout.If) -> Node | None:
    """The block of a final `else`; None where there is none, or where another `if` follows."""
    other = one.alternative
    if other is None:
        return None
    if other.type == "else_clause":
        found = [c for c in other.named_children if c.type != "comment"]
        other = found[0] if len(found) == 1 else None
    if other is None or other.type in ("if_statement", "elif_clause", "elsif"):
        return None
    return other if other.type == "else" or "block" in other.type or other.type == "compound_statement" else None


def moved(syntax: Syntax, lines: Lines, deep: str, shallow: str) -> str | None:
    """The lines with the indentation `deep` made `shallow`; None where a literal of several lines is among them."""
    if layout.reindented(syntax, lines.start, lines.end, "") is None:
        return None
    made = []
    for line in syntax.data[lines.start : lines.end].decode("utf-8", "replace").split("\n"):
        if line.startswith(deep):
            made.append(shallow + line[len(deep) :])
        elif not line.strip() or line.startswith("#"):
            made.append(line)
        else:
            return None
    return "\n".join(made)


def conditional(syntax: Syntax, one: layout.If, indent: str, condition: str, body: str, other: str = "") -> str:
    """An `if` in the style of `one`; `body` and `other` are whole lines, `indent` stands before the first line."""
    gap, brace = rewording.brace_style(syntax, one)
    line = "\n" + indent
    gap, brace = (" ", " ") if gap == " " else (line, line)
    if syntax.language == "Python":
        return f"if {condition}:\n{body}" + (f"{line}else:\n{other}" if other else "")
    if syntax.language == "Ruby":
        return f"if {condition}\n{body}" + (f"{line}else\n{other}" if other else "") + f"{line}end"
    test = condition if syntax.language == "Go" else f"({condition})"
    head = "if " if re.match(r"if\s", syntax.text(one.node)) or syntax.language == "Go" else "if"
    tail = f"{gap}else{brace}{{\n{other}{line}}}" if other else ""
    return f"{head}{test}{brace}{{\n{body}{line}}}{tail}"


def own(syntax: Syntax, one: layout.If) -> bool:
    """Whether an `if` begins and ends its lines and is no branch of another; no preprocessor line is in it."""
    data = syntax.data
    word = re.match(r"if\b", syntax.text(one.node)) is not None
    plain = not one.node.type.endswith("modifier") and b"\n#" not in data[one.node.start_byte : one.node.end_byte]
    return word and plain and layout.owns_lines(data, one.node.start_byte, one.node.end_byte)


def either(syntax: Syntax, condition: Node, signs: tuple[str, ...]) -> layout.Binary | None:
    """The two sides of a condition that joins them by one of `signs`."""
    for one in layout.binaries(syntax, condition):
        if one.node.id == condition.id and syntax.text(one.operator) in signs:
            return one
    return None


def test(syntax: Syntax, node: Node, outer: bool = True) -> str:
    """A condition's text without the brackets around it where they are not needed."""
    bare = layout.core(node)
    if bare is None or not outer:
        return syntax.text(node)
    return syntax.text(bare)


def holds(node: Node, *words: str) -> bool:
    """Whether a node of a type that contains one of `words` is at or below `node`."""
    return any(word in n.type for n, _ in walk(node) for word in words)


def direct(node: Node, block: Node) -> bool:
    """Whether a statement stands in `block` itself, not in a block inside it."""
    parent = node.parent
    if parent is not None and parent.type == "statement_list":
        parent = parent.parent
    return parent is not None and parent.id == block.id


def deletion(syntax: Syntax, node: Node) -> Edit | None:
    """Delete a statement with its lines, and the blank line after it where it was the first of its block."""
    edit = layout.deletion(syntax, node, comment=False)
    if edit is None:
        return None
    data = syntax.data
    start = layout.line_end(data, edit.end)
    following = data[start:].split(b"\n", 2)[1:2]
    head = data[layout.line_start(data, edit.start) : edit.start].rstrip()
    opens = head.endswith((b"{", b":")) or node.prev_named_sibling is None
    if opens and following and not following[0].strip():
        end = data.index(b"\n", start) + 1 + len(following[0])
        return Edit(edit.start, end - following[0].endswith(b"\r"), edit.text)
    return edit


def step(syntax: Syntax, function: Function) -> str:
    """One level of indentation: the smallest that a run of statements adds to the line of its function or branch."""
    outer, found = layout.indentation(syntax.data, function.node.start_byte), []
    for run in layout.sequences(syntax, function.body):
        inner = layout.indentation(syntax.data, run[0].start_byte)
        if layout.owns_lines(syntax.data, run[0].start_byte, run[0].end_byte) and inner.startswith(outer):
            found.append(inner[len(outer) :])
    steps = sorted((one for one in found if one), key=len)
    return steps[0] if steps else "    "


def even(syntax: Syntax, node: Node) -> bool:
    """Whether the line of a node's closing bracket, where it has one, is indented as the line that it begins on."""
    data, text = syntax.data, syntax.text(node).rstrip()
    if not text.endswith(("}", "end")):
        return True
    end = node.start_byte + len(text.encode())
    return layout.indentation(data, end - 1) == layout.indentation(data, node.start_byte)
