"""Accuracy against parameters, as points in the units of an SVG: the same bytes for the same scores."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from pipeline.evaluation.leaderboard.boards import Board
from pipeline.evaluation.leaderboard.labels import Box, Line, Place, Wanted, placed
from pipeline.evaluation.leaderboard.measure import Entry
from pipeline.evaluation.leaderboard.names import family_of, size_of
from pipeline.report.curves import nice_ticks
from pipeline.report.text import share

WIDTH, HEIGHT = 1120, 600
LEFT, RIGHT, TOP, BOTTOM = 48, 224, 12, 46
COLOURS, SHAPES = 8, 3
LEGEND_STEP = 22
DOT = 9.0
"""Distance that two dots need."""
PADDING = 0.12
"""Room at either end of the x axis, in powers of ten."""


@dataclass(frozen=True, slots=True)
class Point:
    """A model in the scaling plot: its place, the ends of its interval, and what a pointer shows."""

    x: float
    y: float
    low: float | None
    high: float | None
    told: str


@dataclass(frozen=True, slots=True)
class Family:
    """Models that differ in size alone; `colour` and `shape` are 0 for a model without siblings."""

    name: str
    colour: int
    shape: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Scaling:
    """Accuracy against parameters, log x.

    Attributes:
        families: of two sizes or more, by the best of them.
        singles: the other models.
        labels: names of single models, where there is room: x, y, anchor, text.
        x_ticks: position and label.
        y_ticks: position and label.
        chance: vertical position of one half, where the axis holds it.
        unknown: names of models of unknown size, which are left out.
        height: of the figure.
    """

    families: tuple[Family, ...]
    singles: tuple[Point, ...]
    labels: tuple[Place, ...]
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    chance: float | None
    unknown: tuple[str, ...]
    height: int


@dataclass(frozen=True, slots=True)
class Axes:
    """Where a model lies: log10 of the least and the greatest size, accuracies at the ends, height of the figure."""

    sizes: tuple[float, float]
    shares: tuple[float, float]
    height: int

    def x(self, size: float) -> float:
        """Position of a number of parameters."""
        low, high = self.sizes
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(size) - low) / (high - low), 1)

    def y(self, value: float) -> float:
        """Position of an accuracy."""
        low, high = self.shares
        return round(TOP + (self.height - TOP - BOTTOM) * (high - value) / (high - low), 1)

    def point(self, entry: Entry) -> Point:
        """A model."""
        one, size = entry.micro, _size(entry)
        low, high = (None if end is None else self.y(end) for end in (one.low, one.high))
        return Point(self.x(size), self.y(one.value), low, high, f"{entry.name}: {size_of(size)}, {share(one.value)}")


def scaling(board: Board) -> Scaling | None:
    """The scaling plot; None where fewer than two different sizes are known."""
    known = [line.entry for line in board.lines if line.entry.run.parameters]
    if len(set(map(_size, known))) < 2:
        return None
    grouped: dict[str, list[Entry]] = {}
    for entry in known:
        grouped.setdefault(family_of(entry.name), []).append(entry)
    many = {name: group for name, group in grouped.items() if len(set(map(_size, group))) > 1}
    alone = [entry for name, group in grouped.items() if name not in many for entry in group]
    ticks = nice_ticks(*_range(known))
    logs = [math.log10(_size(entry)) for entry in known]
    axes = Axes(
        (min(logs) - PADDING, max(logs) + PADDING),
        (ticks[0], ticks[-1]),
        max(HEIGHT, TOP + BOTTOM + LEGEND_STEP * (len(many) + 2)),
    )
    families = tuple(
        Family(name, i % COLOURS + 1, i // COLOURS % SHAPES, tuple(map(axes.point, sorted(group, key=_size))))
        for i, (name, group) in enumerate(many.items())
    )
    singles = _side_by_side(list(map(axes.point, alone)), [one for family in families for one in family.points])
    return Scaling(
        families=families,
        singles=singles,
        labels=_labels(families, singles, [entry.name for entry in alone], axes.height),
        x_ticks=tuple((axes.x(tick), size_of(tick)) for tick in _log_ticks(*axes.sizes)),
        y_ticks=tuple((axes.y(tick), f"{100 * tick:.3g}%") for tick in ticks),
        chance=axes.y(0.5) if ticks[0] < 0.5 < ticks[-1] else None,
        unknown=tuple(line.entry.name for line in board.lines if not line.entry.run.parameters),
        height=axes.height,
    )


def _size(entry: Entry) -> float:
    return entry.run.parameters or 0.0


def _side_by_side(points: Sequence[Point], fixed: Sequence[Point]) -> tuple[Point, ...]:
    """`points`, each moved sideways by as little as it takes not to cover another one or one of `fixed`."""
    taken = [(one.x, one.y) for one in fixed]
    moved = []
    for one in points:
        steps = (sign * DOT * step for step in range(len(taken) + 1) for sign in (1, -1))
        free = (
            x for x in (round(one.x + step, 1) for step in steps) if all(math.dist((x, one.y), p) >= DOT for p in taken)
        )
        moved.append(replace(one, x=next(free)))
        taken.append((moved[-1].x, one.y))
    return tuple(moved)


def _range(entries: Sequence[Entry]) -> tuple[float, float]:
    """Least and greatest end of what is drawn, chance among it."""
    micros = [entry.micro for entry in entries]
    ends = [end for one in micros for end in (one.value, one.low, one.high) if end is not None]
    return min(0.5, *ends), max(0.5, *ends)


def _labels(
    families: Sequence[Family], singles: Sequence[Point], names: Sequence[str], height: int
) -> tuple[Place, ...]:
    """Names of single models, where there is room."""
    lines: list[Line] = [((a.x, a.y), (b.x, b.y)) for family in families for a, b in pairwise(family.points)]
    points = [(one.x, one.y) for one in (*singles, *(point for family in families for point in family.points))]
    wanted = [Wanted(one.x, one.y, name) for one, name in zip(singles, names, strict=True)]
    return tuple(placed(wanted, points, lines, Box(LEFT, TOP, WIDTH - RIGHT, height - BOTTOM)))


def _log_ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten between 10**low and 10**high."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    return [m * 10.0**power for power in powers for m in (1, 2, 5) if low <= math.log10(m) + power <= high]
