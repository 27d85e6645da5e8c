"""The split: which repositories stay together, and which of these groups are held out. Pure.

What a split keeps whole is a group of repositories: those that share a name or a family, so a repository goes with its
forks. Repositories that only share some files stay apart, since vendored copies would chain nearly everything into one
group; there the training pair goes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TypeAlias

from pipeline.stages.selection import benchmark_repositories
from schemas.errors import ConfigError
from schemas.provenance import Origin

Seen: TypeAlias = tuple[tuple[str, str | None, str, str | None], int]
"""((repository, family, language, window), pairs)."""


def groups(links: Iterable[tuple[str, str | None]]) -> dict[str, str]:
    """Repository to the smallest name in its group: those connected through a common name or family.

    Args:
        links: (repository, family) of any number of pairs; a family of None connects nothing.
    """
    above: dict[tuple[str, str], tuple[str, str]] = {}

    def top(node: tuple[str, str]) -> tuple[str, str]:
        above.setdefault(node, node)
        while above[node] != node:
            above[node] = above[above[node]]
            node = above[node]
        return node

    repositories = set()
    for repo, family in links:
        repositories.add(repo)
        root = top(("repo", repo))
        if family is not None:
            above[top(("family", family))] = root
    members: dict[tuple[str, str], list[str]] = defaultdict(list)
    for repo in repositories:
        members[top(("repo", repo))].append(repo)
    return {repo: min(together) for together in members.values() for repo in together}


def held_out(seen: Iterable[Seen], share: float, minimum: int, patterns: Sequence[str], seed: int) -> frozenset[str]:
    """Repositories held out for the benchmark, each with all of its group.

    By `patterns` where there are any: groups of which a repository's name matches one. Else by language
    (`benchmark_repositories`), among groups that the benchmark can use: those with a pair of its window, or of none.

    Args:
        seen: counts of pairs.
        share: of each language's groups, 0 to 1.
        minimum: groups per language.
        patterns: shell patterns of repository names, case-sensitive.
        seed: of the run.

    Raises:
        ConfigError: a pattern matches no repository.
    """
    table = list(seen)
    group_of = groups((repo, family) for (repo, family, _, _), _ in table)
    if patterns:
        held = {group_of[repo] for pattern in patterns for repo in _matching(pattern, group_of)}
    else:
        counts: Counter[tuple[str, str]] = Counter()
        usable = set()
        for (repo, _, language, window), count in table:
            counts[group_of[repo], language] += count
            if window != "train":
                usable.add(group_of[repo])
        held = set(benchmark_repositories(counts.items(), share, minimum, seed, usable))
    return frozenset(repo for repo, group in group_of.items() if group in held)


def _matching(pattern: str, repositories: Iterable[str]) -> list[str]:
    names = sorted(repositories)
    found = [name for name in names if fnmatchcase(name, pattern)]
    if not found:
        told = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
        raise ConfigError(
            f"curate.split.benchmark_repositories: {pattern!r} matches no repository that has pairs; there are {told}"
        )
    return found


def files_of(origin: Origin) -> tuple[str, ...]:
    """sha256 of the file, and of the older one of a change."""
    return tuple(sorted({blob for blob in (origin.blob_sha256, origin.before_sha256) if blob}))
