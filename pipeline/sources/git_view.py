"""What is read out of a git repository: commits, trees and blobs, with plumbing commands alone.

Objects are read through a `View`: an empty git directory of our own that borrows the repository's object store. So no
configuration, hook, alias, attribute, graft or replacement of that repository is in force, its owner does not matter,
and a missing object is reported and never fetched.
"""

import fcntl
import os
import select
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pipeline.sources.files import Refused
from pipeline.sources.git_plumbing import Store, command, environment, run
from schemas.errors import SourceUnavailable
from schemas.provenance import sha256

READ_TIMEOUT_S = 300.0
"""Longest silence of a git process that is being read."""
MAX_TOKEN_BYTES = 1_000_000
"""Longest message or path that is kept; the rest of it is thrown away."""
_RECENT_BLOBS = 32
_CHUNK_BYTES = 1 << 18
_GAVE_UP = 128  # the exit status of git's own fatal errors


@dataclass(frozen=True, slots=True)
class Entry:
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


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit against its first parent.

    Attributes:
        sha: full.
        committed_at: committer time, Unix seconds; None where the commit can't be read.
        message: whole, as UTF-8 (at most `MAX_TOKEN_BYTES`).
        files: number of files that it touches; -1 where its trees can't be read.
        entry: the one file, where there is one alone.
    """

    sha: str
    committed_at: int | None
    message: str
    files: int
    entry: Entry | None


class Pipe:
    """Tokens out of a process's output, with a bound on how long it may be silent."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._descriptor = stream.fileno()
        with suppress(OSError, AttributeError):  # fewer switches between git and us, where the system allows
            fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, _CHUNK_BYTES)
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN | select.POLLHUP)
        self._buffer = bytearray()

    def _more(self) -> bool:
        if not self._poll.poll(READ_TIMEOUT_S * 1000):
            raise SourceUnavailable(f"git said nothing for {READ_TIMEOUT_S:g} s; is the disk at fault?")
        chunk = os.read(self._descriptor, _CHUNK_BYTES)
        self._buffer += chunk
        return bool(chunk)

    def until(self, end: bytes) -> bytes | None:
        """What comes before the byte `end`, cut to `MAX_TOKEN_BYTES`; None where the output ends without it."""
        kept, searched = b"", 0
        while (at := self._buffer.find(end, searched)) < 0:
            searched = len(self._buffer)
            if searched > MAX_TOKEN_BYTES:
                kept = kept or bytes(self._buffer[:MAX_TOKEN_BYTES])
                self._buffer.clear()
                searched = 0
            if not self._more():
                return None
        token = kept or bytes(self._buffer[: min(at, MAX_TOKEN_BYTES)])
        del self._buffer[: at + 1]
        return token

    def take(self, size: int, keep: bool) -> bytes | None:
        """The next `size` bytes (empty where they are not to be kept); None where the output ends before."""
        parts = []
        while size > len(self._buffer):
            size -= len(self._buffer)
            if keep:
                parts.append(bytes(self._buffer))
            self._buffer.clear()
            if not self._more():
                return None
        if keep:
            parts.append(bytes(self._buffer[:size]))
        del self._buffer[:size]
        return b"".join(parts)


class View:
    """A repository's objects, and nothing else of it; use as a context.

    Attributes:
        shallow: sha256 of the list of commits at which its history is cut off.
    """

    def __init__(self, store: Store) -> None:
        self.shallow = sha256(store.shallow)
        self._store = store
        self._stack = ExitStack()
        self._blobs: subprocess.Popen[bytes] | None = None
        self._recent: dict[str, bytes] = {}

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
        return self

    def __exit__(self, *_: object) -> None:
        self._stop_blobs()
        self._stack.close()

    def write_commits(self, head: str, max_commits: int | None, out: IO[bytes], timeout_s: float) -> None:
        """Write the commits up to `head` that are no merges, one full sha a line, oldest first (the newest so many)."""
        limit = () if max_commits is None else (f"--max-count={max_commits}",)
        run(("rev-list", "--no-merges", "--reverse", *limit, "--end-of-options", head), self._env, timeout_s, None, out)

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
                    yield Commit(shas[at], None, "", -1, None)
                    at += 1
                yield commit
                at += 1
            if at < len(shas):  # and ends at the first whose trees it lacks
                yield Commit(shas[at], None, "", -1, None)
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
            with self._process(("diff-tree", *arguments, "--format=%H%x00%ct%x00%B%x00"), requests) as process:
                assert process.stdout is not None
                yield from _parse(Pipe(process.stdout), process)

    def blob(self, oid: str, max_bytes: int) -> bytes | Refused:
        """The content of a blob, or why it can't be had; an object that git chokes on costs that object alone."""
        data = self._recent.get(oid) or self._read_blob(oid, max_bytes)  # the newer side is often the next older one
        if isinstance(data, bytes):
            self._recent[oid] = data
            if len(self._recent) > _RECENT_BLOBS:
                del self._recent[next(iter(self._recent))]
        return data

    def _read_blob(self, oid: str, max_bytes: int) -> bytes | Refused:
        if self._blobs is None:
            self._blobs = subprocess.Popen(
                command("cat-file", "--batch"), env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, bufsize=0,
            )  # fmt: skip
            assert self._blobs.stdout is not None
            self._pipe = Pipe(self._blobs.stdout)
        assert self._blobs.stdin is not None
        with suppress(BrokenPipeError):
            self._blobs.stdin.write(f"{oid}\n".encode())
        header = self._pipe.until(b"\n")
        if header is not None and header.endswith(b" missing"):
            return Refused("missing_blob", oid)
        size = int(header.split(b" ")[-1]) if header is not None else 0
        data = None if header is None else self._pipe.take(size, keep=size <= max_bytes)
        if header is None or data is None or self._pipe.take(1, keep=True) is None:
            self._stop_blobs()
            return Refused("missing_blob", f"{oid} is damaged")
        if header.split(b" ")[-2] != b"blob":
            return Refused("missing_blob", f"{oid} is no blob")
        return data if size <= max_bytes else Refused("too_large", f"{size} bytes, at most {max_bytes}")

    def _stop_blobs(self) -> None:
        if self._blobs is not None:
            _end(self._blobs)
            self._blobs = None

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
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()


def _parse(pipe: Pipe, process: subprocess.Popen[bytes]) -> Iterator[Commit]:
    """Commits out of `diff-tree`'s output: header tokens, an empty one, then two tokens an entry (`:facts`, path).

    Where git gives up, its output ends after a whole commit.
    """
    token = pipe.until(b"\0")
    while token is not None:
        sha, time, message = token, pipe.until(b"\0"), pipe.until(b"\0")
        pipe.until(b"\0")
        entry, files = None, 0
        while (token := pipe.until(b"\0")) is not None and token.startswith((b":", b"\n:")):
            files += 1
            path = pipe.until(b"\0")
            if files == 1 and path is not None:
                old, new, before, after, status = token.lstrip(b"\n")[1:].decode().split(" ")
                entry = Entry((old, new), (before, after), status, path)
        if token is None and process.wait(READ_TIMEOUT_S) not in (0, _GAVE_UP):
            raise SourceUnavailable(
                f"git diff-tree crashed with status {process.returncode}; is the disk or memory full?"
            )
        single = entry if files == 1 else None
        yield Commit(sha.decode(), int(time or b"0"), (message or b"").decode("utf-8", "replace"), files, single)
