"""Which lines of two texts differ: a shortest edit script, in bounded time.

Source: E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986), the greedy algorithm;
lines that only one side has are set aside first, since they match nothing.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

from schemas.provenance import Span

MAX_EDITS = 600
"""Lines removed and added that both sides have somewhere, beyond which all between the first and the last is one
difference: the search takes time and memory with their square."""

Difference: TypeAlias = tuple[Span, Span]
"""Half-open ranges of the older and of the newer sequence, counted from 0."""


def common(old: Sequence[Any], new: Sequence[Any]) -> tuple[int, int]:
    """How many items two sequences share at their start, and at their end, without overlap."""
    shorter = min(len(old), len(new))
    head = _shared(old, new, shorter)
    most = shorter - head
    return head, _shared(old[: -most - 1 : -1], new[: -most - 1 : -1], most)


def _shared(old: Sequence[Any], new: Sequence[Any], most: int) -> int:
    """Length of the common start, at most `most`: slices are compared, each half of the one before."""
    low, step = 0, most
    while step:
        while low + step <= most and old[low : low + step] == new[low : low + step]:
            low += step
        step //= 2
    return low


def differences(old: Sequence[str], new: Sequence[str], max_edits: int = MAX_EDITS) -> list[Difference]:
    """What to replace in `old` to get `new`, in order, with as few lines as can be.

    Args:
        old: lines.
        new: lines.
        max_edits: of lines that both have somewhere; one difference from the first to the last where there are more.
    """
    head, tail = common(old, new)
    old_end, new_end = len(old) - tail, len(new) - tail
    if head == old_end and head == new_end:
        return []
    if head in (old_end, new_end):
        return [((head, old_end), (head, new_end))]
    shared = set(old[head:old_end]).intersection(new[head:new_end])
    old_at = [at for at in range(head, old_end) if old[at] in shared]
    new_at = [at for at in range(head, new_end) if new[at] in shared]
    matches = _matches([old[at] for at in old_at], [new[at] for at in new_at], max_edits)
    if matches is None:
        return [((head, old_end), (head, new_end))]
    found = []
    a, b = head, head
    for x, y in [*((old_at[x], new_at[y]) for x, y in matches), (old_end, new_end)]:
        if (a, b) != (x, y):
            found.append(((a, x), (b, y)))
        a, b = x + 1, y + 1
    return found


def _matches(old: Sequence[str], new: Sequence[str], max_edits: int) -> list[tuple[int, int]] | None:
    """Pairs of equal items on a shortest path, in order; None where it has more than `max_edits` edits."""
    n, m = len(old), len(new)
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(max_edits, n + m) + 1):
        trail.append(furthest.copy())
        for k in range(-edits, edits + 1, 2):
            down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            y = x - k
            while x < n and y < m and old[x] == new[y]:
                x, y = x + 1, y + 1
            furthest[k] = x
            if x >= n and y >= m:
                return _path(trail, n, m)
    return None


def _path(trail: list[dict[int, int]], n: int, m: int) -> list[tuple[int, int]]:
    """The equal pairs on the path that the search took to the end, read backwards from it."""
    pairs = []
    x, y = n, m
    for edits in range(len(trail) - 1, -1, -1):
        furthest, k = trail[edits], x - y
        down = k == -edits or (k != edits and furthest[k - 1] < furthest[k + 1])
        before = k + 1 if down else k - 1
        from_x = furthest[before] if edits else 0
        from_y = from_x - before if edits else 0
        while x > from_x and y > from_y:
            x, y = x - 1, y - 1
            pairs.append((x, y))
        x, y = from_x, from_y
    return pairs[::-1]
