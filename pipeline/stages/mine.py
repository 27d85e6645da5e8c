"""Mine: sources to candidates. A documented function becomes a task, an edited one a change."""

import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
from pydantic import Field

from parsers.edits import edited_functions
from parsers.functions import functions, parse_snippet, snippet
from parsers.syntax import Function, Syntax, error_bytes, parse
from pipeline.beam import Children, Expand, dead
from pipeline.sources.base import Source, Unit
from pipeline.stages.selection import first
from schemas.config import Options
from schemas.criteria import CODE_CRITERIA
from schemas.errors import ParseRefused
from schemas.provenance import child_id, content_id, seeded
from schemas.records import Candidate, Change, Dropped, SourceFile
from synthesis.tasks.instruct import instruction, leaked_line

STAGE = "mine"
VERSION = "1"


class MineOptions(Options):
    """What makes a function or a commit worth a pair.

    Attributes:
        min_doc_words: of documentation that a task needs.
        max_doc_chars: of documentation; longer ones are manuals.
        min_body_lines: lines of the function's body that are not blank.
        max_body_lines: likewise.
        min_message_chars: of a commit's message, exclusive.
        max_message_chars: likewise.
        max_per_repository: candidates of one repository, drawn by rank; None for all.
    """

    min_doc_words: int = 5
    max_doc_chars: int = 1_500
    min_body_lines: int = 3
    max_body_lines: int = 60
    min_message_chars: int = 10
    max_message_chars: int = 15_000
    max_per_repository: int | None = Field(default=None, ge=1)


class ReadUnit(beam.DoFn):
    """Records of one unit of a source; a reader that fails sends the unit to the dead letters.

    Args:
        sources: the configured sources.
        cache: the worker's cache folder.
    """

    def __init__(self, sources: tuple[Source, ...], cache: str) -> None:
        self.sources = {source.name: source for source in sources}
        self.cache = cache

    def process(self, unit: Unit) -> Iterator[Any]:
        """One unit."""
        try:
            yield from self.sources[unit.source].read(unit, Path(self.cache))
        except Exception as error:  # noqa: BLE001  (rule 3)
            yield beam.pvalue.TaggedOutput("dead", dead(STAGE, error, unit))


class Mine(beam.PTransform):
    """Units to candidates.

    Args:
        sources: the configured sources.
        options: of the stage.
        seed: of the run.
        cache: the workers' cache folder.
    """

    def __init__(self, sources: tuple[Source, ...], options: MineOptions, seed: int, cache: str) -> None:
        super().__init__()
        self.sources = sources
        self.options = options
        self.seed = seed
        self.cache = cache

    def expand(self, units: Any) -> Any:
        """The wiring: `kept`, `dropped`, `dead` and `counts`."""
        read = (
            units
            | beam.Reshuffle()
            | beam.ParDo(ReadUnit(self.sources, self.cache)).with_outputs("dead", main="records")
        )
        mined = (
            read.records
            | "share records" >> beam.Reshuffle()
            | Expand.outputs(STAGE, partial(mine, options=self.options, seed=self.seed))
        )
        sampled = (
            mined.kept
            | "repository" >> beam.Map(_by_repository)
            | beam.GroupByKey()
            | beam.ParDo(_sample, self.options.max_per_repository, self.seed).with_outputs("dropped", main="kept")
        )
        unread = read.dead | "count unread" >> beam.Map(_unread)
        return {
            "kept": sampled.kept,
            "dropped": (mined.dropped, sampled.dropped) | "all dropped" >> beam.Flatten(),
            "dead": (mined.dead, read.dead) | "all dead" >> beam.Flatten(),
            "counts": (mined.counts, unread) | "all counts" >> beam.Flatten(),
        }


def _by_repository(candidate: Candidate) -> tuple[str, Candidate]:
    return candidate.origin.repo, candidate


def _sample(item: tuple[str, Iterable[Candidate]], most: int | None, seed: int) -> Iterator[Any]:
    candidates = list(item[1])
    kept = first((one.id for one in candidates), len(candidates) if most is None else most, seed)
    for one in candidates:
        if one.id in kept:
            yield one
        else:
            detail = f"{item[0]} has {len(candidates)} candidates, at most {most}"
            yield beam.pvalue.TaggedOutput("dropped", Dropped(STAGE, "repository_share", detail, one.id, one.origin))


def _unread(_: Any) -> tuple[str, int]:
    return "dead_units", 1


def mine(record: SourceFile | Change, options: MineOptions, seed: int) -> Children:
    """Candidates of one record, and why its other functions are none."""
    try:
        if isinstance(record, Change):
            return mine_change(record, options, seed)
        syntax = parse(record.language, record.text)
    except ParseRefused as refused:
        return Dropped(STAGE, refused.reason, refused.detail, record.id, record.origin)
    return [mine_function(record, syntax, function, options, seed) for function in functions(syntax)]


def mine_function(
    file: SourceFile, syntax: Syntax, function: Function, options: MineOptions, seed: int
) -> Candidate | Dropped:
    """The task that asks for a function, or why it makes none."""
    id_ = child_id(file.id, f"{STAGE}/task", VERSION, {"name": function.name}, (function.span,))
    words = len(function.doc.split())
    if words < options.min_doc_words:
        return Dropped(
            STAGE, "undocumented", f"{words} words of documentation, at least {options.min_doc_words}", id_, file.origin
        )
    if len(function.doc) > options.max_doc_chars:
        detail = f"{len(function.doc)} characters of documentation, at most {options.max_doc_chars}"
        return Dropped(STAGE, "long_documentation", detail, id_, file.origin)
    leak = leaked_line(syntax, function)
    if leak is not None:
        return Dropped(STAGE, "documentation_leaks_body", leak[:200], id_, file.origin)
    cut = cut_function(syntax, function, options)
    if isinstance(cut, ParseRefused):
        return Dropped(STAGE, cut.reason, cut.detail, id_, file.origin)
    prompt = instruction(file.language, function, seeded(seed, "instruct", id_))
    return Candidate(id_, file.id, "task", file.origin, file.language, (function.span,), prompt, cut)


def cut_function(syntax: Syntax, function: Function, options: MineOptions) -> str | ParseRefused:
    """The function's code on its own, or why it can't stand alone."""
    lines = sum(1 for line in syntax.text(function.body).split("\n") if line.strip())
    if not options.min_body_lines <= lines <= options.max_body_lines:
        bounds = f"{options.min_body_lines} to {options.max_body_lines}"
        return ParseRefused("body_lines", f"{lines} lines, {bounds} are kept")
    code = snippet(syntax, function)
    if code is None:
        return ParseRefused("irregular_indentation", "a line stands left of the function's start")
    if "\ufffd" in code or "\0" in code:
        return ParseRefused("replacement_character", "the text was damaged before it was published")
    try:
        alone = parse_snippet(syntax.language, code)
    except ParseRefused as refused:
        return refused
    if error_bytes(alone.syntax.root) > error_bytes(function.node):
        return ParseRefused("does_not_stand_alone", "parses with errors outside its file")
    return code


def mine_change(change: Change, options: MineOptions, seed: int) -> Children:
    """The edited function of a commit as a candidate, or why it makes none."""
    message = change.message.strip()
    if not options.min_message_chars < len(message) < options.max_message_chars:
        bounds = f"between {options.min_message_chars} and {options.max_message_chars}"
        return Dropped(STAGE, "message_length", f"{len(message)} characters, {bounds}", change.id, change.origin)
    criterion = criterion_of(message)
    if criterion is None:
        return Dropped(STAGE, "no_criterion", message.split("\n")[0][:200], change.id, change.origin)
    edits = edited_functions(change.language, change.before, change.after)
    only = edits.only
    if only is None:
        touched = len(edits.functions) + len(edits.added) + len(edits.removed)
        detail = f"{touched} functions touched{', and more than functions' if edits.elsewhere else ''}"
        return Dropped(STAGE, "not_one_function", detail, change.id, change.origin)
    before = _edited_side(change.language, change.before, only.before, options)
    after = _edited_side(change.language, change.after, only.after, options)
    if isinstance(before, ParseRefused) or isinstance(after, ParseRefused):
        refused = before if isinstance(before, ParseRefused) else after
        assert isinstance(refused, ParseRefused)
        return Dropped(STAGE, refused.reason, refused.detail, change.id, change.origin)
    newer, code = after
    id_ = child_id(change.id, f"{STAGE}/change", VERSION, {"name": newer.name}, (newer.span,))
    prompt = instruction(change.language, newer, seeded(seed, "instruct", id_))
    found = Candidate(
        id_, change.id, "change", change.origin, change.language, (newer.span,), prompt, code,
        before=before[1], criterion=criterion, confidence=0.5, message=message,
    )  # fmt: skip
    return [found]


def _edited_side(
    language: str, text: str, code: str | None, options: MineOptions
) -> tuple[Function, str] | ParseRefused:
    """The edited function in one version of its file, and its code, or why it can't stand alone."""
    syntax = parse(language, text)
    for function in functions(syntax):
        if code is not None and snippet(syntax, function) == code:
            cut = cut_function(syntax, function, options)
            return cut if isinstance(cut, ParseRefused) else (function, cut)
    return ParseRefused("irregular_indentation", "a line stands left of the function's start")


def criterion_of(message: str) -> str | None:
    """The criterion whose terms, as whole words, are in the subject; the one with most hits, None for none or a tie."""
    subject = message.split("\n", 1)[0].lower()
    hits = {
        key: sum(1 for term in criterion.terms if re.search(rf"\b{re.escape(term)}\b", subject))
        for key, criterion in CODE_CRITERIA.items()
    }
    best = max(hits.values())
    winners = [key for key, count in hits.items() if count == best]
    return winners[0] if best and len(winners) == 1 else None


def unit_id(unit: Unit) -> str:
    """What identifies a unit's content."""
    return content_id(unit.source, unit.key, unit.digest)
