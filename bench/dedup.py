"""`make bench-curate`: near-duplicate removal side by side with other tools, on the same files, one after another.

Usage: python -m bench.dedup --corpus DIR [--truth DIR] [--tools ...] [--repeats 1] [--documents N] [--out FILE]

DIR is what `python -m bench.corpus` and `python -m bench.truth` write. The documents are first written once more,
numbered in ascending order of id, and every tool reads those. Each tool runs in a process of its own on one thread; the
rounds take turns, so that a busy machine slows all of them. What counts is CPU seconds, of the process and its
children, reading Parquet included; imports, compilation and a first run on 50 documents are told apart.
"""

import argparse
import heapq
import json
import os
import platform
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from bench import truth
from bench.dedup_peers import BASE, TOOLS, documents, missing, tool_version
from bench.measured import alone, ratios

WARM = 50
FILES = 16
_GROUP_BYTES = 4_000_000
_SCHEMA = pa.schema([("id", pa.string()), ("text", pa.large_string())])
_FIGURES = ("cpu_s", "wall_s", "setup_s", "peak_mb")


@dataclass(frozen=True, slots=True)
class Ordered:
    """The corpus as every tool reads it.

    Attributes:
        paths: of its files; a document's id there is its place in `ids`, in 16 hexadecimal digits.
        warm: a file of its first documents.
        ids: of the documents, ascending.
        text_bytes: of all texts, in UTF-8.
    """

    paths: tuple[str, ...]
    warm: str
    ids: tuple[str, ...]
    text_bytes: int


@dataclass(frozen=True, slots=True)
class Run:
    """One tool over all rounds.

    Attributes:
        tool: its name.
        removed: ids.
        figures: by name, one a round: `cpu_s`, `wall_s`, `setup_s`, `peak_mb`.
    """

    tool: str
    removed: frozenset[str]
    figures: dict[str, tuple[float, ...]]


def ordered(corpus: Path, into: Path, most: int | None = None) -> Ordered:
    """Write the documents of a corpus in ascending order of id, all or the first `most`.

    Raises:
        SystemExit: the folder holds no `files-*.parquet`, or a file of it is not in ascending order.
    """
    files = sorted(str(path) for path in corpus.glob("files-*.parquet"))
    if not files:
        raise SystemExit(f"{corpus} holds no files-*.parquet: write it with `python -m bench.corpus --out {corpus}`.")
    count = sum(pq.read_metadata(path).num_rows for path in files)
    each = -(-min(count, most or count) // FILES)
    rows = islice(heapq.merge(*(documents([path]) for path in files)), most)
    ids: list[str] = []
    size, paths = 0, []
    warm: list[tuple[str, str]] = []
    for number in range(FILES):
        found = list(islice(rows, each))
        part = [(f"{len(ids) + place:016x}", text) for place, (_, text) in enumerate(found)]
        warm += part[: WARM - len(warm)]
        ids += (id_ for id_, _ in found)
        size += sum(len(text.encode("utf-8")) for _, text in part)
        if part:
            paths.append(str(into / f"ordered-{number:05d}.parquet"))
            write_documents(part, Path(paths[-1]))
    if any(one >= other for one, other in pairwise(ids)):
        raise SystemExit(f"a file of {corpus} is not in ascending order of id, or names one twice.")
    write_documents(warm, into / "warm.parquet")
    return Ordered(tuple(paths), str(into / "warm.parquet"), tuple(ids), size)


def write_documents(rows: Iterable[tuple[str, str]], path: Path) -> None:
    """(id, text) as Parquet, row groups of a few MB."""
    with pq.ParquetWriter(path, _SCHEMA, compression="zstd") as file:
        for group in _groups(rows):
            file.write_table(pa.table([list(column) for column in zip(*group, strict=True)], schema=_SCHEMA))


def _groups(rows: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    group: list[tuple[str, str]] = []
    size = 0
    for row in rows:
        if group and size + len(row[1]) > _GROUP_BYTES:
            yield group
            group, size = [], 0
        group.append(row)
        size += len(row[1])
    if group:
        yield group


def rounds(corpus: Ordered, tools: Sequence[str], repeats: int, folder: Path) -> tuple[list[Run], dict[str, str]]:
    """Every tool `repeats` times, taking turns.

    Returns:
        The runs, and why a tool has none: it is not installed, failed, or removes something else each time.
    """
    left_out = {tool: reason for tool in tools if (reason := missing(tool)) is not None}
    found: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools if tool not in left_out}
    for number in range(repeats):
        for tool in [one for one in found if one not in left_out]:
            given = {"tool": tool, "warm": corpus.warm, "paths": corpus.paths}
            try:
                result = alone("bench.dedup_peers", given, folder)
            except RuntimeError as error:
                left_out[tool] = str(error)
                continue
            found[tool].append(result)
            if result["removed"] != found[tool][0]["removed"]:
                left_out[tool] = f"{tool} removes something else each time."
            spent = f"{result['cpu_s']:.1f} CPU s, {len(result['removed'])} removed"
            print(f"round {number + 1} of {repeats}: {tool}: {spent}", file=sys.stderr, flush=True)
    runs = []
    for tool in (one for one in found if one not in left_out):
        removed = frozenset(corpus.ids[int(one, 16)] for one in found[tool][0]["removed"])
        runs.append(Run(tool, removed, {name: tuple(one[name] for one in found[tool]) for name in _FIGURES}))
    return runs, left_out


def report(
    corpus: Ordered, runs: Sequence[Run], pairs: Sequence[truth.Pair], planted: Sequence[dict[str, object]]
) -> dict[str, Any]:
    """Everything measured, as JSON. Pairs and planted copies of documents that the corpus lacks are left out."""
    here = frozenset(corpus.ids)
    pairs = [one for one in pairs if one[0] in here and one[1] in here]
    planted = [one for one in planted if one["id"] in here and one["original"] in here]
    wanted = truth.greedy(pairs, corpus.ids)
    base = next((rates(one, len(here)) for one in runs if one.tool == BASE), None)
    rows = []
    for run in runs:
        speeds = rates(run, len(here))
        compared = ratios(speeds, base)
        rows.append(
            {
                "tool": run.tool,
                "version": tool_version(TOOLS[run.tool].package),
                "removed": len(run.removed),
                "recall": truth.recall(run.removed, wanted),
                "precision": truth.precision(run.removed, pairs),
                "resolved": resolved(run.removed, pairs),
                "planted": truth.planted_recall(planted, run.removed, wanted),
                "docs_per_cpu_s": median(speeds),
                "docs_per_cpu_s_rounds": speeds,
                "mb_per_cpu_s": corpus.text_bytes / 1e6 / median(run.figures["cpu_s"]),
                "ratio": None if compared is None else median(compared),
                "ratios": compared,
                **{name: median(values) for name, values in run.figures.items()},
            }
        )
    return {
        "documents": len(here),
        "text_mb": corpus.text_bytes / 1e6,
        "pairs": len(pairs),
        "removals": len(wanted),
        "machine": machine(),
        "rows": rows,
    }


def resolved(removed: frozenset[str], pairs: Sequence[truth.Pair]) -> float:
    """Of the pairs within the threshold, the share that lost a side, whichever: it asks nothing of who is kept."""
    hit = sum(left in removed or right in removed for left, right, _ in pairs)
    return hit / len(pairs) if pairs else 1.0


def rates(run: Run, count: int) -> list[float]:
    """Documents per CPU second, of each round."""
    return [count / seconds for seconds in run.figures["cpu_s"]]


def machine() -> dict[str, Any]:
    """What it ran on."""
    packages = ("numpy", "numba", "pyarrow", "apache-beam")
    return {
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        **{name: tool_version(name) for name in packages},
    }


def table(told: dict[str, Any]) -> Table:
    """The rows for people: medians over the rounds."""
    title = f"Near-duplicates: {told['documents']:,} documents, {told['text_mb']:.0f} MB, {told['removals']:,} removals"
    shown = Table(title=title)
    intervals = sorted({name for row in told["rows"] for name in row["planted"]})
    headings = ("tool", "docs/CPU s", f"x {BASE}", "MB/CPU s", "set-up s", "peak MB", "removed", "recall", "precision")
    for heading in (*headings, "resolved", *intervals):
        shown.add_column(heading, justify="left" if heading == "tool" else "right")
    for row in sorted(told["rows"], key=lambda one: -float(one["docs_per_cpu_s"])):
        planted = (f"{row['planted'][name]:.3f}" if name in row["planted"] else "" for name in intervals)
        shown.add_row(
            f"{row['tool']} {row['version']}", f"{row['docs_per_cpu_s']:,.0f}",
            "" if row["ratio"] is None else f"{row['ratio']:.2f}", f"{row['mb_per_cpu_s']:.1f}",
            f"{row['setup_s']:.1f}", f"{row['peak_mb']:,.0f}", f"{row['removed']:,}", f"{row['recall']:.4f}",
            f"{row['precision']:.4f}", f"{row['resolved']:.4f}", *planted,
        )  # fmt: skip
    return shown


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the bench, write the JSON, print the table."""
    parser = argparse.ArgumentParser(prog="bench.dedup", description="Near-duplicate removal, side by side.")
    parser.add_argument("--corpus", type=Path, default=Path("runs/bench/corpus"), help="what bench.corpus wrote")
    parser.add_argument("--truth", type=Path, help="folder of truth.parquet and planted.json (default: the corpus)")
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS), help="what to run")
    parser.add_argument("--repeats", type=int, default=1, help="rounds")
    parser.add_argument("--documents", type=int, help="only the first so many, by id")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/dedup.json"), help="where the JSON goes")
    given = parser.parse_args(arguments)
    known = given.truth or given.corpus
    pairs = truth.read(known / "truth.parquet")
    planted = known / "planted.json"
    copies = json.loads(planted.read_text(encoding="utf-8")) if planted.exists() else []
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        corpus = ordered(given.corpus, Path(folder), given.documents)
        runs, left_out = rounds(corpus, given.tools, given.repeats, Path(folder))
        told = {**report(corpus, runs, pairs, copies), "left_out": left_out}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    Console(width=200).print(table(told))
    for tool, reason in left_out.items():
        print(f"{tool} left out: {reason}")
    print(f"written to {given.out}")


if __name__ == "__main__":
    main()
