"""How curation grows: time, memory and what crosses shuffles, on tables of pairs of several sizes.

Usage: python -m bench.scale FOLDER... [--workers 1] [--out runs/bench/scale.json]

Each FOLDER is what `python -m bench.many_pairs --out FOLDER` writes. The whole stage runs on it, in a process of its
own, with the default filters but that of licences (which would leave less to do); memory is that of all its processes.
With one worker the bytes that its shuffles take in are counted; that costs next to nothing.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.table import Table

from pipeline import execute
from pipeline.config import DEFAULT_FILTERS, CurateOptions, ExecutionOptions, RunConfig
from pipeline.sources.files import FilesSource
from schemas.provenance import sha256

ROOT = Path(__file__).resolve().parent.parent
_EVERY_S = 5.0


def configuration(folder: Path, workers: int) -> RunConfig:
    """What the stage is run with."""
    flags = (f"--direct_num_workers={workers}", "--direct_running_mode=multi_processing") if workers > 1 else ()
    curate = {
        "filters": [one.model_dump() for one in DEFAULT_FILTERS if one.kind != "licence"],
        "decontaminate": {"against": [{"name": "planted", "path": str(folder / "benchmark.jsonl")}]},
        "max_operator_share": 0.08,
    }
    return RunConfig(
        name="scale",
        sources=(FilesSource(name="none", paths=(str(folder),)),),
        curate=CurateOptions.model_validate_json(json.dumps(curate)),
        train=None,
        execution=ExecutionOptions(beam_options=flags),
    )


def curate(folder: Path, root: Path, workers: int) -> dict[str, Any]:
    """Run the stage in this process.

    Returns:
        `counts` of the manifest, `seconds`, `shuffled` (bytes, or None with several workers), `sha256` of what is kept.
    """
    shuffled = _count_shuffles() if workers == 1 else None
    (root / "pairs").symlink_to((folder / "pairs").resolve())
    pairs = sorted(f"pairs/{path.name}" for path in (folder / "pairs").glob("*.parquet"))
    began = time.monotonic()
    counts = execute.curate(str(root), pairs, configuration(folder, workers), 4)
    kept = "".join(sha256(path.read_bytes()) for path in sorted((root / "curated").glob("*.parquet")))
    return {
        "counts": counts,
        "seconds": time.monotonic() - began,
        "shuffled": None if shuffled is None else sum(shuffled),
        "sha256": sha256(kept.encode()),
    }


def _count_shuffles() -> list[int]:
    """Have Beam's runner in process note the size of what each grouping takes in."""
    from apache_beam.runners.portability.fn_api_runner.execution import GroupingBuffer

    sizes: list[int] = []
    append = GroupingBuffer.append

    def noted(self: Any, elements: bytes) -> None:
        sizes.append(len(elements))
        append(self, elements)

    GroupingBuffer.append = noted
    return sizes


def measured(folder: Path, workers: int) -> dict[str, Any]:
    """Run the stage in another process, and watch its memory.

    Returns:
        What `curate` gives, and `pairs`, `cpu_s` (of all its processes), `peak_mb` (all together, shared pages once),
        `peak_runner_mb` (of the first, where Beam keeps what is shuffled) and `peak_worker_mb` (of the largest of the
        others, or of the only one).

    Raises:
        SystemExit: it fails.
    """
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as scratch:
        words = [sys.executable, "-m", "bench.scale", str(folder), "--workers", str(workers), "--inside", scratch]
        used = _children_cpu_s()
        with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
            peaks = {"peak_mb": 0, "peak_runner_mb": 0, "peak_worker_mb": 0}
            while process.poll() is None:
                runner, *others = _memory(process.pid)
                worker = max(others, default=0) if workers > 1 else runner
                for name, size in zip(peaks, (runner + sum(others), runner, worker), strict=True):
                    peaks[name] = max(peaks[name], size)
                time.sleep(_EVERY_S)
        if process.returncode:
            raise SystemExit(f"{folder}: curation ended with {process.returncode}")
        told: dict[str, Any] = json.loads(Path(scratch, "told.json").read_text(encoding="utf-8"))
    megabytes = {name: size / 2**20 for name, size in peaks.items()}
    return {**told, "pairs": told["counts"]["in"], "cpu_s": _children_cpu_s() - used, **megabytes, "workers": workers}


def _children_cpu_s() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _memory(pid: int) -> list[int]:
    """Bytes of each process of a tree, the first one's first; a page that several have is divided among them."""
    found = []
    try:
        first = psutil.Process(pid)
        for one in (first, *first.children(recursive=True)):
            found.append(one.memory_full_info().pss)
    except psutil.Error:
        pass  # one ended meanwhile
    return found or [0]


def table(rows: Sequence[dict[str, Any]]) -> Table:
    """The rows for people."""
    shown = Table(title="Curation by number of pairs")
    for heading in (
        "pairs",
        "kept",
        "workers",
        "wall s",
        "CPU s",
        "CPU ms a pair",
        "shuffled a pair",
        "peak MB",
        "runner MB",
        "worker MB",
    ):
        shown.add_column(heading, justify="right")
    for row in rows:
        moved = "" if row["shuffled"] is None else f"{row['shuffled'] / row['pairs']:,.0f} B"
        shown.add_row(
            f"{row['pairs']:,}", f"{row['counts']['kept']:,}", str(row["workers"]), f"{row['seconds']:,.0f}",
            f"{row['cpu_s']:,.0f}", f"{1000 * row['cpu_s'] / row['pairs']:.2f}", moved, f"{row['peak_mb']:,.0f}",
            f"{row['peak_runner_mb']:,.0f}", f"{row['peak_worker_mb']:,.0f}",
        )  # fmt: skip
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bench, write the JSON, print the table."""
    parser = argparse.ArgumentParser(prog="bench.scale", description="How curation grows.")
    parser.add_argument("folders", nargs="+", type=Path, help="tables that bench.many_pairs wrote")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/scale.json"), help="where the JSON goes")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.inside is not None:
        told = curate(given.folders[0], given.inside, given.workers)
        (given.inside / "told.json").write_text(json.dumps(told), encoding="utf-8")
        return
    rows = [measured(folder, given.workers) for folder in given.folders]
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    Console(width=120).print(table(rows))
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
