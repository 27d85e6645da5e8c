"""What the git source makes of a whole history: facts, licences, increments, many repositories."""

import json
import os
import shutil
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.sources import git as git_source
from pipeline.sources import git_history, git_plan, git_view
from pipeline.sources.base import Read, Unit
from pipeline.sources.git import GitSource
from schemas.config import validate
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import sha256
from schemas.records import Change, Dropped, Facts, SourceFile

DAY = 86_400
MIT = b"""MIT License

Copyright (c) 2020 A

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
"""
LINES = [b"line %d\n" % number for number in range(40)]


def text(**changed: str) -> bytes:
    """Forty lines of which some are others: `text(l3="x")`."""
    lines = list(LINES)
    for name, line in changed.items():
        lines[int(name[1:])] = line.encode() + b"\n"
    return b"".join(lines)


class Repo:
    """A repository that a test writes; two days pass between commits unless it says otherwise."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.time = 1_500_000_000
        path.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, data: bytes = b"", who: str = "a@example.org", authored: int | None = None) -> str:
        env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        env |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        for role, time in (("AUTHOR", self.time if authored is None else authored), ("COMMITTER", self.time)):
            env |= {f"GIT_{role}_NAME": "A", f"GIT_{role}_EMAIL": who, f"GIT_{role}_DATE": f"{time} +0000"}
        done = subprocess.run(["git", *arguments], cwd=self.path, env=env, input=data, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("utf-8", "replace").strip()

    def commit(
        self, message: str, files: dict[str, bytes], after: int = 2 * DAY, who: str = "a@example.org",
        authored: int | None = None,
    ) -> str:  # fmt: skip
        for name, data in files.items():
            path = self.path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        self.time += after
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--file=-", data=message.encode(), who=who, authored=authored)
        return self.git("rev-parse", "HEAD")

    def merge(self, branch: str, message: str) -> str:
        self.time += DAY
        self.git("merge", "--quiet", "--no-ff", "-m", message, branch)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "proj")


def git_of(*locations: object, **options: object) -> GitSource:
    table = {
        "name": "g",
        "records": "changes",
        "repositories": [one if isinstance(one, dict) else str(one) for one in locations],
        **options,
    }
    return validate(GitSource, table, "test")


def units_of(source: GitSource, cache: Path) -> tuple[Unit, ...]:
    return source.prepare(cache, lambda line: None).units


def read_all(source: GitSource, cache: Path) -> list[Read]:
    return [record for unit in units_of(source, cache) for record in source.read(unit, cache)]


def changes(source: GitSource, cache: Path) -> dict[str, Change]:
    return {record.origin.revision: record for record in read_all(source, cache) if isinstance(record, Change)}


def facts(repo: Repo, tmp_path: Path, **options: object) -> dict[str, Facts]:
    source = git_of(repo.path, **options)
    return {sha: change.facts for sha, change in changes(source, tmp_path / "cache").items()}


def test_who_when_and_how_old(repo: Repo, tmp_path: Path) -> None:
    root = repo.commit("add", {"a.py": text()})
    first = repo.commit("one", {"a.py": text(l1="x")}, who="A@example.org", authored=1_400_000_000)
    second = repo.commit("two", {"a.py": text(l1="y")}, who="b@example.org")
    found = changes(git_of(repo.path), tmp_path / "cache")
    assert found[first].facts == Facts(authored_at=1_400_000_000, contributors=1, age_days=2)
    assert found[second].facts == Facts(authored_at=repo.time, contributors=2, age_days=4)
    assert {change.origin.family for change in found.values()} == {root}
    assert found[second].origin.before_sha256 == sha256(text(l1="x"))


def test_pull_requests(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text(), "b.py": text()})
    squash = repo.commit("Faster (#7)", {"a.py": text(l1="x")})
    repo.git("checkout", "--quiet", "-b", "side")
    side = [repo.commit(f"side {i}", {"b.py": text(l1=f"y{i}")}) for i in range(2)]
    repo.git("checkout", "--quiet", "main")
    plain = repo.commit("plain", {"a.py": text(l1="z")})
    merge = repo.merge("side", "Merge pull request #8 from a/side")
    trailer = repo.commit("t\n\nPR-URL: https://e.org/a/b/pull/9", {"a.py": text(l1="t")})
    repo.git("checkout", "--quiet", "-b", "other")
    other = repo.commit("other", {"b.py": text(l1="o")})
    repo.git("update-ref", "refs/pull/10/head", other)
    repo.git("update-ref", "refs/pull/10/merge", plain)
    repo.git("checkout", "--quiet", "main")
    repo.merge("other", "Merge branch 'other'")
    found = facts(repo, tmp_path)
    assert {sha: one.pull_request for sha, one in found.items()} == {
        squash: "squash #7", side[0]: f"merge {merge}", side[1]: f"merge {merge}", plain: None,
        trailer: "trailer PR-URL: https://e.org/a/b/pull/9", other: "head refs/pull/10/head",
    }  # fmt: skip
    assert facts(repo, tmp_path, pull_requests=False)[other].pull_request is None


def test_heads_of_pull_requests_come_with_a_url(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text()})
    sha = repo.commit("edit", {"a.py": text(l1="x")})
    repo.git("update-ref", "refs/pull/3/head", sha)
    for wanted, said in ((True, "head refs/pull/3/head"), (False, None)):
        source = git_of(f"file://{repo.path}", pull_requests=wanted)
        cache = tmp_path / str(wanted)
        assert changes(source, cache)[sha].facts.pull_request == said
        (unit,) = units_of(source, cache)
        far = [r for r in source.read(unit, tmp_path / f"worker {wanted}") if isinstance(r, Change)]
        assert [one.facts.pull_request for one in far] == [said]


def test_reverts_and_their_reason(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text()})
    wrong = repo.commit("Faster", {"a.py": text(l1="x")})
    before = units_of(git_of(repo.path), tmp_path / "cache")
    revert = repo.commit(f'Revert "Faster"\n\nThis reverts commit {wrong}.\n\nIt loses rows.', {"a.py": text()})
    found = facts(repo, tmp_path)
    assert (found[wrong].reverted_by, found[wrong].revert_reason) == (revert, "It loses rows.")
    assert (found[revert].reverted_by, found[revert].revert_reason) == (None, None)
    again = repo.commit(f'Reapply "Faster"\n\nThis reverts commit {revert}.', {"a.py": text(l1="x")})
    found = facts(repo, tmp_path)
    assert (found[wrong].reverted_by, found[wrong].revert_reason) == (None, None)
    assert (found[revert].reverted_by, found[revert].revert_reason) == (again, None)
    assert before[0].digest != units_of(git_of(repo.path), tmp_path / "cache")[0].digest


def test_fixes_to_the_same_lines_within_a_day(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text(), "b.py": text(), "c.py": text()})
    mended = repo.commit("edit 20", {"a.py": text(l20="x")})
    repo.commit("fix elsewhere", {"a.py": text(l20="x", l3="y\ny")}, after=3600)
    both = repo.commit("fix, with b", {"a.py": text(l20="z", l3="y\ny"), "b.py": text(l1="q")}, after=3600)
    late = repo.commit("edit 5", {"c.py": text(l5="x")})
    repo.commit("fix a day later and more", {"c.py": text(l5="y")}, after=DAY + 1)
    continued = repo.commit("edit 7", {"c.py": text(l5="y", l7="x")})
    more = repo.commit("edit 7 more", {"c.py": text(l5="y", l7="z")}, after=3600)
    fix = repo.commit("fix 7", {"c.py": text(l5="y", l7="w")}, after=DAY // 2)
    found = facts(repo, tmp_path)
    assert found[mended].refixed_by == both
    assert found[late].refixed_by is None
    assert found[continued].refixed_by is None  # who edited its lines next did not say that they were wrong
    assert {sha: one.refixed_by for sha, one in found.items() if one.refixed_by} == {mended: both, more: fix}


def test_the_authors_day_counts_too_and_lines_that_were_deleted(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text()})
    rebased = repo.commit("edit", {"a.py": text(l9="x")}, authored=1_500_000_000)
    fix = repo.commit("fix", {"a.py": text(l9="y")}, authored=1_500_000_500)
    cut = repo.commit("cut 30", {"a.py": text(l9="y").replace(LINES[30], b"")})
    repo.commit("next to it", {"a.py": text(l9="y", l29="n").replace(LINES[30], b"")}, after=60)
    back = repo.commit("restore 30", {"a.py": text(l9="y", l29="n")}, after=60)
    found = facts(repo, tmp_path)
    assert (found[rebased].refixed_by, found[cut].refixed_by) == (fix, back)


def test_the_same_edit_on_another_branch_is_no_fix(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text()})
    repo.git("branch", "stable")
    edit = repo.commit("edit", {"a.py": text(l9="x")})
    repo.git("checkout", "--quiet", "stable")
    repo.commit("edit, for stable", {"a.py": text(l9="x")}, after=60)
    repo.git("checkout", "--quiet", "main")
    repo.git("merge", "--quiet", "--no-ff", "-m", "merge", "stable")
    assert facts(repo, tmp_path)[edit].refixed_by is None


def test_a_missing_blob_of_a_follow_up_costs_that_fact_alone(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text()})
    edit = repo.commit("edit", {"a.py": text(l9="x")})
    fix = repo.commit("fix", {"a.py": text(l9="y")}, after=60)
    oid = repo.git("rev-parse", f"{fix}:a.py")
    (repo.path / ".git/objects" / oid[:2] / oid[2:]).unlink()
    assert facts(repo, tmp_path)[edit].refixed_by is None


def test_the_licence_at_the_commit(repo: Repo, tmp_path: Path) -> None:
    apache = b"# SPDX-License-Identifier: Apache-2.0\n"
    names = ["a.py", "vendor/x/v.py", "own/deep/o.py"]
    repo.commit("start", {**dict.fromkeys(names, text()), "own/LICENSE.txt": MIT, "own/deep/n.txt": b""})
    before = repo.commit("before", {"a.py": text(l1="x")})
    repo.commit("licence", {"LICENSE": MIT})
    after = repo.commit("after", {"a.py": text(l1="y")})
    vendored = repo.commit("vendored", {"vendor/x/v.py": text(l1="x")})
    nested = repo.commit("nested", {"own/deep/o.py": text(l1="x")})
    header = repo.commit("header", {"a.py": apache + text()})
    repo.commit("unknown", {"LICENSE": b"Ask me.\n"})
    unknown = repo.commit("unknown", {"vendor/x/v.py": text(l1="z")})
    repo.git("rm", "--quiet", "LICENSE")
    repo.commit("two", {"LICENSE-MIT": MIT, "LICENSE-OTHER": MIT})
    choice = repo.commit("choice", {"own/deep/o.py": text(l1="y"), "vendor/x/v.py": text()})
    choice = repo.commit("choice", {"a.py": text(l1="w")})
    expected = {before: None, after: "MIT", vendored: None, nested: "MIT", header: "Apache-2.0", unknown: None}
    source = git_of(repo.path)
    found = changes(source, tmp_path / "cache")
    assert {sha: change.origin.license for sha, change in found.items()} == expected | {choice: "MIT"}
    for change in found.values():
        assert source.replay(change.origin, tmp_path / "cache") == change
    given = changes(git_of(repo.path, license="0BSD"), tmp_path / "cache")
    assert given[before].origin.license == "0BSD" and given[after].origin.license == "MIT"
    files = [r for r in read_all(git_of(repo.path, records="files"), tmp_path / "cache") if isinstance(r, SourceFile)]
    assert {one.origin.path: one.origin.license for one in files} == {
        "a.py": "MIT", "own/deep/o.py": "MIT", "vendor/x/v.py": None
    }  # fmt: skip
    assert len({one.origin.family for one in files} | {change.origin.family for change in found.values()}) == 1


def test_growing_step_by_step_gives_what_one_go_gives(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_source, "COMMITS_PER_UNIT", 5)
    cache = tmp_path / "cache"
    source = git_of(repo.path)
    repo.commit("start", {"a.py": text(), "b.py": text()})
    seen: list[tuple[Unit, ...]] = []
    edits: list[str] = []
    for step in range(6):
        edits += [repo.commit(f"edit {step} {i}", {"a.py": text(l1=f"{step} {i}")}) for i in range(3)]
        repo.git("checkout", "--quiet", "-b", f"side{step}", "HEAD~2")
        repo.commit(f"side {step}", {"b.py": text(l2=str(step))}, after=-DAY)
        repo.git("checkout", "--quiet", "main")
        repo.merge(f"side{step}", f"Merge pull request #{step} from x")
        if step == 4:
            repo.commit(f'Revert "edit 0 1"\n\nThis reverts commit {edits[1]}. It was slow.', {"a.py": text()})
        seen.append(units_of(source, cache))
        assert seen[-1] == units_of(source, tmp_path / f"fresh{step}")
    for older, newer in pairwise(seen[:4]):
        assert newer[: len(older) - 1] == older[:-1]  # all but the last one stay what they were
    assert seen[4][0] != seen[3][0] and seen[4][1] == seen[3][1]  # a revert changes the unit of what it undoes alone
    records = [list(source.read(unit, cache)) for unit in seen[-1]]
    assert [list(source.read(unit, tmp_path / "worker")) for unit in seen[-1]] == records
    (one, *_) = [r for part in records for r in part if isinstance(r, Change) and r.facts.reverted_by]
    assert one.facts.revert_reason == "It was slow."
    last = git_of(repo.path, max_commits=7)
    window = read_all(last, cache)
    every = [record for part in records for record in part]
    assert window == every[-7:]
    assert [r for unit in units_of(last, cache) for r in last.read(unit, tmp_path / "third")] == window


def test_a_large_index_keeps_its_messages_on_disk(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo.commit("start", {"a.py": text()})
    repo.commit("Faster (#1)", {"a.py": text(l1="x")})
    expected = read_all(git_of(repo.path), tmp_path / "cache")
    monkeypatch.setattr(git_history, "MAX_BYTES_IN_MEMORY", 0)
    assert read_all(git_of(repo.path), tmp_path / "other") == expected


def test_differences_that_memory_has_no_room_for_are_read_back(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        repo.commit("edit", {"a.py": text(l3=f"a{number}"), "b.py": text(l4=f"b{number // 2}")})
    source = git_of(repo.path)
    expected = read_all(source, tmp_path / "c0")
    for room in (0, 3):
        monkeypatch.setattr(git_history, "MAX_FRESH_ENTRIES", room)
        assert read_all(source, tmp_path / f"room{room}") == expected
    assert sum(isinstance(record, Change) for record in expected) == 2


def test_only_what_is_new_is_read_from_git(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    commits = git_view.View.commits

    def counted(self: git_view.View, shas: list[str]) -> object:
        asked.append(list(shas))
        return commits(self, shas)

    monkeypatch.setattr(git_view.View, "commits", counted)
    source, cache = git_of(repo.path), tmp_path / "cache"
    old = [repo.commit(f"edit {i}", {"a.py": text(l1=str(i))}) for i in range(3)]
    units_of(source, cache)
    units_of(source, cache)
    new = repo.commit("more", {"a.py": text()})
    read_all(source, cache)
    assert [sorted(one) for one in asked] == [sorted(old), [new]]
    (journal,) = (cache / "git").glob("*.differences")
    journal.write_bytes(journal.read_bytes()[:-20])  # what a killed process may leave
    assert units_of(source, cache) == units_of(source, tmp_path / "fresh")


@pytest.mark.parametrize("left", [None, 0, 5, 100])
def test_messages_that_a_cache_lost_or_never_finished(repo: Repo, tmp_path: Path, left: int | None) -> None:
    source, cache = git_of(repo.path), tmp_path / "cache"
    for number in range(3):
        repo.commit(f"edit {number}", {"a.py": text(l1=str(number))})
    units_of(source, cache)
    (messages,) = (cache / "git").glob("*.messages")
    whole = messages.read_bytes()
    assert whole == b"edit 2\nedit 1\nedit 0\n"
    if left is None:
        messages.unlink()
    else:
        messages.write_bytes((whole + b"half a mess" * 20)[:left])
    repo.commit("more", {"a.py": text(l1="more")})
    shutil.rmtree(cache / "git/plans")
    assert read_all(source, cache) == read_all(source, tmp_path / "fresh")
    assert {one.message for one in changes(source, cache).values()} == {"edit 1\n", "edit 2\n", "more\n"}


def test_a_history_that_was_rewritten(repo: Repo, tmp_path: Path) -> None:
    source, cache = git_of(repo.path), tmp_path / "cache"
    repo.commit("start", {"a.py": text()})
    repo.commit("edit", {"a.py": text(l1="x")})
    units_of(source, cache)
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    repo.commit("another", {"a.py": text(l1="y")})
    repo.git("reflog", "expire", "--expire=all", "--all")
    repo.git("gc", "--quiet", "--prune=now")
    units = units_of(source, cache)
    assert units == units_of(source, tmp_path / "fresh")
    assert [c.message for c in changes(source, cache).values()] == ["another\n"]


def test_a_worker_says_so_where_the_plan_cant_be_made_again(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text()})
    sha = repo.commit("edit", {"a.py": text(l1="x")})
    source = git_of(repo.path)
    (unit,) = units_of(source, tmp_path / "cache")
    repo.git("update-ref", "refs/pull/1/head", sha)
    assert len(list(source.read(unit, tmp_path / "cache"))) == 2
    with pytest.raises(SourceUnavailable, match="run again"):
        list(source.read(unit, tmp_path / "worker"))
    with pytest.raises(SourceUnavailable, match="is called 'gone' now"):
        list(source.read(replace(unit, key=unit.key.replace("proj", "gone")), tmp_path / "cache"))
    plan = next((tmp_path / "cache/git/plans").iterdir())
    plan.write_bytes(b"damaged")
    repo.git("update-ref", "-d", "refs/pull/1/head")
    assert len(list(source.read(unit, tmp_path / "cache"))) == 2
    assert sha256(plan.read_bytes()) == unit.digest


def test_many_repositories(tmp_path: Path) -> None:
    repos = [Repo(tmp_path / f"r{i}") for i in range(3)]
    for number, repo in enumerate(repos):
        repo.commit("start", {"a.py": text()})
        repo.commit("edit", {"a.py": text(l1=f"{number}")})
    repos[1].git("config", "remote.origin.url", "https://u:secret@example.org/o/named.git")
    shutil.copytree(repos[1].path / ".git", tmp_path / "bare")
    listed = [
        repos[2].path,
        {"location": str(repos[1].path), "license": "0BSD", "revision": "main~1"},
        {"location": f"file://{repos[0].path}", "repo": "zero"},
    ]
    source = git_of(*listed, license="MIT")
    found = read_all(source, tmp_path / "cache")
    assert [(r.origin.repo, r.origin.license) for r in found] == [
        ("r2", "MIT"), ("r2", "MIT"), ("example.org/o/named", "0BSD"), ("zero", "MIT"), ("zero", "MIT"),
    ]  # fmt: skip
    assert found == [r for unit in units_of(source, tmp_path / "cache") for r in source.read(unit, tmp_path / "worker")]
    for record in found:
        if isinstance(record, Change):
            assert source.replay(record.origin, tmp_path / "cache") == record
    with pytest.raises(ConfigError, match=r"both called 'example.org/o/named'; .* `repo:`"):
        units_of(git_of(repos[1].path, tmp_path / "bare"), tmp_path / "cache")
    with pytest.raises(SourceUnavailable) as caught:
        units_of(git_of(repos[0].path, tmp_path / "gone", tmp_path / "lost"), tmp_path / "cache")
    assert "/gone'" in str(caught.value) and "/lost'" in str(caught.value)
    lenient = git_of(tmp_path / "gone", *listed, required=False).prepare(tmp_path / "cache", lambda line: None)
    assert len(lenient.units) == 3 and len(lenient.warnings) == 1 and "/gone'" in lenient.warnings[0]


@pytest.mark.parametrize(
    ("config", "name"),
    [
        ('[remote "origin"]\n\turl = git@example.org:o/n.git\n', "example.org/o/n"),
        ('[remote "origin"]\n\turl = "https://example.org/o/n" ; x\n', "example.org/o/n"),
        ('[remote "fork"]\n\turl = https://example.org/o/n\n[remote "origin"]\n\tfetch = x\n', "proj"),
        ('[remote "origin"]\n\turl = /srv/n.git\n', "proj"),
        ('[remote "origin"]\n\turl = file:///srv/n.git\n', "proj"),
        ("[include]\n\tpath = /dev/zero\n", "proj"),
        ("\udcff", "proj"),
    ],
)
def test_the_name_of_a_clone_is_that_of_its_origin(repo: Repo, tmp_path: Path, config: str, name: str) -> None:
    repo.commit("start", {"a.py": text()})
    repo.git("worktree", "add", "--quiet", str(tmp_path / "linked" / "proj"))
    (repo.path / ".git/config").write_bytes(config.encode("utf-8", "surrogateescape"))
    git_source.default_repo.cache_clear()
    for path in (repo.path, repo.path / ".git", tmp_path / "linked" / "proj"):
        assert git_source.default_repo(str(path), Path.cwd()) == name


def test_reputations_come_from_the_table(repo: Repo, tmp_path: Path) -> None:
    repo.commit("start", {"a.py": text()})
    sha = repo.commit("edit", {"a.py": text(l1="x")})
    table = tmp_path / "t.jsonl"
    table.write_text(json.dumps({"repo": "proj", "stars": 7, "contributors": 40}) + "\n")
    found = facts(repo, tmp_path, reputation=str(table))[sha]
    assert (found.stars, found.contributors, found.issues) == (7, 40, None)
    table.write_text("{}\n")
    with pytest.raises(ConfigError, match="line 1: repo is None"):
        facts(repo, tmp_path, reputation=str(table))


def test_a_shallow_clone_knows_no_age_no_family_and_no_number_of_authors(repo: Repo, tmp_path: Path) -> None:
    for i in range(4):
        repo.commit(f"edit {i}", {"a.py": text(l1=str(i))})
    repo.git("clone", "--quiet", "--depth=2", f"file://{repo.path}", str(tmp_path / "shallow"))
    (change,) = changes(git_of(tmp_path / "shallow"), tmp_path / "cache").values()
    assert (change.facts.age_days, change.facts.contributors, change.origin.family) == (None, None, None)


def test_more_bad_input(repo: Repo, tmp_path: Path) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize 9\n"
    repo.commit("start", {"a.py": text(), "l.py": pointer % (b"0" * 64), "w.py": b"a\r\nb\r\n", "u.py": b"u = 1\n"})
    lfs = repo.commit("pointer", {"l.py": pointer % (b"1" * 64)})
    crlf = repo.commit("crlf", {"w.py": b"a\r\nc\r\n"})
    wide = repo.commit("utf-16", {"u.py": "u = 2\n".encode("utf-16")})
    giant = repo.commit("giant", {"a.py": b"x = 1\n" * 400_000})
    found = {r.origin.revision: r for r in read_all(git_of(repo.path), tmp_path / "cache")}
    reasons = {sha: record.reason for sha, record in found.items() if isinstance(record, Dropped)}
    assert (reasons[lfs], reasons[wide], reasons[giant]) == ("lfs_pointer", "nul_bytes", "too_large")
    change = found[crlf]
    assert isinstance(change, Change) and (change.before, change.after) == ("a\r\nb\r\n", "a\r\nc\r\n")


def test_paths_that_climb_are_only_names(repo: Repo, tmp_path: Path) -> None:
    blobs = [repo.git("hash-object", "-w", "--stdin", data=data) for data in (b"x = 1\n", b"x = 2\n")]
    parent, shas = "", []
    for oid in blobs:
        inner = repo.git("mktree", data=f"100644 blob {oid}\ta.py\n".encode())
        raw = b"40000 ..\0" + bytes.fromhex(inner)
        tree = repo.git("hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=raw)
        shas.append(repo.git("commit-tree", tree, *(("-p", parent) if parent else ()), "-m", "x"))
        parent = shas[-1]
    repo.git("update-ref", "refs/heads/main", parent)
    found = changes(git_of(repo.path), tmp_path / "cache")
    assert [change.origin.path for change in found.values()] == ["../a.py"]
    assert not list(tmp_path.glob("**/a.py"))


def test_options_empty_repositories_and_corrupt_packs_are_refused(repo: Repo, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    with pytest.raises(SourceUnavailable, match="no such commit"):
        units_of(git_of(repo.path), tmp_path / "cache")
    repo.commit("start", {"a.py": text()})
    for location, said in (
        (f"ext::touch {marker}", "only https"),
        (f"ssh://-oProxyCommand=touch%20{marker}/x", "can't be fetched"),
    ):
        with pytest.raises(SourceUnavailable, match=said):
            units_of(git_of(location, timeout_s=20), tmp_path / "cache")
    for location in (f"--upload-pack=touch {marker}", f"-oProxyCommand=touch {marker}@h:x", "a\0b"):
        with pytest.raises(ConfigError, match=r"repositories\.0\.location: .*a dash or holds a NUL byte"):
            git_of(location)
    with pytest.raises(SourceUnavailable, match="no such commit"):
        units_of(git_of(repo.path, revision=f"--upload-pack=touch {marker}"), tmp_path / "cache")
    assert not marker.exists()
    repo.git("gc", "--quiet")
    (pack,) = (repo.path / ".git/objects/pack").glob("*.pack")
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes()[:40] + b"\0" * 60)
    with pytest.raises(SourceUnavailable, match=r"^source 'g': repository "):
        units_of(git_of(repo.path), tmp_path / "cache")


def test_a_commit_of_very_many_files_is_no_follow_up(
    repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_view, "MAX_ENTRIES", 3)
    many = {f"f{i}.py": b"x\n" for i in range(4)}
    repo.commit("start", {"a.py": text(), **many})
    edit = repo.commit("edit", {"a.py": text(l9="x")})
    repo.commit("reformat", {"a.py": text(l9="y"), **dict.fromkeys(many, b"y\n")}, after=60)
    assert facts(repo, tmp_path)[edit].refixed_by is None


def test_follow_ups_are_looked_for_only_so_far(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git_plan, "FOLLOW_UP_COMMITS", 2)
    repo.commit("start", {"a.py": text(), "b.py": text()})
    edit = repo.commit("edit", {"a.py": text(l9="x")})
    near = repo.commit("edit b", {"b.py": text(l9="x")}, after=60)
    mended = repo.commit("again b", {"b.py": text(l9="y")}, after=60)
    repo.commit("fix", {"a.py": text(l9="y")}, after=60)
    found = facts(repo, tmp_path)
    assert (found[edit].refixed_by, found[near].refixed_by) == (None, mended)
