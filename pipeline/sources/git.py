"""Source `git`: the changes and files of one repository, a folder here or a URL, read without ever checking it out."""

import os
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache as memo
from pathlib import Path
from typing import Literal

from pydantic import Field

from parsers.language import language_of
from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.sources.files import Refused, decode, has_known_ending, recorded
from pipeline.sources.git_plumbing import PROTOCOLS, fetch, is_sha, locate, resolve
from pipeline.sources.git_view import Commit, Entry, View
from schemas.errors import SourceUnavailable
from schemas.provenance import Origin, content_id, sha256
from schemas.records import Change, Dropped, SourceFile

COMMITS_PER_UNIT = 2000
FILES_PER_UNIT = 500
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@]*@)?(.*)", re.DOTALL)
_SCP = re.compile(r"[\w.-]+@([\w.-]+):(?!/?/)(.+)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_FETCHED_HEAD = "refs/themis/HEAD"
_LINK, _SUBMODULE = "120000", "160000"
_PLAIN = {"100644", "100755", "100664"}  # the last one is in old histories


class GitSource(Source):
    """Changes (commits that modify one file in place) and files (of the tree at `revision`) of a git repository.

    A `Change` has `committed_at`; a `SourceFile` has none, since a tree keeps no times. That also tells `replay` which
    of the two an origin is.

    Attributes:
        repository: root of a checkout, a bare repository, or a URL (https, ssh, file, git), which is fetched, bare,
            into the cache; what is there already is not fetched again.
        revision: branch, tag or commit to read up to; a full sha pins it.
        repo: the unit that a split keeps whole; default: host and path of the URL, or the folder's name.
        license: SPDX expression of all of it, recorded with each record.
        records: what to read.
        max_blob_bytes: larger files are dropped, and not fetched where the server can leave them out.
        max_commits: the newest so many that are no merges; None for all.
        timeout_s: longest time for one git command, a fetch among them.
    """

    kind: Literal["git"] = "git"
    repository: str = Field(min_length=1)
    revision: str = Field(default="HEAD", min_length=1)
    repo: str | None = None
    license: str | None = None
    records: Literal["changes", "files", "both"] = "both"
    max_blob_bytes: int = Field(default=1_000_000, ge=1)
    max_commits: int | None = Field(default=None, ge=1)
    timeout_s: float = Field(default=3600, gt=0)

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """Fetch, resolve the revision, list its commits and files; see `Source.prepare`."""
        try:
            return Prepared(tuple(self._units(cache, progress)))
        except SourceUnavailable as error:
            if self.required:
                raise
            return Prepared((), (str(error),))

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """The commits or files of one unit, in git's order; see `Source.read`."""
        kind, head, first, count = unit.key.split(" ")
        start, end = int(first), int(first) + int(count)
        with self._view(cache, head) as view:
            if kind == "changes":
                for commit in view.commits(self._commits(view, cache, head)[start:end]):
                    yield self._change(view, commit)
                return
            for entry in view.tree(head, self.timeout_s)[start:end]:
                record = self._file(view, head, entry)
                if record is not None:
                    yield record

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        """The change or file at `origin`, read again; see `Source.replay`."""
        if not is_sha(origin.revision):
            raise self._unavailable(f"{origin.revision!r} is no full commit sha, so nothing can be read again from it.")
        with self._view(cache, origin.revision) as view:
            if origin.committed_at is None:
                tree = view.tree(origin.revision, self.timeout_s)
                same = (entry for entry in tree if recorded(entry.path) == origin.path)
                found: list[Read | None] = [self._file(view, origin.revision, entry) for entry in same]
            else:
                found = [self._change(view, commit) for commit in view.commits([origin.revision])]
        for record in found:
            if isinstance(record, SourceFile | Change) and record.origin.path == origin.path:
                if record.origin.blob_sha256 == origin.blob_sha256:
                    return replace(record, origin=origin)
                raise self._unavailable(f"{origin.path} at {origin.revision} is not blob {origin.blob_sha256}.")
        said = "".join(f" ({record.reason}: {record.detail})" for record in found if isinstance(record, Dropped))
        raise self._unavailable(f"{origin.path} at {origin.revision} can't be read{said}; fetch a whole clone of it.")

    def _units(self, cache: Path, progress: Callable[[str], None]) -> Iterator[Unit]:
        progress(f"{self.name}: opening {self._shown}")
        head = self._resolve(cache)
        with self._view(cache, head) as view:
            if self.records != "files":
                shas = self._commits(view, cache, head)
                progress(f"{self.name}: {len(shas)} commits up to {head}")
                for start in range(0, len(shas), COMMITS_PER_UNIT):
                    chunk = shas[start : start + COMMITS_PER_UNIT]
                    yield Unit(self.name, f"changes {head} {start} {len(chunk)}", content_id("changes", *chunk))
            if self.records != "changes":
                tree = view.tree(head, self.timeout_s)
                progress(f"{self.name}: {len(tree)} files at {head}")
                for start in range(0, len(tree), FILES_PER_UNIT):
                    part = tree[start : start + FILES_PER_UNIT]
                    listed = (word for e in part for word in (e.modes[1], e.oids[1], os.fsdecode(e.path)))
                    yield Unit(self.name, f"files {head} {start} {len(part)}", content_id("files", head, *listed))

    @property
    def _shown(self) -> str:
        """The repository as messages spell it, without a user name or password."""
        return re.sub(r"(?<=://)[^/@]*@", "", self.repository)

    def _unavailable(self, why: str) -> SourceUnavailable:
        secret = self.repository if self.repository != self._shown else None
        told = why.replace(secret, self._shown) if secret else why
        return SourceUnavailable(f"source {self.name!r}: repository {self._shown!r}: {told}")

    def _is_url(self) -> bool:
        """Whether the repository is to be fetched.

        Raises:
            SourceUnavailable: by a protocol that is not allowed.
        """
        url = _URL.match(self.repository)
        allowed = ", ".join(PROTOCOLS)
        if _HELPER.match(self.repository) or (url and url[1].lower() not in PROTOCOLS):
            raise self._unavailable(f"only {allowed} are allowed; clone it yourself and name the folder.")
        return bool(url or (_SCP.match(self.repository) and not Path(self.repository).exists()))

    @property
    def _repo(self) -> str:
        return self.repo or _default_repo(self.repository, Path.cwd())

    def _clone(self, cache: Path) -> Path:
        return cache / "git" / f"{content_id(self.repository, str(self.max_blob_bytes))}.git"

    def _resolve(self, cache: Path) -> str:
        """The full sha of `revision`, after fetching unless it is a full sha that is here already."""
        try:
            if not self._is_url():
                locate(Path(self.repository), self.timeout_s)
                return resolve(Path(self.repository), self.revision, self.timeout_s)
            if is_sha(self.revision):
                return self.revision
            head = (f"+HEAD:{_FETCHED_HEAD}",) if self.revision == "HEAD" else ()
            self._fetch(cache, (*head, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"))
            return resolve(self._clone(cache), _FETCHED_HEAD if head else self.revision, self.timeout_s)
        except SourceUnavailable as error:
            raise self._named(error) from None

    def _fetch(self, cache: Path, refspecs: tuple[str, ...]) -> None:
        try:
            fetch(self.repository, self._clone(cache), refspecs, self.max_blob_bytes, self.timeout_s)
        except SourceUnavailable as error:
            raise SourceUnavailable(
                f"can't be fetched: {error}; correct the URL, or clone it and name the folder."
            ) from None

    def _view(self, cache: Path, sha: str) -> View:
        """The repository's objects, the commit `sha` among them (fetched where this machine's cache lacks it)."""
        try:
            if not self._is_url():
                return View(locate(Path(self.repository), self.timeout_s))
            clone = self._clone(cache)
            try:
                resolve(clone, sha, self.timeout_s)
            except (SourceUnavailable, OSError):
                self._fetch(cache, (sha,))
            return View(locate(clone, self.timeout_s))
        except SourceUnavailable as error:
            raise self._named(error) from None

    def _named(self, error: SourceUnavailable) -> SourceUnavailable:
        text = str(error)
        return error if text.startswith("source ") else self._unavailable(text)

    def _commits(self, view: View, cache: Path, head: str) -> list[str]:
        """Commits to read, oldest first; listed once for each head and kept in the cache."""
        kept = cache / "git" / f"{content_id(head, str(self.max_commits), view.shallow)}.commits"
        if not kept.is_file():
            kept.parent.mkdir(parents=True, exist_ok=True)
            beside = kept.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
            try:
                with beside.open("wb") as out:
                    view.write_commits(head, self.max_commits, out, self.timeout_s)
                beside.replace(kept)
            except SourceUnavailable as error:
                raise self._unavailable(f"{error}; its history is incomplete here: fetch a whole clone.") from None
            finally:
                beside.unlink(missing_ok=True)
        return kept.read_text(encoding="ascii").split()

    def _dropped(self, kind: str, origin: Origin, refused: Refused) -> Dropped:
        key = content_id(self.name, origin.repo, origin.revision, origin.path, kind)
        return Dropped("mine", refused.reason, refused.detail, key, origin)

    def _change(self, view: View, commit: Commit) -> Change | Dropped:
        path = "" if commit.entry is None else recorded(commit.entry.path)
        origin = Origin(self.name, self._repo, commit.sha, path, "", self.license, commit.committed_at)
        refused = _refuse_change(commit)
        if refused is not None or commit.entry is None:
            return self._dropped("change", origin, refused or Refused("not_single_file", "0 files"))
        texts = []
        for side, oid in zip(("older", "newer"), commit.entry.oids, strict=True):
            data = view.blob(oid, self.max_blob_bytes)
            text = data if isinstance(data, Refused) else decode(data, self.max_blob_bytes)
            if isinstance(text, Refused):
                return self._dropped("change", origin, Refused(text.reason, f"{side} side: {text.detail}"))
            texts.append(text)
        before, after = texts
        newer = after.encode()
        language = language_of(path, newer)
        if language is None:
            return self._dropped("change", origin, Refused("no_language", path))
        return Change(replace(origin, blob_sha256=sha256(newer)), language.name, commit.message, before, after)

    def _file(self, view: View, revision: str, entry: Entry) -> SourceFile | Dropped | None:
        path = recorded(entry.path)
        origin = Origin(self.name, self._repo, revision, path, "", self.license)
        if entry.modes[1] == _LINK:
            return self._dropped("file", origin, Refused("link", "mode 120000"))
        if entry.modes[1] == _SUBMODULE or not has_known_ending(path):
            return None
        data = view.blob(entry.oids[1], self.max_blob_bytes)
        text = data if isinstance(data, Refused) else decode(data, self.max_blob_bytes)
        if isinstance(text, Refused):
            return self._dropped("file", origin, text)
        language = language_of(path, text.encode())
        if language is None:
            return None
        return SourceFile(replace(origin, blob_sha256=sha256(text.encode())), language.name, text)


@memo
def _default_repo(repository: str, here: Path) -> str:
    """Host and path of a URL, or the name of a folder, seen from `here`."""
    url, scp = _URL.match(repository), _SCP.match(repository)
    if url:
        name = url[2]
    elif scp and not (here / repository).exists():
        name = f"{scp[1]}/{scp[2]}"
    else:
        folder = (here / repository).resolve()
        name = recorded(os.fsencode((folder.parent if folder.name == ".git" else folder).name))
    return name.strip("/").removesuffix(".git").strip("/")


def _refuse_change(commit: Commit) -> Refused | None:
    """Why a commit is no change of one file in place, or None; blobs are not looked at."""
    if commit.files < 0:
        return Refused("missing_tree", "the commit or a tree of it is missing or damaged")
    entry = commit.entry
    if entry is None:
        return Refused("not_single_file", f"{commit.files} files")
    if _LINK in entry.modes:
        return Refused("link", f"modes {' '.join(entry.modes)}")
    if _SUBMODULE in entry.modes:
        return Refused("submodule", f"modes {' '.join(entry.modes)}")
    if entry.status != "M" or not set(entry.modes) <= _PLAIN:
        return Refused("not_in_place", f"status {entry.status}, modes {' '.join(entry.modes)}")
    if entry.oids[0] == entry.oids[1]:
        return Refused("not_in_place", f"modes {' '.join(entry.modes)} alone")
    return None if has_known_ending(recorded(entry.path)) else Refused("no_language", recorded(entry.path))
