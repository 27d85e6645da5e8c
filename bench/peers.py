"""Readers of commits to compare with: plain git, pygit2, dulwich, GitPython, PyDriller.

Each is given the commits by name, walks no history and makes no facts. It hands over every commit that modifies exactly
one regular file of a known language in place, with both texts, by the quickest way that its library documents.
"""

import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, TypeAlias

from pipeline.sources.files import Refused, decode, has_known_ending, recorded

MAX_BLOB_BYTES = 1_000_000
"""Larger files are left out, as the source's default has it."""
_REGULAR = frozenset({0o100644, 0o100755, 0o100664})
_AHEAD = 32


@dataclass(frozen=True, slots=True)
class Edited:
    """One commit that modifies one file.

    Attributes:
        sha: full.
        message: whole.
        path: of the file.
        before: text of the older side.
        after: text of the newer side.
    """

    sha: str
    message: str
    path: str
    before: str
    after: str


Peer: TypeAlias = Callable[[str, Sequence[str]], Iterator[Edited]]
"""From a repository's folder and full shas to the edits among them, in that order."""


def _wanted(path: str, modes: tuple[int, int]) -> bool:
    return modes[0] in _REGULAR and modes[1] in _REGULAR and has_known_ending(path)


def _edited(sha: str, message: str, path: str, older: bytes, newer: bytes) -> Iterator[Edited]:
    before, after = decode(older, MAX_BLOB_BYTES), decode(newer, MAX_BLOB_BYTES)
    if not isinstance(before, Refused) and not isinstance(after, Refused):
        yield Edited(sha, message, path, before, after)


def plumbing(repository: str, shas: Sequence[str]) -> Iterator[Edited]:
    """`git log --raw -z` and one `git cat-file --batch`, a few commits asked for at a time."""
    words = (
        "log",
        "--no-walk=unsorted",
        "--stdin",
        "-z",
        "--raw",
        "--no-renames",
        "--no-abbrev",
        "--format=%x01%H%n%B%x00",
    )
    listed = subprocess.run(
        ("git", "-C", repository, *words),
        input="".join(f"{sha}\n" for sha in shas).encode(),
        capture_output=True,
        check=True,
    ).stdout
    found = [one for part in listed.split(b"\x01")[1:] for one in _one_file(part)]
    batch = ("git", "-C", repository, "cat-file", "--batch")
    with subprocess.Popen(batch, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None and process.stdout is not None
        for start in range(0, len(found), _AHEAD):
            window = found[start : start + _AHEAD]
            process.stdin.write("".join(f"{oid}\n" for one in window for oid in one[3]).encode())
            process.stdin.flush()
            for sha, message, path, _ in window:
                older, newer = _object(process.stdout), _object(process.stdout)
                if older is not None and newer is not None:
                    yield from _edited(sha, message, path, older, newer)
        process.stdin.close()


def _one_file(part: bytes) -> Iterator[tuple[str, str, str, tuple[str, str]]]:
    head, *tokens = part.split(b"\0")
    entries = [token for token in tokens if token.lstrip(b"\n").startswith(b":")]
    if len(entries) != 1:
        return
    old, new, before, after, status = entries[0].lstrip(b"\n")[1:].decode().split(" ")
    path = recorded(tokens[tokens.index(entries[0]) + 1])
    if status == "M" and before != after and _wanted(path, (int(old, 8), int(new, 8))):
        sha, _, message = head.decode("utf-8", "replace").partition("\n")
        yield sha, message, path, (before, after)


def _object(stream: IO[bytes]) -> bytes | None:
    header = stream.readline()
    if header.endswith(b" missing\n"):
        return None
    data = stream.read(int(header.split(b" ")[2]))
    stream.read(1)
    return data


def pygit2(repository: str, shas: Sequence[str]) -> Iterator[Edited]:
    """libgit2: the difference of two trees, without patches."""
    import pygit2 as library

    library.option(library.enums.Option.SET_OWNER_VALIDATION, False)
    opened = library.Repository(repository)
    for sha in shas:
        commit = opened[sha]
        if len(commit.parents) != 1:
            continue
        deltas = list(commit.parents[0].tree.diff_to_tree(commit.tree).deltas)
        if len(deltas) != 1 or deltas[0].status != library.enums.DeltaStatus.MODIFIED:
            continue
        old, new = deltas[0].old_file, deltas[0].new_file
        path = recorded(new.raw_path)
        if old.id == new.id or not _wanted(path, (int(old.mode), int(new.mode))):
            continue
        if old.id in opened and new.id in opened:
            yield from _edited(sha, commit.message, path, opened[old.id].data, opened[new.id].data)


def dulwich(repository: str, shas: Sequence[str]) -> Iterator[Edited]:
    """Git in Python: its walk over two trees that skips what is the same."""
    from dulwich.diff_tree import CHANGE_MODIFY, tree_changes
    from dulwich.repo import Repo

    with Repo(repository) as opened:
        store = opened.object_store
        for sha in shas:
            commit = store[sha.encode()]
            if len(commit.parents) != 1:
                continue
            changes = list(tree_changes(store, store[commit.parents[0]].tree, commit.tree))
            if len(changes) != 1 or changes[0].type != CHANGE_MODIFY:
                continue
            old, new = changes[0].old, changes[0].new
            path = recorded(new.path)
            if old.sha == new.sha or not _wanted(path, (old.mode, new.mode)):
                continue
            if old.sha in store and new.sha in store:
                message = commit.message.decode("utf-8", "replace")
                yield from _edited(sha, message, path, store[old.sha].data, store[new.sha].data)


def gitpython(repository: str, shas: Sequence[str]) -> Iterator[Edited]:
    """GitPython: `diff` of two commits without patches, blobs through its own `cat-file`."""
    from git import Repo

    with Repo(repository) as opened:
        for sha in shas:
            commit = opened.commit(sha)
            if len(commit.parents) != 1:
                continue
            changes = commit.parents[0].diff(commit, no_renames=True)
            if len(changes) != 1 or changes[0].change_type != "M":
                continue
            (one,) = changes
            path = recorded(one.b_rawpath)
            if one.a_blob == one.b_blob or not _wanted(path, (one.a_mode, one.b_mode)):
                continue
            older, newer = one.a_blob.data_stream.read(), one.b_blob.data_stream.read()
            yield from _edited(sha, str(commit.message), path, older, newer)


def pydriller(repository: str, shas: Sequence[str]) -> Iterator[Edited]:
    """PyDriller: `Git.get_commit`, its modified files and their content."""
    from pydriller import Git, ModificationType

    opened = Git(repository)
    try:
        for sha in shas:
            commit = opened.get_commit(sha)
            files = commit.modified_files
            if len(files) != 1 or files[0].change_type != ModificationType.MODIFY:
                continue
            (one,) = files
            if not has_known_ending(one.new_path) or one.content is None or one.content_before is None:
                continue
            if one.content != one.content_before:
                yield from _edited(sha, commit.msg, one.new_path, one.content_before, one.content)
    finally:
        opened.clear()


PEERS: dict[str, Peer] = {
    "git plumbing": plumbing,
    "pygit2": pygit2,
    "dulwich": dulwich,
    "GitPython": gitpython,
    "PyDriller": pydriller,
}
