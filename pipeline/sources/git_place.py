"""One repository of a git source: what it is called, and how its objects come here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache as memo
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator, model_validator

from pipeline.sources.git_history import History, open_history, write_beside
from pipeline.sources.git_plumbing import PROTOCOLS, fetch, is_sha, locate, origin_url, pull_heads, resolve
from pipeline.sources.git_view import View
from schemas.config import Options
from schemas.errors import SourceUnavailable
from schemas.provenance import content_id

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(?:[^/@]*@)?(.*)", re.DOTALL)
_SCP = re.compile(r"[\w.-]+@([\w.-]+):(?!/?/)(.+)", re.DOTALL)
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
_FETCHED_HEAD = "refs/themis/HEAD"
_PULLS = ("+refs/pull/*/head:refs/pull/*/head", "+refs/merge-requests/*/head:refs/merge-requests/*/head")


class Repository(Options):
    """One repository. A plain string is its `location`.

    Attributes:
        location: root of a checkout, a bare repository, or a URL (https, ssh, file, git), which is fetched, bare, into
            the cache; what is there already is not fetched again.
        revision: branch, tag or commit to read up to; a full sha pins it. None: the source's.
        repo: the unit that a split keeps whole; None: the source's, else host and path of the URL (of a folder: of the
            URL that it was cloned from), else the folder's name.
        license: SPDX expression where the repository itself states none. None: the source's.
    """

    location: str = Field(min_length=1)
    revision: str | None = Field(default=None, min_length=1)
    repo: str | None = Field(default=None, min_length=1)
    license: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, value: Any) -> Any:
        return {"location": value} if isinstance(value, str) else value

    @field_validator("location")
    @classmethod
    def _no_option(cls, location: str) -> str:
        if location.startswith("-") or "\0" in location:
            raise ValueError("begins with a dash or holds a NUL byte; write such a folder as ./NAME")
        return location


@dataclass(frozen=True, slots=True)
class Place:
    """A repository with the source's defaults filled in.

    Attributes:
        source: name of the source.
        location: as the user gave it.
        revision: to read up to.
        repo: its name.
        license: where it states none itself.
        max_blob_bytes: larger blobs are not fetched where the server can leave them out.
        pull_requests: whether the heads of pull requests are fetched and looked at.
        timeout_s: longest time for one git command.
    """

    source: str
    location: str
    revision: str
    repo: str
    license: str | None
    max_blob_bytes: int
    pull_requests: bool
    timeout_s: float

    @property
    def shown(self) -> str:
        """The location as messages spell it, without a user name or password."""
        return shown(self.location)

    def unavailable(self, why: str) -> SourceUnavailable:
        """The error that says why this repository can't be read."""
        secret = self.location if self.location != self.shown else None
        told = why.replace(secret, self.shown) if secret else why
        return SourceUnavailable(f"source {self.source!r}: repository {self.shown!r}: {told}")

    def is_url(self) -> bool:
        """Whether the repository is to be fetched.

        Raises:
            SourceUnavailable: by a protocol that is not allowed.
        """
        url = _URL.match(self.location)
        if _HELPER.match(self.location) or (url and url[1].lower() not in PROTOCOLS):
            allowed = ", ".join(PROTOCOLS)
            raise self.unavailable(f"only {allowed} are allowed; clone it yourself and name the folder.")
        return bool(url or (_SCP.match(self.location) and not Path(self.location).exists()))

    def resolve(self, cache: Path) -> str:
        """The full sha of `revision`, after fetching unless it is a full sha that is here already.

        Raises:
            SourceUnavailable: the repository or the revision can't be had.
        """
        try:
            if not self.is_url():
                locate(Path(self.location), self.timeout_s)
                return resolve(Path(self.location), self.revision, self.timeout_s)
            if is_sha(self.revision):
                return self.revision
            head = (f"+HEAD:{_FETCHED_HEAD}",) if self.revision == "HEAD" else ()
            self._fetch(cache, (*head, "+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"))
            return resolve(self._clone(cache), _FETCHED_HEAD if head else self.revision, self.timeout_s)
        except SourceUnavailable as error:
            raise self._named(error) from None

    def view(self, cache: Path, sha: str) -> View:
        """The repository's objects, the commit `sha` among them (fetched where this machine's cache lacks it).

        Raises:
            SourceUnavailable: it can't be had.
        """
        try:
            if not self.is_url():
                return View(locate(Path(self.location), self.timeout_s))
            clone = self._clone(cache)
            try:
                resolve(clone, sha, self.timeout_s)
            except (SourceUnavailable, OSError):
                self._fetch(cache, (sha,))
            return View(locate(clone, self.timeout_s))
        except SourceUnavailable as error:
            raise self._named(error) from None

    def history(self, view: View, cache: Path, head: str) -> History:
        """The history of `head`, from the index in the cache.

        Raises:
            SourceUnavailable: a commit of it is missing.
        """
        try:
            return open_history(view, cache / "git", self._key, head, self.timeout_s)
        except SourceUnavailable as error:
            raise self.unavailable(f"{error}; its history is incomplete here: fetch a whole clone.") from None

    def remember(self, cache: Path, head: str) -> None:
        """Keep which head the repository was last prepared at."""
        write_beside(self._head_file(cache), head.encode("ascii"))

    def remembered(self, cache: Path) -> str | None:
        """The head that it was last prepared at; None where it never was."""
        kept = self._head_file(cache)
        return kept.read_text(encoding="ascii") if kept.is_file() else None

    def _head_file(self, cache: Path) -> Path:
        return cache / "git" / f"{content_id('head', self._key, self.revision)}.head"

    def pulls(self, cache: Path) -> Mapping[str, str]:
        """Shas by ref of the heads of pull requests that the repository keeps."""
        if not self.pull_requests:
            return {}
        return pull_heads(self._clone(cache) if self.is_url() else Path(self.location), self.timeout_s)

    @property
    def _key(self) -> str:
        return self.location if self.is_url() else str(Path(self.location).resolve())

    def _clone(self, cache: Path) -> Path:
        return cache / "git" / f"{content_id(self.location, str(self.max_blob_bytes))}.git"

    def _fetch(self, cache: Path, refspecs: tuple[str, ...]) -> None:
        clone = self._clone(cache)
        try:
            fetch(self.location, clone, refspecs, self.max_blob_bytes, self.timeout_s)
        except SourceUnavailable as error:
            raise SourceUnavailable(
                f"can't be fetched: {error}; correct the URL, or clone it and name the folder."
            ) from None
        if self.pull_requests:
            for refspec in _PULLS:
                try:
                    fetch(self.location, clone, (refspec,), self.max_blob_bytes, self.timeout_s)
                except SourceUnavailable:
                    continue  # what a server does not show is no fault of the history

    def _named(self, error: SourceUnavailable) -> SourceUnavailable:
        text = str(error)
        return error if text.startswith("source ") else self.unavailable(text)


def shown(location: str) -> str:
    """A location without its user name or password."""
    return re.sub(r"(?<=://)[^/@]*@", "", location)


@memo
def default_repo(location: str, here: Path) -> str:
    """Host and path of a URL; of a folder, seen from `here`, those of its remote `origin`, else the folder's name."""
    name = _url_name(location)
    if name is None or (_SCP.match(location) and (here / location).exists()):
        folder = (here / location).resolve()
        remote = origin_url(folder)
        name = _url_name(remote) if remote and not remote.lower().startswith("file:") else None
        name = name or (folder.parent if folder.name == ".git" else folder).name
    name = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return name.strip("/").removesuffix(".git").strip("/")


def _url_name(location: str) -> str | None:
    url, scp = _URL.match(location), _SCP.match(location)
    if url:
        return url[2]
    return f"{scp[1]}/{scp[2]}" if scp else None
