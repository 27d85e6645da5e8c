import os
import shutil
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.sources import git as git_source
from pipeline.sources import git_pipe, git_plumbing, git_view
from pipeline.sources.base import Read
from pipeline.sources.git import GitSource
from pipeline.sources.git_place import default_repo
from schemas.config import validate
from schemas.errors import SourceUnavailable
from schemas.provenance import sha256
from schemas.records import Change, Dropped, SourceFile


class Repo:
    """A repository that a test writes, at fixed times and by a fixed author."""

    def __init__(self, path: Path, *init: str) -> None:
        self.path = path
        self.time = 1_500_000_000
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main", *init)

    def git(self, *arguments: str | bytes, data: bytes = b"") -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        for who in ("AUTHOR", "COMMITTER"):
            env |= {
                f"GIT_{who}_NAME": "A",
                f"GIT_{who}_EMAIL": "a@example.org",
                f"GIT_{who}_DATE": f"{self.time} +0000",
            }
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(["git", *arguments], cwd=self.path, env=env, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "replace").strip()

    def write(self, name: str | bytes, data: bytes) -> None:
        path = Path(os.fsdecode(os.path.join(os.fsencode(self.path), os.fsencode(name))))  # noqa: PTH118
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def commit(self, message: str, files: dict[str, bytes] | dict[bytes, bytes] | None = None) -> str:
        for name, data in (files or {}).items():
            self.write(name, data)
        self.time += 60
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--cleanup=verbatim", "--file=-", data=message.encode())
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "proj")


def git_of(*locations: object, **options: object) -> GitSource:
    """A source as a configuration gives it."""
    table = {"name": "g", "repositories": [one if isinstance(one, dict) else str(one) for one in locations], **options}
    return validate(GitSource, table, "test")


def read_all(source: GitSource, cache: Path) -> list[Read]:
    return [record for unit in source.prepare(cache, lambda line: None).units for record in source.read(unit, cache)]


def read_changes(repo: Repo, tmp_path: Path, **options: object) -> dict[str, Change | Dropped]:
    source = git_of(str(repo.path), records="changes", **options)
    records = read_all(source, tmp_path / "cache")
    assert all(isinstance(record, Change | Dropped) for record in records)
    return {record.origin.revision: record for record in records if not isinstance(record, SourceFile)}


def reason(record: Read) -> str:
    return record.reason if isinstance(record, Dropped) else type(record).__name__


def test_a_commit_of_one_file_in_place_is_a_change(repo: Repo, tmp_path: Path) -> None:
    added = repo.commit("add", {"src/a.py": b"x = 1\n"})
    message = "Make it two\n\nBody, whole: \u00e9\n:100644 looks like a diff line\n\n"
    changed = repo.commit(message, {"src/a.py": b"x = 2\n"})
    found = read_changes(repo, tmp_path, license="MIT")
    assert list(found) == [added, changed]  # oldest first
    assert reason(found[added]) == "not_in_place"
    change = found[changed]
    assert isinstance(change, Change)
    assert (change.before, change.after, change.language) == ("x = 1\n", "x = 2\n", "Python")
    assert change.message == message
    o = change.origin
    assert (o.source, o.repo, o.revision, o.path, o.license) == ("g", "proj", changed, "src/a.py", "MIT")
    assert (o.blob_sha256, o.committed_at) == (sha256(b"x = 2\n"), repo.time)


def test_every_commit_that_is_no_merge_gives_a_change_or_a_reason(repo: Repo, tmp_path: Path) -> None:
    expected = {repo.commit("start", {"a.py": b"a = 1\n" * 9, "b.py": b"b = 1\n", "n.txt": b"t"}): "not_single_file"}
    expected[repo.commit("two", {"a.py": b"a = 2\n" * 9, "b.py": b"b = 2\n"})] = "not_single_file"
    expected[repo.commit("nothing")] = "not_single_file"
    repo.git("mv", "a.py", "c.py")
    expected[repo.commit("rename")] = "not_single_file"
    (repo.path / "b.py").chmod(0o755)
    expected[repo.commit("mode")] = "not_in_place"
    (repo.path / "b.py").chmod(0o644)
    expected[repo.commit("mode and text", {"b.py": b"b = 3\n"})] = "Change"
    expected[repo.commit("text", {"n.txt": b"u"})] = "no_language"
    (repo.path / "l.py").symlink_to("b.py")
    expected[repo.commit("link")] = "link"
    (repo.path / "l.py").unlink()
    repo.write("l.py", b"l = 1\n")
    expected[repo.commit("link becomes file")] = "link"
    (repo.path / "l.py").unlink()
    expected[repo.commit("gone")] = "not_in_place"
    expected[repo.commit("binary", {"b.py": b"b\0"})] = "nul_bytes"
    expected[repo.commit("after binary", {"b.py": b"b = 4\n"})] = "nul_bytes"
    expected[repo.commit("latin", {"b.py": b"caf\xe9"})] = "not_utf8"
    expected[repo.commit("empty", {"b.py": b""})] = "not_utf8"
    expected[repo.commit("from empty", {"b.py": b"b = 5\n"})] = "empty"
    expected[repo.commit("large", {"b.py": b"b" * 2000})] = "too_large"
    expected[repo.commit("small", {"b.py": b"b = 6\n"})] = "too_large"
    sub = repo.git("rev-parse", "HEAD")
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{sub},sub")
    repo.git("commit", "--quiet", "-m", "submodule")
    expected[repo.git("rev-parse", "HEAD")] = "submodule"
    found = read_changes(repo, tmp_path, max_blob_bytes=1000)
    assert {sha: reason(record) for sha, record in found.items()} == expected
    several = [r for r in found.values() if isinstance(r, Dropped) and r.reason == "not_single_file"]
    assert all(r.stage == "mine" and r.origin.path == "" for r in several)
    assert [r.detail for r in several] == ["3 files", "2 files", "0 files", "2 files"]
    assert len({r.id for r in found.values()}) == len(found)


def test_merges_are_not_listed(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": b"a = 1\n", "b.py": b"b = 1\n"})
    repo.git("checkout", "--quiet", "-b", "side")
    side = repo.commit("side", {"a.py": b"a = 2\n"})
    repo.git("checkout", "--quiet", "main")
    main = repo.commit("main", {"b.py": b"b = 2\n"})
    repo.git("merge", "--quiet", "--no-ff", "-m", "merge", "side")
    found = read_changes(repo, tmp_path)
    assert len(found) == 3
    assert [reason(found[sha]) for sha in (side, main)] == ["Change", "Change"]


def test_strange_names_and_encodings(repo: Repo, tmp_path: Path) -> None:
    names = [b"a b.py", b'it\'s "q".py', b"new\nline.py", b"-rf.py", b":(top)x.py", b"tab\t.py", b"bad\xff.py", b"*.py"]
    repo.commit("start", dict.fromkeys(names, b"x = 1\n"))
    changed = {repo.commit(f"edit {i}", {name: b"x = 2\n"}): name for i, name in enumerate(names)}
    repo.git("config", "i18n.commitEncoding", "ISO-8859-1")
    repo.time += 60
    repo.git("commit", "--quiet", "--allow-empty", "--file=-", data=b"caf\xe9")
    source = git_of(str(repo.path))
    records = read_all(source, tmp_path / "cache")
    changes = {r.origin.revision: r for r in records if isinstance(r, Change)}
    assert {sha: changes[sha].origin.path for sha in changed} == {
        sha: name.decode("utf-8", "backslashreplace") for sha, name in changed.items()
    }
    file_paths = [r.origin.path for r in records if isinstance(r, SourceFile)]
    assert sorted(file_paths) == sorted(name.decode("utf-8", "backslashreplace") for name in names)
    for record in records:
        record.origin.path.encode("utf-8")
        if not isinstance(record, Dropped):
            assert source.replay(record.origin, tmp_path / "cache") == record


def test_messages_that_are_not_utf8_or_very_long(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_pipe, "MAX_TOKEN_BYTES", 100_000)
    repo.commit("start", {"a.py": b"a = 1\n"})
    tree = repo.git("rev-parse", f"{repo.commit('edit', {'a.py': b'a = 2'})}^{{tree}}")
    shas = []
    for message in (b"caf\xe9 \xff", b"m" * 250_000):
        people = "author A <a@b> 1 +0000\ncommitter A <a@b> 7 +0000"
        raw = f"tree {tree}\nparent {repo.git('rev-parse', 'main~1')}\n{people}\n\n"
        shas.append(repo.git("hash-object", "-t", "commit", "-w", "--stdin", data=raw.encode() + message))
    for sha, start, size in ((shas[0], "caf\ufffd \ufffd", 6), (shas[1], "mmm", 100_000)):
        found = read_changes(repo, tmp_path, revision=sha)[sha]
        assert isinstance(found, Change)
        assert found.message.startswith(start) and len(found.message.strip()) == size
        assert (found.after, found.origin.committed_at) == ("a = 2", 7)


def test_files_of_the_tree(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"b.go": b"package b\n", "a/x.py": b"x = 1\n", "e.py": b"", "n.txt": b"t", "u.py": b"\xff"})
    (repo.path / "l").symlink_to("b.go")
    head = repo.commit("link")
    source = git_of(str(repo.path), records="files", repo="me/proj")
    records = read_all(source, tmp_path / "cache")
    assert {r.origin.path: reason(r) for r in records} == {
        "a/x.py": "SourceFile", "b.go": "SourceFile", "e.py": "empty", "l": "link", "u.py": "not_utf8"
    }  # fmt: skip
    first = records[0]
    assert isinstance(first, SourceFile)
    assert (first.text, first.language) == ("x = 1\n", "Python")
    assert (first.origin.repo, first.origin.revision) == ("me/proj", head)
    assert first.origin.committed_at is None
    assert source.replay(first.origin, tmp_path / "cache") == first


def test_bare_repositories_sha256_and_shallow_clones(tmp_path: Path) -> None:
    wide = Repo(tmp_path / "wide", "--object-format=sha256")
    wide.commit("start", {"a.py": b"a = 1\n"})
    changed = wide.commit("edit", {"a.py": b"a = 2\n"})
    assert len(changed) == 64
    assert reason(read_changes(wide, tmp_path)[changed]) == "Change"
    plain = Repo(tmp_path / "plain")
    plain.commit("start", {"a.py": b"a = 1\n"})
    changed = plain.commit("edit", {"a.py": b"a = 2\n"})
    for name, option in (("bare.git", "--bare"), ("shallow", "--depth=1")):
        plain.git("clone", "--quiet", option, f"file://{plain.path}", str(tmp_path / name))
    bare = git_of(str(tmp_path / "bare.git"), records="changes")
    shallow = git_of(str(tmp_path / "shallow"), records="changes")
    assert [reason(r) for r in read_all(bare, tmp_path / "cache")] == ["not_in_place", "Change"]
    assert [r.origin.repo for r in read_all(bare, tmp_path / "cache")] == ["bare", "bare"]
    assert [reason(r) for r in read_all(shallow, tmp_path / "cache")] == ["not_in_place"]


def remove_object(repo: Repo, oid: str) -> None:
    (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()


def test_a_missing_or_damaged_blob_costs_that_record_alone(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": b"a = 1\n"})
    shas = [repo.commit(f"edit {i}", {"a.py": b"a = %d\n" % i}) for i in range(2, 8)]
    remove_object(repo, repo.git("rev-parse", f"{shas[1]}:a.py"))
    damaged = repo.git("rev-parse", f"{shas[4]}:a.py")
    path = repo.path / ".git/objects" / damaged[:2] / damaged[2:]
    path.chmod(0o644)
    path.write_bytes(b"no zlib")
    found = read_changes(repo, tmp_path)
    kinds = [reason(found[sha]) for sha in shas]
    assert kinds == ["Change", "missing_blob", "missing_blob", "Change", "missing_blob", "missing_blob"]
    for sha, side in ((shas[1], "newer"), (shas[2], "older")):
        record = found[sha]
        assert isinstance(record, Dropped) and record.detail.startswith(side)


def test_a_missing_tree_costs_its_commits_alone(repo: Repo, tmp_path: Path) -> None:
    shas = [repo.commit(f"edit {i}", {"a.py": b"a = %d\n" % i}) for i in range(6)]
    remove_object(repo, repo.git("rev-parse", f"{shas[2]}^{{tree}}"))
    found = read_changes(repo, tmp_path)
    kinds = [reason(found[sha]) for sha in shas]
    assert kinds == ["not_in_place", "Change", "missing_tree", "missing_tree", "Change", "Change"]


def test_a_missing_commit_is_an_error_that_says_so(repo: Repo, tmp_path: Path) -> None:
    shas = [repo.commit(f"edit {i}", {"a.py": b"a = %d\n" % i}) for i in range(3)]
    remove_object(repo, shas[0])
    with pytest.raises(SourceUnavailable, match="history is incomplete"):
        read_changes(repo, tmp_path)
    view = git_view.View(git_plumbing.locate(repo.path, 60))
    with view:
        assert [c.files for c in view.commits([shas[2], shas[0], shas[2]])] == [1, -1, 1]


def test_units_and_max_commits(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_source, "COMMITS_PER_UNIT", 4)
    monkeypatch.setattr(git_source, "FILES_PER_UNIT", 2)
    shas = [repo.commit(f"edit {i}", {"a.py": b"a = %d\n" % i, f"f{i % 3}.py": b"%d" % i}) for i in range(10)]
    source = git_of(str(repo.path))
    first = source.prepare(tmp_path / "cache", lambda line: None)
    assert [unit.key.split(" ")[1::3] for unit in first.units] == [
        ["changes", "4"], ["changes", "4"], ["changes", "2"], ["files", "2"], ["files", "2"]
    ]  # fmt: skip
    other = git_of(str(repo.path)).prepare(tmp_path / "other", lambda line: None)
    assert other == first
    records = read_all(source, tmp_path / "cache")
    assert [r.origin.revision for r in records if not isinstance(r, SourceFile)] == shas
    worker = [list(source.read(unit, tmp_path / "worker")) for unit in first.units]  # another machine: an empty cache
    assert [record for part in worker for record in part] == records
    repo.time += 2 * 86_400
    repo.commit("more", {"a.py": b"a"})
    later = source.prepare(tmp_path / "cache", lambda line: None).units
    assert later[:2] == first.units[:2]
    assert later[2].digest != first.units[2].digest
    newest = source.model_copy(update={"max_commits": 3, "revision": shas[-1]})
    found = [r.origin.revision for r in read_all(newest, tmp_path / "cache") if not isinstance(r, SourceFile)]
    assert found == shas[-3:]


def test_a_url_is_fetched_bare_and_again_only_what_is_new(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": b"a = 1\n"})
    first = repo.commit("edit", {"a.py": b"a = 2\n"})
    cache = tmp_path / "cache"
    source = git_of(f"file://{repo.path}", records="changes")
    before = read_all(source, cache)
    assert [reason(r) for r in before] == ["not_in_place", "Change"]
    assert before[1].origin.repo == str(repo.path).strip("/")
    (clone,) = (cache / "git").glob("*.git")
    assert not (clone / "a.py").exists()
    packs = set(clone.glob("objects/**/*"))
    repo.time += 2 * 86_400
    second = repo.commit("edit again", {"a.py": b"a = 3\n"})
    assert [r.origin.revision for r in read_all(source, cache)][-1] == second
    assert packs < set(clone.glob("objects/**/*"))
    repo.git("branch", "old", first)
    branch = source.model_copy(update={"revision": "old"})
    assert [r.origin.revision for r in read_all(branch, cache)][-1] == first
    pinned = source.model_copy(update={"revision": first})
    change = before[1]
    moved = repo.path.rename(tmp_path / "moved")
    assert read_all(pinned, cache) == before  # a full sha that is here needs no network
    assert isinstance(change, Change)
    assert source.replay(change.origin, cache) == change
    with pytest.raises(SourceUnavailable, match="can't be fetched"):
        read_all(source, cache)
    moved.rename(repo.path)
    units = pinned.prepare(cache, lambda line: None).units
    assert [r for unit in units for r in pinned.read(unit, tmp_path / "elsewhere")] == before


def test_a_blob_that_the_server_left_out_is_missing(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.commit("start", {"a.py": b"a = 1\n"})
    large = repo.commit("large", {"a.py": b"a" * 500})
    small = repo.commit("small", {"a.py": b"a = 2\n", "b.py": b"b"})
    source = git_of(f"file://{repo.path}", max_blob_bytes=100)
    found = {r.origin.revision: r for r in read_all(source, tmp_path / "cache") if not isinstance(r, SourceFile)}
    assert [reason(found[sha]) for sha in (large, small)] == ["missing_blob", "not_single_file"]
    (clone,) = (tmp_path / "cache/git").glob("*.git")
    partial = git_of(str(clone), revision="main")  # with a promisor remote that must not be asked
    again = {r.origin.revision: r for r in read_all(partial, tmp_path / "cache") if not isinstance(r, SourceFile)}
    assert reason(again[large]) == "missing_blob"


def test_nothing_that_a_repository_says_is_run(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": b"a = 1\n", ".gitattributes": b"*.py diff=evil filter=evil\n"})
    head = repo.commit("edit", {"a.py": b"a = 2\n"})
    marker = tmp_path / "ran"
    evil = tmp_path / "evil.sh"
    evil.write_text(f"#!/bin/sh\necho $0 $* >> {marker}\n")
    evil.chmod(0o755)
    hooks = repo.path / ".git/hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc", "fsmonitor-watchman"):
        shutil.copy(evil, hooks / hook)
    for key in (
        "core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "core.askPass", "core.alternateRefsCommand",
        "core.gitProxy", "diff.external", "diff.evil.textconv", "diff.evil.command", "filter.evil.smudge",
        "filter.evil.process", "gpg.program", "credential.helper", "uploadpack.packObjectsHook", "pager.log",
        "remote.origin.uploadpack", "remote.origin.vcs",
    ):  # fmt: skip
        repo.git("config", key, str(evil))
    for name in ("log", "rev-list", "rev-parse", "cat-file", "diff-tree", "ls-tree", "fetch"):
        repo.git("config", f"alias.{name}", f"!{evil}")
    repo.git("config", "log.showSignature", "true")
    repo.git("config", "core.hooksPath", str(hooks))
    repo.git("config", "extensions.partialClone", "origin")
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "remote.origin.promisor", "true")
    repo.git("config", "remote.origin.url", f"ext::{evil}")
    remove_object(repo, repo.git("rev-parse", "HEAD~1:a.py"))
    marker.unlink(missing_ok=True)  # git run by the test itself may have obeyed
    found = read_changes(repo, tmp_path)
    assert reason(found[head]) == "missing_blob"
    git_of(f"file://{repo.path}", required=False).prepare(tmp_path / "cache", lambda line: None)
    with pytest.raises(SourceUnavailable, match="only https, ssh, file, git"):
        git_of(f"ext::{evil}").prepare(tmp_path / "cache", lambda line: None)
    assert not marker.exists()
    subprocess.run(["git", "status"], cwd=repo.path, capture_output=True, check=False)
    assert marker.exists()  # git as people call it does obey this repository


def test_replay_says_why_not(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": b"a = 1\n"})
    repo.commit("edit", {"a.py": b"a = 2\n"})
    source = git_of(str(repo.path))
    change, file = [r for r in read_all(source, tmp_path) if not isinstance(r, Dropped)]
    assert isinstance(change, Change) and isinstance(file, SourceFile)
    assert (source.replay(change.origin, tmp_path), source.replay(file.origin, tmp_path)) == (change, file)
    for origin in (change.origin, file.origin):
        with pytest.raises(SourceUnavailable, match="is not blob 00"):
            source.replay(replace(origin, blob_sha256="00"), tmp_path)
        with pytest.raises(SourceUnavailable, match="no full commit sha"):
            source.replay(replace(origin, revision="--help"), tmp_path)
        with pytest.raises(SourceUnavailable, match="can't be read"):
            source.replay(replace(origin, path="b.py"), tmp_path)
        with pytest.raises(SourceUnavailable):
            source.replay(replace(origin, revision="0" * 40), tmp_path)
    remove_object(repo, repo.git("rev-parse", "HEAD:a.py"))
    with pytest.raises(SourceUnavailable, match="missing_blob"):
        source.replay(change.origin, tmp_path)


def test_replay_takes_what_is_there_where_the_origin_has_no_digest(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": b"a = 1\n"})
    repo.commit("edit", {"a.py": b"a = 2\n"})
    source = git_of(str(repo.path), license="MIT")
    change, file = [r for r in read_all(source, tmp_path / "cache") if not isinstance(r, Dropped)]
    for record in (change, file):
        assert record.origin is not None
        bare = replace(record.origin, blob_sha256="", before_sha256=None, license="0BSD", family="f")
        again = source.replay(bare, tmp_path / "other")
        digests = {"blob_sha256": record.origin.blob_sha256, "before_sha256": record.origin.before_sha256}
        assert again == replace(record, origin=replace(bare, **digests))
        unlicensed = source.replay(replace(bare, license=None), tmp_path / "other")
        assert unlicensed == replace(again, origin=replace(again.origin, license="MIT"))
    with pytest.raises(SourceUnavailable, match="can't be read"):
        source.replay(replace(file.origin, blob_sha256="", path="b.py"), tmp_path / "other")


def test_errors_name_the_source_and_the_way_out(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit("start", {"sub/a.py": b"a"})
    (tmp_path / "plain").mkdir()
    cases = [
        (str(tmp_path / "gone"), "HEAD", "no such folder"),
        (str(tmp_path / "plain"), "HEAD", "name the root of a checkout"),
        (str(repo.path / "sub"), "HEAD", "name the repository's root"),
        (str(repo.path), "nope", "revision 'nope': no such commit"),
        (str(repo.path), "--help", "no such commit"),
        (str(repo.path), "a\0b", "NUL"),
        ("http://example.org/a.git", "HEAD", "only https, ssh, file, git are allowed"),
        ("EXT::sh -c evil", "HEAD", "only https, ssh, file, git are allowed"),
        (f"file://{tmp_path}/gone", "HEAD", "can't be fetched"),
        (f"file://{tmp_path}/gone", "0" * 40, "can't be fetched"),
        (f"file://{repo.path}", "nope", "no such commit"),
    ]
    for repository, revision, said in cases:
        source = git_of(repository, revision=revision)
        with pytest.raises(SourceUnavailable, match=said) as caught:
            source.prepare(tmp_path / "cache", lambda line: None)
        assert str(caught.value).startswith("source 'g': repository ")
        prepared = source.model_copy(update={"required": False}).prepare(tmp_path / "cache", lambda line: None)
        assert (prepared.units, prepared.warnings) == ((), (str(caught.value),))
    slow = git_of(str(repo.path), timeout_s=1e-9)
    with pytest.raises(SourceUnavailable, match="raise `timeout_s`"):
        slow.prepare(tmp_path / "cache", lambda line: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceUnavailable, match="install git"):
        git_of(str(repo.path)).prepare(tmp_path / "cache", lambda line: None)


@pytest.mark.parametrize(
    ("repository", "repo_name"),
    [
        ("https://user:secret@github.com/pallets/flask.git", "github.com/pallets/flask"),
        ("https://github.com/pallets/flask/", "github.com/pallets/flask"),
        ("git@github.com:pallets/flask.git", "github.com/pallets/flask"),
        ("ssh://git@example.org:22/x/y", "example.org:22/x/y"),
        ("/data/mirror/flask.git", "flask"),
        ("/data/flask/.git", "flask"),
    ],
)
def test_default_names(repository: str, repo_name: str) -> None:
    assert default_repo(repository, Path.cwd()) == repo_name


def test_a_password_is_never_shown(tmp_path: Path) -> None:
    source = git_of(f"file://user:secret@{tmp_path}/gone", timeout_s=20)
    with pytest.raises(SourceUnavailable) as caught:
        source.prepare(tmp_path / "cache", lambda line: None)
    assert "secret" not in str(caught.value)


def test_concurrent_readers_share_one_cache(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": b"a = 1\n"})
    repo.commit("edit", {"a.py": b"a = 2\n"})
    source = git_of(f"file://{repo.path}")
    units = source.prepare(tmp_path / "driver", lambda line: None).units
    expected = [list(source.read(unit, tmp_path / "driver")) for unit in units]
    with ThreadPoolExecutor(4) as pool:
        parts = list(pool.map(lambda unit: list(source.read(unit, tmp_path / "worker")), units * 3))
    assert parts == expected * 3
    assert not list((tmp_path / "worker/git").glob("*-*"))


def test_a_silent_git_is_given_up(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setattr(git_pipe, "READ_TIMEOUT_S", 0.01)
    with os.fdopen(reader, "rb") as stream, os.fdopen(writer, "wb"), pytest.raises(SourceUnavailable, match="nothing"):
        git_pipe.Pipe(stream).until(b"\0")


def test_tokens_across_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_pipe, "MAX_TOKEN_BYTES", 70_000)
    reader, writer = os.pipe()

    def send() -> None:
        with os.fdopen(writer, "wb") as out:
            out.write(b"a\0" + b"b" * 200_000 + b"\0" + b"c" * 150_000 + b"de\0end")

    sender = threading.Thread(target=send)
    sender.start()
    with os.fdopen(reader, "rb") as stream:
        pipe = git_pipe.Pipe(stream)
        assert pipe.until(b"\0") == b"a"
        assert pipe.until(b"\0") == b"b" * 70_000
        assert pipe.take(100_000, keep=True) == b"c" * 100_000
        assert pipe.take(50_000, keep=False) == b""
        assert pipe.until(b"\0") == b"de"
        assert pipe.take(9, keep=True) is None
        assert pipe.until(b"\0") is None
    sender.join()


def test_all_tokens_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_pipe, "MAX_TOKEN_BYTES", 140_000)
    (tmp_path / "f").write_bytes(b"a\0\0" + b"b" * 300_000 + b"\0" + b"c" * 135_000 + b"\0d\0open")
    with (tmp_path / "f").open("rb") as stream:
        assert list(git_pipe.Pipe(stream).tokens(b"\0")) == [b"a", b"", b"b" * 140_000, b"c" * 135_000, b"d"]
