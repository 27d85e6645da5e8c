"""The section of the page on what the models said: how often they were asked, and how far judges and raters hold."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from pipeline.mining_report.intervals import FEW
from pipeline.report import answers
from pipeline.report.agreement import LEEWAY, Agreement, Share, agreement
from pipeline.report.answers import Calls, Heard, Setup, Unusable
from synthesis import consensus
from synthesis.dawid_skene import CLASSES, Estimate, dawid_skene
from synthesis.tasks.judge import Vote

STRONG, WEAK = 4, 2
"""Ratings from which a change counts as strong, and up to which it counts as weak."""


@dataclass(frozen=True, slots=True)
class Judge:
    """How one judge votes.

    Attributes:
        name: in the configuration.
        votes: usable ones.
        pairs: that it voted on.
        verdicts: votes for `chosen`, `rejected` and `tie`.
        position: share of its decided votes for the side shown first, both orders counting alike; None where unknown.
        orders: pairs on which both orders come to the same verdict, of those with votes in both.
        canaries: pairs with votes with and without the planted order.
        moved: those that it gives to `rejected` with it, of those that it does not without.
        shift: mean rise of the share of votes for `rejected`; None without canaries.
    """

    name: str
    votes: int
    pairs: int
    verdicts: Mapping[str, int]
    position: float | None
    orders: Share
    canaries: int
    moved: Share
    shift: float | None

    @property
    def few(self) -> bool:
        """Whether the votes are on too few pairs to tell much."""
        return self.pairs < FEW

    @property
    def tilted(self) -> bool:
        """Whether it goes by the position more than it may."""
        return self.position is not None and not self.few and abs(self.position - 0.5) > LEEWAY

    @property
    def obeys(self) -> bool:
        """Whether planted orders move it more than they may, and not just to and fro."""
        return self.moved.too_high and self.shift is not None and self.shift > LEEWAY


@dataclass(frozen=True, slots=True)
class Errors:
    """What `dawid_skene` made of the verdicts: the estimate that decided on the run's pairs, computed again.

    Attributes:
        pairs: it rests on.
        estimate: priors, and each judge's verdicts given the truth, in the order of `CLASSES`.
        identified: whether there are enough judges to tell errors from truth.
    """

    pairs: int
    estimate: Estimate
    identified: bool


@dataclass(frozen=True, slots=True)
class Rater:
    """How one model rates.

    Attributes:
        name: in the configuration.
        ratings: of changes.
        mean: of these.
        strong: those of 4 or 5 among them.
        reversed: ratings of 1 or 2 among those of the same changes backwards; all of them should be.
        placebo: ratings of 4 or 5 among those of changes that better nothing; none of them should be.
    """

    name: str
    ratings: int
    mean: float | None
    strong: Share
    reversed: Share
    placebo: Share


@dataclass(frozen=True, slots=True)
class Said:
    """What the section shows.

    Attributes:
        calls: by task and model.
        unusable: examples of answers of no use, one by task and model.
        judges: each judge; empty where no pair was judged.
        agreement: of the judges, one verdict each a pair.
        errors: of each judge; None unless the run weighed the judges.
        raters: each rater.
        rated: agreement of the raters.
        votes: that each judge was asked for; 0 without judges.
        strays: votes and ratings that the configuration does not account for.
        configured: whether there is a configuration to read votes and ratings by.
        leeway: by which a share may be off before it is marked.
        least: things below which a share is over few.
    """

    calls: tuple[Calls, ...]
    unusable: tuple[Unusable, ...]
    judges: tuple[Judge, ...]
    agreement: Agreement
    errors: Errors | None
    raters: tuple[Rater, ...]
    rated: Agreement
    votes: int
    strays: int
    configured: bool
    leeway: float = LEEWAY
    least: int = FEW


def section(root: Path) -> Said | None:
    """What the models of the run in `root` said; None where none was asked.

    Raises:
        RunFolderError: the ledger or the configuration is broken.
    """
    if not any(True for _ in answers.ledger(root)):
        return None
    said = answers.setup(root)
    heard = answers.gather(answers.ledger(root), said or Setup(0))
    weighed = said is not None and said.judge is not None and said.judge.consensus == "dawid_skene"
    return view(heard, said, answers.decided(root) if weighed else frozenset())


def view(heard: Heard, said: Setup | None, decided: Set[str]) -> Said:
    """The section.

    Args:
        heard: the calls.
        said: the configuration; None where it is missing.
        decided: ids of the pairs that the votes decided on, of which the judges' errors are estimated.
    """
    judged, rated = (said.judge, said.rate) if said is not None else (None, None)
    votes = heard.votes.get("judge", {})
    names = judged.models if judged is not None else ()
    patterns = {record: consensus.pattern(own, names) for record, own in votes.items()}
    labels = {
        name: {record: one[place] for record, one in patterns.items() if one[place] is not None}
        for place, name in enumerate(names)
    }
    weighed = judged is not None and judged.consensus == "dawid_skene"
    ratings = heard.ratings.get("rate", {})
    raters = rated.models if rated is not None else ()
    return Said(
        calls=heard.table,
        unusable=tuple(heard.unusable[key] for key in sorted(heard.unusable, key=answers.in_order)),
        judges=_judges(names, votes, heard.votes.get("judge/canary", {})),
        agreement=agreement({name: {r: str(label) for r, label in own.items()} for name, own in labels.items()}),
        errors=_errors([one for r, one in patterns.items() if r in decided], names) if weighed else None,
        raters=tuple(_rater(name, heard.ratings) for name in raters if name in ratings),
        rated=agreement({name: {r: str(value) for r, value in ratings.get(name, {}).items()} for name in raters}),
        votes=judged.votes if judged is not None else 0,
        strays=heard.strays if said is not None else 0,
        configured=said is not None,
    )


def _judges(
    names: Iterable[str], votes: Mapping[str, Sequence[Vote]], canaries: Mapping[str, Sequence[Vote]]
) -> tuple[Judge, ...]:
    position = consensus.position_bias(vote for own in votes.values() for vote in own)
    orders = consensus.order_agreement(votes.values())
    planted = [(votes[record], own) for record, own in canaries.items() if record in votes]
    moves = consensus.canary_moves(planted)
    made = []
    for name in names:
        own = [[vote for vote in pair if vote.model == name] for pair in votes.values()]
        cast = [vote for pair in own for vote in pair]
        if not cast:
            continue
        both = sum(len({vote.first for vote in pair}) == 2 for pair in own)
        found = moves.get(name)
        movable = sum(_movable(name, *pair) for pair in planted)
        made.append(
            Judge(
                name, len(cast), sum(map(bool, own)), {one: sum(v.verdict == one for v in cast) for one in CLASSES},
                position[name], Share(round(orders.get(name, 0.0) * both), both), found.pairs if found else 0,
                Share(round(((found.moved if found else None) or 0.0) * movable), movable),
                found.shift if found else None,
            )
        )  # fmt: skip
    return tuple(made)


def _movable(name: str, plain: Sequence[Vote], planted: Sequence[Vote]) -> bool:
    """Whether a judge voted with and without the plant, and not for `rejected` without."""
    without, with_ = (consensus.pattern(votes, (name,))[0] for votes in (plain, planted))
    return with_ is not None and without is not None and without != "rejected"


def _errors(patterns: Sequence[tuple[str | None, ...]], names: tuple[str, ...]) -> Errors:
    return Errors(len(patterns), dawid_skene(Counter(patterns), names), len(names) > 2)


def _rater(name: str, ratings: Mapping[str, Mapping[str, Mapping[str, int]]]) -> Rater:
    plain, turned, same = (
        list(ratings.get(task, {}).get(name, {}).values()) for task in ("rate", "rate/reversed", "rate/placebo")
    )
    strong, weak, fooled = (
        Share(sum(map(rule, values)), len(values))
        for rule, values in ((_strong, plain), (_weak, turned), (_strong, same))
    )
    return Rater(name, len(plain), mean(plain) if plain else None, strong, weak, fooled)


def _strong(rating: int) -> bool:
    return rating >= STRONG


def _weak(rating: int) -> bool:
    return rating <= WEAK
