import json
import re
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from schemas.provenance import sha256
from tests.pipeline.conftest import Themis
from tests.pipeline.forged import DATA, PROVENANCE, Broken, edited, patch_manifest, rewrite, told


@pytest.fixture
def broken(own_run: Path, themis: Themis) -> Broken:
    """What `verify` says of the copied run, once it is tampered with."""
    return partial(told, themis, own_run)


def test_good_run_holds(finished: Path, themis: Themis) -> None:
    assert themis("verify", finished) == (0, f"{finished}: holds (hashes, row sums, schemas, order, split)\n", "")
    code, out, _ = themis("verify", finished, "--json")
    assert (code, json.loads(out)) == (0, {"run": str(finished), "holds": True, "broken": []})


def test_not_a_run(tmp_path: Path, themis: Themis) -> None:
    code, _, err = themis("verify", tmp_path)
    assert code == 2
    assert "no manifest.json here" in err


def test_json_names_what_is_broken(own_run: Path, themis: Themis) -> None:
    (own_run / DATA).unlink()
    code, out, _ = themis("verify", own_run, "--json")
    assert code == 1
    assert json.loads(out) == {"run": str(own_run), "holds": False, "broken": [f"{DATA}: missing"]}


@pytest.mark.parametrize(
    "name", [DATA, "dataset/README.md", "benchmark/data/test-00000-of-00001.parquet", "report.html"]
)
def test_flipped_byte(name: str, own_run: Path, broken: Broken) -> None:
    data = bytearray((own_run / name).read_bytes())
    data[len(data) // 2] ^= 1
    (own_run / name).write_bytes(bytes(data))
    assert broken().startswith(f"{name}: sha256 is ")


def test_several_files_gone(own_run: Path, broken: Broken) -> None:
    (own_run / PROVENANCE).unlink()
    next((own_run / "curated").iterdir()).unlink()
    assert broken().count(": missing\n") == 2


def test_row_removed_with_its_hash_patched(own_run: Path, broken: Broken) -> None:
    rewrite(own_run, DATA, pq.read_table(own_run / DATA).slice(1))
    assert "dataset/provenance: not in the order of dataset/data" in broken()


def test_row_removed_everywhere_with_its_hashes_patched(own_run: Path, broken: Broken) -> None:
    gone = pq.read_table(own_run / DATA).column("idx")[0].as_py()
    for name in (DATA, PROVENANCE, DATA.replace("data/", "balanced/")):
        table = pq.read_table(own_run / name)
        rewrite(own_run, name, table.filter(pc.not_equal(table.column("idx"), gone)))
    told = broken()
    kept = json.loads((own_run / "manifest.json").read_text())["stages"]["assemble"]["counts"]["kept"]
    first, *others = told.splitlines()
    assert first == f"assemble: its counts say {kept} kept, its files have {kept - 1} rows"
    assert others and all(line.startswith("split.json: train.") for line in others)


def test_row_of_a_middle_table_removed(own_run: Path, broken: Broken) -> None:
    name = "curated/curated-00000-of-00002.parquet"
    rewrite(own_run, name, pq.read_table(own_run / name).slice(1))
    assert "curate: its counts say " in broken()


def test_dropped_row_removed(own_run: Path, broken: Broken) -> None:
    name = next(p for p in sorted((own_run / "dropped").glob("synth*")) if pq.read_metadata(p).num_rows)
    rewrite(own_run, f"dropped/{name.name}", pq.read_table(name).slice(1))
    assert re.search(r"synthesize: its counts say \d+ dropped, its files have \d+ rows", broken())


def test_file_that_is_no_table(own_run: Path, broken: Broken) -> None:
    (own_run / DATA).write_bytes(b"not a table")

    def change(manifest: dict[str, Any]) -> None:
        for file in manifest["stages"]["assemble"]["files"]:
            if file["path"] == DATA:
                file.update(sha256=sha256(b"not a table"))

    patch_manifest(own_run, change)
    assert broken().startswith(f"{DATA}: not a Parquet file")


@pytest.mark.parametrize("folder", ["dataset/data", "dataset/balanced", "benchmark/data"])
def test_shard_that_is_not_the_runs(folder: str, own_run: Path, broken: Broken) -> None:
    (own_run / folder / "train-00009-of-00010.parquet").write_bytes((own_run / DATA).read_bytes())
    assert broken() == (
        f"{folder}/train-00009-of-00010.parquet: not of this run, yet readers of the folder take it in\n"
    )


def test_shard_that_the_manifest_forgets(own_run: Path, broken: Broken) -> None:
    (own_run / PROVENANCE).unlink()

    def change(manifest: dict[str, Any]) -> None:
        entry = manifest["stages"]["assemble"]
        entry["files"] = [file for file in entry["files"] if file["path"] != PROVENANCE]

    patch_manifest(own_run, change)
    assert "dataset/provenance: 1 files, dataset/data has 2" in broken()


def test_row_count_edited(own_run: Path, broken: Broken) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["stages"]["assemble"]["files"][0]["rows"] += 1

    patch_manifest(own_run, change)
    assert "rows, the manifest says" in broken()


@pytest.mark.parametrize(
    ("stage", "term", "said"),
    [
        ("mine", "in", "accounted for. Rows were lost"),
        ("synthesize", "dropped", "accounted for. Rows were lost"),
        ("curate", "kept", "accounted for. Rows were lost"),
    ],
)
def test_counts_edited(stage: str, term: str, said: str, own_run: Path, broken: Broken) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["stages"][stage]["counts"][term] += 1

    patch_manifest(own_run, change)
    assert f"{stage}: " in broken() and said in broken()


def test_counts_edited_so_that_the_sums_hold(own_run: Path, broken: Broken) -> None:
    def change(manifest: dict[str, Any]) -> None:
        counts = manifest["stages"]["synthesize"]["counts"]
        counts["kept"] -= 1
        counts["dropped"] += 1

    patch_manifest(own_run, change)
    assert "curate: " in broken() and "records in, but synthesize kept" in broken()


def test_provenance_out_of_order(own_run: Path, broken: Broken) -> None:
    table = pq.read_table(own_run / PROVENANCE)
    rewrite(own_run, PROVENANCE, table.take(list(reversed(range(table.num_rows)))))
    assert "dataset/provenance: not in the order of dataset/data" in broken()


def test_both_out_of_order(own_run: Path, broken: Broken) -> None:
    for name in (DATA, PROVENANCE):
        table = pq.read_table(own_run / name)
        rewrite(own_run, name, table.take(list(reversed(range(table.num_rows)))))
    assert "dataset/data: rows are not ordered by idx" in broken()


def test_row_twice(own_run: Path, broken: Broken) -> None:
    for name in (DATA, PROVENANCE):
        table = pq.read_table(own_run / name)
        rewrite(own_run, name, table.take([0, *range(table.num_rows)]))
    assert "dataset/data: a row's idx occurs twice" in broken()


def test_text_edited(own_run: Path, broken: Broken) -> None:
    rewrite(own_run, DATA, edited(own_run, DATA, "rejected", lambda texts: [f"{texts[0]} ", *texts[1:]]))
    assert "dataset/data: rejected of " in broken()
    assert "is not the text that its provenance names" in broken()


def test_column_renamed(own_run: Path, broken: Broken) -> None:
    table = pq.read_table(own_run / DATA)
    rewrite(own_run, DATA, table.rename_columns(["prompt" if n == "input" else n for n in table.column_names]))
    assert f"{DATA}: its schema is not the contract's" in broken()


def test_features_removed(own_run: Path, broken: Broken) -> None:
    rewrite(own_run, DATA, pq.read_table(own_run / DATA).replace_schema_metadata({}))
    assert f"{DATA}: its Hugging Face features are not the contract's" in broken()


def test_balanced_row_that_is_nowhere_else(own_run: Path, broken: Broken) -> None:
    name = DATA.replace("data/", "balanced/")
    rewrite(own_run, name, edited(own_run, name, "idx", lambda ids: [*ids[:-1], "f" * 64]))
    assert f"dataset/balanced: {'f' * 64} is not in dataset/data" in broken()


def test_run_until_a_stage_holds(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    assert themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", "--until", "synthesize")[0] == 0
    assert themis("verify", tmp_path / "run")[0] == 0
