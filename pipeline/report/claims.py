"""What can be claimed of a model: each claim with its test, and what flips, placebos and margins say, in sentences."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.evaluation.paired import ALPHA
from pipeline.report.inputs import criterion_name

_CONTRARY = {"beats": "does not beat", "has": "does not have"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: what is said, whether it holds, and the difference that was tested.

    Attributes:
        name: such as `beats chance`.
        holds: whether the corrected test supports it.
        difference: of accuracies, in points of a share.
        low: lower end of the 95% interval, or None.
        high: upper end, or None.
        p: corrected by Holm's method.
        pairs: how many.
    """

    name: str
    holds: bool
    difference: float
    low: float | None
    high: float | None
    p: float
    pairs: int

    @property
    def said(self) -> str:
        """The claim, or its contrary; the test is two-sided, so a model can be shown to be worse."""
        verb, _, rest = self.name.partition(" ")
        if verb == "beats" and self.difference < 0 and self.p < ALPHA:
            return f"is worse than {rest}"
        return self.name if self.holds else f"{_CONTRARY[verb]} {rest}"


@dataclass(frozen=True, slots=True)
class Findings:
    """What `intervals.json` says beside accuracies.

    Attributes:
        claims: over all pairs, then by criterion.
        notes: sentences.
        warnings: what makes all of it less sure.
    """

    claims: tuple[Claim, ...]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]


def findings(measured: Mapping[str, Any]) -> Findings:
    """The findings of one model; empty where they were not measured."""
    claims = measured.get("claims", {})
    rows = [*claims.get("rows", ()), *claims.get("by_criterion", ())]
    sentences = (_families(measured), _flips(measured), _placebos(measured), _calibration(measured))
    return Findings(
        tuple(_claim(row) for row in rows), tuple(filter(None, sentences)), tuple(_warnings(measured))
    )  # fmt: skip


def _claim(row: Mapping[str, Any]) -> Claim:
    difference = row["difference"]
    name = row["name"].replace(row["against"], criterion_name(row["against"]))
    return Claim(
        name, row["holds"], difference["estimate"], difference["low"], difference["high"], row["p_holm"], row["pairs"]
    )


def _share(value: float) -> str:
    return f"{100 * value:.1f}%"


def _range(found: Mapping[str, Any]) -> str:
    words = _share(found["estimate"])
    return words if found["low"] is None else f"{words} ({_share(found['low'])} to {_share(found['high'])})"


def _families(measured: Mapping[str, Any]) -> str | None:
    groups = measured.get("by_family", {})
    if set(groups) != {"held out", "shown"}:
        return None
    held, shown = (groups[name]["half_credit"]["micro"] for name in ("held out", "shown"))
    return (
        f"Pairs made by families of operators that training never saw: {_range(held)} of "
        f"{groups['held out']['pairs']:,} right; of the families that it saw: {_range(shown)}."
    )


def _flips(measured: Mapping[str, Any]) -> str | None:
    flips = measured.get("flips") or {}
    if not flips.get("flips"):
        return None
    return (
        f"Flips (the same two texts under two criteria, with opposite winners): both right in "
        f"{_range(flips['both_right']['micro'])} of {flips['flips']:,}. Chance is 25%, a model that does not read the "
        f"criterion has none, and its accuracies alone would give {_share(flips['at_its_accuracy'])}."
    )


def _placebos(measured: Mapping[str, Any]) -> str | None:
    placebos = measured.get("placebos") or {}
    if not placebos.get("scored"):
        return None
    found = (
        f"Placebos (edits that change nothing that counts): the edited side scores higher in "
        f"{_range(placebos['edited_wins']['micro'])} of {placebos['scored']:,}; 50% is no leaning. "
    )
    return found + (
        f"Differences up to {placebos['band']:.2f} are what such an edit makes in 95% of cases: "
        f"{_share(placebos['inside'])} of the benchmark's pairs lie inside that band, and of the others "
        f"{_range(placebos['outside']['micro'])} are right."
        if placebos.get("outside")
        else ""
    )


def _calibration(measured: Mapping[str, Any]) -> str | None:
    found = measured.get("calibration") or {}
    if "ece" not in found:
        return None
    return (
        f"Read as a probability, sigma(margin) is off by {_share(found['ece'])} on average (ECE; Brier score "
        f"{found['brier']:.3f}, where .250 is a coin)."
    )


def _warnings(measured: Mapping[str, Any]) -> list[str]:
    coverage = measured.get("coverage") or {}
    lost = coverage.get("pairs", 0) - coverage.get("scored", 0)
    missing = [f"{lost:,} of {coverage['pairs']:,} pairs have no score and count as wrong"] if lost else []
    return [*(measured.get("clusters") or {}).get("notes", ()), *missing]
