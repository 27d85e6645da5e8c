"""Hand-read commits read from a folder of git repositories: one `cat-file` for each repository, nothing checked out."""

import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from parsers.language import language_of
from pipeline.mining_report.gold import Gold
from pipeline.sources.files import Refused, decode
from pipeline.sources.git_pipe import Pipe
from pipeline.sources.git_plumbing import command, environment
from schemas.errors import ConfigError, SourceUnavailable
from schemas.provenance import Origin, sha256
from schemas.records import Change

NO_MIRROR = "no mirror of its repository"

MAX_BLOB_BYTES = 1_000_000
MAX_COMMIT_BYTES = 1_000_000

Told = Callable[[int], None]
"""Called with the number of commits tried so far."""


def read_mirrors(gold: Iterable[Gold], mirrors: Path, tell: Told) -> Iterator[tuple[Gold, Change | str]]:
    """Each commit, or why it can't be read, by repository.

    Args:
        gold: the commits.
        mirrors: folder of `OWNER+NAME/repo`, `OWNER/NAME` or `OWNER/NAME.git`, bare or with a work tree.
        tell: see `Told`.

    Raises:
        ConfigError: there is no such folder.
        SourceUnavailable: git is not installed, or hangs.
    """
    if not mirrors.is_dir():
        raise ConfigError(f"--mirrors {mirrors}: no such folder. It holds a git repository for each that is labelled.")
    by_repo: dict[str, list[Gold]] = {}
    for one in gold:
        by_repo.setdefault(one.repo, []).append(one)
    done = 0
    for repo, commits in by_repo.items():
        place = mirror(mirrors, repo)
        for commit, read in [(c, NO_MIRROR) for c in commits] if place is None else _read(place, commits):
            done += 1
            tell(done)
            yield commit, read


def mirror(mirrors: Path, repo: str) -> Path | None:
    """The repository of `OWNER/NAME` inside `mirrors`; None where there is none."""
    parts = repo.split("/")
    if len(parts) < 2 or any(part in ("", ".", "..") or "\0" in part for part in parts):
        return None
    owner, name = parts[-2:]
    places = (Path(f"{owner}+{name}") / "repo", Path(owner) / name, Path(owner) / f"{name}.git")
    return next((mirrors / place for place in places if (mirrors / place).is_dir()), None)


def _read(place: Path, commits: Sequence[Gold]) -> Iterator[tuple[Gold, Change | str]]:
    """The commits of one repository; a path that no request can hold is not asked for."""
    asked = dict.fromkeys(one for one in commits if one.path and "\n" not in one.path)
    with tempfile.TemporaryFile() as requests:
        for one in asked:
            path = one.path.encode("utf-8", "surrogateescape")
            sha = one.sha.encode()
            requests.write(b"%b\n%b^:%b\n%b:%b\n" % (sha, sha, path, sha, path))
        requests.seek(0)
        try:
            process = subprocess.Popen(
                command("cat-file", "--batch"), cwd=place, env=environment(), stdin=requests, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, bufsize=0,
            )  # fmt: skip
        except FileNotFoundError:
            raise SourceUnavailable("git is not installed; install git 2.32 or newer.") from None
        with process:
            try:
                assert process.stdout is not None
                pipe = Pipe(process.stdout)
                for one in commits:
                    yield one, _change(one, pipe) if one in asked else "its path is not one that git can be asked for"
            finally:
                process.kill()


def _change(one: Gold, pipe: Pipe) -> Change | str:
    """The next three objects as a change: commit, older side, newer side."""
    limits = (("commit", MAX_COMMIT_BYTES), ("older side", MAX_BLOB_BYTES), ("newer side", MAX_BLOB_BYTES))
    found = [(name, _object(pipe, limit)) for name, limit in limits]
    for name, data in found:
        if isinstance(data, str):
            return f"{name}: {data}"
    texts = [decode(data, MAX_BLOB_BYTES) for _, data in found[1:] if isinstance(data, bytes)]
    for text in texts:
        if isinstance(text, Refused):
            return f"{text.reason}: {text.detail}"
    before, after = (text for text in texts if isinstance(text, str))
    commit = found[0][1]
    assert isinstance(commit, bytes)
    message = commit.partition(b"\n\n")[2].decode("utf-8", "replace")
    language = language_of(one.path, after.encode())
    origin = Origin("mirror", one.repo, one.sha, one.path, sha256(after.encode()))
    return Change(origin, one.language or ("" if language is None else language.name), message, before, after)


def _object(pipe: Pipe, limit: int) -> bytes | str:
    """The next object that git writes, or why it is none."""
    header = pipe.until(b"\n")
    if header is None:
        return "git ended early; is the repository whole?"
    words = header.rsplit(b" ", 2)
    if len(words) < 3 or not words[2].isdigit():
        return "not in the repository"
    size = int(words[2])
    data = pipe.take(size, keep=size <= limit)
    pipe.take(1, keep=True)
    if data is None:
        return "damaged"
    return data if size <= limit else f"{size} bytes, at most {limit}"
