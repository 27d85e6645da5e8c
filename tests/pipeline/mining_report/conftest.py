"""The run and the gold file of `mined_run`."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mined_run import DROPPED, GOLD, MINED, candidate, dropped, gold_row, write_run


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The run of the table above."""
    return write_run(tmp_path / "run", [candidate(*one) for one in MINED], [dropped(*one) for one in DROPPED])


@pytest.fixture
def write_gold(tmp_path: Path) -> Callable[..., Path]:
    """Writes a gold file of rows, or of the table above."""

    def write(rows: list[Any] | None = None, name: str = "gold.jsonl") -> Path:
        path = tmp_path / name
        lines = [one if isinstance(one, str) else json.dumps(one) for one in rows or [gold_row(*one) for one in GOLD]]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return path

    return write
