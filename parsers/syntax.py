"""Text to syntax: parse within bounds, and ask the tree. Walks are iterative; a hostile text ends in `ParseRefused`."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node, Parser, QueryCursor, Tree

from parsers.language import grammar, languages, query
from schemas.errors import ParseRefused
from schemas.provenance import Span

MAX_BYTES = 1_000_000
MAX_LINE_BYTES = 20_000
MAX_DEPTH = 400
TIMEOUT_S = 5.0
MAX_OPEN = 1_000
READ_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Syntax:
    """A parsed text. Not picklable: it lives within one call.

    Attributes:
        language: name of the language.
        data: the UTF-8 bytes that were parsed; spans index into them.
        tree: the tree-sitter tree.
        asked: matches of the queries asked so far, by concept and node; many operators ask the same.
    """

    language: str
    data: bytes
    tree: Tree
    asked: dict[tuple[str, int], list[dict[str, list[Node]]]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def root(self) -> Node:
        """The tree's root."""
        return self.tree.root_node

    def text(self, node: Node) -> str:
        """The source text of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def matches(self, concept: str, within: Node | None = None) -> list[dict[str, list[Node]]]:
        """Matches of the language's query `concept`, in the order of the text; empty where it has no such query.

        Args:
            concept: name of a `.scm` file of the language.
            within: search below this node only.
        """
        node = within or self.root
        key = (concept, node.id)
        if key not in self.asked:
            found = query(self.language, concept)
            matches = [] if found is None else [captures for _, captures in QueryCursor(found).matches(node)]
            self.asked[key] = sorted(matches, key=lambda captures: min(n[0].start_byte for n in captures.values()))
        return self.asked[key]

    def nodes(self, concept: str, capture: str, within: Node | None = None) -> list[Node]:
        """Nodes captured as `capture` by the query `concept`, each once, in the order of the text."""
        found = {n.id: n for match in self.matches(concept, within) for n in match.get(capture, [])}
        return sorted(found.values(), key=lambda n: (n.start_byte, -n.end_byte))


@dataclass(frozen=True, slots=True)
class Function:
    """A function with its documentation.

    Attributes:
        name: as written.
        node: the whole definition, decorators and modifiers included.
        body: its body.
        span: byte range of the definition with its leading documentation comment.
        signature: text from the definition's start to its body, white space folded.
        doc: documentation without comment marks; empty where there is none.
        doc_span: byte range of the documentation; None where there is none.
    """

    name: str
    node: Node
    body: Node
    span: Span
    signature: str
    doc: str
    doc_span: Span | None


def parse(language: str, text: str | bytes) -> Syntax:
    """Parse `text`, within bounds on size, line length, nesting and time. A byte order mark is kept, and skipped.

    Raises:
        ParseRefused: `lone_surrogate`, `nul_bytes`, `too_large`, `line_too_long`, `too_deep` or `parse_timeout`.
    """
    data = _bounded(text)
    _check_open(language, data)
    tree = _tree(_own.parser(language), data)
    deepest = depth(tree.root_node)
    if deepest > MAX_DEPTH:
        raise ParseRefused("too_deep", f"{deepest} levels, at most {MAX_DEPTH}")
    return Syntax(language, data, tree)


def _bounded(text: str | bytes) -> bytes:
    """The bytes of a text whose size and lines are within bounds."""
    if len(text) > MAX_BYTES:
        raise ParseRefused("too_large", f"{len(text)} bytes or characters, at most {MAX_BYTES} bytes")
    try:
        data = text.encode("utf-8") if isinstance(text, str) else text
    except UnicodeEncodeError as error:
        raise ParseRefused("lone_surrogate", f"no UTF-8 form for the character at {error.start}") from None
    if len(data) > MAX_BYTES:
        raise ParseRefused("too_large", f"{len(data)} bytes, at most {MAX_BYTES}")
    if b"\0" in data:
        raise ParseRefused("nul_bytes", "the text holds a NUL byte")
    longest = max(map(len, data.split(b"\n")))
    if longest > MAX_LINE_BYTES:
        raise ParseRefused("line_too_long", f"a line of {longest} bytes, at most {MAX_LINE_BYTES}")
    return data


def _check_open(language: str, data: bytes) -> None:
    """Refuse long runs of unclosed brackets before they are parsed.

    A grammar with type arguments takes memory with the square of the open `<` (3 GB at 20,000 in C#).
    """
    _check_run(data, b"([{", re.compile(rb"[()\[\]{}]"), b"")
    if languages()[language].angle_brackets:
        _check_run(data, b"<", re.compile(rb"[<>;{}]"), b";{}")


def _check_run(data: bytes, opening: bytes, marks: re.Pattern[bytes], resetting: bytes) -> None:
    if sum(data.count(bytes((mark,))) for mark in opening) <= MAX_OPEN:
        return
    level = 0
    for found in marks.finditer(data):
        if found[0] in opening:
            level += 1
        else:
            level = 0 if found[0] in resetting else max(0, level - 1)
        if level > MAX_OPEN:
            raise ParseRefused("too_deep", f"more than {MAX_OPEN} open brackets of {opening.decode()!r}")


class _Own(threading.local):
    """What a thread parses with: a parser a language, since none may be used by two threads, and a buffer.

    tree-sitter (0.26) never frees what it is handed to read, so each text would stay in memory. It gets views of one
    buffer, a view a length.
    """

    def __init__(self) -> None:
        self.parsers: dict[str, Parser] = {}
        self.buffer = bytearray(READ_BYTES)
        self.views: dict[int, memoryview] = {}

    def parser(self, language: str) -> Parser:
        if language not in self.parsers:
            self.parsers[language] = Parser(grammar(language))
        return self.parsers[language]

    def show(self, part: bytes) -> memoryview:
        """A view of the buffer that reads like `part`, until the next call."""
        size = len(part)
        self.buffer[:size] = part
        if size not in self.views:
            self.views[size] = memoryview(self.buffer)[:size]
        return self.views[size]


_own = _Own()


def _tree(parser: Parser, data: bytes) -> Tree:
    """Parse within `TIMEOUT_S` of this thread's CPU time, so that a busy machine refuses no more than an idle one.

    The bytes go through a read callable: given a whole byte string, tree-sitter asks for no progress.
    """
    deadline = time.thread_time() + TIMEOUT_S
    parsing = True

    def read(offset: int, _: object) -> bytes | memoryview:
        part = data[offset : offset + READ_BYTES]
        return _own.show(part) if parsing else part  # later the text of nodes is read, which must be bytes

    def late(*_: object) -> bool:
        return time.thread_time() > deadline

    try:
        tree = parser.parse(read, progress_callback=late)
    except ValueError:
        parser.reset()
        raise ParseRefused("parse_timeout", f"no tree after {TIMEOUT_S} s") from None
    parsing = False
    return tree


def walk(node: Node) -> Iterator[tuple[Node, int]]:
    """Every node below and including `node`, in the order of the text, with its level (`node` is 1)."""
    cursor = node.walk()
    level = 1
    while True:
        current = cursor.node
        assert current is not None
        yield current, level
        if cursor.goto_first_child():
            level += 1
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
            level -= 1


def depth(node: Node) -> int:
    """Levels of the tree below and including `node`; a leaf has one."""
    cursor = node.walk()
    down, across, up = cursor.goto_first_child, cursor.goto_next_sibling, cursor.goto_parent
    level = deepest = 1
    while True:
        while down():
            level += 1
        if level > deepest:
            deepest = level
        while not across():
            if not up():
                return deepest
            level -= 1


def error_bytes(node: Node) -> int:
    """Bytes inside ERROR nodes, and one for each missing token; 0 for a clean parse."""
    total = 0
    stack = [node] if node.has_error else []
    while stack:
        current = stack.pop()
        if current.is_missing:
            total += 1
        elif current.is_error:
            total += max(1, current.end_byte - current.start_byte)
        else:
            stack.extend(child for child in current.children if child.has_error)
    return total
