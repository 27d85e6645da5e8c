import io
import json
import logging
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from rich.console import Console

from pipeline import learn, progress, storage

Themis = Callable[..., tuple[int, str, str]]
STAGES = ("mine", "synthesize", "curate", "assemble", "report")


def flat(text: str) -> str:
    return " ".join(text.split())


def manifest(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "manifest.json").read_text())
    return found


def test_finished_run_has_the_promised_folders(finished: Path) -> None:
    made = manifest(finished)
    assert tuple(sorted(made["stages"])) == tuple(sorted(STAGES))
    for name in ("dataset/README.md", "dataset/stats.json", "benchmark/README.md", "report.html", "config.yaml"):
        assert (finished / name).stat().st_size > 0, name
    stats = json.loads((finished / "dataset/stats.json").read_text())
    assert stats["pairs"]["train"] > 50
    assert stats["pairs"]["benchmark"] > 5
    assert 0 < stats["pairs"]["balanced"] < stats["pairs"]["train"]
    assert {cell["operator"].split("/")[0] for cell in stats["cells"]} >= {"mutation", "commit"}
    assert stats["dropped"]["mine"]["not_in_place"] == 1


def test_config_of_the_folder_loads_and_is_the_same_run(finished: Path, themis: Themis) -> None:
    code, out, err = themis("run", finished / "config.yaml", "--out", finished, "--dry-run")
    assert code == 0, err
    assert [line.split() for line in out.splitlines()[-5:]] == [[stage, "unchanged"] for stage in STAGES]


def test_again_is_unchanged(own_run: Path, corpus: Path, themis: Themis) -> None:
    before = {path: path.stat().st_mtime_ns for path in (own_run / "dataset").rglob("*.parquet")}
    code, out, err = themis("run", corpus / "themis.yaml", "--out", own_run)
    assert code == 0, err
    assert [line for line in out.splitlines() if line.endswith(" unchanged")] == [
        f"{stage:<11} unchanged" for stage in STAGES
    ]
    assert before == {path: path.stat().st_mtime_ns for path in (own_run / "dataset").rglob("*.parquet")}


def test_changed_section_rebuilds_from_there(own_run: Path, corpus: Path, themis: Themis) -> None:
    before = manifest(own_run)
    code, out, err = themis("run", corpus / "themis.yaml", "--out", own_run, "--set", "assemble.shards=3")
    assert code == 0, err
    after = manifest(own_run)
    assert [stage for stage in STAGES if before["stages"][stage] == after["stages"][stage]] == list(STAGES[:3])
    assert "curate      unchanged" in out
    shards = sorted(path.name for path in (own_run / "dataset" / "data").iterdir())
    assert shards == [f"train-{i:05d}-of-00003.parquet" for i in range(3)]
    assert themis("verify", own_run)[0] == 0


@pytest.mark.parametrize(
    ("assignment", "unchanged"),
    [
        ("mine.min_doc_words=9", 0),
        ("synthesize.backend={kind: mutation, leave_out: [guard_removed]}", 1),
        ("curate.max_operator_share=0.5", 2),
        ("assemble.benchmark_shards=2", 3),
        ("execution.max_dead_share=0.5", 5),
    ],
)
def test_what_each_section_rebuilds(
    assignment: str, unchanged: int, finished: Path, corpus: Path, themis: Themis
) -> None:
    code, out, err = themis("run", corpus / "themis.yaml", "--out", finished, "--dry-run", "--set", assignment)
    assert code == 0, err
    assert [line.split(maxsplit=1)[1] for line in out.splitlines()[-5:]] == ["unchanged"] * unchanged + [
        "would be done"
    ] * (5 - unchanged)


def test_lost_file_rebuilds_its_stage(own_run: Path, corpus: Path, themis: Themis) -> None:
    next((own_run / "curated").iterdir()).unlink()
    _, out, _ = themis("run", corpus / "themis.yaml", "--out", own_run, "--dry-run")
    assert [line.split(maxsplit=1)[1] for line in out.splitlines()[-5:]] == ["unchanged"] * 2 + ["would be done"] * 3


def test_changed_source_is_read_again(own_corpus: Path, tmp_path: Path, themis: Themis) -> None:
    config, run = own_corpus / "themis.yaml", tmp_path / "run"
    assert themis("run", config, "--out", run, "--until", "mine")[0] == 0
    kept = manifest(run)["stages"]["mine"]["counts"]["kept"]
    code = own_corpus / "code" / "orchard" / "orchard.py"
    code.write_text(code.read_text().partition("\n\n\n")[0])
    assert themis("run", config, "--out", run, "--until", "mine")[0] == 0
    assert manifest(run)["stages"]["mine"]["counts"]["kept"] < kept


def test_rebuilt_stage_leaves_no_old_files(own_run: Path, corpus: Path, themis: Themis) -> None:
    more = ("--set", "execution.table_shards=3", "--set", "mine.min_doc_words=6", "--until", "mine")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", own_run, *more)
    assert code == 0, err
    left = {path.name.split("-of-")[1] for folder in ("mined", "dropped") for path in (own_run / folder).glob("min*")}
    assert left == {"00003.parquet"}
    assert list(manifest(own_run)["stages"]) == ["mine"]


def test_run_in_a_folder_of_an_odd_name(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    run = tmp_path / "my runs [1]* {x}"
    for shards in (2, 3):
        more = ("--set", f"execution.table_shards={shards}", "--set", f"mine.min_doc_words={shards}", "--until", "mine")
        code, _, err = themis("run", corpus / "themis.yaml", "--out", run, *more)
        assert code == 0, err
    assert sorted(path.name for path in (run / "mined").iterdir()) == [
        f"mined-{i:05d}-of-00003.parquet" for i in range(3)
    ]
    assert themis("verify", run)[0] == 0


@pytest.mark.parametrize(
    "assignment", ["seed=7", "name=other", "sources=[{kind: files, name: orchard, paths: [CODE], license: MIT}]"]
)
def test_folder_of_another_run_is_refused(
    assignment: str, finished: Path, corpus: Path, themis: Themis, tmp_path: Path
) -> None:
    before = (finished / "manifest.json").read_bytes(), (finished / "config.yaml").read_bytes()
    given = assignment.replace("CODE", str(corpus / "code" / "orchard"))
    code, _, err = themis("run", corpus / "themis.yaml", "--out", finished, "--set", given)
    assert code == 2
    assert "another name, seed or set of sources. Choose another --out." in flat(err)
    assert before == ((finished / "manifest.json").read_bytes(), (finished / "config.yaml").read_bytes())


def test_foreign_folder_is_refused(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path)
    assert code == 2
    assert "not empty and not a run's folder ('thesis.tex'). Choose another --out." in flat(err)
    assert (tmp_path / "thesis.tex").read_text() == "years of work"
    assert not (tmp_path / "manifest.json").exists()


def test_broken_manifest_is_refused(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    (tmp_path / "manifest.json").write_text('{"stages": {}')
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path)
    assert code == 2
    assert "not a manifest of this version" in flat(err)


def test_what_a_run_killed_at_its_start_left_is_no_obstacle(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    for name in (".lock", "run.log", "config.yaml", ".writing-abc123"):
        (tmp_path / name).write_text("")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path, "--until", "mine")
    assert code == 0, err


def test_held_folder_is_refused(finished: Path, corpus: Path, themis: Themis) -> None:
    with storage.lock(str(finished)):
        code, _, err = themis("run", corpus / "themis.yaml", "--out", finished)
    assert code == 2
    assert "another run holds this folder. Wait for it to end, or choose another --out." in flat(err)
    assert themis("run", corpus / "themis.yaml", "--out", finished, "--dry-run")[0] == 0


def test_full_disk_is_told_before_anything_is_made(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    more = ("--set", "execution.min_free_gib=1000000")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", *more)
    assert code == 1
    assert "execution.min_free_gib asks for 1000000" in flat(err)
    assert not (tmp_path / "run" / "manifest.json").exists()


def test_log_has_every_stage(finished: Path) -> None:
    text = (finished / "run.log").read_text()
    assert [stage for stage in STAGES if f"{stage}: begins" in text] == list(STAGES)
    assert logging.getLogger("themis").propagate is False


def test_resolved_config_has_every_default(finished: Path) -> None:
    table = yaml.safe_load((finished / "config.yaml").read_text())
    assert table["curate"]["split"] == {"benchmark_share": 0.3, "min_repositories": 1, "benchmark_repositories": []}
    assert table["execution"]["runner"] == "FnApiRunner"


def test_datasets_loads_both_configurations(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import ClassLabel, load_dataset

    stats = json.loads((finished / "dataset/stats.json").read_text())
    for name, count in (("full", stats["pairs"]["train"]), ("balanced", stats["pairs"]["balanced"])):
        loaded = load_dataset(str(finished / "dataset"), name, split="train", cache_dir=str(tmp_path))
        assert loaded.num_rows == count
        assert loaded.column_names == ["system", "input", "chosen", "rejected", "language", "aspect", "source", "idx"]
        assert isinstance(loaded.features["aspect"], ClassLabel)
        assert loaded.features["aspect"].names[:2] == ["Readability and Maintainability", "Runtime Efficiency"]
        assert {loaded.features["language"].int2str(i) for i in loaded["language"]} == {
            "Python",
            "JavaScript",
            "Go",
            "C",
        }


def shown(terminal: bool, monkeypatch: pytest.MonkeyPatch, total: int | None) -> str:
    """What a stage that did 3 records and then 3 more shows."""
    out = io.StringIO()
    monkeypatch.setattr(progress, "_PLAIN_EVERY_S", 0.01)
    console = Console(file=out, force_terminal=terminal, width=120, soft_wrap=True)
    with progress.stage_progress(console, "mine", "files", total):
        for done in (3, 6):
            for _ in range(3):
                progress.tick("mine")
            wanted = f"{done} files" if terminal else f"mine: {done}"
            deadline = time.monotonic() + 20
            while wanted not in out.getvalue() and time.monotonic() < deadline:
                time.sleep(0.01)
    return out.getvalue()


def test_progress_is_plain_lines_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(False, monkeypatch, 9)
    assert "\x1b" not in text and "\r" not in text
    lines = [line for line in text.splitlines() if "of 9" in line]
    assert re.fullmatch(r"mine: 3 of 9 files, [\d,]+/s, about \d+ s to go", lines[0])
    assert re.fullmatch(r"mine: 6 of 9 files, [\d,]+/s, about \d+ s to go", lines[-1])
    assert "to go" not in shown(False, monkeypatch, None)


def test_progress_is_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    text = shown(True, monkeypatch, 9)
    assert "\x1b[" in text
    assert re.search(r"3 files, [\d,]+/s", text) and re.search(r"6 files, [\d,]+/s", text)


def test_progress_of_a_stage_that_knows_better(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(progress, "_PLAIN_EVERY_S", 0.01)
    with progress.stage_progress(Console(file=out, width=120), "train", "done", None):
        learn.told("train")({"step": 5, "steps": 20, "stage": "pretrain"})
        deadline = time.monotonic() + 20
        while "5 of 20 " not in out.getvalue() and time.monotonic() < deadline:
            time.sleep(0.01)
    assert re.match(r"train: 5 of 20 .*pretrain, [\d,]+/s, about \d+ s to go\n", out.getvalue())


def test_a_repository_to_hold_out_that_is_not_there(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    patterns = "curate.split.benchmark_repositories=[redis]"
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", "--set", patterns)
    assert code == 2
    assert err.startswith("error: curate.split.benchmark_repositories: 'redis' matches no repository that has pairs; ")
    assert "Traceback" not in err and "while running" not in err


def test_a_repository_to_hold_out(corpus: Path, tmp_path: Path, themis: Themis) -> None:
    patterns = "curate.split.benchmark_repositories=[orch*]"
    assert themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", "--set", patterns)[0] == 0
    held = json.loads((tmp_path / "run" / "split.json").read_text())["held_out"]
    assert held == [{"group": "orchard", "repositories": ["orchard"], "families": []}]
    assert themis("verify", tmp_path / "run")[0] == 0
