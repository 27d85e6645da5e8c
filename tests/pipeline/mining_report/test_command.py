"""`themis mine-report`: one screen, JSON, and clear errors."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from mined_run import candidate, dropped, gold_row, write_run

from pipeline import cli

WriteGold = Callable[..., Path]


def themis(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *arguments: object
) -> tuple[int, str, str]:
    monkeypatch.setattr(cli.OUT, "width", 120)
    monkeypatch.setattr(sys, "argv", ["themis", *map(str, arguments)])
    code = cli.cli()
    said = capsys.readouterr()
    return code, said.out, said.err


def test_one_screen(
    run: Path, write_gold: WriteGold, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = themis(monkeypatch, capsys, "mine-report", run, "--gold", write_gold(), "--at", "0.4")
    assert (code, err) == (0, "")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert len(lines) < 30
    assert lines[0] == "7 of 8 hand-read commits are in the run, 5 of them usable (gold.jsonl)"
    assert lines[1].startswith("1 are not (1 usable) and don't count below; with them, recall is 0.33.")
    assert any(line.startswith("as mined 0.57 ") and line.endswith(" 0.60 4") for line in lines)
    assert any(line.startswith("at 0.4 0.73 ") and " 3/5 few 0.60 " in line for line in lines)
    assert any(line.startswith("Functional 2 0.50 (1/2, few) 1.00 (1/1, few) 1.00") for line in lines)
    assert "low_confidence 1 1 1 0.20" in lines
    assert lines[-1] == f"wrote {run}/mining/report.json and {run}/mining/report.html"


def test_json_is_what_is_written(
    run: Path, write_gold: WriteGold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    given = ("mine-report", run, "--gold", write_gold(), "--out", tmp_path / "out", "--json")
    code, out, err = themis(monkeypatch, capsys, *given)
    assert (code, err) == (0, "")
    assert json.loads(out) == json.loads((tmp_path / "out" / "report.json").read_text())


def test_without_gold_and_without_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = themis(monkeypatch, capsys, "mine-report", write_run(tmp_path / "run", [], []))
    assert (code, err) == (0, "")
    assert "no changes were mined" in out


def test_errors(
    run: Path, write_gold: WriteGold, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bad = write_gold(["{"])
    code, out, err = themis(monkeypatch, capsys, "mine-report", run, "--gold", bad)
    assert (code, out) == (2, "")
    assert f"error: {bad}: line 1: not JSON" in err
    code, _, err = themis(monkeypatch, capsys, "mine-report", tmp_path / "nowhere")
    assert code == 2
    assert "no manifest.json here" in err
    code, _, err = themis(monkeypatch, capsys, "mine-report", run, "--at", "much")
    assert code == 2
    assert "Usage: " in err
    assert not (run / "mining").exists()


def test_the_pages_do_not_need_beam() -> None:
    code = "import sys, pipeline.report.mining; sys.exit('apache_beam' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, env=dict(os.environ)).returncode == 0


def test_baselines_and_a_long_funnel_stay_on_one_screen(
    tmp_path: Path, write_gold: WriteGold, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = [dropped("ff", f"reason_{number:02}", "") for number in range(20)]
    run = write_run(tmp_path / "run", [candidate("aa", "runtime_efficiency", 0.9)], gone)
    gold = write_gold([gold_row("aa", "runtime_efficiency", True, 1, [])])
    (tmp_path / "terms").mkdir()
    (tmp_path / "terms" / "sec.list").write_text("subject\n")
    (tmp_path / "mirrors").mkdir()
    (run / "config.yaml").write_text("name: x\nsources: [{kind: files, name: other, paths: [x]}]\n")
    code, out, err = themis(monkeypatch, capsys, "mine-report", run, "--gold", gold, "--terms", tmp_path / "terms")
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert (code, err) == (0, "gold: 1 of 1 commits read\n")
    assert "and 14 more reasons, 14 records" in lines
    assert any(line.startswith("term lists, every match – – 0/0 few – –") for line in lines)
    baseline = json.loads((run / "mining" / "report.json").read_text())["baselines"]["terms"]
    assert (baseline["commits"], baseline["unread"]) == (0, 1)
    assert baseline["unread_examples"][0]["why"] == "the configuration has no such source any more"
    assert "1 commits could not be read again for the baseline terms" in (run / "mining" / "report.html").read_text()
