"""A unit's plan: the commits that it reads with all their facts, as lines whose sha256 is the unit's digest.

A plan is made on the driver and kept in the cache; a worker that lacks it makes it again from the same history.
"""

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any

from pipeline.sources.files import has_known_ending, recorded
from pipeline.sources.git_facts import DAY_S, Story
from pipeline.sources.git_follow import FollowUp, mends
from pipeline.sources.git_history import History, first_from, read_entry
from pipeline.sources.git_licence import touch_licence
from pipeline.sources.git_reputation import Reputation
from pipeline.sources.git_view import Entry, View
from schemas.provenance import sha256
from schemas.records import Facts

_PLAIN = frozenset({"100644", "100755", "100664"})  # the last one is in old histories
_encode = json.JSONEncoder(separators=(",", ":")).encode
_fact_words = attrgetter(*(field.name for field in fields(Facts)))
MAX_FOLLOW_UPS = 16
MAX_WAITING = 16
"""Latest changes of one path for which a follow-up is still looked for."""
FOLLOW_UP_COMMITS = 2000
"""How far behind a commit, in commits, a follow-up of the same day is looked for."""


@dataclass(frozen=True, slots=True)
class Row:
    """One commit of a plan.

    Attributes:
        sha: full.
        committed_at: Unix seconds.
        message: whole; empty where there is no one file.
        files: number of files that it touches; -1 where its trees can't be read.
        entry: the one file, where there is one alone.
        facts: all but `refixed_by`, which is known once the blobs are read.
        later: commits within a day that touch the same path, in order.
        licences_of: the parent, where it has the same licence files; None where that is not so, or not known.
    """

    sha: str
    committed_at: int
    message: str
    files: int
    entry: Entry | None
    facts: Facts
    later: tuple[FollowUp, ...]
    licences_of: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """What one unit reads.

    Attributes:
        up_to: the commit whose history is enough to make this plan.
        first: index of the first commit, among those that are no merges.
        count: number of commits.
        data: the plan's lines: the family, then a row each.
    """

    up_to: str
    first: int
    count: int
    data: bytes

    @property
    def digest(self) -> str:
        """sha256 of the lines."""
        return sha256(self.data)


def plans(
    story: Story, view: View, first: int, size: int, reputation: Reputation | None, end: int | None = None
) -> Iterator[Plan]:
    """The plans for the commits that are no merges, from the one at index `first` on.

    Args:
        story: of the history.
        view: of the repository.
        first: index of the first commit.
        size: commits of one plan; plans start at multiples of it, so that they stay what they were as history grows.
        reputation: of the repository, from the user's table.
        end: index behind the last commit; None for all.
    """
    history = story.history
    end = len(history.plain) if end is None else end
    changed, surveyed = _survey(story, view, history.plain[first : end + FOLLOW_UP_COMMITS], end - first)
    later = _mending(history, surveyed)
    shas, family = history.order.shas, history.family
    root = 0 if family is None else shas.index(family)
    while first < end:
        count = min(end, first - first % size + size) - first
        positions = history.plain[first : first + count]
        lines, bears = [_line(family)], root
        for at, message in zip(positions, history.messages(positions), strict=True):
            facts = story.facts(at, message)
            files, entry, unchanged = changed.pop(at)
            parent = history.first_parents[at]
            followed = later.pop(at, [])
            row = Row(
                shas[at], history.committed_at[at], message if entry is not None else "", files, entry,
                facts if reputation is None else reputation.over(facts), tuple(one for _, one in followed),
                shas[parent] if unchanged and parent is not None else None,
            )  # fmt: skip
            lines.append(_line(_words(row)))
            bears = max(bears, story.bearing(at), *(position for position, _ in followed))
        yield Plan(shas[history.order.closing(bears)], first, count, b"".join(lines))
        first += count


def rows(data: bytes) -> tuple[str | None, list[Row]]:
    """The family and the rows of a plan's lines."""
    family, *listed = json.loads(b"[" + data.strip().replace(b"\n", b",") + b"]")
    return family, [_row(words) for words in listed]


def row_of(story: Story, view: View, sha: str, reputation: Reputation | None) -> Row | None:
    """The row of one commit; None where it is a merge or not in the history."""
    shas, plain = story.history.order.shas, story.history.plain
    at = shas.index(sha) if sha in shas else -1
    index = first_from(plain, at)
    if at < 0 or index == len(plain) or plain[index] != at:
        return None
    (only,) = plans(story, view, index, 1, reputation, index + 1)
    return rows(only.data)[1][0]


def _survey(
    story: Story, view: View, looked: Sequence[int], wanted: int
) -> tuple[dict[int, tuple[int, Entry | None, bool]], dict[int, list[tuple[int, FollowUp]]]]:
    """What the first `wanted` of the commits at the positions `looked` changed, and who followed on the same path."""
    changed: dict[int, tuple[int, Entry | None, bool]] = {}
    later: dict[int, list[tuple[int, FollowUp]]] = {}
    open_: dict[
        bytes, deque[tuple[int, int]]
    ] = {}  # by path: index and position of the commits that wait for followers
    history = story.history
    differences = history.differences(view, looked)
    for index, (at, commit) in enumerate(zip(looked, differences, strict=True)):
        for entry in commit.entries:
            waiting = open_.get(entry.path)
            if waiting is None or not is_edit(entry):
                continue
            for since, earlier in waiting:
                if index - since <= FOLLOW_UP_COMMITS and _soon(history, earlier, at):
                    found = later.setdefault(earlier, [])
                    if len(found) < MAX_FOLLOW_UPS:
                        found.append((at, (commit.sha, *entry.oids, False)))
        if index < wanted:
            only = commit.entries[0] if commit.files == 1 else None
            changed[at] = commit.files, only, bool(commit.entries) and not touch_licence(commit.entries)
            if only is not None and is_edit(only) and has_known_ending(recorded(only.path)):
                open_.setdefault(only.path, deque(maxlen=MAX_WAITING)).append((index, at))
        if index % FOLLOW_UP_COMMITS == 0:
            open_ = _still_open(open_, index)
    return changed, later


def _mending(
    history: History, later: Mapping[int, list[tuple[int, FollowUp]]]
) -> dict[int, list[tuple[int, FollowUp]]]:
    """Those who followed, up to the last who says that it mends something."""
    positions = sorted({at for followed in later.values() for at, _ in followed})
    told = {at for at, message in zip(positions, history.messages(positions), strict=True) if mends(message)}
    found = {}
    for earlier, followed in later.items():
        last = max((place for place, (at, _) in enumerate(followed, 1) if at in told), default=0)
        if last:
            found[earlier] = [(at, (*one[:3], at in told)) for at, one in followed[:last]]
    return found


def _still_open(open_: Mapping[bytes, deque[tuple[int, int]]], index: int) -> dict[bytes, deque[tuple[int, int]]]:
    return {path: waiting for path, waiting in open_.items() if index - waiting[-1][0] < FOLLOW_UP_COMMITS}


def _soon(history: History, earlier: int, later: int) -> bool:
    """Whether a commit was written or committed within a day after another."""
    authored, committed = history.authored_at, history.committed_at
    return 0 <= committed[later] - committed[earlier] <= DAY_S or 0 <= authored[later] - authored[earlier] <= DAY_S


def is_plain(entry: Entry) -> bool:
    """Whether both sides are regular files."""
    return entry.modes[0] in _PLAIN and entry.modes[1] in _PLAIN


def is_edit(entry: Entry) -> bool:
    """Whether a regular file's text was modified in place."""
    return entry.status == "M" and is_plain(entry) and entry.oids[0] != entry.oids[1]


def _words(row: Row) -> list[Any]:
    entry = row.entry
    words = None if entry is None else [*entry.modes, *entry.oids, entry.status, os.fsdecode(entry.path)]
    return [
        row.sha,
        row.committed_at,
        row.message,
        row.files,
        words,
        _fact_words(row.facts),
        row.later,
        row.licences_of,
    ]


def _row(words: list[Any]) -> Row:
    sha, committed_at, message, files, entry, known, later, licences_of = words
    known[-1] = tuple(known[-1])
    facts = Facts(*known)
    followed = tuple((one, older, newer, mending) for one, older, newer, mending in later)
    only = None if entry is None else read_entry(entry)
    return Row(sha, committed_at, message, files, only, facts, followed, licences_of)


def _line(value: Any) -> bytes:
    return _encode(value).encode("ascii") + b"\n"
