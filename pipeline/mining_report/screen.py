"""The labelling bench on a terminal: one screen."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline.report.mining import NAMES
from schemas.criteria import CODE_CRITERIA

TOP_REASONS = 6


def show(report: Mapping[str, Any], console: Console) -> None:
    """Thresholds and baselines, criteria with their lengths, and the head of the funnel."""
    if "gold" in report:
        _gold(report["gold"], report["recall_of_all"], console)
        _points(report, console)
        console.print()
    _criteria(report, console)
    console.print()
    _funnel(report, console)


def _gold(gold: Mapping[str, Any], of_all: Mapping[str, Any], console: Console) -> None:
    console.print(
        f"[bold]{gold['matched']:,}[/] of {gold['commits']:,} hand-read commits are in the run, "
        f"{gold['matched_usable']:,} of them usable ({escape(gold['file'])})"
    )
    if gold["missing_count"]:
        console.print(
            f"[yellow]{gold['missing_count']:,} are not[/] ({gold['missing_usable']:,} usable) and don't count below; "
            f"with them, recall is {_share(of_all['estimate'])}. report.json lists them."
        )


def _points(report: Mapping[str, Any], console: Console) -> None:
    table = _table("", "precision, weighted", "unweighted", "right", "recall of usable", "any", "run")
    for point in report["points"]:
        table.add_row(escape(point["name"]), *_figures(point["overall"]), f"{point['candidates']:,}")
    for key, scored in sorted(report["baselines"].items(), key=lambda item: list(NAMES).index(item[0])):
        for point in scored["points"]:
            table.add_row(f"[dim]{escape(f'{NAMES[key]}, ' + point['name'])}[/]", *_figures(point["overall"]), "")
    console.print(table)


def _figures(overall: Mapping[str, Any]) -> list[str]:
    precision, recall = overall["precision"], overall["recall"]
    return [
        _with_ends(precision["weighted"]["estimate"], precision["weighted"]["commits"]),
        _with_ends(precision["unweighted"]["estimate"], precision["unweighted"]["wilson"]),
        f"{precision['k']:,}/{precision['n']:,}" + (" few" if precision["small"] else ""),
        _with_ends(recall["unweighted"]["estimate"], recall["unweighted"]["commits"]),
        _share(overall["recall_any"]["unweighted"]["estimate"]),
    ]


def _criteria(report: Mapping[str, Any], console: Console) -> None:
    """One line a criterion: what was mined, how right it is, how often the better side is longer."""
    measured = report["points"][0]["by_criterion"] if "points" in report else {}
    scored = ["precision", "recall of usable"] if measured else []
    table = _table("criterion", "mined", *scored, "better is longer", "balanced", "costs")
    mined, lengths = report["yield"]["by_criterion"], report["lengths"]["by_criterion"]
    for key in CODE_CRITERIA:
        if key not in mined and key not in measured:
            continue
        row = [CODE_CRITERIA[key].name.split()[0], f"{mined.get(key, {}).get('candidates', 0):,}"]
        if measured:
            row += _criterion_figures(measured.get(key))
        table.add_row(*row, *_length_figures(lengths.get(key)))
    if not table.row_count:
        console.print("no changes were mined")
        return
    table.add_row("[bold]all[/]", f"{report['yield']['candidates']:,}", *[""] * len(scored),
                  *_length_figures(report["lengths"]["overall"]))  # fmt: skip
    console.print(table)


def _criterion_figures(one: Mapping[str, Any] | None) -> list[str]:
    return ["–"] * 2 if one is None else [_with_counts(one["precision"]), _with_counts(one["recall"])]


def _length_figures(one: Mapping[str, Any] | None) -> list[str]:
    if one is None:
        return ["–"] * 3
    full, even = one["full"], one["balanced"]
    kept = f"{even['changes']:,} at {_share(even['p_longer'])}"
    return [_with_ends(full["p_longer"], full["wilson"]), kept, f"{one['cost']:,}"]


def _funnel(report: Mapping[str, Any], console: Console) -> None:
    with_gold = "gold" in report
    table = _table("outcome of mining", "records", *(["hand-read", "usable", "of usable"] if with_gold else []))
    rows = report["funnel"]
    for row in rows[: TOP_REASONS + 1]:
        cells = [escape(row["reason"]), f"{row['records']:,}"]
        if with_gold:
            cells += [f"{row['gold']:,}", f"{row['gold_usable']:,}", _share(row["gold_usable_share"])]
        table.add_row(*cells)
    console.print(table)
    if len(rows) > TOP_REASONS + 1:
        rest = rows[TOP_REASONS + 1 :]
        console.print(f"[dim]and {len(rest)} more reasons, {sum(row['records'] for row in rest):,} records[/]")


def _table(first: str, *titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 1))
    table.add_column(first, no_wrap=True)
    for title in titles:
        table.add_column(title, justify="right")
    return table


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _with_counts(one: Mapping[str, Any]) -> str:
    few = ", few" if one["small"] else ""
    return f"{_share(one['unweighted']['estimate'])} ({one['k']:,}/{one['n']:,}{few})"


def _with_ends(value: float | None, pair: list[float] | None) -> str:
    return _share(value) if pair is None else f"{_share(value)} {pair[0]:.2f}-{pair[1]:.2f}"
