"""What a run mined and why it dropped the rest, as tables: yield, lengths, funnel, mistakes and misses."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.mining_report.found import Found, Prediction, Tally
from pipeline.mining_report.intervals import FEW, wilson
from pipeline.mining_report.scoring import is_right
from pipeline.stages.selection import balanced
from schemas.criteria import CODE_CRITERIA

MINED = "mined"
TOP = 20


def yields(tally: Tally) -> dict[str, Any]:
    """Candidates by criterion, language and window."""
    cells = sorted(tally.candidates.items(), key=lambda item: (item[0].criterion, item[0].language, item[0].window))
    return {
        "candidates": tally.candidates.total(),
        "reversed": tally.reversed,
        "tasks": tally.tasks,
        "by_criterion": {
            key: {
                "candidates": sum(n for cell, n in cells if cell.criterion == key),
                "repositories": len(tally.repositories.get(key, ())),
            }
            for key in _criteria(cell.criterion for cell in tally.candidates)
        },
        "by_window": _sums((cell.window, n) for cell, n in cells),
        "cells": [
            {"criterion": cell.criterion, "language": cell.language, "window": cell.window, "candidates": n}
            for cell, n in cells
        ],
    }


def candidates_from(tally: Tally, threshold: float) -> dict[str, int]:
    """Changes of at least this confidence in the whole run, mined ones and those abstained on apart."""
    counted = {MINED: 0, "abstained": 0}
    for (_, confidence, kept), n in tally.confidences.items():
        if confidence >= threshold:
            counted[MINED if kept else "abstained"] += n
    return counted


def lengths(tally: Tally, seed: int) -> dict[str, Any]:
    """P(chosen is longer) of the mined changes, in full and as `balanced` would select them by criterion and language.

    Args:
        tally: of the run.
        seed: of the run, which the selection ranks by.
    """
    full: dict[tuple[str, str], Counter[str]] = {}
    even: dict[tuple[str, str], Counter[str]] = {}
    for key, sides in tally.sides.items():
        kept = balanced(sides, seed)
        full[key] = Counter(sides.values())
        even[key] = Counter(side for id_, side in sides.items() if id_ in kept)
    criteria = _criteria(criterion for criterion, _ in full)
    return {
        "overall": _balance(list(full), full, even),
        "by_criterion": {c: _balance([key for key in full if key[0] == c], full, even) for c in criteria},
        "by_criterion_and_language": [
            {"criterion": key[0], "language": key[1], **_balance([key], full, even)}
            for c in criteria
            for key in sorted(full)
            if key[0] == c
        ],
    }


def _balance(
    keys: Sequence[tuple[str, str]],
    full: Mapping[tuple[str, str], Counter[str]],
    even: Mapping[tuple[str, str], Counter[str]],
) -> dict[str, Any]:
    whole, kept = (sum((table[key] for key in keys), Counter[str]()) for table in (full, even))
    return {"full": _sides(whole), "balanced": _sides(kept), "cost": whole.total() - kept.total()}


def _sides(counted: Counter[str]) -> dict[str, Any]:
    uneven = counted["longer"] + counted["shorter"]
    return {
        "changes": counted.total(),
        **{side: counted[side] for side in ("longer", "shorter", "equal")},
        "p_longer": round(counted["longer"] / uneven, 4) if uneven else None,
        "wilson": wilson(counted["longer"], uneven),
        "small": uneven < FEW,
    }


def funnel(tally: Tally, found: Sequence[Found]) -> list[dict[str, Any]]:
    """Each outcome of the stage: its records, by language, and the hand-read commits it took; most frequent first.

    Args:
        tally: of the run.
        found: hand-read commits that the run examined; shares are of the usable ones among them.
    """
    by_reason: dict[str, Counter[str]] = {}
    for (reason, language), n in tally.dropped.items():
        by_reason.setdefault(reason, Counter())[language] += n
    kept: Counter[str] = Counter()
    for cell, n in tally.candidates.items():
        kept[cell.language] += n
    total = sum(one.gold.usable for one in found)
    weight = sum(one.gold.weight for one in found if one.gold.usable)
    rows = []
    for reason, languages in [(MINED, kept), *sorted(by_reason.items(), key=lambda item: (-item[1].total(), item[0]))]:
        own = [one for one in found if (one.reason or MINED) == reason]
        usable = [one for one in own if one.gold.usable]
        rows.append(
            {
                "reason": reason,
                "records": languages.total(),
                "by_language": dict(sorted(languages.items())),
                "gold": len(own),
                "gold_usable": len(usable),
                "gold_usable_share": round(len(usable) / total, 4) if total else None,
                "gold_usable_share_weighted": round(sum(one.gold.weight for one in usable) / weight, 4)
                if weight
                else None,
            }
        )
    return rows


def mistakes(found: Sequence[Found], top: int = TOP) -> list[dict[str, Any]]:
    """Mined predictions that are wrong, most confident first."""
    wrong = [(one, p) for one in found for p in one.predictions if p.kept and not is_right(one.gold, p)]
    wrong.sort(key=lambda item: (-item[1].confidence, item[0].gold.repo, item[0].gold.sha, item[1].criterion))
    return [{**_commit(one), **_predicted(p)} for one, p in wrong[:top]]


def misses(found: Sequence[Found], top: int = TOP) -> list[dict[str, Any]]:
    """Usable commits that were not mined, the strongest (then the heaviest) first, each with why."""
    lost = [one for one in found if one.gold.usable and not one.mined]
    lost.sort(key=lambda one: (-(one.gold.strength or 0), -one.gold.weight, one.gold.repo, one.gold.sha))
    rows = []
    for one in lost[:top]:
        best = one.predictions[0] if one.predictions else None
        rows.append({**_commit(one), "reason": one.reason, "detail": one.detail, **(_predicted(best) if best else {})})
    return rows


def _commit(one: Found) -> dict[str, Any]:
    gold = one.gold
    return {
        "repo": gold.repo, "sha": gold.sha, "path": one.path, "language": one.language, "criterion": gold.criterion,
        "usable": gold.usable, "also": list(gold.also), "strength": gold.strength, "kind": gold.kind,
        "reader_confidence": gold.confidence, "weight": gold.weight, "note": gold.note,
    }  # fmt: skip


def _predicted(one: Prediction) -> dict[str, Any]:
    return {
        "predicted": one.criterion,
        "confidence": round(one.confidence, 4),
        "subject": one.subject,
        "reversed": one.reversed,
    }


def _criteria(found: Any) -> list[str]:
    keys = set(found)
    return [key for key in CODE_CRITERIA if key in keys] + sorted(keys - set(CODE_CRITERIA))


def _sums(pairs: Any) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for name, n in pairs:
        sums[name] += n
    return dict(sorted(sums.items()))
