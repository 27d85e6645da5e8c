"""Files of a run: whole or absent, on a local disk or on anything that Beam's filesystems reach."""

import io
import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from apache_beam.io.filesystems import FileSystems

from schemas.errors import RunFolderError

WRITING = ".writing-"
"""What the name of a file that is not whole yet begins with; a killed process leaves it."""


def is_local(path: str) -> bool:
    """Whether `path` is on a local disk, not `scheme://`."""
    return "://" not in path


def join(*parts: str) -> str:
    """Parts of a path with one slash between them."""
    return "/".join([parts[0].rstrip("/"), *(part.strip("/") for part in parts[1:])])


@contextmanager
def created(path: str) -> Iterator[Any]:
    """A file to write to, whole or not at all: locally beside, synced, renamed; an object store commits on closing."""
    if not is_local(path):
        with FileSystems.create(path, mime_type="application/octet-stream") as file:
            yield file
        return
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=WRITING)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_bytes(path: str, data: bytes) -> None:
    """Write a file whole or not at all."""
    with created(path) as file:
        file.write(data)


def write_json(path: str, value: Any) -> None:
    """Write `value` as indented JSON with sorted keys."""
    write_bytes(path, (json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode())


def read_bytes(path: str) -> bytes:
    """The bytes of a file."""
    with FileSystems.open(path) as file:
        data: bytes = file.read()
    return data


def read_table(path: str, columns: list[str] | None = None) -> pa.Table:
    """A Parquet file as a table, or some of its columns."""
    return pq.read_table(io.BytesIO(read_bytes(path)), columns=columns)


def exists(path: str) -> bool:
    """Whether there is such a file."""
    return bool(FileSystems.exists(path))


def remove(root: str, patterns: Iterable[str]) -> None:
    """Delete the files of an unfinished stage: those that match a pattern such as `mined/*`."""
    for pattern in patterns:
        matched = listed(root, pattern)
        if is_local(root):
            for path in matched:
                Path(path).unlink()
        elif matched:
            FileSystems.delete(matched)


def listed(root: str, pattern: str) -> list[str]:
    """Paths that match a pattern such as `mined/*`, sorted."""
    if is_local(root):  # where Beam would take a `[` in the root for a wildcard
        return sorted(
            join(root, path.relative_to(root).as_posix()) for path in Path(root).glob(pattern) if path.is_file()
        )
    return sorted(found.path for found in FileSystems.match([join(root, pattern)])[0].metadata_list)


@contextmanager
def lock(root: str) -> Iterator[None]:
    """Hold a local run's folder alone; the lock dies with its process. An object store has none.

    Raises:
        RunFolderError: another process holds it.
    """
    if not is_local(root):
        yield
        return
    import fcntl

    Path(root).mkdir(parents=True, exist_ok=True)
    with (Path(root) / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunFolderError(
                f"{root}: another run holds this folder. Wait for it to end, or choose another --out."
            ) from None
        yield
