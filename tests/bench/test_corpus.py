"""The corpus holds what its packages hold, each file once, and is the same bytes on each build; all offline."""

import gzip
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from bench import corpus, source_trees
from bench.corpus import Wanted, build, groups, read, wanted, write
from bench.source_trees import Tree
from pipeline.beam import shard_of
from pipeline.sources.registries.cache import cached_path, is_cached
from pipeline.sources.registries.debian_source import SourcePackage
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import sha256


def tar(files: Mapping[str, bytes], top: str) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return gzip.compress(out.getvalue(), mtime=0)


def put(cache: Path, data: bytes) -> str:
    digest = sha256(data)
    cached_path(cache, digest).parent.mkdir(parents=True, exist_ok=True)
    cached_path(cache, digest).write_bytes(data)
    return digest


def dsc(files: Mapping[str, bytes], name: str = "fox", version: str = "1-1") -> bytes:
    listed = "".join(f" {sha256(data)} {len(data)} {file}\n" for file, data in files.items())
    return f"Format: 3.0 (quilt)\nSource: {name}\nVersion: {version}\nChecksums-Sha256:\n{listed}".encode()


TREE = {
    "src/a.c": b"int a(void) { return 1; }\n",
    "src/b.cc": b"int b() { return 2; }\n",
    "src/latin.c": b"/* \xe9 */ int c;\n",
    "src/blank.c": b" \n",
    "src/nul.c": b"int d;\0\n",
    "src/long.c": b"int e;\n" * 100,
    "README": b"words\n",
}


def tree_in(cache: Path, **changes: object) -> Tree:
    archives = {
        "fox_1.orig.tar.gz": tar(TREE, "fox-1/"),
        "fox_1.orig-extra.tar.gz": tar({"x.c": b"int x;\n"}, "extra/"),
        "fox_1-1.debian.tar.gz": tar({"patches/p.c": b"int p;\n"}, "debian/"),
    }
    for data in archives.values():
        put(cache, data)
    return Tree("fox", "1-1", put(cache, dsc(archives)), ("C", "C++"), 10, 300)._replace(**changes)


def body(number: int) -> bytes:
    return b"".join(b"def f%d_%d(a, b):\n    return a * %d + b\n\n" % (number, n, n * number) for n in range(12))


def packages_in(cache: Path, folder: Path) -> Path:
    """A list of two packages whose archives are in the cache."""
    python = put(cache, tar({f"m{n}.py": body(n) for n in range(1, 20)} | {"a.c": b"int x;\n"}, "cat-1.0/"))
    trees = tree_in(cache)
    path = folder / "packages.toml"
    path.write_text(
        f'[[package]]\nregistry = "pypi"\nname = "cat"\nversion = "1.0"\nsha256 = "{python}"\n'
        f'languages = ["Python"]\nmax_files = 18\n'
        f'[[package]]\nregistry = "debian-source"\nname = "fox"\nversion = "1-1"\nsha256 = "{trees.sha256}"\n'
        f'languages = ["C", "C++"]\nmax_files = 10\n',
        encoding="utf-8",
    )
    return path


def test_a_source_tree_gives_its_authors_files_that_are_text(tmp_path: Path) -> None:
    found = source_trees.read(tree_in(tmp_path), tmp_path)
    assert [(one.origin.path, one.language) for one in found] == [
        ("extra/x.c", "C"),
        ("src/a.c", "C"),
        ("src/b.cc", "C++"),
    ]
    assert found[1].origin.repo == "debian-source:fox" and found[1].origin.revision == "1-1"
    assert found[1].text == "int a(void) { return 1; }\n" and found[1].origin.blob_sha256 == sha256(TREE["src/a.c"])


def test_which_files_of_a_tree_are_taken_follows_from_their_paths(tmp_path: Path) -> None:
    all_of_it = {one.origin.path for one in source_trees.read(tree_in(tmp_path, max_file_bytes=5000), tmp_path)}
    assert "src/long.c" in all_of_it
    two = source_trees.read(tree_in(tmp_path, max_files=2), tmp_path)
    one = source_trees.read(tree_in(tmp_path, max_files=1), tmp_path)
    assert len(two) == 2 and len(one) == 1
    assert one[0] in two
    renamed = source_trees.read(tree_in(tmp_path, max_files=1, name="wolf"), tmp_path)
    assert renamed[0].origin.path == one[0].origin.path  # a fork draws the same paths


def test_a_broken_tree_is_an_error(tmp_path: Path) -> None:
    cut = tar(TREE, "fox-1/")[:-40]
    put(tmp_path, cut)
    tree = Tree("fox", "1-1", put(tmp_path, dsc({"fox_1.orig.tar.gz": cut})), (), 10, 300)
    with pytest.raises(SourceUnavailable, match=r"fox=1-1: fox_1\.orig\.tar\.gz: truncated_archive"):
        source_trees.read(tree, tmp_path)


class Index:
    """Stands for apt: it has one version and serves its files."""

    files: Mapping[str, bytes]

    def __init__(self, *_: object) -> None:
        self.fetched = 0

    def refresh(self) -> None:
        pass

    def versions(self, name: str) -> tuple[SourcePackage, ...]:
        listed = tuple((file, len(data), sha256(data)) for file, data in self.files.items())
        return (SourcePackage(name, "1-1", listed),)

    def fetch(self, package: SourcePackage, folder: Path) -> list[Path]:
        for name, data in self.files.items():
            (folder / name).write_bytes(data)
        return [folder / name for name in self.files]


def test_a_tree_that_the_cache_lacks_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archives = {"fox_1.orig.tar.gz": tar(TREE, "fox-1/")}
    monkeypatch.setattr(Index, "files", {"fox_1-1.dsc": dsc(archives), **archives}, raising=False)
    monkeypatch.setattr(source_trees, "SourceIndex", Index)
    monkeypatch.setattr(source_trees, "machine_archives", lambda suites: ())
    tree = Tree("fox", "1-1", sha256(dsc(archives)), ("C",), 10, 300)
    said: list[str] = []
    source_trees.fetch([tree], tmp_path, said.append)
    assert said == ["debian-source: fox=1-1 fetched"] and is_cached(tmp_path, tree.sha256)
    source_trees.fetch([tree], tmp_path, said.append)
    assert len(said) == 1
    other = tree._replace(version="2-1")
    for wrong, told in (
        (tree._replace(sha256="0" * 64), "pinned is 000"),
        (other._replace(sha256="1" * 64), "have 1-1"),
    ):
        with pytest.raises(SourceUnavailable, match=told):
            source_trees.fetch([wrong], tmp_path, said.append)


def test_the_command_builds_the_same_bytes_twice(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    listed = packages_in(cache, tmp_path)
    folders = []
    for name in ("one", "two"):
        out = tmp_path / name
        arguments = ["--out", str(out), "--cache", str(cache), "--packages", str(listed), "--planted", "2"]
        assert corpus.main(arguments) == 0
        folders.append({path.name: path.read_bytes() for path in sorted(out.iterdir())})
    assert folders[0] == folders[1]
    assert len(folders[0]) == 18
    summary = json.loads(folders[0]["corpus.json"])
    assert summary["files"] == 22  # 18 of Python's 19; long.c is within the bound here
    assert summary["languages"]["Python"]["files"] == 18 and summary["languages"]["C++"]["files"] == 1
    assert summary["packages"] == {"debian-source:fox@1-1": 4, "planted": 8, "pypi:cat@1.0": 18}
    planted = json.loads(folders[0]["planted.json"])
    assert [one["low"] for one in planted] == [0.7, 0.7, 0.75, 0.75, 0.8, 0.8, 0.9, 0.9]
    assert all(one["low"] <= one["jaccard"] < one["high"] for one in planted)


def test_rows_are_by_id_in_the_shard_of_their_id(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    files = [one for entry in wanted(packages_in(cache, tmp_path)) for one in read(entry, cache)]
    built = build([*files, files[0]], planted_each=1)
    assert len(built.rows) == len(files) + len(built.planted)
    write(built, tmp_path / "out", shards=3)
    (tmp_path / "out" / "files-00007-of-00008.parquet").write_bytes(b"of an earlier corpus")
    write(built, tmp_path / "out", shards=3)
    paths = sorted((tmp_path / "out").glob("files-*"))
    assert [path.name for path in paths] == [f"files-{n:05d}-of-00003.parquet" for n in range(3)]
    seen = {}
    for shard, path in enumerate(paths):
        table = pq.read_table(path)
        assert table.column_names == ["id", "language", "repo", "path", "text"]
        ids = table["id"].to_pylist()
        assert ids == sorted(ids) and all(shard_of(id_, 3) == shard for id_ in ids)
        seen |= dict(zip(ids, table["text"].to_pylist(), strict=True))
    assert seen == {row.id: row.text for row in built.rows}


def test_row_groups_are_bounded() -> None:
    rows = [corpus.Row(str(n), "C", "r", "p", "é" * size) for n, size in enumerate((3, 3, 30, 1, 4))]
    assert [[row.id for row in group] for group in groups(rows, 12)] == [["0", "1"], ["2"], ["3", "4"]]
    assert list(groups([], 12)) == []


ENTRY = '[[package]]\nregistry = "npm"\nname = "a"\nversion = "1"\nsha256 = "0"\nlanguages = ["C"]\nmax_files = 1\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ENTRY + ENTRY, "listed more than once: npm a 1"),
        (ENTRY.replace("npm", "cargo"), "registry"),
        (ENTRY + "color = 1\n", "color"),
        ("[[package", "packages.toml"),
        (None, "No such file"),
    ],
)
def test_a_wrong_list_is_refused(tmp_path: Path, text: str | None, told: str) -> None:
    path = tmp_path / "packages.toml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=told):
        wanted(path)
    assert corpus.main(["--packages", str(path), "--cache", str(tmp_path), "--out", str(tmp_path / "out")]) == 2


def test_a_package_that_cannot_be_had_ends_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise SourceUnavailable("no network")

    monkeypatch.setattr(source_trees, "fetch", refuse)
    listed = packages_in(tmp_path / "cache", tmp_path)
    out = tmp_path / "out"
    assert corpus.main(["--packages", str(listed), "--cache", str(tmp_path / "cache"), "--out", str(out)]) == 1
    assert not out.exists()


def test_the_list_that_is_shipped_is_whole() -> None:
    found = wanted(corpus.HERE / "corpus_packages.toml")
    assert all(len(one.sha256) == 64 and one.max_files > 0 for one in found)
    assert {language for one in found for language in one.languages} == {
        *("JavaScript", "Python", "Ruby", "C++", "C", "Go", "Java", "C#"),
    }
    assert isinstance(found[0], Wanted) and len(found) > 80
