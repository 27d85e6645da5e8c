"""JavaScript packages, by `npm pack`: whatever registry, proxy and certificates npm is set up with."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.sources.registries.client import Client, found_on_path, only_file, run
from schemas.errors import SourceUnavailable


class Npm(Client):
    """Downloads a package's tarball as the registry has it; no script of the package runs."""

    def __init__(self) -> None:
        self._npm = found_on_path("npm", "Install Node.js, or set `required: false` to go on without these packages.")

    def fetch(self, name: str, version: str, sha256: str, folder: Path, max_bytes: int) -> Path:
        """See `Client.fetch`."""
        way_out = f"Check the version with `npm view {name} versions`, and the network."
        self._pack([f"{name}@{version}"], folder, way_out)
        return only_file(folder, ".tgz", max_bytes)

    def fetch_together(self, packages: Sequence[tuple[str, str]], folder: Path) -> None:
        """See `Client.fetch_together`."""
        with suppress(SourceUnavailable):
            self._pack([f"{name}@{version}" for name, version in packages], folder, "")

    def _pack(self, wanted: list[str], folder: Path, way_out: str) -> None:
        # npm's own default waits up to 70 s before it says that there is no network.
        waits = ["--fetch-retries=2", "--fetch-retry-mintimeout=500", "--fetch-retry-maxtimeout=2000"]
        options = [
            *waits,
            "--ignore-scripts",
            "--loglevel=error",
            "--no-update-notifier",
            f"--pack-destination={folder}",
        ]
        run([self._npm, "pack", *options, "--", *wanted], folder, way_out)
