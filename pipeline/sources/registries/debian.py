"""Debian packages, by `apt-get download`: whatever mirrors apt is set up with. They hold Go and Ruby as source."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.sources.registries.client import Client, found_on_path, only_file, run
from schemas.errors import SourceUnavailable


class Debian(Client):
    """Downloads a .deb; nothing is installed."""

    def __init__(self) -> None:
        way_out = "Run on Debian or Ubuntu, or set `required: false` to go on without these packages."
        self._apt_get = found_on_path("apt-get", way_out)

    def fetch(self, name: str, version: str, sha256: str, folder: Path, max_bytes: int) -> Path:
        """See `Client.fetch`."""
        way_out = f"Run `apt-get update`, then see `apt-cache policy {name}` for the versions that your mirrors have."
        self._download([f"{name}={version}"], folder, way_out)
        return only_file(folder, ".deb", max_bytes)

    def fetch_together(self, packages: Sequence[tuple[str, str]], folder: Path) -> None:
        """See `Client.fetch_together`."""
        with suppress(SourceUnavailable):
            self._download([f"{name}={version}" for name, version in packages], folder, "")

    def _download(self, wanted: list[str], folder: Path, way_out: str) -> None:
        # Not as the user _apt, who can't write to this folder; the archive is checked against its pinned sha256.
        command = [self._apt_get, "-qq", "-o", "Acquire::Retries=3", "-o", "APT::Sandbox::User="]
        run([*command, "download", *wanted], folder, way_out)
