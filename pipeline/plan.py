"""What a configuration's sources hold, counted without making anything."""

from collections import Counter
from pathlib import Path
from typing import Any

from rich.console import Console

from pipeline.config import RunConfig
from pipeline.progress import stage_progress, tick
from pipeline.run import prepare
from pipeline.stages.mine import mine
from schemas.records import Candidate, Change, Dropped, SourceFile


def count_sources(config: RunConfig, console: Console) -> dict[str, Any]:
    """Counts per source and language: files, changes, candidates, and pairs at most; and drop reasons per source.

    Raises:
        SourceUnavailable: a required source can't be had.
    """
    units, warnings = prepare(config, console)
    cache = Path(config.execution.cache).expanduser()
    sources = {source.name: source for source in config.sources}
    counts: Counter[tuple[str, str, str]] = Counter()
    reasons: Counter[tuple[str, str]] = Counter()
    with stage_progress(console, "plan", "records", None):
        for unit in units:
            for record in sources[unit.source].read(unit, cache):
                tick("plan")
                if isinstance(record, Dropped):
                    reasons[unit.source, record.reason] += 1
                else:
                    _count(record, config, unit.source, counts)
    rows = []
    for source, language in sorted({(source, language) for source, language, _ in counts}):
        tasks, changes = counts[source, language, "tasks"], counts[source, language, "edits"]
        per_task = len(config.synthesize.backend.criteria)
        rows.append(
            {
                "source": source,
                "language": language,
                "files": counts[source, language, "files"],
                "changes": counts[source, language, "changes"],
                "candidates": tasks + changes,
                "pairs_at_most": tasks * per_task + changes,
            }
        )
    dropped = [{"source": source, "reason": reason, "records": n} for (source, reason), n in sorted(reasons.items())]
    return {"rows": rows, "dropped": dropped, "warnings": list(warnings)}


def _count(record: SourceFile | Change, config: RunConfig, source: str, counts: Counter[tuple[str, str, str]]) -> None:
    counts[source, record.language, "files" if isinstance(record, SourceFile) else "changes"] += 1
    windowed = {one.name: one.windowed for one in config.sources}[source]
    children = mine(record, config.mine, config.seed, windowed)
    for child in children if isinstance(children, list) else []:
        if isinstance(child, Candidate):
            counts[source, record.language, "tasks" if child.kind == "task" else "edits"] += 1
