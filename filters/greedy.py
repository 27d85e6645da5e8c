"""Which of a set of near-duplicates stay: the greedy choice, in one pass and in parallel rounds.

A document is dropped only if one that *stays* is within the threshold. In a fixed order of priority that choice is
unique: the first maximal independent set by priority. Connected components would drop more: a chain a-b-c joins a and
c, which may be far apart.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

State: TypeAlias = Literal["undecided", "kept", "dropped"]


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


def decide(better: Iterable[State]) -> State:
    """A document's next state, from the states of its neighbours that come before it in priority.

    Dropped where any of them is kept, kept where all are dropped (or there are none), else still undecided. A decided
    state never changes, and each round decides at least the first undecided document, so rounds end with the greedy
    choice: the number of rounds is at most the longest chain of falling priority, a handful for real text.
    """
    undecided = False
    for state in better:
        if state == "kept":
            return "dropped"
        undecided |= state == "undecided"
    return "undecided" if undecided else "kept"
