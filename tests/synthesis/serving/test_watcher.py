"""The watcher, in this process; `test_serving` has it in its own, with processes that are killed."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from synthesis import watcher
from synthesis.watcher import watch

SLEEPS = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """A pipe as standard input: a list of its writing end, to be emptied by who closes it."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    read, write = os.pipe()
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(fileno=lambda: read))
    monkeypatch.setattr(watcher, "POLL_S", 0.02)
    ends = [write]
    yield ends
    for end in (read, *ends):
        os.close(end)
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("code", "status"), [("", 0), ("raise SystemExit(3)", 3), ("import os; os.abort()", 134)])
def test_it_ends_with_the_commands_status(pipe: list[int], code: str, status: int) -> None:
    assert watch(os.getppid(), [sys.executable, "-c", code]) == status


def test_the_pipes_end_stops_the_command(pipe: list[int]) -> None:
    timer = threading.Timer(0.1, lambda: os.close(pipe.pop()))
    timer.start()
    assert watch(os.getppid(), SLEEPS) == 128 + signal.SIGTERM
    timer.join()


def test_words_in_the_pipe_do_not(pipe: list[int]) -> None:
    os.write(pipe[0], b"hello")
    assert watch(os.getppid(), [sys.executable, "-c", "import time; time.sleep(0.1); raise SystemExit(4)"]) == 4


def test_another_parent_stops_the_command(pipe: list[int]) -> None:
    assert watch(os.getpid(), SLEEPS) == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_the_command(pipe: list[int], number: int) -> None:
    timer = threading.Timer(0.1, lambda: os.kill(os.getpid(), number))
    timer.start()
    assert watch(os.getppid(), SLEEPS) == 128 + signal.SIGTERM
    timer.join()


def test_a_command_that_will_not_end_is_killed(pipe: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watcher, "GRACE_S", 0.1)
    timer = threading.Timer(0.4, lambda: os.close(pipe.pop()))
    timer.start()
    assert watch(os.getppid(), STUBBORN) == 128 + signal.SIGKILL
    timer.join()


def test_what_a_command_leaves_running_is_killed_with_the_watcher(tmp_path: Path) -> None:
    script = tmp_path / "leaves.py"
    script.write_text(
        "import subprocess, sys\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True)\n"
    )
    words = [sys.executable, "-I", str(watcher.__file__), str(os.getpid()), sys.executable, str(script)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        left = int(process.stdout.readline())
        assert process.wait(10) == -signal.SIGKILL
    until = time.monotonic() + 5
    while time.monotonic() < until and Path(f"/proc/{left}").exists():
        if Path(f"/proc/{left}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.02)
    else:
        assert not Path(f"/proc/{left}").exists()


def test_nothing_is_killed_by_one_that_leads_no_group(monkeypatch: pytest.MonkeyPatch) -> None:
    killed: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "killpg", lambda group, number: killed.append((group, number)))
    monkeypatch.setattr(os, "getpgrp", lambda: os.getpid() + 1)
    watcher.kill_rest()
    assert killed == []
    monkeypatch.setattr(os, "getpgrp", os.getpid)
    monkeypatch.setattr(watcher, "_alone", lambda group: True)
    watcher.kill_rest()
    assert killed == []
    monkeypatch.setattr(watcher, "_alone", lambda group: False)
    watcher.kill_rest()
    assert killed == [(os.getpid(), signal.SIGKILL)]


def test_who_else_is_in_a_group(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'input()']); print(); input(); input()"
    words = [sys.executable, "-c", code]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            assert not watcher._alone(process.pid)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    with subprocess.Popen(SLEEPS, start_new_session=True) as process:
        try:
            assert watcher._alone(process.pid)
            monkeypatch.setattr(os, "listdir", lambda folder: (_ for _ in ()).throw(OSError()))
            assert not watcher._alone(process.pid)
            monkeypatch.setattr(os, "listdir", lambda folder: ["self", "999999999"])
            assert watcher._alone(process.pid)
        finally:
            process.kill()
