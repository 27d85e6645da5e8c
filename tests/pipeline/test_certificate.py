"""`split.json` says what the tables hold, and `verify` tells every place where it doesn't."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from parsers.clones import MIN_TOKENS
from pipeline.stages.windows import Windows
from schemas.provenance import sha256
from tests.pipeline.conftest import Themis
from tests.pipeline.forged import Broken, certify_anew, patch_manifest, told


@pytest.fixture
def broken(own_run: Path, themis: Themis) -> Broken:
    """What `verify` says of the copied run, once it is tampered with."""
    return partial(told, themis, own_run)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("train", "pairs"), 1),
        (("train", "clone_keys"), 1),
        (("train", "sha256", "clone_keys"), "0" * 64),
        (("thresholds", "clone_tokens"), 1),
        (("dropped", "syntax_clone"), 999),
        (("benchmark", "sha256", "files"), "0" * 64),
        (("thresholds", "near_jaccard"), 0.99),
        (("dropped", "near_benchmark"), 999),
        (("windows",), {}),
        (("held_out",), []),
    ],
)
def test_certificate_says_otherwise(path: tuple[str, ...], value: Any, own_run: Path, broken: Broken) -> None:
    table = json.loads((own_run / "split.json").read_text())
    inner = table
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    certify_anew(own_run, json.dumps(table))
    assert broken().startswith(f"split.json: {'.'.join(path)}")


def test_certificate_edited_without_its_hash(own_run: Path, broken: Broken) -> None:
    (own_run / "split.json").write_text((own_run / "split.json").read_text().replace('"pairs": ', '"pairs": 1'))
    assert broken().startswith("split.json: sha256 is ")


def test_certificate_that_is_not_json(own_run: Path, broken: Broken) -> None:
    certify_anew(own_run, "{")
    assert broken().startswith("split.json: not JSON: ")


def test_certificate_that_the_manifest_forgets(own_run: Path, broken: Broken) -> None:
    def change(manifest: dict[str, Any]) -> None:
        entry = manifest["stages"]["assemble"]
        entry["files"] = [file for file in entry["files"] if file["path"] != "split.json"]

    patch_manifest(own_run, change)
    assert broken().startswith("split.json: not among the run's files")


@pytest.mark.parametrize("text", [None, "curate: 3", "[", "mine: {}\ncurate: {near_duplicates: {}}"])
def test_configuration_that_is_not_the_runs(text: str | None, own_run: Path, broken: Broken) -> None:
    (own_run / "config.yaml").unlink()
    if text is not None:
        (own_run / "config.yaml").write_text(text)
    assert broken().startswith("config.yaml: ")


def test_configuration_with_another_threshold(own_run: Path, broken: Broken) -> None:
    text = (own_run / "config.yaml").read_text()
    (own_run / "config.yaml").write_text(text.replace("threshold: 0.75", "threshold: 0.5"))
    assert "split.json: thresholds.near_jaccard is 0.75, the tables and config.yaml give 0.5" in broken()
    (own_run / "config.yaml").write_text(text.replace("threshold: 0.75", "threshold: 7"))
    assert broken().startswith("config.yaml: not a run's whole configuration (ConfigError: ")


def test_certificate_of_a_good_run(finished: Path) -> None:
    table = json.loads((finished / "split.json").read_text())
    assert list(table) == sorted(table)
    assert table["version"] == 2
    assert table["windows"] == Windows().model_dump(mode="json")
    assert table["thresholds"] == {
        "near_jaccard": 0.75,
        "near_shingle_tokens": 20,
        "shared_words": 13,
        "clone_tokens": MIN_TOKENS,
    }
    for split, name in (("train", "dataset"), ("benchmark", "benchmark")):
        folders = (finished / name / "provenance", finished / name / "placebo_provenance")
        rows = [row for folder in folders for path in folder.iterdir() for row in pq.read_table(path).to_pylist()]
        repos = sorted({row["repo"] for row in rows})
        assert table[split]["pairs"] == len(rows) and table[split]["repositories"] == len(repos)
        listed = "".join(f"{repo}\n" for repo in repos)
        assert table[split]["sha256"]["repositories"] == sha256(listed.encode())
    assert [one["repositories"] for one in table["held_out"]] == [[repo] for repo in repos]
    assert set(table["dropped"]) == {"contaminated", "near_benchmark", "shared_blob", "split_window", "syntax_clone"}
