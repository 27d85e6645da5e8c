"""One reader over one set of commits, measured in a process of its own.

Usage: python -m bench.one TOOL REPOSITORY SHAS OUT, where SHAS is a file of full shas, one a line (for `Themis`: a file
that holds the number of commits, newest first, or nothing for all). OUT gets the result as JSON.
"""

import importlib
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.peers import PEERS
from parsers.language import languages
from pipeline.sources.git import GitSource
from schemas.records import Change

OURS = "Themis"
_MODULES = {"pygit2": "pygit2", "dulwich": "dulwich.repo", "GitPython": "git", "PyDriller": "pydriller"}


def cpu_s() -> float:
    """CPU seconds so far of this process and of the children that have ended."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def ours(repository: str, most: int | None, cache: Path) -> Iterator[tuple[str, str, int] | str]:
    """As `measure` wants them, what the source `git` reads from an empty cache: facts, licences and all."""
    options = {"name": "bench", "repositories": [repository], "records": "changes", "max_commits": most}
    source = GitSource.model_validate_json(json.dumps(options))
    for unit in source.prepare(cache, lambda _: None).units:
        for record in source.read(unit, cache):
            assert record.origin is not None
            yield record.origin.revision
            if isinstance(record, Change):
                sides = len(record.before) + len(record.after)
                yield record.origin.revision, record.origin.path, sides


def theirs(tool: str, repository: str, shas: list[str]) -> Iterator[tuple[str, str, int] | str]:
    """As `measure` wants them, what a peer reads."""
    yield from shas
    for edit in PEERS[tool](repository, shas):
        yield edit.sha, edit.path, len(edit.before) + len(edit.after)


def measure(found: Iterator[tuple[str, str, int] | str]) -> dict[str, object]:
    """Run a reader to its end.

    Args:
        found: full shas of the commits that were examined, and (sha, path, characters of both sides) of each edit.

    Returns:
        `examined`, `edits`, `cpu_s` and `wall_s` of the work without imports, `process_cpu_s` with them, `self_mb` and
        `child_mb` (peak memory of this process, and of the largest child).

    Raises:
        RuntimeError: the reader leaves a process behind, whose CPU time would be lost.
    """
    examined: list[str] = []
    edits: list[tuple[str, str, int]] = []
    cpu, wall = cpu_s(), time.perf_counter()
    for one in found:
        if isinstance(one, str):
            examined.append(one)
        else:
            edits.append(one)
    left = _children_left()
    used = {"cpu_s": cpu_s() - cpu, "wall_s": time.perf_counter() - wall, "process_cpu_s": cpu_s()}
    if left:
        raise RuntimeError("a process of the reader still runs; close the reader before it is measured.")
    peaks = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "examined": examined,
        "edits": sorted(edits),
        **used,
        **dict(zip(("self_mb", "child_mb"), peaks, strict=True)),
    }


def _children_left() -> bool:
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def main(tool: str, repository: str, shas: Path, out: Path) -> None:
    """Measure, and write what came out."""
    languages()  # of the setting up, as imports are
    words = shas.read_text(encoding="ascii").split()
    if tool == OURS:
        with tempfile.TemporaryDirectory(prefix="themis-bench-") as cache:
            result = measure(ours(repository, int(words[0]) if words else None, Path(cache)))
    else:
        if tool in _MODULES:
            importlib.import_module(_MODULES[tool])
        result = measure(theirs(tool, repository, words))
    out.write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
