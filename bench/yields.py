"""How many mined functions give a mutant, by operator and language: the figures of docs/operators.md.

Usage: python -m bench.yields RUN [--functions 1500] [--out tests/data/operator_yield.json]

RUN is the folder of a run whose stage mine is done. Of each language the first so many tasks by id are counted; the
words that a prompt names are protected, as in the pipeline. Of each operator and function the first fit mutant is held
to what every mutant promises; it ends with 1 where one breaks a promise.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from parsers.functions import Snippet, parse_snippet
from parsers.syntax import error_bytes
from pipeline import storage
from pipeline.operators_table import Yields, known_languages
from schemas import contract
from schemas.errors import ConfigError, ParseRefused
from schemas.records import Candidate
from synthesis.mutations import OPERATORS, PLACEBOS, REPAIRS
from synthesis.mutations.operator import Mutant, Operator, apply, inverse, mutant, sites
from synthesis.tasks.describe import protected_words

_SITES_TRIED = 8

GROUPS: dict[str, tuple[Operator, ...]] = {
    **OPERATORS,
    "repair": tuple(one for listed in REPAIRS.values() for one in listed),
    "placebo": PLACEBOS,
}
"""What a function may have at least one of, and the operators that give it."""


def tasks(run: str, most: int) -> dict[str, list[Candidate]]:
    """Up to `most` tasks a language of a run's mined table, by id.

    Raises:
        ConfigError: the run has no mined table.
    """
    paths = storage.listed(storage.join(run, "mined"), "*.parquet")
    if not paths:
        raise ConfigError(f"{run}: no mined/*.parquet is there. Name a run whose stage mine is done.")
    rows = [row for path in paths for row in storage.read_table(path).to_pylist() if row["kind"] == "task"]
    found: dict[str, list[Candidate]] = {language: [] for language in known_languages()}
    for row in sorted(rows, key=lambda row: row["id"]):
        if len(found.setdefault(row["language"], [])) < most:
            found[row["language"]].append(contract.candidate_from_row(row))
    return found


def first_mutant(one: Operator, task: Candidate, original: Snippet, protected: frozenset[str]) -> Mutant | None:
    """The fit mutant of a function at the first of an operator's first sites that gives one."""
    found = sites(one, task.language, original)[:_SITES_TRIED]
    made = (mutant(one, task.language, task.after, original, site, protected) for site in found)
    return next((each for each in made if each is not None), None)


def broken(task: Candidate, original: Snippet, made: Mutant) -> str | None:
    """The promise that a mutant breaks; None where it keeps them all."""
    parsed = parse_snippet(task.language, made.code)
    if error_bytes(parsed.syntax.root) > error_bytes(original.syntax.root):
        return "new parse errors"
    if apply(task.after, made.edits) != made.code or apply(made.code, inverse(task.after, made.edits)) != task.after:
        return "not undone by its inverse"
    before, after = task.after.encode(), made.code.encode()
    start, tail = made.edits[0].start, len(before) - made.edits[-1].end
    if before[:start] != after[:start] or before[len(before) - tail :] != after[len(after) - tail :]:
        return "differs outside its spans"
    return None


def counted(by_language: dict[str, list[Candidate]], breaks: list[str]) -> Yields:
    """Functions with a mutant, by operator and by group; `breaks` takes a line for each promise that is broken."""
    operators: dict[str, Counter[str]] = {one.name: Counter() for group in GROUPS.values() for one in group}
    groups: dict[str, Counter[str]] = {key: Counter() for key in GROUPS}
    for language, listed in by_language.items():
        for task in listed:
            try:
                original = parse_snippet(language, task.after)
            except ParseRefused:
                continue
            protected = protected_words(task.instruction)
            for key, group in GROUPS.items():
                made = [each for one in group if (each := first_mutant(one, task, original, protected)) is not None]
                names = [each.operator.name for each in made]
                told = ((each, broken(task, original, each)) for each in made)
                breaks += [f"{each.operator.name}, {language}, {task.id}: {line}" for each, line in told if line]
                groups[key][language] += bool(names)
                for name in names:
                    operators[name][language] += 1
    return Yields(
        functions={language: len(listed) for language, listed in by_language.items()},
        operators={name: _plain(counts) for name, counts in operators.items()},
        groups={key: _plain(counts) for key, counts in groups.items()},
    )


def _plain(counts: Counter[str]) -> dict[str, int]:
    return {language: counts[language] for language in known_languages() if counts[language]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Count, and write the file; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("run", help="a run's folder")
    parser.add_argument("--functions", type=int, default=1_500, help="functions a language")
    parser.add_argument("--out", type=Path, default=Path("tests/data/operator_yield.json"), help="where the JSON goes")
    given = parser.parse_args(arguments)
    breaks: list[str] = []
    found: Any = counted(tasks(given.run, given.functions), breaks)
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    made = sum(sum(counts.values()) for counts in found["operators"].values())
    print("\n".join([f"wrote {given.out}", f"{len(breaks)} of {made:,} mutants break a promise", *breaks[:20]]))
    return 1 if breaks else 0


if __name__ == "__main__":
    sys.exit(main())
