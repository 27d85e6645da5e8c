"""Tables of commits, in their released layouts, as changes."""

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from pipeline.config import RunConfig
from pipeline.sources import commit_files
from pipeline.sources.base import Read, Unit
from pipeline.sources.commit_rows import RowOptions, change_of, missing_columns
from pipeline.sources.commits import CommitsSource
from schemas.config import validate
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, sha256
from schemas.records import Change, Dropped, Facts

OLD, NEW = "def area(side):\n    return side + side\n", "def area(side):\n    return side * side\n"
OPTIONS = RowOptions("packed", 1000)


def git_commits(number: int = 0, **other: Any) -> dict[str, Any]:
    """A row as git-commits and git-commits-merged have it."""
    row: dict[str, Any] = {
        "commit": f"{number:040x}",
        "subject": "Fix the area",
        "message": f"Fix the area of squares\n\nNumber {number}.\n",
        "repos": "alice/shapes,bob/shapes",
        "file_path": f"src/shape_{number}.py",
        "license": "bsd-3-clause",
        "unix_time": 1_500_000_000 + number,
        "old_contents": OLD,
        "new_contents": NEW + f"# {number}\n",
    }
    return row | other


def commit_pack(number: int = 0, **other: Any) -> dict[str, Any]:
    """A row as CommitPack and CommitPackFT have it."""
    row = git_commits(number)
    path = row.pop("file_path")
    del row["unix_time"]
    return row | {"old_file": path, "new_file": path, "lang": "Python"} | other


def without(row: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def write_parquet(path: Path, rows: list[dict[str, Any]], group: int = 2) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=group)
    return path


def write_lines(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    pack: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}
    path.write_bytes(pack.get(path.suffix, bytes)(data))
    return path


def units_of(source: CommitsSource, cache: Path) -> tuple[Unit, ...]:
    return source.prepare(cache, lambda line: None).units


def read_all(source: CommitsSource, cache: Path) -> list[Read]:
    return [record for unit in units_of(source, cache) for record in source.read(unit, cache)]


def reason(row: dict[str, Any], options: RowOptions = OPTIONS) -> tuple[str, str]:
    record = change_of(row, options, "row 7 of t")
    assert isinstance(record, Dropped)
    assert record.stage == "mine"
    return record.reason, record.detail


def test_a_row_of_git_commits_is_a_change() -> None:
    row = git_commits(3)
    newer = row["new_contents"].encode()
    assert change_of(row, OPTIONS, "") == Change(
        Origin(
            "packed", "github.com/alice/shapes", f"{3:040x}", "src/shape_3.py", sha256(newer),
            "BSD-3-Clause", 1_500_000_003, sha256(OLD.encode()),
        ),
        "Python", row["message"], OLD, row["new_contents"],
    )  # fmt: skip


def test_a_row_of_commit_pack_is_the_same_change_without_a_time() -> None:
    packed, released = (change_of(row, OPTIONS, "") for row in (commit_pack(), git_commits()))
    assert isinstance(packed, Change)
    assert isinstance(released, Change)
    assert packed.origin.committed_at is None
    assert packed.id == released.id
    assert packed.message == released.message


def test_facts_are_taken_over() -> None:
    record = change_of(git_commits(), OPTIONS, "", Facts(authored_at=5))
    assert isinstance(record, Change)
    assert record.facts.authored_at == 5


def test_the_subject_stands_in_for_a_message() -> None:
    for row in (git_commits(message=None), git_commits(message=" \n"), without(git_commits(), "message")):
        record = change_of(row, OPTIONS, "")
        assert isinstance(record, Change)
        assert record.message == "Fix the area"


@pytest.mark.parametrize(
    ("repos", "expected"),
    [
        ("a/b", "github.com/a/b"),
        (" , c/d ,a/b", "github.com/c/d"),
        (["e/f", "a/b"], "github.com/e/f"),
        (b"a/b,c/d", "github.com/a/b"),
        ("https://github.com/a/b.git", "github.com/a/b"),
        ("github.com/a/b/", "github.com/a/b"),
    ],
)
def test_the_first_repository_is_the_one(repos: Any, expected: str) -> None:
    assert change_of(git_commits(repos=repos), OPTIONS, "").origin.repo == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1_500_000_000, 1_500_000_000),
        (1_500_000_000.9, 1_500_000_000),
        ("1500000000", 1_500_000_000),
        (b"1500000000", 1_500_000_000),
        (datetime(2017, 7, 14, 2, 40), 1_500_000_000),
        (-5, -5),
        (None, None),
        ("", None),
        ("soon", None),
        (float("nan"), None),
        (10**400, None),
        (2**60, None),
        (True, None),
        ([], None),
    ],
)
def test_times(value: Any, expected: int | None) -> None:
    assert change_of(git_commits(unix_time=value), OPTIONS, "").origin.committed_at == expected


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("mit", "MIT"),
        ("apache-2.0", "Apache-2.0"),
        ("agpl-3.0", "AGPL-3.0-only"),
        ("lgpl-2.1", "LGPL-2.1-only"),
        ("cc0-1.0", "CC0-1.0"),
        ("unlicense", "Unlicense"),
        ("my own", None),
        ("", None),
        (None, None),
        (3, None),
    ],
)
def test_licences_are_spelled_as_spdx(stated: Any, expected: str | None) -> None:
    assert change_of(git_commits(license=stated), OPTIONS, "").origin.license == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"commit": None}, ("missing_field", "row 7 of t: commit")),
        ({"commit": ""}, ("missing_field", "row 7 of t: commit")),
        ({"repos": " , "}, ("missing_field", "row 7 of t: repos")),
        ({"repos": {"a": "b"}}, ("missing_field", "row 7 of t: repos")),
        ({"file_path": None}, ("missing_field", "row 7 of t: file_path or new_file")),
        ({"message": None, "subject": None}, ("missing_field", "row 7 of t: message")),
        ({"old_contents": None}, ("missing_field", "row 7 of t: old_contents")),
        ({"new_contents": 5}, ("missing_field", "row 7 of t: new_contents")),
        ({"old_contents": ""}, ("empty", "old_contents: 0 bytes")),
        ({"new_contents": ""}, ("empty", "new_contents: 0 bytes")),
        ({"new_contents": OLD}, ("identical", f"{len(OLD)} bytes")),
        ({"new_contents": "x" * 1001}, ("too_large", "new_contents: over 1000 bytes")),
        ({"new_contents": "é" * 501}, ("too_large", "new_contents: over 1000 bytes")),
        ({"old_contents": "a\0b"}, ("nul_bytes", "old_contents: at byte 1")),
        ({"new_contents": "a\ud800"}, ("not_utf8", "new_contents: at byte 1")),
        ({"new_contents": b"ab\xff"}, ("not_utf8", "new_contents: at byte 2")),
        ({"file_path": "notes.txt"}, ("no_language", "notes.txt")),
        ({"old_file": "lib/shape.py"}, ("not_in_place", "was lib/shape.py")),
    ],
)
def test_what_is_no_change_says_why(change: dict[str, Any], expected: tuple[str, str]) -> None:
    assert reason(git_commits(**change)) == expected


def test_language_is_told_by_the_path_before_the_row() -> None:
    def language(options: RowOptions = OPTIONS, **other: Any) -> str:
        record = change_of(git_commits(**other), options, "")
        assert isinstance(record, Change)
        return record.language

    assert language(lang="Ruby") == "Python"
    assert language(file_path="a.h", new_contents="class A {};\n") == "C++"
    assert language(file_path="a.h", new_contents="int a;\n", lang="C++") == "C"
    assert language(file_path="Rakefile", lang="ruby") == "Ruby"
    assert language(file_path="tool", language="c#") == "C#"
    assert language(file_path="tool", lang="cpp") == "C++"
    assert language(RowOptions("packed", 1000, "Go"), file_path="tool", lang="Python") == "Go"
    assert reason(git_commits(file_path="tool.ts", lang="TypeScript")) == ("no_language", "tool.ts")


def test_texts_that_are_no_unicode_become_valid_records() -> None:
    row = git_commits(message=b"caf\xe9 fixed", file_path=b"caf\xe9.py", commit=b"c1")
    record = change_of(row, OPTIONS, "")
    assert isinstance(record, Change)
    assert (record.message, record.origin.path, record.origin.revision) == ("caf\\xe9 fixed", "caf\\xe9.py", "c1")


def test_missing_columns() -> None:
    assert missing_columns(git_commits()) == []
    assert missing_columns(commit_pack()) == []
    assert missing_columns(["commit", "subject", "old_contents", "other"]) == [
        "repos", "file_path or new_file", "new_contents",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["t.parquet", "t.jsonl", "t.json", "t.ndjson", "t.jsonl.gz", "t.jsonl.zst"])
@pytest.mark.parametrize("row", [git_commits, commit_pack])
def test_every_layout_and_format_gives_the_same_changes(tmp_path: Path, name: str, row: Any) -> None:
    rows = [row(number, extra={"a": [1]}) for number in range(5)]
    path = (write_parquet if name.endswith("parquet") else write_lines)(tmp_path / name, rows)
    source = CommitsSource(name="packed", paths=(str(path),))
    records = read_all(source, tmp_path)
    assert records == [change_of(one, OPTIONS, "") for one in rows]
    for record in records:
        assert isinstance(record, Change)
        assert source.replay(record.origin, tmp_path) == record


def test_row_groups_are_shared_among_units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit_files, "ROWS_PER_UNIT", 4)
    rows = [git_commits(number) for number in range(11)]
    path = write_parquet(tmp_path / "t.parquet", rows)
    source = CommitsSource(name="packed", paths=(str(path),))
    units = units_of(source, tmp_path)
    assert [json.loads(unit.key)[1] for unit in units] == [[0, 2], [2, 4], [4, 6]]
    assert len({unit.digest for unit in units}) == 3
    assert [r.origin.path for r in read_all(source, tmp_path)] == [row["file_path"] for row in rows]
    broken = git_commits(10, commit=None)
    write_parquet(path, [*rows[:10], broken])
    last = read_all(source, tmp_path)[-1]
    assert isinstance(last, Dropped)
    assert last.detail == f"row 11 of {path}: commit"


def test_a_digest_is_of_the_content(tmp_path: Path) -> None:
    source = CommitsSource(name="packed", paths=(str(tmp_path / "*.jsonl"),))
    path = write_lines(tmp_path / "t.jsonl", [git_commits()])
    first = units_of(source, tmp_path)
    assert units_of(source, tmp_path) == first
    write_lines(path, [git_commits(1)])
    assert units_of(source, tmp_path)[0].digest != first[0].digest


def test_folders_and_patterns_in_a_fixed_order_and_each_table_once(tmp_path: Path) -> None:
    write_lines(tmp_path / "data/b.jsonl", [git_commits(2)])
    write_parquet(tmp_path / "data/a.parquet", [git_commits(1)])
    write_lines(tmp_path / "data/deep/c.jsonl.zst", [git_commits(3)])
    (tmp_path / "data/README.md").write_text("no table")
    (tmp_path / "data/link.jsonl").symlink_to(tmp_path / "nowhere")

    def paths(*given: str) -> list[str]:
        source = CommitsSource(name="packed", paths=tuple(str(tmp_path / one) for one in given))
        return [record.origin.path[-4:-3] for record in read_all(source, tmp_path)]

    assert paths("data") == ["1", "2", "3"]
    assert paths("data/*") == ["1", "2"]
    assert paths("data/**/*.zst", "data/b.jsonl", "data") == ["3", "2", "1"]


def test_parquet_of_other_types_is_cast(tmp_path: Path) -> None:
    rows = [git_commits(number, unix_time=str(1_500_000_000 + number)) for number in range(3)]
    table = pa.Table.from_pylist(rows)
    for index, name in enumerate(table.column_names):
        column = table.column(name).combine_chunks()
        to = [column.dictionary_encode(), column.cast(pa.large_string()), column.cast(pa.binary())][index % 3]
        table = table.set_column(index, name, to)
    pq.write_table(table, tmp_path / "t.parquet")
    source = CommitsSource(name="packed", paths=(str(tmp_path / "t.parquet"),))
    records = read_all(source, tmp_path)
    assert records == [change_of(git_commits(number), OPTIONS, "") for number in range(3)]
    assert isinstance(records[1], Change)
    assert source.replay(records[1].origin, tmp_path) == records[1]


def test_wrong_utf8_in_parquet_costs_its_own_row_alone(tmp_path: Path) -> None:
    rows = [git_commits(number) for number in range(3)]
    texts = pa.array([b"a = 1\n", b"a = '\xff'\n", b"a = 2\n"], pa.binary())
    wrong = pa.Array.from_buffers(pa.string(), 3, texts.buffers())
    table = pa.Table.from_pylist([without(row, "new_contents") for row in rows]).append_column("new_contents", wrong)
    pq.write_table(table, tmp_path / "t.parquet")
    records = read_all(CommitsSource(name="packed", paths=(str(tmp_path / "t.parquet"),)), tmp_path)
    assert [getattr(record, "reason", "") for record in records] == ["", "not_utf8", ""]


def test_lines_that_are_no_rows_are_dropped_and_the_rest_is_read(tmp_path: Path) -> None:
    good = json.dumps(git_commits(1)).encode()
    bad = [b"{", b"[1]", b'"' + b"\xff" * 3 + b'"', b"[" * 100_000, b'{"commit": "' + b"x" * 1_200_000 + b'"}', b"  "]
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"\n".join([good, *bad, good]))
    records = read_all(CommitsSource(name="packed", paths=(str(path),), max_blob_bytes=1000), tmp_path)
    assert isinstance(records[0], Change)
    assert records[0] == records[-1]
    told = [(record.reason, record.detail) for record in records[1:-1] if isinstance(record, Dropped)]
    assert [reason for reason, _ in told] == ["not_json", "not_json", "not_utf8", "not_json", "too_large"]
    assert told[1][1] == f"row 3 of {path}: line 3 holds list"
    assert told[4][1] == f"row 6 of {path}: line 6 is over {12 * 1000 + 2**20} bytes"


def test_a_long_last_line_without_an_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t.jsonl").write_bytes(b"x" * 300)
    rows = list(commit_files.json_rows(tmp_path / "t.jsonl", 100))
    assert [(number, getattr(row, "reason", None)) for number, row in rows] == [(1, "too_large")]


@pytest.mark.parametrize("name", ["t.parquet", "t.jsonl"])
def test_a_missing_column_is_named_with_its_file(tmp_path: Path, name: str) -> None:
    rows = [without(git_commits(), "repos", "new_contents")]
    path = (write_parquet if name.endswith("parquet") else write_lines)(tmp_path / name, rows)
    with pytest.raises(ConfigError, match=r"no column repos, new_contents; there are .*file_path") as told:
        units_of(CommitsSource(name="packed", paths=(str(path),)), tmp_path)
    assert str(path) in str(told.value)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.parquet", b"no parquet"),
        ("t.jsonl", b"{,\n"),
        ("t.jsonl", b"[\n"),
        ("t.jsonl.gz", b"no gzip"),
        ("t.jsonl.zst", b"no zstd"),
        ("t.jsonl.gz", gzip.compress(b'{"a": 1}\n' * 50, mtime=0)[:25]),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(ConfigError, match=name):
        units_of(CommitsSource(name="packed", paths=(str(tmp_path / name),)), tmp_path)


def test_empty_tables_have_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"")
    write_parquet(tmp_path / "b.parquet", [git_commits()])
    pq.write_table(pq.read_table(tmp_path / "b.parquet").slice(0, 0), tmp_path / "b.parquet")
    assert read_all(CommitsSource(name="packed", paths=(str(tmp_path),)), tmp_path) == []


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    for given in ("gone.parquet", "*.parquet", "."):
        source = CommitsSource(name="packed", paths=(str(tmp_path / given),))
        with pytest.raises(SourceUnavailable, match="no Parquet or JSON lines there"):
            units_of(source, tmp_path)
        prepared = source.model_copy(update={"required": False}).prepare(tmp_path, lambda line: None)
        assert prepared.units == ()
        assert len(prepared.warnings) == 1
    (tmp_path / "t.csv").write_text("a,b\n")
    with pytest.raises(ConfigError, match=r"t\.csv' is no \.parquet"):
        units_of(CommitsSource(name="packed", paths=(str(tmp_path / "t.csv"),)), tmp_path)


def test_a_file_that_vanishes_or_breaks_after_it_was_listed(tmp_path: Path) -> None:
    path = write_lines(tmp_path / "t.jsonl.gz", [git_commits(number) for number in range(200)])
    source = CommitsSource(name="packed", paths=(str(path),))
    (unit,) = units_of(source, tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceUnavailable, match=r"t\.jsonl\.gz: can't be read"):
        list(source.read(unit, tmp_path))
    path.unlink()
    with pytest.raises(SourceUnavailable, match=r"t\.jsonl\.gz: can't be read"):
        list(source.read(unit, tmp_path))


def test_replay_says_what_became_of_a_row(tmp_path: Path) -> None:
    path = write_parquet(tmp_path / "t.parquet", [git_commits(number) for number in range(9)])
    write_lines(tmp_path / "t.jsonl", [git_commits(20)])
    source = CommitsSource(name="packed", paths=(str(path), str(tmp_path / "t.jsonl")))
    records = read_all(source, tmp_path)
    for record in records:
        assert source.replay(record.origin, tmp_path) == record
    write_parquet(path, [git_commits(5, new_contents="x = 1\n"), git_commits(6, file_path="other.py")])
    with pytest.raises(SourceUnavailable, match="has changed since"):
        source.replay(records[5].origin, tmp_path)
    for gone in (6, 7):
        with pytest.raises(SourceUnavailable, match="is not there any more"):
            source.replay(records[gone].origin, tmp_path)
    path.unlink()
    assert source.replay(records[-1].origin, tmp_path) == records[-1]


def test_only_row_groups_that_hold_the_commit_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_parquet(tmp_path / "t.parquet", [git_commits(number) for number in (0, 4, 1, 3, 8, 9)])
    read: list[int] = []
    inner = commit_files._group_rows
    monkeypatch.setattr(commit_files, "_group_rows", lambda f, g, n: read.append(g) or inner(f, g, n))  # type: ignore[func-returns-value]
    found = list(commit_files.parquet_rows(path, commit=f"{3:040x}"))
    assert read == [1]
    assert [(number, row["commit"]) for number, row in found if isinstance(row, dict)] == [
        (3, f"{1:040x}".encode()), (4, f"{3:040x}".encode()),
    ]  # fmt: skip


def dataset_folder(root: Path) -> Path:
    for part in range(3):
        write_parquet(
            root / f"data/train-{part:05d}-of-00003.parquet", [git_commits(2 * part), git_commits(2 * part + 1)]
        )
    write_lines(root / "raw/python/a.jsonl", [commit_pack(7)])
    write_lines(root / "raw/python/b.jsonl", [commit_pack(8)])
    return root


def test_a_data_set_is_streamed_by_its_shards(tmp_path: Path) -> None:
    source = CommitsSource(name="packed", dataset=str(dataset_folder(tmp_path / "set")))
    units = units_of(source, tmp_path / "cache")
    assert [json.loads(unit.key) for unit in units] == [[None, index, 3] for index in range(3)]
    assert len({unit.digest for unit in units}) == 3
    records = read_all(source, tmp_path / "cache")
    assert records == [change_of(git_commits(number), OPTIONS, "") for number in range(6)]
    assert isinstance(records[4], Change)
    assert source.replay(records[4].origin, tmp_path / "cache") == records[4]
    with pytest.raises(SourceUnavailable, match=r"is not there any more .* back under .*set\."):
        source.replay(replace(records[4].origin, revision="f" * 40), tmp_path / "cache")
    (tmp_path / "set/extra.txt").write_text("new")
    assert units_of(source, tmp_path / "cache")[0].digest != units[0].digest


def test_files_of_a_data_set_are_read_without_its_script(tmp_path: Path) -> None:
    folder = dataset_folder(tmp_path / "set")
    (folder / "set.py").write_text("raise SystemExit('was run')\n")
    source = CommitsSource(name="packed", dataset=str(folder), data_files=("raw/python/*.jsonl",))
    records = read_all(source, tmp_path / "cache")
    assert records == [change_of(commit_pack(number), OPTIONS, "") for number in (7, 8)]
    parquet = CommitsSource(name="packed", dataset=str(folder), data_files=("data/train-00001*.parquet",))
    assert [r.origin.path for r in read_all(parquet, tmp_path / "cache")] == ["src/shape_2.py", "src/shape_3.py"]
    with pytest.raises(SourceUnavailable, match="needs data_files"):
        units_of(CommitsSource(name="packed", dataset=str(folder), configuration="C#"), tmp_path / "cache")


def test_a_data_set_without_a_column_is_refused(tmp_path: Path) -> None:
    write_lines(tmp_path / "set/train.jsonl", [without(commit_pack(), "old_contents")])
    with pytest.raises(ConfigError, match=r"dataset .*set: no column old_contents; there are commit"):
        units_of(CommitsSource(name="packed", dataset=str(tmp_path / "set")), tmp_path / "cache")


def test_the_hub_revision_is_pinned_and_passed_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datasets
    import huggingface_hub

    calls: list[Any] = []
    stream = datasets.Dataset.from_list([git_commits(1)]).to_iterable_dataset()

    class Hub:
        def dataset_info(self, name: str, revision: str | None) -> Any:
            calls.append((name, revision))
            if name == "gone":
                raise ConnectionError("no way there\nmore")
            return SimpleNamespace(sha=None if name == "odd" else "a" * 40)

    def load(path: str, name: Any = None, revision: Any = None, data_files: Any = None, **other: Any) -> Any:
        calls.append((path, name, revision, data_files, other["split"], other["streaming"]))
        return stream

    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    monkeypatch.setattr(datasets, "load_dataset", load)
    source = CommitsSource(name="packed", dataset="org/git-commits-merged", configuration="C#")
    (record,) = read_all(source, tmp_path)
    assert record == change_of(git_commits(1), OPTIONS, "")
    asked = ("org/git-commits-merged", "C#", "a" * 40, None, "train", True)
    assert calls == [("org/git-commits-merged", None), asked, asked]

    calls.clear()
    pinned = CommitsSource(name="p", dataset="org/pack", data_files=("data/go/*.jsonl",), revision="b" * 40)
    assert len(units_of(pinned, tmp_path)) == 1
    files = {"train": [f"hf://datasets/org/pack@{'b' * 40}/data/go/*.jsonl"]}
    assert calls == [("json", None, None, files, "train", True)]

    for name, said in (("gone", r"'gone'.*no way there\. Correct"), ("odd", "names no commit")):
        source = CommitsSource(name="p", dataset=name)
        with pytest.raises(SourceUnavailable, match=said):
            units_of(source, tmp_path)
        optional = source.model_copy(update={"required": False}).prepare(tmp_path, lambda line: None)
        assert (optional.units, len(optional.warnings)) == ((), 1)


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({}, "either paths or dataset"),
        ({"paths": ["a"], "dataset": "b"}, "either paths or dataset"),
        ({"paths": ["a"], "configuration": "C#"}, "belong to a dataset"),
        ({"dataset": ""}, "at least 1 character"),
        ({"paths": ["a"], "max_blob_bytes": 0}, "greater than or equal to 1"),
    ],
)
def test_wrong_options(table: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        validate(CommitsSource, {"name": "packed"} | table, "t.yaml")


def test_the_configuration_knows_it() -> None:
    source = {"kind": "commits", "name": "packed", "dataset": "org/set", "configuration": "C++"}
    config = validate(RunConfig, {"name": "n", "sources": [source]}, "t.yaml")
    assert config.sources[0] == CommitsSource(name="packed", dataset="org/set", configuration="C++")
