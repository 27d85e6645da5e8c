"""Mine: sources to candidates. A documented function becomes a task, a commit of one intent a change."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import apache_beam as beam
from pydantic import Field

from parsers.functions import functions, parse_snippet, snippet
from parsers.syntax import Function, Syntax, error_bytes, parse
from pipeline.beam import Children, Expand
from pipeline.sources.base import Source, Unit
from pipeline.stages.mine_changes import ChangeOptions, mine_change
from pipeline.stages.mine_unit import MineUnit
from pipeline.stages.selection import first
from schemas.config import Options
from schemas.errors import ParseRefused
from schemas.provenance import child_id, content_id, seeded
from schemas.records import Candidate, Change, Dropped, SourceFile
from synthesis.tasks.describe import instruction, leaked_line

STAGE = "mine"
VERSION = "1"


class MineOptions(Options):
    """What makes a function or a commit worth a pair.

    Attributes:
        min_doc_words: of documentation that a task needs.
        max_doc_chars: of documentation; longer ones are manuals.
        min_body_lines: lines of the function's body that are not blank.
        max_body_lines: likewise.
        max_per_repository: candidates of one repository, drawn by rank; None for all.
        changes: what makes a commit worth a pair.
    """

    min_doc_words: int = 5
    max_doc_chars: int = 1_500
    min_body_lines: int = 3
    max_body_lines: int = 60
    max_per_repository: int | None = Field(default=None, ge=1)
    changes: ChangeOptions = ChangeOptions()


class Mine(beam.PTransform):
    """Units to candidates.

    Args:
        sources: the configured sources.
        options: of the stage.
        seed: of the run.
        cache: the workers' cache folder.
        code: version of the code that reads and mines.
    """

    def __init__(self, sources: tuple[Source, ...], options: MineOptions, seed: int, cache: str, code: str) -> None:
        super().__init__()
        self.sources = sources
        self.options = options
        self.seed = seed
        self.cache = cache
        self.version = content_id(code, options.model_dump_json(), str(seed), *(s.model_dump_json() for s in sources))

    def expand(self, units: Any) -> Any:
        """The wiring: `kept`, `dropped`, `dead` and `counts`."""
        function = partial(mine, options=self.options, seed=self.seed)
        read = units | beam.Reshuffle() | MineUnit.outputs(self.sources, function, self.version, self.cache)
        parts = [read, *(self._rows(units.pipeline, source, function) for source in self.sources)]
        mined = {
            name: tuple(part[name] for part in parts if part is not None) | f"{name} of all" >> beam.Flatten()
            for name in ("kept", "dropped", "dead", "counts")
        }
        sampled = (
            mined["kept"]
            | "repository" >> beam.Map(_by_repository)
            | beam.GroupByKey()
            | beam.ParDo(_sample, self.options.max_per_repository, self.seed).with_outputs("dropped", main="kept")
        )
        return {
            "kept": sampled.kept,
            "dropped": (mined["dropped"], sampled.dropped) | "all dropped" >> beam.Flatten(),
            "dead": mined["dead"],
            "counts": mined["counts"],
        }

    def _rows(self, pipeline: Any, source: Source, function: Any) -> Any:
        """What comes of a source that Beam itself reads; None for all others."""
        rows = source.rows(Path(self.cache))
        if rows is None:
            return None
        shared = pipeline | f"rows of {source.name}" >> rows | f"share {source.name}" >> beam.Reshuffle()
        return shared | f"mine {source.name}" >> Expand.outputs(STAGE, partial(function, windowed=source.windowed))


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


def mine(record: SourceFile | Change, options: MineOptions, seed: int, windowed: bool = True) -> Children:
    """Candidates of one record, and why its other functions are none.

    Args:
        record: a file or a change.
        options: of the stage.
        seed: of the run.
        windowed: whether the windows hold for the changes of its source.
    """
    try:
        if isinstance(record, Change):
            made = mine_change(record, options.changes, windowed, seed)
            return made if isinstance(made, Dropped) else [made]
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


def unit_id(unit: Unit) -> str:
    """What identifies a unit's content."""
    return content_id(unit.source, unit.key, unit.digest)
