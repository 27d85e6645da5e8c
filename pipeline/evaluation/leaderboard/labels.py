"""Places names beside points so that none covers a point, a line or another name; a name without room is left out."""

from collections.abc import Sequence
from dataclasses import dataclass

CHARACTER, LINE, GAP, MARK = 6.3, 13.0, 8.0, 5.5
"""Width of a character and height of a line of 11 px text (on the wide side), distance to the point, its radius."""

Place = tuple[float, float, str, str]
Line = tuple[tuple[float, float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        """Whether they have a point in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom

    def holds(self, other: "Box") -> bool:
        """Whether the other lies within."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.top <= other.top and other.bottom <= self.bottom


@dataclass(frozen=True, slots=True)
class Wanted:
    """A point and its name."""

    x: float
    y: float
    text: str


def placed(
    wanted: Sequence[Wanted], points: Sequence[tuple[float, float]], lines: Sequence[Line], room: Box
) -> list[Place]:
    """x, y (of the base line), anchor and text of each name that finds room, the first ones first.

    Args:
        wanted: names, the most wanted first.
        points: every point drawn.
        lines: every line drawn, as its two ends.
        room: where names may be.
    """
    taken = [Box(x - MARK, y - MARK, x + MARK, y + MARK) for x, y in points]
    taken += [_dot(line, step / 40) for line in lines for step in range(41)]
    found: list[Place] = []
    for one in wanted:
        for anchor, x, y in _tries(one):
            box = _box(x, y, anchor, one.text)
            if room.holds(box) and not any(box.meets(other) for other in taken):
                taken.append(box)
                found.append((round(x, 1), round(y, 1), anchor, one.text))
                break
    return found


def _tries(one: Wanted) -> list[tuple[str, float, float]]:
    """Anchor, x and base line: beside the point, then above and below it."""
    beside = [(a, one.x + d, one.y + 4 + up) for up in (0, -5, 5) for a, d in (("start", GAP), ("end", -GAP))]
    return [*beside, ("middle", one.x, one.y - GAP), ("middle", one.x, one.y + GAP + 8)]


def _box(x: float, y: float, anchor: str, text: str) -> Box:
    width = CHARACTER * len(text)
    left = x - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
    return Box(left, y - LINE + 3, left + width, y + 3)


def _dot(line: Line, part: float) -> Box:
    (ax, ay), (bx, by) = line
    x, y = ax + (bx - ax) * part, ay + (by - ay) * part
    return Box(x - 1, y - 1, x + 1, y + 1)
