"""The same configuration over the same input gives the same bytes, whatever runs it and however often it dies."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

Themis = Callable[..., tuple[int, str, str]]


def data_of(run: Path) -> dict[str, bytes]:
    """Every file of the data set and the benchmark, and what certifies their split."""
    paths = [run / "split.json", *sorted((run / "dataset").rglob("*")), *sorted((run / "benchmark").rglob("*"))]
    return {path.relative_to(run).as_posix(): path.read_bytes() for path in paths if path.is_file()}


def assert_same(run: Path, finished: Path) -> None:
    made, wanted = data_of(run), data_of(finished)
    assert list(made) == list(wanted)
    assert [name for name in wanted if made[name] != wanted[name]] == []


def kill_during(stage: str, config: Path, run: Path) -> None:
    """Start a run, wait until `stage` began, and kill it with all that it started."""
    log = run / "run.log"
    begun = log.read_text().count(f"{stage}: begins") if log.exists() else 0
    command = [sys.executable, "-m", "pipeline.cli", "run", str(config), "--out", str(run)]
    process = subprocess.Popen(command, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 120
        while not log.exists() or log.read_text().count(f"{stage}: begins") == begun:
            assert process.poll() is None, f"the run ended before {stage}"
            assert time.monotonic() < deadline, f"{stage} never began"
            time.sleep(0.02)
        time.sleep(0.3)  # into the stage
        assert process.poll() is None, f"the run ended before it could be killed in {stage}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def done_stages(run: Path) -> list[str]:
    return sorted(json.loads((run / "manifest.json").read_text())["stages"])


def test_another_folder_gives_the_same_bytes(finished: Path, corpus: Path, tmp_path: Path, themis: Themis) -> None:
    # Other numbers of files between the stages too: how work is cut up is in no byte.
    more = ("--set", "execution.table_shards=5")
    assert themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", *more)[0] == 0
    assert_same(tmp_path / "run", finished)


def test_two_workers_give_the_same_bytes_and_say_nothing(
    finished: Path, corpus: Path, tmp_path: Path, themis: Themis, capfd: pytest.CaptureFixture[str]
) -> None:
    options = "[--direct_running_mode=multi_processing, --direct_num_workers=2]"
    more = ("--set", f"execution.beam_options={options}")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", *more)
    assert code == 0, err
    assert "INFO" not in err + capfd.readouterr().err
    assert_same(tmp_path / "run", finished)


def test_portable_runner_gives_the_same_bytes(finished: Path, corpus: Path, tmp_path: Path, themis: Themis) -> None:
    more = ("--runner", "PortableRunner", "--", "--job_endpoint=embed", "--environment_type=LOOPBACK")
    code, _, err = themis("run", corpus / "themis.yaml", "--out", tmp_path / "run", *more)
    assert code == 0, err
    assert_same(tmp_path / "run", finished)


def test_a_run_killed_in_three_stages_ends_with_the_same_bytes(
    finished: Path, corpus: Path, tmp_path: Path, themis: Themis
) -> None:
    config, run = corpus / "themis.yaml", tmp_path / "run"
    kill_during("mine", config, run)
    assert done_stages(run) == []
    assert themis("verify", run)[0] == 0  # nothing is promised yet, so nothing is broken
    kill_during("curate", config, run)
    assert done_stages(run) == ["mine", "synthesize"]
    kill_during("assemble", config, run)
    assert done_stages(run) == ["curate", "mine", "synthesize"]
    # What an unfinished stage left does not count, whatever it is.
    (run / "split.json").write_bytes(b"half a file")
    for name in ("train-00000-of-00002.parquet", "train-00007-of-00009.parquet", ".writing-half"):
        path = run / "dataset" / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"half a file")
    code, out, err = themis("run", config, "--out", run)
    assert code == 0, err
    assert [line.split()[0] for line in out.splitlines() if line.endswith(" unchanged")] == [
        "mine",
        "synthesize",
        "curate",
    ]
    assert_same(run, finished)
    assert themis("verify", run) == (0, f"{run}: holds (hashes, row sums, schemas, order, split)\n", "")


@pytest.mark.parametrize("folder", ["dataset", "benchmark"])
def test_rows_are_ordered_by_id_and_placed_by_it(folder: str, finished: Path) -> None:
    import pyarrow.parquet as pq

    from pipeline.beam import shard_of

    key = "idx" if folder == "dataset" else "id"
    for number, path in enumerate(sorted((finished / folder / "data").iterdir())):
        ids = pq.read_table(path).column(key).to_pylist()
        assert ids == sorted(set(ids))
        shards = 2 if folder == "dataset" else 1
        assert {shard_of(one, shards) for one in ids} <= {number}
