"""The page about a run: what it says, what it must not do, and how it is written."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.report import write_report
from schemas import contract
from schemas.errors import RunFolderError

ATTACK = "</pre><script>alert(1)</script>"


class Page(HTMLParser):
    """Tags, their attributes and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += f"{data} "


def test_page_says_what_was_made_and_how_good_it_is(run: Path) -> None:
    out = write_report(run)
    assert out == run / "report.html"
    page = Page(out.read_text(encoding="utf-8"))
    flat = " ".join(page.text.split())
    assert "700 training pairs from 12 repositories, over 5 criteria and 8 languages" in flat
    assert "160 held out as a benchmark from 12 other repositories" in flat
    assert "the model nano prefers the better side in 73.1% of n = 160 (95% interval 67.1 to 79.1%)" in flat
    assert "62.0% for a length rule and 69.4% for a bag of changed tokens. 8 of 8 checks hold" in flat
    assert "the length rule (62.0%) lies below the model's interval." in flat
    assert "the token bag (69.4%) lies within the model's interval: this benchmark alone does not show" in flat
    assert "near_duplicate 310 100.0% (n = 310)" in flat
    assert re.search(r"off_by_one \d+ \(9\) [\d.]+% \[[\d., ]+\] [\d.]+% [\d.]+% 51.2%", flat)
    assert [name for name in ("Token bag 50.5%", "240 steps", "dataset/stats.json") if name not in flat] == []
    assert sum(tag == "article" for tag, _ in page.tags) == 10
    assert sum(tag == "polyline" for tag, _ in page.tags) == 4


def test_page_holds_no_script_and_loads_nothing(hostile: Path) -> None:
    text = write_report(hostile).read_text(encoding="utf-8")
    page = Page(text)
    assert ATTACK not in text
    assert "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;" in text
    for where in ("prompt", "lineage", "diff"):
        block = text[text.index(f'class="{where}"') :]
        assert "&lt;script&gt;" in block[: block.index("</article>")], where
    tags = {tag for tag, _ in page.tags}
    assert tags.isdisjoint({"script", "img", "iframe", "link", "object", "base", "form"})
    for tag, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name == "src"], tag
        assert attributes.get("href", "#").startswith("#")


def test_page_is_whole_the_same_each_time_and_alone(run: Path) -> None:
    first = write_report(run).read_bytes()
    before = sorted(path.name for path in run.iterdir())
    assert write_report(run).read_bytes() == first
    assert sorted(path.name for path in run.iterdir()) == before
    assert (run / "report.html").stat().st_mode & 0o777 == 0o644


def test_a_failed_report_leaves_the_old_page(run: Path) -> None:
    first = write_report(run).read_bytes()
    (run / "models/nano/training_log.csv").write_text("step,loss\n0,oops\n")
    with pytest.raises(RunFolderError, match=r"training_log\.csv: every value must be a number"):
        write_report(run)
    assert (run / "report.html").read_bytes() == first
    assert not list(run.glob(".writing-*"))


def test_missing_parts_are_said_to_be_missing(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"name": "bare", "stages": {}, "warnings": ["no pypi <b>"]}))
    text = write_report(tmp_path).read_text(encoding="utf-8")
    for words in ("No data set yet", "No model was trained", "No model was evaluated", "No training pairs",
                  "stats.json is not there", "names no files", "no pypi &lt;b&gt;"):  # fmt: skip
        assert words in text
    assert text.count("<b>not measured</b>") == 8


def test_a_folder_without_a_run_and_broken_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"no manifest\.json here"):
        write_report(tmp_path)
    for broken, words in (("{", "not JSON"), ("[1]", "JSON object is expected, not list")):
        (tmp_path / "manifest.json").write_text(broken)
        with pytest.raises(RunFolderError, match=words):
            write_report(tmp_path)
    assert not (tmp_path / "report.html").exists()


def test_released_results_alone_are_shown_without_intervals(run: Path) -> None:
    for name in ("intervals.json", "baselines.json"):
        (run / "evaluation/nano" / name).unlink()
    results = {
        "overall": {"accuracy": 0.7937, "total_examples": 8866},
        "by_aspect": {"Memory_Efficiency": {"accuracy": 0.8824, "count": 289}},
        "by_language": {"Cpp": {"accuracy": 0.7818, "count": 1471}},
    }
    (run / "evaluation/nano/results.json").write_text(json.dumps(results))
    flat = " ".join(Page(write_report(run).read_text(encoding="utf-8")).text.split())
    assert "prefers the better side in 79.4% of n = 8,866." in flat
    assert "Memory Efficiency 88.2% – – 289" in flat
    assert "Not measured: intervals (only results.json is there), the length rule, the token bag" in flat


def test_checks_find_what_does_not_hold(run: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    manifest["stages"]["curate"]["counts"]["kept"] -= 1
    manifest["stages"]["synthesize"]["counts"] |= {"dead_in": 40, "expanded": 760}
    (run / "manifest.json").write_text(json.dumps(manifest))
    stats = json.loads((run / "dataset/stats.json").read_text())
    stats["pairs"]["train"] += 1
    stats["dropped"]["mine"]["too_short"] -= 1
    stats["cells"] = [c for c in stats["cells"] if c["split"] != "balanced" or c["length"] == "longer"]
    (run / "dataset/stats.json").write_text(json.dumps(stats))
    path = next((run / "dataset/provenance").glob("*.parquet"))
    rows = pq.read_table(path).to_pylist()
    held = pq.read_table(next((run / "benchmark/provenance").glob("*.parquet"))).to_pylist()
    rows = [{**row, "repo": held[0]["repo"], "license": None, "chosen_sha256": "0"} for row in rows]
    pq.write_table(pa.Table.from_pylist(rows, schema=contract.PROVENANCE), path)
    text = write_report(run).read_text(encoding="utf-8")
    assert text.count("<b>does not hold</b>") == 8
    assert "8 of 8 checks do not hold" in text


def test_report_does_not_import_beam() -> None:
    code = "import sys, pipeline.report; sys.exit('apache_beam' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
