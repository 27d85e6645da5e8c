"""Whether a later commit edits the lines that an earlier one wrote."""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from io import BytesIO
from itertools import accumulate
from typing import TypeAlias

from pipeline.sources.files import Refused
from pipeline.sources.git_view import View

MAX_COMPARED_LINES = 400
"""Of either side between the first and the last difference; longer parts count as one edit."""
_REMEMBERED = 4_096
_STEPS = (65_536, 8_192, 1_024, 128, 16, 4, 1)

Range: TypeAlias = tuple[int, int]
"""Half-open range of bytes, from the start of a line to that of another; empty where lines were deleted."""
Hunk: TypeAlias = tuple[Range, Range]
"""Bytes of the older text, and those of the newer one that stand in their place."""
FollowUp: TypeAlias = tuple[str, str, str, bool]
"""A later commit that touches the same path: its sha, its blobs, older and newer, and whether it says that it mends."""

_MENDS = re.compile(
    r"""\b(?: fix\w* | oops | whoops | typos? | forg[eo]t\w* | correct\w* | mistake\w* | regress\w* | br[eo]ak\w*
        | broke\w* | wrong\w* | bugs? | bugfix\w* | repair\w* | revert\w* | undo | restore\w* | miss(?:ed|ing) | again
        | properly | actually | really )\b""",
    re.VERBOSE | re.IGNORECASE,
)


def mends(message: str) -> bool:
    """Whether a message's subject says that something was not right before."""
    return _MENDS.search(message.split("\n", 1)[0]) is not None


def rough(older: bytes, newer: bytes) -> Hunk | None:
    """Where two texts differ, as one hunk from the first difference to the last; None where they are the same."""
    if older == newer:
        return None
    start = older.rfind(b"\n", 0, _same_start(older, newer)) + 1
    tail = _same_end(older, newer, min(len(older), len(newer)) - start)
    if not (_starts_line(older, len(older) - tail) and _starts_line(newer, len(newer) - tail)):
        ended = older.find(b"\n", len(older) - tail)
        tail = 0 if ended < 0 else len(older) - ended - 1
    return (start, len(older) - tail), (start, len(newer) - tail)


def fine(older: bytes, newer: bytes, within: Hunk | None) -> list[Hunk]:
    """What differs, line by line, ascending; `within` is the rough difference of the two."""
    if within is None:
        return []
    a, b = (BytesIO(text[slice(*part)]).readlines() for text, part in zip((older, newer), within, strict=True))
    if not a or not b or max(len(a), len(b)) > MAX_COMPARED_LINES:
        return [within]
    at, to = (list(accumulate(map(len, lines), initial=within[0][0])) for lines in (a, b))
    found = SequenceMatcher(_says_little, a, b).get_opcodes()
    return [((at[i], at[j]), (to[k], to[m])) for tag, i, j, k, m in found if tag != "equal"]


def _says_little(line: bytes) -> bool:
    return len(line.strip()) < 2


def _starts_line(text: bytes, at: int) -> bool:
    return at == 0 or text[at - 1 : at] == b"\n"


def _same_start(a: bytes, b: bytes) -> int:
    at, end = 0, min(len(a), len(b))
    for step in _STEPS:
        while at + step <= end and a[at : at + step] == b[at : at + step]:
            at += step
    return at


def _same_end(a: bytes, b: bytes, most: int) -> int:
    at = 0
    for step in _STEPS:
        while at + step <= most and a[len(a) - at - step : len(a) - at] == b[len(b) - at - step : len(b) - at]:
            at += step
    return at


def meet(one: Range, other: Range) -> bool:
    """Whether two ranges share something, or one is empty and inside the other or at the same place."""
    if one[0] == one[1] or other[0] == other[1]:
        empty, wide = (one, other) if one[0] == one[1] else (other, one)
        return empty == wide or wide[0] < empty[0] < wide[1]
    return one[0] < other[1] and other[0] < one[1]


def moved(ranges: list[Range], edits: list[Hunk]) -> list[Range] | None:
    """`ranges` of the older text in the newer one; None where an edit meets one of them."""
    found = []
    for wanted in ranges:
        shift = 0
        for old, new in edits:
            if meet(wanted, old):
                return None
            if old[1] <= wanted[0]:
                shift = new[1] - old[1]
        found.append((wanted[0] + shift, wanted[1] + shift))
    return found


class Follower:
    """Looks for commits that edit again what an earlier one wrote.

    Args:
        view: where the blobs are.
        max_bytes: of a blob; a larger one, or one that is missing, can't be compared.
    """

    def __init__(self, view: View, max_bytes: int) -> None:
        self._view = view
        self._max_bytes = max_bytes
        self._rough: dict[tuple[str, str], Hunk | None] = {}
        self._fine: dict[tuple[str, str], list[Hunk]] = {}

    def edited_again(self, blobs: tuple[str, str], later: Sequence[FollowUp]) -> str | None:
        """The first of the `later` commits that edits the lines that a change wrote (or the place of deleted ones).

        None also where that commit does not say that it mends something. The lines are followed from version to
        version. A commit in whose older side they are not as they were written (one on another branch) does not count.

        Args:
            blobs: of the change, older and newer.
            later: in order.
        """
        if self._search(blobs, later, finely=False) is None:
            return None  # the rough hunks hold the fine ones: where they don't meet, nothing does
        return self._search(blobs, later, finely=True)

    def _search(self, blobs: tuple[str, str], later: Sequence[FollowUp], finely: bool) -> str | None:
        """As `edited_again`; with rough hunks the empty string where the fine ones have to decide."""
        edits = self._between(*blobs, finely)
        if edits is None:
            return None
        at, ranges = blobs[1], [new for _, new in edits]
        for sha, older, newer, mending in later:
            there = self._between(at, older, finely)
            after = self._between(older, newer, finely)
            if there is None or after is None:
                continue
            carried = moved(ranges, there)
            kept = None if carried is None else moved(carried, after)
            if kept is not None:
                at, ranges = newer, kept
            elif not finely:
                return ""
            elif carried is not None:
                return sha if mending else None
        return None

    def _between(self, older: str, newer: str, finely: bool) -> list[Hunk] | None:
        if older == newer:
            return []
        key = older, newer
        if key not in (self._fine if finely else self._rough):
            a, b = self._view.objects.blob(older, self._max_bytes), self._view.objects.blob(newer, self._max_bytes)
            if isinstance(a, Refused) or isinstance(b, Refused):
                return None
            if len(self._rough) >= _REMEMBERED:
                self._rough.clear()
                self._fine.clear()
            if key not in self._rough:
                self._rough[key] = rough(a, b)
            if finely:
                self._fine[key] = fine(a, b, self._rough[key])
        if finely:
            return self._fine[key]
        hunk = self._rough[key]
        return [] if hunk is None else [hunk]
