"""`themis serve-model` and `themis ledger`, with a harmless server in place of vLLM."""

import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

from pipeline import cli_models
from pipeline.cli_models import ledger_app, serve_model
from pipeline.manifest import Manifest
from schemas import contract
from schemas.errors import ConfigError, RunFolderError
from schemas.provenance import Step
from synthesis.calls import Answer, Request, Sampling
from synthesis.ledger import Ledger
from synthesis.serving import models

ROOT = Path(__file__).resolve().parents[2]

SERVER = """
import json, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        data = json.dumps({"data": [{"id": words["--served-model-name"]}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
print("args", json.dumps(sys.argv), flush=True)
HTTPServer(("127.0.0.1", int(words["--port"])), Handler).serve_forever()
"""

app = typer.Typer()
app.command("serve-model", context_settings={"allow_extra_args": True})(serve_model)
app.add_typer(ledger_app, name="ledger")


def run(*words: str) -> Any:
    return CliRunner().invoke(app, list(words), catch_exceptions=True)


def request(number: int) -> Request:
    return Request("judge", f"pair-{number}", "m", (("user", f"number {number}"),), Sampling(0.8, 0.95, 64, number))


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "calls.sqlite"
    with Ledger(path) as made:
        for number in (3, 1, 2):
            made.put(request(number), Answer("A", "stop", 1000, 2, 0.5, "m", "1.2.3", 1_700_000_000))
    yield path


def write_run(root: Path, *keys: str) -> str:
    """A run's folder whose pairs refer to calls: one in `pairs`, the rest in the data set's provenance."""
    Manifest("r", 1, "identity", "0").save(str(root))
    tables = {"pairs": (contract.PAIRS, keys[:1]), "dataset/provenance": (contract.PROVENANCE, keys[1:])}
    for folder, (schema, named) in tables.items():
        step = Step("rejected", "model/bug", "1", (("calls", " ".join(named)), ("model", "m")))
        row = dict.fromkeys(schema.names) | {"steps": contract.steps_row((step,))}
        (root / folder).mkdir(parents=True)
        pq.write_table(pa.Table.from_pylist([row], schema), root / folder / "part.parquet")
    return str(root)


def test_stats(ledger: Path) -> None:
    done = run("ledger", "stats", str(ledger))
    assert done.exit_code == 0
    assert done.stdout.splitlines()[1].split() == ["judge", "m", "3", "3,000", "6", "2"]
    (row,) = json.loads(run("ledger", "stats", str(ledger), "--json").stdout)
    assert row == {
        "task": "judge", "model": "m", "calls": 3, "prompt_tokens": 3000, "completion_tokens": 6, "seconds": 1.5
    }  # fmt: skip


def test_a_runs_folder_stands_for_its_ledger(ledger: Path, tmp_path: Path) -> None:
    (tmp_path / "run" / "ledger").mkdir(parents=True)
    ledger.rename(tmp_path / "run" / "ledger" / "calls.sqlite")
    assert json.loads(run("ledger", "stats", str(tmp_path / "run"), "--json").stdout)[0]["calls"] == 3


@pytest.mark.parametrize("words", [("stats",), ("export", "--out", "x.parquet"), ("gc", "run")])
def test_no_ledger_there(words: tuple[str, ...], tmp_path: Path) -> None:
    write_run(tmp_path / "run", "0" * 64)
    command, *rest = (str(tmp_path / "run") if word == "run" else word for word in words)
    done = run("ledger", command, str(tmp_path / "absent"), *rest)
    assert isinstance(done.exception, ConfigError)
    assert "no ledger there" in str(done.exception)
    assert not (tmp_path / "absent").exists()


def test_export_is_by_key_and_the_same_bytes_whatever_the_order(ledger: Path, tmp_path: Path) -> None:
    out = tmp_path / "out" / "calls.parquet"
    done = run("ledger", "export", str(ledger), "--out", str(out))
    assert "3 calls" in done.stdout
    table = pq.read_table(out)
    assert table.schema == contract.LEDGER
    assert table.column("key").to_pylist() == sorted(request(number).key for number in (1, 2, 3))
    assert [path.name for path in out.parent.iterdir()] == ["calls.parquet"]
    with Ledger(tmp_path / "other.sqlite") as other:
        other.load(table.to_pylist())
    told = run("ledger", "export", str(tmp_path / "other.sqlite"), "--out", str(tmp_path / "b.parquet"), "--json")
    assert json.loads(told.stdout)["rows"] == 3
    assert (tmp_path / "b.parquet").read_bytes() == out.read_bytes()


def test_a_failed_export_leaves_the_earlier_one(ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out" / "calls.parquet"
    run("ledger", "export", str(ledger), "--out", str(out))
    before = out.read_bytes()
    monkeypatch.setattr(Ledger, "rows", lambda self, **_: iter([{"key": 7}]))
    assert run("ledger", "export", str(ledger), "--out", str(out)).exit_code != 0
    assert out.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["calls.parquet"]


def test_gc_keeps_what_the_runs_pairs_refer_to(ledger: Path, tmp_path: Path) -> None:
    first = write_run(tmp_path / "first", request(3).key, "0" * 64)
    second = write_run(tmp_path / "second", "1" * 64, request(2).key)
    words = ("ledger", "gc", str(ledger), first, second, "--json")
    told = json.loads(run(*words, "--dry-run").stdout)
    assert told == {"ledger": str(ledger), "calls": 3, "dropped": 1, "kept": 2, "dry_run": True}
    with Ledger(ledger) as still:
        assert len(still) == 3
    assert json.loads(run(*words).stdout)["dropped"] == 1
    with Ledger(ledger) as left:
        assert [row["record"] for row in left.rows()] == ["pair-3", "pair-2"]


def test_gc_of_no_run(ledger: Path, tmp_path: Path) -> None:
    done = run("ledger", "gc", str(ledger), str(tmp_path))
    assert isinstance(done.exception, RunFolderError)
    with Ledger(ledger) as still:
        assert len(still) == 3


@pytest.fixture
def python(tmp_path: Path) -> str:
    """An interpreter whose `vllm` is a harmless server."""
    package = tmp_path / "site" / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    (package / "api_server.py").write_text(SERVER)
    for folder in (package, package.parent, package.parent.parent):
        (folder / "__init__.py").write_text("")
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path / "site"} exec {sys.executable} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_a_detached_server_is_ready_and_says_how_to_stop_it(python: str, tmp_path: Path) -> None:
    words = ("serve-model", "hub/tiny-2", "--python", python, "--port", "0", "--detach", "--cache", str(tmp_path))
    done = run(*words, "--", "--dtype", "half")
    lines = done.stdout.splitlines()
    pid = int(lines[-1].rpartition("-")[2])
    try:
        assert lines[0].startswith("tiny-2 answers at http://127.0.0.1:")
        assert lines[1:3] == ["  models:", "    - name: tiny-2"]
        assert lines[3].strip() == f"url: {lines[0].split()[3].removesuffix('.')}"
        log = (tmp_path / "serving" / "tiny-2.log").read_text()
        assert '"--dtype", "half"' in log
        assert '"--model", "hub/tiny-2"' in log
    finally:
        os.killpg(pid, signal.SIGKILL)


def test_in_the_foreground_it_runs_until_ctrl_c(python: str, tmp_path: Path) -> None:
    script = "import typer; from pipeline.cli_models import serve_model; typer.run(serve_model)"
    words = [sys.executable, "-c", script, "m", "--python", python, "--port", "0", "--cache", str(tmp_path)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[3].removesuffix(".")
        time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0
    assert "Ctrl-C stops it" in said
    assert said.splitlines()[-1] == "m: stopped"
    assert models(url) == []


def test_the_packaged_model_is_made_first(python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[Path, str]] = []

    def make(cache: Path, with_python: str) -> Path:
        made.append((cache, with_python))
        return tmp_path / "site"

    monkeypatch.setattr("synthesis.packaged_model.packaged_model", make)
    words = ("serve-model", "smollm2-135m", "--python", python, "--port", "0", "--detach", "--cache", str(tmp_path))
    done = run(*words)
    os.killpg(int(done.stdout.splitlines()[-1].rpartition("-")[2]), signal.SIGKILL)
    assert made == [(tmp_path, python)]
    assert f'"--model", "{tmp_path / "site"}"' in (tmp_path / "serving" / "smollm2-135m.log").read_text()


def test_a_foreground_server_that_dies_is_told(python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    announce = cli_models._announce

    def announce_and_kill(found: Any) -> None:
        announce(found)
        os.kill(found.pid, signal.SIGTERM)

    monkeypatch.setattr(cli_models, "_announce", announce_and_kill)
    done = run("serve-model", "m", "--python", python, "--port", "0", "--cache", str(tmp_path))
    assert "'m' ended. It said:" in str(done.exception)
