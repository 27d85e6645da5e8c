"""What a process has used, and how the benches run each tool in a process of its own with one thread."""

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_POOLS = ("MKL", "NUMBA", "OMP", "OPENBLAS", "RAYON")
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in _POOLS} | {"POLARS_MAX_THREADS": "1"}
_OFFLINE = {"HF_DATASETS_OFFLINE": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def cpu_s() -> float:
    """CPU seconds so far of this process and of the children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def peak_mb() -> float:
    """Largest memory so far, in MB: of this process and of its largest child that has ended, together.

    Linux hands `ru_maxrss` on to a started program; `VmHWM` is this program's alone.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))):
        own = int(found[1])
    return (own + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) / 1024


def no_child_left() -> None:
    """See that no process still runs whose CPU seconds would be lost.

    Raises:
        RuntimeError: a child has not ended.
    """
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return
    raise RuntimeError("a process of the tool still runs; its CPU seconds would not be counted.")


def alone(module: str, given: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Run `python -m module GIVEN OUT` with one thread; both are JSON files in `folder`, which is its temporary folder.

    Returns:
        What it wrote to OUT.

    Raises:
        RuntimeError: it failed, with the last lines that it said.
    """
    asked, out = folder / "given.json", folder / "out.json"
    asked.write_text(json.dumps(given), encoding="utf-8")
    out.unlink(missing_ok=True)
    environment = {**os.environ, **ONE_THREAD, **_OFFLINE, "TMPDIR": str(folder), "HF_HOME": str(folder / "hf")}
    done = subprocess.run(
        (sys.executable, "-m", module, str(asked), str(out)),
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stderr.splitlines()[-12:])
        raise RuntimeError(f"{module} with {given.get('tool')!r} ended with {done.returncode}:\n{said}")
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def ratios(mine: Sequence[float], base: Sequence[float] | None) -> list[float] | None:
    """Of each round, how many times the base's rate; None without a base."""
    return None if base is None else [one / its for one, its in zip(mine, base, strict=True)]
