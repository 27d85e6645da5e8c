"""What a registry's client is, and how the ones that are programs are run."""

import os
import re
import shutil
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path

from schemas.errors import SourceUnavailable

TIMEOUT_S = 300


class Client(ABC):
    """A way to download one package's archive. Making one raises `SourceUnavailable` where it can't be used at all."""

    @abstractmethod
    def fetch(self, name: str, version: str, sha256: str, folder: Path, max_bytes: int) -> Path:
        """Download the archive of `name` at `version` into the empty `folder`.

        Args:
            name: of the package.
            version: exact.
            sha256: of the archive, to tell two of one version apart; the caller checks it.
            folder: where the archive is written.
            max_bytes: of the archive; a larger one is refused.

        Returns:
            The archive's path.

        Raises:
            SourceUnavailable: what went wrong, and the way out. The caller names source and package.
        """

    def fetch_together(self, packages: Sequence[tuple[str, str]], folder: Path) -> None:  # noqa: B027
        """Download what can be had of several packages, by name and version, into `folder`, whatever the files' names.

        For clients that start slowly. It may leave any of them out, and the caller then fetches those one by one.
        """


def found_on_path(program: str, way_out: str) -> str:
    """Path of a program.

    Raises:
        SourceUnavailable: it is not on PATH.
    """
    path = shutil.which(program)
    if path is None:
        raise SourceUnavailable(f"`{program}` is not on PATH. {way_out}")
    return path


def run(command: Sequence[str], folder: Path, way_out: str, timeout_s: float | None = None) -> str:
    """What a client says, run in `folder`, without a shell and without a terminal to ask on.

    Raises:
        SourceUnavailable: it fails or takes longer than `timeout_s`; the message ends with what it said last.
    """
    timeout_s = TIMEOUT_S if timeout_s is None else timeout_s
    try:
        done = subprocess.run(
            list(command),
            cwd=folder,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise SourceUnavailable(f"`{Path(command[0]).name}` took more than {timeout_s:g} s. {way_out}") from None
    except OSError as error:
        raise SourceUnavailable(f"`{Path(command[0]).name}` can't be run: {error}. {way_out}") from None
    if done.returncode != 0:
        said = redacted(" ".join((done.stderr or done.stdout).decode("utf-8", "replace").split())[-400:])
        raise SourceUnavailable(f"`{Path(command[0]).name}` ended with {done.returncode}: {said} {way_out}")
    return done.stdout.decode("utf-8", "replace")


def redacted(text: str) -> str:
    """`text` without user names and passwords in its URLs."""
    return re.sub(r"://[^/@\s]+@", "://***@", text)


def only_file(folder: Path, ending: str, max_bytes: int) -> Path:
    """The one file in `folder` that ends in `ending`.

    Raises:
        SourceUnavailable: there is none, there are several, or it is larger than `max_bytes`.
    """
    files = sorted(path for path in folder.iterdir() if path.name.endswith(ending) and not path.is_symlink())
    if len(files) != 1:
        raise SourceUnavailable(f"the client left {len(files)} {ending} files, must be one. Run it by hand to see why.")
    if (size := files[0].stat().st_size) > max_bytes:
        raise SourceUnavailable(f"{size} bytes; max_archive_bytes is {max_bytes}. Raise it, or leave the package out.")
    return files[0]
