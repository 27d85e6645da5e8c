"""Rows that only ever grow, in one file: what was once read out of a history is not read again.

A row is a JSON array a line. A batch counts from the moment its seal, a JSON string, stands behind it; what a killed
process left unsealed, and anything that is not JSON, is cut off at the next append.
"""

import fcntl
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

_encode = json.JSONEncoder(separators=(",", ":")).encode
Kept = TypeVar("Kept")


class Journal:
    """An append-only file of rows; every call opens it anew, so that threads and processes can share it.

    Args:
        path: of the file; need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def held(self) -> Iterator[None]:
        """While this context lasts, no other process or thread holds the journal."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def load(self, keep: Callable[[list[Any]], Kept]) -> tuple[list[tuple[int, Kept]], list[str], int]:
        """What `keep` makes of each sealed row, with its offset in bytes; the seals; where the last one ends."""
        rows: list[tuple[int, Kept]] = []
        seals: list[str] = []
        end = sealed = kept = 0
        if not self.path.is_file():
            return rows, seals, 0
        with self.path.open("rb") as stream:
            for line in stream:
                try:
                    row = json.loads(line)
                except ValueError:
                    break
                if not line.endswith(b"\n"):
                    break
                if isinstance(row, str):
                    seals.append(row)
                    sealed, kept = end + len(line), len(rows)
                else:
                    rows.append((end, keep(row)))
                end += len(line)
        return rows[:kept], seals, sealed

    def append(
        self, rows: Iterable[list[Any]], seal: str, end: int, keep: Callable[[list[Any]], Kept]
    ) -> list[tuple[int, Kept]]:
        """Write `rows` and their seal behind the byte `end`, where the last seal ends; returns them as `load` does."""
        kept = []
        with self.path.open("ab") as out:
            out.truncate(end)
            for row in rows:
                kept.append((end, keep(row)))
                end += out.write(_line(row))
            out.write(_line(seal))
        return kept

    def rows(self, offsets: Iterable[int]) -> Iterator[list[Any]]:
        """The rows at `offsets`, in that order."""
        with self.path.open("rb") as stream:
            for offset in offsets:
                stream.seek(offset)
                row = json.loads(stream.readline())
                assert isinstance(row, list)
                yield row


def _line(value: Any) -> bytes:
    return _encode(value).encode("ascii") + b"\n"
