"""Scores of made-up models on a made-up benchmark."""

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from schemas import contract

ASPECTS = ("Functional_Correctness", "Memory_Efficiency", "Readability_Maintainability", "Security_Hardness")
LANGUAGES = ("CSharp", "Cpp", "Go")


def rows(pairs: int = 120, skill: float = 0.5, seed: int = 0, prefix: str = "pair") -> list[dict[str, Any]]:
    """Rows of `scores.parquet`; pair `number` has the same labels whatever the seed."""
    draw = random.Random(seed)
    found = []
    for number in range(pairs):
        chosen, rejected = round(draw.gauss(skill, 1), 2), round(draw.gauss(0, 1), 2)
        found.append(
            {
                "id": f"{prefix}-{number:04d}",
                "chosen_score": chosen,
                "rejected_score": rejected,
                "correct": chosen > rejected,
                "score_diff": chosen - rejected,
                "language": LANGUAGES[number % 3],
                "aspect": ASPECTS[number % 4],
                "subset": "COMMITS" if number % 2 else "MUTANTS",
            }
        )
    return found


def save(folder: Path, table: list[dict[str, Any]] | pa.Table) -> Path:
    """Write `folder/scores.parquet`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = pa.Table.from_pylist(table, contract.SCORES) if isinstance(table, list) else table
    pq.write_table(made, folder / "scores.parquet")
    return folder
