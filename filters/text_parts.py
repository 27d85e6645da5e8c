"""Which characters of a text are prose (comments and strings) and which words are code's."""

import re
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np

from parsers.language import languages
from parsers.parsed import parsed
from parsers.syntax import Syntax
from schemas.errors import ParseRefused
from schemas.provenance import Span

_WORD = re.compile(r"[^\W\d]\w*")
COMMENTS = (("comments", "comment"), ("docstrings", "docstring"))
STRINGS = (("strings", "string"),)
"""Queries and their captures."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What of a text is prose.

    Attributes:
        starts: first character of each stretch of prose, in order.
        ends: one past its last, in the same order.
        words: names in the code; every word, where all is prose.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    words: tuple[str, ...]

    def is_prose(self, at: int) -> bool:
        """Whether the character at `at` is in a comment, in a string, or in a text without code."""
        index = bisect_right(self.starts, at) - 1
        return index >= 0 and at < self.ends[index]


def parts(text: str, language: str | None) -> Parts:
    """The parts of a text; all of it is code where it can't be parsed.

    Args:
        text: any.
        language: the code's; None, or a language without a grammar, for prose.
    """
    if language is None or language not in languages():
        return Parts((0,), (len(text),), tuple(_WORD.findall(text)))
    try:
        syntax = parsed(language, text)
    except ParseRefused:
        return Parts((), (), tuple(_WORD.findall(text)))
    before = _characters(syntax.data)
    found = spans(syntax, *COMMENTS[:1], *STRINGS)
    prose = _merged(sorted((int(before[start]), int(before[end])) for start, end in found))
    words = [syntax.text(node) for node in syntax.nodes("identifiers", "identifier")]
    at = 0
    for start, end in [*prose, (len(text), len(text))]:
        words += _WORD.findall(text, at, start)
        at = end
    return Parts(tuple(start for start, _ in prose), tuple(end for _, end in prose), tuple(words))


def spans(syntax: Syntax, *concepts: tuple[str, str]) -> list[Span]:
    """Byte ranges of the nodes that the queries capture, query by query."""
    return [(n.start_byte, n.end_byte) for concept, capture in concepts for n in syntax.nodes(concept, capture)]


def without(data: bytes, cut: list[Span]) -> bytes:
    """`data` without the ranges in `cut`, which come in any order and may overlap."""
    kept, at = [], 0
    for start, end in sorted(cut):
        if end > at:
            kept.append(data[at : max(at, start)])
            at = end
    return b"".join([*kept, data[at:]])


def dense(data: bytes) -> bytes:
    """`data` without white space."""
    return b"".join(data.split())


def _characters(data: bytes) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Characters before each byte of a UTF-8 text, and at the end the characters of all of it; int64, len(data) + 1."""
    first = (np.frombuffer(data, np.uint8) & 0xC0) != 0x80
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(first, dtype=np.int64)))


def _merged(found: list[Span]) -> list[Span]:
    """Spans in order, those that overlap as one."""
    merged: list[Span] = []
    for start, end in found:
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
