"""A repository's history as an index in the cache: each commit's header and raw difference, read once.

The index is two journals a repository, and the messages as they are. A new head adds only what the heads before it did
not reach.
"""

import os
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, chain
from pathlib import Path
from typing import IO, Any

from pipeline.sources.git_journal import Journal
from pipeline.sources.git_order import Order, integration_order
from pipeline.sources.git_view import Commit, Entry, Headers, View
from schemas.errors import SourceUnavailable
from schemas.provenance import content_id

VERSION = "2"
MAX_BYTES_IN_MEMORY = 64_000_000
"""Of all messages of a history, to be kept in memory; those of a larger one are read as they are needed."""
MAX_FRESH_ENTRIES = 100_000
"""Of commits that were just read from git, kept in memory until they are used."""
_REMEMBERED_HEADS = 8
_ENDS = 5


class History:
    """The commits that a head reaches, by position in the order of integration.

    Attributes:
        head: full sha.
        order: of all of them, merges included.
        parents: of each, their number.
        first_parents: of each, the position of the first one; None where there is none.
        authored_at: Unix seconds.
        committed_at: Unix seconds.
        authors: of each, a hash of the author's e-mail.
        roots: shas of those without parents, sorted; empty where the history is cut off (a shallow clone).
        plain: positions of those that are no merges, ascending.
    """

    def __init__(self, columns: Sequence[Sequence[Any]], messages: Path, differences: Journal, head: str) -> None:
        shas, parents, authored, committed, authors, ends = columns
        lines = [one.split(" ") if one else [] for one in parents]
        self.head = head
        self.order: Order = integration_order(head, dict(zip(shas, lines, strict=True)))
        place = {sha: at for at, sha in enumerate(shas)}
        listed = [place[sha] for sha in self.order.shas]
        position = {sha: at for at, sha in enumerate(self.order.shas)}
        self.parents = [len(lines[at]) for at in listed]
        self.first_parents = [position.get(lines[at][0]) if lines[at] else None for at in listed]
        self.authored_at: list[int] = [authored[at] for at in listed]
        self.committed_at: list[int] = [committed[at] for at in listed]
        self.authors: list[str] = [authors[at] for at in listed]
        self.plain = [at for at, count in enumerate(self.parents) if count < 2]
        self.roots: list[str] = []
        self._messages = messages
        self._spans = [(ends[at - 1] if at else 0, ends[at]) for at in listed]
        self._in_memory = messages.read_bytes() if messages.stat().st_size <= MAX_BYTES_IN_MEMORY else None
        self._differences = differences

    @property
    def family(self) -> str | None:
        """The smallest sha of a root, which forks share; None where the history is cut off."""
        return self.roots[0] if self.roots else None

    def messages(self, positions: Sequence[int]) -> Iterator[str]:
        """The messages of the commits at `positions`, in that order."""
        spans = (self._spans[at] for at in positions)
        if self._in_memory is not None:
            yield from (self._in_memory[start:end].decode("utf-8", "replace") for start, end in spans)
            return
        with self._messages.open("rb") as stream:
            for start, end in spans:
                stream.seek(start)
                yield stream.read(end - start).decode("utf-8", "replace")

    def differences(self, view: View, positions: Sequence[int]) -> Iterator[Commit]:
        """What the commits at `positions` changed, in that order; read from git what no run has read before."""
        shas = [self.order.shas[at] for at in positions]
        with self._differences.held():
            rows, _, end = self._differences.load(_sha)
            offsets = {sha: offset for offset, sha in rows}
            lacking = [sha for sha in shas if sha not in offsets]
            fresh: dict[str, Commit] = {}
            if lacking:
                # git packs the newest whole and older ones as differences to them: so it reads them faster backwards
                found = _kept_rows(view.commits(lacking[::-1]), fresh)
                offsets |= {sha: offset for offset, sha in self._differences.append(found, "", end, _sha)}
        present = self._differences.rows([offsets[sha] for sha in shas if sha in offsets and sha not in fresh])
        for sha in shas:
            if sha in fresh:
                yield fresh.pop(sha)
            else:
                yield _difference(next(present)) if sha in offsets else Commit(sha, -1, ())


def open_history(view: View, folder: Path, location: str, head: str, timeout_s: float) -> History:
    """The history of `head`, from the index in `folder`, which first gets what it lacks.

    Raises:
        SourceUnavailable: a commit is missing or damaged.
    """
    key = content_id("history", VERSION, location, view.shallow)
    headers, differences = Journal(folder / f"{key}.headers"), Journal(folder / f"{key}.differences")
    messages = folder / f"{key}.messages"
    with headers.held():
        rows, heads, end = headers.load(_whole)
        columns = _joined(row for _, row in rows)
        written = columns[_ENDS][-1] if columns[_ENDS] else 0
        if written > (messages.stat().st_size if messages.is_file() else -1):  # they were lost: all is read again
            columns, heads, end, written = _joined(()), [], 0, 0
        if head not in heads:
            had = set(columns[0])
            new = view.headers(head, heads[-_REMEMBERED_HEADS:], timeout_s)
            with messages.open("ab") as out:
                out.seek(out.truncate(written))
                lacking = (_row(one, had, out) for one in new)
                rows = headers.append(lacking, head, end, _whole)
            columns = _joined([columns, *(row for _, row in rows)])
    if head not in columns[0]:
        raise SourceUnavailable(f"commit {head} is missing.")
    history = History(columns, messages, differences, head)
    if not view.is_shallow:
        history.roots = sorted(history.order.shas[at] for at, count in enumerate(history.parents) if not count)
    return history


def first_from(positions: list[int], at: int) -> int:
    """Index of the first of the ascending `positions` that is not before `at`."""
    return bisect_left(positions, at)


def _sha(row: list[Any]) -> str:
    return str(row[0])


def _whole(row: list[Any]) -> list[Any]:
    return row


def _row(batch: Headers, had: set[str], out: IO[bytes]) -> list[list[Any]]:
    """A row of the index of headers: the columns of a batch, without the commits that the index `had`.

    Their messages are written to `out`; in their place the row has where each one ends there.
    """
    told: list[list[Any]] = [batch.shas, batch.parents, batch.authored_at, batch.committed_at, batch.authors]
    messages = batch.messages
    if not had.isdisjoint(batch.shas):
        new = [at for at, sha in enumerate(batch.shas) if sha not in had]
        told = [[column[at] for at in new] for column in told]
        messages = [messages[at] for at in new]
    ends = list(accumulate(map(len, messages), initial=out.tell()))[1:]
    out.writelines(messages)
    return [*told, ends]


def _joined(rows: Iterable[Sequence[Sequence[Any]]]) -> list[list[Any]]:
    """The columns of several rows as one each."""
    listed = list(rows)
    return [list(chain.from_iterable(row[at] for row in listed)) for at in range(_ENDS + 1)]


def _difference_row(commit: Commit) -> list[Any]:
    entries = [[*one.modes, *one.oids, one.status, os.fsdecode(one.path)] for one in commit.entries]
    return [commit.sha, commit.files, entries]


def _kept_rows(commits: Iterable[Commit], fresh: dict[str, Commit]) -> Iterator[list[Any]]:
    """The rows of the commits that can be read; the first commits stay in `fresh`, which saves reading them back."""
    room = MAX_FRESH_ENTRIES
    for commit in commits:
        if commit.files >= 0:
            room -= 1 + len(commit.entries)
            if room >= 0:
                fresh[commit.sha] = commit
            yield _difference_row(commit)


def _difference(row: list[Any]) -> Commit:
    sha, files, entries = row
    return Commit(sha, files, tuple(read_entry(one) for one in entries))


def read_entry(row: list[str]) -> Entry:
    """An entry from its six words: two modes, two oids, status and path."""
    older, newer, before, after, status, path = row
    return Entry((older, newer), (before, after), status, os.fsencode(path))


def write_beside(path: Path, data: bytes) -> None:
    """Make the file `path` appear whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
