"""Packages of a registry, pinned by version and sha256, as source files. Nothing of a package is ever run."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from parsers.language import language_of
from pipeline.sources import licenses
from pipeline.sources.archive import Limits, Member, members
from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.sources.registries import CLIENTS
from pipeline.sources.registries.cache import cached_path, is_cached, scratch, store
from pipeline.sources.registries.client import Client
from schemas.config import Options
from schemas.errors import SourceUnavailable
from schemas.provenance import Origin, content_id, sha256
from schemas.records import Dropped, SourceFile

THREADS = 4
BATCH = 20
HOPELESS = 5

Name = Annotated[str, StringConstraints(pattern=r"^(@[A-Za-z0-9~][A-Za-z0-9._~-]*/)?[A-Za-z0-9][A-Za-z0-9+._~-]*$")]
Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9+._~:!-]*$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Package(Options):
    """One package.

    Attributes:
        name: as the registry spells it, with the scope where npm has one.
        version: exact.
        sha256: of the archive that the registry serves; checked.
        languages: released spellings of the languages to take; None takes every known one.
    """

    name: Name
    version: Version
    sha256: Digest
    languages: tuple[str, ...] | None = None

    @property
    def key(self) -> str:
        """Name and version, for people and as the unit's key."""
        return f"{self.name}@{self.version}"


@dataclass(frozen=True, slots=True)
class _File:
    """A member of a known language, with its path below the archive's top folder."""

    path: str
    language: str
    member: Member


class PackagesSource(Source):
    """Packages of one registry.

    Attributes:
        registry: `pypi` (source distributions), `npm` or `debian` (binary packages that hold Go or Ruby).
        packages: what to read.
        max_files_per_package: files taken from one package; of more, an even draw by path.
        max_file_bytes: of one file.
        max_archive_bytes: of one download.
        max_unpacked_bytes: of everything in one archive.
        max_ratio: unpacked bytes for each byte of the archive.
    """

    kind: Literal["packages"] = "packages"
    registry: Literal["pypi", "npm", "debian"]
    packages: Annotated[tuple[Package, ...], Field(min_length=1)]
    max_files_per_package: int = Field(default=400, ge=1)
    max_file_bytes: int = Field(default=500_000, ge=1)
    max_archive_bytes: int = Field(default=16_000_000, ge=1)
    max_unpacked_bytes: int = Field(default=256_000_000, ge=1)
    max_ratio: int = Field(default=200, ge=1)

    @model_validator(mode="after")
    def _listed_once(self) -> "PackagesSource":
        keys = [package.key for package in self.packages]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise ValueError(f"listed more than once: {', '.join(twice)}; keep one entry of each")
        return self

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """Fetch what the cache lacks, a few packages at a time. See `Source.prepare`."""
        missing = [package for package in self.packages if not is_cached(cache, package.sha256)]
        try:
            client = CLIENTS[self.registry]() if missing else None
        except SourceUnavailable as error:
            message = f"{self.name}: {len(missing)} of {len(self.packages)} packages can't be fetched: {error}"
            if self.required:
                raise SourceUnavailable(message) from None
            failures = dict.fromkeys(missing, "")
            return Prepared(self._units(failures), (message,))

        for package in self.packages:
            if package not in missing:
                progress(f"{self.name}: {package.key} in the cache")
        failures = {} if client is None else self._fetch_all(client, missing, cache, progress)
        errors = [error for error in failures.values() if error]
        if failures and self.required:
            raise SourceUnavailable("\n".join(errors))
        if untried := len(failures) - len(errors):
            errors.append(f"{self.name}: {untried} more packages were not tried, after {len(errors)} failures")
        return Prepared(self._units(failures), tuple(errors))

    def _fetch_all(
        self, client: Client, missing: list[Package], cache: Path, progress: Callable[[str], None]
    ) -> dict[Package, str]:
        """Fetch packages, in batches where the client can, else one by one; errors of those that could not be had.

        It gives up at the first failure where the source is required, else after a few without a success; the error
        of a package that was not tried is empty.
        """
        lock = Lock()
        outcomes = {"fetched": 0, "failed": 0}

        def hopeless() -> bool:
            return outcomes["failed"] >= (1 if self.required else HOPELESS if not outcomes["fetched"] else len(missing))

        def note(package: Package, outcome: str, error: str | None) -> str | None:
            with lock:
                outcomes[outcome] += 1
                progress(f"{self.name}: {package.key} {outcome}")
            return error

        def attempt(batch: list[Package]) -> list[str | None]:
            if not hopeless():
                self._fetch_together(client, batch, cache)
            return [one(package) for package in batch]

        def one(package: Package) -> str | None:
            if hopeless():
                return ""
            try:
                if not is_cached(cache, package.sha256):
                    self._fetch(client, package, cache)
            except SourceUnavailable as error:
                return note(package, "failed", str(error))
            return note(package, "fetched", None)

        share = max(1, min(BATCH, -(-len(missing) // THREADS)))
        batches = [missing[start : start + share] for start in range(0, len(missing), share)]
        with ThreadPoolExecutor(THREADS) as pool:
            errors = [error for answers in pool.map(attempt, batches) for error in answers]
        return {package: error for package, error in zip(missing, errors, strict=True) if error is not None}

    def _fetch_together(self, client: Client, batch: list[Package], cache: Path) -> None:
        """Let the client fetch several packages at once, and keep the files that have a wanted sha256."""
        if len(batch) < 2:
            return
        wanted = {package.sha256 for package in batch}
        with scratch(cache) as folder:
            client.fetch_together([(package.name, package.version) for package in batch], folder)
            for path in sorted(folder.iterdir()):
                if path.is_file() and not path.is_symlink() and path.stat().st_size <= self.max_archive_bytes:
                    digest = sha256(path.read_bytes())
                    if digest in wanted:
                        store(path, cached_path(cache, digest))

    def _units(self, failures: dict[Package, str]) -> tuple[Unit, ...]:
        return tuple(Unit(self.name, p.key, p.sha256) for p in self.packages if p not in failures)

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """Files of one package in the order of their paths. See `Source.read`."""
        package = self._package(unit.key)
        files, license, end = self._files(package, cache)
        readings = [self._reading(file, package, license) for file in files]
        kept = [item for item in readings if isinstance(item, SourceFile)]
        drawn = sorted(kept, key=lambda item: content_id(package.name, item.origin.path))[: self.max_files_per_package]
        taken = {item.id for item in drawn}
        for item in readings:
            if isinstance(item, SourceFile) and item.id not in taken:
                detail = f"{len(kept)} files in {package.key}, max_files_per_package is {self.max_files_per_package}"
                yield _dropped("package_cap", detail, item.origin)
            else:
                yield item
        if end is not None:
            yield _dropped(str(end.reason), end.detail, self._origin(package, end.path, "", license))

    def replay(self, origin: Origin, cache: Path) -> SourceFile:
        """The file that `origin` names, read again from its archive. See `Source.replay`."""
        repo, _, name = origin.repo.partition(":")
        if origin.source != self.name or repo != self.registry:
            raise SourceUnavailable(f"{self.name}: {origin.repo} is of the source {origin.source!r}; ask that one.")
        package = self._package(f"{name}@{origin.revision}")
        files, license, _ = self._files(package, cache)
        for file in files:
            if file.path == origin.path and file.member.data is not None:
                found = self._reading(file, package, license)
                if isinstance(found, SourceFile) and found.origin.blob_sha256 == origin.blob_sha256:
                    return found
                raise SourceUnavailable(
                    f"{self.name}: {origin.path!r} of {package.key} has sha256 {sha256(file.member.data)}, expected "
                    f"{origin.blob_sha256}. Use the configuration that the run was made with."
                )
        raise SourceUnavailable(f"{self.name}: {package.key} has no file {origin.path!r}. Use the run's configuration.")

    def _package(self, key: str) -> Package:
        for package in self.packages:
            if package.key == key:
                return package
        raise SourceUnavailable(f"{self.name}: {key} is not in the configuration's packages. Add it, or use the run's.")

    def _fetch(self, client: Client, package: Package, cache: Path) -> None:
        """Put the package's archive into the cache, whole or not at all.

        Raises:
            SourceUnavailable: it can't be fetched, or its sha256 is another.
        """
        try:
            with scratch(cache) as folder:
                fetched = client.fetch(package.name, package.version, package.sha256, folder, self.max_archive_bytes)
                got = sha256(fetched.read_bytes())
                if got != package.sha256:
                    raise SourceUnavailable(
                        f"expected sha256 {package.sha256}, got {got}. If the registry replaced the archive on "
                        "purpose, pin the new one; else don't trust it."
                    )
                store(fetched, cached_path(cache, package.sha256))
        except SourceUnavailable as error:
            raise SourceUnavailable(f"{self.name}: {self.registry} package {package.key}: {error}") from None

    def _files(self, package: Package, cache: Path) -> tuple[list[_File], str | None, Member | None]:
        """Members of a wanted language by path, the package's licence, and how the archive ended if not well."""
        archive = cached_path(cache, package.sha256)
        if not is_cached(cache, package.sha256):
            self._fetch(CLIENTS[self.registry](), package, cache)
        limits = Limits(self.max_file_bytes, self.max_unpacked_bytes, self.max_ratio)
        files: list[_File] = []
        tops: set[str] = set()
        metadata: dict[str, bytes] = {}
        end = None
        for member in members(archive, limits):
            if member.reason in ("archive_bomb", "truncated_archive"):
                end = member
                break
            tops.add(member.path.partition("/")[0] if "/" in member.path else "")
            if member.data is not None and _is_metadata(self.registry, package.name, member.path):
                metadata.setdefault(member.path, member.data)
            language = language_of(member.path, member.data or b"")
            if language is not None and (package.languages is None or language.name in package.languages):
                files.append(_File(member.path, language.name, member))
        strip = self.registry != "debian" and len(tops) == 1 and "" not in tops
        if strip:
            files = [_File(file.path.partition("/")[2], file.language, file.member) for file in files]
        files.sort(key=lambda file: file.path)  # stable: of one path twice, in the archive's order
        return _without_doubles(files), _license(self.registry, metadata), end

    def _reading(self, file: _File, package: Package, license: str | None) -> SourceFile | Dropped:
        data = file.member.data
        origin = self._origin(package, file.path, "" if data is None else sha256(data), license)
        if data is None:
            return _dropped(str(file.member.reason), file.member.detail, origin)
        if file.member.reason is not None:
            return _dropped(file.member.reason, file.member.detail, origin)
        if not data.strip():
            return _dropped("empty", f"{len(data)} bytes, all white space", origin)
        if b"\0" in data:
            return _dropped("nul_bytes", f"a NUL byte at {data.index(0)}", origin)
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            return _dropped("not_utf8", f"byte {error.start}: {error.reason}", origin)
        return SourceFile(origin, file.language, text)

    def _origin(self, package: Package, path: str, blob: str, license: str | None) -> Origin:
        # No time: what an archive says of its files' times is the builder's clock, or invented.
        return Origin(self.name, f"{self.registry}:{package.name}", package.version, path, blob, license, None)


def _dropped(reason: str, detail: str, origin: Origin) -> Dropped:
    identity = content_id(origin.source, origin.repo, origin.revision, origin.path, origin.blob_sha256)
    return Dropped("mine", reason, detail, identity, origin)


def _without_doubles(files: list[_File]) -> list[_File]:
    """Of one path twice the last wins, as when unpacking; the others get the reason `duplicate_path`."""
    last = {file.path: file for file in files}
    marked = []
    for file in files:
        if last[file.path] is not file and file.member.reason is None:
            member = Member(file.member.path, file.member.data, "duplicate_path", "a later entry has the same path")
            file = _File(file.path, file.language, member)
        marked.append(file)
    return marked


def _is_metadata(registry: str, name: str, path: str) -> bool:
    if registry == "debian":
        return path == f"usr/share/doc/{name}/copyright"
    return path.count("/") <= 1 and path.rpartition("/")[2] == ("PKG-INFO" if registry == "pypi" else "package.json")


def _license(registry: str, metadata: dict[str, bytes]) -> str | None:
    """SPDX expression of the package, from its metadata nearest to the top."""
    readers = {"pypi": licenses.of_pkg_info, "npm": licenses.of_package_json, "debian": licenses.of_debian_copyright}
    for path in sorted(metadata, key=lambda path: (path.count("/"), path)):
        return readers[registry](metadata[path].decode("utf-8", "replace"))
    return None
