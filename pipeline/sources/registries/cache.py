"""A folder of files named by their sha256, shared between runs; a file is there whole or not at all."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.provenance import sha256


def cached_path(cache: Path, digest: str) -> Path:
    """Where the file with this sha256 lies in a cache."""
    return cache / digest[:2] / digest


@contextmanager
def scratch(cache: Path) -> Iterator[Path]:
    """An empty folder on the cache's file system, gone afterwards."""
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="fetch-", dir=cache, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def store(path: Path, target: Path) -> None:
    """Move a checked file into the cache, whole or not at all."""
    target.parent.mkdir(exist_ok=True)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.replace(target)


def is_cached(cache: Path, digest: str) -> bool:
    """Whether the cache holds the file, whole; a damaged one counts as absent and is replaced."""
    try:
        return sha256(cached_path(cache, digest).read_bytes()) == digest
    except FileNotFoundError:
        return False
