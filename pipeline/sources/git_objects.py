"""Blobs and trees through one `git cat-file --batch`, which may be asked for several before the first is read."""

import subprocess
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from pipeline.sources.files import Refused
from pipeline.sources.git_pipe import Pipe, end
from pipeline.sources.git_plumbing import command

MAX_TREE_BYTES = 4_000_000
_MAX_AHEAD = 64  # names of so many objects fit into a pipe
_RECENT_BLOBS = 96
_RECENT_BYTES = 64_000_000  # a whole pipe of blobs of the default size limit


class Objects:
    """The objects of a repository.

    Args:
        env: of the git process; says where the objects are.
    """

    def __init__(self, env: dict[str, str]) -> None:
        self._env = env
        self._process: subprocess.Popen[bytes] | None = None
        self._ahead: deque[tuple[str, int]] = deque()  # asked for and not read yet, with the size that is kept
        self._recent: dict[str, bytes] = {}
        self._recent_bytes = 0
        self._refused: dict[str, Refused] = {}

    def expect(self, oids: Iterable[str], max_bytes: int) -> None:
        """Ask git for blobs that will be wanted next, given from old to new; as many as there is room for.

        Git packs the newest whole and older ones as differences to them, so it is asked for the newest first.
        """
        self._drain()
        wanted = [oid for oid in dict.fromkeys(oids) if oid not in self._recent][:_MAX_AHEAD][::-1]
        self._refused.clear()
        if wanted:
            self._ask("".join(f"{oid}\n" for oid in wanted))
            self._ahead.extend((oid, max_bytes) for oid in wanted)

    def blob(self, oid: str, max_bytes: int) -> bytes | Refused:
        """The content of a blob, or why it can't be had; an object that git chokes on costs that object alone."""
        while (data := self._recent.get(oid)) is None:  # the newer side is often the next older one
            if oid in self._refused:
                return self._refused[oid]
            if not any(oid == one for one, _ in self._ahead):
                self._drain()
                self._ask(f"{oid}\n")
                self._ahead.append((oid, max_bytes))
            while self._ahead:
                name, most = self._ahead.popleft()
                found = self._remember(name, self._answer(name, "blob", most))
                if name == oid:
                    return found
        return data

    def tree(self, name: str) -> bytes | Refused:
        """The content of the tree that `name` (an oid, or one with `^{tree}`) means, as git stores it."""
        self._drain()
        self._ask(f"{name}\n")
        return self._answer(name, "tree", MAX_TREE_BYTES)

    def close(self) -> None:
        """End the process."""
        self._ahead.clear()
        if self._process is not None:
            end(self._process)
            self._process = None

    def _drain(self) -> None:
        while self._ahead:
            name, most = self._ahead.popleft()
            self._remember(name, self._answer(name, "blob", most))

    def _remember(self, oid: str, data: bytes | Refused) -> bytes | Refused:
        if isinstance(data, Refused):
            self._refused[oid] = data
        else:
            self._recent[oid] = data
            self._recent_bytes += len(data)
            while len(self._recent) > _RECENT_BLOBS or (self._recent_bytes > _RECENT_BYTES and len(self._recent) > 1):
                self._recent_bytes -= len(self._recent.pop(next(iter(self._recent))))
        return data

    def _ask(self, names: str) -> None:
        if self._process is None:
            self._process = subprocess.Popen(
                command("cat-file", "--batch"), env=self._env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, bufsize=0,
            )  # fmt: skip
            assert self._process.stdout is not None
            self._pipe = Pipe(self._process.stdout)
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(names.encode())

    def _answer(self, name: str, kind: str, max_bytes: int) -> bytes | Refused:
        header = self._pipe.until(b"\n")
        if header is not None and header.endswith(b" missing"):
            return Refused("missing_blob", name)
        size = int(header.split(b" ")[-1]) if header is not None else 0
        data = None if header is None else self._pipe.take(size, keep=size <= max_bytes)
        if header is None or data is None or self._pipe.take(1, keep=True) is None:
            self.close()
            return Refused("missing_blob", f"{name} is damaged")
        if header.split(b" ")[-2] != kind.encode():
            return Refused("missing_blob", f"{name} is no {kind}")
        return data if size <= max_bytes else Refused("too_large", f"{size} bytes, at most {max_bytes}")
