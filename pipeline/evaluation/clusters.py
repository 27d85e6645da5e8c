"""Which pairs of a benchmark hang together: connected components over repository, fork, problem and function.

Two pairs are linked where they share a repository, a family of forks, a blob, the text of a side, a prompt (the same
problem), or the cluster that made them (chain, flip). What is linked to something linked is linked too.
"""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

FEW_CLUSTERS = 20
LARGE = 0.25
LINKS = ("repository", "fork", "blob", "function", "problem", "cluster")
UNKNOWN = "no provenance: the repositories are unknown, so the intervals may be too narrow"


def components(links: Sequence[Sequence[Hashable]]) -> list[int]:
    """Number of the component of each row; components are numbered as they first come.

    Args:
        links: of each row, what it is tied to; rows that share a tie are in one component.
    """
    above = list(range(len(links)))

    def top(row: int) -> int:
        while above[row] != row:
            above[row] = above[above[row]]
            row = above[row]
        return row

    first: dict[Hashable, int] = {}
    for row, ties in enumerate(links):
        for tie in ties:
            one, other = top(first.setdefault(tie, row)), top(row)
            above[max(one, other)] = min(one, other)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(top(row), len(numbers)) for row in range(len(links))]


def ties_of(origin: Mapping[str, Any] | None, prompt: str, chosen: str, rejected: str) -> list[tuple[str, str]]:
    """What ties a pair to others: (kind of link, value).

    Args:
        origin: its row of provenance, where there is one; columns may be missing.
        prompt: the user's message; an empty one ties nothing.
        chosen: one answer.
        rejected: the other one.
    """
    row = origin or {}
    named = (
        ("repository", "repo"), ("fork", "family"), ("blob", "blob_sha256"), ("blob", "before_sha256"),
        ("cluster", "cluster"),
    )  # fmt: skip
    ties = [(kind, str(row[column])) for kind, column in named if row.get(column)]
    ties += [("function", text) for text in (chosen, rejected) if text.strip()]
    return [*ties, ("problem", prompt)] if prompt.strip() else ties


def cluster_names(ids: Sequence[str], repos: Sequence[str], links: Sequence[Sequence[Hashable]]) -> list[str]:
    """Name of the cluster of each pair: its smallest repository, or its smallest id where it has none."""
    numbers = components(links)
    names: dict[int, tuple[bool, str]] = {}
    for number, name, repo in zip(numbers, ids, repos, strict=True):
        candidate = (not repo, repo or name)
        names[number] = min(names.get(number, candidate), candidate)
    return [names[number][1] for number in numbers]


def described(clusters: Sequence[str], known: bool) -> dict[str, Any]:
    """What `intervals.json` says of the clusters.

    Args:
        clusters: of each pair; at least one.
        known: whether the pairs have provenance.
    """
    sizes = Counter(clusters)
    largest = max(sizes.values()) / len(clusters)
    notes = [] if known else [UNKNOWN]
    if len(sizes) < FEW_CLUSTERS:
        notes.append(f"{len(sizes)} clusters, below {FEW_CLUSTERS}: every interval is rough")
    if largest > LARGE:
        notes.append(f"the largest cluster holds {largest:.0%} of the pairs: trust the bootstrap less")
    return {
        "clusters": len(sizes),
        "known": known,
        "largest_share": round(largest, 4),
        "linked_by": list(LINKS if known else ("function", "problem")),
        "notes": notes,
    }
