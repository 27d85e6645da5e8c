"""How a file is laid out in rows: what stands together, and what stands around it.

A *frame* is a node that holds members which can stand without each other: a class, a namespace, an `#ifdef`. Its own
rows are its head (`class A {`) and its foot (`}`). A *unit* is a run of rows that only makes sense whole: a member
that is no frame, with the comment directly above it, or a frame's head, or its foot.
"""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from tree_sitter import Node

from parsers.documentation import is_header
from parsers.syntax import Syntax

Rows = tuple[int, int]
"""Rows of a text, half-open, counted from 0."""


@dataclass(slots=True)
class Layout:
    """The rows of a file. Treated as frozen once it is made.

    Attributes:
        units: the unit of each row; a blank row is its own.
        owner: index of the innermost frame around each row; -1 for none.
        frames: of each frame, the index of the frame around it (-1 for none) and its own rows.
        imports: rows that import, include or name the file's package, in order.
    """

    units: list[Rows]
    owner: list[int]
    frames: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    imports: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Marks:
    """What the language's queries say of nodes, by the nodes' ids.

    Attributes:
        bodies: frames, and where their members are.
        labels: nodes that hold for the members after them, such as `private:`.
        always: imports, and the file's package.
    """

    bodies: dict[int, Node]
    labels: set[int]
    always: set[int]


def layout(syntax: Syntax, *, inner: bool = False, comments: bool = True) -> Layout:
    """The layout of a parsed file.

    Args:
        syntax: the file.
        comments: whether the comment directly above a member belongs to it.
        inner: look further into large members: a function that holds functions counts as a frame, and one that does
            not parse (macros, `#ifdef` across braces) is taken apart by its lines.
    """
    lines = syntax.data.split(b"\n")
    count = len(lines)
    found = Layout([(row, row + 1) for row in range(count)], [-1] * count)
    marks = _marks(syntax, inner)
    spans: list[Rows] = []
    stack: list[tuple[Node, list[Node], int, int]] = [(syntax.root, _members(syntax.root), -1, 0)]
    while stack:
        body, members, owner, taken = stack.pop()
        within, until = owner, body.end_point.row + 1
        for rows, member in _items(syntax, members, taken, marks, comments):
            if member.id in marks.labels:
                within = _add_frame(found, owner, (rows,), (rows[0], until))
                spans.append(rows)
            elif member.id in marks.bodies:
                inside = marks.bodies[member.id]
                head, foot = _own_rows(member, inside)
                own = () if _unclosed(member, inside) else (head, foot)
                members = _members(inside) if inside.id == member.id else _ahead(inside) + _members(inside)
                stack.append((inside, members, _add_frame(found, within, own, rows), head[1]))
                spans += [head, foot]
            elif inner and member.has_error:
                spans += _blocks(lines, rows)
            else:
                spans.append(rows)
            if member.id in marks.always:
                found.imports += range(*rows)
    for start, end in _merged(spans):
        found.units[start:end] = [(start, end)] * (end - start)
    found.imports.sort()
    return found


def _marks(syntax: Syntax, inner: bool) -> _Marks:
    bodies: dict[int, Node] = {}
    for match in syntax.matches("frames"):
        for frame in match.get("frame", []):
            body = match.get("body", [frame])[0]
            if frame.id not in bodies or _size(body) > _size(bodies[frame.id]):
                bodies[frame.id] = body
    if inner:
        for node, body in _holders(syntax):
            bodies.setdefault(node.id, body)
    labels = {node.id for node in syntax.nodes("frames", "label")}
    always = syntax.nodes("imports", "import") + syntax.nodes("frames", "always")
    return _Marks(bodies, labels, {node.id for node in always})


def _holders(syntax: Syntax) -> list[tuple[Node, Node]]:
    """Functions and blocks of code that hold a function, and their bodies."""
    starts = sorted((node.start_byte, node.end_byte) for node in syntax.nodes("functions", "body"))
    found = []
    for match in [*syntax.matches("functions"), *syntax.matches("frames")]:
        for node in [*match.get("function", []), *match.get("wrapper", [])]:
            body = match["body"][0]
            first = bisect_right(starts, (body.start_byte, body.end_byte))
            if first < len(starts) and starts[first][1] <= body.end_byte:
                found.append((node, body))
    return found


def _items(
    syntax: Syntax, members: list[Node], taken: int, marks: _Marks, comments: bool
) -> Iterator[tuple[Rows, Node]]:
    """A frame's members with their rows: those of the comment directly above count to a unit, not to a frame or import.

    Args:
        syntax: the file.
        members: of the frame.
        taken: the first row that is not the frame's head.
        marks: of the file.
        comments: whether the comment above belongs to a unit.
    """
    above: Rows | None = None
    for member in members:
        rows = (member.start_point.row, _last_row(member) + 1)
        joined = comments and above is not None and above[1] == rows[0]
        if member.type.endswith("comment"):
            start = above[0] if above is not None and joined else rows[0]
            above = None if rows[0] < taken or is_header(syntax.text(member)) else (start, rows[1])
        else:
            if above is not None and joined and member.id not in marks.bodies and member.id not in marks.always:
                rows = (above[0], rows[1])
            above = None
        taken = max(taken, rows[1])
        yield rows, member


def _members(body: Node) -> list[Node]:
    """Named children of a frame's body, less what belongs to its head."""
    return [
        child
        for i, child in enumerate(body.children)
        if child.is_named and body.field_name_for_child(i) not in ("name", "condition")
    ]


def _ahead(body: Node) -> list[Node]:
    """Comments between a frame's head and its body; some grammars put the first member's there."""
    found = []
    before = body.prev_sibling
    while before is not None and before.type.endswith("comment"):
        found.append(before)
        before = before.prev_sibling
    return found[::-1]


def _own_rows(frame: Node, body: Node) -> tuple[Rows, Rows]:
    """Rows of a frame's head and foot; the foot is empty where there is none."""
    first, last = frame.start_point.row, _last_row(frame)
    members = {member.id for member in _members(body)}
    head, foot = first, last + 1
    before = (_ahead(body) or [body])[0].prev_sibling
    if before is not None and before.start_byte >= frame.start_byte and body.id != frame.id:
        head = before.end_point.row
    children = body.children
    for child in children:
        if child.id in members:
            break
        head = max(head, child.start_point.row)
    closing = children[-1] if children and not children[-1].is_named else body.next_sibling
    if closing is not None and closing.end_byte <= frame.end_byte and closing.start_point.row > head:
        foot = closing.start_point.row
    return (first, head + 1), (min(foot, last + 1), last + 1)


def _unclosed(frame: Node, body: Node) -> bool:
    """Whether a frame that is its own body, such as an `#ifdef`, or one that it is a branch of, lacks its end.

    The parser takes it for longer than it is, so its rows do not belong to what seems to be in it.
    """
    node: Node | None = frame
    while node is not None and body.id == frame.id and node.parent is not None:
        if any(child.is_missing for child in node.children):
            return True
        node = node.parent
    return False


def _add_frame(found: Layout, parent: int, own: tuple[Rows, ...], rows: Rows) -> int:
    """Note a frame, and that it is around `rows`; frames come outermost first."""
    found.frames.append((parent, tuple(row for part in own for row in range(*part))))
    index = len(found.frames) - 1
    found.owner[slice(*rows)] = [index] * (rows[1] - rows[0])
    return index


def _last_row(node: Node) -> int:
    """The row of a node's last character; a node may end at the start of the row below."""
    return max(node.start_point.row, node.end_point.row - (node.end_point.column == 0))


def _blocks(lines: list[bytes], rows: Rows) -> list[Rows]:
    """Rows that do not parse, apart: from a brace that opens at the margin to one that closes there, else by blanks.

    A block begins with the rows above its brace, up to a blank one.
    """
    found: list[Rows] = []
    start: int | None = None
    inside = False
    for row in range(*rows):
        line = lines[row].rstrip()
        if not inside and not line:
            found += [] if start is None else [(start, row)]
            start = None
            continue
        start = row if start is None else start
        if line.startswith(b"}"):
            found.append((start, row + 1))
            start, inside = None, False
        elif line.endswith(b"{") and not line[:1].isspace() and not line.startswith(b"#"):
            inside = True
    return found if start is None else [*found, (start, rows[1])]


def _merged(spans: list[Rows]) -> list[Rows]:
    """Spans, those that share a row as one."""
    merged: list[Rows] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _size(node: Node) -> int:
    return node.end_byte - node.start_byte
