"""The catalogue of mutation operators: rows for scripts, and `docs/operators.md`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypedDict

from parsers.language import languages
from schemas.contract import LANGUAGES
from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError
from synthesis.mutations import HELD_OUT, OPERATORS, PLACEBOS, REPAIRS
from synthesis.mutations.operator import Operator

ENOUGH = 5
"""Operators that a criterion should have in a language."""


class Yields(TypedDict):
    """How many functions each operator applies to, of how many: what `bench/yields.py` counts.

    Attributes:
        functions: functions counted, by language.
        operators: by operator's name and language, functions with a fit mutant.
        groups: by criterion's key, `repair` or `placebo`, and language: functions with any.
    """

    functions: dict[str, int]
    operators: dict[str, dict[str, int]]
    groups: dict[str, dict[str, int]]


def read_yields(path: Path) -> Yields:
    """Counts from a file of `bench/yields.py`.

    Raises:
        ConfigError: the file is not there, or is not one of these.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Yields(functions=found["functions"], operators=found["operators"], groups=found["groups"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: {error}. Name a file that bench/yields.py wrote.") from None


def known_languages() -> list[str]:
    """Languages that have a folder, in the released order, then by name."""
    found = set(languages())
    return [*(name for name in LANGUAGES if name in found), *sorted(found - set(LANGUAGES))]


def catalogue() -> list[dict[str, Any]]:
    """A row an operator: defects by criterion, repairs by criterion, placebos."""
    listed = [*OPERATORS.values(), *REPAIRS.values(), PLACEBOS]
    return [
        {
            "name": one.name, "kind": one.kind, "criterion": one.criterion, "family": one.family,
            "blatant": one.blatant, "held_out": one.family in HELD_OUT,
            "languages": list(one.languages) or known_languages(), "defect": one.defect, "reference": one.reference,
            "version": one.version,
        }
        for group in listed
        for one in group
    ]  # fmt: skip


def markdown(yields: Yields | None) -> str:
    """`docs/operators.md`.

    Args:
        yields: for the cells; without it a cell only says whether the operator is for the language.
    """
    lines = ["# Mutation operators", "", *_preface(yields)]
    for key, operators in OPERATORS.items():
        lines += ["", f"## {CODE_CRITERIA[key].name}", "", *_table(operators, yields), "", *_few(operators, yields)]
    lines += ["", "## Repairs", "", "Inverse operators, for code that has the defect as its author left it."]
    for key, operators in REPAIRS.items():
        if operators:
            lines += ["", f"### {CODE_CRITERIA[key].name}", "", *_table(operators, yields)]
    lines += ["", "## Placebos", "", "Edits that change neither meaning nor quality.", "", *_table(PLACEBOS, yields)]
    return "\n".join(lines) + "\n"


def _preface(yields: Yields | None) -> list[str]:
    counts = [sum(map(len, OPERATORS.values())), sum(map(len, REPAIRS.values())), len(PLACEBOS)]
    lines = [
        f"{counts[0]} operators make code worse, each by one criterion; {counts[1]} repairs make it better;",
        f"{counts[2]} placebos do neither. This page is what `themis mutations list --markdown` prints, with the",
        "counts of `tests/data/operator_yield.json`: change the code, not the page.",
        "",
        "Beside each operator: its family (*held out* ones make no training pair), `!` where a reviewer sees the",
        "defect at a glance, and a cell a language.",
    ]  # fmt: skip
    if yields is None:
        return [*lines, "In a cell: `yes` where it may apply, `-` where it is not for the language."]
    share = [key for key in (*OPERATORS, "repair", "placebo") if key in yields["groups"]]
    head = ["functions with at least one", *known_languages()]
    rows = [
        [_group(key), *(_percent(yields["groups"][key], yields, one) for one in known_languages())] for key in share
    ]
    rows.append(["functions counted", *(f"{yields['functions'].get(one, 0):,}" for one in known_languages())])
    return [
        *lines,
        "In a cell: functions with a fit mutant by it, of a hundred documented functions of public code; `0` where",
        "there was none among those counted, `-` where it is not for the language.",
        "",
        *_rows(head, rows),
    ]  # fmt: skip


def _group(key: str) -> str:
    return CODE_CRITERIA[key].name if key in CODE_CRITERIA else f"any {key}"


def _table(operators: Sequence[Operator], yields: Yields | None) -> list[str]:
    head = ["operator", "family", "what it does", "reference", *known_languages()]
    rows = []
    for one in operators:
        held = " *held out*" if one.family in HELD_OUT else ""
        cells = [_cell(one, language, yields) for language in known_languages()]
        rows.append(
            [f"`{one.name}`{' !' if one.blatant else ''}", one.family + held, one.defect, one.reference, *cells]
        )
    return _rows(head, rows)


def _cell(one: Operator, language: str, yields: Yields | None) -> str:
    if one.languages and language not in one.languages:
        return "-"
    return "yes" if yields is None else _percent(yields["operators"].get(one.name, {}), yields, language)


def _percent(counts: dict[str, int], yields: Yields, language: str) -> str:
    """Functions of a hundred, with one decimal below ten."""
    count, of = counts.get(language, 0), yields["functions"].get(language, 0)
    if not count or not of:
        return "0"
    share = 100 * count / of
    return f"{share:.0f}" if share >= 10 else f"{share:.1f}" if share >= 0.05 else "<0.1"


def applicable(operators: Sequence[Operator], language: str, yields: Yields | None) -> int:
    """How many of the operators apply in a language: all that are for it or, with counts, those seen to."""
    return sum(_cell(one, language, yields) not in ("-", "0") for one in operators)


def _few(operators: Sequence[Operator], yields: Yields | None) -> list[str]:
    """The languages in which a criterion has fewer than `ENOUGH` operators."""
    found = {language: applicable(operators, language, yields) for language in known_languages()}
    few = [f"{language} ({count})" for language, count in found.items() if count < ENOUGH]
    if not few:
        return [f"At least {ENOUGH} of them apply in every language."]
    return [f"Fewer than {ENOUGH} of them apply in: {', '.join(few)}."]


def _rows(head: list[str], rows: list[list[str]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
