"""Every call of a model, kept by its key in one SQLite file, so that nothing is asked twice.

The file is in WAL mode: several processes and threads of one machine may use it at once (not over a network file
system), and a killed process leaves whole rows or none. After a power cut the last rows may be missing, never the file.
"""

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Set
from contextlib import contextmanager
from dataclasses import astuple, dataclass, fields
from itertools import islice
from pathlib import Path
from typing import IO, Any

from schemas import contract
from synthesis.calls import Answer, LedgerUnusable, Request, key_of

COLUMNS = tuple(contract.LEDGER.names)
_KINDS = tuple({"int64": int, "double": float}.get(str(field.type), str) for field in contract.LEDGER)

BUSY_S = 60.0
"""How long a statement waits for another process that writes."""

_APPLICATION = 0x7E315CA1  # marks our files; any number that no other program is known to use
_VERSION = 1
_BATCH = 1000
_ANSWER = tuple(field.name for field in fields(Answer))
_TABLE = """
CREATE TABLE IF NOT EXISTS calls (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    task TEXT NOT NULL, record TEXT NOT NULL, model TEXT NOT NULL, request TEXT NOT NULL,
    text TEXT NOT NULL, finish TEXT NOT NULL, prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
    seconds REAL NOT NULL, served_model TEXT NOT NULL, server TEXT NOT NULL, asked_at INTEGER NOT NULL
)
"""
_ALL = ", ".join(COLUMNS)
_INSERT = f"INSERT INTO calls ({_ALL}) VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (key) DO NOTHING"  # noqa: S608
_FIND = f"SELECT {', '.join(_ANSWER)} FROM calls WHERE key = ?"  # noqa: S608
_NEXT = f"SELECT place, {_ALL} FROM calls WHERE place > ? ORDER BY place LIMIT {_BATCH}"  # noqa: S608
_NEXT_KEY = f"SELECT key, {_ALL} FROM calls WHERE key > ? ORDER BY key LIMIT {_BATCH}"  # noqa: S608
_STATS = """
SELECT task, model, count(*), sum(prompt_tokens), sum(completion_tokens), sum(seconds)
FROM calls GROUP BY task, model ORDER BY task, model
"""


@dataclass(frozen=True, slots=True)
class Usage:
    """What one task asked of one model.

    Attributes:
        task: name of the task.
        model: name of the model as its server knows it.
        calls: number of answers stored.
        prompt_tokens: summed, as servers counted.
        completion_tokens: likewise.
        seconds: summed over calls; calls overlap in time.
    """

    task: str
    model: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    seconds: float


class Ledger:
    """The calls in the file `path`, which is made where it is absent. It may be pickled: what comes out opens anew.

    Raises:
        LedgerUnusable: by every method: the file is damaged, another program's, full or locked for a minute.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._mutex = threading.Lock()
        self._open: tuple[int, sqlite3.Connection, IO[str]] | None = None
        with self._connection():
            pass

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if hasattr(self, "_open"):
            self.close()

    def __reduce__(self) -> tuple[type["Ledger"], tuple[Path]]:
        return Ledger, (self.path,)

    def get(self, key: str) -> Answer | None:
        """The answer stored under `key`."""
        with self._connection() as connection:
            row = connection.execute(_FIND, (key,)).fetchone()
        return None if row is None else Answer(*row)

    def put(self, request: Request, answer: Answer) -> Answer:
        """Store an answer; returns the one that stands, which is another where the call is there already."""
        canonical = request.canonical
        key = key_of(canonical)
        row = (key, request.task, request.record, request.model, canonical, *astuple(answer))
        with self._connection() as connection:
            if connection.execute(_INSERT, row).rowcount:
                return answer
        stands = self.get(key)
        return answer if stands is None else stands

    def load(self, rows: Iterable[dict[str, Any]]) -> int:
        """Take in rows of `contract.LEDGER`, in order; returns how many were new.

        Raises:
            LedgerUnusable: a row lacks a column, or its key is not that of its request; nothing of its batch is taken.
        """
        new = 0
        rest = iter(rows)
        while batch := list(islice(rest, _BATCH)):
            values = [self._checked(row) for row in batch]
            with self._connection() as connection, _transaction(connection):
                new += connection.executemany(_INSERT, values).rowcount
        return new

    def rows(self, *, by_key: bool = False) -> Iterator[dict[str, Any]]:
        """Rows as `contract.LEDGER`, in the order of their insertion or their keys; new ones may join meanwhile."""
        query, last = (_NEXT_KEY, "") if by_key else (_NEXT, 0)
        while True:
            with self._connection() as connection:
                batch = connection.execute(query, (last,)).fetchall()
            if not batch:
                return
            for last, *values in batch:  # noqa: B007
                yield dict(zip(COLUMNS, values, strict=True))

    def stats(self) -> tuple[Usage, ...]:
        """Calls, tokens and seconds, ordered by task and model."""
        with self._connection() as connection:
            return tuple(Usage(*row) for row in connection.execute(_STATS))

    def __len__(self) -> int:
        with self._connection() as connection:
            count: int = connection.execute("SELECT count(*) FROM calls").fetchone()[0]
        return count

    def gc(self, keep: Set[str]) -> int:
        """Drop every call whose key is not in `keep`; returns how many. The order of the rest stays.

        Raises:
            LedgerUnusable: another process has the file open: what it stored a moment ago might be dropped.
        """
        with self._connection() as connection, self._alone():
            with _transaction(connection):
                connection.execute("CREATE TEMP TABLE kept (key TEXT PRIMARY KEY) WITHOUT ROWID")
                connection.executemany("INSERT INTO kept VALUES (?)", ((key,) for key in keep))
                dropped = connection.execute("DELETE FROM calls WHERE key NOT IN (SELECT key FROM kept)").rowcount
                connection.execute("DROP TABLE kept")
            connection.execute("VACUUM")
        return dropped

    def close(self) -> None:
        """Close the file; whatever is called next opens it again."""
        with self._mutex:
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
                self._open[2].close()
            self._open = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """This process's connection, for one thread at a time; SQLite's errors become ours."""
        with self._mutex:
            try:
                if self._open is None or self._open[0] != os.getpid():  # a fork's connection is its parent's
                    self._open = (os.getpid(), *_opened(self.path))
                yield self._open[1]
            except (sqlite3.Error, UnicodeError) as error:
                raise LedgerUnusable(
                    f"{self.path}: the ledger can't be used: {error}. Where it is damaged, move it away; "
                    "`themis ledger` and the next run begin a new one, which sealed ledgers of runs can be loaded into."
                ) from error
            except OSError as error:
                raise LedgerUnusable(f"{self.path}: the ledger can't be opened: {error.strerror}.") from error

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the file for this process only."""
        assert self._open is not None
        held = self._open[2]
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LedgerUnusable(f"{self.path}: another process has the ledger open. Try again when it ends.") from None
        try:
            yield
        finally:
            fcntl.flock(held, fcntl.LOCK_SH)

    def _checked(self, row: dict[str, Any]) -> tuple[Any, ...]:
        for name, kind in zip(COLUMNS, _KINDS, strict=True):
            if not isinstance(row.get(name), kind):
                raise LedgerUnusable(
                    f"{self.path}: {name} of a row to load is {row.get(name)!r}, must be {kind.__name__}."
                )
        if key_of(row["request"]) != row["key"]:
            raise LedgerUnusable(f"{self.path}: the row {row['key']!r} to load is another request's.")
        return tuple(row[name] for name in COLUMNS)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _opened(path: Path) -> tuple[sqlite3.Connection, IO[str]]:
    """A connection to our database at `path`, and the lock file that says that it is in use."""
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
        held = path.with_name(path.name + ".lock").open("a", encoding="ascii")
    except BaseException:
        connection.close()
        raise
    fcntl.flock(held, fcntl.LOCK_SH)
    return connection, held


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the table where the file is empty, and check that the file is ours where it is not.

    The file is looked at through SQLite alone: to open and close it beside would undo this process's locks on it.
    """
    if not _is_ours(connection):
        _into_wal(connection)
        with _transaction(connection):
            if not _is_ours(connection):  # another process may have been first
                connection.execute(_TABLE)
                connection.execute(f"PRAGMA application_id = {_APPLICATION}")
                connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("PRAGMA synchronous = NORMAL")


def _is_ours(connection: sqlite3.Connection) -> bool:
    """Whether the file is a ledger; False for an empty one.

    Raises:
        sqlite3.DatabaseError: it is neither.
    """
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    if application != _APPLICATION:
        if connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]:
            raise sqlite3.DatabaseError("it is another program's file")
        return False
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version != _VERSION:
        raise sqlite3.DatabaseError(f"it is of version {version}, this is {_VERSION}; use the Themis that wrote it")
    return True


def _into_wal(connection: sqlite3.Connection) -> None:
    """Set the mode that stays with the file; of two processes that do it at once SQLite lets one fail, not wait."""
    until = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return
