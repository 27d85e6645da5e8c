"""The leaderboard for programs (CSV) and for people who read Markdown."""

import csv
import io
import re
from collections.abc import Sequence

from pipeline.evaluation.leaderboard.boards import Board, Line
from pipeline.evaluation.leaderboard.measure import Estimate
from pipeline.evaluation.leaderboard.names import family_of, size_of
from pipeline.evaluation.results import PLACES
from pipeline.report.inputs import criterion_name, language_name
from pipeline.report.text import count, share, visible

BY_PAIR = "pair, no clusters known"
NOTE = (
    "Accuracy: the chosen side scores higher; ties and answers without a score are wrong. In brackets the 95% interval."
)
MARKED = "† no clusters known: the interval takes pairs as independent; the true one is wider."


def to_csv(boards: Sequence[Board]) -> str:
    """One row a model of every board; shares from 0 to 1, empty where something is not known."""
    criteria = sorted({name for board in boards for name in board.criteria})
    languages = sorted({name for board in boards for name in board.languages})
    rows = [
        {
            "benchmark": board.number,
            "rank": line.rank,
            "model": line.entry.name,
            "family": family_of(line.entry.name),
            "parameters": "" if line.entry.run.parameters is None else f"{line.entry.run.parameters:.0f}",
            "pairs": line.entry.pairs,
            "coverage": round(line.coverage, 6),
            **_cells("accuracy", line.entry.micro),
            **_cells("macro", line.entry.macro),
            **_cells("half_credit", line.entry.half_credit),
            "ties": line.entry.ties,
            "parse_failures": "" if line.entry.failures is None else line.entry.failures,
            "interval_over": BY_PAIR if line.entry.clusters is None else f"{line.entry.clusters} clusters",
            **{k: v for name in criteria for k, v in _cells(name, line.entry.by_criterion.get(name)).items()},
            **{k: v for name in languages for k, v in _cells(name, line.entry.by_language.get(name)).items()},
        }
        for board in boards
        for line in board.lines
    ]
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _cells(name: str, one: Estimate | None) -> dict[str, str]:
    values = (None, None, None) if one is None else (one.value, one.low, one.high)
    return {
        f"{name}{end}": "" if value is None else f"{value:.{PLACES}f}"
        for end, value in zip(("", "_low", "_high"), values, strict=True)
    }


def to_markdown(boards: Sequence[Board]) -> str:
    """Three tables a board: over all pairs, by criterion, by language."""
    parts = ["# Leaderboard", NOTE]
    for board in boards:
        name = f"Benchmark {board.number}: " if len(boards) > 1 else ""
        models = len(board.lines)
        parts.append(f"## {name}{count(board.pairs)} pairs, {models} {'model' if models == 1 else 'models'}")
        parts.append(_overall(board))
        if any(line.entry.clusters is None for line in board.lines):
            parts.append(MARKED)
        for run in (line.entry.run for line in board.lines if line.entry.run.rules):
            told = ", ".join(f"{rule} {share(value)}" for rule, value in run.rules)
            parts.append(f"Simple rules on the same pairs as {_cell(run.name)}: {told}.")
        parts.append("### By criterion, %\n\n" + _parts(board, board.criteria, by_language=False))
        parts.append("### By language, %\n\n" + _parts(board, board.languages, by_language=True))
    return "\n\n".join(parts) + "\n"


def _overall(board: Board) -> str:
    head = ["", "Model", "Parameters", "Accuracy, %", "Mean of criteria, %", "Ties half, %"]
    rows = [
        [
            str(line.rank),
            name_of(line),
            size_of(line.entry.run.parameters),
            *(within(one) for one in (line.entry.micro, line.entry.macro, line.entry.half_credit)),
            count(line.entry.ties),
            "–" if line.entry.failures is None else count(line.entry.failures),
            scored(line, board.pairs),
        ]
        for line in board.lines
    ]
    return _table([*head, "Ties", "No score, pairs", "Coverage"], rows, left=(1,))


def _parts(board: Board, labels: Sequence[str], by_language: bool) -> str:
    readable = language_name if by_language else criterion_name
    rows = []
    for line in board.lines:
        parts = line.entry.by_language if by_language else line.entry.by_criterion
        rows.append([name_of(line), *(within(parts[label]) if label in parts else "–" for label in labels)])
    return _table(["Model", *map(readable, labels)], rows, left=(0,))


def name_of(line: Line) -> str:
    """The model's name, marked where its intervals are by pair."""
    return line.entry.name + ("" if line.entry.clusters is not None else " †")


def within(one: Estimate) -> str:
    """An accuracy in percent with its interval, where it has one: `71.2 [70.1, 72.3]`."""
    if one.low is None or one.high is None:
        return f"{100 * one.value:.1f}"
    return f"{100 * one.value:.1f} [{100 * one.low:.1f}, {100 * one.high:.1f}]"


def scored(line: Line, pairs: int) -> str:
    """Coverage as a percentage that is 100% only where nothing is missing: `99.95% (4 missing)`."""
    missing = pairs - line.entry.pairs
    if not missing:
        return share(1.0)
    return f"{min(99.99, 100 * line.coverage):.2f}% ({count(missing)} missing)"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], left: Sequence[int]) -> str:
    lines = [head, [":--" if index in left else "--:" for index in range(len(head))], *rows]
    return "\n".join("| " + " | ".join(map(_cell, line)) + " |" for line in lines)


def _cell(text: str) -> str:
    """Foreign text, so that it stays in its cell and shows as it is."""
    return re.sub(r"([\\\\|`*_<])", r"\\\1", visible(text).replace("\n", " "))
