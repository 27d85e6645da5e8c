import json
import os
from pathlib import Path

import pytest

from pipeline.sources import files
from pipeline.sources.base import Read
from pipeline.sources.files import FilesSource, matches, read_file, walk
from schemas.config import validate
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, sha256
from schemas.records import Dropped, SourceFile


def write(root: Path, names: dict[str, bytes]) -> Path:
    for name, data in names.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def read_all(source: FilesSource) -> list[Read]:
    prepared = source.prepare(Path("unused"), lambda line: None)
    return [record for unit in prepared.units for record in source.read(unit, Path("unused"))]


def texts(records: list[Read]) -> dict[str, str]:
    return {r.origin.path: r.text for r in records if isinstance(r, SourceFile)}


def reasons(records: list[Read]) -> dict[str, str]:
    return {r.origin.path: r.reason for r in records if isinstance(r, Dropped)}


def test_a_folder_gives_its_files_of_known_languages_in_order(tmp_path: Path) -> None:
    root = write(tmp_path / "proj", {"b.py": b"b = 1\n", "a/z.go": b"package z\n", "a.txt": b"no", ".git/x.py": b"no"})
    records = read_all(FilesSource(name="mine", paths=(str(root),), license="MIT"))
    assert [r.origin.path for r in records] == ["a/z.go", "b.py"]
    last = records[-1]
    assert isinstance(last, SourceFile)
    assert last.origin == Origin("mine", "proj", "", "b.py", sha256(b"b = 1\n"), "MIT")
    assert (last.language, last.text) == ("Python", "b = 1\n")


def test_strange_names(tmp_path: Path) -> None:
    names = ["a b.py", 'it\'s "q".py', "new\nline.py", "-rf.py", "*.py", "café.py"]
    root = write(tmp_path / "p", dict.fromkeys(names, b"x = 1\n"))
    Path(os.fsdecode(os.fsencode(root) + b"/bad\xff.py")).write_bytes(b"y = 2\n")
    source = FilesSource(name="s", paths=(str(root),))
    found = texts(read_all(source))
    assert set(found) == {*names, "bad\\xff.py"}
    for path in found:
        path.encode("utf-8")
    bad = next(r for r in read_all(source) if r.origin.path == "bad\\xff.py")
    assert source.replay(bad.origin, tmp_path) == bad


def test_what_can_not_be_text_is_dropped_with_its_reason(tmp_path: Path) -> None:
    root = write(
        tmp_path / "p",
        {"big.py": b"x" * 101, "empty.py": b"", "nul.py": b"a\0b", "latin.py": b"caf\xe9", "ok.py": b"x" * 100},
    )
    os.mkfifo(root / "pipe.py")
    records = read_all(FilesSource(name="s", paths=(str(root),), max_file_bytes=100))
    assert reasons(records) == {
        "big.py": "too_large",
        "empty.py": "empty",
        "nul.py": "nul_bytes",
        "latin.py": "not_utf8",
        "pipe.py": "unreadable",
    }
    assert list(texts(records)) == ["ok.py"]
    assert all(r.stage == "mine" for r in records if isinstance(r, Dropped))
    assert len({r.id for r in records}) == len(records)


def test_links_are_never_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"secret.py": b"token = 1\n"})
    root = write(tmp_path / "p", {"in.py": b"x = 1\n"})
    (root / "file.py").symlink_to(outside / "secret.py")
    (root / "folder").symlink_to(outside)
    (root / "loop").symlink_to(root)
    records = read_all(FilesSource(name="s", paths=(str(root),)))
    assert reasons(records) == {"file.py": "link", "folder": "link", "loop": "link"}
    assert texts(records) == {"in.py": "x = 1\n"}
    glob = read_all(FilesSource(name="s", paths=(f"{root}/**/*.py",)))
    assert texts(glob) == {"in.py": "x = 1\n"}


def test_a_folder_that_becomes_a_link_after_listing_is_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", {"a.py": b"token = 1\n"})
    root = write(tmp_path / "p", {"d/a.py": b"x = 1\n"})
    source = FilesSource(name="s", paths=(str(root),))
    (unit,) = source.prepare(tmp_path, lambda line: None).units
    (root / "d").rename(root / "e")
    (root / "d").symlink_to(outside)
    (record,) = source.read(unit, tmp_path)
    assert isinstance(record, Dropped)
    assert record.reason == "link"


def test_unreadable_files_and_folders_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = write(tmp_path / "p", {"closed/a.py": b"x", "ok.py": b"x = 1\n", "shut.py": b"x"})
    real_open, real_scandir = os.open, os.scandir

    def refuse_open(path: str, *args: int, **kwargs: int) -> int:
        if path in ("shut.py", "closed"):
            raise PermissionError(13, "Permission denied")
        return real_open(path, *args, **kwargs)

    def refuse_scandir(path: Path) -> "os._ScandirIterator[str]":
        if path.name == "closed":
            raise PermissionError(13, "Permission denied")
        return real_scandir(path)

    monkeypatch.setattr(files.os, "open", refuse_open)
    monkeypatch.setattr(files.os, "scandir", refuse_scandir)
    records = read_all(FilesSource(name="s", paths=(str(root),)))
    assert reasons(records) == {"closed": "unreadable", "shut.py": "unreadable"}
    assert list(texts(records)) == ["ok.py"]


def test_globs_single_files_and_relative_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "p", {"a.py": b"a", "s/b.py": b"b", "s/t/c.py": b"c", "s/t/d.go": b"d", "s[1].py": b"e"})
    monkeypatch.chdir(tmp_path)

    def paths(*given: str) -> list[str]:
        return [r.origin.path for r in read_all(FilesSource(name="s", paths=given))]

    assert paths("p/*.py") == ["a.py", "s[1].py"]
    assert paths("p/**/*.py") == ["a.py", "s/b.py", "s/t/c.py", "s[1].py"]
    assert paths("p/s/**") == ["b.py", "t/c.py", "t/d.go"]
    assert paths("p/*/t/?.go") == ["s/t/d.go"]
    assert paths("p/a.py", "p/s") == ["a.py", "b.py", "t/c.py", "t/d.go"]
    assert paths("p", "p/*.py", "p/s/**", str(tmp_path / "p")) == paths("p")  # each file once
    assert paths("p/s[1].py") == ["s[1].py"]  # a file of that very name comes before the pattern
    (one,) = read_all(FilesSource(name="s", paths=("p/a.py",)))
    assert one.origin.repo == "p"
    (named,) = read_all(FilesSource(name="s", paths=("p/a.py",), repo="r"))
    assert named.origin.repo == "r"


@pytest.mark.parametrize(
    ("path", "pattern", "expected"),
    [
        ("a", "**", True),
        ("a/b/c", "**/**/c", True),
        ("a/b/c", "a/**/c", True),
        ("a/c", "a/**/c", True),
        ("a/c/d", "a/**/c", False),
        ("a/b", "*", False),
        ("a/b", "a/[bc]", True),
        ("a/" * 200 + "b", "**/a/" * 60 + "c", False),
    ],
)
def test_matches(path: str, pattern: str, expected: bool) -> None:
    assert matches(path.split("/"), tuple(pattern.split("/"))) is expected


@pytest.mark.parametrize("given", ["gone", "empty", "none/*.py", "text", "empty/**"])
def test_nothing_to_read_is_an_error_or_a_warning(tmp_path: Path, given: str) -> None:
    (tmp_path / "empty").mkdir()
    write(tmp_path, {"text/a.txt": b"x", "ok.py": b"x"})
    path = str(tmp_path / given)
    with pytest.raises(SourceUnavailable, match=r"source 's': paths: .*Correct the path"):
        FilesSource(name="s", paths=(path,)).prepare(tmp_path, lambda line: None)
    lenient = FilesSource(name="s", paths=(path, str(tmp_path / "ok.py")), required=False)
    prepared = lenient.prepare(tmp_path, lambda line: None)
    assert len(prepared.units) == 1
    assert len(prepared.warnings) == 1 and given in prepared.warnings[0]


def test_units_share_the_work_and_follow_the_content(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {f"f{i:03}.py": b"x = %d\n" % i for i in range(150)})
    source = FilesSource(name="s", paths=(str(root),))
    said: list[str] = []
    first = source.prepare(tmp_path, said.append).units
    assert [len(json.loads(unit.key)[1]) for unit in first] == [64, 64, 22]
    assert "150 files" in said[0]
    assert source.prepare(tmp_path, said.append).units == first
    (root / "f100.py").write_bytes(b"x = 0\n")
    second = source.prepare(tmp_path, said.append).units
    assert [a.digest == b.digest for a, b in zip(first, second, strict=True)] == [True, False, True]


def test_replay_gives_the_very_record_or_says_why_not(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"a.py": b"x = 1\n"})
    source = FilesSource(name="s", paths=(str(tmp_path / "none"), str(tmp_path / "q*"), str(root)))
    (record,) = read_all(source.model_copy(update={"paths": (str(root),)}))
    assert source.replay(record.origin, tmp_path) == record
    (root / "a.py").write_bytes(b"x = 2\n")
    with pytest.raises(SourceUnavailable, match="has changed since"):
        source.replay(record.origin, tmp_path)
    (root / "a.py").unlink()
    with pytest.raises(SourceUnavailable, match="is not there any more"):
        source.replay(record.origin, tmp_path)


def test_a_file_that_goes_away_is_dropped(tmp_path: Path) -> None:
    root = write(tmp_path / "p", {"a.py": b"x = 1\n"})
    source = FilesSource(name="s", paths=(str(root),))
    (unit,) = source.prepare(tmp_path, lambda line: None).units
    (root / "a.py").unlink()
    (record,) = source.read(unit, tmp_path)
    assert isinstance(record, Dropped)
    assert (record.reason, record.detail) == ("unreadable", "No such file or directory")


def test_options_are_strict() -> None:
    with pytest.raises(ConfigError, match="max_file_bytes"):
        validate(FilesSource, {"name": "s", "paths": ["a"], "max_file_bytes": 0}, "sources")
    assert validate(FilesSource, {"name": "s", "kind": "files", "paths": ["a"]}, "sources").paths == ("a",)


def test_walk_and_read_below_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {"d/a.py": b"x"})
    monkeypatch.chdir(tmp_path)
    assert walk(".") == ["d/a.py"]
    assert read_file("", "d/a.py", 10) == b"x"
