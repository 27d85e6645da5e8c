"""Writes what `themis report` makes: every file whole or not at all, the page last, equal scores to equal bytes."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipeline.evaluation.leaderboard.boards import Board, boards
from pipeline.evaluation.leaderboard.page import figures, render
from pipeline.evaluation.leaderboard.read import read_runs
from pipeline.evaluation.leaderboard.tables import to_csv, to_markdown
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import write_whole
from schemas.errors import ConfigError

PAGE = "leaderboard.html"


def write_report(folders: Sequence[Path], out: Path) -> list[Board]:
    """Make the leaderboard of every scored model in `folders`.

    Writes into `out`: `NAME/results.json`, `NAME/intervals.json`, `NAME/radar.svg` and `NAME/heatmap.svg` of each
    model, `scaling.svg`, `leaderboard.csv`, `leaderboard.md`, and last `leaderboard.html`.

    Args:
        folders: see `read.read_runs`.
        out: made where it is not there; other files in it stay.

    Returns:
        The boards, one a benchmark.

    Raises:
        ConfigError: a folder or a table is broken, `out` can't hold the files, or the extra `train` is missing.
    """
    require_train_extra()
    made = boards(read_runs(folders))
    files: dict[str, str] = {}
    for entry in (line.entry for board in made for line in board.lines):
        files[f"{entry.name}/results.json"] = json.dumps(entry.results, indent=2)
        files[f"{entry.name}/intervals.json"] = json.dumps(entry.intervals, indent=2) + "\n"
    files |= figures(made) | {"leaderboard.csv": to_csv(made), "leaderboard.md": to_markdown(made)}
    files[PAGE] = render(made)
    for path, text in files.items():
        try:
            write_whole(out / path, text.encode())
        except OSError as error:
            raise ConfigError(f"--out {out}: can't hold {path} ({error}). Name another folder.") from None
    return made


def summary(made: Sequence[Board], out: Path) -> dict[str, Any]:
    """What a script wants to know of a report."""
    return {
        "out": str(out),
        "page": str(out / PAGE),
        "benchmarks": [
            {
                "benchmark": board.number,
                "pairs": board.pairs,
                "models": [
                    {
                        "rank": line.rank,
                        "model": line.entry.name,
                        "parameters": line.entry.run.parameters,
                        "accuracy": line.entry.results["overall"]["accuracy"],
                        "macro": round(line.entry.macro.value, 4),
                        "low": line.entry.micro.low,
                        "high": line.entry.micro.high,
                        "clusters": line.entry.clusters,
                        "ties": line.entry.ties,
                        "parse_failures": line.entry.failures,
                        "coverage": round(line.coverage, 6),
                    }
                    for line in board.lines
                ],
            }
            for board in made
        ],
    }
