"""What was edited between two versions of a file: lines, tokens, functions. Parsed at most once, when first asked."""

from dataclasses import dataclass
from functools import cached_property

from parsers.differences import common, differences
from parsers.leaves import Leaf, leaves
from parsers.syntax import Syntax, parse
from schemas.provenance import Span


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that differ, half-open, counted from 0.

    Attributes:
        before: of the older text; empty where lines were only added.
        after: of the newer text; empty where lines were only removed.
    """

    before: tuple[int, int]
    after: tuple[int, int]


class Edit:
    """A change of one file, and lazily what its texts and trees say of it. Lives within one call; not picklable.

    Args:
        language: of both sides.
        before: the older text.
        after: the newer text.
    """

    def __init__(self, language: str, before: str, after: str) -> None:
        self.language = language
        self.before = before
        self.after = after

    @cached_property
    def before_lines(self) -> list[str]:
        """Lines of the older text, without their ends."""
        return self.before.split("\n")

    @cached_property
    def after_lines(self) -> list[str]:
        """Lines of the newer text, without their ends."""
        return self.after.split("\n")

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        """What differs, in order; white space at line ends differs too. One hunk where very much differs."""
        return tuple(Hunk(old, new) for old, new in differences(self.before_lines, self.after_lines))

    @cached_property
    def removed(self) -> list[str]:
        """Lines of the older text that the newer one lacks there, in order."""
        return [line for hunk in self.hunks for line in self.before_lines[slice(*hunk.before)]]

    @cached_property
    def added(self) -> list[str]:
        """Lines of the newer text that the older one lacks there, in order."""
        return [line for hunk in self.hunks for line in self.after_lines[slice(*hunk.after)]]

    @cached_property
    def old(self) -> Syntax:
        """The older text, parsed.

        Raises:
            ParseRefused: it is outside the bounds.
        """
        return parse(self.language, self.before)

    @cached_property
    def new(self) -> Syntax:
        """The newer text, parsed.

        Raises:
            ParseRefused: it is outside the bounds.
        """
        return parse(self.language, self.after)

    @cached_property
    def changed_leaves(self) -> tuple[list[Leaf], list[Leaf]]:
        """Leaves of the older and of the newer tree from the first line that differs to the last.

        Both ranges are widened by the same text until no leaf is cut, so that what isn't in them is the same in both:
        a comment mark that swallows code after it brings that code in. Empty where no line differs.

        Raises:
            ParseRefused: a side is outside the bounds.
        """
        if not self.hunks:
            return [], []
        before, after = self.old.data, self.new.data
        head, tail = _common_ends(before, after)
        while True:
            old, old_span = leaves(self.old, (head, len(before) - tail))
            new, new_span = leaves(self.new, (head, len(after) - tail))
            start = min(old_span[0], new_span[0])
            rest = min(len(before) - old_span[1], len(after) - new_span[1])
            if (start, rest) == (head, tail):
                return old, new
            head, tail = start, rest

    def same_without(self, *kinds: str) -> bool:
        """Whether both trees have the same leaves, leaving aside those of some kinds, at the same levels.

        Args:
            kinds: of leaves that may differ, such as `comment`.

        Raises:
            ParseRefused: a side is outside the bounds.
        """
        old, new = ([leaf for leaf in side if leaf.kind not in kinds] for side in self.changed_leaves)
        return old == new


def _common_ends(before: bytes, after: bytes) -> Span:
    """Bytes of whole lines that two texts share at their start, and at their end, without overlap."""
    old, new = before.split(b"\n"), after.split(b"\n")
    head, tail = (min(lines, len(old) - 1, len(new) - 1) for lines in common(old, new))
    return sum(map(len, old[:head])) + head, sum(map(len, old[len(old) - tail :])) + tail
