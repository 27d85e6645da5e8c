"""A small run's `dataset` folder: six packages, three kinds of defect, both sides of a pair close to each other."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas import contract
from schemas.criteria import CRITERIA
from schemas.provenance import Step

NAMES = ("total", "count", "weight", "price", "length", "depth", "score", "width")


def rows(packages: int, functions: int) -> list[dict[str, object]]:
    made = []
    for package in range(packages):
        for number in range(functions):
            name = NAMES[(package + number) % len(NAMES)]
            good = f"def {name}_{number}(items, limit):\n    found = 0\n    for item in items:\n"
            good += f"        if item < limit:\n            found += item.{name}\n    return found"
            edits = {
                "boundary": ("functional_correctness", good.replace("< limit", "<= limit")),
                "needless_sort": ("runtime_efficiency", good.replace("in items", "in sorted(items)")),
                "rename": ("readability_maintainability", good.replace("found", "v1")),
            }
            operator, (criterion, bad) = list(edits.items())[number % 3]
            made.append(
                {
                    "idx": f"{package:02d}-{number:03d}",
                    "repo": f"pypi:package-{package}",
                    "operator": operator,
                    "criterion": criterion,
                    "prompt": f"Write `{name}_{number}`: add up the {name} of items below the limit.",
                    "chosen": good,
                    "rejected": bad,
                }
            )
    return made


def write_dataset(folder: Path, pairs: list[dict[str, object]], shards: int = 2) -> Path:
    data, provenance = [], []
    for pair in pairs:
        criterion = CRITERIA[str(pair["criterion"])]
        data.append(
            {
                "system": None if str(pair["idx"]).endswith("1") else "Judge it.",
                "input": pair["prompt"],
                "chosen": pair["chosen"],
                "rejected": pair["rejected"],
                "language": contract.LANGUAGES.index("Python"),
                "aspect": criterion.id,
                "source": "pypi",
                "idx": pair["idx"],
            }
        )
        steps = (Step("chosen", "source", "1"), Step("rejected", f"mutation/{pair['operator']}", "1"))
        soft = {name: pair[name] for name in ("label", "weight") if name in pair}
        provenance.append({"idx": pair["idx"], "repo": pair["repo"], "steps": contract.steps_row(steps), **soft})
    for name, part in (("data", data), ("balanced", data[::2])):
        (folder / name).mkdir(parents=True)
        for shard in range(shards):
            path = folder / name / f"train-{shard:05d}-of-{shards:05d}.parquet"
            pq.write_table(pa.Table.from_pylist(part[shard::shards], contract.training_schema()), path)
    (folder / "provenance").mkdir()
    table = pa.Table.from_pylist(provenance, contract.PROVENANCE)
    pq.write_table(table, folder / "provenance" / "train-00000-of-00001.parquet")
    return folder


@pytest.fixture
def dataset(tmp_path: Path) -> Callable[..., Path]:
    def make(packages: int = 6, functions: int = 12, shards: int = 2, name: str = "dataset") -> Path:
        return write_dataset(tmp_path / name, rows(packages, functions), shards)

    return make
