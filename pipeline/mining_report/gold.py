"""Hand-read commits: one JSON object a line, each field checked, each commit once."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError
from schemas.provenance import sha256

NONE = "none"
"""What a commit is labelled that improves no criterion."""

MAX_BYTES = 200_000_000
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Gold:
    """One hand-read commit.

    Attributes:
        line: of the file, from 1.
        repo: owner and name, such as `libuv/libuv`.
        sha: of the commit, full.
        path: of the one file that it changes; empty where the reader gave none.
        criterion: key of the criterion that it improves, or `none`.
        usable: whether its two sides make a pair for that criterion.
        weight: how many commits of the population it stands for.
        also: other criteria that it improves; they never count as right.
        strength: 1 to 5; None where not given.
        confidence: the reader's own; empty where not given.
        kind: what sort of change; empty where not given.
        language: released spelling; empty where not given.
        note: the reader's words.
    """

    line: int
    repo: str
    sha: str
    path: str
    criterion: str
    usable: bool
    weight: float = 1.0
    also: tuple[str, ...] = ()
    strength: int | None = None
    confidence: str = ""
    kind: str = ""
    language: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class GoldFile:
    """The commits of a gold file.

    Attributes:
        name: of the file, without its folder.
        sha256: of its bytes.
        rows: lines that hold a commit.
        commits: each once, in the file's order.
    """

    name: str
    sha256: str
    rows: int
    commits: tuple[Gold, ...]


def read_gold(path: Path) -> GoldFile:
    """The commits of a gold file.

    Raises:
        ConfigError: the file can't be read, holds no commit, or a line is wrong; it names the line.
    """
    try:
        data = path.read_bytes() if path.stat().st_size <= MAX_BYTES else None
    except OSError as error:
        raise ConfigError(f"{path}: can't be read ({error.strerror}). Give a file of JSON lines.") from None
    if data is None:
        raise ConfigError(f"{path}: more than {MAX_BYTES:,} bytes, so it is no file of hand-read commits.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 (byte {error.start}). Save it as UTF-8.") from None
    rows = list(_rows(path, text))
    if not rows:
        raise ConfigError(f"{path}: holds no commit. Each line is a JSON object with repo, sha, criterion and usable.")
    return GoldFile(path.name, sha256(data), len(rows), _once(path, rows))


def same_repository(run_repo: str, gold_repo: str) -> bool:
    """Whether `run_repo`, such as `github.com/libuv/libuv`, is `gold_repo`, such as `libuv/libuv`; case aside."""
    ours, theirs = run_repo.casefold(), gold_repo.casefold()
    return ours == theirs or ours.endswith(f"/{theirs}")


def _rows(path: Path, text: str) -> Iterator[Gold]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"{path}: line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise ConfigError(f"{where}: not JSON ({error}). Each line is one JSON object.") from None
        if not isinstance(row, dict):
            raise ConfigError(f"{where}: holds {type(row).__name__}, must be a JSON object.")
        yield _gold(where, number, row)


def _gold(where: str, number: int, row: dict[str, Any]) -> Gold:
    """One checked row."""
    for name in ("repo", "sha", "criterion", "usable"):
        if name not in row:
            raise ConfigError(f"{where}: {name}: missing. Each commit has repo, sha, criterion and usable.")
    texts = {name: _text(where, row, name) for name in ("repo", "sha", "path", "criterion", "confidence", "kind",
                                                        "language", "note")}  # fmt: skip
    if not texts["repo"].strip("/"):
        raise ConfigError(f"{where}: repo: empty, must be such as 'libuv/libuv'.")
    if not _SHA.fullmatch(texts["sha"]):
        raise ConfigError(f"{where}: sha: {texts['sha']!r}, must be a full commit sha in lower case.")
    if texts["criterion"] not in (*CODE_CRITERIA, NONE):
        raise ConfigError(f"{where}: criterion: {texts['criterion']!r}, must be {NONE}, {', '.join(CODE_CRITERIA)}.")
    if not isinstance(row["usable"], bool):
        raise ConfigError(f"{where}: usable: {row['usable']!r}, must be true or false.")
    if row["usable"] and texts["criterion"] == NONE:
        raise ConfigError(f"{where}: usable: true, but its criterion is {NONE}. Give its criterion, or false.")
    also = row.get("also") or []
    if not isinstance(also, list) or any(one not in CODE_CRITERIA for one in also):
        raise ConfigError(f"{where}: also: {also!r}, must be a list of criteria ({', '.join(CODE_CRITERIA)}).")
    texts["repo"] = texts["repo"].strip("/")
    return Gold(
        line=number, usable=row["usable"], weight=_weight(where, row), also=tuple(also), strength=_strength(where, row),
        **texts,
    )  # fmt: skip


def _text(where: str, row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise ConfigError(f"{where}: {name}: {value!r}, must be a text.")
    return value


def _weight(where: str, row: dict[str, Any]) -> float:
    value = row.get("weight")
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise ConfigError(f"{where}: weight: {value!r}, must be a number above 0; leave it out for 1.")
    return float(value)


def _strength(where: str, row: dict[str, Any]) -> int | None:
    value = row.get("strength")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 5:
        raise ConfigError(f"{where}: strength: {value!r}, must be a whole number from 1 to 5.")
    return value


def _once(path: Path, rows: list[Gold]) -> tuple[Gold, ...]:
    """Each commit once.

    Raises:
        ConfigError: two lines of one commit do not agree.
    """
    kept: dict[tuple[str, str], Gold] = {}
    for row in rows:
        first = kept.setdefault((row.repo.casefold(), row.sha), row)
        for name in ("path", "criterion", "usable", "weight"):
            if getattr(first, name) != getattr(row, name):
                raise ConfigError(
                    f"{path}: line {row.line}: {name}: {getattr(row, name)!r}, but line {first.line} has the same"
                    f" commit with {getattr(first, name)!r}. Keep one of the two."
                )
    return tuple(kept.values())
