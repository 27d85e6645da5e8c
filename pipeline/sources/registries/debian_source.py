"""Debian source packages: an index of their versions and their files, through apt with a configuration of its own.

Its source list, lists, state and cache lie in a folder of ours; nothing of the system's is written, and no root is
needed. The index's signature is checked by apt; files are checked against the index's sha256.
"""

import fcntl
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path

from pydantic import Field

from pipeline.sources.registries.client import found_on_path, run
from schemas.config import Options
from schemas.errors import SourceUnavailable
from schemas.provenance import sha256

DISTRIBUTIONS = {"Debian": "debian-archive-keyring.gpg", "Ubuntu": "ubuntu-archive-keyring.gpg"}
"""Origins that a machine's apt may name, and the keyring that signs them."""

KEYRINGS = Path("/usr/share/keyrings")
MISSING = re.compile(r"404 +Not Found|File not found|No such file or directory", re.IGNORECASE)
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+~_-]*")
WAY_OUT = "Run on Debian or Ubuntu, or set `required: false` to go on without these packages."


class Archive(Options):
    """One suite of a package archive.

    Attributes:
        uri: where the archive lies (http, https or file).
        suite: such as `bookworm` or `bookworm-security`.
        components: such as `main`.
        signed_by: path of the keyring that must have signed it; None takes those that apt trusts.
        trusted: take it without a signature.
    """

    uri: str = Field(pattern=r"^(https?|file)://?[^\s\[\]\"']+$")
    suite: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9./_-]*$")
    components: tuple[str, ...] = ("main",)
    signed_by: str | None = Field(default=None, pattern=r"^/[^\s\[\]\"',]+$")
    trusted: bool = False

    @property
    def line(self) -> str:
        """The entry of a source list (sources.list(5)); from a folder here files are copied, as `file:` would link."""
        settings = [f"signed-by={self.signed_by}"] if self.signed_by else []
        settings += ["trusted=yes"] if self.trusted else []
        bracket = f"[{' '.join(settings)}] " if settings else ""
        uri = re.sub("^file:", "copy:", self.uri)
        return f"deb-src {bracket}{uri} {self.suite} {' '.join(self.components)}"


@dataclass(frozen=True, slots=True)
class SourcePackage:
    """One version in the index.

    Attributes:
        name: of the source package.
        version: Debian version.
        files: (name, size in bytes, sha256), in the index's order.
    """

    name: str
    version: str
    files: tuple[tuple[str, int, str], ...]

    @property
    def dsc_sha256(self) -> str:
        """sha256 of the .dsc; empty where the index names none."""
        return next((digest for name, _, digest in self.files if name.endswith(".dsc")), "")


class Gone(SourceUnavailable):
    """The index names files that the archive does not have any more."""


def machine_archives(suites: Sequence[str] | None) -> tuple[Archive, ...]:
    """The archives of the distribution that this machine's apt is set up with, of other suites where given.

    Raises:
        SourceUnavailable: apt has none, or is not there.
    """
    fields = "$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(ORIGIN)"
    said = run(
        [_program("apt-get"), "indextargets", "--format", fields, "Created-By: Packages"], Path.cwd(), WAY_OUT, 60
    )
    found: dict[tuple[str, str], tuple[list[str], str]] = {}
    for line in said.splitlines():
        uri, suite, component, origin = [*line.split("|"), "", "", ""][:4]
        if origin in DISTRIBUTIONS:
            found.setdefault((uri, suite), ([], origin))[0].append(component)
    if not found:
        raise SourceUnavailable(
            "apt knows no Debian or Ubuntu archive here. Run `apt-get update` once, or name the `archives`."
        )
    wanted = [(uri, suite) for uri, suite in found] if suites is None else _other_suites(list(found), suites)
    archives = []
    for uri, suite in dict.fromkeys(wanted):
        components, origin = next(value for (known, _), value in found.items() if known == uri)
        keyring = KEYRINGS / DISTRIBUTIONS[origin]
        signed_by = str(keyring) if keyring.is_file() else None
        unique = tuple(dict.fromkeys(components))
        archives.append(Archive(uri=uri, suite=suite, components=unique, signed_by=signed_by))
    return tuple(archives)


def _other_suites(known: list[tuple[str, str]], suites: Sequence[str]) -> list[tuple[str, str]]:
    """Each suite at the archive whose own suites are security ones as it is, or are not."""
    pairs = []
    for suite in suites:
        secure = suite.endswith("-security")
        uris = [uri for uri, own in known if own.endswith("-security") == secure]
        pairs.append(((uris or [known[0][0]])[0], suite))
    return pairs


def version_key(version: str) -> tuple[object, ...]:
    """What sorts Debian versions (Debian policy 5.6.12): epoch, upstream version, revision; `~` before the end."""
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    number = int(epoch) if epoch.isascii() and epoch.isdigit() else 0
    return number, _part_key(upstream), _part_key(revision)


def _part_key(text: str) -> tuple[tuple[tuple[int, ...], int], ...]:
    parts = re.findall(r"([^0-9]*)([0-9]*)", text)
    return tuple(((*(_rank(char) for char in word), 0), int(digits or 0)) for word, digits in parts)


def _rank(char: str) -> int:
    if char == "~":
        return -1
    return ord(char) if char.isalpha() else ord(char) + 256


class SourceIndex:
    """The source packages of some archives.

    Args:
        folder: of apt's own files; kept between runs.
        archives: to read.
        timeout_s: longest time for one command.
    """

    def __init__(self, folder: Path, archives: Sequence[Archive], timeout_s: float) -> None:
        self._folder = folder.absolute()
        self._archives = tuple(archives)
        self._timeout_s = timeout_s
        self._config = self._folder / "apt.conf"

    def refresh(self) -> None:
        """Write the configuration, and fetch the index where it changed.

        Raises:
            SourceUnavailable: an archive can't be reached, or its signature is not good.
        """
        if any(char in str(self._folder) for char in '"\\\n'):
            raise SourceUnavailable(f"the cache folder {self._folder} has a character that apt's files can't hold.")
        for name in ("lists/partial", "cache/archives/partial", "state"):
            (self._folder / name).mkdir(parents=True, exist_ok=True)
        with self._locked():
            (self._folder / "status").write_text("")
            (self._folder / "sources.list").write_text("".join(f"{archive.line}\n" for archive in self._archives))
            self._config.write_text(self._settings())
            self._apt("apt-get", ["-qq", "update"], self._folder)

    def versions(self, name: str) -> tuple[SourcePackage, ...]:
        """Versions of a source package, newest first; none where the index has none.

        Raises:
            SourceUnavailable: apt fails.
        """
        try:
            said = self._apt("apt-cache", ["showsrc", "--only-source", name], self._folder)
        except SourceUnavailable as error:
            if "Unable to locate package" in str(error) or "No packages found" in str(error):
                return ()
            raise
        found = {}
        for paragraph in said.split("\n\n"):
            package = _parse(paragraph)
            if package is not None and package.name == name:
                found[package.version] = package
        return tuple(sorted(found.values(), key=lambda one: version_key(one.version), reverse=True))

    def fetch(self, package: SourcePackage, folder: Path) -> list[Path]:
        """Download a version's files into the empty `folder`.

        Returns:
            Their paths, in the index's order, each with the index's sha256.

        Raises:
            Gone: the archive does not have them any more.
            SourceUnavailable: they can't be had, or are others.
        """
        wanted = f"{package.name}={package.version}"
        try:
            self._apt("apt-get", ["-qq", "source", "--download-only", "--only-source", wanted], folder)
        except SourceUnavailable as error:
            raise (Gone if MISSING.search(str(error)) else SourceUnavailable)(str(error)) from None
        paths = []
        for name, _, digest in package.files:
            path = folder / name
            if path.is_symlink() or not path.is_file():
                raise SourceUnavailable(f"apt left no file {name}. Run `apt-get source --download-only` to see why.")
            if (got := sha256(path.read_bytes())) != digest:
                raise SourceUnavailable(f"{name}: expected sha256 {digest}, got {got}. Don't trust that mirror.")
            paths.append(path)
        return paths

    def _settings(self) -> str:
        """apt.conf(5); it comes after the system's own, so that its proxies hold and its hooks do not."""
        folder = self._folder
        hooks = ("Pre-Invoke", "Post-Invoke", "Post-Invoke-Success")
        values = {
            "Dir::Etc::sourcelist": folder / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "-",
            "Dir::State": folder / "state",
            "Dir::State::lists": folder / "lists",
            "Dir::State::status": folder / "status",
            "Dir::Cache": folder / "cache",
            "APT::Sandbox::User": "",  # not as the user _apt, who can't write to this folder
            "APT::Update::Error-Mode": "any",
            "Acquire::Retries": 3,
            "Acquire::Languages": "none",
        }
        cleared = "".join(f"#clear APT::Update::{hook};\n" for hook in hooks)
        return cleared + "".join(f'{key} "{value}";\n' for key, value in values.items())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _apt(self, program: str, arguments: Sequence[str], folder: Path) -> str:
        return run([_program(program), "-c", str(self._config), *arguments], folder, WAY_OUT, self._timeout_s)


def _program(name: str) -> str:
    return found_on_path(name, WAY_OUT)


def checksums(field: str) -> tuple[tuple[str, int, str], ...] | None:
    """(name, size, sha256) of a `Checksums-Sha256` field; None where a line is not such a one."""
    files = []
    for line in field.strip().splitlines():
        words = line.split()
        good = len(words) == 3 and re.fullmatch(r"[0-9a-f]{64}", words[0]) and words[1].isdigit()
        if not good or not FILE_NAME.fullmatch(words[2]):
            return None
        files.append((words[2], int(words[1]), words[0]))
    return tuple(files)


def _parse(paragraph: str) -> SourcePackage | None:
    """A paragraph of a Sources index; None where it lacks what is needed."""
    fields = HeaderParser().parsestr(paragraph.strip("\n") + "\n")
    name, version, listed = fields.get("Package"), fields.get("Version"), fields.get("Checksums-Sha256")
    files = None if listed is None else checksums(str(listed))
    if not name or not version or not files:
        return None
    package = SourcePackage(str(name).strip(), str(version).strip(), files)
    return package if package.dsc_sha256 else None
