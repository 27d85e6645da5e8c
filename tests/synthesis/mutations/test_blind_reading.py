"""What blind readers of mutants said, on real code: `tests/data/blind_reading.jsonl`, one reading a line.

A reader saw two versions of a function in random order and the criterion, and said which is worse or that neither is;
only then the claim, and whether to accept it. The readers were language models with written instructions, one a
mutant. A reading counts for the version of the operator that it was made of.
"""

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

from synthesis.mutations import BY_NAME

LABELS = Path(__file__).parents[2] / "data" / "blind_reading.jsonl"
ENOUGH = 5


def readings() -> list[dict[str, Any]]:
    return [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]


def current() -> list[dict[str, Any]]:
    """Of operators that are kept, as they are."""
    rows = readings()
    return [row for row in rows if row["operator"] in BY_NAME and BY_NAME[row["operator"]].version == row["version"]]


def share(rows: list[dict[str, Any]]) -> float:
    return sum(row["accepted"] for row in rows) / len(rows)


def test_experts_accept_what_the_operators_claim() -> None:
    claimed = [row for row in current() if row["kind"] == "defect"]
    assert len(claimed) >= 900
    assert share(claimed) >= 0.85
    by_criterion = defaultdict(list)
    for row in claimed:
        by_criterion[row["criterion"]].append(row)
    assert len(by_criterion) == 5
    for criterion, rows in by_criterion.items():
        assert share(rows) >= 0.8, (criterion, share(rows))


def test_no_operator_that_was_read_often_enough_is_doubted() -> None:
    by_operator = defaultdict(list)
    for row in current():
        if row["kind"] != "placebo":
            by_operator[row["operator"]].append(row)
    doubted = {name: share(rows) for name, rows in by_operator.items() if len(rows) >= ENOUGH and share(rows) < 0.6}
    assert doubted == {}


def test_placebos_are_not_called_defects() -> None:
    ties = [row for row in readings() if row["kind"] == "placebo"]
    assert len(ties) >= 200
    assert sum(row["blind"] != "neither" for row in ties) / len(ties) <= 0.1
