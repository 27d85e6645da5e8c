"""`make bench-curate`: decontamination side by side with other tools, on the same documents and prompts.

Usage: python -m bench.decontamination --corpus DIR [--tools ...] [--repeats 1] [--documents N] [--prompts N]
    [--out FILE]

DIR is what `python -m bench.corpus` writes; bench/contaminated.py makes prompts and documents of it. Each tool runs in
a process of its own on one thread, the rounds in turns. What counts is CPU seconds of looking texts up; reading them
from Parquet, the table, and imports with compilation are told apart. The truth is brute force over tuples of words,
for every document.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.contaminated import Contaminated, build
from bench.decontamination_peers import OURS, TOOLS, brute_force, grams, missing, read_prompts
from bench.dedup import machine, ordered
from bench.dedup_peers import documents, tool_version
from bench.measured import alone, ratios
from filters.decontaminate import words

_FIGURES = ("match_s", "read_s", "table_s", "setup_s", "wall_s", "peak_mb")


@dataclass(frozen=True, slots=True)
class Run:
    """One tool over all rounds.

    Attributes:
        tool: its name.
        hits: of ids, what the tool says: True, or the row.
        failed: documents that it could not be asked about.
        figures: by name, one a round: CPU seconds `match_s`, `read_s`, `table_s`, `setup_s`; `wall_s`, `peak_mb`.
    """

    tool: str
    hits: dict[str, Any]
    failed: tuple[str, ...]
    figures: dict[str, tuple[float, ...]]

    def rates(self, megabytes: float, reading: bool) -> list[float]:
        """MB of text per CPU second of looking up, of each round; `reading` counted too, or not."""
        spent = zip(self.figures["match_s"], self.figures["read_s"], strict=True)
        return [megabytes / (match + read * reading) for match, read in spent]


def rounds(made: Contaminated, tools: Sequence[str], repeats: int, folder: Path) -> tuple[list[Run], dict[str, str]]:
    """Every tool `repeats` times, taking turns.

    Returns:
        The runs, and why a tool has none: it is not installed, failed, or says something else each time.
    """
    left_out = {tool: reason for tool in tools if (reason := missing(tool)) is not None}
    found: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools if tool not in left_out}
    for number in range(repeats):
        for tool in [one for one in found if one not in left_out]:
            given = {"tool": tool, "prompts": made.prompts, "warm": made.warm, "paths": made.paths}
            try:
                result = alone("bench.decontamination_peers", given, folder)
            except RuntimeError as error:
                left_out[tool] = str(error)
                continue
            found[tool].append(result)
            if result["hits"] != found[tool][0]["hits"]:
                left_out[tool] = f"{tool} says something else each time."
            spent = f"{result['match_s'] + result['read_s']:.1f} CPU s, {len(result['hits'])} hits"
            print(f"round {number + 1} of {repeats}: {tool}: {spent}", file=sys.stderr, flush=True)
    runs = [
        Run(
            tool, results[0]["hits"], tuple(results[0]["failed"]),
            {name: tuple(one[name] for one in results) for name in _FIGURES},
        )
        for tool, results in found.items()
        if tool not in left_out
    ]  # fmt: skip
    return runs, left_out


def truth_of(made: Contaminated) -> dict[str, str]:
    """Of the documents that hit, the row of their first shared gram."""
    row_of = brute_force(read_prompts(Path(made.prompts)))
    found = ((id_, row_of(text)) for id_, text in documents(made.paths))
    return {id_: row for id_, row in found if row is not None}


def report(made: Contaminated, runs: Sequence[Run], wanted: dict[str, str]) -> dict[str, Any]:
    """Everything measured, as JSON. Ratios are to the fastest of the others, in the same round."""
    megabytes = made.text_bytes / 1e6
    others = [run for run in runs if run.tool != OURS]
    fastest = max(others, key=lambda run: median(run.rates(megabytes, False)), default=None)
    rows = []
    for run in runs:
        told: dict[str, Any] = {"tool": run.tool, "version": tool_version(TOOLS[run.tool].package)}
        for name, reading in (("", False), ("_with_reading", True)):
            speeds = run.rates(megabytes, reading)
            compared = ratios(speeds, None if fastest is None else fastest.rates(megabytes, reading))
            told[f"mb_per_cpu_s{name}"] = median(speeds)
            told[f"mb_per_cpu_s{name}_rounds"] = speeds
            told[f"ratio{name}"] = None if compared is None else median(compared)
        right = len(wanted.keys() & run.hits.keys())
        told |= {
            "hits": len(run.hits),
            "failed": len(run.failed),
            "recall": right / len(wanted) if wanted else 1.0,
            "precision": right / len(run.hits) if run.hits else 1.0,
        }
        rows.append(told | {name: median(values) for name, values in run.figures.items()})
    prompts = read_prompts(Path(made.prompts))
    return {
        "documents": len(made.ids),
        "non_ascii_documents": made.non_ascii,
        "text_mb": megabytes,
        "planted": len(made.planted),
        "contaminated": len(wanted),
        "prompts": made.rows,
        "non_ascii_prompts": sum(not prompt.isascii() for _, prompt in prompts),
        "grams": len({gram for _, prompt in prompts for gram in grams(words(prompt))}),
        "fastest_peer": None if fastest is None else fastest.tool,
        "differences": differences(runs, wanted),
        "machine": machine(),
        "rows": rows,
    }


def differences(runs: Sequence[Run], wanted: dict[str, str]) -> dict[str, list[str]] | None:
    """Documents for which ours does not say what brute force says, by how; None where ours did not run."""
    ours = next((run for run in runs if run.tool == OURS), None)
    if ours is None:
        return None
    both = wanted.keys() & ours.hits.keys()
    return {
        "missed": sorted(wanted.keys() - ours.hits.keys()),
        "added": sorted(ours.hits.keys() - wanted.keys()),
        "another_row": sorted(id_ for id_ in both if ours.hits[id_] != wanted[id_]),
    }


def table(told: dict[str, Any]) -> Table:
    """The rows for people: medians over the rounds."""
    title = (
        f"Decontamination: {told['documents']:,} documents, {told['text_mb']:.0f} MB, {told['contaminated']:,} hit; "
        f"{told['prompts']:,} prompts, {told['grams']:,} grams"
    )
    shown = Table(title=title)
    for heading in (
        "tool", "MB/CPU s", "x fastest peer", "with reading", "x", "table s", "set-up s", "peak MB", "hits", "failed",
        "recall", "precision",
    ):  # fmt: skip
        shown.add_column(heading, justify="left" if heading == "tool" else "right")
    for row in sorted(told["rows"], key=lambda one: -float(one["mb_per_cpu_s"])):
        shown.add_row(
            f"{row['tool']} {row['version']}", f"{row['mb_per_cpu_s']:.1f}",
            _times(row["ratio"]), f"{row['mb_per_cpu_s_with_reading']:.1f}", _times(row["ratio_with_reading"]),
            f"{row['table_s']:.2f}", f"{row['setup_s']:.1f}", f"{row['peak_mb']:,.0f}", f"{row['hits']:,}",
            f"{row['failed']:,}", f"{row['recall']:.4f}", f"{row['precision']:.4f}",
        )  # fmt: skip
    return shown


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the bench, write the JSON, print the table.

    Returns:
        0, or 1 where ours does not decide as brute force does.
    """
    parser = argparse.ArgumentParser(prog="bench.decontamination", description="Decontamination, side by side.")
    parser.add_argument("--corpus", type=Path, default=Path("runs/bench/corpus"), help="what bench.corpus wrote")
    parser.add_argument("--tools", nargs="+", choices=list(TOOLS), default=list(TOOLS), help="what to run")
    parser.add_argument("--repeats", type=int, default=1, help="rounds")
    parser.add_argument("--documents", type=int, default=10_000, help="at most so many")
    parser.add_argument("--prompts", type=int, default=12_000, help="at most so many")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/decontamination.json"), help="where the JSON goes")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="themis-bench-") as folder:
        made = build(list(ordered(given.corpus, Path(folder)).paths), Path(folder), given.prompts, given.documents)
        runs, left_out = rounds(made, given.tools, given.repeats, Path(folder))
        told = {**report(made, runs, truth_of(made)), "left_out": left_out}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    Console(width=150).print(table(told))
    for tool, reason in left_out.items():
        print(f"{tool} left out: {reason}")
    wrong = {how: ids for how, ids in (told["differences"] or {}).items() if ids}
    for how, ids in wrong.items():
        print(f"{OURS} differs from brute force, {how}: {len(ids)}, such as {ids[0]}")
    print(f"written to {given.out}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
