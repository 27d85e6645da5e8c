"""Two texts side by side, line by line, with what differs inside a line marked."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from pipeline.report.text import visible

MAX_LINES = 400
_CONTEXT = 3
_LEAST_FOLDED = 6
_MAX_ALIGNED = 2_500
_MAX_TOKENS = 400
_ALIKE = 0.35
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")

Segment: TypeAlias = tuple[str, bool]
"""A stretch of a line, and whether the other side lacks it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of one side: its number from 1, and its stretches."""

    number: int
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """Lines that stand beside each other; None where a side has none."""

    left: Line | None
    right: Line | None
    same: bool


@dataclass(frozen=True, slots=True)
class Block:
    """Rows that are shown, or folded away because both sides are the same for long."""

    rows: tuple[Row, ...]
    folded: bool


@dataclass(frozen=True, slots=True)
class Diff:
    """Two texts side by side; `cut` counts the lines beyond `MAX_LINES`, of the longer side."""

    blocks: tuple[Block, ...]
    cut: int


def side_by_side(left: str, right: str) -> Diff:
    """Align `left` and `right` line by line."""
    lines = [visible(text).split("\n") for text in (left, right)]
    a, b = (side[:MAX_LINES] for side in lines)
    rows: list[Row] = []
    for tag, i, i_end, j, j_end in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [Row(_plain(i + k, a), _plain(j + k, b), True) for k in range(i_end - i)]
            continue
        for x, y in _aligned(a[i:i_end], b[j:j_end]):
            rows.append(_changed(a, b, None if x is None else i + x, None if y is None else j + y))
    return Diff(tuple(_blocks(rows)), max(0, max(len(side) for side in lines) - MAX_LINES))


def _plain(index: int, lines: Sequence[str]) -> Line:
    return Line(index + 1, ((lines[index], False),))


def _changed(a: Sequence[str], b: Sequence[str], i: int | None, j: int | None) -> Row:
    if i is None or j is None:
        return Row(None if i is None else _plain(i, a), None if j is None else _plain(j, b), False)
    left, right = _marked(a[i], b[j])
    return Row(Line(i + 1, left), Line(j + 1, right), False)


def _marked(a: str, b: str) -> tuple[tuple[Segment, ...], tuple[Segment, ...]]:
    """Stretches of both lines; lines with little in common stay unmarked inside."""
    x, y = _TOKEN.findall(a), _TOKEN.findall(b)
    if max(len(x), len(y)) > _MAX_TOKENS or _alike(a, b) < _ALIKE:
        return ((a, False),), ((b, False),)
    sides: tuple[list[Segment], list[Segment]] = ([], [])
    for tag, i, i_end, j, j_end in difflib.SequenceMatcher(None, x, y, autojunk=False).get_opcodes():
        for side, text in zip(sides, ("".join(x[i:i_end]), "".join(y[j:j_end])), strict=True):
            if text:
                side.append((text, tag != "equal"))
    return tuple(sides[0]), tuple(sides[1])


def _alike(a: str, b: str) -> float:
    """Share of tokens in common (Dice, spaces not counted), 0 to 1."""
    x, y = (Counter(token for token in _TOKEN.findall(text) if not token.isspace()) for text in (a, b))
    total = x.total() + y.total()
    return 2 * (x & y).total() / total if total else 1.0


def _aligned(a: Sequence[str], b: Sequence[str]) -> list[tuple[int | None, int | None]]:
    """Indices of lines that belong beside each other, in order: the alignment with the most in common."""
    n, m = len(a), len(b)
    if n * m > _MAX_ALIGNED:
        longest = max(n, m)
        return [(k if k < n else None, k if k < m else None) for k in range(longest)]
    alike = [[_alike(x, y) for y in b] for x in a]
    best = [[0.0] * (m + 1) for _ in range(n + 1)]
    for i in range(n - 1, -1, -1):
        for j in range(m - 1, -1, -1):
            beside = alike[i][j] + best[i + 1][j + 1] if alike[i][j] >= _ALIKE else 0.0
            best[i][j] = max(beside, best[i + 1][j], best[i][j + 1])
    return list(_walk(alike, best, n, m))


def _walk(alike: list[list[float]], best: list[list[float]], n: int, m: int) -> Iterator[tuple[int | None, int | None]]:
    i = j = 0
    while i < n and j < m:
        if alike[i][j] >= _ALIKE and best[i][j] == alike[i][j] + best[i + 1][j + 1]:
            yield i, j
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield i, None
            i += 1
        else:
            yield None, j
            j += 1
    yield from ((k, None) for k in range(i, n))
    yield from ((None, k) for k in range(j, m))


def _blocks(rows: Sequence[Row]) -> Iterator[Block]:
    """Rows in blocks: a long stretch of equal rows is folded, but for those next to a change and the very first."""
    start = 0
    while start < len(rows):
        end = start
        while end < len(rows) and rows[end].same == rows[start].same:
            end += 1
        after = _CONTEXT if end < len(rows) else 0
        first, last = start + _CONTEXT, end - after
        if rows[start].same and last - first >= _LEAST_FOLDED:
            shown = (rows[start:first], rows[first:last], rows[last:end])
            for part, folded in zip(shown, (False, True, False), strict=True):
                if part:
                    yield Block(tuple(part), folded)
        else:
            yield Block(tuple(rows[start:end]), False)
        start = end
