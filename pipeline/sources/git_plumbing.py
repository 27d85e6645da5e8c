"""Git as a process: its environment, finding a repository and a revision, fetching; no shell, no prompt, no hook."""

import fcntl
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from schemas.errors import SourceUnavailable

PROTOCOLS = ("https", "ssh", "file", "git")
_SETTINGS = (
    "core.hooksPath=/dev/null", "core.fsmonitor=false", "protocol.ext.allow=never", "safe.directory=*", "gc.auto=0",
    "maintenance.auto=false", "credential.helper=", "core.askPass=", "core.deltaBaseCacheLimit=32m",
)  # fmt: skip
_PULL_HEAD = re.compile(r"refs/(?:pull|merge-requests)/\d+/head")
_SECTION = re.compile(r"\s*\[([^\]]*)\]")
_URL_LINE = re.compile(r"\s*url\s*=\s*(\S[^;#]*)", re.IGNORECASE)
_SHA = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Store:
    """Where a repository keeps its objects.

    Attributes:
        objects: folder of the object store.
        shallow: content of its `shallow` file; empty where its history is whole.
        object_format: `sha1` or `sha256`.
    """

    objects: Path
    shallow: bytes
    object_format: str


def is_sha(text: str) -> bool:
    """Whether `text` is a full object name."""
    return _SHA.fullmatch(text) is not None


def environment(protocols: Sequence[str] = ()) -> dict[str, str]:
    """The environment of every git process: no configuration but ours, no prompt, no protocol but `protocols`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return inherited | {
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "",
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_ALLOW_PROTOCOL": ":".join(protocols) or "none",
        **({} if protocols else {"GIT_NO_LAZY_FETCH": "1"}),
    }


def command(*arguments: str) -> list[str]:
    """A git command line with our settings on top of whatever a repository's configuration says."""
    return ["git", *(part for setting in _SETTINGS for part in ("-c", setting)), *arguments]


def run(
    arguments: Sequence[str],
    env: dict[str, str],
    timeout_s: float,
    cwd: Path | None = None,
    out: IO[bytes] | None = None,
) -> bytes:
    """Standard output of one git command (empty where it goes to the file `out`).

    Raises:
        SourceUnavailable: git is not installed, failed (with what it said) or took longer than `timeout_s`.
    """
    try:
        done = subprocess.run(
            command(*arguments), env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=out or subprocess.PIPE,
            stderr=subprocess.PIPE, timeout=timeout_s, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise SourceUnavailable("git is not installed; install git 2.32 or newer.") from None
    except subprocess.TimeoutExpired:
        raise SourceUnavailable(f"git {arguments[0]} took longer than {timeout_s:g} s; raise `timeout_s`.") from None
    if done.returncode:
        said = done.stderr[-2000:].decode("utf-8", "replace").strip().splitlines()
        fatal = [line for line in said if line.startswith("fatal:")] or said[-1:] or [f"exit status {done.returncode}"]
        raise SourceUnavailable(f"git said: {fatal[0]}")
    return done.stdout or b""


def resolve(repository: Path, revision: str, timeout_s: float) -> str:
    """The full sha of the commit that `revision` names.

    Raises:
        SourceUnavailable: there is no such commit.
    """
    if "\0" in revision:
        raise SourceUnavailable("a revision can't hold a NUL byte.")
    arguments = ("rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}")
    try:
        return run(arguments, environment(), timeout_s, repository).decode().strip()
    except SourceUnavailable:
        raise SourceUnavailable(f"revision {revision!r}: no such commit; name a branch, a tag or a full sha.") from None


def locate(repository: Path, timeout_s: float) -> Store:
    """The object store of a bare repository, a checkout or a linked work tree.

    Raises:
        SourceUnavailable: `repository` is not the root of a git repository.
    """
    wanted = ("--git-path", "objects", "--git-path", "shallow", "--show-object-format", "--show-cdup")
    if not repository.is_dir():
        raise SourceUnavailable("no such folder; correct its location.")
    try:
        lines = run(("rev-parse", *wanted), environment(), timeout_s, repository).split(b"\n")
    except SourceUnavailable as error:
        raise SourceUnavailable(f"{error}; name the root of a checkout or a bare repository.") from None
    objects, shallow, object_format, *up = lines
    if up and up[0]:
        raise SourceUnavailable("not a git repository, though a folder above it is; name the repository's root.")
    shallow_file = repository / os.fsdecode(shallow)
    kept = shallow_file.read_bytes() if shallow_file.is_file() else b""
    return Store((repository / os.fsdecode(objects)).resolve(), kept, object_format.decode())


def fetch(url: str, into: Path, refspecs: Sequence[str], max_blob_bytes: int, timeout_s: float) -> None:
    """Bring `refspecs` of `url` into the bare repository `into`, made where there is none; only what is new is sent.

    Blobs over `max_blob_bytes` are left out where the server can do that. One process at a time.

    Raises:
        SourceUnavailable: the server refused, or can't be reached.
    """
    into.parent.mkdir(parents=True, exist_ok=True)
    env = environment(PROTOCOLS)
    with into.with_suffix(".lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (into / "HEAD").is_file():
            run(("init", "--quiet", "--bare", "--template=", str(into)), env, timeout_s)
        run(("config", "remote.origin.url", url), env, timeout_s, into)
        arguments = ("--quiet", "--force", "--prune", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
        limit = f"--filter=blob:limit={max_blob_bytes + 1}"
        run(("fetch", *arguments, limit, "origin", *refspecs), env, timeout_s, into)


def pull_heads(repository: Path, timeout_s: float) -> dict[str, str]:
    """Shas by ref of the heads of pull (or merge) requests that a repository keeps.

    Raises:
        SourceUnavailable: the refs can't be read.
    """
    wanted = ("--format=%(objectname) %(refname)", "refs/pull", "refs/merge-requests")
    lines = run(("for-each-ref", *wanted), environment(), timeout_s, repository).decode("utf-8", "replace").split("\n")
    listed = (line.split(" ", 1) for line in lines if line)
    return {ref: sha for sha, ref in listed if _PULL_HEAD.fullmatch(ref)}


def origin_url(repository: Path) -> str | None:
    """The URL of the remote `origin` in a repository's own configuration, read as text; None where there is none."""
    folder = repository
    try:
        marker = folder / ".git"
        if marker.is_file():  # a linked work tree or a submodule
            folder = folder / marker.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            common = folder / "commondir"
            folder = folder / common.read_text(encoding="utf-8").strip() if common.is_file() else folder
        elif marker.is_dir():
            folder = marker
        text = (folder / "config").read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
    section = ""
    for line in text.split("\n"):
        heading = _SECTION.match(line)
        section = heading[1] if heading else section
        value = _URL_LINE.match(line)
        if value and section == 'remote "origin"':
            return value[1].strip().strip('"')
    return None
