"""`themis report`: the files, the tables in them, and the command."""

import base64
import csv
import hashlib
import io
import json
import re

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli_report import report
from pipeline.evaluation.leaderboard import write
from pipeline.evaluation.leaderboard.boards import boards
from pipeline.evaluation.leaderboard.read import read_runs
from pipeline.evaluation.leaderboard.tables import to_csv, to_markdown
from pipeline.evaluation.leaderboard.write import write_report
from schemas.errors import ConfigError
from tests.pipeline.evaluation.leaderboard.scored import rows, save

app = typer.Typer()
app.command()(report)


def run(*words):
    return CliRunner().invoke(app, list(map(str, words)))


def test_everything_is_there_and_the_same_bytes_each_time(suite, tmp_path, files):
    write_report([suite], tmp_path / "one")
    write_report(sorted(suite.iterdir(), reverse=True), tmp_path / "two")
    found = files(tmp_path / "one")
    assert found == files(tmp_path / "two")
    each = {
        f"{p.name}/{file}"
        for p in suite.iterdir()
        for file in ("results.json", "intervals.json", "radar.svg", "heatmap.svg")
    }
    assert set(found) == each | {"leaderboard.html", "leaderboard.csv", "leaderboard.md", "scaling.svg"}
    told = json.loads(found["Beta-7b-rm/results.json"])
    assert list(told) == ["overall", "by_aspect", "by_language", "by_subset"]
    assert not found["Beta-7b-rm/results.json"].endswith(b"\n")


def test_a_broken_run_leaves_nothing(suite, tmp_path):
    save(suite / "broken", [row | {"id": "same"} for row in rows(3)])
    with pytest.raises(ConfigError, match="comes twice"):
        write_report([suite], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_report_over_its_own_input_keeps_it(suite, files):
    before = files(suite)
    write_report([suite], suite)
    after = files(suite)
    assert {name: after[name] for name in before} == before
    write_report([suite], suite)
    assert files(suite) == after


def test_files_appear_whole_and_the_page_last(suite, tmp_path, monkeypatch):
    order, whole = [], write.write_whole
    monkeypatch.setattr(write, "write_whole", lambda path, data: (order.append(path.name), whole(path, data)))
    write_report([suite], tmp_path / "out")
    assert order[-1] == "leaderboard.html"
    assert len(order) == 7 * 4 + 4


def test_out_is_a_file(suite, tmp_path):
    (tmp_path / "out").write_text("mine")
    with pytest.raises(ConfigError, match="can't hold"):
        write_report([suite], tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"


def test_csv_holds_every_number_of_the_results(suite):
    made = boards(read_runs([suite]))
    table = list(csv.DictReader(io.StringIO(to_csv(made))))
    entries = {line.entry.name: line.entry for line in made[0].lines}
    assert [row["rank"] for row in table] == sorted((row["rank"] for row in table), key=int)
    assert len(table) == 7
    for row in table:
        found = entries[row["model"]].results
        assert float(row["accuracy"]) == found["overall"]["accuracy"]
        assert row["interval_over"] == "pair, no clusters known"
        assert float(row["accuracy_low"]) < float(row["accuracy"]) < float(row["accuracy_high"])
        for group in ("by_aspect", "by_language"):
            for label, one in found[group].items():
                assert float(row[label]) == one["accuracy"]
    by_name = {row["model"]: row for row in table}
    assert (by_name["plain"]["parameters"], by_name["Alpha-0.6B"]["parameters"]) == ("", "600000000")


def test_markdown_has_a_row_a_model_in_each_table_and_escapes_names(tmp_path):
    save(tmp_path / "m" / "a|b_c*", rows(30))
    save(tmp_path / "m" / "short", rows(28))
    text = to_markdown(boards(read_runs([tmp_path / "m"])))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len(lines) == 3 * 4
    assert sum(line.count(r"a\|b\_c\* †") for line in lines) == 3
    widths = {len(re.findall(r"(?<!\\)\|", line)) for line in lines}
    assert widths == {10, 6, 5}
    assert "93.33% (2 missing)" in text
    assert "† no clusters known" in text


def test_the_page_is_closed_to_all_scripts_but_its_own(suite, tmp_path):
    save(suite / "<img src=x onerror=alert(1)>-3B", rows(30))
    write_report([suite], tmp_path / "out")
    page = (tmp_path / "out" / "leaderboard.html").read_text()
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page
    assert "<img" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "&lt;img src=x onerror=alert(1)&gt;-3B" in page


def test_the_page_shows_every_model_with_its_numbers(suite, tmp_path):
    (board,) = write_report([suite], tmp_path / "out")
    page = (tmp_path / "out" / "leaderboard.html").read_text()
    for line in board.lines:
        micro = line.entry.micro
        cell = f"{100 * micro.value:.1f} <small>[{100 * micro.low:.1f}, {100 * micro.high:.1f}]</small>"
        assert f'data-value="{micro.value:.6f}">{cell}' in page
        assert page.count(f"<figcaption>{line.entry.name}</figcaption>") == 1
    targets = set(re.findall(r'href="#(\w+)"', page))
    assert targets <= set(re.findall(r'id="(\w+)"', page))
    assert page.count('<svg class="figure') == 1 + 2 * 7


def test_two_benchmarks_have_two_tables_and_a_warning(suite, tmp_path):
    save(tmp_path / "ours", rows(40, prefix="ours"))
    write_report([suite, tmp_path / "ours"], tmp_path / "out")
    page = (tmp_path / "out" / "leaderboard.html").read_text()
    assert "Benchmark 2: 40 pairs" in page
    assert "Fewer than two different sizes are known." in page
    assert "compare models across them" in page
    assert "## Benchmark 2: 40 pairs, 1 model" in (tmp_path / "out" / "leaderboard.md").read_text()


def test_simple_rules_stand_beside_the_model(suite, tmp_path):
    rules = {"bag": {"overall": {"strict": {"micro": {"estimate": 0.7731}}}}, "length": {"fitted_on_training": 3}}
    (suite / "plain" / "baselines.json").write_text(json.dumps(rules))
    write_report([suite], tmp_path / "out")
    page = (tmp_path / "out" / "leaderboard.html").read_text()
    assert re.search(r"on the same pairs as plain \(\d\d\.\d%\): token bag 77\.3%\.", page)
    assert page.count("Simple rules") == 1
    assert "pairs as plain: token bag 77.3%." in (tmp_path / "out" / "leaderboard.md").read_text()


def test_command(suite, tmp_path):
    said = run(suite, "--out", tmp_path / "out")
    assert said.exit_code == 0, said.output
    assert "benchmark 1: 7 models on 120 pairs, best plain at" in said.output
    assert f"wrote {tmp_path / 'out' / 'leaderboard.html'}" in said.output


def test_command_for_scripts(suite, tmp_path):
    said = run(suite / "Alpha-8B", suite / "plain", "--out", tmp_path / "out", "--json")
    found = json.loads(said.stdout)
    (benchmark,) = found["benchmarks"]
    assert found["page"] == str(tmp_path / "out" / "leaderboard.html")
    assert [one["model"] for one in benchmark["models"]] == ["plain", "Alpha-8B"]
    published = json.loads((tmp_path / "out" / "plain" / "results.json").read_text())
    assert benchmark["models"][0]["accuracy"] == published["overall"]["accuracy"]
    assert benchmark["models"][0]["clusters"] is None


def test_command_needs_folders_and_out(suite, tmp_path):
    assert run(suite).exit_code == 2
    assert run("--out", tmp_path / "out").exit_code == 2
    assert isinstance(run(tmp_path / "none", "--out", tmp_path / "out").exception, ConfigError)
