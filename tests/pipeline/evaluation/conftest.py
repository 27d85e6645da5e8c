"""A small run: training and benchmark pairs of disjoint packages, with known operators."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas import contract
from schemas.criteria import CRITERIA
from schemas.provenance import Step

OPERATORS = {
    "boundary": ("functional_correctness", "<", "<="),
    "needless_sort": ("runtime_efficiency", "in items", "in sorted(items)"),
    "swap": ("security_hardness", "add(a, b)", "add(b, a)"),
}


def made(package: str, number: int) -> dict[str, str]:
    operator, (criterion, old, new) = list(OPERATORS.items())[number % 3]
    name = f"{package}_f{number}"
    good = f"def {name}(items, a, b):\n    for item in items:\n        if item < {number}:\n            add(a, b)"
    return {
        "idx": f"{package}-{number:03d}",
        "repo": f"pypi:{package}",
        "operator": operator,
        "criterion": criterion,
        "prompt": f"Write `{name}`.",
        "chosen": good,
        "rejected": good.replace(old, new),
    }


def provenance_row(key: str, pair: dict[str, str]) -> dict[str, object]:
    steps = (Step("chosen", "source", "1"), Step("rejected", f"mutation/{pair['operator']}", "1"))
    return {key: pair["idx"], "repo": pair["repo"], "kind": "defect", "steps": contract.steps_row(steps)}


def write(folder: Path, rows: list[dict[str, object]], schema: pa.Schema) -> None:
    folder.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows, schema), folder / "part-00000.parquet")


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    def make(packages: int = 6, functions: int = 12) -> Path:
        training = [made(f"t{p}", n) for p in range(packages) for n in range(functions)]
        held = [made(f"h{p}", n) for p in range(packages) for n in range(functions)]
        write(
            tmp_path / "dataset" / "data",
            [
                {
                    "system": None,
                    "input": pair["prompt"],
                    "chosen": pair["chosen"],
                    "rejected": pair["rejected"],
                    "language": contract.LANGUAGES.index("Python"),
                    "aspect": CRITERIA[pair["criterion"]].id,
                    "source": "pypi",
                    "idx": pair["idx"],
                }
                for pair in training
            ],
            contract.training_schema(),
        )
        write(tmp_path / "dataset" / "provenance", [provenance_row("idx", p) for p in training], contract.PROVENANCE)
        write(
            tmp_path / "benchmark" / "data",
            [
                {
                    "prompt": pair["prompt"],
                    "chosen": pair["chosen"],
                    "rejected": pair["rejected"],
                    "language": "Cpp" if pair["repo"] == "pypi:h0" else "Python",
                    "aspect": CRITERIA[pair["criterion"]].benchmark_name,
                    "subset": "MUTANTS",
                    "id": pair["idx"],
                }
                for pair in reversed(held)
            ],
            contract.BENCHMARK,
        )
        rows = [provenance_row("id", p) for p in held]
        write(tmp_path / "benchmark" / "provenance", rows, contract.BENCHMARK_PROVENANCE)
        return tmp_path

    return make
