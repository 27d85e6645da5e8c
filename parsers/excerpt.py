"""What of a changed file goes into a pair: the whole file, or the edited functions with what they need of it.

Both sides are cut by one rule, by whole lines: a line that both sides share is in both excerpts or in neither, and each
line that differs is in. So the excerpts differ exactly as the files do. What is left out leaves a blank line, no mark.
"""

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from parsers.edits import Edit, Hunk
from parsers.kept import kept_rows, slid
from parsers.layout import Layout, layout
from parsers.syntax import Syntax, error_bytes, parse
from schemas.errors import ParseRefused
from schemas.provenance import Span

Granularity = Literal["file", "function", "auto"]

PREFIX_CHARS = 12
"""Characters a token that are counted at first: code has 2 to 5, so longer texts are refused by their beginning."""

SLIGHT = 500
"""One byte in so many may be an error that its file did not have: macros of C leave a few, cut out or not."""

_SLACK_TOKENS = 8


@dataclass(frozen=True, slots=True)
class Budget:
    """How long a side may be.

    Attributes:
        max_tokens: of one side.
        count: tokens of a text.
    """

    max_tokens: int
    count: Callable[[str], int]

    def excess(self, text: str) -> int:
        """0 where `text` fits, else its tokens, or a lower bound of them where it is far too long."""
        if len(text) * 4 <= self.max_tokens:  # no character has more than four bytes, no token less than one
            return 0
        most = self.max_tokens * PREFIX_CHARS
        if len(text) > most:
            begun = self.count(text[: text.rfind("\n", 0, most) + 1 or most])
            if begun > self.max_tokens + _SLACK_TOKENS:
                return begun
        tokens = self.count(text)
        return tokens if tokens > self.max_tokens else 0


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Both sides of a change, cut alike.

    Attributes:
        granularity: `file` or `function`, whichever was used.
        before: of the older file.
        after: of the newer file.
        before_spans: byte ranges of the older file that `before` holds, in order.
        after_spans: likewise of the newer one.
    """

    granularity: Literal["file", "function"]
    before: str
    after: str
    before_spans: tuple[Span, ...]
    after_spans: tuple[Span, ...]


def excerpt(edit: Edit, granularity: Granularity, budget: Budget) -> Excerpt | ParseRefused:
    """Both sides of an edit at a granularity, or why there is no such excerpt.

    `function` takes the outermost functions that were edited, or the smallest declarations around an edit outside
    functions, with the lines of the classes and namespaces around them and the file's imports. Imports, and then the
    comments above the functions, are left out where they alone make it too long; in a file that is one large function,
    the functions inside it are taken.

    Args:
        edit: the change.
        granularity: `auto` takes the file where both sides fit, else the functions.
        budget: of each side.

    Returns:
        The excerpt, or a refusal: `no_edit`, `excerpt_too_long` (the counts are lower bounds for huge texts),
        `does_not_stand_alone` where the excerpt parses worse than its lines did in the file, or the parser's reason.
    """
    if not edit.hunks:
        return ParseRefused("no_edit", "both sides are equal")
    if granularity != "function":
        excess = max(budget.excess(edit.before), budget.excess(edit.after))
        if not excess:
            return Excerpt("file", edit.before, edit.after, _whole(edit.before), _whole(edit.after))
        if granularity == "file":
            return ParseRefused("excerpt_too_long", f"file: {excess} tokens, at most {budget.max_tokens}")
    try:
        return _functions(edit, budget)
    except ParseRefused as refused:
        return refused


def _functions(edit: Edit, budget: Budget) -> Excerpt | ParseRefused:
    """The first cut that fits and stands alone, from the fullest to the barest."""
    refusals: list[ParseRefused] = []
    for inner in (False, True):
        for comments in (True, False):
            sides = (
                layout(edit.old, inner=inner, comments=comments),
                layout(edit.new, inner=inner, comments=comments),
            )
            hunks = slid(edit, sides)
            for imports in (True, False)[not comments :]:
                cut = _cut(edit, sides, hunks, imports)
                refusal = _refusal(edit, cut, budget)
                if refusal is None:
                    return cut
                refusals.append(refusal)
    return min(reversed(refusals), key=lambda refusal: refusal.reason == "excerpt_too_long")


def _refusal(edit: Edit, cut: Excerpt, budget: Budget) -> ParseRefused | None:
    excess = max(budget.excess(cut.before), budget.excess(cut.after))
    if excess:
        return ParseRefused("excerpt_too_long", f"function: {excess} tokens, at most {budget.max_tokens}")
    for side, syntax, text, spans in (
        ("before", edit.old, cut.before, cut.before_spans),
        ("after", edit.new, cut.after, cut.after_spans),
    ):
        alone, known = error_bytes(parse(edit.language, text).root), _known_errors(syntax, spans)
        if alone > known + len(text) // SLIGHT:
            return ParseRefused("does_not_stand_alone", f"{side}: {alone} error bytes, {known} in the file")
    return None


def _known_errors(syntax: Syntax, spans: tuple[Span, ...]) -> int:
    """Error bytes of a file inside some of its spans, and one for each missing token there."""
    total = 0
    ends = [end for _, end in spans]
    stack = [syntax.root]
    while stack:
        node = stack.pop()
        if node.is_error or node.is_missing:
            start, end = node.start_byte, max(node.end_byte, node.start_byte + 1)
            for at in range(bisect_right(ends, start), len(spans)):
                begin, stop = spans[at]
                if begin >= end:
                    break
                total += min(end, stop) - max(start, begin)
        elif node.has_error:
            stack.extend(node.children)
    return total


def _cut(edit: Edit, sides: tuple[Layout, Layout], hunks: list[Hunk], imports: bool) -> Excerpt:
    kept = kept_rows(edit, sides, hunks, imports)
    before, after = _texts(edit, hunks, kept[0])
    spans = _spans(edit.before_lines, kept[0]), _spans(edit.after_lines, kept[1])
    return Excerpt("function", before, after, *spans)


def _texts(edit: Edit, hunks: list[Hunk], kept: set[int]) -> tuple[str, str]:
    """Both excerpts; a blank line on both sides stands for shared lines that were left out.

    Beside a function that one side lacks, one blank line will do: two would show the gap on the other side.
    """
    old: list[str] = []
    new: list[str] = []
    gap = spaced = False
    at = 0
    for hunk in [*hunks, Hunk((len(edit.before_lines),) * 2, (len(edit.after_lines),) * 2)]:
        for row in range(at, hunk.before[0]):
            if row not in kept:
                gap = True
                continue
            if gap and not spaced:
                _separate(old, new)
            gap = spaced = False
            old.append(edit.before_lines[row])
            new.append(edit.before_lines[row])
        at = hunk.before[1]
        removed, added = edit.before_lines[slice(*hunk.before)], edit.after_lines[slice(*hunk.after)]
        if gap and (removed or added):
            one_sided = not (removed and added)
            spaced = one_sided and not ((removed or added)[0].strip() == "" and at not in kept)
            if spaced or not one_sided:
                _separate(old, new)
                gap = False
        old += removed
        new += added
    return "\n".join(old), "\n".join(new)


def _separate(old: list[str], new: list[str]) -> None:
    if old and new and (old[-1].strip() or new[-1].strip()):
        blank = "\r" if old[-1].endswith("\r") and new[-1].endswith("\r") else ""
        old.append(blank)
        new.append(blank)


def _spans(lines: list[str], kept: set[int]) -> tuple[Span, ...]:
    """Byte ranges of runs of kept rows, without the last line's end."""
    spans: list[Span] = []
    offset = 0
    for row, line in enumerate(lines):
        size = len(line.encode())
        if row in kept:
            if row - 1 in kept:
                spans[-1] = (spans[-1][0], offset + size)
            else:
                spans.append((offset, offset + size))
        offset += size + 1
    return tuple(spans)


def _whole(text: str) -> tuple[Span, ...]:
    return ((0, len(text.encode())),)
