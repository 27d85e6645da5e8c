"""The leaves of two trees around what differs: a comment, a docstring, an import and a string are one leaf each."""

from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node, QueryCursor, TreeCursor

from parsers.language import query
from parsers.syntax import Syntax
from schemas.provenance import Span

CONCEPTS = (("strings", "string"), ("comments", "comment"), ("docstrings", "docstring"), ("imports", "import"))
"""Queries, and their captures that are taken as one leaf each; of two on one node, the later one."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """A leaf of a tree, or a node taken as one.

    Attributes:
        kind: `code`, `string`, `comment`, `docstring` or `import`.
        text: as written; white space folded in code.
        level: depth in the tree, so that a statement moved into another block is another leaf.
        parent: type of the node around it.
    """

    kind: str
    text: str
    level: int
    parent: str


def leaves(syntax: Syntax, span: Span) -> tuple[list[Leaf], Span]:
    """Leaves that overlap `span` in the order of the text, and the span that they cover with it.

    Args:
        syntax: the parsed text.
        span: byte range; the rest of the tree is not walked.
    """
    whole = _whole(syntax, span)
    found = []
    start, end = span
    for node, level in _overlapping(syntax.root.walk(), span, whole):
        kind = whole.get(node.id, "code")
        text = syntax.text(node)
        if text.strip():
            parent = node.parent
            found.append(Leaf(kind, _folded(kind, text), level, parent.type if parent is not None else ""))
            start, end = min(start, node.start_byte), max(end, node.end_byte)
    return found, (start, end)


def _folded(kind: str, text: str) -> str:
    return " ".join(text.split()) if kind == "code" else text


def _whole(syntax: Syntax, span: Span) -> dict[int, str]:
    """Kind by node id, of the nodes around `span` that are taken as one leaf."""
    kinds = {}
    for concept, capture in CONCEPTS:
        asked = query(syntax.language, concept)
        if asked is None:
            continue
        cursor = QueryCursor(asked)
        cursor.set_byte_range(max(0, span[0] - 1), span[1] + 1)
        for node in cursor.captures(syntax.root).get(capture, []):
            kinds[node.id] = capture
    return kinds


def _overlapping(cursor: TreeCursor, span: Span, whole: dict[int, str]) -> Iterator[tuple[Node, int]]:
    """Leaves that overlap `span`, with their levels; iterative."""
    level = 0
    while True:
        node = cursor.node
        assert node is not None
        past = node.start_byte >= span[1]
        wanted = not past and node.end_byte > span[0]
        if wanted and node.id not in whole and cursor.goto_first_child():
            level += 1
            continue
        if wanted:
            yield node, level
        while past or not cursor.goto_next_sibling():
            past = False
            if not cursor.goto_parent():
                return
            level -= 1
