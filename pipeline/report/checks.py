"""What can be checked about a run from its own files, and what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.report.counts import SPLITS, Stage, length_table
from pipeline.report.examples import Example
from pipeline.report.inputs import column_values, rows_in
from pipeline.report.text import count, percent

_MAX_DEAD = 0.01


@dataclass(frozen=True, slots=True)
class Check:
    """One claim: what is claimed, whether it holds (None: not measured), and the numbers."""

    claim: str
    holds: bool | None
    evidence: str


@dataclass(frozen=True, slots=True)
class Places:
    """Where the pairs come from: repositories of each split, and training pairs by stated licence."""

    training: frozenset[str]
    benchmark: frozenset[str]
    licenses: tuple[tuple[str, int], ...]


def places(root: Path) -> Places:
    """Read the repositories and licences from the provenance tables."""
    licenses: dict[str, int] = {}
    for value in column_values(root, "dataset/provenance", "license"):
        licenses[value or ""] = licenses.get(value or "", 0) + 1
    return Places(
        training=frozenset(column_values(root, "dataset/provenance", "repo")),
        benchmark=frozenset(column_values(root, "benchmark/provenance", "repo")),
        licenses=tuple(sorted(licenses.items(), key=lambda item: (-item[1], item[0]))),
    )


def checks(
    root: Path,
    stages: Sequence[Stage],
    stats: Mapping[str, Any] | None,
    found: Places,
    shown: Sequence[Example],
) -> list[Check]:
    """Every check, those that could not be made included."""
    return [
        _nothing_vanished(stages),
        _reasons(stages, stats),
        _few_dead(stages),
        _rows_match(root, (stats or {}).get("pairs", {})),
        _split(found),
        _even_lengths((stats or {}).get("cells", ())),
        _licensed(found),
        _hashes(shown),
    ]


def _nothing_vanished(stages: Sequence[Stage]) -> Check:
    claim = "Nothing vanished: every record of every stage was kept, dropped with a reason, or set aside as failed"
    if not stages:
        return Check(claim, None, "the manifest holds no counts")
    broken = [stage.name for stage in stages if not stage.balanced]
    into = sum(stage.into for stage in stages)
    if broken:
        return Check(claim, False, f"the sums do not hold for: {', '.join(broken)}")
    return Check(claim, True, f"both sums hold for {len(stages)} stages ({count(into)} records in)")


def _reasons(stages: Sequence[Stage], stats: Mapping[str, Any] | None) -> Check:
    claim = "Every dropped record has a counted reason"
    if not stages or not (stats or {}).get("dropped"):
        return Check(claim, None, "no counts, or no reasons, to compare")
    sums = [(stage, sum(records for _, records in stage.reasons)) for stage in stages]
    said = [f"{stage.name} {count(explained)} of {count(stage.dropped)}" for stage, explained in sums]
    return Check(claim, all(stage.dropped == explained for stage, explained in sums), "; ".join(said))


def _few_dead(stages: Sequence[Stage]) -> Check:
    claim = f"The code failed on at most {100 * _MAX_DEAD:.0f}% of the records of any stage"
    if not stages:
        return Check(claim, None, "the manifest holds no counts")
    said = [f"{stage.name} {count(stage.dead)} of {count(stage.outcomes)}" for stage in stages]
    return Check(claim, all(stage.dead <= _MAX_DEAD * stage.outcomes for stage in stages), "; ".join(said))


def _rows_match(root: Path, pairs: Mapping[str, int]) -> Check:
    claim = "The tables hold as many pairs as were counted, and a row of provenance for each"
    said, holds = [], True
    for split, (_, folder) in SPLITS.items():
        rows = rows_in(root, folder)
        if rows is None or split not in pairs:
            continue
        said.append(f"{folder} {count(rows)} of {count(pairs[split])}")
        holds &= rows == pairs[split]
        if split != "balanced":
            beside = rows_in(root, folder.replace("/data", "/provenance"))
            said.append(f"provenance {count(beside or 0)}")
            holds &= beside == rows
    return Check(claim, holds, "; ".join(said)) if said else Check(claim, None, "no tables, or no counts, to compare")


def _split(found: Places) -> Check:
    claim = "No repository is in both the training set and the benchmark"
    if not found.training or not found.benchmark:
        return Check(claim, None, "only one of the two has provenance")
    both = len(found.training & found.benchmark)
    said = f"{count(len(found.training))} training, {count(len(found.benchmark))} benchmark, {count(both)} in both"
    return Check(claim, both == 0, said)


def _even_lengths(cells: Sequence[Mapping[str, Any]]) -> Check:
    claim = "In the balanced subset, the longer side wins in 45 to 55% of the pairs of every criterion"
    rows = [(name, splits["balanced"]) for name, splits in length_table(cells)]
    rows = [(name, lengths) for name, lengths in rows if lengths.uneven]
    if not rows:
        return Check(claim, None, "no balanced pairs of unequal length")
    said = [f"{name} {percent(one.longer, one.uneven)} (n = {count(one.uneven)})" for name, one in rows]
    return Check(claim, all(lengths.even for _, lengths in rows), "; ".join(said))


def _licensed(found: Places) -> Check:
    claim = "Every training pair states a licence"
    total = sum(pairs for _, pairs in found.licenses)
    if not total:
        return Check(claim, None, "no provenance")
    without = dict(found.licenses).get("", 0)
    said = f"{count(total - without)} of {count(total)} pairs; {len([n for n, _ in found.licenses if n])} licences"
    return Check(claim, without == 0, said)


def _hashes(shown: Sequence[Example]) -> Check:
    claim = "The texts of the pairs shown below are the ones that their provenance names by sha256"
    known = [one.hashes_hold for one in shown if one.hashes_hold is not None]
    if not known:
        return Check(claim, None, "no pairs with provenance to look at")
    return Check(claim, all(known), f"{sum(known)} of {len(known)} pairs")
