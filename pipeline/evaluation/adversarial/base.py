"""What a perturbation is: edits that must not change a pair's verdict, and the checks that each one goes through.

A perturbation looks at the parsed sides that it touches and answers with edits, a site a side; `perturb` makes them,
parses the result, and refuses what differs in more than the perturbation claims.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal, TypeAlias

from tree_sitter import Node

from parsers.functions import functions
from parsers.language import languages
from parsers.syntax import Function, Syntax, error_bytes, parse, walk
from schemas.errors import ParseRefused
from synthesis.mutations.operator import Edit, Site, apply, merged

MAX_ERROR_SHARE = 0.2
"""A text of which more bytes than this do not parse is not taken for code."""

MARGINS = re.compile(r"comment|jsx_text|preproc_arg")
"""Types of leaves in which white space means nothing."""

_FENCE = re.compile(r"^(```|~~~)[^\n]*\n(?P<code>.*?)^\1[ \t]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Code:
    """One side, parsed.

    Attributes:
        text: the code.
        syntax: the parse of prefix + code + suffix; edits are in its coordinates.
        offset: bytes of the prefix that the language needs around a method, such as a class's head.
        tail: bytes of the suffix.
        errors: bytes that do not parse.
    """

    text: str
    syntax: Syntax
    offset: int
    tail: int
    errors: int

    @property
    def end(self) -> int:
        """Byte after the code."""
        return len(self.syntax.data) - self.tail

    def functions(self) -> list[Function]:
        """Functions of the code, without those inside another."""
        found: list[Function] = []
        for one in functions(self.syntax):
            inside = self.offset <= one.node.start_byte and one.node.end_byte <= self.end
            if inside and (not found or one.node.start_byte >= found[-1].node.end_byte):
                found.append(one)
        return found


Edits: TypeAlias = Callable[[tuple[Code, ...], str, Random], tuple[Site, ...] | None]
"""(sides touched, criterion, random source of the pair) to a site a side; None where it does not apply."""

Same: TypeAlias = Callable[[Code, Code], bool]
"""Whether the code after is the code before, but for what the perturbation claims to change."""


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One kind of edit that must not change a verdict.

    Attributes:
        name: what reports count by.
        sides: `both`, edited alike, or the `rejected` side alone, which does not become better by it.
        criteria: keys of the criteria for which the verdict must not change.
        changes: what it does, in one sentence.
        edits: finds the edits.
        same: what must stay.
    """

    name: str
    sides: Literal["both", "rejected"]
    criteria: frozenset[str]
    changes: str
    edits: Edits
    same: Same


def code_of(language: str, text: str, wrapper: tuple[str, str] | None = None) -> Code | None:
    """A text parsed in the wrapper that leaves the fewest errors; None where it is not code of that language.

    Args:
        language: released name; one without a folder, such as `NL`, has no code.
        text: a side, without a Markdown fence.
        wrapper: (prefix, suffix) to parse it in; None to choose.
    """
    known = languages().get(language)
    if known is None or not text.strip():
        return None
    best: Code | None = None
    for prefix, suffix in (wrapper,) if wrapper is not None else known.wrappers:
        try:
            syntax = parse(language, prefix + text + suffix)
        except ParseRefused:
            continue
        errors = error_bytes(syntax.root)
        if best is None or errors < best.errors:
            best = Code(text, syntax, len(prefix.encode()), len(suffix.encode()), errors)
        if errors == 0:
            break
    return best if best is not None and best.errors <= MAX_ERROR_SHARE * len(best.syntax.data) else None


def fenced(text: str) -> tuple[str, str, str]:
    """(before, code, after) of an answer: the longest Markdown code block, or the whole where there is none."""
    blocks = [found.span("code") for found in _FENCE.finditer(text)]
    start, end = max(blocks, key=lambda span: span[1] - span[0], default=(0, len(text)))
    return text[:start], text[start:end], text[end:]


def perturb(
    one: Perturbation, language: str, criterion: str, chosen: str, rejected: str, rng: Random
) -> tuple[str, str] | None:
    """(chosen, rejected) with the edits made; None where the perturbation does not apply.

    Args:
        one: the perturbation.
        language: released name.
        criterion: key of the criterion that the pair is judged by.
        chosen: the better answer.
        rejected: the worse answer.
        rng: of the pair.
    """
    texts = (chosen, rejected) if one.sides == "both" else (rejected,)
    parts = [fenced(text) for text in texts]
    codes = tuple(code for part in parts if (code := code_of(language, part[1])) is not None)
    if len(codes) < len(texts):
        return None
    sites = one.edits(codes, criterion, rng)
    if sites is None:
        return None
    made = []
    for (before, _, after), code, site in zip(parts, codes, sites, strict=True):
        text = edited(language, code, site, one.same)
        if text is None:
            return None
        made.append(before + text + after)
    pair = (made[0], made[1]) if one.sides == "both" else (chosen, made[0])
    return pair if pair != (chosen, rejected) and pair[0] != pair[1] else None


def edited(language: str, code: Code, site: Site, same: Same) -> str | None:
    """The code with a site's edits made; None where an edit leaves it, new errors come up, or more has changed."""
    edits = merged(Edit(e.start - code.offset, e.end - code.offset, e.text) for e in site)
    size = code.end - code.offset
    if any(not 0 <= e.start <= e.end <= size for e in edits):
        return None
    text = apply(code.text, edits)
    data = code.syntax.data
    made = code_of(language, text, (data[: code.offset].decode(), data[code.end :].decode()))
    return text if made is not None and made.errors <= code.errors and same(code, made) else None


def shape(code: Code) -> list[tuple[str, int]]:
    """Type and level of every node, in order."""
    return [(node.type, level) for node, level in walk(code.syntax.root)]


def same_shape(before: Code, after: Code) -> bool:
    """Whether two trees differ in the text of their leaves at most."""
    return shape(before) == shape(after)


def code_leaves(code: Code, comments: bool) -> list[tuple[str, int, str]]:
    """(type, level, text) of every leaf; in comments the white space is folded.

    Args:
        code: parsed.
        comments: whether comments and docstrings count.
    """
    syntax = code.syntax
    skipped = set() if comments else {n.id for n in remarks(syntax)}
    found, until = [], -1
    for node, level in walk(syntax.root):
        if node.id in skipped:
            until = max(until, node.end_byte)
        if node.child_count or (node.start_byte < until and node.end_byte <= until):
            continue
        text = syntax.text(node)
        found.append((node.type, level, " ".join(text.split()) if MARGINS.search(node.type) else text))
    return found


def same_code(before: Code, after: Code) -> bool:
    """Whether two trees have the same leaves at the same levels, comments and docstrings left out."""
    return code_leaves(before, comments=False) == code_leaves(after, comments=False)


def same_text(before: Code, after: Code) -> bool:
    """Whether two trees have the same leaves at the same levels, comments' white space aside."""
    return code_leaves(before, comments=True) == code_leaves(after, comments=True)


def only_more(before: Code, after: Code) -> bool:
    """Whether the leaves after are those before with some put in at one place."""
    old, new = code_leaves(before, comments=True), code_leaves(after, comments=True)
    more = len(new) - len(old)
    head = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), len(old))
    return more > 0 and old[head:] == new[head + more :]


def remarks(syntax: Syntax) -> list[Node]:
    """Comments and docstrings; of a docstring its whole statement, where it is one."""
    docstrings = syntax.nodes("docstrings", "docstring")
    whole = [n.parent if n.parent is not None and n.parent.type == "expression_statement" else n for n in docstrings]
    return [*syntax.nodes("comments", "comment"), *whole]
