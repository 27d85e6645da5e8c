"""What strangers' code, lost sources and failing records do to a run: a reason, a message, a count. Never a crash."""

import gzip
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from filters.licence import Licence
from pipeline.sources.files import FilesSource
from pipeline.sources.registries import pypi
from schemas.provenance import sha256
from synthesis.backends.mutation import MutationBackend

Themis = Callable[..., tuple[int, str, str]]

GOOD = '''def count_words(text, minimum):
    """Count the words of a text that have at least the minimum number of letters."""
    found = 0
    for word in text.split():
        if len(word) >= minimum:
            found += 1
    return found
'''


def config(folder: Path, *sources: dict[str, Any], **more: Any) -> Path:
    execution = {"cache": str(folder / "cache"), "table_shards": 1, "min_free_gib": 0.0}
    path = folder / "themis.yaml"
    table = {"name": "bad", "sources": list(sources), "train": None, "execution": execution}
    path.write_text(yaml.safe_dump(table | more))
    return path


def files(path: Path, **more: Any) -> dict[str, Any]:
    return {"kind": "files", "name": "here", "paths": [str(path)], "license": "MIT", **more}


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "good.py").write_text(GOOD)
    return folder


def rows(run: Path, folder: str) -> list[dict[str, Any]]:
    return [row for path in sorted((run / folder).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def counts(run: Path, stage: str) -> dict[str, int]:
    found: dict[str, int] = json.loads((run / "manifest.json").read_text())["stages"][stage]["counts"]
    return found


def tar_gz(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(out.getvalue(), mtime=0)


def test_every_odd_file_leaves_with_its_reason(code: Path, tmp_path: Path, themis: Themis) -> None:
    (tmp_path / "secret.py").write_text("password = 1\n")
    (code / "binary.py").write_bytes(b"\x7fELF\x02\x01\0\0" + bytes(range(256)))
    (code / "latin.py").write_bytes(GOOD.replace("words", "w\xf6rter").encode("latin-1"))
    (code / "utf16.py").write_bytes(GOOD.encode("utf-16"))
    (code / "nul.py").write_bytes(GOOD.encode() + b"\0")
    (code / "empty.py").write_bytes(b"")
    (code / "huge.py").write_bytes(b"# " + b"x" * 1_000_000)
    (code / "out.py").symlink_to(tmp_path / "secret.py")
    (code / "loop.py").symlink_to(code / "loop.py")
    (code / "folder").symlink_to("/")
    os.mkfifo(code / "pipe.py")
    (code / "deep.py").write_text("x = " + "(" * 5_000 + ")" * 5_000 + "\n")
    (code / "garbage.py").write_text("}{ ]] def ((( %%% \ufffd\n" * 50)
    odd = ["a b.py", 'it\'s "q".py', "new\nline.py", "-rf.py", "$(id).py", "\u202egnp.py", "{x}.py", "[red].py"]
    for name in odd:
        (code / name).write_text(GOOD.replace("count_words", f"count_{odd.index(name)}"))
    raw = os.path.join(os.fsencode(code), b"raw\xff.py")  # noqa: PTH118
    Path(os.fsdecode(raw)).write_text(GOOD.replace("count_words", "count_raw"))

    run = tmp_path / "run"
    status, _, err = themis("run", config(tmp_path, files(code)), "--out", run, "--until", "mine")
    assert status == 0, err
    reasons = {row["path"]: row["reason"] for row in rows(run, "dropped")}
    assert reasons.pop("deep.py") in ("too_deep", "too_large", "timeout")
    assert reasons == {
        "binary.py": "nul_bytes",
        "latin.py": "not_utf8",
        "utf16.py": "nul_bytes",
        "nul.py": "nul_bytes",
        "empty.py": "empty",
        "huge.py": "too_large",
        "out.py": "link",
        "loop.py": "link",
        "folder": "link",
        "pipe.py": "unreadable",
    }
    assert {row["path"] for row in rows(run, "mined")} == {"good.py", "raw\\xff.py", *odd}
    assert rows(run, "dead") == []
    assert themis("verify", run)[0] == 0


def test_archives_that_explode_or_end_early(tmp_path: Path, themis: Themis) -> None:
    first = ("p/a.py", GOOD.encode())
    bomb = tar_gz(dict([first, ("p/b.bin", b"\0" * 3_000_000)]))
    whole = tar_gz(dict([first, ("p/z.bin", Random(1).randbytes(50_000))]))
    broken = {"bomb": bomb, "cut": whole[: len(whole) // 2], "text": b"not an archive"}
    packages = []
    for name, data in broken.items():
        path = tmp_path / "cache" / sha256(data)[:2] / sha256(data)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        packages.append({"name": name, "version": "1.0", "sha256": sha256(data)})
    source = {"kind": "packages", "name": "pypi", "registry": "pypi", "packages": packages, "max_ratio": 20}
    run = tmp_path / "run"
    status, _, err = themis("run", config(tmp_path, source), "--out", run, "--until", "mine")
    assert status == 0, err
    reasons = {row["repo"]: row["reason"] for row in rows(run, "dropped")}
    assert reasons == {
        "pypi:bomb": "archive_bomb",
        "pypi:cut": "truncated_archive",
        "pypi:text": "truncated_archive",
    }
    assert {row["repo"] for row in rows(run, "mined")} == {"pypi:bomb", "pypi:cut"}  # what came before is kept


@pytest.mark.parametrize("inside", [None, "notes.txt"])
def test_folder_without_code(inside: str | None, tmp_path: Path, themis: Themis) -> None:
    (tmp_path / "code").mkdir()
    if inside:
        (tmp_path / "code" / inside).write_text("nothing of any language")
    status, _, err = themis("run", config(tmp_path, files(tmp_path / "code")), "--out", tmp_path / "run")
    assert status == 1
    assert "source 'here': paths: " in err and "no file there has an ending of a known language" in err


def test_nothing_to_read_at_all(tmp_path: Path, themis: Themis) -> None:
    path = config(tmp_path, files(tmp_path / "gone", required=False))
    status, out, err = themis("run", path, "--out", tmp_path / "run")
    assert status == 1
    assert "warning" in out and "nothing is there" in out
    assert "sources: nothing to read" in err


LOST: dict[str, dict[str, Any]] = {
    "files": {"kind": "files", "name": "lost", "paths": ["/nowhere/at/all"]},
    "git": {"kind": "git", "name": "lost", "repositories": ["/nowhere/at/all"]},
    "packages": {
        "kind": "packages",
        "name": "lost",
        "registry": "pypi",
        "packages": [{"name": "nothing-of-this-name", "version": "1.0", "sha256": "0" * 64}],
    },
}


@pytest.fixture
def empty_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index of packages that has none; no other is configured."""
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    (tmp_path / "simple").mkdir()
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "simple").as_uri())
    monkeypatch.setattr(pypi, "_pip_config_list", list)
    monkeypatch.setattr(pypi, "WAIT_S", 0.0)


@pytest.mark.usefixtures("empty_index")
@pytest.mark.parametrize("kind", LOST)
def test_required_source_that_is_lost(kind: str, code: Path, tmp_path: Path, themis: Themis) -> None:
    status, _, err = themis("run", config(tmp_path, files(code), LOST[kind]), "--out", tmp_path / "run")
    assert status == 1
    assert err.startswith("error: ") and "lost" in err and ("/nowhere/at/all" in err or "nothing-of-this-name" in err)
    assert not (tmp_path / "run" / "mined").exists()


@pytest.mark.usefixtures("empty_index")
def test_other_lost_sources_are_a_warning(code: Path, tmp_path: Path, themis: Themis) -> None:
    lost = [one | {"name": f"lost-{kind}", "required": False} for kind, one in LOST.items()]
    run = tmp_path / "run"
    status, out, err = themis("run", config(tmp_path, files(code), *lost), "--out", run, "--until", "mine")
    assert status == 0, err
    warnings = json.loads((run / "manifest.json").read_text())["warnings"]
    assert [any(f"lost-{kind}" in line for line in warnings) for kind in LOST] == [True, True, True]
    assert out.count("warning: ") == len(warnings)
    assert all(line in (run / "run.log").read_text() for line in warnings)
    assert counts(run, "mine")["kept"] == 1


def test_no_pair_left_by_the_filters(code: Path, tmp_path: Path, themis: Themis) -> None:
    run, path = tmp_path / "run", config(tmp_path, files(code, license=None))
    status, out, err = themis("run", path, "--out", run)
    made = counts(run, "curate")["in"]
    assert made > 0
    assert status == 1
    assert err.startswith(f"error: curate: nothing is left of {made} records (") and f" {made}). {run}/dropped" in err
    assert "assemble" not in out
    again = themis("run", path, "--out", run)
    assert (again[0], again[2]) == (1, err)  # it says so again, and does not go on with nothing


def test_nothing_documented(tmp_path: Path, themis: Themis) -> None:
    (tmp_path / "bare.py").write_text("def f(a):\n    a += 1\n    a += 2\n    return a\n")
    status, _, err = themis("run", config(tmp_path, files(tmp_path / "bare.py")), "--out", tmp_path / "run")
    assert status == 1
    assert "mine: nothing is left of 1 records (undocumented 1)" in err


def some_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Synthesis raises on every second candidate or so."""
    working = MutationBackend.pairs

    def pairs(self: MutationBackend, candidate: Any, seed: int) -> Any:
        if int(candidate.id[:2], 16) % 2:
            raise ZeroDivisionError("a bug of ours")
        return working(self, candidate, seed)

    monkeypatch.setattr(MutationBackend, "pairs", pairs)


def test_too_many_dead_records(corpus: Path, tmp_path: Path, themis: Themis, monkeypatch: pytest.MonkeyPatch) -> None:
    run, path = tmp_path / "run", corpus / "themis.yaml"
    with monkeypatch.context() as patch:
        some_fail(patch)
        status, _, err = themis("run", path, "--out", run)
    made = counts(run, "synthesize")
    assert status == 1
    assert (
        f"synthesize: {made['dead_in']} of {made['in']} records failed, more than execution.max_dead_share=0.01" in err
    )
    assert f"What was kept is safe; {run}/dead tells why." in err
    dead = rows(run, "dead")
    assert len(dead) == made["dead_in"] > 5
    assert all(row["stage"] == "synthesize" and "ZeroDivisionError: a bug of ours (" in row["error"] for row in dead)
    assert all("Candidate(id=" in row["record"] for row in dead)
    assert len(rows(run, "pairs")) == made["kept"] > 0
    assert themis("verify", run)[0] == 0

    _, out, _ = themis("run", path, "--out", run, "--dry-run", "--set", "execution.max_dead_share=1.0")
    assert "synthesize  unchanged" in out  # what is there may be taken as it is
    status, out, err = themis("run", path, "--out", run, "--until", "synthesize")
    assert status == 0, err
    assert "mine        unchanged" in out and "synthesize  unchanged" not in out  # else it is tried again
    assert counts(run, "synthesize")["dead_in"] == 0


def test_unit_that_cannot_be_read_is_a_dead_letter(
    code: Path, tmp_path: Path, themis: Themis, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "other.py").write_text(GOOD)
    working = FilesSource.read

    def read(self: FilesSource, unit: Any, cache: Path) -> Iterator[Any]:
        if self.name == "other":
            raise PermissionError("the disk has a hole")
        return working(self, unit, cache)

    monkeypatch.setattr(FilesSource, "read", read)
    other = files(tmp_path / "other") | {"name": "other"}
    run = tmp_path / "run"
    more = ("--until", "mine", "--set", "execution.max_dead_share=0.5")
    status, out, err = themis("run", config(tmp_path, files(code), other), "--out", run, *more)
    assert status == 0, err
    assert "2 in, 1 kept, 0 dropped, 1 dead" in out
    assert counts(run, "mine")["dead_in"] == 1
    (dead,) = rows(run, "dead")
    assert "the disk has a hole" in dead["error"] and "source='other'" in dead["record"]


def test_record_that_a_filter_cannot_take(
    code: Path, tmp_path: Path, themis: Themis, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Licence, pair: Any) -> Any:
        raise OverflowError("a filter's bug")

    monkeypatch.setattr(Licence, "refuse", refuse)
    run = tmp_path / "run"
    more = ("--set", "execution.max_dead_share=1.0")
    status, _, err = themis("run", config(tmp_path, files(code)), "--out", run, *more)
    assert status == 1
    assert "curate: nothing is left of " in err
    made = counts(run, "curate")
    assert made["dead_in"] == made["in"] == len(rows(run, "dead")) > 0
    assert rows(run, "dead")[0]["error"].startswith("OverflowError: a filter's bug (test_bad_input.py:")
