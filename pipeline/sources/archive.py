"""Archives of strangers, read as data: nothing is written to disk, no link is followed, and every size has a bound."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol, Self

import zstandard

CHUNK_BYTES = 1 << 16
DECODER_BYTES = 256 << 20
BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, zstandard.ZstdError),
    *(EOFError, OSError, ValueError, LookupError, OverflowError, struct.error),
    RuntimeError,  # zipfile: encrypted, or a version or method that it lacks
)
"""What the readers raise on an archive that ends early or is not what it says."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one archive.

    Attributes:
        file_bytes: of one file.
        unpacked_bytes: of everything that comes out of the archive.
        ratio: unpacked bytes for each byte of the archive.
        members: entries.
    """

    file_bytes: int
    unpacked_bytes: int
    ratio: int
    members: int = 50_000


@dataclass(frozen=True, slots=True)
class Member:
    """An entry of an archive.

    Attributes:
        path: as the archive names it, without a leading `./`; data, never a place on disk.
        data: the bytes; None where `reason` says why there are none.
        reason: None, `link`, `unsafe_path`, `too_large` or `unreadable`; or, as the last member, `archive_bomb` or
            `truncated_archive`: the rest of the archive was left.
        detail: the measured value and the bound.
    """

    path: str
    data: bytes | None
    reason: str | None = None
    detail: str = ""


class _Bomb(Exception):
    """More came out of an archive than its bound."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Bounded:
    """A stream that raises once more than `limit` bytes were read from it."""

    def __init__(self, stream: _Readable, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._left = limit

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes."""
        data = self._stream.read(min(size, CHUNK_BYTES))
        self._left -= len(data)
        if self._left < 0:
            raise _Bomb(f"more than {self._limit} bytes unpacked")
        return data


class _Xz:
    """One xz stream with a bound on the decoder's memory, which `lzma.open` does not have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=DECODER_BYTES)

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes; none at the end."""
        while not self._decoder.eof:
            raw = self._file.read(CHUNK_BYTES) if self._decoder.needs_input else b""
            if self._decoder.needs_input and not raw:
                raise EOFError("the xz stream ends early")
            if data := self._decoder.decompress(raw, size):
                return data
        return b""


class _Header(tarfile.TarInfo):
    """A tar header; a broken one raises, where tarfile takes it for the archive's end."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """The header in a block of 512 bytes."""
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if bytes(buf).strip(b"\0"):
                raise tarfile.ReadError(f"broken header: {error}") from None
            raise


def members(path: Path, limits: Limits) -> Iterator[Member]:
    """Entries of a .zip, .tar (plain or compressed) or .deb, told apart by their first bytes, in the archive's order.

    Directories are left out. It never raises for what is in the archive: a broken or exploding one ends in a member
    with a reason.
    """
    last = ""
    bound = min(limits.unpacked_bytes, limits.ratio * path.stat().st_size)
    try:
        with path.open("rb") as file:
            found = (
                _zip_members(file, limits, bound) if file.read(4) == b"PK\3\4" else _tar_members(file, limits, bound)
            )
            for count, member in enumerate(found):
                if count >= limits.members:
                    raise _Bomb(f"more than {limits.members} entries")
                last = member.path
                yield member
    except _Bomb as error:
        yield Member(last, None, "archive_bomb", f"{error}; the rest after this entry was left")
    except BROKEN as error:
        yield Member(last, None, "truncated_archive", f"{type(error).__name__}: {error}; the rest was left")


def _tar_members(file: BinaryIO, limits: Limits, bound: int) -> Iterator[Member]:
    stream = _Bounded(_decompressed(file), bound)
    # One pass over a stream: tarfile never seeks back, and never learns where the archive lies.
    with tarfile.open(mode="r|", fileobj=stream, tarinfo=_Header, errors="surrogateescape") as tar:  # type: ignore[call-overload]
        for header in tar:
            path, unsafe = _checked(header.name)
            if header.isdir() or not path:
                continue
            if unsafe:
                yield Member(path, None, "unsafe_path", unsafe)
            elif not header.isreg():
                yield Member(path, None, "link", "a link or device; never followed")
            elif header.size > limits.file_bytes:
                yield Member(path, None, "too_large", f"{header.size} bytes, at most {limits.file_bytes}")
            else:
                content = tar.extractfile(header)
                yield Member(path, content.read() if content else b"")


def _decompressed(file: BinaryIO) -> _Readable:
    """The tar stream in `file`: plain, compressed, or the data of a Debian package."""
    file.seek(0)
    start = file.read(8)
    file.seek(0)
    if start == b"!<arch>\n":
        return _decompressed(_debian_data(file))
    if start.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if start.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if start.startswith(b"\xfd7zXZ\0"):
        return _Xz(file)
    if start.startswith(b"\x28\xb5\x2f\xfd"):
        return zstandard.ZstdDecompressor(max_window_size=DECODER_BYTES).stream_reader(file)
    return file


def _debian_data(file: BinaryIO) -> BinaryIO:
    """`data.tar.*` of a .deb, an `ar` archive: headers of 60 bytes, contents padded to even length (deb(5))."""
    file.seek(8)
    while len(header := file.read(60)) == 60:
        size = int(header[48:58])
        content = file.read(size)
        if len(content) < size or size < 0:
            raise EOFError("the ar archive ends early")
        if header.startswith(b"data.tar"):
            return io.BytesIO(content)
        file.seek(size % 2, io.SEEK_CUR)
    raise EOFError("the ar archive has no data.tar")


def _zip_members(file: BinaryIO, limits: Limits, bound: int) -> Iterator[Member]:
    file.seek(0)
    if (entries := file.read().count(b"PK\1\2")) > limits.members:  # before zipfile builds a list of them
        raise _Bomb(f"{entries} entries, at most {limits.members}")
    unpacked = 0
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            path, unsafe = _checked(info.filename)
            if info.is_dir() or not path:
                continue
            if unsafe:
                yield Member(path, None, "unsafe_path", unsafe)
            elif stat.S_ISLNK(info.external_attr >> 16):
                yield Member(path, None, "link", "a link; never followed")
            elif info.file_size > limits.file_bytes:
                yield Member(path, None, "too_large", f"{info.file_size} bytes, at most {limits.file_bytes}")
            else:
                unpacked += info.file_size  # zipfile gives no more than this
                if unpacked > bound:
                    raise _Bomb(f"more than {bound} bytes unpacked")
                try:
                    yield Member(path, archive.read(info))
                except BROKEN as error:
                    yield Member(path, None, "unreadable", f"{type(error).__name__}: {error}")


def _checked(name: str) -> tuple[str, str]:
    """A member's path without a leading `./`, and what is unsafe about it (empty where nothing is)."""
    path = name
    while path.startswith("./"):
        path = path[2:]
    path = "" if path == "." else path
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return path.encode("utf-8", "backslashreplace").decode("utf-8"), "the name is not UTF-8"
    if path.startswith("/"):
        return path, "an absolute path"
    return path, "`..` in the path" if ".." in path.split("/") else ""
