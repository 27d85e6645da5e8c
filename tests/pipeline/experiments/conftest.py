"""A small finished run: two languages and three criteria with enough pairs, one of each with too few."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.experiments import presets
from pipeline.experiments.common import Preset
from schemas import contract
from schemas.criteria import CRITERIA
from tests.pipeline.evaluation.conftest import made, provenance_row, write

TINY = Preset(
    tokens=1500, max_pairs=40, max_tokens=160, batch_pairs=4, seeds=2, sizes=2, min_pairs=12, min_test=6
)  # fmt: skip
RECIPE = """
name: {name}
architecture:
  {{hidden_size: {hidden}, intermediate_size: 16, layers: 1, heads: 2, kv_heads: 2, head_dim: 8, vocab_size: 400}}
stages: [{{name: pm, system: own, max_tokens: 160, epochs: 1, batch_pairs: 4, learning_rate: 0.01, lm_weight: 0.01,
  magnitude_weight: 0.001}}]
"""


def _spoken(package: int, packages: int) -> str:
    """The last package is Go, which has too few; the others are Python and C++ in turn."""
    return "Go" if package == packages - 1 else ("Python", "C++")[package % 2]


def build(folder: Path, packages: int = 5, functions: int = 9) -> Path:
    """Write a run's `dataset` (both configurations) and `benchmark`."""
    training, held = [], []
    for part, prefix in ((training, "t"), (held, "h")):
        for p in range(packages):
            for n in range(functions if p < packages - 1 else 4):
                part.append(({**made(f"{prefix}{p}", n)}, _spoken(p, packages)))
    rows: list[dict[str, Any]] = [
        {
            "system": None, "input": pair["prompt"], "chosen": pair["chosen"], "rejected": pair["rejected"],
            "language": contract.LANGUAGES.index(language), "aspect": CRITERIA[pair["criterion"]].id,
            "source": "pypi", "idx": pair["idx"],
        }
        for pair, language in training
    ]  # fmt: skip
    for configuration in ("data", "balanced"):
        write(folder / "dataset" / configuration, rows, contract.training_schema())
    write(folder / "dataset" / "provenance", [provenance_row("idx", p) for p, _ in training], contract.PROVENANCE)
    asked: list[dict[str, Any]] = [
        {
            "prompt": pair["prompt"], "chosen": pair["chosen"], "rejected": pair["rejected"],
            "language": contract.BENCHMARK_LANGUAGES.get(language, language),
            "aspect": CRITERIA[pair["criterion"]].benchmark_name, "subset": "MUTANTS", "id": pair["idx"],
        }
        for pair, language in held
    ]  # fmt: skip
    write(folder / "benchmark" / "data", asked, contract.BENCHMARK)
    origins = [provenance_row("id", pair) for pair, _ in held]
    write(folder / "benchmark" / "provenance", origins, contract.BENCHMARK_PROVENANCE)
    return folder


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("run"))


@pytest.fixture
def recipe(tmp_path: Path) -> Callable[..., str]:
    """A recipe's file."""

    def make(name: str = "small", hidden: int = 16) -> str:
        path = tmp_path / f"{name}.yaml"
        path.write_text(RECIPE.format(name=name, hidden=hidden))
        return str(path)

    return make


@pytest.fixture(autouse=True)
def tiny_preset(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(presets.PRESETS, "tiny", TINY)
    yield
