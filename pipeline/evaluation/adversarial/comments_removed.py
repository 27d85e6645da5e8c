"""Comments and docstrings go, save directives to tools and the file's header."""

import re
from random import Random

from tree_sitter import Node

from parsers.documentation import is_header, plain_comment
from parsers.syntax import Syntax
from pipeline.evaluation.adversarial.base import Code, Perturbation, remarks, same_code
from schemas.criteria import CODE_CRITERIA
from synthesis.mutations import layout
from synthesis.mutations.operator import Edit, Site

_KEPT = re.compile(r"\bnoqa\b|type:|eslint|prettier|go:\w|\+build|pragma|fall.?through|NOLINT|@ts-|\\\s*$", re.I)


def edits(codes: tuple[Code, ...], criterion: str, rng: Random) -> tuple[Site, ...] | None:
    """The comments of every side; None where no side has one."""
    sites = tuple(tuple(_removals(code)) for code in codes)
    return sites if any(sites) else None


def _removals(code: Code) -> list[Edit]:
    found: list[Edit] = []
    for node in sorted(remarks(code.syntax), key=lambda node: node.start_byte):
        inside = code.offset <= node.start_byte and node.end_byte <= code.end
        edit = _removal(code.syntax, node) if inside else None
        if edit is not None and edit.start >= code.offset and (not found or edit.start >= found[-1].end):
            found.append(edit)
    return found


def _removal(syntax: Syntax, node: Node) -> Edit | None:
    """Delete a comment with its lines, or from the end of its line; None where code follows it or it does something."""
    data, text = syntax.data, syntax.text(node)
    docstring = node.type in ("expression_statement", "string")
    if not docstring and (is_header(text) or not plain_comment(text) or _KEPT.search(text)):
        return None
    if docstring and (node.parent is None or node.parent.named_child_count < 2):
        return None
    end = node.start_byte + len(text.rstrip().encode())  # some grammars count the line break as the comment's
    stop = layout.line_end(data, end)
    if data[end:stop].strip():
        return None
    start = layout.line_start(data, node.start_byte)
    if not data[start : node.start_byte].strip():
        following = data.find(b"\n", stop)
        return Edit(start, following + 1, "") if following >= 0 else None
    start += len(data[start : node.start_byte].rstrip())
    return None if docstring else Edit(start, stop, "")


PERTURBATION = Perturbation(
    name="comments_removed",
    sides="both",
    criteria=frozenset(CODE_CRITERIA) - {"readability_maintainability"},
    changes="comments and docstrings go from both sides, save directives to tools and headers",
    edits=edits,
    same=same_code,
)
