"""`make bench-mining`: how fast commits are mined, beside other tools on the same commits, one after another.

Usage: python -m bench.mining REPOSITORY [--commits 2000] [--repeats 3] [--out runs/bench/mining.json]

REPOSITORY is a folder or a URL; it is cloned once into a temporary folder, which every tool reads. Each tool runs in a
process of its own; the rounds take turns, so that a busy machine slows all of them. What counts is CPU seconds, of the
process and its children. `Themis` starts from an empty cache and makes every fact; the others are handed the commits by
name and make none.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.one import OURS
from bench.peers import PEERS
from pipeline.sources.git_plumbing import PROTOCOLS, command, environment

ROOT = Path(__file__).resolve().parent.parent
PLUMBING = "git plumbing"
BASE = "PyDriller"
_FIGURES = ("cpu_s", "wall_s", "process_cpu_s", "self_mb", "child_mb")


@dataclass(frozen=True, slots=True)
class Run:
    """One tool on one set of commits.

    Attributes:
        tool: its name.
        whole: whether on every commit of the history, else on the newest ones.
        examined: full shas.
        edits: (sha, path, characters of both sides) of each edit, sorted.
        figures: by name, one a round: `cpu_s`, `wall_s`, `process_cpu_s`, `self_mb`, `child_mb`.
    """

    tool: str
    whole: bool
    examined: tuple[str, ...]
    edits: frozenset[tuple[str, str, int]]
    figures: dict[str, tuple[float, ...]]

    @property
    def rates(self) -> tuple[float, ...]:
        """Commits examined per CPU second, of each round."""
        return tuple(len(self.examined) / seconds for seconds in self.figures["cpu_s"])


def clone(repository: str, into: Path) -> None:
    """Bring a repository, all its refs, bare."""
    location = repository if "://" in repository or not Path(repository).exists() else str(Path(repository).resolve())
    arguments = ("clone", "--quiet", "--mirror", "--template=", "--end-of-options", location, str(into))
    subprocess.run(command(*arguments), env=environment(PROTOCOLS), check=True)


def once(tool: str, repository: Path, words: Sequence[str], folder: Path) -> dict[str, Any]:
    """One run of one tool in a process of its own; `words` are shas, or the number of commits for `Themis`."""
    given, out = folder / "words", folder / "result.json"
    given.write_text("".join(f"{word}\n" for word in words), encoding="ascii")
    arguments = (sys.executable, "-m", "bench.one", tool, str(repository), str(given), str(out))
    subprocess.run(arguments, cwd=ROOT, check=True)
    result: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return result


def runs(repository: Path, commits: int, repeats: int, tools: Sequence[str]) -> list[Run]:
    """Every tool on the newest `commits`, ours and plain git on the whole history too; `repeats` rounds, in turns."""
    wanted = [(OURS, True), (PLUMBING, True), (OURS, False), *((tool, False) for tool in tools)]
    found: dict[tuple[str, bool], list[dict[str, Any]]] = {one: [] for one in wanted}
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        for number in range(repeats):
            for tool, whole in wanted:
                print(f"round {number + 1} of {repeats}: {tool}, {'all' if whole else 'newest'}", file=sys.stderr)
                words = found[OURS, whole][0]["examined"] if tool != OURS else [] if whole else [str(commits)]
                found[tool, whole].append(once(tool, repository, words, Path(folder)))
    return [_run(*key, results) for key, results in found.items()]


def _run(tool: str, whole: bool, results: list[dict[str, Any]]) -> Run:
    for result in results[1:]:
        if (result["examined"], result["edits"]) != (results[0]["examined"], results[0]["edits"]):
            raise RuntimeError(f"{tool} delivers something else each time.")
    edits = frozenset((sha, path, characters) for sha, path, characters in results[0]["edits"])
    figures = {name: tuple(result[name] for result in results) for name in _FIGURES}
    return Run(tool, whole, tuple(results[0]["examined"]), edits, figures)


def differences(found: Sequence[Run]) -> list[dict[str, Any]]:
    """Where a tool does not deliver what ours does on the same commits: what only one of the two has."""
    told = []
    for run in found:
        ours = next(one for one in found if one.tool == OURS and one.whole == run.whole)
        if run.edits != ours.edits:
            lacks, adds = sorted(ours.edits - run.edits), sorted(run.edits - ours.edits)
            told.append({"tool": run.tool, "whole": run.whole, "lacks": lacks, "adds": adds})
    return told


def report(repository: str, found: Sequence[Run]) -> dict[str, Any]:
    """Everything measured, as JSON."""
    rows = []
    for run in found:
        base = next((one for one in found if one.tool == BASE and one.whole == run.whole), None)
        rows.append(
            {
                "tool": run.tool, "whole": run.whole, "commits": len(run.examined), "edits": len(run.edits),
                "rate": median(run.rates), "rates": run.rates,
                "ratio": None if base is None else median(_ratios(run, base)),
                "ratios": None if base is None else _ratios(run, base),
                **{name: median(values) for name, values in run.figures.items()},
            }
        )  # fmt: skip
    git = subprocess.run(("git", "--version"), capture_output=True, text=True, check=True).stdout.strip()
    versions = {
        tool: version(tool) for tool in dict.fromkeys(run.tool for run in found) if tool not in (OURS, PLUMBING)
    }
    machine = {"python": platform.python_version(), "git": git, "machine": platform.machine(), **versions}
    return {"repository": repository, "versions": machine, "rows": rows, "differences": differences(found)}


def _ratios(run: Run, base: Run) -> tuple[float, ...]:
    """Of each round, how many times the base's rate."""
    return tuple(mine / its for mine, its in zip(run.rates, base.rates, strict=True))


def table(told: dict[str, Any]) -> Table:
    """The rows for people: medians, with the range over the rounds."""
    shown = Table(title=f"Commits examined per CPU second: {told['repository']}")
    for heading in (
        "tool",
        "commits",
        "edits",
        "per CPU s",
        "range",
        f"x {BASE}",
        "CPU s",
        "wall s",
        "peak MB",
        "child MB",
    ):
        shown.add_column(heading, justify="left" if heading == "tool" else "right")
    for row in told["rows"]:
        ratio = "" if row["ratio"] is None else f"{row['ratio']:.1f}"
        shown.add_row(
            row["tool"], f"{row['commits']:,}", f"{row['edits']:,}", f"{row['rate']:,.0f}",
            f"{min(row['rates']):,.0f}-{max(row['rates']):,.0f}", ratio, f"{row['cpu_s']:.2f}", f"{row['wall_s']:.2f}",
            f"{row['self_mb']:.0f}", f"{row['child_mb']:.0f}",
        )  # fmt: skip
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bench, write the JSON, print the table."""
    parser = argparse.ArgumentParser(prog="bench.mining", description="Commit mining, side by side.")
    parser.add_argument("repository", help="a folder or a URL, such as a clone of redis")
    parser.add_argument("--commits", type=int, default=2000, help="the newest so many for every tool")
    parser.add_argument("--repeats", type=int, default=3, help="rounds")
    parser.add_argument("--tools", nargs="+", choices=list(PEERS), default=list(PEERS), help="the peers to run")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/mining.json"), help="where the JSON goes")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        cloned = Path(folder) / "repository.git"
        clone(given.repository, cloned)
        told = report(given.repository, runs(cloned, given.commits, given.repeats, given.tools))
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    Console(width=120).print(table(told))
    for one in told["differences"]:
        print(f"{one['tool']} lacks {len(one['lacks'])} and adds {len(one['adds'])} on the same commits, such as")
        print(f"    {[*one['lacks'], *one['adds']][0]}")
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
