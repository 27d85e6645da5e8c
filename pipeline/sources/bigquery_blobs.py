"""Sides that BigQuery's tables lack, read from the repository itself."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from pipeline.sources.files import Refused
from pipeline.sources.git_place import Place
from pipeline.sources.git_plumbing import is_sha
from schemas.errors import SourceUnavailable

MAX_FAILURES = 3
_SIDES = ("old", "new")


def complete(rows: Iterable[dict[str, Any]], place: Place, cache: Path) -> Iterator[dict[str, Any]]:
    """Rows of one repository, with the sides that they lack where the repository has them; all others as they are.

    The newest row comes first, since the fetch of a commit brings what came before it. A repository that fails for
    `MAX_FAILURES` commits in a row is left alone from there on.

    Args:
        rows: rows of the query.
        place: their repository.
        cache: folder of clones.
    """
    failures = 0
    for row in sorted(rows, key=_newest_first):
        if failures < MAX_FAILURES and any(row.get(f"{side}_contents") is None for side in _SIDES):
            try:
                row = _completed(row, place, cache)
                failures = 0
            except SourceUnavailable:
                failures += 1
        yield row


def _newest_first(row: dict[str, Any]) -> tuple[int, str]:
    at = row.get("unix_time")
    return -at if isinstance(at, int) else 0, str(row.get("commit"))


def _completed(row: dict[str, Any], place: Place, cache: Path) -> dict[str, Any]:
    """One row with bytes for the sides that it lacks.

    Raises:
        SourceUnavailable: the commit can't be had.
    """
    commit = row.get("commit")
    if not isinstance(commit, str) or not is_sha(commit):
        return row
    found = dict(row)
    with place.view(cache, commit) as view:
        for side in _SIDES:
            oid = row.get(f"{side}_blob")
            if row.get(f"{side}_contents") is None and isinstance(oid, str) and is_sha(oid):
                data = view.objects.blob(oid, place.max_blob_bytes)
                if not isinstance(data, Refused):
                    found[f"{side}_contents"] = data
    return found
