"""Training curves as points in the units of an SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

WIDTH, HEIGHT = 400, 210
LEFT, RIGHT, TOP, BOTTOM = 46, 10, 10, 38
_MAX_POINTS = 300

Place: TypeAlias = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class Curve:
    """One quantity over the steps, in SVG units.

    Attributes:
        title: what is drawn, with its unit.
        raw: polyline points of the values, averaged in bins where there are more than 300.
        smooth: polyline points of their running mean.
        x_ticks: position and label.
        y_ticks: position and label.
        half: vertical position of 0.5, where the axis holds it and it is chance; else None.
        first: the first smoothed value.
        last: the last one.
        window: steps that the smoothing averages over.
    """

    title: str
    raw: str
    smooth: str
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    half: float | None
    first: float
    last: float
    window: int


def curve(title: str, steps: Sequence[float], values: Sequence[float], is_share: bool) -> Curve:
    """Place `values` over `steps`.

    Args:
        title: with its unit.
        steps: rising; at least one.
        values: as many, finite.
        is_share: values are shares from 0 to 1, with chance at 0.5; others start at 0 or at their least.
    """
    window = max(1, len(values) // 20)
    smooth = running_mean(values, window)
    low, high = (0.0, 1.0) if is_share else (min(0.0, *values), max(values))
    ticks = nice_ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    x_ticks = [tick for tick in nice_ticks(0, max(steps)) if tick <= max(steps)]

    def x(step: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * step / max(1.0, *steps), 1)

    def y(value: float) -> float:
        return round(TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low), 1)

    return Curve(
        title=title,
        raw=_points(steps, values, x, y),
        smooth=_points(steps, smooth, x, y),
        x_ticks=tuple((x(tick), f"{tick:,.0f}") for tick in x_ticks),
        y_ticks=tuple((y(tick), f"{tick:.3g}") for tick in ticks),
        half=y(0.5) if is_share else None,
        first=smooth[0],
        last=smooth[-1],
        window=window,
    )


def running_mean(values: Sequence[float], window: int) -> list[float]:
    """Mean of the last `window` values, of fewer at the beginning."""
    total = 0.0
    means = []
    for index, value in enumerate(values):
        total += value - (values[index - window] if index >= window else 0.0)
        means.append(total / min(index + 1, window))
    return means


def nice_ticks(low: float, high: float) -> list[float]:
    """Three to six round values that cover `low` to `high`."""
    span = high - low or abs(high) or 1.0
    rough = span / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(k * step, 10) for k in range(first, max(last, first + 1) + 1)]


def _points(steps: Sequence[float], values: Sequence[float], x: Place, y: Place) -> str:
    size = math.ceil(len(values) / _MAX_POINTS)
    bins = [range(start, min(start + size, len(values))) for start in range(0, len(values), size)]
    means = [(sum(steps[i] for i in b) / len(b), sum(values[i] for i in b) / len(b)) for b in bins]
    return " ".join(f"{x(step)},{y(value)}" for step, value in means)
