"""The labelling bench on a run whose counts are known (see `mined_run`)."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mined_run import MINED, SHAS, candidate, dropped, gold_row, write_run

from pipeline.criterion.classify import EmbeddedClassifier
from pipeline.manifest import Manifest
from pipeline.mining_report.found import probability, read_run
from pipeline.mining_report.report import Asked, make, strict_threshold, write
from pipeline.report import write_report
from pipeline.report.mining import section
from schemas.errors import ConfigError, RunFolderError

WriteGold = Callable[..., Path]


def silent(_: str) -> None:
    """No progress."""


def made(run: Path, **asked: Any) -> dict[str, Any]:
    return make(str(run), Asked(**asked), silent)


def estimates(figures: dict[str, Any], name: str) -> tuple[int, int, float, float]:
    one = figures[name]
    return one["k"], one["n"], one["unweighted"]["estimate"], one["weighted"]["estimate"]


def test_as_mined(run: Path, write_gold: WriteGold) -> None:
    report = made(run, gold=write_gold())
    (point,) = report["points"]
    overall = point["overall"]
    assert (point["name"], point["candidates"], overall["commits"], overall["usable"]) == ("as mined", 4, 7, 5)
    assert estimates(overall, "precision") == (2, 4, 0.5, 0.5714)
    assert estimates(overall, "recall") == (2, 5, 0.4, 0.4)
    assert estimates(overall, "recall_any") == (3, 5, 0.6, 0.5)
    assert estimates(overall, "yield") == (4, 7, 0.5714, 0.5385)
    assert overall["precision"]["unweighted"]["wilson"] == [0.15, 0.85]
    assert overall["precision"]["weighted"]["repositories"] is None
    low, high = overall["precision"]["weighted"]["commits"]
    assert 0 <= low < 0.5714 < high <= 1
    assert overall["precision"]["small"]
    assert report["recall_of_all"] == {"k": 2, "n": 6, "estimate": 0.3333}


def test_by_criterion_and_language(run: Path, write_gold: WriteGold) -> None:
    (point,) = made(run, gold=write_gold())["points"]
    by = point["by_criterion"]
    assert list(by) == ["readability_maintainability", "runtime_efficiency", "security_hardness",
                        "functional_correctness", "memory_efficiency"]  # fmt: skip
    assert estimates(by["functional_correctness"], "precision") == (1, 2, 0.5, 0.5)  # `also` is not right
    assert estimates(by["functional_correctness"], "recall") == (1, 1, 1.0, 1.0)
    assert by["functional_correctness"]["commits"] == 2
    assert by["readability_maintainability"]["precision"]["unweighted"]["estimate"] is None
    assert estimates(by["readability_maintainability"], "recall") == (0, 1, 0.0, 0.0)
    assert estimates(by["readability_maintainability"], "recall_any") == (1, 1, 1.0, 1.0)
    assert estimates(by["memory_efficiency"], "precision") == (0, 1, 0.0, 0.0)
    assert list(point["by_language"]) == ["Python"]
    assert estimates(point["by_language"]["Python"], "precision") == (2, 4, 0.5, 0.5714)
    assert point["confusion"]["functional_correctness"] == {
        "functional_correctness": 1, "readability_maintainability": 1,
    }  # fmt: skip
    assert point["confusion"]["memory_efficiency"] == {"none": 1}


def test_thresholds_and_curve_reach_below_the_runs_own(run: Path, write_gold: WriteGold) -> None:
    report = made(run, gold=write_gold(), at=(0.4, 0.8, 0.95))
    low, middle, high = report["points"][1:]
    assert (low["name"], low["threshold"], low["candidates"], low["abstained_above"]) == ("at 0.4", 0.4, 4, 1)
    assert estimates(low["overall"], "precision") == (3, 5, 0.6, 0.7273)
    assert estimates(low["overall"], "recall") == (3, 5, 0.6, 0.8)
    assert estimates(middle["overall"], "precision") == (2, 2, 1.0, 1.0)
    assert (middle["candidates"], high["candidates"]) == (2, 0)
    assert high["overall"]["precision"]["unweighted"]["estimate"] is None
    curve = report["curve"]
    assert [(one["threshold"], one["right"], one["predictions"]) for one in curve] == [
        (0.9, 1, 1), (0.8, 2, 2), (0.7, 2, 3), (0.65, 2, 4), (0.4, 3, 5),
    ]  # fmt: skip
    assert curve[-1]["recall"] == {"unweighted": 0.6, "weighted": 0.8}
    assert curve[-1]["recall_any"] == {"unweighted": 0.8, "weighted": 0.9}
    assert all("weighted_precision_interval" in one for one in curve)


def test_the_strict_threshold_is_the_configurations(run: Path, write_gold: WriteGold) -> None:
    assert strict_threshold(str(run)) is None
    config = (
        "name: x\nsources: [{kind: files, name: a, paths: [.]}]\n"
        "mine: {changes: {classifier: {kind: embedded, strict: 0.75}}}\n"
    )
    (run / "config.yaml").write_text(config)
    names = [one["name"] for one in made(run, gold=write_gold())["points"]]
    assert names == ["as mined", "at 0.75, strict"]
    assert [one["threshold"] for one in made(run, gold=write_gold(), at=(0.9,))["points"]] == [None, 0.9]
    (run / "config.yaml").write_text(config.replace(", strict: 0.75", ""))
    assert strict_threshold(str(run)) == EmbeddedClassifier().thresholds()["strict"]


def test_missing_and_repeated_commits_are_said(run: Path, write_gold: WriteGold) -> None:
    rows = [gold_row("aa", "runtime_efficiency", True, 3, [])] * 2
    elsewhere = gold_row("bb", "functional_correctness", True, 1, []) | {"repo": "fork/one"}
    moved = gold_row("cc", "none", False, 1, []) | {"path": "other.py"}
    report = made(run, gold=write_gold([*rows, elsewhere, moved, gold_row("99", "none", False, 1, [])]))
    gold = report["gold"]
    assert (gold["rows"], gold["commits"], gold["duplicates"], gold["matched"]) == (5, 4, 1, 1)
    assert (gold["missing_count"], gold["missing_usable"]) == (3, 1)
    assert gold["missing_by_repository"] == {"acme/gone": 1, "acme/two": 1, "fork/one": 1}
    assert {one["line"]: one["why"] for one in gold["missing"]} == {
        3: "the run has this commit as github.com/acme/one src/bb.py",
        4: "the run has this commit as github.com/acme/two src/cc.py",
        5: "not among the run's commits",
    }
    assert estimates(report["points"][0]["overall"], "precision") == (1, 1, 1.0, 1.0)
    assert report["recall_of_all"]["estimate"] == 0.5


def test_mistakes_and_misses(run: Path, write_gold: WriteGold) -> None:
    report = made(run, gold=write_gold())
    first, second = report["mistakes"]
    assert (first["sha"], first["subject"], first["predicted"], first["confidence"]) == (
        SHAS["cc"], "Subject of cc", "memory_efficiency", 0.7,
    )  # fmt: skip
    assert (second["criterion"], second["also"], second["strength"], second["kind"], second["note"]) == (
        "readability_maintainability", ["functional_correctness"], 4, "code", "note of dd",
    )  # fmt: skip
    assert [(one["sha"], one["reason"]) for one in report["misses"]] == [
        (SHAS["ee"], "low_confidence"), (SHAS["ff"], "test_path"),
    ]  # fmt: skip
    assert (report["misses"][0]["predicted"], report["misses"][0]["confidence"]) == ("security_hardness", 0.4)


def test_funnel_says_what_each_reason_cost(run: Path, write_gold: WriteGold) -> None:
    rows = {one["reason"]: one for one in made(run, gold=write_gold())["funnel"]}
    assert list(rows) == ["mined", "low_confidence", "not_single_file", "test_path"]
    assert rows["mined"] == {
        "reason": "mined", "records": 4, "by_language": {"Python": 4}, "gold": 4, "gold_usable": 3,
        "gold_usable_share": 0.6, "gold_usable_share_weighted": 0.5,
    }  # fmt: skip
    assert (rows["low_confidence"]["gold_usable_share"], rows["low_confidence"]["gold_usable_share_weighted"]) == (
        0.2, 0.4,
    )  # fmt: skip
    assert rows["not_single_file"]["by_language"] == {"other": 1}
    assert made(run)["funnel"][0]["gold_usable_share"] is None


def test_lengths_and_what_the_balanced_selection_costs(tmp_path: Path) -> None:
    def sides(number: int) -> dict[str, Any]:
        texts = ("x\n", "x + 1\n")
        return dict(zip(("before", "after"), texts if number % 4 else texts[::-1], strict=True))

    names = list(SHAS)
    ones = [replace(candidate(names[n % 8], "runtime_efficiency", 0.9, **sides(n)), id=f"{n}") for n in range(12)]
    upside_down = replace(candidate("aa", "security_hardness", 0.9), id="r", reversed=True)
    same = replace(candidate("aa", "security_hardness", 0.9, before="a", after="b"), id="s", language="C", window=None)
    task = replace(candidate("aa", "security_hardness", 0.9), id="t", kind="task", criterion=None, confidence=None)
    report = made(write_run(tmp_path / "run", [*ones, upside_down, same, task], []))
    runtime = report["lengths"]["by_criterion"]["runtime_efficiency"]
    assert (runtime["full"]["longer"], runtime["full"]["shorter"], runtime["full"]["p_longer"]) == (9, 3, 0.75)
    assert (runtime["balanced"]["changes"], runtime["balanced"]["p_longer"], runtime["cost"]) == (6, 0.5, 6)
    security = report["lengths"]["by_criterion"]["security_hardness"]
    assert (security["full"]["shorter"], security["full"]["equal"], security["full"]["p_longer"]) == (1, 1, 0.0)
    assert (security["balanced"]["equal"], security["balanced"]["changes"], security["cost"]) == (1, 1, 1)
    assert [one["language"] for one in report["lengths"]["by_criterion_and_language"]] == ["Python", "C", "Python"]
    assert (report["yield"]["candidates"], report["yield"]["reversed"], report["yield"]["tasks"]) == (14, 1, 1)
    assert report["yield"]["by_window"] == {"no time": 1, "train": 13}
    assert report["yield"]["by_criterion"]["runtime_efficiency"] == {"candidates": 12, "repositories": 3}
    assert {"criterion": "security_hardness", "language": "C", "window": "no time", "candidates": 1} in (
        report["yield"]["cells"]
    )  # fmt: skip
    assert "points" not in report


def test_several_rows_of_one_commit(tmp_path: Path, write_gold: WriteGold) -> None:
    """Each criterion counts once, at its best; a dropped row beside a mined one costs nothing; reversed is wrong."""
    twice = [candidate("aa", "runtime_efficiency", 0.8), candidate("aa", "functional_correctness", 0.7)]
    again = replace(twice[0], id="again", confidence=0.9)
    upside_down = replace(candidate("bb", "functional_correctness", 0.95), reversed=True)
    gone = [dropped("aa", "low_confidence", "security_hardness 0.5000, at least 0.6000")]
    gone.append(dropped("ee", "low_confidence", "who knows"))
    run = write_run(tmp_path / "run", [*twice, again, upside_down], gone)
    reading = read_run(str(run), ())
    assert (reading.found, reading.tally.unreadable) == ((), 1)
    report = made(run, gold=write_gold())
    assert estimates(report["points"][0]["overall"], "precision") == (1, 3, 0.3333, 0.4286)
    assert estimates(report["points"][0]["overall"], "yield") == (2, 3, 0.6667, 0.5)
    assert [(one["threshold"], one["right"], one["predictions"]) for one in report["curve"]] == [
        (0.95, 0, 1), (0.9, 1, 2), (0.7, 1, 3),
    ]  # fmt: skip
    assert report["mistakes"][0]["reversed"]
    assert report["unreadable_abstentions"] == 1


@pytest.mark.parametrize(
    ("detail", "found"),
    [
        ("runtime_efficiency 0.3120, at least 0.6000", ("runtime_efficiency", 0.312)),
        ("runtime_efficiency 1.0000, at least 1.0000", ("runtime_efficiency", 1.0)),
        ("runtime_efficiency 0.31, at least 0.6000", None),
        ("0.3120, at least 0.6000", None),
        ("", None),
    ],
)
def test_probability(detail: str, found: tuple[str, float] | None) -> None:
    assert probability(detail) == found


def test_an_empty_run(tmp_path: Path, write_gold: WriteGold) -> None:
    run = write_run(tmp_path / "run", [], [])
    report = made(run, gold=write_gold(), at=(0.5,))
    assert (report["gold"]["matched"], report["gold"]["missing_count"]) == (0, 8)
    assert report["points"][0]["overall"]["precision"]["unweighted"]["estimate"] is None
    assert (report["curve"], report["mistakes"], report["misses"]) == ([], [], [])
    assert report["funnel"][0]["records"] == 0
    assert report["lengths"]["overall"]["full"]["p_longer"] is None
    assert "0</b> changes were mined" in Path(write(str(run), report, None), "report.html").read_text()


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"no manifest\.json here"):
        made(tmp_path)
    Manifest("x", 1, "i", "0").save(str(tmp_path))
    with pytest.raises(ConfigError, match="the run has mined nothing yet"):
        made(tmp_path)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"at": (0.5,)}, "--at: measured on hand-read commits; give them by --gold FILE"),
        ({"terms": Path("x")}, "--terms: measured on hand-read commits"),
        ({"labels": Path("x"), "gold": Path("y")}, "--labels: their code is read from git repositories"),
        ({"gold": Path("y"), "at": (1.5,)}, "--at 1.5: a threshold is a probability"),
        ({"gold": Path("nowhere.jsonl")}, "nowhere.jsonl: can't be read"),
    ],
)
def test_wrong_options(asked: dict[str, Any], said: str, run: Path) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        made(run, **asked)


def test_written_twice_it_is_the_same_and_the_runs_page_shows_it(run: Path, write_gold: WriteGold) -> None:
    asked = {"gold": write_gold(), "at": (0.4,)}
    folder = Path(write(str(run), made(run, **asked), None))
    assert folder == run / "mining"
    first = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert sorted(first) == ["report.html", "report.json"]
    assert json.loads(first["report.json"])["gold"]["matched"] == 7
    write(str(run), made(run, **asked), None)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == first
    assert not (run / "report.html").exists()  # the run has no page yet
    page = write_report(run).read_text(encoding="utf-8")
    for words in ("Against 7 hand-read commits", "1 of 8 commits (1 usable) are not in the run", "at 0.4",
                  "Subject of cc", "note of ee", 'href="#mining"', "<polyline", "low_confidence"):  # fmt: skip
        assert words in page, words


def test_a_finished_runs_page_is_written_anew_with_its_receipt(run: Path, write_gold: WriteGold) -> None:
    from pipeline import manifest
    from pipeline.audit.verify import verify
    from pipeline.folder import receipts
    from pipeline.manifest import StageEntry

    counts = dict.fromkeys(
        ("in", "expanded", "dropped_in", "dead_in", "children", "kept", "dropped", "dead"), 0
    )  # fmt: skip
    whole = manifest.required(str(run))
    whole = whole.with_stage("mine", replace(whole.stages["mine"], counts={**counts, "in": 7, "dropped_in": 3,
                             "expanded": 4, "children": 4, "kept": 4}))  # fmt: skip
    whole.save(str(run))
    write_report(run)
    before = (run / "report.html").read_bytes()
    whole.with_stage("report", StageEntry("k", 2.0, {}, receipts(str(run), ["report.html"]))).save(str(run))
    write(str(run), made(run, gold=write_gold()), None)
    assert (run / "report.html").read_bytes() != before
    assert verify(str(run)) == []


def test_out_leaves_the_run_alone(run: Path, tmp_path: Path, write_gold: WriteGold) -> None:
    before = sorted(path.name for path in run.rglob("*"))
    write(str(run), made(run, gold=write_gold()), tmp_path / "elsewhere")
    assert sorted(path.name for path in run.rglob("*")) == before
    assert (tmp_path / "elsewhere" / "report.html").is_file()
    assert section(run, {}) is None


def test_pages_escape_what_others_wrote(tmp_path: Path, write_gold: WriteGold) -> None:
    attack = "</td><script>alert(1)</script>"
    ones = [candidate(name, key, value, message=attack) for name, key, value in MINED]
    run = write_run(tmp_path / "run", ones, [dropped("ff", attack, attack)])
    rows = [gold_row("aa", "none", False, 1, []) | {"note": attack, "kind": attack},
            gold_row("ff", "memory_efficiency", True, 1, []) | {"note": attack, "language": attack}]  # fmt: skip
    write(str(run), made(run, gold=write_gold(rows)), None)
    for page in ((run / "mining/report.html").read_text(), write_report(run).read_text()):
        assert "<script" not in page
        assert page.count("&lt;script&gt;") > 4


def test_a_report_on_an_earlier_mining_is_not_shown(run: Path, write_gold: WriteGold) -> None:
    write(str(run), made(run, gold=write_gold()), None)
    table = json.loads((run / "manifest.json").read_text())
    table["stages"]["mine"]["key"] = "another"
    (run / "manifest.json").write_text(json.dumps(table))
    page = write_report(run).read_text(encoding="utf-8")
    assert "of an earlier mining and is not shown" in page
    assert "hand-read commits" not in page


def test_a_change_whose_source_gave_the_criterion_is_certain(tmp_path: Path, write_gold: WriteGold) -> None:
    ones = [candidate("ee", "security_hardness", 0.9), candidate("aa", "runtime_efficiency", 0.9)]
    run = write_run(tmp_path / "run", [replace(ones[0], confidence=None), ones[1]], [])
    report = made(run, gold=write_gold(), at=(0.95,))
    assert [one["threshold"] for one in report["curve"]] == [1.0, 0.9]
    assert report["points"][1]["candidates"] == 1
