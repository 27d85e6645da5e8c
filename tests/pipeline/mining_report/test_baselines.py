"""Term lists and the plain classifier, on small histories made here."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from mined_run import candidate, dropped, gold_row, write_run

from pipeline.mining_report.baselines import counted_progress
from pipeline.mining_report.found import Found, Prediction
from pipeline.mining_report.gold import Gold
from pipeline.mining_report.mirrors import mirror, read_mirrors
from pipeline.mining_report.plain import Labelled, fit_and_predict, tokens
from pipeline.mining_report.report import Asked, make, write
from pipeline.mining_report.scoring import Judged, best_threshold, is_right, threshold_of_recall
from pipeline.mining_report.terms import every_match, hits, most_hits, read_terms
from pipeline.mining_report.texts import from_sources, run_config
from pipeline.report.mining import view
from pipeline.sources.base import Prepared, Read, Source, Unit
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin
from schemas.records import Change, SourceFile

WriteGold = Callable[..., Path]
RUNTIME, FUNCTIONAL, MEMORY = "runtime_efficiency", "functional_correctness", "memory_efficiency"


def silent(_: object) -> None:
    """No progress."""


def git(place: Path, *arguments: str) -> str:
    env = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a",
           "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"}  # fmt: skip
    done = subprocess.run(("git", *arguments), cwd=place, env=env, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def history(place: Path, commits: list[tuple[str, bytes]]) -> list[str]:
    """A repository in which each commit rewrites `a.py`; shas of all but the first."""
    place.mkdir(parents=True)
    git(place, "init", "--quiet")
    shas = []
    for message, data in commits:
        (place / "a.py").write_bytes(data)
        git(place, "add", "a.py")
        git(place, "commit", "--quiet", "--message", message)
        shas.append(git(place, "rev-parse", "HEAD"))
    return shas[1:]


def gold(repo: str, sha: str, criterion: str = RUNTIME, usable: bool = True, path: str = "a.py") -> Gold:
    return Gold(1, repo, sha, path, criterion, usable)


class Recorded(Source):
    """A source that knows its changes beforehand."""

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        raise NotImplementedError

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        raise NotImplementedError

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        assert (origin.blob_sha256, origin.committed_at) == ("", 0)
        if origin.path == "gone.py":
            raise SourceUnavailable("gone")
        if origin.path == "file.py":
            return SourceFile(origin, "Python", "x")
        return Change(origin, "Python", "Make it fast", "a\n", "b\n")


def test_terms_match_inside_words_and_count(tmp_path: Path) -> None:
    (tmp_path / "runtime_eff_terms.list").write_text("Hash\nfaster\n\n  speed \n")
    (tmp_path / "sec_terms.list").write_text("rce\n")
    terms = read_terms(tmp_path)
    assert terms == {RUNTIME: ("hash", "faster", "speed"), "security_hardness": ("rce",)}
    counted = hits("Move SOURCE\n\nThe hashing is faster", terms)
    assert counted == {RUNTIME: 2, "security_hardness": 1}
    assert {one.criterion for one in every_match(counted)} == {RUNTIME, "security_hardness"}
    assert [one.criterion for one in most_hits(counted)] == [RUNTIME]
    assert [one.criterion for one in most_hits(hits("source hash", terms))] == [RUNTIME]  # a tie: the first label
    assert (hits("nothing", terms), every_match({}), most_hits({})) == ({}, (), ())


def test_wrong_term_lists(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"holds no \*\.list file"):
        read_terms(tmp_path)
    (tmp_path / "beauty.list").write_text("nice\n")
    with pytest.raises(ConfigError, match=r"beauty\.list: of no criterion\. Its name must begin with one of"):
        read_terms(tmp_path)
    (tmp_path / "beauty.list").rename(tmp_path / "sec.list")
    (tmp_path / "sec.list").write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"sec\.list: can't be read"):
        read_terms(tmp_path)


def test_mirrors_are_read_whole_and_what_is_not_there_is_said(tmp_path: Path) -> None:
    commits = [
        ("first", b"a = 1\n"),
        ("Make it fast\n\nBody", b"a = 2\r\n"),
        ("binary", b"\0"),
        ("big", b"x" * 1_000_001),
    ]
    fast, binary, big = history(tmp_path / "acme+one" / "repo", commits)
    git(tmp_path, "clone", "--quiet", "--bare", str(tmp_path / "acme+one/repo"), str(tmp_path / "acme/two.git"))
    asked = [
        gold("acme/one", "00" * 20), gold("acme/one", fast), gold("acme/one", binary), gold("acme/one", big),
        gold("acme/one", fast, path=""), gold("acme/one", fast, path="b\nc.py"), gold("acme/one", fast, path="no.py"),
        gold("acme/two", fast), gold("acme/three", fast), gold("../acme", fast),
    ]  # fmt: skip
    told: list[int] = []
    found = [read for _, read in read_mirrors(asked, tmp_path, told.append)]
    assert isinstance(found[1], Change) and isinstance(found[7], Change)
    assert (found[1].message, found[1].before, found[1].after) == ("Make it fast\n\nBody\n", "a = 1\n", "a = 2\r\n")
    assert (found[7].after, found[1].language) == ("a = 2\r\n", "Python")
    unread = [one for one in found if isinstance(one, str)]
    assert unread == [
        "commit: not in the repository", "nul_bytes: at byte 0", "newer side: 1000001 bytes, at most 1000000",
        *["its path is not one that git can be asked for"] * 2, "older side: not in the repository",
        *["no mirror of its repository"] * 2,
    ]  # fmt: skip
    assert told == list(range(1, 11))
    with pytest.raises(ConfigError, match=r"--mirrors .*nowhere: no such folder"):
        list(read_mirrors(asked, tmp_path / "nowhere", silent))


def test_a_mirror_that_is_no_repository(tmp_path: Path) -> None:
    (tmp_path / "acme" / "one").mkdir(parents=True)
    assert mirror(tmp_path, "acme/one") == tmp_path / "acme" / "one"
    ((_, read),) = read_mirrors([gold("acme/one", "00" * 20)], tmp_path, silent)
    assert read == "commit: git ended early; is the repository whole?"


def test_a_machine_without_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme" / "one").mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceUnavailable, match="git is not installed"):
        list(read_mirrors([gold("acme/one", "00" * 20)], tmp_path, silent))


def test_commits_are_replayed_from_the_runs_own_sources(tmp_path: Path) -> None:
    def found(path: str, source: str = "known") -> Found:
        return Found(gold("a/b", f"{len(path):040x}"), source, "github.com/a/b", path, "Python", ())

    ones = [found("a.py"), found("gone.py"), found("file.py"), found("other-source.py", "unknown")]
    texts = from_sources(ones, [Recorded(name="known")], tmp_path, silent)
    assert [change.message for change in texts.changes.values()] == ["Make it fast"]
    assert [why for _, why in texts.unread] == [
        "gone", "read as a file, not as a change", "the configuration has no such source any more",
    ]  # fmt: skip


def test_a_runs_configuration_is_needed_to_replay(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml: no such file"):
        run_config(str(tmp_path))
    (tmp_path / "config.yaml").write_text("a: [")
    with pytest.raises(ConfigError, match="not valid YAML"):
        run_config(str(tmp_path))
    (tmp_path / "config.yaml").write_text("name: x\nsources: []\n")
    with pytest.raises(ConfigError, match="sources: "):
        run_config(str(tmp_path))


def labelled(repositories: int, each: int) -> list[Labelled]:
    """Commits whose subject or code gives the criterion away, of several repositories; a third are none."""
    made = []
    for number in range(repositories * each):
        kind, rng = number % 3, Random(number)
        word = ("faster", "crash", "docs")[kind]
        noise = " ".join(rng.choice(["alpha", "beta", "gamma", "delta"]) for _ in range(3))
        after = ("cache = {}\n", "if x is None:\n    return\n", "pass\n")[kind]
        label = gold(f"o/r{number // each}", f"{number:040x}", (RUNTIME, FUNCTIONAL, "none")[kind], kind < 2)
        change = Change(Origin("m", label.repo, label.sha, "a.py", ""), "Python", f"{word} {noise}", "x = 1\n", after)
        made.append(Labelled(label, change))
    return made


def test_tokens_are_of_the_subject_and_of_changed_lines() -> None:
    change = Change(
        Origin("m", "a/b", "1", "a.py", ""), "Python", "Fix it 2x\n\nBody", "a = b\nc = 1\n", "a = b\nc = 2\n"
    )
    assert sorted(tokens(change)) == ["+:2", "-:1", "s:fix", "s:it"]


def test_the_plain_classifier_learns_and_holds_repositories_out() -> None:
    labels = labelled(4, 15)
    plain = fit_and_predict(labels, labels[:15] + labelled(5, 15)[60:])
    assert (plain.labels, plain.repositories) == (60, 4)
    assert len(plain.predictions) == 30
    known = {(one.gold.repo, one.gold.sha): one.gold for one in labelled(5, 15)}
    right = [is_right(known[key], one) for key, one in plain.predictions.items()]
    usable = [known[key].usable for key in plain.predictions]
    assert right == usable  # every usable commit is found
    assert all(level is not None for level in plain.thresholds.values())
    with pytest.raises(ConfigError, match="commits of 1 repositories, at least 2 are needed"):
        fit_and_predict(labels[:15], [])


def test_a_held_out_repositorys_labels_are_never_seen() -> None:
    """With one repository's labels turned around, its own predictions stay; those of the others need not."""
    labels = labelled(4, 15)
    turned = [
        Labelled(gold(one.gold.repo, one.gold.sha, MEMORY), one.change) if one.gold.repo == "o/r0" else one
        for one in labels
    ]
    mine = [one for one in labels if one.gold.repo == "o/r0"]
    assert fit_and_predict(turned, mine).predictions == fit_and_predict(labels, mine).predictions
    others = [one for one in labels if one.gold.repo == "o/r1"]
    assert fit_and_predict(turned, others).predictions != fit_and_predict(labels, others).predictions


def test_labels_without_a_usable_one_predict_with_confidence_0() -> None:
    none = [Labelled(gold(f"o/r{n}", f"{n:040x}", "none", False), labelled(1, 1)[0].change) for n in range(3)]
    plain = fit_and_predict(none, none)
    assert {one.confidence for one in plain.predictions.values()} == {0.0}
    assert set(plain.thresholds.values()) == {None}


def test_thresholds_by_precision_and_by_recall() -> None:
    def judged(confidence: float, right: bool) -> Judged:
        return Judged(gold("a/b", "0" * 40, RUNTIME, right), "C", (Prediction(RUNTIME, confidence, True),))

    ones = [judged(0.9, True), judged(0.8, True), judged(0.7, False), judged(0.6, True), judged(0.5, False),
            judged(0.5, False)]  # fmt: skip
    assert best_threshold(ones, 0.75) == 0.6
    assert best_threshold(ones, 0.9) == 0.8
    assert best_threshold(ones, 0.5) == 0.5
    assert best_threshold(ones[2:3], 0.5) is None
    assert (threshold_of_recall(ones, 0.5), threshold_of_recall(ones, 1.0)) == (0.8, 0.6)
    assert (threshold_of_recall(ones, 0.0), threshold_of_recall([], 0.5)) == (None, None)


def test_progress_speaks_seldom() -> None:
    said: list[str] = []
    tell = counted_progress("gold", 401, said.append)
    for number in range(402):
        tell(number)
    assert said == [f"gold: {number} of 401 commits read" for number in (200, 400, 401)]


def test_baselines_stand_beside_the_miner(tmp_path: Path, write_gold: WriteGold) -> None:
    """Two repositories of labels and one of gold commits, read from mirrors; the report has points and curves."""
    words = [("faster", b"cache = {}\n"), ("crash", b"if x is None:\n    return\n"), ("docs", b"pass\n")]
    rows: dict[str, list[dict[str, Any]]] = {}
    for repo in ("one", "two", "three"):
        commits = [("start", b"x = 0\n")]
        commits += [(f"{word} {n}", data + b"n = %d\n" % n) for n in range(4) for word, data in words]
        shas = history(tmp_path / "mirrors" / f"acme+{repo}" / "repo", commits)
        keys = [(RUNTIME, True), (FUNCTIONAL, True), ("none", False)] * 4
        rows[repo] = [
            gold_row("aa", key, usable, 1, []) | {"repo": f"acme/{repo}", "sha": sha, "path": "a.py"}
            for sha, (key, usable) in zip(shas, keys, strict=True)
        ]
    run = write_run(tmp_path / "run", *_mined(rows["three"]))
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms" / "runtime_eff.list").write_text("fast\n")
    (tmp_path / "terms" / "functionality.list").write_text("crash\ndocs\n")
    labels = write_gold(rows["one"] + rows["two"], "labels.jsonl")
    said: list[str] = []
    asked = Asked(write_gold(rows["three"]), (), tmp_path / "terms", labels, tmp_path / "mirrors")
    report = make(str(run), asked, said.append)
    terms = report["baselines"]["terms"]
    assert (terms["commits"], terms["unread"], terms["points"][0]["name"]) == (12, 0, "every match")
    precision, recall = (terms["points"][0]["overall"][name] for name in ("precision", "recall"))
    assert (precision["k"], precision["n"], recall["k"], recall["n"]) == (8, 12, 8, 8)
    plain = report["baselines"]["plain"]
    assert (plain["labels"], plain["label_repositories"], plain["labels_unread"]["count"]) == (24, 2, 0)
    assert plain["points"][-1]["name"] == "recall as mined"
    assert plain["points"][-1]["overall"]["recall"]["k"] >= 1
    assert plain["curve"][-1]["recall"]["unweighted"] == 1.0
    assert said[-1] == "labels: 24 of 24 commits read"
    shown = view(report)
    assert [row.name for row in shown.rows][:3] == ["as mined", "term lists, every match", "term lists, most hits"]
    assert shown.chart is not None and shown.chart.plain and shown.chart.band
    assert "plain, recall as mined" in Path(write(str(run), report, None), "report.html").read_text()
    assert make(str(run), asked, silent) == report


def _mined(rows: list[dict[str, Any]]) -> tuple[list[Any], list[Any]]:
    """The first commit mined, the others dropped, as a run would record them."""
    from dataclasses import replace

    first = candidate("aa", RUNTIME, 0.9)
    origins = [replace(first.origin, repo=f"github.com/{r['repo']}", revision=r["sha"], path="a.py") for r in rows]
    gone = [replace(dropped("ff", "test_path", ""), id=f"{n}", origin=one) for n, one in enumerate(origins[1:])]
    return [replace(first, origin=origins[0])], gone
