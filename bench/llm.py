"""`make bench-llm`: what calling a model costs besides the model, and whether one worker keeps its server busy.

Usage: python -m bench.llm [--calls 6400] [--latency-ms 200] [--slots 64] [--repeats 3] [--out runs/bench/llm.json]

A server in a process of its own answers after a fixed time from a fixed number of slots. Each round is the whole Beam
stage `synthesize` in one process: changes whose pairs are judged, eight votes each, with an empty ledger on disk. Two
figures are measured: the share of the slots' time in use between the first request and the last answer, by the
server's own count; and the pipeline's own time per call, from prompts to sealed votes: CPU seconds, and wall seconds
beyond what the slots need by themselves. It ends with 1 where a median misses its bound.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipeline.stages.synthesize import Synthesize, SynthesizeOptions
from schemas.provenance import Origin
from schemas.records import Candidate
from synthesis.backends.endpoint import EndpointBackend
from synthesis.ledger import Ledger
from synthesis.models import ModelOptions
from synthesis.recipe import JudgeOptions

ROOT = Path(__file__).resolve().parent.parent
MIN_BUSY = 0.90
MAX_OVERHEAD_MS = 2.0
VOTES = 8
CODE = "def f(values, weights):\n    total = 0\n" + "".join(
    f"    total += values[{n}] * weights[{n}]\n" for n in range(40)
)
"""A pair of it has about 4 kB of code."""


@contextmanager
def server(latency_ms: float, slots: int) -> Iterator[str]:
    """A fixed-latency server in its own process; gives its address."""
    words = [sys.executable, "-m", "bench.fixed_server", str(latency_ms), str(slots)]
    with subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        process.communicate()  # closes its input, which ends it


def changes(calls: int, round_: int) -> list[Candidate]:
    """As many changes as make so many calls; each round's differ from another's."""
    origin = Origin("bench", "bench", "1", "a.py", "0")
    return [
        Candidate(
            f"{round_}/{number}", "f", "change", origin, "Python", ((0, len(CODE)),), "Add the weighted values up.",
            CODE, before=CODE.replace("+=", "-="), criterion="functional_correctness", message="Add, not subtract",
        )
        for number in range(calls // VOTES)
    ]  # fmt: skip


def judge_all(candidates: list[Candidate], url: str, slots: int, ledger: Path) -> int:
    """Run the stage; returns how many pairs were kept and dropped."""
    model = ModelOptions(name="fixed", url=f"{url}/v1", max_concurrency=slots)
    judge = JudgeOptions(models=("fixed",), votes=VOTES, canary_share=0.0)
    options = SynthesizeOptions(backend=EndpointBackend(models=(model,), judge=judge))
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        with beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner"])) as p:
            done = p | beam.Create(candidates) | Synthesize(options, 1, str(ledger))
            ends = (done["kept"], done["dropped"]) | beam.Flatten() | beam.combiners.Count.Globally()
            sealed = done["calls"] | "calls" >> beam.combiners.Count.Globally()
            _ = ends | beam.Map(write_count, str(Path(folder) / "count"))
            _ = sealed | "write calls" >> beam.Map(write_count, str(Path(folder) / "calls"))
        return int((Path(folder) / "count").read_text())


def write_count(count: int, path: str) -> None:
    """Leave a count where the driver finds it."""
    Path(path).write_text(str(count))


def cpu_s() -> float:
    """CPU seconds of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def busy(url: str, slots: int) -> float:
    """Share of the slots' time that was in use since it was asked last."""
    with urllib.request.urlopen(f"{url}/busy", timeout=10) as response:  # noqa: S310
        told = json.loads(response.read())
    return float(told["slot_s"] / (told["wall_s"] * slots)) if told["wall_s"] else 0.0


def measure(url: str, calls: int, latency_ms: float, slots: int, round_: int) -> dict[str, float]:
    """One round: `busy`, `cpu_ms` and `wall_ms` per call, `found_ms` per call that the ledger answers."""
    candidates = changes(calls, round_)
    made = len(candidates) * VOTES
    floor_s = latency_ms / 1000 * -(-made // slots)
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        path = Path(folder) / "ledger.sqlite"
        cpu, wall = cpu_s(), time.perf_counter()
        assert judge_all(candidates, url, slots, path) == len(candidates)
        cpu, wall = cpu_s() - cpu, time.perf_counter() - wall
        with Ledger(path) as ledger:
            keys = [row["key"] for row in ledger.rows()]
            assert len(keys) == made
            begun = time.perf_counter()
            for key in keys:
                ledger.get(key)
            found = time.perf_counter() - begun
    share = busy(url, slots)
    per_call = 1000 / made
    return {
        "busy": share,
        "cpu_ms": cpu * per_call,
        "wall_ms": max(0.0, wall - floor_s) * per_call,
        "found_ms": found * per_call,
    }


def main() -> int:
    """Measure, print, write; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench.llm", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=int, default=6400)
    parser.add_argument("--latency-ms", type=float, default=200.0)
    parser.add_argument("--slots", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("runs/bench/llm.json"))
    given = parser.parse_args()
    with server(given.latency_ms, given.slots) as url:
        measure(url, VOTES * 8, given.latency_ms, given.slots, 10**6)  # warms up
        rounds = [measure(url, given.calls, given.latency_ms, given.slots, n) for n in range(given.repeats)]
    middle = {name: median(one[name] for one in rounds) for name in rounds[0]}
    print(f"{given.calls:,} calls, {given.slots} slots of {given.latency_ms:g} ms, median of {given.repeats} rounds")
    print(f"slots in use           {middle['busy']:.1%}   (at least {MIN_BUSY:.0%})")
    print(f"CPU per call           {middle['cpu_ms']:.3f} ms (under {MAX_OVERHEAD_MS:g} ms), ledger included")
    print(
        f"wall per call          {middle['wall_ms']:.3f} ms (under {MAX_OVERHEAD_MS:g} ms), beyond the slots' own time"
    )
    print(f"found in the ledger    {middle['found_ms']:.3f} ms")
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps({"median": middle, "rounds": rounds}, indent=2) + "\n", encoding="utf-8")
    held = middle["busy"] >= MIN_BUSY and max(middle["cpu_ms"], middle["wall_ms"]) < MAX_OVERHEAD_MS
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
