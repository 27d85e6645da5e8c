"""What a user's table says of repositories: stars, contributors, issues. CSV with a header, or JSON lines."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from schemas.errors import ConfigError
from schemas.records import Facts

_COUNTS = ("stars", "contributors", "issues")


@dataclass(frozen=True, slots=True)
class Reputation:
    """Counts of one repository; None where the table has none."""

    stars: int | None = None
    contributors: int | None = None
    issues: int | None = None

    def over(self, facts: Facts) -> Facts:
        """`facts` with these counts in the place of what the history tells."""
        contributors = facts.contributors if self.contributors is None else self.contributors
        return replace(facts, stars=self.stars, issues=self.issues, contributors=contributors)


def read_table(path: str) -> dict[str, Reputation]:
    """The rows of a table, by repository; read once.

    Raises:
        ConfigError: it can't be read, or a row is wrong.
    """
    file = Path(path)
    try:
        return _read_table(path, file.stat().st_mtime_ns)
    except OSError as error:
        raise ConfigError(f"reputation: {path}: can't be read: {error.strerror}; correct the path.") from None


@cache
def _read_table(path: str, _: int) -> dict[str, Reputation]:
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"reputation: {path}: is not UTF-8 at byte {error.start}; convert it.") from None
    table: dict[str, Reputation] = {}
    for number, row in _json_rows(path, text) if text.lstrip().startswith("{") else _csv_rows(path, text):
        where = f"reputation: {path}: line {number}"
        repo = row.get("repo")
        unknown = sorted(set(row) - {"repo", *_COUNTS})
        if not isinstance(repo, str) or not repo:
            raise ConfigError(f"{where}: repo is {repo!r}; name its repository, such as github.com/owner/name.")
        if unknown:
            raise ConfigError(f"{where}: {unknown[0]!r} is no column; there are repo, {', '.join(_COUNTS)}.")
        if repo in table:
            raise ConfigError(f"{where}: {repo} has a row already; keep one.")
        table[repo] = Reputation(*(_count(where, name, row.get(name)) for name in _COUNTS))
    return table


def _csv_rows(path: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(text, newline=""), restkey="(too many)", strict=True)
    try:
        if "repo" not in (reader.fieldnames or ()):
            raise ConfigError(f"reputation: {path}: line 1 has no column `repo`; name the columns there.")
        for row in reader:
            yield reader.line_num, row
    except csv.Error as error:
        raise ConfigError(f"reputation: {path}: line {reader.line_num}: {error}; it is no CSV.") from None


def _json_rows(path: str, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ConfigError(f"reputation: {path}: line {number}: no JSON: {error}") from None
        if not isinstance(row, dict):
            raise ConfigError(f"reputation: {path}: line {number}: holds {type(row).__name__}, must be an object.")
        yield number, row


def _count(where: str, name: str, value: Any) -> int | None:
    if value is None or value == "":
        return None
    text = str(value).strip()
    if isinstance(value, bool | float) or not (text.isascii() and text.isdigit()):
        raise ConfigError(f"{where}: {name} is {value!r}; must be a whole number, or nothing.")
    return int(text)
