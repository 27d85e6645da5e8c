"""Functions of a file with their documentation, and a function's code cut out to stand alone."""

import re
from bisect import bisect_right
from dataclasses import dataclass

from tree_sitter import Node

from parsers.documentation import is_header, plain_comment, plain_docstring
from parsers.language import Language, languages
from parsers.syntax import Function, Syntax, error_bytes, parse
from schemas.errors import ParseRefused

_BOM = b"\xef\xbb\xbf"
_TAB = 8  # columns, where a file mixes tabs and spaces


@dataclass(frozen=True, slots=True)
class Snippet:
    """One function parsed on its own, in the wrapper that its language needs (a method needs a class around it).

    Attributes:
        syntax: the parse of prefix + code + suffix.
        function: the function, in coordinates of `syntax.data`.
        offset: bytes of the prefix.
        tail: bytes of the suffix.
    """

    syntax: Syntax
    function: Function
    offset: int
    tail: int


def functions(syntax: Syntax) -> list[Function]:
    """Every function of the file that has a name and a body, in the order of the text; an outer one before its inner.

    The definition is the widest node that holds just this function: with its decorators, `export` or `template <>`.
    """
    widest: dict[int, dict[str, list[Node]]] = {}
    for match in syntax.matches("functions"):
        body = match["body"][0].id
        known = widest.get(body)
        if known is None or _size(match["function"][0]) > _size(known["function"][0]):
            widest[body] = match
    ordered = sorted(widest.values(), key=lambda m: (m["function"][0].start_byte, -m["function"][0].end_byte))
    if not ordered:
        return []
    comments = syntax.nodes("comments", "comment")
    leading = _last_rows(syntax, comments)
    docstrings = {
        match["body"][0].id: match["docstring"][0] for match in syntax.matches("docstrings") if "body" in match
    }
    return [_function(syntax, match, comments, leading, docstrings) for match in ordered]


def snippet(syntax: Syntax, function: Function) -> str | None:
    """The function's code with its leading documentation, common indentation removed; None where it is irregular.

    What a string literal holds is left as it is, save a docstring's indentation. Irregular is: other code before a
    function of several lines, a line that is indented less than the first, or bytes that are not UTF-8.
    """
    start, end = function.span
    indent = _indent(syntax.data, start)
    lines = syntax.data[start:end].split(b"\n")
    if indent is None:
        if len(lines) > 1:
            return None
        indent = b""
    quoted, docstring = _quoted_lines(syntax, function) if indent else (set(), set())
    cut = [lines[0]]
    offset = start + len(lines[0]) + 1
    for line in lines[1:]:
        shorter = line if offset in quoted else _dedented(line, indent, languages()[syntax.language])
        if shorter is None and offset in docstring:
            shorter = line
        if shorter is None:
            return None
        cut.append(shorter)
        offset += len(line) + 1
    try:
        return b"\n".join(cut).decode("utf-8")
    except UnicodeDecodeError:
        return None


def _dedented(line: bytes, indent: bytes, language: Language) -> bytes | None:
    """A line without `indent`; None where it is indented less. Comments and preprocessor lines may stand anywhere."""
    if line.startswith(indent):
        return line[len(indent) :]
    bare = line.lstrip(b" \t")
    if not bare.strip() or bare.startswith((b"#", language.line_comment.encode())):
        return bare
    if language.indentation_is_syntax:
        return None
    missing = len(indent.expandtabs(_TAB)) - len(line[: len(line) - len(bare)].expandtabs(_TAB))
    return b" " * -missing + bare if missing <= 0 else None


def parse_snippet(language: str, code: str) -> Snippet:
    """Parse one function on its own, bare or in the language's wrapper, whichever leaves fewer error bytes.

    The function's span covers the code, white space around it aside.

    Raises:
        ParseRefused: outside the bounds, or `no_function` where the code is not one function.
    """
    best: tuple[int, Snippet] | None = None
    for prefix, suffix in languages()[language].wrappers:
        found = _in_wrapper(language, code, prefix, suffix)
        if found is None:
            continue
        errors = error_bytes(found.syntax.root)
        if best is None or errors < best[0]:
            best = (errors, found)
        if errors == 0:
            break
    if best is None:
        raise ParseRefused("no_function", f"no {language} {languages()[language].function_word} covers the code")
    return best[1]


def _in_wrapper(language: str, code: str, prefix: str, suffix: str) -> Snippet | None:
    syntax = parse(language, prefix + code + suffix)
    offset, tail = len(prefix.encode("utf-8")), len(suffix.encode("utf-8"))
    inner = syntax.data[offset : len(syntax.data) - tail]
    start = offset + len(inner) - len(inner.removeprefix(_BOM).lstrip())
    end = offset + len(inner.rstrip())
    for function in functions(syntax):
        if offset <= function.span[0] <= start and function.span[1] >= end:
            return Snippet(syntax, function, offset, tail)
        if function.span[0] > start:
            break
    return None


def _function(
    syntax: Syntax,
    match: dict[str, list[Node]],
    comments: list[Node],
    leading: dict[int, Node],
    docstrings: dict[int, Node],
) -> Function:
    node, body = match["function"][0], match["body"][0]
    block = _comments_above(syntax, node, leading)
    start = block[0].start_byte if block else node.start_byte
    doc, doc_span = "", None
    docstring = docstrings.get(body.id)
    if docstring is not None:
        doc = plain_docstring(syntax.text(docstring))
        doc_span = (docstring.start_byte, docstring.end_byte)
    if not doc and block:
        end = block[-1].end_byte
        doc = plain_comment(syntax.data[start:end].decode("utf-8", "replace"))
        doc_span = (start, start + len(syntax.data[start:end].rstrip()))
    until = match["until"][0] if "until" in match else body
    return Function(
        name=syntax.text(match["name"][0]),
        node=node,
        body=body,
        span=(start, node.end_byte),
        signature=_signature(syntax, node.start_byte, until.start_byte, comments),
        doc=doc,
        doc_span=doc_span if doc else None,
    )


def _signature(syntax: Syntax, start: int, end: int, comments: list[Node]) -> str:
    """Text between two offsets without comments, white space folded, and without what only opens the body."""
    parts = []
    for comment in comments[bisect_right(comments, start, key=lambda c: c.start_byte) :]:
        if comment.start_byte >= end:
            break
        parts.append(syntax.data[start : comment.start_byte])
        start = comment.end_byte
    parts.append(syntax.data[start:end])
    folded = " ".join(b" ".join(parts).decode("utf-8", "replace").split()).replace(" ,", ",")
    return re.sub(r"\s*(:|(?<![=!<>])=|;)$", "", folded)


def _comments_above(syntax: Syntax, node: Node, leading: dict[int, Node]) -> list[Node]:
    """Comments that stand directly above a node: one after the other, no blank line, same indentation, no header."""
    indent = _indent(syntax.data, node.start_byte)
    if indent is None:
        return []
    block: list[Node] = []
    row = node.start_point.row
    while (comment := leading.get(row - 1)) is not None:
        if _indent(syntax.data, comment.start_byte) != indent or is_header(syntax.text(comment)):
            break
        block.append(comment)
        row = comment.start_point.row
    return block[::-1]


def _last_rows(syntax: Syntax, comments: list[Node]) -> dict[int, Node]:
    """Comments by the row that their text ends on; only those that stand first and alone on their lines."""
    rows = {}
    for comment in comments:
        text = syntax.data[comment.start_byte : comment.end_byte].rstrip()
        after = comment.start_byte + len(text)
        stop = syntax.data.find(b"\n", after)
        alone = not syntax.data[after : stop if stop >= 0 else None].strip()
        if alone and _indent(syntax.data, comment.start_byte) is not None:
            rows[comment.start_point.row + text.count(b"\n")] = comment
    return rows


def _quoted_lines(syntax: Syntax, function: Function) -> tuple[set[int], set[int]]:
    """Offsets of the lines that begin inside a string literal, and of those that begin inside a docstring."""
    docstrings = _line_starts(syntax, syntax.nodes("docstrings", "docstring", function.node))
    strings = _line_starts(syntax, syntax.nodes("strings", "string", function.node))
    return strings - docstrings, docstrings


def _line_starts(syntax: Syntax, nodes: list[Node]) -> set[int]:
    found = set()
    for node in nodes:
        if syntax.data[: node.start_byte].endswith(b"\n"):  # a heredoc's text starts on a line of its own
            found.add(node.start_byte)
        at = syntax.data.find(b"\n", node.start_byte, node.end_byte)
        while at >= 0:
            found.add(at + 1)
            at = syntax.data.find(b"\n", at + 1, node.end_byte)
    return found


def _indent(data: bytes, offset: int) -> bytes | None:
    """White space between the line's start and `offset`; None where something else stands there."""
    before = data[data.rfind(b"\n", 0, offset) + 1 : offset].removeprefix(_BOM)
    return before if not before.strip() else None


def _size(node: Node) -> int:
    return node.end_byte - node.start_byte
