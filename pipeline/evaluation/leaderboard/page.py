"""The leaderboard as one self-contained page, and its figures as files: nothing loaded, every text escaped."""

import base64
import hashlib
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from pipeline.evaluation.leaderboard import profiles, scaling
from pipeline.evaluation.leaderboard.boards import Board
from pipeline.evaluation.leaderboard.names import size_of
from pipeline.evaluation.leaderboard.tables import scored, within
from pipeline.report import templates
from pipeline.report.inputs import language_name

HERE = Path(__file__).parent


def environment() -> Environment:
    """The report's environment, which finds the leaderboard's templates too."""
    made = templates.environment()
    made.loader = FileSystemLoader([HERE, Path(templates.__file__).parent])
    made.filters["language"] = language_name
    made.globals.update(size_of=size_of, within=within, scored=scored)
    return made


def render(boards: Sequence[Board]) -> str:
    """The page. Its one script sorts the tables; the page's policy names its hash, so that no other runs."""
    script = (HERE / "sort.js.jinja").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    every = [(board, line.entry) for board in boards for line in board.lines]
    medians = {board.number: profiles.medians(board) for board in boards}
    return (
        environment()
        .get_template("page.html.jinja")
        .render(
            boards=boards,
            numbers={entry.name: number for number, (_, entry) in enumerate(every, 1)},
            scalings={board.number: scaling.scaling(board) for board in boards},
            scaling_box=scaling,
            radars={e.name: profiles.radar(e, board.criteria, medians[board.number]) for board, e in every},
            heats={e.name: profiles.heat(e, board.criteria, board.languages) for board, e in every},
            profiles=profiles,
            script=script,
            script_hash=f"sha256-{digest}",
        )
    )


def figures(boards: Sequence[Board]) -> dict[str, str]:
    """Path to content of each figure as a file of its own; a figure that can't be drawn is left out.

    `scaling.svg` (`scaling-2.svg` of a second benchmark), and `NAME/radar.svg` and `NAME/heatmap.svg` of each model.
    """
    macros = environment().get_template("figures.svg.jinja").module
    made: dict[str, str] = {}
    for board in boards:
        plot = scaling.scaling(board)
        if plot is not None:
            name = "scaling.svg" if board.number == 1 else f"scaling-{board.number}.svg"
            made[name] = str(macros.scaling(plot, scaling, True))  # type: ignore[attr-defined]
        middle = profiles.medians(board)
        for entry in (line.entry for line in board.lines):
            star = profiles.radar(entry, board.criteria, middle)
            if star is not None:
                made[f"{entry.name}/radar.svg"] = str(macros.radar(star, profiles, entry.name, True))  # type: ignore[attr-defined]
            cells = profiles.heat(entry, board.criteria, board.languages)
            made[f"{entry.name}/heatmap.svg"] = str(macros.heat(cells, profiles, entry.name, True))  # type: ignore[attr-defined]
    return {path: text.strip() + "\n" for path, text in made.items()}
