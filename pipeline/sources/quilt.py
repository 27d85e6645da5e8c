"""Source `quilt`: patch series of Debian source packages, a source of security changes. Nothing of a package is run."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from parsers.language import language_of
from pipeline.sources.archive import Limits
from pipeline.sources.base import Prepared, Read, Source, Unit
from pipeline.sources.files import Refused, decode, has_known_ending
from pipeline.sources.licence_text import licence_of_header
from pipeline.sources.quilt_apply import Touched, Tree, patch_program
from pipeline.sources.quilt_copyright import licence_of
from pipeline.sources.quilt_dep3 import PatchHeader, read_header
from pipeline.sources.quilt_patch import BadPatch
from pipeline.sources.quilt_tree import PATCHES, BadPackage, Package, Patch, open_package, read_dsc
from pipeline.sources.registries.cache import cached_path, is_cached, scratch, store
from pipeline.sources.registries.debian_source import Archive, Gone, SourceIndex, SourcePackage, machine_archives
from schemas.errors import SourceUnavailable
from schemas.provenance import Origin, content_id, sha256
from schemas.records import Change, Dropped, Facts, SourceFile

Wanted = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+(=[0-9][A-Za-z0-9.+:~-]*)?$")]
Suite = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]*$")]

_TEST_FOLDERS = re.compile(
    r"tests?|testing|testsuite|unittests?|t|specs?|testdata|fixtures?|docs?|documentation|examples?"
)
_TEST_NAMES = re.compile(r"(?:test|tst)[-_].*|.*[-_](?:tests?|spec)\.[a-z+]+|tests?\.[a-z+]+")
_TEXT_FOLDERS = re.compile(r"results?|man|manual|changes?|changelogs?|news|releases?")
_TEXT_NAMES = re.compile(
    r".*\.(?:md|rst|txt|tex|texi|pod|html?|xhtml|[1-8]|po|pot|out|err|expected)|"
    r"(?:changelog|changes|news|readme|release[-_]?notes?|thanks|authors|todo|history)\b.*"
)
"""Of files that are in no known language."""


class QuiltSource(Source):
    """Changes from the patch series of Debian source packages: each patch that modifies one source file in place.

    Both sides are the file as the patches before it have left it, and with it applied. A package's newest version is
    taken, or an older one of the archives where the newest one's files are gone (404).

    Attributes:
        packages: source packages, as `name`, or `name=version` for the same bytes on every day and machine.
        archives: where to look; None takes the Debian or Ubuntu archives that this machine's apt is set up with.
        suites: of those archives, instead of the machine's own; only without `archives`.
        allow_test_files: whether a patch may touch tests, documentation and change logs besides.
        max_blob_bytes: of one side; larger ones are dropped.
        max_archive_bytes: of one version's files together.
        max_unpacked_bytes: of everything in one archive.
        max_ratio: unpacked bytes for each byte of an archive.
        timeout_s: longest time for one command of apt.
    """

    kind: Literal["quilt"] = "quilt"
    windowed: bool = False
    packages: Annotated[tuple[Wanted, ...], Field(min_length=1)]
    archives: tuple[Archive, ...] | None = Field(default=None, min_length=1)
    suites: tuple[Suite, ...] | None = Field(default=None, min_length=1)
    allow_test_files: bool = True
    max_blob_bytes: int = Field(default=1_000_000, ge=1)
    max_archive_bytes: int = Field(default=200_000_000, ge=1)
    max_unpacked_bytes: int = Field(default=2_000_000_000, ge=1)
    max_ratio: int = Field(default=200, ge=1)
    timeout_s: float = Field(default=600, gt=0)

    @model_validator(mode="after")
    def _consistent(self) -> "QuiltSource":
        names = [wanted.partition("=")[0] for wanted in self.packages]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"packages: listed more than once: {', '.join(twice)}; keep one entry of each")
        if self.archives is not None and self.suites is not None:
            raise ValueError("suites: goes with the machine's archives; `archives` name theirs themselves")
        return self

    def prepare(self, cache: Path, progress: Callable[[str], None]) -> Prepared:
        """Find each package's version, fetch what the cache lacks; see `Source.prepare`."""
        units: list[Unit] = []
        failures: list[str] = []
        warnings: list[str] = []
        index: SourceIndex | SourceUnavailable | None = None
        for wanted in self.packages:
            name, _, version = wanted.partition("=")
            digest = self._known(cache, name, version) if version else None
            if digest is not None:
                progress(f"{self.name}: {wanted} in the cache")
                units.append(Unit(self.name, wanted, digest))
                continue
            index = index or self._index(cache, progress)
            if isinstance(index, SourceUnavailable):
                failures.append(f"source {self.name!r}: packages: {wanted}: {index}")
                continue
            try:
                package, gone = self._obtain(index, name, version, cache)
            except SourceUnavailable as error:
                failures.append(f"source {self.name!r}: packages: {wanted}: {error}")
                progress(f"{self.name}: {wanted} failed")
                continue
            progress(f"{self.name}: {package.name}={package.version} fetched")
            warnings += gone
            units.append(Unit(self.name, f"{package.name}={package.version}", package.dsc_sha256))
        if failures and self.required:
            raise SourceUnavailable("\n".join((*failures, "Correct the packages, or set `required: false`.")))
        return Prepared(tuple(units), (*failures, *warnings))

    def read(self, unit: Unit, cache: Path) -> Iterator[Read]:
        """The changes of one version, in the order of its series; see `Source.read`."""
        name, _, version = unit.key.partition("=")
        yield from self._changes(name, version, unit.digest, cache)

    def replay(self, origin: Origin, cache: Path) -> SourceFile | Change:
        """The change at `origin`, made again from its package; see `Source.replay`."""
        name = origin.repo.removeprefix("debian:")
        if origin.source != self.name or name == origin.repo:
            raise SourceUnavailable(f"{self.name}: {origin.repo} is of the source {origin.source!r}; ask that one.")
        digest = self._known(cache, name, origin.revision) or ""
        for record in self._changes(name, origin.revision, digest, cache):
            found = (record.origin.path, record.origin.blob_sha256)
            if isinstance(record, Change) and found == (origin.path, origin.blob_sha256):
                return replace(record, origin=origin)
        raise SourceUnavailable(
            f"source {self.name!r}: no patch of {name}={origin.revision} gives {origin.path} with sha256 "
            f"{origin.blob_sha256}. Use the configuration that the run was made with."
        )

    def _index(self, cache: Path, progress: Callable[[str], None]) -> SourceIndex | SourceUnavailable:
        """The archives' index, fetched; or why it can't be had."""
        try:
            patch_program()
            archives = machine_archives(self.suites) if self.archives is None else self.archives
            progress(f"{self.name}: index of {', '.join(archive.suite for archive in archives)}")
            folder = cache / "apt" / content_id(*(archive.line for archive in archives))
            index = SourceIndex(folder, archives, self.timeout_s)
            index.refresh()
        except SourceUnavailable as error:
            return error
        return index

    def _obtain(self, index: SourceIndex, name: str, version: str, cache: Path) -> tuple[SourcePackage, list[str]]:
        """Put a package's files into the cache: of the version asked for, else the newest that is still there.

        Returns:
            The package, and a line for each newer version that is gone.

        Raises:
            SourceUnavailable: there is none, or it can't be fetched.
        """
        versions = index.versions(name)
        if not versions:
            raise SourceUnavailable("the archives have no source package of this name.")
        known = ", ".join(package.version for package in versions)
        gone: list[str] = []
        for package in versions:
            if version and package.version != version:
                continue
            try:
                self._fetch(index, package, cache)
            except Gone:
                gone.append(f"source {self.name!r}: {name}={package.version} is in the index, but its files are gone.")
                continue
            return package, gone
        if gone:
            raise SourceUnavailable(f"no version of it can be fetched any more. {' '.join(gone)}")
        raise SourceUnavailable(f"the archives have no version {version}; they have {known}.")

    def _fetch(self, index: SourceIndex, package: SourcePackage, cache: Path) -> None:
        """Store a version's files, the .dsc last, so that where it is known all are there."""
        size = sum(size for _, size, _ in package.files)
        if size > self.max_archive_bytes:
            raise SourceUnavailable(f"{size} bytes; max_archive_bytes is {self.max_archive_bytes}. Raise it.")
        if not all(is_cached(cache, digest) for _, _, digest in package.files):
            with scratch(cache) as folder:
                paths = index.fetch(package, folder)
                for path, (_, _, digest) in zip(paths, package.files, strict=True):
                    store(path, cached_path(cache, digest))
        note = _note(cache, package.name, package.version)
        note.parent.mkdir(parents=True, exist_ok=True)
        with scratch(cache) as folder:
            (folder / "note").write_text(package.dsc_sha256, encoding="ascii")
            (folder / "note").replace(note)

    def _known(self, cache: Path, name: str, version: str) -> str | None:
        """sha256 of a version's .dsc where the cache holds all of its files."""
        try:
            digest = _note(cache, name, version).read_text(encoding="ascii")
            files = read_dsc(cached_path(cache, digest).read_bytes()).files if is_cached(cache, digest) else ()
        except (OSError, UnicodeDecodeError, BadPackage):
            return None
        return digest if files and all(is_cached(cache, one) for _, _, one in files) else None

    def _files(self, name: str, version: str, digest: str, cache: Path) -> tuple[bytes, dict[str, Path]]:
        """The .dsc and its files by name, from the cache or fetched again."""
        for attempt in range(2):
            if digest and is_cached(cache, digest):
                dsc = cached_path(cache, digest).read_bytes()
                files = {file: one for file, _, one in read_dsc(dsc).files}
                if all(is_cached(cache, one) for one in files.values()):
                    return dsc, {file: cached_path(cache, one) for file, one in files.items()}
            if attempt == 0:
                index = self._index(cache, lambda line: None)
                if isinstance(index, SourceUnavailable):
                    raise SourceUnavailable(f"source {self.name!r}: {name}={version}: {index}")
                try:
                    package, _ = self._obtain(index, name, version, cache)
                except SourceUnavailable as error:
                    raise SourceUnavailable(f"source {self.name!r}: {name}={version}: {error}") from None
                digest = digest or package.dsc_sha256
        raise SourceUnavailable(f"source {self.name!r}: {name}={version}: the archives' .dsc is not {digest} any more.")

    def _changes(self, name: str, version: str, digest: str, cache: Path) -> Iterator[Change | Dropped]:
        """Changes of one version, and why its other patches are none."""
        whole = Origin(self.name, f"debian:{name}", version, "", "", family=f"debian:{name}")
        limits = Limits(8 * self.max_blob_bytes, self.max_unpacked_bytes, self.max_ratio, members=500_000)
        try:
            dsc, paths = self._files(name, version, digest, cache)
            package = open_package(read_dsc(dsc), paths, limits)
        except BadPackage as bad:
            yield _dropped(bad.reason, bad.detail, whole, "package")
            return
        tree = Tree(package.files, package.missing)
        for number, patch in enumerate(package.patches):
            origin = replace(whole, path=PATCHES + patch.name)
            try:
                if patch.refused is not None:
                    raise patch.refused
                touched = tree.apply(list(patch.sections))
            except BadPatch as bad:
                yield _dropped(bad.reason, bad.detail, origin, str(number))
                continue
            yield self._change(package, patch, touched, origin, str(number))

    def _change(
        self, package: Package, patch: Patch, touched: list[Touched], origin: Origin, number: str
    ) -> Change | Dropped:
        """The change that a patch makes, or why it makes none."""
        header = read_header(patch.name, patch.header)
        one = self._source_file(touched)
        if isinstance(one, Refused):
            return _dropped(one.reason, one.detail, origin, number)
        origin = replace(origin, path=one.path, committed_at=header.last_update or header.date)
        texts = []
        for side, data in (("older", one.before), ("newer", one.after)):
            text = decode(data or b"", self.max_blob_bytes)
            if isinstance(text, Refused):
                return _dropped(text.reason, f"{side} side: {text.detail}", origin, number)
            texts.append(text)
        before, after = texts
        language = language_of(one.path, after.encode())
        if language is None:
            return _dropped("no_language", one.path, origin, number)
        origin = replace(
            origin,
            blob_sha256=sha256(after.encode()),
            before_sha256=sha256(before.encode()),
            license=licence_of(package.copyright, one.path) or licence_of_header(after),
        )
        return Change(origin, language.name, header.message, before, after, _facts(header))

    def _source_file(self, touched: list[Touched]) -> Touched | Refused:
        """The one source file that a patch modifies in place, or why there is none."""
        main = [one for one in touched if not is_beside(one.path)]
        if not main:
            return Refused("test_only", f"{len(touched)} files, none of them source")
        if len(main) > 1 or (len(touched) > 1 and not self.allow_test_files):
            return Refused("not_single_file", f"{len(touched)} files, {len(main)} of them no tests or documents")
        one = main[0]
        if one.before is None or one.after is None or one.before == one.after:
            return Refused("not_in_place", f"{one.path}: made, removed or left as it was")
        return one if has_known_ending(one.path) else Refused("no_language", one.path)


def is_beside(path: str) -> bool:
    """Whether a file is a test, a document or a change log, which a change may touch besides its source file."""
    *folders, name = PurePosixPath(path.lower()).parts
    if _TEST_NAMES.fullmatch(name) or any(_TEST_FOLDERS.fullmatch(folder) for folder in folders):
        return True
    text = _TEXT_NAMES.fullmatch(name) or any(_TEXT_FOLDERS.fullmatch(folder) for folder in folders)
    return bool(text) and not has_known_ending(path)


def _facts(header: PatchHeader) -> Facts:
    return Facts(authored_at=header.date, cves=header.cves)


def _dropped(reason: str, detail: str, origin: Origin, part: str) -> Dropped:
    identity = content_id("patch", origin.source, origin.repo, origin.revision, origin.path, part)
    return Dropped("mine", reason, detail, identity, origin)


def _note(cache: Path, name: str, version: str) -> Path:
    """Where the cache notes which .dsc a version has."""
    return cache / "quilt" / content_id(name, version)
