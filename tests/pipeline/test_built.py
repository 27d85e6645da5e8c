"""A benchmark is built from runs, certified against their training sets, and checked again from both."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.audit.apart import Training, conflicts, open_run
from pipeline.audit.built import NAME, build, once, verify_built
from pipeline.evaluation.benchmark import read_benchmark
from pipeline.evaluation.build import BuildOptions, Row
from schemas.errors import CheckFailed, ConfigError, RunFolderError
from tests.pipeline.forged import BENCH, BENCH_DATA, put, put_text

FRESH = {
    "prompt": "Compose an unheard melody quickly please", "chosen": "def zeta(q):\n    return [q]\n",
    "rejected": "def zeta(q):\n    return q[0]\n", "language": "Python", "aspect": "Functional_Correctness",
    "subset": "MUTANTS", "id": "fresh",
}  # fmt: skip


@pytest.fixture(scope="module")
def made(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("built") / "bench"
    build([str(finished)], out, "bench", BuildOptions(exclude=()))
    return out


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "bench")


@pytest.fixture(scope="module")
def train(finished: Path) -> Training:
    return Training.of([open_run(str(finished))])


@pytest.fixture(scope="module")
def trained(finished: Path) -> dict[str, Any]:
    """A training row with its provenance."""
    folder = finished / "dataset"
    rows, origins = (
        pq.read_table(folder / name / "train-00000-of-00002.parquet").to_pylist() for name in ("data", "provenance")
    )
    index = next(i for i, row in enumerate(rows) if len(row["chosen"]) > 200)
    return {**origins[index], **rows[index]}


def test_everything_of_one_run_is_taken(finished: Path, made: Path) -> None:
    pairs = read_benchmark(made)
    assert pairs == read_benchmark(finished / "benchmark")
    said = json.loads((made / NAME).read_text())
    ours = json.loads((finished / "split.json").read_text())
    assert said["train"] == ours["train"]
    assert said["benchmark"] == ours["benchmark"]
    assert said["held_out"] == ours["held_out"]
    assert not any(said["dropped"].values())
    assert verify_built(made, [str(finished)]) == []


def test_datasets_load_it(made: Path, tmp_path: Path) -> None:
    from datasets import get_dataset_config_names, load_dataset

    assert {"Full", "Stratified_Aspect", "Stratified_Language"} <= set(get_dataset_config_names(str(made)))
    pairs = read_benchmark(made)
    full = load_dataset(str(made), split="Full", cache_dir=str(tmp_path))
    assert sorted(full["id"]) == [pair.id for pair in pairs]
    language = pairs[0].language
    part = load_dataset(str(made), "Stratified_Language", split=language, cache_dir=str(tmp_path))
    assert set(part["language"]) == {language}
    assert len(part) == sum(pair.language == language for pair in pairs)


def test_same_runs_same_bytes(finished: Path, own: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    build([str(finished)], again, "bench", BuildOptions(exclude=()))
    paths = sorted(path.relative_to(own) for path in own.rglob("*") if path.is_file())
    assert paths == sorted(path.relative_to(again) for path in again.rglob("*") if path.is_file())
    assert all((own / path).read_bytes() == (again / path).read_bytes() for path in paths)


def test_two_runs_with_the_same_pairs_are_one(finished: Path, own_run: Path) -> None:
    rows, dropped = once([open_run(str(finished)), open_run(str(own_run))])
    assert len(rows) == dropped["duplicate"] == len(once([open_run(str(finished))])[0])


def fresh(**more: Any) -> Row:
    origin = {"repo": "pypi:new", "family": None, "blob_sha256": "0" * 64, "before_sha256": None, "cluster": "new"}
    data = {key: more.pop(key) for key in tuple(more) if key in FRESH}
    return Row(FRESH | data, origin | more, "other", "pypi:new")


def test_what_is_not_apart_is_named(train: Training, trained: dict[str, Any]) -> None:
    language = {"C++": "Cpp", "C#": "CSharp"}
    names = ["JavaScript", "Python", "Ruby", "C++", "C", "Go", "Java", "C#"]
    spoken = names[trained["language"]]
    text = trained["chosen"]
    cases: dict[str, dict[str, Any]] = {
        "shared_repository": {"repo": trained["repo"]},
        "shared_blob": {"before_sha256": trained["blob_sha256"]},
        "shared_cluster": {"cluster": trained["cluster"]},
        "contaminated": {"prompt": trained["input"]},
        "syntax_clone": {"chosen": text, "language": language.get(spoken, spoken)},
        "near_training": {"rejected": text, "language": "NL"},
    }
    rows = [fresh(id=reason, **more) for reason, more in cases.items()]
    assert conflicts([*rows, fresh()], train) == {reason: reason for reason in cases}


def test_forks_count_as_their_repository(train: Training, trained: dict[str, Any]) -> None:
    linked = replace(train, side=replace(train.side, links=train.side.links | {(trained["repo"], "root")}))
    rows = [fresh(id="fork", family="root"), fresh(id="other", repo="pypi:else", family="leaf")]
    assert conflicts(rows, linked) == {"fork": "shared_repository"}


def test_pairs_near_another_runs_training_set_are_dropped(finished: Path, own_run: Path, tmp_path: Path) -> None:
    prompt = pq.read_table(finished / "dataset/data/train-00000-of-00002.parquet")["input"][0].as_py()
    put_text(own_run, BENCH_DATA, "prompt", prompt)
    put_text(own_run, BENCH_DATA, "id", "0" * 64)
    put(own_run, BENCH, "id", "0" * 64)
    roots = [str(finished), str(own_run)]
    out = tmp_path / "merged"
    said = build(roots, out, "merged", BuildOptions())
    assert said["dropped"]["contaminated"] == 1
    assert [run["name"] for run in said["runs"]] == [said["runs"][0]["name"]] * 2
    assert verify_built(out, roots[::-1]) == []


@pytest.mark.parametrize("folder", ["data", "provenance"])
def test_changed_tables_are_told(finished: Path, own: Path, folder: str) -> None:
    path = sorted((own / folder).glob("*.parquet"))[0]
    pq.write_table(pq.read_table(path).slice(1), path)
    assert verify_built(own, [str(finished)]) == [f"{folder}/{path.name}: missing, or not the file that {NAME} names"]


def test_files_too_many_or_too_few_are_told(finished: Path, own: Path) -> None:
    path = sorted((own / "data").glob("*.parquet"))[0]
    shutil.copy(path, own / "data" / "more.parquet")
    path.unlink()
    assert verify_built(own, [str(finished)]) == [
        f"data/{path.name}: missing, or not the file that {NAME} names",
        "data/more.parquet: not of this benchmark, yet readers of the folder take it in",
    ]


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("train", lambda said: said["train"].update(pairs=1)),
        ("held_out", lambda said: said["held_out"].pop()),
        ("runs", lambda said: said["runs"][0]["thresholds"].update(near_jaccard=0.99)),
    ],
)
def test_a_certificate_that_says_otherwise(
    finished: Path, own: Path, section: str, change: Callable[[Any], None]
) -> None:
    said = json.loads((own / NAME).read_text())
    change(said)
    (own / NAME).write_text(json.dumps(said))
    assert verify_built(own, [str(finished)]) == [f"{NAME}: {section} is not what the tables and the runs give"]


def test_a_benchmark_of_another_training_set_is_told(own_run: Path, own: Path) -> None:
    prompt = read_benchmark(own)[0].prompt
    put_text(own_run, "dataset/data/train-00000-of-00002.parquet", "input", prompt)
    broken = verify_built(own, [str(own_run)])
    assert any("is not apart from the training sets: contaminated" in line for line in broken)


def test_bad_input(finished: Path, own_run: Path, tmp_path: Path) -> None:
    root = str(finished)
    with pytest.raises(ConfigError, match="must be one or more, each once"):
        build([root, root], tmp_path / "out", "x", BuildOptions())
    with pytest.raises(RunFolderError, match=r"no manifest\.json here"):
        build([str(tmp_path)], tmp_path / "out", "x", BuildOptions())
    with pytest.raises(ConfigError, match="no pair is left"):
        build([root], tmp_path / "out", "x", BuildOptions(min_clusters=1000))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(ConfigError, match="is not a benchmark that this command wrote"):
        build([root], tmp_path / "mine", "x", BuildOptions())
    (own_run / BENCH_DATA).write_bytes(b"PAR1")
    with pytest.raises(CheckFailed, match="not the file that the manifest names"):
        build([str(own_run)], tmp_path / "out", "x", BuildOptions())
    with pytest.raises(ConfigError, match=f"holds no {NAME}"):
        verify_built(tmp_path / "mine", [root])
    (tmp_path / "mine" / NAME).write_text("{}")
    with pytest.raises(ConfigError, match="not a certificate of this version"):
        verify_built(tmp_path / "mine", [root])
    assert not (tmp_path / "out").exists()


def test_a_run_without_shards(own_run: Path, tmp_path: Path) -> None:
    path = own_run / "manifest.json"
    said = json.loads(path.read_text())
    del said["stages"]["assemble"]
    path.write_text(json.dumps(said))
    with pytest.raises(ConfigError, match="has no shards yet"):
        build([str(own_run)], tmp_path / "out", "x", BuildOptions())
