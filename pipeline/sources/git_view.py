"""What is read out of a git repository: commits, trees and blobs, with plumbing commands alone.

Objects are read through a `View`: an empty git directory of our own that borrows the repository's object store. So no
configuration, hook, alias, attribute, graft or replacement of that repository is in force, its owner does not matter,
and a missing object is reported and never fetched.
"""

import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, NamedTuple

from pipeline.sources import git_pipe
from pipeline.sources.git_objects import Objects
from pipeline.sources.git_pipe import Pipe, end
from pipeline.sources.git_plumbing import Store, command, environment, run
from schemas.errors import SourceUnavailable
from schemas.provenance import sha256

MAX_ENTRIES = 100
"""Files of one commit that are kept; who touches more reformats or moves a whole tree."""
_LATEST_TIME = 1 << 40
_HEADER = "%H%x00%P%x00%at%x00%ct%x00%ae%x00%B%x00"
_HEADER_TOKENS = 7  # the last one, between two commits, is empty
_GAVE_UP = 128  # the exit status of git's own fatal errors


class Entry(NamedTuple):  # hundreds of thousands are made of one history
    """One file of a commit's difference to its parent, or of a tree (then both sides are the same).

    Attributes:
        modes: octal, older and newer, such as `100644`; `000000` where there is no such side.
        oids: of the blobs, older and newer.
        status: `A`, `D`, `M` or `T`; empty for a tree's entry.
        path: raw bytes.
    """

    modes: tuple[str, str]
    oids: tuple[str, str]
    status: str
    path: bytes


class Commit(NamedTuple):
    """What one commit changed against its only parent.

    Attributes:
        sha: full.
        files: number of files that it touches; -1 where its trees can't be read.
        entries: all of them, in git's order; none where there are more than `MAX_ENTRIES`.
    """

    sha: str
    files: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Headers:
    """What some commits say of themselves; each list has one item a commit.

    Attributes:
        shas: full.
        parents: full shas with spaces between; empty where the history is cut off there.
        authored_at: author time, Unix seconds; 0 where it makes no sense.
        committed_at: committer time, likewise.
        authors: hash of the author's e-mail, case ignored.
        messages: whole, as UTF-8 where git can tell how they are written (at most `MAX_TOKEN_BYTES`).
    """

    shas: list[str]
    parents: list[str]
    authored_at: list[int]
    committed_at: list[int]
    authors: list[str]
    messages: list[bytes]


class View:
    """A repository's objects, and nothing else of it; use as a context.

    Attributes:
        shallow: sha256 of the list of commits at which its history is cut off.
        is_shallow: whether there are any.
        objects: blobs and trees, while the context lasts.
    """

    def __init__(self, store: Store) -> None:
        self.shallow = sha256(store.shallow)
        self.is_shallow = bool(store.shallow)
        self._store = store
        self._stack = ExitStack()

    def __enter__(self) -> "View":
        self._folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="themis-git-")))
        for name in ("refs", "objects"):
            (self._folder / name).mkdir()
        (self._folder / "HEAD").write_text("ref: refs/heads/none\n")
        version = "0" if self._store.object_format == "sha1" else "1"
        extension = "" if version == "0" else f"[extensions]\n\tobjectformat = {self._store.object_format}\n"
        (self._folder / "config").write_text(
            f"[core]\n\trepositoryformatversion = {version}\n\tbare = true\n{extension}"
        )
        if self._store.shallow:
            (self._folder / "shallow").write_bytes(self._store.shallow)
        self._env = environment() | {"GIT_DIR": str(self._folder), "GIT_OBJECT_DIRECTORY": str(self._store.objects)}
        self.objects = Objects(self._env)
        return self

    def __exit__(self, *_: object) -> None:
        self.objects.close()
        self._stack.close()

    def headers(self, head: str, known: Sequence[str], timeout_s: float) -> Iterator[Headers]:
        """The commits that `head` reaches and the `known` heads do not (a known one that is gone reaches nothing).

        They come in batches of a few hundred.

        Raises:
            SourceUnavailable: a commit is missing or damaged.
        """
        words = ("--ignore-missing", "-z", "--no-show-signature", "--encoding=UTF-8", f"--format={_HEADER}")
        revisions = (head, *(f"^{sha}" for sha in known))
        with tempfile.TemporaryFile() as found:
            run(("log", *words, "--end-of-options", *revisions), self._env, timeout_s, None, found)
            found.seek(0)
            waiting: list[bytes] = []
            for tokens in Pipe(found).batches(b"\0"):
                waiting += tokens
                whole = len(waiting) - len(waiting) % _HEADER_TOKENS
                yield _headers(waiting[:whole])
                del waiting[:whole]

    def roots(self, head: str, timeout_s: float) -> list[str]:
        """The commits without parents that `head` reaches, sorted; none where the history is cut off.

        Raises:
            SourceUnavailable: a commit is missing or damaged.
        """
        if self.is_shallow:
            return []
        found = run(("rev-list", "--max-parents=0", "--end-of-options", head), self._env, timeout_s)
        return sorted(found.decode().split())

    def tree(self, revision: str, timeout_s: float) -> list[Entry]:
        """Every file, link and submodule of a commit's tree, in git's order."""
        listing = run(("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", revision), self._env, timeout_s)
        entries = []
        for line in listing.split(b"\0")[:-1]:
            facts, path = line.split(b"\t", 1)
            mode, _, oid = facts.decode().split(" ")
            entries.append(Entry((mode, mode), (oid, oid), "", path))
        return entries

    def commits(self, shas: Sequence[str]) -> Iterator[Commit]:
        """The commits `shas`, in that order, each once; what can't be read has `files` -1."""
        at = 0
        while at < len(shas):
            for commit in self._readable(shas[at:]):
                while shas[at] != commit.sha:  # git passes over a commit that is not there
                    yield Commit(shas[at], -1, ())
                    at += 1
                yield commit
                at += 1
            if at < len(shas):  # and ends at the first whose trees it lacks
                yield Commit(shas[at], -1, ())
                at += 1

    def _readable(self, shas: Sequence[str]) -> Iterator[Commit]:
        """The commits `shas` up to the first that can't be read."""
        arguments = (
            "--stdin",
            "--root",
            "--always",
            "-r",
            "-z",
            "--raw",
            "--no-renames",
            "--no-abbrev",
            "--encoding=UTF-8",
        )
        with tempfile.TemporaryFile() as requests:
            requests.write("".join(f"{sha}\n" for sha in shas).encode())
            requests.seek(0)
            with self._process(("diff-tree", *arguments, "--format=%H%x00"), requests) as process:
                assert process.stdout is not None
                yield from _parse(Pipe(process.stdout), process)

    @contextmanager
    def _process(self, arguments: Sequence[str], stdin: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
        process = subprocess.Popen(
            command(*arguments),
            env=self._env,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        try:
            yield process
        finally:
            end(process)


def _headers(tokens: list[bytes]) -> Headers:
    shas, parents, authored, committed, authors, messages = (tokens[at::_HEADER_TOKENS] for at in range(6))
    return Headers(
        [one.decode() for one in shas], [one.decode() for one in parents], [_time(one) for one in authored],
        [_time(one) for one in committed], [_hashed(one) for one in authors], messages,
    )  # fmt: skip


def _time(text: bytes) -> int:
    time = int(text) if text.isdigit() else 0
    return time if time < _LATEST_TIME else 0


@lru_cache(maxsize=4096)
def _hashed(author: bytes) -> str:
    return sha256(author.lower())[:16]


def _parse(pipe: Pipe, process: subprocess.Popen[bytes]) -> Iterator[Commit]:
    """Commits out of `diff-tree`'s output: a sha, an empty token, then two tokens an entry (`:facts`, path).

    Where git gives up, its output ends after a whole commit.
    """
    tokens = pipe.tokens(b"\0")
    token = next(tokens, None)
    while token is not None:
        sha = token
        next(tokens, None)
        entries: list[Entry] = []
        files = 0
        while (token := next(tokens, None)) is not None and token.startswith((b":", b"\n:")):
            files += 1
            path = next(tokens, None)
            if files <= MAX_ENTRIES and path is not None:
                old, new, before, after, status = token.decode().lstrip("\n:").split(" ")
                entries.append(Entry((old, new), (before, after), status, path))
        if token is None and process.wait(git_pipe.READ_TIMEOUT_S) not in (0, _GAVE_UP):
            raise SourceUnavailable(
                f"git diff-tree crashed with status {process.returncode}; is the disk or memory full?"
            )
        yield Commit(sha.decode(), files, tuple(entries) if files <= MAX_ENTRIES else ())
