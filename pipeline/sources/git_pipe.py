"""Tokens out of a git process, with bounds on their size and on its silence."""

import fcntl
import os
import select
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import IO

from schemas.errors import SourceUnavailable

READ_TIMEOUT_S = 300.0
"""Longest silence of a git process that is being read."""
MAX_TOKEN_BYTES = 1_000_000
"""Longest message or path that is kept; the rest of it is thrown away."""
_CHUNK_BYTES = 1 << 17


class Pipe:
    """Tokens out of a process's output, with a bound on how long it may be silent."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._descriptor = stream.fileno()
        with suppress(OSError, AttributeError):  # fewer switches between git and us, where the system allows
            fcntl.fcntl(self._descriptor, fcntl.F_SETPIPE_SZ, _CHUNK_BYTES)
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN | select.POLLHUP)
        self._buffer = bytearray()

    def _chunk(self) -> bytes:
        if not self._poll.poll(READ_TIMEOUT_S * 1000):
            raise SourceUnavailable(f"git said nothing for {READ_TIMEOUT_S:g} s; is the disk at fault?")
        return os.read(self._descriptor, _CHUNK_BYTES)

    def _more(self) -> bool:
        chunk = self._chunk()
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

    def tokens(self, end: bytes) -> Iterator[bytes]:
        """All tokens that the byte `end` closes, each cut to `MAX_TOKEN_BYTES`; not to be mixed with other calls."""
        return chain.from_iterable(self.batches(end))

    def batches(self, end: bytes) -> Iterator[list[bytes]]:
        """As `tokens`, those together that come together."""
        rest = b""
        while chunk := self._chunk():
            found = chunk.split(end)  # shorter than the longest token, but for the first, which goes on from before
            if len(rest) < MAX_TOKEN_BYTES:
                rest += found[0]
            if len(found) > 1:
                found[0] = rest[:MAX_TOKEN_BYTES]
                rest = found.pop()
                yield found

    def take(self, size: int, keep: bool) -> bytes | None:
        """The next `size` bytes (empty where they are not to be kept); None where the output ends before."""
        with memoryview(self._buffer) as held:
            parts = [bytes(held[:size])] if keep else []
        left = size - len(self._buffer)
        del self._buffer[:size]
        while left > 0:
            chunk = self._chunk()
            if not chunk:
                return None
            if len(chunk) > left:
                self._buffer += chunk[left:]
                chunk = chunk[:left]
            left -= len(chunk)
            if keep:
                parts.append(chunk)
        return b"".join(parts)


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop a process and close its pipes."""
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()
