"""`themis report DIR...`: scores of any number of models to results, a leaderboard and its figures."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

OUT = Console(highlight=False, soft_wrap=True)
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def report(
    folders: Annotated[
        list[Path], typer.Argument(metavar="DIR...", help="Folders with scores.parquet, or folders of such folders.")
    ],
    out: Annotated[Path, typer.Option(help="Where to write the leaderboard.")],
    as_json: JsonFlag = False,
) -> None:
    """Make results.json of every model's scores, and one leaderboard: HTML, Markdown, CSV and figures."""
    from pipeline.evaluation.leaderboard.write import PAGE, summary, write_report

    boards = write_report(folders, out)
    if as_json:
        print(json.dumps(summary(boards, out), indent=2, ensure_ascii=False))
        return
    for board in boards:
        models = len(board.lines)
        best = board.lines[0].entry
        OUT.print(
            f"benchmark {board.number}: {models} {'model' if models == 1 else 'models'} on {board.pairs:,} pairs, "
            f"best {best.name} at {best.micro.value:.1%}",
            markup=False,
        )
    OUT.print(f"wrote {out / PAGE}", markup=False)
