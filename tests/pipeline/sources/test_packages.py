import gzip
import io
import os
import pickle
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.sources import registries
from pipeline.sources.base import Prepared, Read
from pipeline.sources.packages import PackagesSource
from pipeline.sources.registries import pypi
from schemas.config import validate
from schemas.contract import LANGUAGES
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import sha256
from schemas.records import Dropped, SourceFile

PKG_INFO = b"Metadata-Version: 2.1\nName: demo\nVersion: 1.0\nLicense: MIT License\n"
QUICKSTART = Path(__file__).parents[3] / "pipeline" / "templates" / "quickstart.yaml"


def tar_gz(entries: Sequence[tuple[str, bytes | str]]) -> bytes:
    """A .tar.gz of files (bytes) and symbolic links (str), the same bytes each time."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
            else:
                info.size = len(content)
            tar.addfile(info, io.BytesIO(content) if isinstance(content, bytes) else None)
    return gzip.compress(out.getvalue(), mtime=0)


SDIST = tar_gz(
    [
        ("demo-1.0/PKG-INFO", PKG_INFO),
        ("demo-1.0/z last.py", b"z = 1\n"),
        ("demo-1.0/demo/a.py", "a = 'é'\n".encode()),
        ("demo-1.0/demo/x.c", b"int x;\n"),
        ("demo-1.0/demo/empty.py", b" \n"),
        ("demo-1.0/demo/nul.py", b"a = '\0'\n"),
        ("demo-1.0/demo/latin.py", b"a = '\xe9'\n"),
        ("demo-1.0/demo/big.py", b"# " + b"x" * 5_000),
        ("demo-1.0/demo/link.py", "/etc/passwd"),
        ("demo-1.0/demo/link.txt", "/etc/passwd"),
        ("demo-1.0/../../up.py", b"x = 1\n"),
        ("demo-1.0/README.md", b"# demo\n"),
        ("demo-1.0/-rf\n'\".py", b"x = 2\n"),
    ]
)


def source(registry: str = "pypi", archive: bytes = SDIST, **more: Any) -> PackagesSource:
    packages = more.pop("packages", [{"name": "demo", "version": "1.0", "sha256": sha256(archive)}])
    table = {"kind": "packages", "name": registry, "registry": registry, "packages": packages, "max_file_bytes": 4_000}
    return validate(PackagesSource, table | more, "sources.0")


def read(options: PackagesSource, cache: Path) -> list[Read]:
    return [item for unit in options.prepare(cache, lambda line: None).units for item in options.read(unit, cache)]


def fill(cache: Path, *archives: bytes) -> Path:
    """A cache that holds the archives already."""
    for data in archives:
        path = cache / sha256(data)[:2] / sha256(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return cache


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that unearth takes for an index; no other index is configured."""
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setattr(pypi, "_pip_config_list", list)
    monkeypatch.setattr(pypi, "WAIT_S", 0.0)
    root = tmp_path / "simple"
    monkeypatch.setenv("PIP_INDEX_URL", root.as_uri())
    publish(root, "demo", {"demo-1.0.tar.gz": SDIST, "demo-1.0-py3-none-any.whl": b"a wheel"})
    return root


def publish(root: Path, name: str, archives: dict[str, bytes]) -> None:
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    links = []
    for filename, data in archives.items():
        (folder / filename).write_bytes(data)
        links.append(f'<a href="{filename}#sha256={sha256(data)}">{filename}</a>')
    (folder / "index.html").write_text(f"<!DOCTYPE html><html><body>{''.join(links)}</body></html>")


def client_on_path(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, code: str) -> Path:
    """A fake client: a Python script that sees its arguments as `args`, and the only program on PATH."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    log = folder / "calls"
    program.write_text(
        f"#!{sys.executable}\nimport sys, pathlib\nargs = sys.argv[1:]\n"
        f"open({str(log)!r}, 'a').write(repr(args) + chr(10))\n{code}"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    return log


def test_source_distribution_every_reason(index: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    found = read(source(), cache)
    got = [
        (item.origin.path, item.reason if isinstance(item, Dropped) else getattr(item, "language", ""))
        for item in found
    ]
    assert got == sorted(got)
    assert dict(got) == {
        "-rf\n'\".py": "Python",
        "../../up.py": "unsafe_path",
        "demo/a.py": "Python",
        "demo/big.py": "too_large",
        "demo/empty.py": "empty",
        "demo/latin.py": "not_utf8",
        "demo/link.py": "link",
        "demo/nul.py": "nul_bytes",
        "demo/x.c": "C",
        "z last.py": "Python",
    }
    a = next(item for item in found if isinstance(item, SourceFile) and item.origin.path == "demo/a.py")
    assert a.text == "a = 'é'\n"
    assert (a.origin.source, a.origin.repo, a.origin.revision) == ("pypi", "pypi:demo", "1.0")
    assert (a.origin.blob_sha256, a.origin.license) == (sha256(a.text.encode()), "MIT")
    assert a.origin.committed_at is None
    assert {item.stage for item in found if isinstance(item, Dropped)} == {"mine"}
    assert len({item.id for item in found}) == len(found)
    digest = sha256(SDIST)
    assert files_below(cache) == {f"{digest[:2]}/{digest}"}


def test_zip_of_one_version_is_told_from_the_tar_by_its_digest(index: Path, tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("demo-1.0/b.py", "b = 1\n")
    publish(index, "demo", {"demo-1.0.tar.gz": SDIST, "demo-1.0.zip": out.getvalue()})
    assert [i.origin.path for i in read(source(archive=out.getvalue()), tmp_path / "cache")] == ["b.py"]


def test_prepare_tells_units_and_progress_in_order(index: Path, tmp_path: Path) -> None:
    other = tar_gz([("other-2/o.py", b"o = 1\n")])
    publish(index, "other", {"other-2.tar.gz": other})
    packages = [
        {"name": "other", "version": "2", "sha256": sha256(other)},
        {"name": "demo", "version": "1.0", "sha256": sha256(SDIST)},
    ]
    lines: list[str] = []
    prepared = source(packages=packages).prepare(tmp_path / "cache", lines.append)
    assert [(unit.source, unit.key, unit.digest) for unit in prepared.units] == [
        ("pypi", "other@2", sha256(other)),
        ("pypi", "demo@1.0", sha256(SDIST)),
    ]
    assert sorted(lines) == ["pypi: demo@1.0 fetched", "pypi: other@2 fetched"]


def test_cache_hit_needs_no_client_and_a_damaged_file_is_fetched_again(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = fill(tmp_path / "cache", SDIST)
    with monkeypatch.context() as without:
        without.setattr(registries, "CLIENTS", {})
        without.setattr("pipeline.sources.packages.CLIENTS", {})
        lines: list[str] = []
        options = source()
        (unit,) = options.prepare(cache, lines.append).units
        assert lines == ["pypi: demo@1.0 in the cache"]
        assert len(list(options.read(unit, cache))) == 10
    (cache / sha256(SDIST)[:2] / sha256(SDIST)).write_bytes(SDIST[:100])
    assert len(list(options.read(unit, cache))) == 10
    assert (cache / sha256(SDIST)[:2] / sha256(SDIST)).read_bytes() == SDIST


def test_digest_mismatch(index: Path, tmp_path: Path) -> None:
    wrong = "0" * 64
    packages = [{"name": "demo", "version": "1.0", "sha256": wrong}]
    with pytest.raises(SourceUnavailable) as caught:
        source(packages=packages).prepare(tmp_path / "cache", lambda line: None)
    message = str(caught.value)
    assert "pypi package demo@1.0" in message and wrong in message and sha256(SDIST) in message
    assert files_below(tmp_path / "cache") == set()


def test_missing_version_required_and_not(index: Path, tmp_path: Path) -> None:
    packages = [
        {"name": "demo", "version": "9.9", "sha256": "1" * 64},
        {"name": "demo", "version": "1.0", "sha256": sha256(SDIST)},
    ]
    with pytest.raises(SourceUnavailable, match=r"pypi: pypi package demo@9.9: no source distribution .*PIP_INDEX_URL"):
        source(packages=packages).prepare(tmp_path / "a", lambda line: None)
    lines: list[str] = []
    prepared = source(packages=packages, required=False).prepare(tmp_path / "b", lines.append)
    assert [unit.key for unit in prepared.units] == ["demo@1.0"]
    assert len(prepared.warnings) == 1 and "demo@9.9" in prepared.warnings[0]
    assert "pypi: demo@9.9 failed" in lines


def test_archive_above_its_bound(index: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="max_archive_bytes is 100"):
        source(max_archive_bytes=100).prepare(tmp_path / "cache", lambda line: None)


def test_bomb_and_truncation_keep_what_came_before(tmp_path: Path) -> None:
    bomb = tar_gz([("p/a.py", b"a = 1\n"), ("p/b.bin", b"\0" * 3_000_000), ("p/c.py", b"c = 1\n")])
    cut = tar_gz([(f"p/{n}.py", os.urandom(300).hex().encode()) for n in range(50)])
    cut = cut[: len(cut) // 2]
    cache = fill(tmp_path / "cache", bomb, cut)
    first, last = read(source(archive=bomb, max_unpacked_bytes=1_000_000, max_ratio=10_000), cache)
    assert isinstance(first, SourceFile) and first.origin.path == "a.py"
    assert isinstance(last, Dropped) and last.reason == "archive_bomb" and "1000000 bytes" in last.detail
    *files, last = read(source(archive=cut), cache)
    assert 0 < len(files) < 50
    assert isinstance(last, Dropped) and last.reason == "truncated_archive"


def test_cap_and_languages(tmp_path: Path) -> None:
    archive = tar_gz([(f"p/{n}.py", b"x = %d\n" % n) for n in range(10)] + [("p/x.c", b"int x;\n"), ("p/e.py", b"")])
    cache = fill(tmp_path / "cache", archive)
    packages = [{"name": "demo", "version": "1.0", "sha256": sha256(archive), "languages": ["Python"]}]
    found = read(source(packages=packages, max_files_per_package=4), cache)
    assert [item.origin.path for item in found] == [*(f"{n}.py" for n in range(10)), "e.py"]
    assert sum(isinstance(item, SourceFile) for item in found) == 4
    dropped = [item.reason for item in found if isinstance(item, Dropped)]
    assert sorted(dropped) == ["empty"] + ["package_cap"] * 6
    assert read(source(packages=packages, max_files_per_package=4), cache) == found


def test_of_one_path_twice_the_last_is_taken(tmp_path: Path) -> None:
    archive = tar_gz([("p/a.py", b"old = 1\n"), ("p/a.py", b"new = 1\n")])
    found = read(source(archive=archive), fill(tmp_path / "cache", archive))
    assert [(i.reason if isinstance(i, Dropped) else getattr(i, "text", "")) for i in found] == [
        "duplicate_path",
        "new = 1\n",
    ]


NPM = """
out = pathlib.Path(next(a for a in args if a.startswith('--pack-destination=')).partition('=')[2])
for spec in args[args.index('--') + 1:]:
    name, _, version = spec.rpartition('@')
    found = pathlib.Path(__file__).with_name(name.strip('@').replace('/', '-') + '-' + version + '.tgz')
    if not found.exists():
        sys.exit('npm error code E404 https://user:secret@host.test/' + name)
    (out / found.name).write_bytes(found.read_bytes())
"""


def tgz(name: str) -> bytes:
    return tar_gz([("package/package.json", b'{"license": "ISC"}'), ("package/i.js", f"let {name};".encode())])


def test_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = tgz("one"), tgz("two")
    log = client_on_path(tmp_path / "bin", monkeypatch, "npm", NPM)
    (tmp_path / "bin" / "one-1.0.0.tgz").write_bytes(one)
    (tmp_path / "bin" / "scope-two-2.0.0.tgz").write_bytes(two)
    packages = [
        {"name": "one", "version": "1.0.0", "sha256": sha256(one)},
        {"name": "@scope/two", "version": "2.0.0", "sha256": sha256(two)},
    ]
    found = read(source("npm", packages=packages), tmp_path / "cache")
    assert [(i.origin.repo, i.origin.path, i.origin.license) for i in found] == [
        ("npm:one", "i.js", "ISC"),
        ("npm:@scope/two", "i.js", "ISC"),
    ]
    assert all("'--ignore-scripts'" in call and "'pack'" in call for call in log.read_text().splitlines())


def test_npm_several_at_once_falls_back_to_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = client_on_path(tmp_path / "bin", monkeypatch, "npm", NPM)
    packages = []
    for n in range(12):
        data = tgz(f"n{n}")
        packages.append({"name": f"n{n}", "version": "1", "sha256": sha256(data)})
        if n != 5:
            (tmp_path / "bin" / f"n{n}-1.tgz").write_bytes(data)
    prepared = source("npm", packages=packages, required=False).prepare(tmp_path / "cache", lambda line: None)
    assert [unit.key for unit in prepared.units] == [f"n{n}@1" for n in range(12) if n != 5]
    (warning,) = prepared.warnings
    assert "n5@1" in warning and "E404" in warning and "secret" not in warning
    together = [call for call in log.read_text().splitlines() if call.count("@1'") == 3]
    assert len(together) == 4


@pytest.mark.parametrize(("registry", "program"), [("npm", "npm"), ("debian", "apt-get")])
def test_client_missing(registry: str, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceUnavailable, match=f"{registry}: 1 of 1 packages .*`{program}` is not on PATH"):
        source(registry).prepare(tmp_path / "cache", lambda line: None)
    prepared = source(registry, required=False).prepare(tmp_path / "cache", lambda line: None)
    assert prepared.units == ()
    assert len(prepared.warnings) == 1


APT = """
for spec in args[args.index('download') + 1:]:
    name, _, version = spec.partition('=')
    found = pathlib.Path(__file__).with_name(name + '.deb')
    if not found.exists():
        sys.exit("E: Version '" + version + "' for '" + name + "' was not found")
    pathlib.Path(found.name).write_bytes(found.read_bytes())
"""


def deb() -> bytes:
    copyright = b"Format: x\n\nFiles: *\nLicense: Expat\n"
    data = tar_gz(
        [("./usr/share/doc/ruby-demo/copyright", copyright), ("./usr/lib/ruby/vendor_ruby/d.rb", b"def d; end\n")]
    )
    header = f"{'data.tar.gz':<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n"
    return b"!<arch>\n" + header.encode() + data


def test_debian(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = client_on_path(tmp_path / "bin", monkeypatch, "apt-get", APT)
    (tmp_path / "bin" / "ruby-demo.deb").write_bytes(deb())
    packages = [{"name": "ruby-demo", "version": "1:2.0~rc1-1+b1", "sha256": sha256(deb())}]
    (found,) = read(source("debian", packages=packages), tmp_path / "cache")
    assert isinstance(found, SourceFile)
    assert (found.origin.path, found.origin.license) == ("usr/lib/ruby/vendor_ruby/d.rb", "MIT")
    assert (found.origin.repo, found.origin.revision) == ("debian:ruby-demo", "1:2.0~rc1-1+b1")
    assert "ruby-demo=1:2.0~rc1-1+b1" in log.read_text()
    packages = [{"name": "ruby-none", "version": "3", "sha256": "2" * 64}]
    with pytest.raises(SourceUnavailable, match=r"Version '3' for 'ruby-none' was not found.*apt-get update"):
        source("debian", packages=packages).prepare(tmp_path / "cache", lambda line: None)


def test_debian_several_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = client_on_path(tmp_path / "bin", monkeypatch, "apt-get", APT)
    packages = []
    for n in range(8):
        data = deb() + f"{'more':<16}{0:<12}{0:<6}{0:<6}{0:<8}{n:<10}`\n".encode() + b"x" * n
        (tmp_path / "bin" / f"ruby-{n}.deb").write_bytes(data)
        packages.append({"name": f"ruby-{n}", "version": "1", "sha256": sha256(data)})
    prepared = source("debian", packages=packages).prepare(tmp_path / "cache", lambda line: None)
    assert [unit.key for unit in prepared.units] == [f"ruby-{n}@1" for n in range(8)]
    assert len(log.read_text().splitlines()) == 4


def test_without_any_success_it_gives_up_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = client_on_path(tmp_path / "bin", monkeypatch, "npm", NPM)
    packages = [{"name": f"n{n}", "version": "1", "sha256": f"{n:064x}"} for n in range(80)]
    options = source("npm", packages=packages, required=False)
    prepared = options.prepare(tmp_path / "cache", lambda line: None)
    assert prepared.units == ()
    *failed, rest = prepared.warnings
    assert 5 <= len(failed) < 10 and all("E404" in line for line in failed)
    assert rest == f"npm: {80 - len(failed)} more packages were not tried, after {len(failed)} failures"
    assert len(log.read_text().splitlines()) < 15
    with pytest.raises(SourceUnavailable) as caught:
        source("npm", packages=packages).prepare(tmp_path / "cache", lambda line: None)
    assert "E404" in str(caught.value) and len(str(caught.value).splitlines()) <= 4


def test_options_travel_to_a_worker(tmp_path: Path) -> None:
    options, cache = source(), fill(tmp_path / "cache", SDIST)
    (unit,) = options.prepare(cache, lambda line: None).units
    assert list(pickle.loads(pickle.dumps(options)).read(unit, cache)) == list(options.read(unit, cache))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("", "left 0 .tgz files"),
        (NPM + "\n(out / 'extra.tgz').write_bytes(b'')", "left 2 .tgz files"),
        (NPM, "max_archive_bytes is 10"),
    ],
)
def test_client_that_leaves_the_wrong_file(
    code: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client_on_path(tmp_path / "bin", monkeypatch, "npm", code)
    (tmp_path / "bin" / "demo-1.0.tgz").write_bytes(SDIST)
    limit = 10 if "bytes" in message else 10_000
    with pytest.raises(SourceUnavailable, match=message):
        source("npm", max_archive_bytes=limit).prepare(tmp_path / "cache", lambda line: None)


def test_client_that_hangs_or_can_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    client_on_path(tmp_path / "bin", monkeypatch, "npm", "import time\ntime.sleep(60)\n")
    monkeypatch.setattr("pipeline.sources.registries.client.TIMEOUT_S", 0.2)
    with pytest.raises(SourceUnavailable, match=r"`npm` took more than 0\.2 s"):
        source("npm").prepare(tmp_path / "cache", lambda line: None)
    (tmp_path / "bin" / "npm").write_bytes(b"\x7fELF not a program")
    with pytest.raises(SourceUnavailable, match="`npm` can't be run"):
        source("npm").prepare(tmp_path / "cache", lambda line: None)


def test_replay(tmp_path: Path) -> None:
    options, cache = source(), fill(tmp_path / "cache", SDIST)
    file = next(item for item in read(options, cache) if item.origin.path == "demo/a.py")
    assert options.replay(file.origin, cache) == file
    wrong = {
        "blob_sha256": ("0" * 64, "expected 0000"),
        "path": ("demo/none.py", "has no file"),
        "revision": ("2.0", "demo@2.0 is not in the configuration"),
        "repo": ("npm:demo", "ask that one"),
        "source": ("mirror", "ask that one"),
    }
    for field, (value, message) in wrong.items():
        with pytest.raises(SourceUnavailable, match=message):
            options.replay(replace(file.origin, **{field: value}), cache)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"packages": []}, "packages"),
        ({"packages": [{"name": "a", "version": "1", "sha256": "0" * 64}] * 2}, "listed more than once: a@1"),
        ({"packages": [{"name": "--global", "version": "1", "sha256": "0" * 64}]}, "packages.0.name"),
        ({"packages": [{"name": "a", "version": "-o x", "sha256": "0" * 64}]}, "packages.0.version"),
        ({"packages": [{"name": "a", "version": "1"}]}, "packages.0.sha256"),
        ({"packages": [{"name": "a", "version": "1", "sha256": "abc"}]}, "packages.0.sha256"),
        ({"registry": "cpan"}, "registry"),
        ({"max_ratio": 0}, "max_ratio"),
    ],
)
def test_options_name_the_wrong_field(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        source(**change) if "registry" not in change else source(change["registry"])


def test_pip_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        ":env:.index-url='https://env.test'",
        "global.cert='/a b.pem'",
        "global.extra-index-url='\\nhttps://one.test\\nhttps://two.test'",
        "download.timeout='7'",
        "install.timeout='9'",
        "not a setting",
    ]
    monkeypatch.setattr(pypi, "_pip_config_list", lambda: lines)
    assert pypi.settings({"PIP_CERT": "/other.pem", "PIP_NO_INDEX": "", "HOME": "/"}) == {
        "cert": "/other.pem",
        "extra-index-url": "\nhttps://one.test\nhttps://two.test",
        "timeout": "7",
    }


def test_pip_config_is_read_and_may_be_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "pip.conf"
    config.write_text("[global]\nextra-index-url = https://extra.test/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(config))
    assert "global.extra-index-url='https://extra.test/simple'" in pypi._pip_config_list()
    without = tmp_path / "python"
    without.write_text("#!/bin/sh\necho 'No module named pip' >&2\nexit 1\n")
    without.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(without))
    assert pypi._pip_config_list() == []
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    assert pypi._pip_config_list() == []


def test_indexes_of_the_finder() -> None:
    def urls(options: dict[str, str]) -> list[str]:
        return [source["url"] for source in pypi._finder(options).sources]

    (default,) = urls({})
    assert urls({"extra-index-url": "https://one.test https://two.test"}) == [
        default,
        "https://one.test",
        "https://two.test",
    ]
    assert urls({"no-index": "1", "find-links": "https://links.test /no/such/folder"}) == ["https://links.test"]
    with pytest.raises(SourceUnavailable, match="no-index"):
        urls({"no-index": "true"})
    with pytest.raises(SourceUnavailable, match=r"PIP_CERT '/no/such\.pem'"):
        urls({"cert": "/no/such.pem"})
    assert pypi._timeout({"default-timeout": "soon"}) == 30.0


@pytest.fixture
def flaky(index: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[int]]]:
    """The index over HTTP on the loopback; it answers with the listed codes first, by path."""
    answers: dict[str, list[int]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            waiting = answers.get(self.path, [])
            code = waiting.pop(0) if waiting else 200
            path = index / self.path.removeprefix("/simple/")
            body = (path / "index.html" if path.is_dir() else path).read_bytes() if code == 200 else b""
            self.send_response(code)
            self.send_header("Content-Type", "text/html" if path.is_dir() else "application/octet-stream")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    yield answers
    server.shutdown()
    server.server_close()
    thread.join()


def prepare(tmp_path: Path) -> Prepared:
    return source().prepare(tmp_path / "cache", lambda line: None)


def test_a_busy_index_is_asked_again_a_bounded_number_of_times(
    flaky: dict[str, list[int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flaky |= {"/simple/demo/": [503, 429], "/simple/demo/demo-1.0.tar.gz": [502]}
    assert len(prepare(tmp_path).units) == 1
    assert flaky == {"/simple/demo/": [], "/simple/demo/demo-1.0.tar.gz": []}
    flaky["/simple/demo/"] = [503] * 10
    with pytest.raises(SourceUnavailable, match="answered 503, 4 times"):
        source().prepare(tmp_path / "other", lambda line: None)
    assert len(flaky["/simple/demo/"]) == 6


def test_an_archive_that_is_gone(flaky: dict[str, list[int]], tmp_path: Path) -> None:
    flaky["/simple/demo/demo-1.0.tar.gz"] = [404]
    with pytest.raises(SourceUnavailable, match=r"demo-1\.0\.tar\.gz answered 404"):
        prepare(tmp_path)


def test_quickstart_list_is_valid_and_wide_enough() -> None:
    tables = yaml.safe_load(QUICKSTART.read_text(encoding="utf-8"))["sources"]
    sources = [validate(PackagesSource, table, "quickstart") for table in tables]
    assert [(s.name, s.registry, s.required) for s in sources] == [
        ("pypi", "pypi", True),
        ("npm", "npm", False),
        ("debian", "debian", False),
    ]
    packages = [package for s in sources for package in s.packages]
    assert len(packages) >= 90
    assert len({package.sha256 for package in packages}) == len(packages)
    for language in LANGUAGES[:-1]:
        assert sum(language in (package.languages or ()) for package in packages) >= 6, language
