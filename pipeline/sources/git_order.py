"""The order in which a history's commits were integrated: that of a walk that finishes the first parent first.

What a head's first-parent chain grows by comes at the end, so positions, and the units made of them, stay what they
were. Git's own orders go by time and would let a merged branch shift everything after its oldest commit.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Order:
    """Commits in the order of their integration; positions are indices into `shas`.

    Attributes:
        shas: parents always before children.
        brought: of a merge's position, the position from which on commits came with its later parents.
        mainline: positions of the first-parent chain, ascending; the last one is the head.
    """

    shas: list[str]
    brought: dict[int, int]
    mainline: list[int]

    def closing(self, position: int) -> int:
        """The first commit of the mainline that has everything up to `position` behind it."""
        return self.mainline[bisect_left(self.mainline, position)]


def integration_order(head: str, parents: Mapping[str, Sequence[str]]) -> Order:
    """The commits reachable from `head` by `parents`; a parent without an entry of its own ends its line."""
    shas: list[str] = []
    brought: dict[int, int] = {}
    seen = {head}
    stack = [(head, 0, 0)]  # a commit, how many of its parents are done, the position after the first one
    while stack:
        sha, done, since = stack.pop()
        line = parents[sha]
        if done < len(line):
            stack.append((sha, done + 1, len(shas) if done == 1 else since))
            parent = line[done]
            if parent not in seen and parent in parents:
                seen.add(parent)
                stack.append((parent, 0, 0))
            continue
        if len(line) > 1:
            brought[len(shas)] = since
        shas.append(sha)
    return Order(shas, brought, _mainline(head, parents, shas))


def _mainline(head: str, parents: Mapping[str, Sequence[str]], shas: list[str]) -> list[int]:
    position = {sha: at for at, sha in enumerate(shas)}
    chain = [position[head]]
    at = head
    while parents[at] and parents[at][0] in position:
        at = parents[at][0]
        chain.append(position[at])
    return chain[::-1]
