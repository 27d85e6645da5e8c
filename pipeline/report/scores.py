"""How good a model is: its accuracies with their intervals, and the simple rules beside it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.report.claims import Findings, findings
from pipeline.report.inputs import criterion_name, language_name, read_json


@dataclass(frozen=True, slots=True)
class Accuracy:
    """An accuracy on some benchmark pairs, a tie counting one half.

    Attributes:
        value: share, 0 to 1.
        low: lower end of the 95% interval, or None.
        high: upper end, or None.
        strict: the same with ties as wrong, or None.
        pairs: how many.
        clusters: repositories that they come from, or None where unknown.
    """

    value: float
    low: float | None
    high: float | None
    strict: float | None
    pairs: int
    clusters: int | None


@dataclass(frozen=True, slots=True)
class Compared:
    """One group of benchmark pairs: the model, and the rules that it must beat, where they were measured."""

    label: str
    model: Accuracy | None
    length: Accuracy | None
    bag: Accuracy | None
    unseen: Accuracy | None = None


@dataclass(frozen=True, slots=True)
class Control:
    """The accuracy that shuffled labels teach: `name`, mean over draws, interval, number of draws, true labels."""

    name: str
    mean: float
    low: float | None
    high: float | None
    draws: int
    true_labels: float | None


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluated model.

    Attributes:
        name: of the model.
        groups: title and rows: overall, by criterion, by language, by which side is longer.
        operators: rows of single operators, whose `unseen` is the bag trained without that operator.
        controls: shuffled labels.
        axis: least and greatest value that the chart shows.
        missing: what was not measured, in words.
        findings: claims and what else was measured.
    """

    name: str
    groups: tuple[tuple[str, tuple[Compared, ...]], ...]
    operators: tuple[Compared, ...]
    controls: tuple[Control, ...]
    axis: tuple[float, float]
    missing: tuple[str, ...]
    findings: Findings

    @property
    def overall(self) -> Compared:
        """All benchmark pairs."""
        return self.groups[0][1][0]

    def place(self, value: float) -> str:
        """Where `value` lies on the chart's axis, as a percentage of its width."""
        low, high = self.axis
        return f"{100 * (value - low) / (high - low):.2f}%"

    @property
    def ticks(self) -> tuple[float, ...]:
        """Axis labels, a tenth or two apart."""
        low, high = round(self.axis[0] * 10), round(self.axis[1] * 10)
        return tuple(tick / 10 for tick in range(low, high + 1, 1 if high - low <= 6 else 2))


def evaluations(root: Path) -> list[Evaluation]:
    """Every model with results in `root/evaluation`, by name."""
    found = []
    for folder in sorted((root / "evaluation").glob("*")):
        measured = read_json(folder / "intervals.json") or _without_intervals(read_json(folder / "results.json"))
        if measured:
            found.append(_evaluation(folder.name, measured, read_json(folder / "baselines.json") or {}))
    return found


def _evaluation(name: str, measured: Mapping[str, Any], rules: Mapping[str, Any]) -> Evaluation:
    length = _at(rules, "length", "fitted_on_training")
    bag = _at(rules, "bag")

    def compared(label: str, *path: str) -> Compared:
        return Compared(label, *(accuracy(_at(table, *path)) for table in (measured, length, bag)))

    groups: list[tuple[str, tuple[Compared, ...]]] = [("", (compared("All pairs", "overall"),))]
    for key, title, readable in (
        ("by_criterion", "Criterion", criterion_name),
        ("by_language", "Language", language_name),
        ("by_length", "Which side is longer", str),
    ):
        rows = tuple(compared(readable(label), key, label) for label in _at(measured, key))
        if rows:
            groups.append((title, rows))
    unseen = _at(rules, "left_out_operator")
    labels = _at(measured, "by_operator")
    operators = [(compared(label, "by_operator", label), accuracy(_at(unseen, label))) for label in labels]
    missing = [
        said
        for absent, said in (
            (not _at(measured, "definition"), "intervals (only results.json is there)"),
            (not length, "the length rule"),
            (not bag, "the token bag"),
        )
        if absent
    ]
    return Evaluation(
        name=name,
        groups=tuple(groups),
        operators=tuple(Compared(o.label, o.model, o.length, o.bag, without) for o, without in operators),
        controls=tuple(_controls(rules)),
        axis=_axis(groups),
        missing=tuple(missing),
        findings=findings(measured),
    )


def accuracy(table: Mapping[str, Any]) -> Accuracy | None:
    """An entry of `intervals.json` or `baselines.json`; None where it holds no estimate."""
    half = _at(table, "half_credit", "micro")
    strict = _at(table, "strict", "micro").get("estimate")
    value = half.get("estimate", strict)
    if value is None:
        return None
    return Accuracy(value, half.get("low"), half.get("high"), strict, int(table.get("pairs", 0)), table.get("clusters"))


def _without_intervals(results: Mapping[str, Any] | None) -> dict[str, Any]:
    """`results.json` in the shape of `intervals.json`."""
    if not results or "overall" not in results:
        return {}

    def entry(table: Mapping[str, Any], count: str) -> dict[str, Any]:
        return {"pairs": table.get(count, 0), "strict": {"micro": {"estimate": table.get("accuracy")}}}

    by = {
        f"by_{to}": {label: entry(table, "count") for label, table in results.get(f"by_{name}", {}).items()}
        for name, to in (("aspect", "criterion"), ("language", "language"))
    }
    return {"overall": entry(results["overall"], "total_examples"), **by}


def _controls(rules: Mapping[str, Any]) -> list[Control]:
    made = []
    for key, name in (("shuffled_bag", "Token bag"), ("shuffled_model", "Model, with fewer tokens")):
        table = _at(rules, key)
        mean = _at(table, "mean")
        if mean.get("estimate") is not None:
            draws = len(table.get("draws", ()))
            made.append(
                Control(name, mean["estimate"], mean.get("low"), mean.get("high"), draws, table.get("true_labels"))
            )
    return made


def _axis(groups: list[tuple[str, tuple[Compared, ...]]]) -> tuple[float, float]:
    """From the tenth below all that is drawn (0.4 at most) to 1."""
    drawn = [
        value
        for _, rows in groups
        for row in rows
        for one in (row.model, row.length, row.bag)
        if one is not None
        for value in (one.value, one.low)
        if value is not None
    ]
    return min(4, *(int(value * 10) for value in drawn)) / 10 if drawn else 0.4, 1.0


def _at(table: Mapping[str, Any], *path: str) -> dict[str, Any]:
    """The object at `path`; empty where a part is missing or is no object."""
    found: Any = table
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}
