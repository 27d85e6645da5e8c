"""A folder of scored models."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.pipeline.evaluation.leaderboard.scored import rows, save


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """A folder of six models on one benchmark: two families, two single models, one of unknown size."""
    names = ("Alpha-0.6B", "Alpha-1.7B", "Alpha-8B", "Beta-7b-rm", "Beta-70b-rm", "Gamma-13B", "plain")
    for place, name in enumerate(names):
        save(tmp_path / "suite" / name, rows(skill=0.3 * place, seed=place))
    return tmp_path / "suite"


@pytest.fixture
def files() -> Callable[[Path], dict[str, bytes]]:
    """Relative path to content of every file of a folder, hidden ones too."""

    def read(folder: Path) -> dict[str, bytes]:
        return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}

    return read
