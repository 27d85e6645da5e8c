"""The figure of an experiment as points in the units of an SVG; of its results alone: equal results, equal bytes."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.evaluation.leaderboard.names import size_of
from pipeline.report.curves import Place, nice_ticks

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 52, 20, 14, 46
NAME, ROW, HEAD = 250, 26, 30
CELL_WIDTH, CELL_HEIGHT = 92, 40
PADDING = 0.15
"""Room at either end of the axis of sizes, in powers of ten."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An accuracy: its place, the ends of its interval, its seeds, and what a pointer shows."""

    x: float
    y: float
    low: float | None
    high: float | None
    seeds: tuple[float, ...]
    label: str
    told: str


@dataclass(frozen=True, slots=True)
class Points:
    """Accuracies on an axis. Of `scaling` the axis of accuracies is the vertical one, of `list` the horizontal one.

    Attributes:
        width: of the figure.
        height: of the figure.
        marks: what is drawn.
        ticks: of accuracies: position and label.
        sizes: ticks of the other axis.
        chance: position of one half; None where the axis does not hold it.
        headings: of parts of a list: position and text.
    """

    width: int
    height: int
    marks: tuple[Mark, ...]
    ticks: tuple[tuple[float, str], ...]
    chance: float | None
    sizes: tuple[tuple[float, str], ...] = ()
    headings: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table: place, percentage, interval, strength of its colour."""

    x: float
    y: float
    value: str
    span: str
    depth: float
    below: bool
    own: bool


@dataclass(frozen=True, slots=True)
class Matrix:
    """Trained x tested."""

    width: int
    height: int
    rows: tuple[tuple[float, str], ...]
    columns: tuple[tuple[float, str, int], ...]
    cells: tuple[Cell, ...]


def scaling(found: Mapping[str, Any]) -> Points:
    """Accuracy over parameters, log x."""
    sizes = {cell["name"]: cell["parameters"] for cell in found["cells"]}
    rows = found["accuracies"]
    ticks, place = _axis(rows, HEIGHT - BOTTOM, TOP)
    logs = [math.log10(size) for size in sizes.values()]
    low, high = min(logs) - PADDING, max(logs) + PADDING

    def x(size: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (math.log10(size) - low) / (high - low), 1)

    marks = []
    for row in rows:
        size = sizes[row["cell"]]
        low_end, high_end = _ends(row, place)
        told = f"{row['cell']}: {size:,} parameters, {_said(row)}"
        marks.append(
            Mark(
                x(size), place(row["estimate"]), low_end, high_end, tuple(map(place, row["by_seed"])), row["cell"], told
            )
        )
    return Points(
        width=WIDTH,
        height=HEIGHT,
        marks=tuple(sorted(marks, key=lambda mark: mark.x)),
        ticks=tuple((place(tick), f"{100 * tick:.3g}%") for tick in ticks),
        chance=place(0.5),
        sizes=tuple((x(size), f"{size / 1e3:.0f}k" if size < 1e6 else size_of(size)) for size in sizes.values()),
    )


def listed(found: Mapping[str, Any]) -> Points:
    """A line a cell, system prompt and group; groups one below the other."""
    labels = {cell["name"]: cell["label"] for cell in found["cells"]}
    views = {row["view"] for row in found["accuracies"]}
    ticks, place = _axis(found["accuracies"], NAME, WIDTH + NAME - RIGHT)
    marks, headings, y = [], [], HEAD
    for group in found["groups"]:
        headings.append((y, f"{group['label']} ({group['pairs']:,})"))
        y += ROW
        for row in (row for row in found["accuracies"] if row["group"] == group["name"]):
            label = labels[row["cell"]] if len(views) == 1 else f"{row['cell']} prompts, asked with {row['view']}"
            low, high = _ends(row, place)
            seeds = tuple(map(place, row["by_seed"]))
            marks.append(Mark(place(row["estimate"]), y, low, high, seeds, label, f"{label}: {_said(row)}"))
            y += ROW
        y += ROW // 2
    return Points(
        width=WIDTH + NAME,
        height=y + BOTTOM - ROW,
        marks=tuple(marks),
        ticks=tuple((place(tick), f"{100 * tick:.3g}%") for tick in ticks),
        chance=place(0.5),
        headings=tuple(headings),
    )


def matrix(found: Mapping[str, Any]) -> Matrix:
    """A row a cell, a column a group."""
    columns = {g["name"]: NAME + CELL_WIDTH * i for i, g in enumerate(found["groups"])}
    rows = {c["name"]: HEAD + CELL_HEIGHT * i for i, c in enumerate(found["cells"])}
    return Matrix(
        width=NAME + CELL_WIDTH * len(columns),
        height=HEAD + CELL_HEIGHT * len(rows),
        rows=tuple((rows[c["name"]], c["label"]) for c in found["cells"]),
        columns=tuple((columns[g["name"]], g["label"].split()[0], g["pairs"]) for g in found["groups"]),
        cells=tuple(
            Cell(
                x=columns[row["group"]],
                y=rows[row["cell"]],
                value=f"{100 * row['estimate']:.1f}",
                span="" if row["low"] is None else f"{100 * row['low']:.0f} to {100 * row['high']:.0f}",
                depth=round(min(1.0, abs(2 * row["estimate"] - 1)), 3),
                below=row["estimate"] < 0.5,
                own=row["cell"] == row["group"],
            )
            for row in found["accuracies"]
        ),
    )


def _axis(rows: Sequence[Mapping[str, Any]], first: float, last: float) -> tuple[list[float], Place]:
    """Ticks of the accuracies, chance among them, and where an accuracy lies between two ends."""
    values = [v for row in rows for v in (row["estimate"], row["low"], row["high"], *row["by_seed"]) if v is not None]
    ticks = nice_ticks(min(0.5, *values), max(0.5, *values))
    low, high = ticks[0], ticks[-1]

    def place(value: float) -> float:
        return round(first + (last - first) * (value - low) / (high - low), 1)

    return ticks, place


def _ends(row: Mapping[str, Any], place: Place) -> tuple[float | None, float | None]:
    """Places of an interval's ends; None where it has none."""
    return None if row["low"] is None else place(row["low"]), None if row["high"] is None else place(row["high"])


def _said(row: Mapping[str, Any]) -> str:
    span = "" if row["low"] is None else f" [{100 * row['low']:.1f}, {100 * row['high']:.1f}]"
    return f"{100 * row['estimate']:.1f}%{span}"
