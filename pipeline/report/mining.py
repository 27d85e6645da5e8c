"""The mining section of the page: what `themis mine-report` measured, and its precision-recall curve as an SVG."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.report.inputs import read_json
from pipeline.report.templates import environment

WIDTH, HEIGHT = 640, 380
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 12, 42
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
NAMES = {
    "terms": "term lists",
    "terms_one": "term lists",
    "plain": "plain",
}
"""Baseline to what the page calls it."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One measured point, in SVG units.

    Attributes:
        label: what was measured.
        kind: `miner` or `baseline`.
        number: beside the dot, and in the legend.
        x: of recall, weighted.
        y: of precision, weighted.
        low: of the interval of precision; None where there is none.
        high: likewise.
    """

    label: str
    kind: str
    number: int
    x: float
    y: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """Precision over recall, in SVG units.

    Attributes:
        weighted: polyline of the miner, each commit by its weight.
        unweighted: the same, each commit counting one.
        band: polygon of the 95% interval of the weighted precision; empty where it is unknown.
        plain: polyline of the plain classifier, weighted; empty where there is none.
        dots: points.
    """

    weighted: str
    unweighted: str
    band: str
    plain: str
    dots: tuple[Dot, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of points: a threshold of the miner, or a baseline."""

    name: str
    kind: str
    number: int | None
    threshold: float | None
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mining:
    """What the section shows.

    Attributes:
        report: the content of `report.json`.
        rows: thresholds and baselines; empty without a gold file.
        chart: the curve; None without a gold file.
        stale: whether the run has mined again since; then nothing of it is shown.
    """

    report: Mapping[str, Any]
    rows: tuple[Row, ...]
    chart: Chart | None
    stale: bool = False


def section(root: Path, manifest: Mapping[str, Any]) -> Mining | None:
    """What `themis mine-report` has left in a run's folder; None where it has not been there.

    What it measured on an earlier mining of the same folder is not shown, only said to be there.

    Raises:
        RunFolderError: the file is broken.
    """
    report = read_json(root / "mining" / "report.json")
    if report is None:
        return None
    key = manifest.get("stages", {}).get("mine", {}).get("key")
    return view(report) if report.get("mine_key") == key else Mining(report, (), None, stale=True)


def standalone(report: Mapping[str, Any]) -> str:
    """A page of its own with the section alone."""
    return environment().get_template("mining_page.html.jinja").render(mining=view(report), mining_axes=AXES)


def view(report: Mapping[str, Any]) -> Mining:
    """The section of a report."""
    if "points" not in report:
        return Mining(report, (), None)
    rows = tuple(_rows(report))
    plain = report["baselines"].get("plain", {}).get("curve", ())
    weighted, band = _line(report["curve"], "weighted"), _band(report["curve"])
    dots = tuple(_dot(row) for row in rows if row.number is not None)
    return Mining(
        report, rows, Chart(weighted, _line(report["curve"], "unweighted"), band, _line(plain, "weighted"), dots)
    )


def _rows(report: Mapping[str, Any]) -> Iterable[Row]:
    """Thresholds of the miner, then the baselines; those that predicted something have a number."""
    number = 0
    named = [("miner", point["name"], point) for point in report["points"]]
    for key, scored in sorted(report["baselines"].items(), key=lambda item: list(NAMES).index(item[0])):
        named += [("baseline", f"{NAMES[key]}, {point['name']}", point) for point in scored["points"]]
    for kind, name, point in named:
        overall = point["overall"]
        drawn = None not in (_estimate(overall, "precision"), _estimate(overall, "recall"))
        number += drawn
        yield Row(name, kind, number if drawn else None, point["threshold"], overall)


def _dot(row: Row) -> Dot:
    weighted = row.figures["precision"]["weighted"]
    ends = weighted["commits"] or (None, None)
    low, high = (None if end is None else y(end) for end in ends)
    assert row.number is not None
    return Dot(row.name, row.kind, row.number, x(row.figures["recall"]["weighted"]["estimate"]),
               y(weighted["estimate"]), low, high)  # fmt: skip


def _estimate(overall: Mapping[str, Any], name: str) -> float | None:
    found: float | None = overall[name]["weighted"]["estimate"]
    return found


def x(recall: float) -> float:
    """Horizontal place of a recall."""
    return round(LEFT + (WIDTH - LEFT - RIGHT) * recall, 1)


def y(precision: float) -> float:
    """Vertical place of a precision."""
    return round(TOP + (HEIGHT - TOP - BOTTOM) * (1 - precision), 1)


AXES = {
    "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "top": TOP, "bottom": HEIGHT - BOTTOM,
    "x_ticks": [(x(tick), f"{tick:.0%}") for tick in TICKS], "y_ticks": [(y(tick), f"{tick:.0%}") for tick in TICKS],
}  # fmt: skip
"""Frame and ticks, for the template."""


def _line(points: Sequence[Mapping[str, Any]], which: str) -> str:
    pairs = [(point["recall"][which], point["precision"][which]) for point in points]
    return " ".join(f"{x(recall)},{y(precision)}" for recall, precision in pairs if None not in (recall, precision))


def _band(points: Sequence[Mapping[str, Any]]) -> str:
    """The interval's upper ends from left to right, then its lower ends back."""
    upper, lower = [], []
    for point in points:
        ends = (point.get("weighted_precision_interval") or {}).get("commits")
        recall = point["recall"]["weighted"]
        if ends and recall is not None:
            lower.append(f"{x(recall)},{y(ends[0])}")
            upper.append(f"{x(recall)},{y(ends[1])}")
    return " ".join([*upper, *reversed(lower)])
