"""The BigQuery query, run on DuckDB over planted commits, and its rows as changes."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import apache_beam as beam
import duckdb
import pytest
import sqlglot
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.testing.util import assert_that, equal_to
from sqlglot import exp

from pipeline.config import RunConfig, dump
from pipeline.sources import bigquery
from pipeline.sources.base import Unit
from pipeline.sources.bigquery import PUBLIC, QUERY, BigQuerySource, fill, record_of
from pipeline.sources.bigquery_blobs import complete
from pipeline.sources.commit_rows import RowOptions
from pipeline.sources.files import FilesSource
from pipeline.sources.git_place import Place
from schemas.config import validate
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, sha256
from schemas.records import Change, Dropped, Facts

OLD, NEW = "def area(side):\n    return side + side\n", "def area(side):\n    return side * side\n"
PLAIN, EXECUTABLE, GROUP, LINK, SUBMODULE = 33188, 33261, 33204, 40960, 57344
IN_WINDOW = 1_500_000_000
LICENSES = {
    "alice/shapes": "mit",
    "bob/shapes": "apache-2.0",
    "carol/copyleft": "agpl-3.0",
    "dave/gnu": "gpl-3.0",
    "erin/shapes": "MIT",
}
OPTIONS = RowOptions("big", 1_000_000)

SCHEMA = """
CREATE TABLE {0}.licenses (repo_name VARCHAR, license VARCHAR);
CREATE TABLE {0}.contents (id VARCHAR, size BIGINT, content VARCHAR, "binary" BOOLEAN, copies BIGINT);
CREATE TABLE {0}.commits (
  "commit" VARCHAR, tree VARCHAR, parent VARCHAR[],
  author STRUCT(name VARCHAR, email VARCHAR, time_sec BIGINT),
  committer STRUCT(name VARCHAR, email VARCHAR, time_sec BIGINT),
  subject VARCHAR, message VARCHAR,
  difference STRUCT(
    old_mode BIGINT, new_mode BIGINT, old_path VARCHAR, new_path VARCHAR, old_sha1 VARCHAR, new_sha1 VARCHAR
  )[],
  difference_truncated BOOLEAN, repo_name VARCHAR[], encoding VARCHAR
);
"""


def blob(text: str) -> str:
    return hashlib.sha1(f"blob {len(text.encode())}\0{text}".encode()).hexdigest()


def edit(path: str = "src/shape.py", **other: Any) -> dict[str, Any]:
    """One entry of `difference`: a file modified in place."""
    base = {"old_mode": PLAIN, "new_mode": PLAIN, "old_path": path, "new_path": path}
    return base | {"old_sha1": blob(OLD), "new_sha1": blob(NEW)} | other


def planted(name: str, *difference: dict[str, Any], **other: Any) -> dict[str, Any]:
    """A row of `commits` of which all is well but for what is said."""
    times = {"author": other.pop("author_time", IN_WINDOW), "committer": other.pop("committer_time", IN_WINDOW + 60)}
    base: dict[str, Any] = {
        "commit": name, "tree": "t", "parent": ["p"], "subject": "Fix the area", "message": "Fix the area of squares\n",
        "difference": list(difference) or [edit()], "difference_truncated": None, "repo_name": ["alice/shapes"],
        "encoding": None,
    }  # fmt: skip
    people = {role: {"name": "A", "email": "a@example.org", "time_sec": at} for role, at in times.items()}
    return base | people | other


def seconds(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days * 86400


GOOD = [
    planted("good"),
    planted("executable", edit(old_mode=EXECUTABLE, new_mode=EXECUTABLE)),
    planted("mode and text", edit(old_mode=PLAIN, new_mode=EXECUTABLE)),
    planted("old mode", edit(old_mode=GROUP)),
    planted("header", edit("include/a b/it's.HPP")),
    planted("message 11", message="\n 12345678901 \n"),
    planted("message 14999", message="x" * 14_999),
    planted("first second", author_time=seconds(2015, 1, 1), committer_time=seconds(2015, 1, 1)),
    planted("last second", author_time=seconds(2021, 2, 1) - 1, committer_time=seconds(2021, 2, 1) - 1),
    planted("forks", repo_name=["nobody/shapes", "erin/shapes", "bob/shapes"]),
    planted("twice", repo_name=["erin/shapes"]),
    planted("twice", repo_name=["erin/shapes"]),
]
"""Commits that the query is to find, the last of them listed twice in the table."""

BAD = [
    planted("two files", edit(), edit("src/other.py")),
    planted("a source file and its test", edit(), edit("README.md")),
    planted("a file and an addition", edit(), edit("b.py", old_mode=None, old_path=None, old_sha1=None)),
    planted("no files", difference=[]),
    planted("truncated", difference_truncated=True),
    planted("merge", parent=["p", "q"]),
    planted("first commit", parent=[]),
    planted("addition", edit(old_mode=None, old_path=None, old_sha1=None)),
    planted("deletion", edit(new_mode=None, new_path=None, new_sha1=None)),
    planted("rename", edit(old_path="src/old.py")),
    planted("rename alone", edit(old_path="src/old.py", new_sha1=blob(OLD))),
    planted("mode alone", edit(new_mode=EXECUTABLE, new_sha1=blob(OLD))),
    planted("symlink", edit(old_mode=LINK, new_mode=LINK)),
    planted("was a symlink", edit(old_mode=LINK)),
    planted("becomes a symlink", edit(new_mode=LINK)),
    planted("submodule", edit(old_mode=SUBMODULE, new_mode=SUBMODULE)),
    planted("no code", edit("README.md")),
    planted("another language", edit("src/main.rs")),
    planted("no ending", edit("Makefile")),
    planted("ending of a folder", edit("lib.py/notes")),
    planted("longer ending", edit("a.pyc")),
    planted("message 10", message="1234567890"),
    planted("blank message", message=" \n" * 20),
    planted("no message", message=None),
    planted("message 15000", message="x" * 15_000),
    planted("author too early", author_time=seconds(2015, 1, 1) - 1),
    planted("committer too early", committer_time=seconds(2015, 1, 1) - 1),
    planted("author too late", author_time=seconds(2021, 2, 1)),
    planted("committer too late", committer_time=seconds(2021, 2, 1)),
    planted("unknown licence", repo_name=["nobody/shapes"]),
    planted("no repository", repo_name=[]),
    planted("wrong licence", repo_name=["dave/gnu"]),
    planted("a fork of a wrong licence", repo_name=["alice/shapes", "dave/gnu"]),
    planted("copyleft", repo_name=["carol/copyleft"]),
]
"""Commits that it must not find."""


@pytest.fixture(scope="module")
def tables() -> Iterator[duckdb.DuckDBPyConnection]:
    """The three tables under the public data set's name."""
    connection = duckdb.connect()
    project, _, dataset = PUBLIC.partition(".")
    name = f'"{project}".{dataset}'
    connection.execute(f"ATTACH ':memory:' AS \"{project}\"; CREATE SCHEMA {name};")
    connection.execute(SCHEMA.format(name))
    connection.executemany(f"INSERT INTO {name}.licenses VALUES (?, ?)", list(LICENSES.items()))
    stored = [[blob(OLD), OLD, False], [blob(NEW), NEW, False], [blob("\0"), None, True]]
    connection.executemany(f"INSERT INTO {name}.contents VALUES (?, 0, ?, ?, 1)", stored)
    only_new = planted("old side missing", edit(old_sha1=blob("lost")))
    binary = planted("binary", edit(new_sha1=blob("\0")))
    for row in (*GOOD, *BAD, only_new, binary):
        columns = ", ".join(f'"{column}"' for column in row)
        marks = ", ".join("?" * len(row))
        connection.execute(f"INSERT INTO {name}.commits ({columns}) VALUES ({marks})", list(row.values()))
    yield connection
    connection.close()


def ask(tables: duckdb.DuckDBPyConnection, source: BigQuerySource) -> list[dict[str, Any]]:
    sql = sqlglot.transpile(source.query(), read="bigquery", write="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    answer = tables.execute(*sql)
    names = [column[0] for column in answer.description or ()]
    return sorted((dict(zip(names, row, strict=True)) for row in answer.fetchall()), key=lambda row: str(row["commit"]))


def source_of(**other: Any) -> BigQuerySource:
    return BigQuerySource(name="big", since=date(2015, 1, 1), **other)


@pytest.mark.parametrize("filled", [False, True])
def test_the_query_is_bigquery_sql_through_and_through(filled: bool) -> None:
    sql = source_of(repositories=("a/b",)).query() if filled else QUERY.read_text()
    (statement,) = sqlglot.parse(sql, read="bigquery", error_level=sqlglot.ErrorLevel.RAISE)
    assert isinstance(statement, exp.Select)
    assert not list(
        statement.find_all(exp.Command, exp.Anonymous)
    )  # nothing passed through unread, no unknown function
    read = {".".join(part.name for part in table.parts) for table in statement.find_all(exp.Table)}
    assert {name for name in read if "." in name} == {
        f"{PUBLIC}.{table}" for table in ("commits", "contents", "licenses")
    }
    parameters = {parameter.name for parameter in statement.find_all(exp.Parameter)}
    assert parameters == (set() if filled else set(bigquery._PARAMETER.findall(QUERY.read_text())))
    assert [column.alias_or_name for column in statement.expressions] == [
        "commit", "parent", "repos", "license", "old_file", "new_file", "old_blob", "new_blob", "subject", "message",
        "author_time", "unix_time", "old_contents", "new_contents",
    ]  # fmt: skip


def test_exactly_the_good_commits_come_out_once_each(tables: duckdb.DuckDBPyConnection) -> None:
    rows = ask(tables, source_of())
    lacking = {"old side missing", "binary"}
    assert [row["commit"] for row in rows] == sorted({row["commit"] for row in GOOD} | lacking)
    by_name = {row["commit"]: row for row in rows}
    assert by_name["good"] == {
        "commit": "good", "parent": "p", "repos": "alice/shapes", "license": "mit", "old_file": "src/shape.py",
        "new_file": "src/shape.py", "old_blob": blob(OLD), "new_blob": blob(NEW), "subject": "Fix the area",
        "message": "Fix the area of squares\n", "author_time": IN_WINDOW, "unix_time": IN_WINDOW + 60,
        "old_contents": OLD, "new_contents": NEW,
    }  # fmt: skip
    assert (by_name["forks"]["repos"], by_name["forks"]["license"]) == ("bob/shapes", "apache-2.0")
    assert (by_name["twice"]["repos"], by_name["twice"]["license"]) == ("erin/shapes", "mit")
    sides = {name: (by_name[name]["old_contents"], by_name[name]["new_contents"]) for name in lacking}
    assert sides == {"old side missing": (None, NEW), "binary": (OLD, None)}


def test_options_reach_the_query(tables: duckdb.DuckDBPyConnection) -> None:
    def names(**other: Any) -> set[str]:
        return {row["commit"] for row in ask(tables, source_of(**other))}

    usual = names()
    assert names(copyleft=True) == usual | {"copyleft"}
    assert names(until=date(2022, 1, 1)) == usual | {"author too late", "committer too late"}
    assert names(min_message_chars=9, max_message_chars=15_001) == usual | {"message 10", "message 15000"}
    assert names(repositories=("erin/shapes",)) == {"forks", "twice"}
    (fork,) = (row for row in ask(tables, source_of(repositories=("erin/shapes",))) if row["commit"] == "forks")
    assert (fork["repos"], fork["license"]) == ("erin/shapes", "mit")
    assert names(repositories=("no/where",)) == set()


def test_the_rows_become_changes(tables: duckdb.DuckDBPyConnection) -> None:
    records = {row["commit"]: record_of(row, OPTIONS) for row in ask(tables, source_of())}
    assert records["good"] == Change(
        Origin(
            "big", "github.com/alice/shapes", "good", "src/shape.py", sha256(NEW.encode()), "MIT", IN_WINDOW + 60,
            sha256(OLD.encode()),
        ),
        "Python", "Fix the area of squares\n", OLD, NEW, Facts(authored_at=IN_WINDOW),
    )  # fmt: skip
    assert {name: type(record) for name, record in records.items()} == {
        name: Dropped if name in ("old side missing", "binary") else Change for name in records
    }
    lost = records["old side missing"]
    assert isinstance(lost, Dropped)
    assert (lost.reason, lost.detail) == ("missing_blob", f"old side: {blob('lost')}")
    assert lost.origin.repo == "github.com/alice/shapes"


def query_row(**other: Any) -> dict[str, Any]:
    return {
        "commit": "c", "repos": "alice/shapes", "license": "mit", "old_file": "a.py", "new_file": "a.py",
        "old_blob": blob(OLD), "new_blob": blob(NEW), "message": "Fix the area", "author_time": 5, "unix_time": 6,
        "old_contents": OLD, "new_contents": NEW,
    } | other  # fmt: skip


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        ({"new_contents": None}, "missing_blob"),
        ({"old_contents": 5}, "missing_blob"),
        ({"new_contents": NEW + "\ufffd"}, "missing_blob"),
        ({"new_contents": "\ud800"}, "missing_blob"),
        ({"new_contents": OLD, "new_blob": blob(OLD)}, "identical"),
        ({"new_contents": "", "new_blob": blob("")}, "empty"),
        ({"message": None}, "missing_field"),
        ({"commit": None, "repos": None, "new_contents": None}, "missing_blob"),
        ({"new_file": "a.md", "old_file": "a.md"}, "no_language"),
    ],
)
def test_rows_that_make_no_change(other: dict[str, Any], reason: str) -> None:
    record = record_of(query_row(**other), OPTIONS)
    assert isinstance(record, Dropped)
    assert record.reason == reason


def test_odd_values_are_no_errors() -> None:
    assert isinstance(record_of({}, OPTIONS), Dropped)
    record = record_of(query_row(author_time="soon", unix_time=None, license=None), OPTIONS)
    assert isinstance(record, Change)
    assert (record.facts, record.origin.committed_at, record.origin.license) == (Facts(), None, None)


def test_beam_reads_the_query_and_gives_records(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    source = source_of()
    rows = [query_row(), query_row(commit="d", new_contents=None)]
    asked = []

    def create(given: BigQuerySource) -> Any:
        asked.append(given)
        return beam.Create(rows)

    monkeypatch.setattr(bigquery, "reader", create)
    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
        assert_that(p | source.rows(tmp_path), equal_to([record_of(row, OPTIONS) for row in rows]))
    assert asked == [source]


def test_beam_s_own_reader_gets_the_query(monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(method="DIRECT_READ", bucket="gs://b/t")
    given: dict[str, Any] = {}
    monkeypatch.setattr(beam.io, "ReadFromBigQuery", lambda **arguments: given.update(arguments))
    bigquery.reader(source)
    assert given == {
        "query": source.query(), "use_standard_sql": True, "method": "DIRECT_READ", "gcs_location": "gs://b/t",
    }  # fmt: skip


def with_extra(patch: pytest.MonkeyPatch) -> None:
    for name in ("google.cloud.bigquery", "apitools"):
        patch.setitem(sys.modules, name, ModuleType(name))


def test_one_unit_stands_for_the_query(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_extra(monkeypatch)

    def unit(**other: Any) -> Unit:
        prepared = source_of(**other).prepare(tmp_path, lambda line: None)
        assert prepared.warnings == ()
        (only,) = prepared.units
        assert list(source_of(**other).read(only, tmp_path)) == []
        return only

    assert unit() == unit()
    assert (unit().source, unit().key) == ("big", "query")
    others = [unit(copyleft=True), unit(until=date(2020, 1, 1)), unit(dataset="mine.copy"), unit(repositories=("a/b",))]
    assert len({one.digest for one in (unit(), *others)}) == 5


@pytest.mark.parametrize("name", ["google.cloud.bigquery", "apitools"])
def test_without_the_extra_the_way_out_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    with_extra(monkeypatch)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ConfigError, match=r"needs the extra gcp \(.* is not installed\): `pip install"):
        source_of().prepare(tmp_path, lambda line: None)


def test_other_sources_have_no_rows() -> None:
    assert FilesSource(name="s", paths=("x",)).rows(Path("unused")) is None


def test_literals() -> None:
    sql = "SELECT @a, @b, @c, @d"
    assert fill(sql, {"a": 1, "b": ("x", "c++"), "c": (1, 2), "d": ()}) == (
        "SELECT 1, ARRAY<STRING>['x', 'c++'], ARRAY<INT64>[1, 2], ARRAY<STRING>[]"
    )
    with pytest.raises(ConfigError, match="must be letters"):
        fill("@a", {"a": ("x' OR TRUE --",)})
    for parameters in ({}, {"a": 1, "b": 2}):
        with pytest.raises(ConfigError, match="parameters"):
            fill("@a", parameters)


def test_a_copy_of_the_tables_can_be_read_instead() -> None:
    query = source_of(dataset="my-project.copy_2024").query()
    assert "`my-project.copy_2024.commits`" in query
    assert PUBLIC not in query


@pytest.mark.parametrize(
    "wrong",
    [
        {"repositories": ["a/b' OR TRUE"]},
        {"repositories": ["shapes"]},
        {"dataset": "a.b` WHERE"},
        {"dataset": "alone"},
        {"bucket": "/tmp"},
        {"method": "AVRO"},
        {"since": "soon"},
    ],
)
def test_wrong_options(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        validate(BigQuerySource, {"name": "big"} | wrong, "t.yaml")


def test_the_configuration_knows_it() -> None:
    table = {"kind": "bigquery", "name": "big", "since": date(2015, 1, 1), "repositories": ["alice/shapes"]}
    config = validate(RunConfig, {"name": "n", "sources": [table]}, "t.yaml")
    assert config.sources[0] == source_of(repositories=("alice/shapes",))
    assert "since: '2015-01-01'" in dump(config)


def mirror(folder: Path, texts: list[str]) -> list[str]:
    """A repository with one commit a text of `a.py`; their shas."""
    folder.mkdir(parents=True)
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for role in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{role}_NAME": "A", f"GIT_{role}_EMAIL": "a@example.org", f"GIT_{role}_DATE": "1500000000 +0000"}

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=folder, env=env, check=True, capture_output=True)
        return done.stdout.decode().strip()

    git("init", "--quiet", "--initial-branch=main")
    shas = []
    for text in texts:
        (folder / "a.py").write_text(text)
        git("add", "--all")
        git("commit", "--quiet", "--message", "Fix the area of squares")
        shas.append(git("rev-parse", "HEAD"))
    return shas


def test_replay_fetches_the_commit_from_its_repository(tmp_path: Path) -> None:
    _, head = mirror(tmp_path / "mirrors/alice/shapes", [OLD, NEW])
    source = source_of(clone_from=str(tmp_path / "mirrors"))
    row = query_row(commit=head, unix_time=1_500_000_000, author_time=1_500_000_000, message="Fix the area of squares")
    record = record_of(row, OPTIONS)
    assert isinstance(record, Change)
    again = source.replay(record.origin, tmp_path / "cache")
    assert isinstance(again, Change)
    assert replace(again, message=again.message.strip()) == record
    with pytest.raises(SourceUnavailable):
        source_of(clone_from=str(tmp_path / "nowhere")).replay(record.origin, tmp_path / "cache")


@pytest.mark.parametrize("repo", ["github.com/alice/..", "github.com/-u/x", "github.com/a/b/c", "../x", "", "a/b\n"])
def test_a_strange_repository_is_never_fetched(repo: str) -> None:
    with pytest.raises(SourceUnavailable, match="is no repository"):
        source_of().place(repo)


def test_missing_sides_are_read_from_the_repository(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second, third = mirror(tmp_path / "mirrors/alice/shapes", [OLD, NEW, NEW + "# end\n"])
    lacking = {"old_contents": None, "new_contents": None}
    rows = [
        query_row(commit=second, unix_time=6, **lacking),
        query_row(commit=third, unix_time=7, old_blob=blob(NEW), new_blob=blob(NEW + "# end\n"), **lacking),
        query_row(commit=second, unix_time=8, file_path="b.py", new_file="b.py", old_file="b.py"),
        query_row(commit=second, unix_time=9, new_contents=None, new_blob=blob("never there")),
        query_row(commit="HEAD", unix_time=None, **lacking),
        query_row(commit=second, old_blob="HEAD:a.py", old_contents=None),
        query_row(commit=first, repos="bob/gone", **lacking),
        query_row(commit=first, repos="alice/..", **lacking),
    ]
    monkeypatch.setattr(bigquery, "reader", lambda source: beam.Create(rows))
    source = source_of(clone=True, clone_from=(tmp_path / "mirrors").as_uri())

    def told(records: list[Any]) -> None:
        found = sorted(
            (r.origin.repo, r.origin.committed_at or 0, r.after if isinstance(r, Change) else r.reason) for r in records
        )
        shapes = "github.com/alice/shapes"
        assert found == [
            ("github.com/alice/..", 6, "missing_blob"), (shapes, 0, "missing_blob"), (shapes, 6, NEW),
            (shapes, 6, "missing_blob"), (shapes, 7, NEW + "# end\n"), (shapes, 8, NEW), (shapes, 9, "missing_blob"),
            ("github.com/bob/gone", 6, "missing_blob"),
        ]  # fmt: skip

    with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
        assert_that(p | source.rows(tmp_path / "cache"), told)


def test_a_repository_that_is_gone_is_asked_a_few_times_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def view(self: Place, cache: Path, sha: str) -> Any:
        asked.append(sha)
        raise SourceUnavailable("gone")

    monkeypatch.setattr(Place, "view", view)
    rows = [query_row(commit=f"{n:040x}", unix_time=n, old_contents=None) for n in range(6)]
    place = source_of().place("github.com/alice/shapes")
    assert place.location == "https://github.com/alice/shapes"
    assert list(complete(rows, place, tmp_path)) == rows[::-1]
    assert asked == [f"{n:040x}" for n in (5, 4, 3)]
