"""What was made: the funnel, the counts, the lengths and the operators, as tables."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.report.inputs import criterion_name
from schemas import contract
from schemas.criteria import CRITERIA

SPLITS = {
    "train": ("Training set", "dataset/data"),
    "balanced": ("Balanced subset of it", "dataset/balanced"),
    "benchmark": ("Benchmark", "benchmark/data"),
}
"""Split to title and folder."""

_STAGES = {
    "mine": "public files and commits in, functions and changes worth a pair out",
    "synthesize": "those in, pairs of a better and a worse answer out",
    "curate": "pairs in, pairs that pass every filter out",
    "assemble": "kept pairs in, rows of the data sets out",
}
_COUNTS = ("in", "expanded", "dropped_in", "dead_in", "children", "kept", "dropped", "dead")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the funnel.

    Attributes:
        name: of the stage.
        about: what goes in and what comes out.
        into: records that went in.
        children: what these were turned into.
        kept: records that came out.
        dropped: records left out for a reason, before or after expansion.
        dead: records on which the code failed.
        seconds: it took.
        scale: the longest bar's records, 1 or more.
        reasons: (reason, records), most frequent first.
        balanced: whether both sums hold, so that no record vanished.
    """

    name: str
    about: str
    into: int
    children: int
    kept: int
    dropped: int
    dead: int
    seconds: float
    scale: int
    reasons: tuple[tuple[str, int], ...]
    balanced: bool

    @property
    def outcomes(self) -> int:
        """Records with an outcome: kept, dropped or dead."""
        return self.kept + self.dropped + self.dead


def funnel(manifest: Mapping[str, Any], stats: Mapping[str, Any] | None) -> list[Stage]:
    """The stages that the manifest has counts of, in order."""
    reasons = (stats or {}).get("dropped", {})
    made = []
    for name, entry in manifest.get("stages", {}).items():
        counts = {key: int((entry.get("counts") or {}).get(key, 0)) for key in _COUNTS}
        if any(counts.values()):
            made.append(_stage(name, counts, float(entry.get("seconds", 0)), reasons.get(name, {})))
    scale = max([1, *(stage.outcomes for stage in made)])
    order = list(_STAGES)
    made.sort(key=lambda stage: order.index(stage.name) if stage.name in order else len(order))
    return [Stage(**{**{f: getattr(stage, f) for f in Stage.__slots__}, "scale": scale}) for stage in made]


def _stage(name: str, counts: Mapping[str, int], seconds: float, reasons: Mapping[str, int]) -> Stage:
    into = counts["expanded"] + counts["dropped_in"] + counts["dead_in"] == counts["in"]
    out = counts["kept"] + counts["dropped"] + counts["dead"] == counts["children"]
    return Stage(
        name=name,
        about=_STAGES.get(name, ""),
        into=counts["in"],
        children=counts["children"],
        kept=counts["kept"],
        dropped=counts["dropped"] + counts["dropped_in"],
        dead=counts["dead"] + counts["dead_in"],
        seconds=seconds,
        scale=1,
        reasons=tuple(sorted(((str(k), int(v)) for k, v in reasons.items()), key=lambda item: (-item[1], item[0]))),
        balanced=into and out,
    )


@dataclass(frozen=True, slots=True)
class Heat:
    """Pairs by criterion and language of one split.

    Attributes:
        title: of the split.
        folder: that holds it.
        columns: languages.
        rows: criterion, pairs by language, total.
        totals: by language.
        total: all pairs.
        peak: the largest cell, 1 or more.
    """

    title: str
    folder: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...], int], ...]
    totals: tuple[int, ...]
    total: int
    peak: int


def heat(cells: Sequence[Mapping[str, Any]], split: str) -> Heat:
    """Counts of `split`; languages and criteria that no split has are left out."""
    languages = _ordered({str(c["language"]) for c in cells}, contract.LANGUAGES)
    criteria = _ordered({str(c["criterion"]) for c in cells}, tuple(CRITERIA))
    sums: Counter[tuple[str, str]] = Counter()
    for cell in cells:
        if cell["split"] == split:
            sums[str(cell["criterion"]), str(cell["language"])] += int(cell["pairs"])
    rows = []
    for criterion in criteria:
        values = tuple(sums[criterion, language] for language in languages)
        rows.append((criterion_name(criterion), values, sum(values)))
    totals = tuple(sum(sums[criterion, language] for criterion in criteria) for language in languages)
    title, folder = SPLITS[split]
    return Heat(title, folder, languages, tuple(rows), totals, sum(totals), max([1, *sums.values()]))


@dataclass(frozen=True, slots=True)
class Lengths:
    """How often the chosen side is longer, shorter or equal, in characters."""

    longer: int = 0
    shorter: int = 0
    equal: int = 0

    @property
    def uneven(self) -> int:
        """Pairs whose sides differ in length."""
        return self.longer + self.shorter

    @property
    def p_longer(self) -> float | None:
        """Share of the uneven pairs whose chosen side is longer; None without such pairs."""
        return self.longer / self.uneven if self.uneven else None

    @property
    def even(self) -> bool:
        """Whether that share is between .45 and .55, or differs from a half by less than one pair."""
        return self.p_longer is None or abs(self.longer - self.shorter) <= max(1, 0.1 * self.uneven)


def lengths(cells: Iterable[Mapping[str, Any]]) -> Lengths:
    """Sums over `cells`."""
    sums: Counter[str] = Counter()
    for cell in cells:
        sums[str(cell["length"])] += int(cell["pairs"])
    return Lengths(sums["longer"], sums["shorter"], sums["equal"])


def length_table(cells: Sequence[Mapping[str, Any]]) -> list[tuple[str, dict[str, Lengths]]]:
    """Criterion, and its lengths by split."""
    criteria = _ordered({str(c["criterion"]) for c in cells}, tuple(CRITERIA))
    return [
        (
            criterion_name(criterion),
            {s: lengths(c for c in cells if c["split"] == s and c["criterion"] == criterion) for s in SPLITS},
        )
        for criterion in criteria
    ]


@dataclass(frozen=True, slots=True)
class Operator:
    """What made the rejected sides of some training pairs."""

    name: str
    criterion: str
    pairs: int
    lengths: Lengths
    benchmark: int


def operators(cells: Sequence[Mapping[str, Any]]) -> list[Operator]:
    """Operators of training and benchmark pairs, by criterion, most frequent first."""
    keys = {(str(c["operator"]), str(c["criterion"])) for c in cells}
    made = []
    for name, criterion in keys:
        own = [c for c in cells if (c["operator"], c["criterion"]) == (name, criterion)]
        training = [c for c in own if c["split"] == "train"]
        pairs = sum(int(c["pairs"]) for c in training)
        held = sum(int(c["pairs"]) for c in own if c["split"] == "benchmark")
        made.append(Operator(name, criterion, pairs, lengths(training), held))
    order = _ordered({criterion for _, criterion in keys}, tuple(CRITERIA))
    made.sort(key=lambda one: (order.index(one.criterion), -one.pairs, one.name))
    return [Operator(o.name, criterion_name(o.criterion), o.pairs, o.lengths, o.benchmark) for o in made]


def _ordered(found: set[str], order: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(found, key=lambda key: (order.index(key) if key in order else len(order), key)))
