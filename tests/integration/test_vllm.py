"""The whole way with a real server: vLLM's CPU build and the packaged model, killed half-way, gone on with.

Deselected by default; `make test-vllm` installs what it needs and runs it. The model is fluent, not clever: most of
what it says is of no use, and that has to be accounted for.
"""

import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml

from synthesis.ledger import Ledger
from synthesis.packaged_model import NAME, packaged_model
from synthesis.serving import ServeOptions, free_port, interpreter, serving
from tests.pipeline.conftest import build_corpus, call, commit_history

pytestmark = pytest.mark.vllm
KILLED_AFTER = 12
"""Answers in the ledger when the server is killed."""


def options(model: Path, port: int) -> ServeOptions:
    return ServeOptions(model=str(model), name=NAME, port=port, max_model_len=8192)


def configuration(root: Path, url: str) -> Path:
    """A dozen changes and functions; everything is asked once or twice, and hardly anything is expected of it."""
    table = build_corpus(root)
    for name in ("rain", "snow"):
        commit_history(root / name)
    histories = [str(root / name) for name in ("forecast", "rain", "snow")]
    table["sources"] = [
        next(one for one in table["sources"] if one["name"] == "orchard"),
        {"kind": "git", "name": "weather", "records": "changes", "repositories": histories, "license": "MIT"},
    ]
    table["mine"] = {"max_per_repository": 4, "changes": {"classifier": {"kind": "embedded", "threshold": 0.0}}}
    table["synthesize"] = {
        "backend": {
            "kind": "endpoint",
            "models": [{"name": NAME, "url": url, "timeout_s": 120, "deadline_s": 300, "patience_s": 5.0}],
            "rate": {"models": [NAME], "min_median": 1.0, "min_each": 1, "control_share": 0.0},
            "prompt": {"model": NAME},
            "worse": {"model": NAME, "criteria": ["functional_correctness"]},
            "judge": {"models": [NAME], "votes": 2, "min_share": 0.51, "mutants": False, "canary_share": 0.0},
            "mutation": {"criteria": ["functional_correctness"]},
        }
    }
    table["execution"]["max_dead_share"] = 1.0
    path = root / "themis.yaml"
    path.write_text(yaml.safe_dump(table))
    return path


def kill_when(ledger: Path, calls: int, group: int) -> threading.Thread:
    """Kill a server's process group as soon as the ledger holds so many answers."""

    def watch() -> None:
        while not ledger.exists() or len(Ledger(ledger)) < calls:
            time.sleep(0.05)
        os.killpg(group, signal.SIGKILL)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return thread


def rows(run: Path, folder: str) -> list[dict[str, Any]]:
    return [row for path in sorted((run / folder).glob("*.parquet")) for row in pq.read_table(path).to_pylist()]


def stored(ledger: Path) -> list[dict[str, Any]]:
    with Ledger(ledger) as opened:
        return list(opened.rows())


def test_a_real_server_is_killed_half_way_and_the_run_goes_on(tmp_path: Path) -> None:
    python = interpreter(None).path
    assert (
        "vllm"
        in subprocess.run([python, "-c", "import vllm; print(vllm.__name__)"], capture_output=True, text=True).stdout
    )
    model = packaged_model(tmp_path / "cache", python)
    port = free_port(0)
    config = configuration(tmp_path, f"http://127.0.0.1:{port}/v1")
    out = tmp_path / "run"
    ledger = out / "ledger" / "calls.sqlite"
    arguments = ("run", config, "--out", out, "--until", "synthesize")

    with serving(options(model, port)) as server:
        killer = kill_when(ledger, KILLED_AFTER, server.pid)
        code, _, err = call(*arguments)
        killer.join(10)
    assert code == 1, err
    assert "127.0.0.1" in " ".join(err.split())
    before = stored(ledger)
    assert len(before) >= KILLED_AFTER

    with serving(options(model, port)):
        code, told, err = call(*arguments)
    assert code == 0, told + err
    after = stored(ledger)
    assert after[: len(before)] == before
    assert len({row["key"] for row in after}) == len(after)

    counts = json.loads((out / "manifest.json").read_text())["stages"]["synthesize"]["counts"]
    mined = rows(out, "mined")
    assert Counter(row["kind"] for row in mined)["change"] >= 8
    assert len(mined) >= 12
    assert counts["in"] == len(mined) == counts["expanded"] + counts["dropped_in"] + counts["dead_in"]
    assert counts["children"] == counts["kept"] + counts["dropped"] + counts["dead"]
    assert counts["kept"] > 0
    assert {"rate", "instruct", "bug"} <= {row["task"] for row in after}
    sealed = rows(out, "ledger")
    assert {row["key"] for row in sealed} <= {row["key"] for row in after}

    (out / "manifest.json").unlink()  # nothing is done as far as the run knows; no server is there any more
    code, told, err = call(*arguments)
    assert code == 0, told + err
    assert stored(ledger) == after
    assert rows(out, "ledger") == sealed
