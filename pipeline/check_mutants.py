"""Whether real files still pass their language's toolchain with a mutant in the place of one of their functions."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from parsers.functions import functions, parse_snippet
from parsers.syntax import parse
from pipeline.put_back import put_back
from pipeline.sources.files import FilesSource
from pipeline.stages.mine import MineOptions, mine_function
from pipeline.toolchains import TOOLCHAINS, Text, complaints, counts, new_complaint, present
from schemas.errors import ConfigError, ParseRefused
from schemas.provenance import content_id, seeded
from schemas.records import Candidate, SourceFile
from synthesis.mutations.operator import Mutant, Operator, mutant, sites
from synthesis.tasks.describe import protected_words

_PER_FILE = 2  # functions of one file, so that a sample has many files
_FILES_AT_ONCE = 40
_FILES_PER_FUNCTION = 20  # where few files pass: how many are tried for each function that is asked for
_SITES_TRIED = 8
_TEXTS_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Source:
    """A file, and the folder that was asked for."""

    file: SourceFile
    root: Path

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.root / self.file.origin.path


@dataclass(frozen=True, slots=True)
class Sample:
    """A function of a file that passes: the task that mining makes of it, and the complaints about the whole file."""

    source: Source
    task: Candidate
    said: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One mutant in its file; `said` is the first new complaint, None where the file passes."""

    sample: Sample
    made: Mutant
    said: str | None


def check(
    folders: Sequence[str],
    operators: Sequence[Operator],
    samples: int,
    seed: int,
    tell: Callable[[str], None],
    only: Sequence[str] = (),
) -> dict[str, Any]:
    """Check one mutant an operator of up to `samples` functions a language, where the language's toolchain is here.

    Args:
        folders: folders of source files.
        operators: those to try.
        samples: functions a language.
        seed: what draws files, functions and sites.
        tell: gets a line of progress.
        only: languages to check; all by default.

    Returns:
        `languages`, `operators` (a row for each with its languages) and `failures`.

    Raises:
        ConfigError: a folder is not there, or no file of a known language is in it.
    """
    rows: list[dict[str, Any]] = []
    outcomes: list[Outcome] = []
    for language, sources in sorted(_sources(folders).items()):
        if only and language not in only:
            continue
        if not present(language):
            rows.append({"language": language, "toolchain": None})
            tell(f"{language}: its toolchain is not on this machine, so it is not checked")
            continue
        found, tried, sound = sample(language, sources, samples, seed)
        checked = judged(language, found, operators, seed)
        outcomes.extend(checked)
        rows.append(_language_row(language, tried, sound, len(found), checked))
        tell(f"{language}: {rows[-1]['pass']} of {len(checked)} mutants pass")
    return {"languages": rows, "operators": _operator_rows(outcomes), "failures": _failures(outcomes)}


def _sources(folders: Sequence[str]) -> dict[str, list[Source]]:
    """Files by language, in an order that follows from their content alone."""
    found: dict[str, list[Source]] = defaultdict(list)
    for folder in folders:
        root = Path(folder).resolve()
        if not root.is_dir():
            raise ConfigError(f"{folder}: no such folder. Name folders of source files.")
        source = FilesSource(name="check", paths=(str(root),), required=False)
        with TemporaryDirectory(prefix="themis-check-") as cache:
            for unit in source.prepare(Path(cache), lambda _: None).units:
                for file in source.read(unit, Path(cache)):
                    if isinstance(file, SourceFile):
                        found[file.language].append(Source(file, root))
    if not found:
        raise ConfigError(f"{', '.join(folders)}: no file of a known language is there. Name folders of source files.")
    return {language: sorted(listed, key=lambda one: one.file.id) for language, listed in found.items()}


def sample(language: str, sources: list[Source], most: int, seed: int) -> tuple[list[Sample], int, int]:
    """Functions of files that pass as they are, how many files were tried, and how many of them pass."""
    found: list[Sample] = []
    tried = sound = 0
    order = seeded(seed, "check", language).sample(sources, len(sources))[: most * _FILES_PER_FUNCTION]
    for start in range(0, len(order), _FILES_AT_ONCE):
        chunk = [(one, tasks) for one in order[start : start + _FILES_AT_ONCE] if (tasks := _tasks(one, seed))]
        said = complaints(language, [Text(one.path, one.root, one.file.text) for one, _ in chunk])
        for (one, tasks), of_original in zip(chunk, said, strict=True):
            tried += 1
            if counts(language, of_original):
                sound += 1
                found.extend(Sample(one, task, of_original) for task in tasks)
        if len(found) >= most:
            break
    return found[:most], tried, sound


def _tasks(source: Source, seed: int) -> list[Candidate]:
    """Up to `_PER_FILE` functions of a file that mining takes."""
    try:
        syntax = parse(source.file.language, source.file.text)
        made = [mine_function(source.file, syntax, one, MineOptions(), seed) for one in functions(syntax)]
    except ParseRefused:
        return []
    tasks = [one for one in made if isinstance(one, Candidate)]
    return seeded(seed, "check", source.file.id).sample(tasks, min(_PER_FILE, len(tasks)))


def judged(language: str, samples: Sequence[Sample], operators: Sequence[Operator], seed: int) -> list[Outcome]:
    """What the toolchain says of one mutant an operator of each function."""
    pairs = [(one, made) for one in samples for made in _mutants(one, operators, seed)]
    outcomes = []
    for start in range(0, len(pairs), _TEXTS_AT_ONCE):
        chunk = pairs[start : start + _TEXTS_AT_ONCE]
        said = complaints(language, [Text(one.source.path, one.source.root, _file(one, made)) for one, made in chunk])
        for (one, made), lines in zip(chunk, said, strict=True):
            outcomes.append(Outcome(one, made, new_complaint(language, lines, one.said)))
    return outcomes


def _file(one: Sample, made: Mutant) -> str:
    return put_back(one.source.file.text.encode("utf-8"), one.task.spans[0], one.task.after, made.edits)


def _mutants(one: Sample, operators: Sequence[Operator], seed: int) -> Iterator[Mutant]:
    """A mutant of each operator that fits, at a site drawn from the function."""
    language, code = one.task.language, one.task.after
    original, protected = parse_snippet(language, code), protected_words(one.task.instruction)
    for operator in operators:
        found = sites(operator, language, original)
        drawn = seeded(seed, f"check/{operator.name}", one.task.id).sample(found, min(len(found), _SITES_TRIED))
        made = (mutant(operator, language, code, original, site, protected) for site in drawn)
        first = next((one for one in made if one is not None), None)
        if first is not None:
            yield first


def _rate(passed: int, of: int) -> float | None:
    return round(passed / of, 4) if of else None


def _language_row(language: str, tried: int, sound: int, found: int, checked: Sequence[Outcome]) -> dict[str, Any]:
    known, passed = TOOLCHAINS[language], sum(one.said is None for one in checked)
    return {
        "language": language, "toolchain": Path(known.program).name, "checks": known.checks, "files": tried,
        "originals_pass": sound, "functions": found, "mutants": len(checked), "pass": passed,
        "rate": _rate(passed, len(checked)),
    }  # fmt: skip


def _operator_rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """A row an operator, the worst first."""
    by_operator: dict[Operator, list[Outcome]] = defaultdict(list)
    for one in outcomes:
        by_operator[one.made.operator].append(one)
    rows = []
    for operator, listed in by_operator.items():
        languages = {
            language: {"mutants": len(there), "pass": sum(one.said is None for one in there)}
            for language in sorted({one.sample.task.language for one in listed})
            if (there := [one for one in listed if one.sample.task.language == language])
        }
        passed = sum(one.said is None for one in listed)
        rows.append(
            {"operator": operator.name, "kind": operator.kind, "criterion": operator.criterion, "mutants": len(listed),
             "pass": passed, "rate": _rate(passed, len(listed)), "languages": languages}
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row["rate"], row["operator"]))


def _failures(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Each mutant that does not pass, with what is said of it."""
    return [
        {
            "operator": one.made.operator.name,
            "language": one.sample.task.language,
            "path": str(one.sample.source.path),
            "said": one.said,
            "code": one.sample.task.after,
            "edits": [[edit.start, edit.end, edit.text] for edit in one.made.edits],
            "id": content_id(one.sample.task.id, one.made.operator.name),
        }
        for one in outcomes
        if one.said is not None
    ]
