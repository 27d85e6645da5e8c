"""From scores to what is said: accuracies with their intervals, contrasts with Holm's correction, plain sentences."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.evaluation.bootstrap import Floats, percentiles
from pipeline.evaluation.clusters import FEW_CLUSTERS
from pipeline.evaluation.paired import ALPHA, holm
from pipeline.experiments.common import CHANCE, Contrast, Design, Measure, Training
from pipeline.experiments.keep import Kept
from pipeline.experiments.twoway import DEFINITION, Draws, Sums, cluster_codes, drawn, make_draws, p_of, sums, widened

FORMAT = 1
FEW_SEEDS = 5
HELD, REVERSED, OPEN = "held", "the opposite held", "not shown"


def results(design: Design, cells: Mapping[str, Sequence[Kept]], preset: str, seeds: Sequence[int]) -> dict[str, Any]:
    """The content of `results.json`.

    Args:
        design: of the experiment.
        cells: cell to its scores, one a seed.
        preset: its name.
        seeds: of the trainings.
    """
    codes_N, clusters = cluster_codes([pair.cluster or pair.repo or pair.id for pair in design.benchmark])
    draws = make_draws(len(seeds), clusters)
    rows = {group.name: group.rows for group in design.groups}
    made: dict[Measure, Sums] = {}
    for cell, kept in cells.items():
        for view in kept[0].views:
            differences_SN = np.array([one.views[view] for one in kept])
            for group, own in rows.items():
                made[Measure(cell, group, view)] = sums(differences_SN, own, codes_N, clusters)  # type: ignore[arg-type]
    taken = {measure: drawn(one, draws) for measure, one in made.items()}
    tested = [_tested(one, made, taken) for one in design.contrasts]
    contrasts = [
        _row(one, found, p_holm)
        for one, found, p_holm in zip(design.contrasts, tested, holm([found["p"] for found in tested]), strict=True)
    ]
    return {
        "format": FORMAT,
        "experiment": design.experiment,
        "title": design.title,
        "question": design.question,
        "figure": design.figure,
        "preset": preset,
        "seeds": list(seeds),
        "pairs": len(design.benchmark),
        "clusters": clusters,
        "cells": [_cell(name, design, kept) for name, kept in cells.items()],
        "groups": [
            {"name": g.name, "label": g.label, "pairs": len(g.rows), "clusters": len(np.unique(codes_N[list(g.rows)]))}
            for g in design.groups
        ],
        "accuracies": [_accuracy(measure, one, taken[measure], draws) for measure, one in made.items()],
        "contrasts": contrasts,
        "said": [sentence(row) for row in contrasts],
        "notes": [*design.notes, *_cautions(len(seeds), clusters)],
        "definition": DEFINITION,
    }  # fmt: skip


def _cell(name: str, design: Design, kept: Sequence[Kept]) -> dict[str, Any]:
    one = next(cell for cell in design.cells if cell.name == name)
    known: dict[str, Any] = {
        "name": name,
        "label": one.label,
        "made": "trained" if isinstance(one, Training) else one.how,
    }
    for key in ("parameters", "pairs_used", "steps", "tokens"):
        if key in kept[0].counts:
            known[key] = round(sum(seed.counts[key] for seed in kept) / len(kept))
    missing = sum(int(np.isnan(values).sum()) for seed in kept for values in seed.views.values())
    return known | ({"missing_scores": missing} if missing else {})


def _accuracy(measure: Measure, one: Sums, drawn_D: Floats, draws: Draws) -> dict[str, Any]:
    low, high = _ends(one, drawn_D)
    return {
        "cell": measure.cell,
        "view": measure.view,
        "group": measure.group,
        "estimate": round(one.estimate, 4),
        "low": low,
        "high": high,
        "by_seed": [round(float(value), 4) for value in one.by_seed],
    }


def _ends(one: Sums, drawn_D: Floats) -> tuple[float | None, float | None]:
    """Ends of the interval; None where the group has one cluster."""
    if np.count_nonzero(one.counts) < 2:
        return None, None
    low, high = percentiles(widened(drawn_D, one.by_seed, int(np.count_nonzero(one.counts))))
    return round(max(0.0, low), 4), round(min(1.0, high), 4)


def _tested(contrast: Contrast, made: Mapping[Measure, Sums], taken: Mapping[Measure, Floats]) -> dict[str, Any]:
    """Means of both sides, their difference, its interval and p."""
    sides, difference_D, moved_G, by_seed_S = [], 0.0, 0.0, 0.0
    for sign, side in ((1.0, contrast.a), (-1.0, contrast.b)):
        if not side:
            sides.append(CHANCE)
            difference_D, by_seed_S = difference_D - CHANCE, by_seed_S - CHANCE
            continue
        sides.append(float(np.mean([made[one].estimate for one in side])))
        difference_D = difference_D + sign * np.mean([taken[one] for one in side], axis=0)
        by_seed_S = by_seed_S + sign * np.mean([made[one].by_seed for one in side], axis=0)
        parts = [(made[one].totals.mean(axis=0) - CHANCE * made[one].counts) / made[one].counts.sum() for one in side]
        moved_G = moved_G + sign * np.mean(parts, axis=0)
    drawn_D = np.asarray(difference_D, dtype=np.float64)
    moved = np.asarray(moved_G, dtype=np.float64)
    difference = sides[0] - sides[1]
    counts_G = np.sum([made[one].counts for one in (*contrast.a, *contrast.b)], axis=0)
    clusters = int(np.count_nonzero(counts_G))
    if clusters > 1:
        drawn_D = widened(drawn_D, np.asarray(by_seed_S), clusters)
    ends = percentiles(drawn_D) if clusters > 1 else (None, None)
    p = p_of(difference, drawn_D, moved) if clusters > 1 else 1.0
    return {"sides": sides, "difference": difference, "ends": ends, "p": p, "clusters": clusters}


def _row(contrast: Contrast, found: Mapping[str, Any], p_holm: float) -> dict[str, Any]:
    difference = found["difference"]
    verdict = OPEN if p_holm >= ALPHA else HELD if difference > 0 else REVERSED
    low, high = (None if end is None else round(end, 4) for end in found["ends"])
    least = 2.0 ** (1 - found["clusters"])
    note = {"note": f"with {found['clusters']} clusters p can't fall below {least:.3g}"} if least >= ALPHA else {}
    return {
        "name": contrast.name,
        "claim": contrast.claim,
        "a": round(found["sides"][0], 4),
        "b": round(found["sides"][1], 4),
        "against_chance": not contrast.b,
        "difference": round(difference, 4),
        "low": low,
        "high": high,
        "p": round(found["p"], 6),
        "p_holm": round(p_holm, 6),
        "clusters": found["clusters"],
        "verdict": verdict,
        **note,
    }


def sentence(row: Mapping[str, Any]) -> str:
    """A contrast in plain words and numbers."""
    against = "chance" if row["against_chance"] else f"{100 * row['b']:.1f}%"
    span = "" if row["low"] is None else f", 95% {100 * row['low']:+.1f} to {100 * row['high']:+.1f}"
    claim = row["claim"][0].upper() + row["claim"][1:]
    note = f"; {row['note']}" if "note" in row else ""
    return (
        f"{claim}: {row['verdict']}. {100 * row['a']:.1f}% against {against}, {100 * row['difference']:+.1f} points"
        f"{span}, p {row['p']:.3g}, after Holm {row['p_holm']:.3g}{note}."
    )


def _cautions(seeds: int, clusters: int) -> list[str]:
    """What a reader should know of the intervals."""
    found = []
    if seeds == 1:
        found.append("One seed: the intervals know nothing of how far trainings differ. Five or more are better.")
    elif seeds < FEW_SEEDS:
        found.append(f"{seeds} seeds, below {FEW_SEEDS}: how far trainings differ is known roughly.")
    if clusters < FEW_CLUSTERS:
        found.append(f"{clusters} clusters of repositories, below {FEW_CLUSTERS}: the intervals are rough.")
    return found
