"""Copies under other names: a fingerprint that clones of type 1 and type 2 share.

What is compared is the tree: the grammar's names of its nodes, without comments, docstrings, layout and the marks that
only separate (a comma, a semicolon). Names are numbered by first occurrence, so that renaming one throughout changes
nothing and swapping two in one place does. A literal stands for its kind; what a string interpolates is compared as
code. A language needs nothing for this but the queries that it has.
"""

import re
from functools import cache
from hashlib import blake2b
from typing import TypeAlias

from tree_sitter import Node

from parsers.language import FOLDER, grammar, languages
from parsers.parsed import parsed
from parsers.syntax import Syntax
from schemas.errors import ParseRefused

MIN_TOKENS = 50
"""Leaves below which equal trees say nothing: getters, wrappers and guards are written again and again."""

_DROPPED, _NAME, _LITERAL, _CODE = range(4)

_SEPARATORS = {",", ";", "\n", "\r\n", "line_continuation"}
_NAMES = re.compile(r"(symbol|type|identifier|parameter)$|^ERROR$")
_LITERALS = re.compile(
    r"string$|regex$|heredoc_body$|(string|char|character|boolean|rune)_literal$|^(true|false|character)$"
    r"|^(bare|delimited)_symbol$"
)
_INSIDE = re.compile(r"string$|string_literal$|^(string_)?interpolation$|substitution$")
_BOOLEAN = {"true", "false", "boolean_literal"}

_Kind: TypeAlias = tuple[int, bytes, bool]
"""Of a kind of node: what is done with it, what stands for it, and whether a literal keeps it as its part."""


def clone_key(language: str, text: str, min_tokens: int = MIN_TOKENS) -> str | None:
    """A fingerprint that two texts share where one is the other with other names, literals, comments and layout.

    Equal keys mean equal trees, up to collisions of 128 bits. The types that a language has by itself count as names
    where the grammar gives them as one word (Roy & Cordy 2007, types 1 and 2).

    Args:
        language: its name; one without a grammar, such as plain text, has no keys.
        text: a function, some of them, or a file.
        min_tokens: leaves that the tree must have, marks that separate left out and each literal taken as one.

    Returns:
        32 hexadecimal digits; None for less code than that, and for a text that is refused by the parser.
    """
    if language not in languages():
        return None
    try:
        syntax = parsed(language, text)
    except ParseRefused:
        return None
    parts, leaves = _parts(syntax)
    if leaves < min_tokens:
        return None
    return blake2b(b"\0".join((language.encode(), *parts)), digest_size=16).hexdigest()


def _parts(syntax: Syntax) -> tuple[list[bytes], int]:
    """The tree in preorder, each inner node with how many children it has, and the number of leaves. Iterative."""
    kinds, data = _kinds(syntax.language), syntax.data
    left_out = {_alone(node).id for node in syntax.nodes("docstrings", "docstring")}
    numbers: dict[bytes, bytes] = {}
    parts: list[bytes] = []
    leaves = 0
    stack = [syntax.root]
    while stack:
        node = stack.pop()
        role, name, _ = kinds[node.kind_id]
        inner = _inner(node, role, kinds)
        if left_out:
            inner = [child for child in inner if child.id not in left_out]
        parts.append(name)
        if inner:
            parts.append(b"%d" % len(inner))
            inner.reverse()
            stack += inner
            continue
        leaves += 1
        if node.child_count or role == _LITERAL:
            continue
        if role == _NAME:
            text = data[node.start_byte : node.end_byte].lstrip(b":")
            parts.append(numbers.setdefault(text, b"#%d" % len(numbers)))
        elif node.is_named:
            parts.append(b" ".join(data[node.start_byte : node.end_byte].split()))
    return parts, leaves


def _alone(node: Node) -> Node:
    """The statement that is nothing but this node, or the node."""
    parent = node.parent
    return parent if parent is not None and parent.child_count == 1 else node


def _inner(node: Node, role: int, kinds: dict[int, _Kind]) -> list[Node]:
    """Children that count: of a literal only nested literals and what it interpolates."""
    if role == _LITERAL:
        return [child for child in node.children if kinds[child.kind_id][2]]
    return [child for child in node.children if kinds[child.kind_id][0] != _DROPPED]


@cache
def _kinds(language: str) -> dict[int, _Kind]:
    """What to do with each kind of node, by its number in the grammar. ERROR has the largest 16-bit number."""
    comments, strings, numbers, identifiers = (
        _captured(language, concept) for concept in ("comments", "strings", "numbers", "identifiers")
    )
    table = grammar(language)
    found = {}
    for number in (*range(table.node_kind_count), 0xFFFF):
        kind = table.node_kind_for_id(number) or ""
        named = number == 0xFFFF or table.node_kind_is_named(number)
        name = "boolean" if kind in _BOOLEAN else kind if named else f"'{kind}"
        if kind in comments or kind in _SEPARATORS:
            role = _DROPPED
        elif not named:
            role = _CODE
        elif kind in strings or kind in numbers or _LITERALS.search(kind):
            role = _LITERAL
        elif kind in identifiers or _NAMES.search(kind):
            role = _NAME
        else:
            role = _CODE
        found[number] = role, name.encode(), named and bool(_INSIDE.search(kind))
    return found


def _captured(language: str, concept: str) -> set[str]:
    """The kinds of node that the query of a concept names."""
    path = FOLDER / languages()[language].folder / f"{concept}.scm"
    return set(re.findall(r"\((\w+)\)", path.read_text(encoding="utf-8"))) if path.is_file() else set()
