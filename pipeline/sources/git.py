"""Source `git`: the changes and files of repositories, folders here or URLs, read without ever checking them out."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Literal

from pydantic import Field

from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.sources.files import recorded
from pipeline.sources.git_facts import Story, tell
from pipeline.sources.git_history import write_beside
from pipeline.sources.git_place import Place, Repository, default_repo, shown
from pipeline.sources.git_plan import Row, plans, row_of, rows
from pipeline.sources.git_plumbing import is_sha
from pipeline.sources.git_reader import Reader
from pipeline.sources.git_reputation import Reputation, read_table
from pipeline.sources.git_view import View
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, content_id, sha256
from schemas.records import Change, Dropped, SourceFile

COMMITS_PER_UNIT = 2000
FILES_PER_UNIT = 500
MAX_THREADS = 8


class GitSource(Source):
    """Changes (commits that modify one file in place) and files (of the tree at `revision`) of git repositories.

    A `Change` has `committed_at`; a `SourceFile` has none, since a tree keeps no times. That also tells `replay` which
    of the two an origin is.

    Attributes:
        repositories: what to read; a plain string is a location.
        revision: branch, tag or commit to read up to, for repositories that name none; a full sha pins it.
        repo: the unit that a split keeps whole, for a repository that names none.
        license: SPDX expression for files whose repository states none.
        records: what to read.
        max_blob_bytes: larger files are dropped, and not fetched where the server can leave them out.
        max_commits: of each repository, the last so many that are no merges; None for all.
        pull_requests: whether the heads of pull requests, where a repository keeps them, tell of membership; they are
            fetched from URLs.
        reputation: table of stars, contributors and issues by repository, CSV or JSON lines with the columns repo,
            stars, contributors, issues.
        timeout_s: longest time for one git command, a fetch among them.
    """

    kind: Literal["git"] = "git"
    repositories: tuple[Repository, ...] = Field(min_length=1)
    revision: str = Field(default="HEAD", min_length=1)
    repo: str | None = None
    license: str | None = None
    records: Literal["changes", "files", "both"] = "both"
    max_blob_bytes: int = Field(default=1_000_000, ge=1)
    max_commits: int | None = Field(default=None, ge=1)
    pull_requests: bool = True
    reputation: str | None = None
    timeout_s: float = Field(default=3600, gt=0)

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """Fetch, resolve the revisions, index the histories, list commits and files; see `Source.prepare`.

        Raises:
            ConfigError: two repositories have one name, or the table of reputations is wrong.
        """
        places = list(self._places())
        self._names_differ(places)
        if self.reputation is not None:
            read_table(self.reputation)
        lock = Lock()

        def told(line: str) -> None:
            with lock:
                progress(line)

        with ThreadPoolExecutor(min(MAX_THREADS, len(places))) as pool:
            found = list(pool.map(partial(self._tried, cache=cache, progress=told), places))
        errors = tuple(one for one in found if isinstance(one, str))
        if errors and self.required:
            raise SourceUnavailable("\n".join(errors))
        return Prepared(tuple(unit for one in found if not isinstance(one, str) for unit in one), errors)

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """The commits or files of one unit, in the order of the history or of the tree; see `Source.read`."""
        repo, kind, head, first, count = unit.key.rsplit(" ", 4)
        place = self._place(repo)
        with place.view(cache, head) as view:
            if kind == "changes":
                data = self._plan(place, view, cache, unit, head, int(first), int(count))
                family, listed = rows(data)
                yield from Reader(place, view, family).changes(listed)
                return
            reader = Reader(place, view, self._family(view, cache, head))
            for entry in view.tree(head, self.timeout_s)[int(first) : int(first) + int(count)]:
                record = reader.file(head, entry)
                if record is not None:
                    yield record

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        """The change or file at `origin`, read again; see `Source.replay`.

        Facts that later commits decide are those of the history that was prepared last in `cache`. Where the origin has
        no `blob_sha256`, what is there is taken, and the record's origin tells its digests (and its licence, where
        `origin` tells none).
        """
        place = self._place(origin.repo)
        if not is_sha(origin.revision):
            raise place.unavailable(f"{origin.revision!r} is no full commit sha, so nothing can be read again from it.")
        with place.view(cache, origin.revision) as view:
            reader = Reader(place, view, origin.family)
            if origin.committed_at is None:
                tree = view.tree(origin.revision, self.timeout_s)
                same = (entry for entry in tree if recorded(entry.path) == origin.path)
                found: list[Read | None] = [reader.file(origin.revision, entry) for entry in same]
            else:
                row = self._row(place, view, cache, origin.revision)
                found = [None if row is None else reader.change(row)]
        for record in found:
            if isinstance(record, SourceFile | Change) and record.origin.path == origin.path:
                if not origin.blob_sha256:
                    return replace(record, origin=_completed(origin, record.origin))
                if record.origin.blob_sha256 == origin.blob_sha256:
                    return replace(record, origin=origin)
                raise place.unavailable(f"{origin.path} at {origin.revision} is not blob {origin.blob_sha256}.")
        said = "".join(f" ({record.reason}: {record.detail})" for record in found if isinstance(record, Dropped))
        raise place.unavailable(f"{origin.path} at {origin.revision} can't be read{said}; fetch a whole clone of it.")

    def _places(self) -> Iterator[Place]:
        for one in self.repositories:
            yield Place(
                self.name, one.location, one.revision or self.revision,
                one.repo or self.repo or default_repo(one.location, Path.cwd()), one.license or self.license,
                self.max_blob_bytes, self.pull_requests, self.timeout_s,
            )  # fmt: skip

    def _place(self, repo: str) -> Place:
        for place in self._places():
            if place.repo == repo:
                return place
        listed = ", ".join(shown(one.location) for one in self.repositories)
        raise SourceUnavailable(f"source {self.name!r}: none of its repositories ({listed}) is called {repo!r} now.")

    def _names_differ(self, places: list[Place]) -> None:
        by_name: dict[str, Place] = {}
        for place in places:
            other = by_name.setdefault(place.repo, place)
            if other is not place:
                raise ConfigError(
                    f"source {self.name!r}: repositories {other.shown!r} and {place.shown!r} are both called "
                    f"{place.repo!r}; give one another name with `repo:`, or leave one out."
                )

    def _tried(self, place: Place, cache: Path, progress: Callable[[str], None]) -> list[Unit] | str:
        """The units of one repository, or why it can't be had."""
        try:
            return list(self._units(place, cache, progress))
        except SourceUnavailable as error:
            return str(error)

    def _units(self, place: Place, cache: Path, progress: Callable[[str], None]) -> Iterator[Unit]:
        progress(f"{self.name}: opening {place.shown}")
        head = place.resolve(cache)
        with place.view(cache, head) as view:
            if self.records != "files":
                story = self._story(place, view, cache, head)
                place.remember(cache, head)
                total = len(story.history.plain)
                first = 0 if self.max_commits is None else max(0, total - self.max_commits)
                progress(f"{self.name}: {total - first} commits of {place.repo} up to {head}")
                for plan in plans(story, view, first, COMMITS_PER_UNIT, self._reputation(place)):
                    write_beside(_kept(cache, plan.digest), plan.data)
                    key = f"{place.repo} changes {plan.up_to} {plan.first} {plan.count}"
                    yield Unit(self.name, key, plan.digest)
            if self.records != "changes":
                tree = view.tree(head, self.timeout_s)
                progress(f"{self.name}: {len(tree)} files of {place.repo} at {head}")
                family = self._family(view, cache, head)
                for start in range(0, len(tree), FILES_PER_UNIT):
                    part = tree[start : start + FILES_PER_UNIT]
                    listed = (word for e in part for word in (e.modes[1], e.oids[1], os.fsdecode(e.path)))
                    digest = content_id("files", head, str(family), *listed)
                    yield Unit(self.name, f"{place.repo} files {head} {start} {len(part)}", digest)

    def _story(self, place: Place, view: View, cache: Path, head: str) -> Story:
        return tell(place.history(view, cache, head), place.pulls(cache))

    def _reputation(self, place: Place) -> Reputation | None:
        return None if self.reputation is None else read_table(self.reputation).get(place.repo)

    def _plan(self, place: Place, view: View, cache: Path, unit: Unit, up_to: str, first: int, count: int) -> bytes:
        """A unit's plan, from the cache or made again."""
        try:
            data = _kept(cache, unit.digest).read_bytes()
        except OSError:
            data = b""
        if sha256(data) == unit.digest:
            return data
        story = self._story(place, view, cache, up_to)
        again = next(plans(story, view, first, COMMITS_PER_UNIT, self._reputation(place), first + count))
        if again.digest != unit.digest:
            raise place.unavailable(
                "its history, refs or objects, or the table of reputations, are not what they were when the run was "
                "prepared; run again."
            )
        write_beside(_kept(cache, unit.digest), again.data)
        return again.data

    def _row(self, place: Place, view: View, cache: Path, sha: str) -> Row | None:
        """One commit with its facts in the history that was prepared last, else in its own."""
        for head in (place.remembered(cache), sha):
            try:
                story = self._story(place, view, cache, head) if head else None
            except SourceUnavailable:
                continue
            row = None if story is None else row_of(story, view, sha, self._reputation(place))
            if row is not None:
                return row
        return None

    def _family(self, view: View, cache: Path, head: str) -> str | None:
        """The smallest root of a head's history; None where a commit of it is missing."""
        kept = cache / "git" / f"{content_id('family', head, view.shallow)}.family"
        if not kept.is_file():
            try:
                roots = view.roots(head, self.timeout_s)
            except SourceUnavailable:
                roots = []
            write_beside(kept, (roots[0] if roots else "").encode("ascii"))
        return kept.read_text(encoding="ascii") or None


def _completed(origin: Origin, there: Origin) -> Origin:
    """`origin` with the digests of what is there, and its licence where `origin` tells none."""
    licence = there.license if origin.license is None else origin.license
    return replace(origin, blob_sha256=there.blob_sha256, before_sha256=there.before_sha256, license=licence)


def _kept(cache: Path, digest: str) -> Path:
    return cache / "git" / "plans" / f"{digest}.jsonl"
