"""The greedy choice among near-duplicates in one pass: what the rounds on Beam are compared with."""

from collections.abc import Iterable, Sequence


def keep(edges: Iterable[tuple[str, str]], priority: Sequence[str]) -> set[str]:
    """The documents that stay.

    Args:
        edges: pairs within the threshold, in either order; repeats and loops do no harm.
        priority: every document once, those to be preferred first.

    Raises:
        ValueError: an edge names a document that `priority` lacks, or `priority` repeats one.
    """
    rank = {name: i for i, name in enumerate(priority)}
    if len(rank) != len(priority):
        raise ValueError("priority names a document twice")
    better: dict[str, list[str]] = {name: [] for name in priority}
    for left, right in edges:
        if left not in rank or right not in rank:
            raise ValueError(f"edge {left!r} - {right!r} names a document that priority lacks")
        if left != right:
            first, second = sorted((left, right), key=rank.__getitem__)
            better[second].append(first)
    kept: set[str] = set()
    for name in priority:
        if kept.isdisjoint(better[name]):
            kept.add(name)
    return kept
