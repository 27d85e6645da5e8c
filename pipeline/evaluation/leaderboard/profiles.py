"""What one model can and can't, as figures: a radar over the criteria, and a heat map of criterion x language."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.evaluation.leaderboard.boards import Board
from pipeline.evaluation.leaderboard.measure import Entry
from pipeline.report.inputs import criterion_name, language_name

FEW = 20
"""Pairs below which a cell of a heat map is marked."""
RADAR_WIDTH, RADAR_HEIGHT, RADIUS = 300, 214, 70
CELL_WIDTH, CELL_HEIGHT, ROW_NAME, HEAD = 82, 34, 210, 24


@dataclass(frozen=True, slots=True)
class Radar:
    """Accuracies by criterion on as many spokes, 0 in the middle and 1 outside.

    Attributes:
        spokes: ends, as x, y.
        labels: x, y, anchor, criterion and percentage of each spoke; the percentage stands under the name.
        rings: polygons at a quarter, a half (chance), three quarters and one.
        shape: polygon of the model.
        middle: polygon of the median over the board's models; empty where there is one model.
    """

    spokes: tuple[tuple[float, float], ...]
    labels: tuple[tuple[float, float, str, str, str], ...]
    rings: tuple[str, ...]
    shape: str
    middle: str


def medians(board: Board) -> dict[str, float]:
    """Median accuracy of the board's models by criterion; empty where there is one model."""
    if len(board.lines) < 2:
        return {}
    groups = {
        c: [x.entry.by_criterion[c].value for x in board.lines if c in x.entry.by_criterion] for c in board.criteria
    }
    return {criterion: median(values) for criterion, values in groups.items()}


def radar(entry: Entry, criteria: Sequence[str], middle: Mapping[str, float]) -> Radar | None:
    """The radar of a model over the criteria that it was scored on; None of fewer than three."""
    axes = [criterion for criterion in criteria if criterion in entry.by_criterion]
    if len(axes) < 3:
        return None
    turns = [2 * math.pi * index / len(axes) for index in range(len(axes))]

    def at(turn: float, radius: float) -> tuple[float, float]:
        across, down = RADAR_WIDTH / 2, RADAR_HEIGHT / 2
        return round(across + radius * math.sin(turn), 1), round(down - radius * math.cos(turn), 1)

    def polygon(values: Sequence[float]) -> str:
        return " ".join(f"{x},{y}" for x, y in (at(t, RADIUS * v) for t, v in zip(turns, values, strict=True)))

    labels = []
    for turn, axis in zip(turns, axes, strict=True):
        x, y = at(turn, RADIUS + 9)
        side = "middle" if abs(math.sin(turn)) < 0.1 else "start" if math.sin(turn) > 0 else "end"
        value = f"{100 * entry.by_criterion[axis].value:.0f}"
        labels.append((x, round(y - 2 - 8 * math.cos(turn), 1), side, criterion_name(axis).split()[0], value))
    return Radar(
        spokes=tuple(at(turn, RADIUS) for turn in turns),
        labels=tuple(labels),
        rings=tuple(polygon([level] * len(axes)) for level in (0.25, 0.5, 0.75, 1)),
        shape=polygon([entry.by_criterion[axis].value for axis in axes]),
        middle=polygon([middle[axis] for axis in axes]) if middle else "",
    )


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a heat map: place, accuracy, pairs; `depth` is the strength of the colour, below chance another."""

    x: float
    y: float
    value: float
    pairs: int
    depth: float
    below: bool
    total: bool
    few: bool


@dataclass(frozen=True, slots=True)
class Heat:
    """Criterion x language: sizes, names with their places, and cells."""

    width: int
    height: int
    rows: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, str], ...]
    cells: tuple[Cell, ...]


def heat(entry: Entry, criteria: Sequence[str], languages: Sequence[str]) -> Heat:
    """The heat map of a model, with a row and a column for all."""
    every = entry.grid | {("", ""): (entry.micro.value, entry.pairs)}
    every |= {(criterion, ""): (one.value, one.pairs) for criterion, one in entry.by_criterion.items()}
    every |= {("", language): (one.value, one.pairs) for language, one in entry.by_language.items()}
    rows, columns = [*criteria, ""], [*languages, ""]
    return Heat(
        width=ROW_NAME + CELL_WIDTH * len(columns),
        height=HEAD + CELL_HEIGHT * len(rows),
        rows=tuple((HEAD + CELL_HEIGHT * i, criterion_name(row) or "All") for i, row in enumerate(rows)),
        columns=tuple((ROW_NAME + CELL_WIDTH * i, language_name(one) or "All") for i, one in enumerate(columns)),
        cells=tuple(
            Cell(
                x=ROW_NAME + CELL_WIDTH * j,
                y=HEAD + CELL_HEIGHT * i,
                value=every[row, column][0],
                pairs=every[row, column][1],
                depth=round(abs(2 * every[row, column][0] - 1), 3),
                below=every[row, column][0] < 0.5,
                total=not (row and column),
                few=every[row, column][1] < FEW,
            )
            for i, row in enumerate(rows)
            for j, column in enumerate(columns)
            if (row, column) in every
        ),
    )
