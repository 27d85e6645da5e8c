import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from filters.minhash import jaccard, shingles
from pipeline.stages.windows import Windows
from schemas.provenance import sha256

Themis = Callable[..., tuple[int, str, str]]
DATA = "dataset/data/train-00000-of-00002.parquet"
PROVENANCE = "dataset/provenance/train-00000-of-00002.parquet"
BENCH = "benchmark/provenance/test-00000-of-00001.parquet"


def patch_manifest(run: Path, change: Callable[[dict[str, Any]], None]) -> None:
    path = run / "manifest.json"
    table = json.loads(path.read_text())
    change(table)
    path.write_text(json.dumps(table))


def rewrite(run: Path, name: str, table: pa.Table) -> None:
    """A table in place of another, with a manifest that agrees: what a careful forger would do."""
    pq.write_table(table, run / name)
    data = (run / name).read_bytes()

    def change(manifest: dict[str, Any]) -> None:
        for entry in manifest["stages"].values():
            for file in entry["files"]:
                if file["path"] == name:
                    file.update(sha256=sha256(data), bytes=len(data), rows=table.num_rows)

    patch_manifest(run, change)


def edited(run: Path, name: str, column: str, values: Callable[[list[Any]], list[Any]]) -> pa.Table:
    table = pq.read_table(run / name)
    at = table.schema.get_field_index(column)
    field = table.schema.field(at)
    return table.set_column(at, field, pa.array(values(table.column(column).to_pylist()), field.type))


@pytest.fixture
def broken(own_run: Path, themis: Themis) -> Callable[[], str]:
    """What `verify` says of the copied run, once it is tampered with."""

    def said() -> str:
        code, out, err = themis("verify", own_run)
        assert code == 1
        assert out == ""
        return err.removeprefix("error: ")

    return said


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
def test_flipped_byte(name: str, own_run: Path, broken: Callable[[], str]) -> None:
    data = bytearray((own_run / name).read_bytes())
    data[len(data) // 2] ^= 1
    (own_run / name).write_bytes(bytes(data))
    assert broken().startswith(f"{name}: sha256 is ")


def test_several_files_gone(own_run: Path, broken: Callable[[], str]) -> None:
    (own_run / PROVENANCE).unlink()
    next((own_run / "curated").iterdir()).unlink()
    assert broken().count(": missing\n") == 2


def test_row_removed_with_its_hash_patched(own_run: Path, broken: Callable[[], str]) -> None:
    rewrite(own_run, DATA, pq.read_table(own_run / DATA).slice(1))
    assert "dataset/provenance: not in the order of dataset/data" in broken()


def test_row_removed_everywhere_with_its_hashes_patched(own_run: Path, broken: Callable[[], str]) -> None:
    gone = pq.read_table(own_run / DATA).column("idx")[0].as_py()
    for name in (DATA, PROVENANCE, DATA.replace("data/", "balanced/")):
        table = pq.read_table(own_run / name)
        rewrite(own_run, name, table.filter(pa.compute.not_equal(table.column("idx"), gone)))
    told = broken()
    kept = json.loads((own_run / "manifest.json").read_text())["stages"]["assemble"]["counts"]["kept"]
    first, *others = told.splitlines()
    assert first == f"assemble: its counts say {kept} kept, its files have {kept - 1} rows"
    assert others and all(line.startswith("split.json: train.") for line in others)


def test_row_of_a_middle_table_removed(own_run: Path, broken: Callable[[], str]) -> None:
    name = "curated/curated-00000-of-00002.parquet"
    rewrite(own_run, name, pq.read_table(own_run / name).slice(1))
    assert "curate: its counts say " in broken()


def test_dropped_row_removed(own_run: Path, broken: Callable[[], str]) -> None:
    name = next(p for p in sorted((own_run / "dropped").glob("synth*")) if pq.read_metadata(p).num_rows)
    rewrite(own_run, f"dropped/{name.name}", pq.read_table(name).slice(1))
    assert re.search(r"synthesize: its counts say \d+ dropped, its files have \d+ rows", broken())


def test_file_that_is_no_table(own_run: Path, broken: Callable[[], str]) -> None:
    (own_run / DATA).write_bytes(b"not a table")

    def change(manifest: dict[str, Any]) -> None:
        for file in manifest["stages"]["assemble"]["files"]:
            if file["path"] == DATA:
                file.update(sha256=sha256(b"not a table"))

    patch_manifest(own_run, change)
    assert broken().startswith(f"{DATA}: not a Parquet file")


@pytest.mark.parametrize("folder", ["dataset/data", "dataset/balanced", "benchmark/data"])
def test_shard_that_is_not_the_runs(folder: str, own_run: Path, broken: Callable[[], str]) -> None:
    (own_run / folder / "train-00009-of-00010.parquet").write_bytes((own_run / DATA).read_bytes())
    assert broken() == (
        f"{folder}/train-00009-of-00010.parquet: not of this run, yet readers of the folder take it in\n"
    )


def test_shard_that_the_manifest_forgets(own_run: Path, broken: Callable[[], str]) -> None:
    (own_run / PROVENANCE).unlink()

    def change(manifest: dict[str, Any]) -> None:
        entry = manifest["stages"]["assemble"]
        entry["files"] = [file for file in entry["files"] if file["path"] != PROVENANCE]

    patch_manifest(own_run, change)
    assert "dataset/provenance: 1 files, dataset/data has 2" in broken()


def test_row_count_edited(own_run: Path, broken: Callable[[], str]) -> None:
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
def test_counts_edited(stage: str, term: str, said: str, own_run: Path, broken: Callable[[], str]) -> None:
    def change(manifest: dict[str, Any]) -> None:
        manifest["stages"][stage]["counts"][term] += 1

    patch_manifest(own_run, change)
    assert f"{stage}: " in broken() and said in broken()


def test_counts_edited_so_that_the_sums_hold(own_run: Path, broken: Callable[[], str]) -> None:
    def change(manifest: dict[str, Any]) -> None:
        counts = manifest["stages"]["synthesize"]["counts"]
        counts["kept"] -= 1
        counts["dropped"] += 1

    patch_manifest(own_run, change)
    assert "curate: " in broken() and "records in, but synthesize kept" in broken()


def test_provenance_out_of_order(own_run: Path, broken: Callable[[], str]) -> None:
    table = pq.read_table(own_run / PROVENANCE)
    rewrite(own_run, PROVENANCE, table.take(list(reversed(range(table.num_rows)))))
    assert "dataset/provenance: not in the order of dataset/data" in broken()


def test_both_out_of_order(own_run: Path, broken: Callable[[], str]) -> None:
    for name in (DATA, PROVENANCE):
        table = pq.read_table(own_run / name)
        rewrite(own_run, name, table.take(list(reversed(range(table.num_rows)))))
    assert "dataset/data: rows are not ordered by idx" in broken()


def test_row_twice(own_run: Path, broken: Callable[[], str]) -> None:
    for name in (DATA, PROVENANCE):
        table = pq.read_table(own_run / name)
        rewrite(own_run, name, table.take([0, *range(table.num_rows)]))
    assert "dataset/data: a row's idx occurs twice" in broken()


def test_text_edited(own_run: Path, broken: Callable[[], str]) -> None:
    rewrite(own_run, DATA, edited(own_run, DATA, "rejected", lambda texts: [f"{texts[0]} ", *texts[1:]]))
    assert "dataset/data: rejected of " in broken()
    assert "is not the text that its provenance names" in broken()


def test_column_renamed(own_run: Path, broken: Callable[[], str]) -> None:
    table = pq.read_table(own_run / DATA)
    rewrite(own_run, DATA, table.rename_columns(["prompt" if n == "input" else n for n in table.column_names]))
    assert f"{DATA}: its schema is not the contract's" in broken()


def test_features_removed(own_run: Path, broken: Callable[[], str]) -> None:
    rewrite(own_run, DATA, pq.read_table(own_run / DATA).replace_schema_metadata({}))
    assert f"{DATA}: its Hugging Face features are not the contract's" in broken()


@pytest.mark.parametrize(
    ("theirs", "ours", "what"),
    [
        ("repo", "repo", "repository"),
        ("blob_sha256", "blob_sha256", "file"),
        ("before_sha256", "blob_sha256", "file"),
        ("cluster", "cluster", "cluster"),
    ],
)
def test_split_has_a_leak(theirs: str, ours: str, what: str, own_run: Path, broken: Callable[[], str]) -> None:
    train = pq.read_table(own_run / PROVENANCE)
    row, taken = (train.column(name)[0].as_py() for name in ("idx", ours))
    rewrite(own_run, BENCH, edited(own_run, BENCH, theirs, lambda values: [taken, *values[1:]]))
    held = pq.read_table(own_run / BENCH).column("id")[0].as_py()
    lines = [line for line in broken().splitlines() if not line.startswith("split.json: ")]
    assert lines == [f"split: the {what} {taken} is of the training row {row} and of the benchmark row {held}"]


def test_family_on_both_sides(own_run: Path, broken: Callable[[], str]) -> None:
    rows = []
    for name in (PROVENANCE, BENCH):
        rewrite(own_run, name, edited(own_run, name, "family", lambda values: ["f" * 40, *values[1:]]))
        rows.append(pq.read_table(own_run / name).column(0)[0].as_py())
    line = f"split: the family {'f' * 40} is of the training row {rows[0]} and of the benchmark row {rows[1]}"
    assert line in broken().splitlines()


@pytest.mark.parametrize(
    ("name", "split", "other"), [(PROVENANCE, "train", "benchmark"), (BENCH, "benchmark", "train")]
)
def test_row_of_the_other_window(name: str, split: str, other: str, own_run: Path, broken: Callable[[], str]) -> None:
    other = "benchmark" if split == "train" else "train"
    rewrite(own_run, name, edited(own_run, name, "window", lambda values: [other, *values[1:]]))
    row = pq.read_table(own_run / name).column(0)[0].as_py()
    assert f"split: the {split} row {row} is of the window {other}" in broken().splitlines()


def told_of_times(run: Path, broken: Callable[[], str], window: str, seconds: int) -> list[str]:
    """What is said once the first training row is of a window and a time, in a run that has windows."""
    config = yaml.safe_load((run / "config.yaml").read_text())
    config["mine"]["windows"] = Windows().model_dump(mode="json")
    (run / "config.yaml").write_text(yaml.safe_dump(config))
    rewrite(run, PROVENANCE, edited(run, PROVENANCE, "window", lambda values: [window, *values[1:]]))
    rewrite(run, PROVENANCE, edited(run, PROVENANCE, "committed_at", lambda values: [seconds, *values[1:]]))
    return [line for line in broken().splitlines() if line.startswith("split: ")]


def test_row_whose_time_is_not_its_windows(own_run: Path, broken: Callable[[], str]) -> None:
    row = pq.read_table(own_run / PROVENANCE).column("idx")[0].as_py()
    assert told_of_times(own_run, broken, "train", 1_551_398_400) == [
        f"split: the train row {row} was committed at 1551398400, outside the window train"
    ]


def test_row_whose_time_is_its_windows(own_run: Path, broken: Callable[[], str]) -> None:
    assert told_of_times(own_run, broken, "train", 1_551_398_399) == []


def _texts(run: Path, name: str, column: str, digest: str, text: str) -> None:
    """Another text in the first row of a shard, with the digest in its provenance."""
    rewrite(run, name, edited(run, name, column, lambda values: [text, *values[1:]]))
    if digest:
        beside = name.replace("/data/", "/provenance/")
        rewrite(run, beside, edited(run, beside, digest, lambda values: [sha256(text.encode()), *values[1:]]))


BENCH_DATA = "benchmark/data/test-00000-of-00001.parquet"
CODE = " ".join(f"word{n}" for n in range(200))


@pytest.mark.parametrize(("side", "other"), [("chosen", "rejected"), ("rejected", "rejected"), ("rejected", "chosen")])
def test_sides_that_are_near(side: str, other: str, own_run: Path, broken: Callable[[], str]) -> None:
    _texts(own_run, DATA, side, f"{side}_sha256", CODE)
    _texts(own_run, BENCH_DATA, other, f"{other}_sha256", CODE.replace("word9 ", "edited "))
    train, held = (pq.read_table(own_run / name).column(name_of)[0].as_py()
                   for name, name_of in ((DATA, "idx"), (BENCH_DATA, "id")))  # fmt: skip
    assert broken().splitlines() == [
        f"split: the {side} side of the training row {train} is at Jaccard 0.895288 to a side of the benchmark row "
        f"{held}, must be under 0.75"
    ]


def test_sides_that_are_nearly_near(own_run: Path, themis: Themis) -> None:
    far = CODE.replace("word25 ", "edited ").replace("word60 ", "edited ")
    _texts(own_run, DATA, "chosen", "chosen_sha256", CODE)
    _texts(own_run, BENCH_DATA, "chosen", "chosen_sha256", far)
    assert jaccard(shingles(CODE), shingles(far)) == pytest.approx(141 / 221)
    assert themis("verify", own_run)[0] == 0


def test_near_sides_are_found_in_every_slice(
    own_run: Path, broken: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.audit.firewall.SLICE_CHARS", 1)
    table = pq.read_table(own_run / BENCH_DATA)
    _texts(own_run, DATA, "rejected", "rejected_sha256", table.column("chosen")[table.num_rows - 1].as_py())
    held = table.column("id")[table.num_rows - 1].as_py()
    assert f"at Jaccard 1.000000 to a side of the benchmark row {held}" in broken()


def test_prompts_that_share_words(own_run: Path, broken: Callable[[], str]) -> None:
    _texts(own_run, DATA, "input", "", f"Please do this: {CODE}")
    _texts(own_run, BENCH_DATA, "prompt", "", f"Other words, and {CODE.upper()[:130]}.")
    train = pq.read_table(own_run / DATA).column("idx")[0].as_py()
    held = pq.read_table(own_run / BENCH_DATA).column("id")[0].as_py()
    assert broken().splitlines() == [
        f"split: the prompts of the training row {train} and the benchmark row {held} share 13 words in a row"
    ]


def certify_anew(run: Path, text: str) -> None:
    """A `split.json` in place of another, with a manifest that agrees."""
    (run / "split.json").write_text(text)

    def change(manifest: dict[str, Any]) -> None:
        for file in manifest["stages"]["assemble"]["files"]:
            if file["path"] == "split.json":
                file.update(sha256=sha256(text.encode()), bytes=len(text.encode()))

    patch_manifest(run, change)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("train", "pairs"), 1),
        (("benchmark", "sha256", "files"), "0" * 64),
        (("thresholds", "near_jaccard"), 0.99),
        (("dropped", "near_benchmark"), 999),
        (("windows",), {}),
        (("held_out",), []),
    ],
)
def test_certificate_says_otherwise(
    path: tuple[str, ...], value: Any, own_run: Path, broken: Callable[[], str]
) -> None:
    table = json.loads((own_run / "split.json").read_text())
    inner = table
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    certify_anew(own_run, json.dumps(table))
    assert broken().startswith(f"split.json: {'.'.join(path)}")


def test_certificate_edited_without_its_hash(own_run: Path, broken: Callable[[], str]) -> None:
    (own_run / "split.json").write_text((own_run / "split.json").read_text().replace('"pairs": ', '"pairs": 1'))
    assert broken().startswith("split.json: sha256 is ")


def test_certificate_that_is_not_json(own_run: Path, broken: Callable[[], str]) -> None:
    certify_anew(own_run, "{")
    assert broken().startswith("split.json: not JSON: ")


def test_certificate_that_the_manifest_forgets(own_run: Path, broken: Callable[[], str]) -> None:
    def change(manifest: dict[str, Any]) -> None:
        entry = manifest["stages"]["assemble"]
        entry["files"] = [file for file in entry["files"] if file["path"] != "split.json"]

    patch_manifest(own_run, change)
    assert broken().startswith("split.json: not among the run's files")


@pytest.mark.parametrize("text", [None, "curate: 3", "[", "mine: {}\ncurate: {near_duplicates: {}}"])
def test_configuration_that_is_not_the_runs(text: str | None, own_run: Path, broken: Callable[[], str]) -> None:
    (own_run / "config.yaml").unlink()
    if text is not None:
        (own_run / "config.yaml").write_text(text)
    assert broken().startswith("config.yaml: ")


def test_configuration_with_another_threshold(own_run: Path, broken: Callable[[], str]) -> None:
    text = (own_run / "config.yaml").read_text()
    (own_run / "config.yaml").write_text(text.replace("threshold: 0.75", "threshold: 0.5"))
    assert "split.json: thresholds.near_jaccard is 0.75, the tables and config.yaml give 0.5" in broken()
    (own_run / "config.yaml").write_text(text.replace("threshold: 0.75", "threshold: 7"))
    assert broken().startswith("config.yaml: not a run's whole configuration (ConfigError: ")


def test_certificate_of_a_good_run(finished: Path) -> None:
    table = json.loads((finished / "split.json").read_text())
    assert list(table) == sorted(table)
    assert table["version"] == 1
    assert table["windows"] == Windows().model_dump(mode="json")
    assert table["thresholds"] == {"near_jaccard": 0.75, "near_shingle_tokens": 20, "shared_words": 13}
    for split, name in (("train", "dataset"), ("benchmark", "benchmark")):
        rows = [row for path in (finished / name / "provenance").iterdir() for row in pq.read_table(path).to_pylist()]
        repos = sorted({row["repo"] for row in rows})
        assert table[split]["pairs"] == len(rows) and table[split]["repositories"] == len(repos)
        listed = "".join(f"{repo}\n" for repo in repos)
        assert table[split]["sha256"]["repositories"] == sha256(listed.encode())
    assert [one["repositories"] for one in table["held_out"]] == [[repo] for repo in repos]
    assert set(table["dropped"]) == {"contaminated", "near_benchmark", "shared_blob", "split_window"}


def test_balanced_row_that_is_nowhere_else(own_run: Path, broken: Callable[[], str]) -> None:
    name = DATA.replace("data/", "balanced/")
    rewrite(own_run, name, edited(own_run, name, "idx", lambda ids: [*ids[:-1], "f" * 64]))
    assert f"dataset/balanced: {'f' * 64} is not in dataset/data" in broken()


def test_run_until_a_stage_holds(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    assert themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", "--until", "synthesize")[0] == 0
    assert themis("verify", tmp_path / "run")[0] == 0
