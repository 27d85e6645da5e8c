"""`themis mutations`: the catalogue of operators, and a check of their mutants by the toolchains on this machine."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from schemas.errors import CheckFailed, ConfigError

mutations_app = typer.Typer(no_args_is_help=True, help="Edits that make the two sides of a pair.")

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_SHOWN = 20


@mutations_app.command("list")
def mutations_list(
    as_json: JsonFlag = False,
    markdown: Annotated[bool, typer.Option("--markdown", help="Print the table for the documentation.")] = False,
    yields: Annotated[
        Path | None, typer.Option(help="Counts of bench/yields.py for the table's cells.", metavar="FILE")
    ] = None,
) -> None:
    """List every operator: what it does, by which criterion, in which languages, and what backs it."""
    from pipeline.operators_table import catalogue, known_languages, read_yields
    from pipeline.operators_table import markdown as table

    if markdown:
        sys.stdout.write(table(read_yields(yields) if yields is not None else None))
        return
    rows = catalogue()
    if as_json:
        _print_json(rows)
        return
    for group in dict.fromkeys((row["kind"], row["criterion"]) for row in rows):
        OUT.print(f"\n{' '.join(filter(None, group))}", markup=False)
        for row in rows:
            if (row["kind"], row["criterion"]) == group:
                everywhere = len(row["languages"]) == len(known_languages())
                marks = [row["family"], "blatant" if row["blatant"] else "subtle"] if row["kind"] == "defect" else []
                marks += ["held out"] * row["held_out"] + ["all" if everywhere else " ".join(row["languages"])]
                OUT.print(f"  {row['name']:<28} {', '.join(marks)}", markup=False)
                OUT.print(f"      {row['defect']} ({row['reference']})", markup=False)


@mutations_app.command("check")
def mutations_check(
    folders: Annotated[list[str], typer.Argument(help="Folders of source files.")],
    samples: Annotated[int, typer.Option(min=1, help="Functions a language.")] = 50,
    operators: Annotated[list[str] | None, typer.Option("--operator", help="Only this one; may be repeated.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    at_least: Annotated[
        float | None, typer.Option(min=0, max=1, metavar="RATE", help="Exit 1 where a language's rate is lower.")
    ] = None,
    seed: int = 20190301,
    as_json: JsonFlag = False,
) -> None:
    """Put mutants of real functions back into their files, and ask compilers whether the files still pass."""
    from parsers.language import languages
    from pipeline.check_mutants import check
    from synthesis.mutations import BY_NAME

    for given, there, word in ((operators, BY_NAME, "operator"), (language, languages(), "language")):
        for name in given or ():
            if name not in there:
                raise ConfigError(f"{name!r} is no {word}; there are {', '.join(there)}")
    wanted = tuple(BY_NAME[name] for name in operators) if operators else tuple(BY_NAME.values())
    found = check(folders, wanted, samples, seed, lambda line: ERR.print(line, markup=False), tuple(language or ()))
    if as_json:
        _print_json(found)
    else:
        _show(found)
    low = [
        row
        for row in found["languages"]
        if at_least is not None and row.get("rate") is not None and row["rate"] < at_least
    ]
    if low:
        rates = ", ".join(f"{row['language']} {row['rate']:.3f}" for row in low)
        raise CheckFailed(f"fewer mutants than {at_least} pass: {rates}")


def _show(found: dict[str, Any]) -> None:
    """Languages, operators that failed at least once, and one failure of each operator and language."""
    titles = ("language", "toolchain", "checks", "files", "originals pass", "functions", "mutants", "pass", "rate")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        table.add_column(title, justify="left" if title in titles[:3] else "right")
    for row in found["languages"]:
        cells = [row.get(title.replace(" ", "_")) for title in titles]
        table.add_row(*("" if cell is None else f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in cells))
    OUT.print(table)
    failing = [row for row in found["operators"] if row["pass"] < row["mutants"]]
    if failing:
        OUT.print(f"\n{len(failing)} of {len(found['operators'])} operators made a file fail")
    for row in failing[:_SHOWN]:
        places = (f"{name} {one['pass']}/{one['mutants']}" for name, one in row["languages"].items())
        OUT.print(f"  {row['operator']:<28} {row['pass']}/{row['mutants']}  {', '.join(places)}", markup=False)
    told: set[tuple[str, str]] = set()
    for one in found["failures"]:
        key = (one["operator"], one["language"])
        if key not in told and len(told) < _SHOWN:
            told.add(key)
            OUT.print(f"{one['operator']} ({one['language']}) in {one['path']}\n    {one['said']}", markup=False)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
