"""A row of a commit table (git-commits, git-commits-merged, CommitPack, CommitPackFT, BigQuery) to a `Change`.

A row says of itself that it is one file of one commit; it says nothing of the commit's other files. Both released
families hold commits that touched more than one file, and nothing in a row can tell.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any

from parsers.language import language_of, languages
from pipeline.sources.files import Refused, decode, recorded
from pipeline.sources.licenses import spdx
from schemas.provenance import Origin, content_id, sha256
from schemas.records import Change, Dropped, Facts

_ONE_OF = (
    ("commit",),
    ("repos",),
    ("file_path", "new_file"),
    ("old_contents",),
    ("new_contents",),
    ("message", "subject"),
)
COLUMNS = (*(name for names in _ONE_OF for name in names), "old_file", "license", "unix_time", "lang", "language")
"""Every column that is read; others are left alone."""

HOST = "github.com"
_MAX_TIME = 2**40
_spdx = lru_cache(maxsize=4096)(spdx)


@dataclass(frozen=True, slots=True)
class RowOptions:
    """What is the same for all rows of a source.

    Attributes:
        source: its name.
        max_blob_bytes: larger sides are dropped.
        language: of files whose path says none; None for the row's own word.
    """

    source: str
    max_blob_bytes: int
    language: str | None = None


def missing_columns(columns: Iterable[str]) -> list[str]:
    """What a table lacks to be read, such as `file_path or new_file`; empty where nothing is missing."""
    there = set(columns)
    return [" or ".join(names) for names in _ONE_OF if there.isdisjoint(names)]


def change_of(row: Mapping[str, Any], options: RowOptions, where: str, facts: Facts | None = None) -> Change | Dropped:
    """The change that a row holds, or why it holds none; never raises, whatever the values' types are.

    Args:
        row: values by the names of `COLUMNS`, any of which may be absent or null: texts as `str` or UTF-8 `bytes`,
            `repos` comma-separated or a list, `unix_time` a number, digits or a datetime.
        options: of the source.
        where: the row's place, for the reason of a drop.
        facts: what else is known of the change.

    Returns:
        A `Change` whose repository is the first of `repos`, spelled `github.com/owner/name`; or a `Dropped` with
        `missing_field`, `not_in_place` (old and new path differ), `identical`, `no_language`, or, for a side, a
        reason of `decode` (`too_large`, `empty`, `nul_bytes`, `not_utf8`).
    """
    origin = origin_of(row, options)
    path = origin.path
    message = _text(row, "message", "subject")
    named = {"commit": origin.revision, "repos": origin.repo, "file_path or new_file": path, "message": message}
    for name, value in named.items():
        if not value:
            return dropped(origin, Refused("missing_field", f"{where}: {name}"))
    old_path = _text(row, "old_file")
    if old_path and old_path != path:
        return dropped(origin, Refused("not_in_place", f"was {old_path}"))
    texts = []
    for column in ("old_contents", "new_contents"):
        data = _bytes(row.get(column))
        if data is None:
            return dropped(origin, Refused("missing_field", f"{where}: {column}"))
        text = decode(data, options.max_blob_bytes)
        if isinstance(text, Refused):
            return dropped(origin, Refused(text.reason, f"{column}: {text.detail}"))
        texts.append(text)
    before, after = texts
    newer = after.encode()
    origin = replace(origin, blob_sha256=sha256(newer), before_sha256=sha256(before.encode()))
    if before == after:
        return dropped(origin, Refused("identical", f"{len(newer)} bytes"))
    known = language_of(path, newer)
    language = known.name if known else _named(options.language or _text(row, "lang", "language"))
    if language is None:
        return dropped(origin, Refused("no_language", path))
    return Change(origin, language, message, before, after, facts or Facts())


def origin_of(row: Mapping[str, Any], options: RowOptions) -> Origin:
    """Where a row says that it is from, without the hashes of its sides; empty texts for what it does not say."""
    stated = _text(row, "license")
    return Origin(
        options.source, repo_of(row.get("repos")), _text(row, "commit"), _text(row, "file_path", "new_file"), "",
        _spdx(stated) if stated else None, seconds(row.get("unix_time")),
    )  # fmt: skip


def dropped(origin: Origin, refused: Refused) -> Dropped:
    """A row that is no change, and why."""
    key = content_id(origin.source, origin.repo, origin.revision, origin.path, "change")
    return Dropped("mine", refused.reason, refused.detail, key, origin)


def _bytes(value: Any) -> bytes | None:
    """A cell as UTF-8, wrong where it was wrong; None for none and for what is no text."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else None


def _text(row: Mapping[str, Any], *names: str) -> str:
    """The first of the columns that holds something but white space, without loss; empty for none."""
    for name in names:
        data = _bytes(row.get(name))
        if data is not None and data.strip():
            return recorded(data)
    return ""


def repo_of(value: Any) -> str:
    """`github.com/owner/name` of the first repository that is named; empty for none."""
    items = value if isinstance(value, list | tuple) else [value]
    for item in items:
        data = _bytes(item)
        for name in recorded(data).split(",") if data else ():
            bare = name.strip().removeprefix("https://").removeprefix(f"{HOST}/").strip("/").removesuffix(".git")
            if bare:
                return f"{HOST}/{bare}"
    return ""


def seconds(value: Any) -> int | None:
    """Unix seconds of a number, digits or a datetime (UTC where it names no zone); None for anything else."""
    if isinstance(value, datetime):
        value = (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    if isinstance(value, bytes):
        value = value.decode("ascii", "replace")
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return int(number) if math.isfinite(number) and abs(number) < _MAX_TIME else None


@cache
def _spellings() -> dict[str, str]:
    """Released spelling of a language by its name, its folder and its fence, lower case."""
    known = languages().values()
    return {word.casefold(): one.name for one in known for word in (one.name, one.folder, one.fence)}


def _named(word: str) -> str | None:
    return _spellings().get(word.strip().casefold())
