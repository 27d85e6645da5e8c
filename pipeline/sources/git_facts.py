"""The facts of each commit that its history tells: pull request, revert, contributors, age."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.sources.git_history import History
from pipeline.sources.git_pulls import by_merge, by_ref, merges_pull_request, squashed, trailer
from pipeline.sources.git_reverts import Undone, undone
from schemas.records import Facts

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Story:
    """What a whole history tells of its commits, by position.

    Attributes:
        history: the commits.
        contributors: different authors up to each.
        merged: of a position, that of the pull request's merge that brought it.
        kept: of a position, the ref of its pull request and where that points.
        undone: reverts.
    """

    history: History
    contributors: list[int]
    merged: dict[int, int]
    kept: dict[int, tuple[str, int]]
    undone: Undone

    def facts(self, at: int, message: str) -> Facts:
        """The facts of the commit at a position, whose message is `message`."""
        history, by = self.history, self.undone.by.get(at)
        whole = bool(history.roots)
        return Facts(
            authored_at=history.authored_at[at],
            pull_request=self._pull_request(at, message),
            reverted_by=None if by is None else history.order.shas[by],
            revert_reason=None if by is None else self.undone.reason.get(by),
            contributors=self.contributors[at] if whole else None,
            age_days=max(0, (history.committed_at[at] - history.committed_at[0]) // DAY_S) if whole else None,
        )

    def bearing(self, at: int) -> int:
        """The last position that anything in the facts of the commit at `at` depends on."""
        merged, kept = self.merged.get(at, at), self.kept.get(at, ("", at))[1]
        return max(at, merged, kept, self.undone.bearing.get(at, at))

    def _pull_request(self, at: int, message: str) -> str | None:
        if at in self.merged:
            return f"merge {self.history.order.shas[self.merged[at]]}"
        if (found := squashed(message)) is not None:
            return found
        if at in self.kept:
            return f"head {self.kept[at][0]}"
        return trailer(message)


def tell(history: History, pulls: Mapping[str, str]) -> Story:
    """What `history` tells.

    Args:
        history: of a head.
        pulls: shas by ref of the heads of pull requests, as far as the repository keeps them.
    """
    order = history.order
    everything = range(len(order.shas))
    reverts = undone(order.shas, order.brought, history.messages(everything))
    joined = [at for at in everything if history.parents[at] > 1]
    told = zip(joined, history.messages(joined), strict=True)
    merges = [at for at, message in told if merges_pull_request(message)]
    kept = by_ref(order, history.first_parents, pulls)
    return Story(history, _counted(history.authors), by_merge(order, merges), kept, reverts)


def _counted(authors: Sequence[str]) -> list[int]:
    seen: set[str] = set()
    counts = []
    for author in authors:
        seen.add(author)
        counts.append(len(seen))
    return counts
