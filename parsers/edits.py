"""What was edited between two versions of a file: lines, tokens, functions. Parsed at most once, when first asked."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from parsers.differences import common, differences
from parsers.functions import functions, snippet
from parsers.leaves import Leaf, leaves
from parsers.syntax import Function, Syntax, parse
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


@dataclass(frozen=True, slots=True)
class EditedFunction:
    """One function in two versions.

    Attributes:
        name: as written in the older version.
        before: its code cut out of the older version, documentation included; None where that is irregular.
        after: the same of the newer version.
    """

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Edits:
    """What differs between two versions of a file, white space at line ends aside.

    Attributes:
        functions: functions that are in both and differ, in the order of the older text; outermost ones only.
        added: names of functions that only the newer version has.
        removed: names of functions that only the older version has.
        elsewhere: whether anything outside functions differs.
    """

    functions: tuple[EditedFunction, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]
    elsewhere: bool

    @property
    def only(self) -> EditedFunction | None:
        """The one edited function, where nothing else was touched."""
        alone = len(self.functions) == 1 and not (self.added or self.removed or self.elsewhere)
        return self.functions[0] if alone else None


def edited_functions(language: str, before: str, after: str) -> Edits:
    """Compare two versions of a file by function, matched by name and by the classes around it.

    Functions of the same name there (overloads) are matched in order, where both versions have as many that differ.

    Raises:
        ParseRefused: one of the two is outside the bounds.
    """
    old, new = parse(language, before), parse(language, after)
    old_functions, new_functions = _outermost(old), _outermost(new)
    pairs, removed, added = [], [], []
    old_by_key, new_by_key = _by_key(old, old_functions), _by_key(new, new_functions)
    for key in list(dict.fromkeys([*old_by_key, *new_by_key])):
        lost, gained = _differing(old, old_by_key.get(key, []), new, new_by_key.get(key, []))
        if len(lost) == len(gained):
            pairs += list(zip(lost, gained, strict=True))
        else:
            removed += [one.name for one in lost]
            added += [one.name for one in gained]
    pairs.sort(key=lambda pair: pair[0].span)
    return Edits(
        tuple(EditedFunction(a.name, snippet(old, a), snippet(new, b)) for a, b in pairs),
        tuple(added),
        tuple(removed),
        _rest(old, old_functions) != _rest(new, new_functions),
    )


def _outermost(syntax: Syntax) -> list[Function]:
    found: list[Function] = []
    for function in functions(syntax):
        if not found or function.span[0] >= found[-1].span[1]:
            found.append(function)
    return found


def _by_key(syntax: Syntax, found: list[Function]) -> dict[tuple[str, ...], list[Function]]:
    """Functions by name, the receiver's type, and the names of the classes and modules around them."""
    table = defaultdict(list)
    for function in found:
        receiver = function.node.child_by_field_name("receiver")
        key = [function.name, "".join(syntax.text(receiver).split()[-1:]) if receiver is not None else ""]
        parent = function.node.parent
        while parent is not None:
            name = parent.child_by_field_name("name")
            key.append(syntax.text(name) if name is not None else parent.type)
            parent = parent.parent
        table[tuple(key)].append(function)
    return table


def _differing(
    old: Syntax, before: list[Function], new: Syntax, after: list[Function]
) -> tuple[list[Function], list[Function]]:
    """Functions of each side whose text the other side lacks."""
    before_texts, after_texts = [_text(old, one) for one in before], [_text(new, one) for one in after]
    lost = [one for one, text in zip(before, before_texts, strict=True) if text not in after_texts]
    gained = [one for one, text in zip(after, after_texts, strict=True) if text not in before_texts]
    return lost, gained


def _text(syntax: Syntax, function: Function) -> bytes:
    lines = syntax.data[slice(*function.span)].split(b"\n")
    return b"\n".join(line.rstrip() for line in lines)


def _rest(syntax: Syntax, found: list[Function]) -> list[bytes]:
    """Words of the text outside functions."""
    parts, at = [], 0
    for function in found:
        parts.append(syntax.data[at : function.span[0]])
        at = function.span[1]
    parts.append(syntax.data[at:])
    return b" ".join(parts).split()
