import gzip
import io
import lzma
import pickle
import shutil
import tarfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest

from pipeline.config import RunConfig
from pipeline.sources.base import Read
from pipeline.sources.quilt import QuiltSource
from pipeline.sources.registries import debian_source
from pipeline.sources.registries.debian_source import Archive, machine_archives
from schemas.config import validate
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, sha256
from schemas.records import Change, Dropped

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt-get is not on this machine")

SOURCE = (
    b"int copy(char *to, const char *from, int n)\n{\n    for (int i = 0; i <= n; i++)\n        to[i] = from[i];\n"
    b"    return n;\n}\n"
)
UPSTREAM = {
    "src/copy.c": SOURCE,
    "src/other.c": b"int other(void)\n{\n    return 1;\n}\n",
    "src/dos.c": b"int dos(void)\r\n{\r\n    return 1;\r\n}\r\n",
    "src/latin.c": b"/* caf\xe9 */\nint latin(void)\n{\n    return 1;\n}\n",
    "src/old.c": b"int old(void);\n",
    "configure.ac": b"AC_INIT\n",
    "tests/test.sh": b"run\n",
    "ChangeLog": b"first\n",
}
COPYRIGHT = b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: Expat\n"


def hunk(path: str, old: str, new: str, start: int, after: str | None = None) -> str:
    return f"--- a/{path}\n+++ b/{after or path}\n@@ -{start} +{start} @@\n-{old}\n+{new}\n"


FIRST = hunk("src/copy.c", "    for (int i = 0; i <= n; i++)", "    for (int i = 0; i < n; i++)", 3)
SECOND = hunk("src/copy.c", "    return n;", "    return n - 1;", 5)
HEADER = (
    "Description: Do not write past the end\n The loop ran once too often.\nOrigin: upstream\n"
    "Bug: https://example.org/CVE-2021-1111\nLast-Update: 2021-03-04\n---\n"
)
PATCHES: dict[str, bytes] = {
    "CVE-2021-2222.patch": (HEADER + FIRST).encode(),
    "with-tests.patch": (
        "Subject: [PATCH] Count from nought\nDate: Fri, 5 Mar 2021 00:00:00 +0000\n\nText.\n---\n"
        + SECOND
        + hunk("tests/test.sh", "run", "run twice", 1)
        + hunk("ChangeLog", "first", "second", 1)
    ).encode(),
    "outside.patch": hunk("../../../outside.c", "a", "b", 1).encode(),
    "two-files.patch": (
        hunk("src/copy.c", "    return n - 1;", "    return n - 2;", 5)
        + hunk("src/other.c", "    return 1;", "    return 2;", 3)
    ).encode(),
    "creates.patch": b"--- /dev/null\n+++ b/src/new.c\n@@ -0,0 +1 @@\n+int new(void);\n",
    "deletes.patch": b"--- a/src/old.c\n+++ /dev/null\n@@ -1 +0,0 @@\n-int old(void);\n",
    "fails.patch": hunk("src/other.c", "    return 7;", "    return 8;", 3).encode(),
    "missing-file.patch": hunk("src/nowhere.c", "a", "b", 1).encode(),
    "tests-only.patch": hunk("tests/test.sh", "run twice", "run thrice", 1).encode(),
    "build.patch": hunk("configure.ac", "AC_INIT", "AC_INIT([x])", 1).encode(),
    "dos.patch": b"Subject: Return two\n\n" + hunk("src/dos.c", "    return 1;\r", "    return 2;\r", 3).encode(),
    "latin.patch": b"Subject: Caf\xe9\n\n" + hunk("src/latin.c", "    return 1;", "    return 2;", 4).encode(),
    "after.patch": hunk("src/other.c", "    return 2;", "    return 3;", 3).encode(),
}


def tar(files: Mapping[str, bytes], top: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(top + name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


class Repository:
    """A package archive in a folder, with an index that apt reads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pool = folder / "pool"
        self.pool.mkdir(parents=True)
        self.paragraphs: list[str] = []
        self.write()

    @property
    def archive(self) -> Archive:
        return Archive(uri=f"file:{self.folder}", suite="stable", trusted=True)

    def add(
        self,
        name: str,
        version: str,
        upstream: Mapping[str, bytes] = UPSTREAM,
        patches: Mapping[str, bytes] = PATCHES,
        series: str | None = None,
        form: str = "3.0 (quilt)",
        extra: Mapping[str, bytes] | None = None,
    ) -> None:
        bare = version.rpartition(":")[2]
        listed = "".join(f"{patch}\n" for patch in patches) if series is None else series
        debian = {f"debian/patches/{patch}": data for patch, data in patches.items()}
        debian |= {"debian/patches/series": listed.encode(), "debian/copyright": COPYRIGHT}
        files = {
            f"{name}_{bare.rpartition('-')[0]}.orig.tar.gz": gzip.compress(tar(upstream, f"{name}-1/"), mtime=0),
            f"{name}_{bare}.debian.tar.xz": lzma.compress(tar(debian)),
            **(extra or {}),
        }
        fields = f"Format: {form}\nSource: {name}\nVersion: {version}\n" + self.sums(files)
        signed = "-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n", "\n-----BEGIN PGP SIGNATURE-----\n\nx\n"
        dsc = fields.join(signed).encode()
        files = {f"{name}_{bare}.dsc": dsc, **files}
        for file, data in files.items():
            (self.pool / file).write_bytes(data)
        self.paragraphs.append(
            f"Package: {name}\nBinary: {name}\nVersion: {version}\nArchitecture: any\nFormat: {form}\nDirectory: pool\n"
            + "Files:\n"
            + "".join(
                f" {md5(data, usedforsecurity=False).hexdigest()} {len(data)} {file}\n" for file, data in files.items()
            )
            + self.sums(files)
        )
        self.write()

    @staticmethod
    def sums(files: Mapping[str, bytes]) -> str:
        return "Checksums-Sha256:\n" + "".join(f" {sha256(data)} {len(data)} {file}\n" for file, data in files.items())

    def write(self) -> None:
        index = "\n".join(self.paragraphs).encode()
        place = self.folder / "dists" / "stable" / "main" / "source"
        place.mkdir(parents=True, exist_ok=True)
        (place / "Sources").write_bytes(index)
        listed = f"SHA256:\n {sha256(index)} {len(index)} main/source/Sources\n"
        (place.parents[1] / "Release").write_text(f"Suite: stable\nCodename: stable\nComponents: main\n{listed}")

    def remove(self, start: str) -> None:
        for path in self.pool.glob(f"{start}*"):
            path.unlink()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "archive")


def source(repository: Repository, *packages: str, **more: Any) -> QuiltSource:
    return QuiltSource(name="debian", packages=packages or ("demo",), archives=(repository.archive,), **more)


def quiet(line: str) -> None:
    assert line


def read_all(options: QuiltSource, cache: Path) -> list[Read]:
    prepared = options.prepare(cache, quiet)
    return [record for unit in prepared.units for record in options.read(unit, cache)]


def reasons(records: Sequence[Read]) -> dict[str, str]:
    return {r.origin.path.removeprefix("debian/patches/"): r.reason for r in records if isinstance(r, Dropped)}


@needs_apt
def test_each_patch_is_a_change_or_has_a_reason(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1:1.0-2+deb12u1")
    records = read_all(source(repository), tmp_path / "cache")
    assert len(records) == len(PATCHES)
    changes = [record for record in records if isinstance(record, Change)]
    assert [change.origin.path for change in changes] == ["src/copy.c", "src/copy.c", "src/dos.c", "src/other.c"]
    assert reasons(records) == {
        "outside.patch": "unsafe_path",
        "two-files.patch": "not_single_file",
        "creates.patch": "not_in_place",
        "deletes.patch": "not_in_place",
        "fails.patch": "patch_failed",
        "missing-file.patch": "patch_failed",
        "tests-only.patch": "test_only",
        "build.patch": "no_language",
        "src/latin.c": "not_utf8",
    }
    assert len({record.id for record in records}) == len(records)
    first, second, dos, after = changes
    newer = SOURCE.replace(b"i <= n", b"i < n")
    assert (first.before.encode(), first.after.encode()) == (SOURCE, newer)
    assert first.message == "Do not write past the end\n\nThe loop ran once too often."
    assert first.facts.cves == ("CVE-2021-1111", "CVE-2021-2222")
    assert first.origin == Origin(
        source="debian",
        repo="debian:demo",
        revision="1:1.0-2+deb12u1",
        path="src/copy.c",
        blob_sha256=sha256(newer),
        license="MIT",
        committed_at=int(datetime(2021, 3, 4, tzinfo=UTC).timestamp()),
        before_sha256=sha256(SOURCE),
        family="debian:demo",
    )
    assert second.before == first.after
    assert second.origin.committed_at == second.facts.authored_at == int(datetime(2021, 3, 5, tzinfo=UTC).timestamp())
    assert "return 2;\r\n" in dos.after and dos.after.count("\r\n") == 4
    assert (
        after.before == "int other(void)\n{\n    return 2;\n}\n"
    )  # the patch of two files was applied, though no change
    assert not list(tmp_path.rglob("outside.c"))


@needs_apt
def test_a_second_run_gives_the_same_and_a_pinned_version_needs_no_archive(
    repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.add("demo", "1.0-1")
    options = source(repository)
    cache = tmp_path / "cache"
    prepared = options.prepare(cache, quiet)
    assert [unit.key for unit in prepared.units] == ["demo=1.0-1"]
    dsc = (repository.pool / "demo_1.0-1.dsc").read_bytes()
    assert prepared.units[0].digest == sha256(dsc)
    records = list(options.read(prepared.units[0], cache))
    assert options.prepare(cache, quiet) == prepared
    pinned = source(repository, "demo=1.0-1")
    shutil.rmtree(repository.folder)
    monkeypatch.setattr(debian_source, "found_on_path", lambda *_: pytest.fail("apt was asked"))
    assert pinned.prepare(cache, quiet) == prepared
    assert list(pickle.loads(pickle.dumps(pinned)).read(prepared.units[0], cache)) == records
    for change in records:
        if isinstance(change, Change):
            assert pinned.replay(change.origin, cache) == change


@needs_apt
def test_without_suppressing_tests_a_patch_is_of_one_file_alone(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1.0-1")
    records = read_all(source(repository, allow_test_files=False), tmp_path / "cache")
    assert reasons(records)["with-tests.patch"] == "not_single_file"


@needs_apt
def test_replay_fetches_again_what_a_cache_lacks(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1.0-1")
    options = source(repository)
    change = next(r for r in read_all(options, tmp_path / "one") if isinstance(r, Change))
    assert options.replay(change.origin, tmp_path / "two") == change
    with pytest.raises(SourceUnavailable, match=r"no patch of demo=1\.0-1 gives src/copy\.c"):
        options.replay(replace(change.origin, blob_sha256="0" * 64), tmp_path / "two")
    with pytest.raises(SourceUnavailable, match="of the source"):
        options.replay(replace(change.origin, repo="pypi:demo"), tmp_path / "two")
    repository.remove("demo")
    with pytest.raises(SourceUnavailable, match="no version of it"):
        options.replay(change.origin, tmp_path / "three")


@needs_apt
def test_where_the_newest_version_is_gone_an_older_one_is_taken(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1.0-1+deb12u2")
    repository.add("demo", "1.0-1+deb12u10")
    repository.remove("demo_1.0-1+deb12u10")
    prepared = source(repository).prepare(tmp_path / "cache", quiet)
    assert [unit.key for unit in prepared.units] == ["demo=1.0-1+deb12u2"]
    assert len(prepared.warnings) == 1
    assert "demo=1.0-1+deb12u10" in prepared.warnings[0] and "gone" in prepared.warnings[0]


@needs_apt
def test_a_package_that_is_gone_does_not_harm_the_others(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1.0-1")
    repository.add("lost", "2.0-1")
    repository.remove("lost")
    names = ("never-was", "lost", "demo=9.9-9", "other=1", "demo")
    with pytest.raises(ConfigError, match="listed more than once: demo"):
        validate(QuiltSource, {"name": "x", "kind": "quilt", "packages": names}, "x")
    names = ("never-was", "lost", "demo")
    progress: list[str] = []
    prepared = source(repository, *names, required=False).prepare(tmp_path / "cache", progress.append)
    assert [unit.key for unit in prepared.units] == ["demo=1.0-1"]
    assert len(prepared.warnings) == 2
    assert "never-was" in prepared.warnings[0] and "no source package" in prepared.warnings[0]
    assert "lost" in prepared.warnings[1] and "no version of it can be fetched" in prepared.warnings[1]
    with pytest.raises(SourceUnavailable, match=r"never-was.*\n.*lost.*\n.*required: false"):
        source(repository, *names).prepare(tmp_path / "cache", quiet)
    with pytest.raises(SourceUnavailable, match=r"no version 9\.9-9; they have 1\.0-1"):
        source(repository, "demo=9.9-9").prepare(tmp_path / "cache", quiet)


@needs_apt
def test_an_archive_that_is_not_there_is_a_clear_error(repository: Repository, tmp_path: Path) -> None:
    shutil.rmtree(repository.folder)
    with pytest.raises(SourceUnavailable, match=r"packages: demo: `apt-get` ended with 100"):
        source(repository).prepare(tmp_path / "cache", quiet)
    prepared = source(repository, required=False).prepare(tmp_path / "cache", quiet)
    assert prepared.units == () and len(prepared.warnings) == 1


@needs_apt
def test_files_that_differ_from_the_index_are_refused(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1.0-1")
    orig = repository.pool / "demo_1.0.orig.tar.gz"
    orig.write_bytes(orig.read_bytes()[:-1] + b"!")
    with pytest.raises(SourceUnavailable, match="demo"):
        source(repository).prepare(tmp_path / "cache", quiet)
    assert not list((tmp_path / "cache" / "quilt").glob("*"))


@needs_apt
def test_a_package_over_the_bound_is_not_fetched(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1.0-1")
    with pytest.raises(SourceUnavailable, match="max_archive_bytes is 100"):
        source(repository, max_archive_bytes=100).prepare(tmp_path / "cache", quiet)


@needs_apt
@pytest.mark.parametrize(
    ("build", "reason"),
    [
        ({"form": "1.0"}, "not_quilt"),
        ({"series": "# nothing\n"}, "no_patches"),
        ({"series": "x.patch\n" * 6000}, "bad_package"),
        ({"extra": {"demo_1.0.orig-more.tar.gz": b"\x1f\x8bno archive"}}, "truncated_archive"),
        ({"extra": {"demo_1.0-2.debian.tar.xz": b"x"}}, "bad_package"),
        ({"upstream": {"src/copy.c": b"\0" * 6_000_000}}, "archive_bomb"),
    ],
)
def test_a_package_that_cannot_be_opened_has_a_reason(
    repository: Repository, tmp_path: Path, build: dict[str, Any], reason: str
) -> None:
    repository.add("demo", "1.0-1", **build)
    records = read_all(source(repository), tmp_path / "cache")
    assert [record.reason for record in records if isinstance(record, Dropped)] == [reason]
    assert len(records) == 1


@needs_apt
def test_the_series_gives_strip_levels_and_components_have_folders(repository: Repository, tmp_path: Path) -> None:
    patches = {
        "p0.patch": FIRST.replace("a/src", "src").replace("b/src", "src").encode(),
        "more.patch": b"Subject: Widen\n\n" + hunk("more/lib/m.c", "int m;", "long m;", 1).encode(),
        "reversed.patch": FIRST.encode(),
    }
    series = "p0.patch -p0 # as it is\n\nmore.patch -p1\nreversed.patch -R\nnot-there.patch\n"
    extra = {"demo_1.0.orig-more.tar.gz": gzip.compress(tar({"lib/m.c": b"int m;\n"}, "m-2/"), mtime=0)}
    repository.add("demo", "1.0-1", patches=patches, series=series, extra=extra)
    records = read_all(source(repository), tmp_path / "cache")
    assert [r.origin.path for r in records if isinstance(r, Change)] == ["src/copy.c", "more/lib/m.c"]
    assert reasons(records) == {"reversed.patch": "patch_failed", "not-there.patch": "patch_failed"}


@needs_apt
def test_a_large_file_is_dropped(repository: Repository, tmp_path: Path) -> None:
    big = b"int big;\n" + b"// x\n" * 2000
    repository.add(
        "demo",
        "1.0-1",
        {"big.c": big, "src/copy.c": SOURCE},
        {"big.patch": hunk("big.c", "int big;", "long big;", 1).encode()},
    )
    records = read_all(source(repository, max_blob_bytes=9_000), tmp_path / "cache")
    assert reasons(records) == {"big.c": "too_large"}
    records = read_all(source(repository, max_blob_bytes=1_000), tmp_path / "cache")
    assert reasons(records) == {"big.patch": "patch_failed"}


@needs_apt
def test_nothing_outside_the_cache_is_written(repository: Repository, tmp_path: Path) -> None:
    repository.add("demo", "1.0-1")
    read_all(source(repository), tmp_path / "cache")
    assert {path.name for path in tmp_path.iterdir()} == {"archive", "cache"}
    folders = {path.name for path in (tmp_path / "cache").iterdir() if len(path.name) > 2}
    assert folders == {"apt", "quilt"}


def test_the_machines_archives_are_those_of_its_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = (
        "http://deb.example.org/debian/|bookworm|main|Debian\nhttp://deb.example.org/debian/|bookworm|contrib|Debian\n"
        "http://deb.example.org/security/|bookworm-security|main|Debian\n"
        "http://apt.example.com/x/|stable|main|A Vendor\n"
    )
    fake = tmp_path / "apt-get"
    fake.write_text(f"#!/bin/sh\ncat <<'END'\n{said}END\n")
    fake.chmod(0o755)
    (tmp_path / "debian-archive-keyring.gpg").write_bytes(b"")
    monkeypatch.setattr(debian_source, "found_on_path", lambda name, way_out: str(fake))
    monkeypatch.setattr(debian_source, "KEYRINGS", tmp_path)
    found = machine_archives(None)
    assert [(one.uri, one.suite, one.components) for one in found] == [
        ("http://deb.example.org/debian/", "bookworm", ("main", "contrib")),
        ("http://deb.example.org/security/", "bookworm-security", ("main",)),
    ]
    assert found[0].line == (
        f"deb-src [signed-by={tmp_path}/debian-archive-keyring.gpg] "
        "http://deb.example.org/debian/ bookworm main contrib"
    )
    others = machine_archives(("trixie", "trixie-security"))
    assert [one.uri[-9:] for one in others] == ["g/debian/", "security/"]
    assert [one.suite for one in others] == ["trixie", "trixie-security"]
    fake.write_text("#!/bin/sh\n")
    with pytest.raises(SourceUnavailable, match="knows no Debian or Ubuntu archive"):
        machine_archives(None)
    fake.write_text("#!/bin/sh\necho no >&2; exit 3\n")
    with pytest.raises(SourceUnavailable, match="ended with 3: no"):
        machine_archives(None)


def test_without_its_programs_the_way_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceUnavailable, match="`patch` is not on PATH"):
        QuiltSource(name="debian", packages=("demo",)).prepare(tmp_path / "cache", quiet)
    (tmp_path / "patch").write_text("#!/bin/sh\n")
    (tmp_path / "patch").chmod(0o755)
    with pytest.raises(SourceUnavailable, match="`apt-get` is not on PATH"):
        QuiltSource(name="debian", packages=("demo",)).prepare(tmp_path / "cache", quiet)


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"packages": []}, "packages"),
        ({"packages": ["--option"]}, "packages"),
        ({"packages": ["demo=--x"]}, "packages"),
        ({"packages": ["Demo"]}, "packages"),
        ({"packages": ["demo"], "archives": [{"uri": "ssh://x/y", "suite": "stable"}]}, "uri"),
        ({"packages": ["demo"], "archives": [{"uri": "http://x/ y", "suite": "stable"}]}, "uri"),
        ({"packages": ["demo"], "archives": [{"uri": "http://x/", "suite": "a b"}]}, "suite"),
        ({"packages": ["demo"], "suites": ["x"], "archives": [{"uri": "http://x/", "suite": "a"}]}, "suites"),
        ({"packages": ["demo"], "suites": ["sid; x"]}, "suites"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], field: str) -> None:
    table = {"name": "x", "sources": [{"kind": "quilt", "name": "debian", **options}]}
    with pytest.raises(ConfigError, match=field):
        validate(RunConfig, table, "config.yaml")
