"""Another width of indentation, blank lines and trailing spaces, where the syntax allows; texts stay as they are."""

import re
from bisect import bisect_right
from random import Random
from zlib import crc32

from parsers.syntax import walk
from pipeline.evaluation.adversarial.base import MARGINS, Code, Perturbation, same_text
from schemas.criteria import CODE_CRITERIA
from schemas.provenance import Span
from synthesis.mutations import layout
from synthesis.mutations.operator import Edit, Site

BLANK_PERCENT = 25
TRAILING_PERCENT = 20
_TEXT = re.compile(r"string|regex|heredoc")


def edits(codes: tuple[Code, ...], criterion: str, rng: Random) -> tuple[Site, ...] | None:
    """Every line's new white space; only lines that are on every side get blank lines and trailing spaces, the same."""
    salt = rng.randrange(2**32)
    shared = frozenset.intersection(*(frozenset(code.text.encode().split(b"\n")) for code in codes))
    sites = tuple(tuple(_lines(code, salt, shared)) for code in codes)
    return sites if all(sites) else None


def _lines(code: Code, salt: int, shared: frozenset[bytes]) -> list[Edit]:
    data, brk = code.syntax.data, layout.newline(code.syntax)
    functions = code.functions()
    step = _step(code)
    texts = _texts(code)
    starts = {node.start_byte for one in functions for run in layout.sequences(code.syntax, one.body) for node in run}
    found: list[Edit] = []
    at, above = code.offset, b""
    for line in data[code.offset : code.end].split(b"\n"):
        bare = line.rstrip(b"\r")
        end = at + len(bare)
        if bare.strip() and not _inside(texts, at):
            written = bare.decode("utf-8", "replace")
            old = written[: len(written) - len(written.lstrip(" \t"))]
            draw = crc32(line, salt)
            parted = line in shared and above.strip() and at + len(old) in starts and draw % 100 < BLANK_PERCENT
            blank = brk if parted else ""
            new = reindented(old, step)
            if blank or new != old:
                found.append(Edit(at, at + len(old), blank + new))
            free = line in shared and end < code.end and not bare.endswith(b"\\") and not _inside(texts, end)
            if free and (draw >> 8) % 100 < TRAILING_PERCENT:
                found.append(Edit(end, end, " " * (1 + (draw >> 16) % 2)))
        at, above = at + len(line) + 1, bare
    return found


def _step(code: Code) -> str:
    """One level of indentation: the least that a statement has more than its function; four spaces where none shows."""
    data, found = code.syntax.data, []
    for function in code.functions():
        outer = layout.indentation(data, function.node.start_byte)
        for run in layout.sequences(code.syntax, function.body):
            inner = layout.indentation(data, run[0].start_byte)
            if inner.startswith(outer) and len(inner) > len(outer):
                found.append(inner[len(outer) :])
    return min(found, key=len, default="    ")


def reindented(old: str, step: str) -> str:
    """A line's indentation in another width: tabs become four spaces, two spaces four, and four or more two."""
    if step.startswith("\t"):
        return old.replace("\t", "    ")
    if "\t" in old or not step:
        return old
    levels, rest = divmod(len(old), len(step))
    return " " * (levels * (4 if len(step) < 4 else 2) + rest)


def _texts(code: Code) -> list[Span]:
    """Spans of string literals and of other leaves over several lines, in order, none inside another."""
    spans = [(n.start_byte, n.end_byte) for n in code.syntax.nodes("strings", "string")]
    for node, _ in walk(code.syntax.root):
        several = node.start_point.row < node.end_point.row
        comment = "comment" in node.type or node.type == "jsx_text"
        if several and (_TEXT.search(node.type) or (not node.child_count and not comment)):
            spans.append((node.start_byte, node.end_byte))
        elif MARGINS.search(node.type) and code.syntax.text(node).startswith("=begin"):
            spans.append((node.start_byte - 1, node.end_byte))
    outer: list[Span] = []
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not outer or end > outer[-1][1]:
            outer.append((start, end))
    return outer


def _inside(spans: list[Span], place: int) -> bool:
    index = bisect_right(spans, place, key=lambda span: span[0]) - 1
    return index >= 0 and spans[index][0] < place < spans[index][1]


PERTURBATION = Perturbation(
    name="reformatted",
    sides="both",
    criteria=frozenset(CODE_CRITERIA) - {"readability_maintainability"},
    changes="both sides get another width of indentation, some blank lines and trailing spaces",
    edits=edits,
    same=same_text,
)
