"""Puts `client_calls` on the path, and gives a ledger."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from synthesis.ledger import Ledger

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.sqlite") as made:
        yield made
