"""Which pairs a benchmark takes, and what its folder's files say."""

import io
from collections import Counter
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from pipeline.evaluation.build import BuildOptions, Row, card, files, select
from schemas import contract
from schemas.config import validate
from schemas.errors import ConfigError
from schemas.provenance import Step


def row(number: int, kind: str = "defect", repo: str = "", language: str = "Python", **more: Any) -> Row:
    steps = contract.steps_row((Step("chosen", "source", "1"), Step("rejected", "mutation/swap", "1")))
    data = {
        "prompt": f"Write f{number}.", "chosen": f"def f{number}(): pass", "rejected": f"def f{number}x(): 1",
        "language": language, "aspect": "Functional_Correctness", "subset": "MUTANTS", "id": f"{number:04d}",
    }  # fmt: skip
    origin: dict[str, Any] = dict.fromkeys(contract.BENCHMARK_PROVENANCE.names)
    origin |= {
        "id": data["id"], "repo": repo or f"pypi:{number % 4}", "kind": kind, "steps": steps, "source": "pypi",
        "cluster": f"c{number // 2}", "license": "MIT" if number % 2 else None,
    }  # fmt: skip
    return Row(data | more, origin, "first", str(origin["repo"]))


def ids(rows: list[Row]) -> list[str]:
    return [one.id for one in rows]


def test_all_but_placebos_by_default() -> None:
    rows = [row(n, "placebo" if n % 5 == 0 else "flip" if n % 5 == 1 else "defect") for n in range(20)]
    kept, dropped = select(rows[::-1], BuildOptions())
    assert ids(kept) == [one.id for one in rows if one.origin["kind"] != "placebo"]
    assert +dropped == Counter(excluded_kind=4)
    kept, dropped = select(rows, BuildOptions(exclude=("placebo", "flip")))
    assert (len(kept), dropped["excluded_kind"]) == (12, 8)
    kept, _ = select(rows, BuildOptions(exclude=()))
    assert len(kept) == 20


def test_caps_hold_per_criterion_and_language() -> None:
    rows = [row(n, language="Go" if n >= 30 else "Python") for n in range(40)]
    kept, dropped = select(rows, BuildOptions(cap=8))
    assert Counter(one.data["language"] for one in kept) == {"Python": 8, "Go": 8}
    assert dropped["cap"] == 24
    clusters = Counter(one.origin["cluster"] for one in kept)
    assert set(clusters.values()) == {2}, "the members of a cluster go together"
    assert ids(select(rows[::-1], BuildOptions(cap=8))[0]) == ids(kept)
    assert ids(select(rows, BuildOptions(cap=8, seed=1))[0]) != ids(kept)


def test_caps_of_a_repository_and_least_repositories() -> None:
    rows = [*(row(n, repo="pypi:big") for n in range(20)), *(row(n) for n in range(20, 24)), row(30, language="Go")]
    kept, dropped = select(rows, BuildOptions(per_repository=3))
    assert Counter(one.group for one in kept)["pypi:big"] == 3
    assert dropped["per_repository"] == 17
    kept, dropped = select(rows, BuildOptions(min_clusters=2))
    assert {one.data["language"] for one in kept} == {"Python"}
    assert dropped["few_clusters"] == 1


def test_balance() -> None:
    rows = [row(n, chosen="x" * (1 if n % 6 == 0 else 3), rejected="xx") for n in range(30)]
    rows += [row(n, chosen="x", rejected="y") for n in range(30, 33)]
    kept, dropped = select(rows, BuildOptions(balance=True))
    assert Counter(len(one.data["chosen"]) - len(one.data["rejected"]) for one in kept) == {-1: 5, 1: 5, 0: 3}
    assert dropped["unbalanced"] == 20


@pytest.mark.parametrize(
    ("subset", "name"),
    [("made", "MUTANTS"), ("kind", "DEFECT"), ("operator", "mutation/swap"), ("source", "pypi"), ("run", "first")],
)
def test_subset_names(subset: str, name: str) -> None:
    options = validate(BuildOptions, {"subset": subset}, "themis benchmark")
    assert [one.data["subset"] for one in select([row(1)], options)[0]] == [name]


def test_unknown_kinds_and_names() -> None:
    for given, said in (({"exclude": ["flips"]}, "'flips' is no kind of pair; there are chain, change"),
                        ({"subset": "colour"}, "subset"), ({"cap": 0}, "cap")):  # fmt: skip
        with pytest.raises(ConfigError, match=said):
            validate(BuildOptions, given, "themis benchmark")
    assert BuildOptions(exclude=("flip", "chain", "flip")).exclude == ("chain", "flip")


def test_files_hold_each_row_once_with_its_provenance() -> None:
    rows = [row(n, "placebo" if n == 3 else "defect", language="Cpp" if n % 2 else "C") for n in range(8)]
    made = files(rows)
    assert made == files(rows)
    assert [path for path in made if "provenance" not in path] == [
        "data/Functional_Correctness-C.parquet",
        "data/Functional_Correctness-Cpp.parquet",
        "placebo/Functional_Correctness-Cpp.parquet",
    ]
    found = {path: pq.read_table(io.BytesIO(data)) for path, (data, _) in made.items()}
    for path, table in found.items():
        assert table.num_rows == made[path][1]
        schema = contract.BENCHMARK_PROVENANCE if "provenance" in path else contract.BENCHMARK
        assert table.schema.equals(schema)
    for folder, beside in (("data", "provenance"), ("placebo", "placebo_provenance")):
        for path in (path for path in found if path.startswith(f"{folder}/")):
            assert found[path]["id"].to_pylist() == found[path.replace(folder, beside)]["id"].to_pylist()
    assert found["placebo/Functional_Correctness-Cpp.parquet"]["id"].to_pylist() == ["0003"]


def test_card() -> None:
    rows = [row(n, language="Cpp" if n % 2 else "C") for n in range(8)] + [row(9, "placebo")]
    text = card("Ours", rows, {"runs": [{"name": "first"}]})
    front = yaml.safe_load(text.split("---")[1])
    assert [one["config_name"] for one in front["configs"]] == [
        "Full", "Stratified_Aspect", "Stratified_Language", "Placebo",
    ]  # fmt: skip
    assert {"split": "Cpp", "path": "data/*-Cpp.parquet"} in front["configs"][2]["data_files"]
    assert "8 code preference pairs of 4 repositories, held out of the training sets of `first`." in text
    assert "| C | 4 |" in text
    assert "MIT 5, unknown 4." in text
