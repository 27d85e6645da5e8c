"""Runs a command while another process lives: `python watcher.py STARTER_PID COMMAND...`, standard input a pipe.

Started in a session of its own, it stops the command with all its processes when the pipe ends, when the starter is no
longer its parent, or at SIGTERM. A pipe alone would not do (a fork of the starter holds it open too), nor would a
signal at the parent's death (Linux sends it when the parent's *thread* ends). Its exit status is the command's.
"""

import os
import select
import signal
import subprocess
import sys
import time
from types import FrameType

POLL_S = 0.2
GRACE_S = 10.0
"""Between asking the command to end and killing it."""


def watch(starter: int, command: list[str]) -> int:
    """Run `command` while `starter` lives and nobody says stop; returns its exit status."""
    asked = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal asked
        asked = True

    # Functions, not SIG_IGN, which the command would inherit.
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, stop)
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    pipe: list[int] = [sys.stdin.fileno()]
    while child.poll() is None and not asked and os.getppid() == starter:
        ready, _, _ = select.select(pipe, [], [], POLL_S)
        if ready and not os.read(pipe[0], 4096):
            break
    if child.poll() is None:
        child.terminate()
        until = time.monotonic() + GRACE_S
        while child.poll() is None and time.monotonic() < until:
            time.sleep(0.05)
    if child.poll() is None:
        child.kill()
    status = child.wait()
    return status if status >= 0 else 128 - status


def kill_rest() -> None:
    """Kill what the command left running: this process's group, with this process where it is not alone in it."""
    if os.getpgrp() == os.getpid() and not _alone(os.getpid()):
        os.killpg(os.getpid(), signal.SIGKILL)


def _alone(group: int) -> bool:
    """Whether nothing of the process group runs but its leader; False where that can't be seen."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != group]  # noqa: PTH208
    except OSError:
        return False
    for name in names:
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:  # noqa: PTH123
                state, _parent, its_group = file.read().rpartition(")")[2].split()[:3]
        except (OSError, ValueError):
            continue
        if int(its_group) == group and state != "Z":
            return False
    return True


if __name__ == "__main__":
    ended_with = watch(int(sys.argv[1]), sys.argv[2:])
    kill_rest()
    sys.exit(ended_with)
