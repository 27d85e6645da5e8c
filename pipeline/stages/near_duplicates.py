"""Near-duplicates on Beam: the same text once, near pairs verified exactly, then greedy selection by priority.

A document is dropped only if a kept one is at least as near as the threshold (connected components would join chains
of documents that aren't near each other). Greedy selection in a fixed priority is the first maximal independent set;
here each home settles what it can by itself, in a bounded number of rounds between which the homes tell each other.
"""

from collections.abc import Iterable, Iterator
from typing import Any, TypeAlias

import apache_beam as beam
import numpy as np
from pydantic import Field

from filters.pair_kernels import settle
from pipeline.stages.blocks import Texts
from pipeline.stages.packed import distinct, partition, rows, scatter, unpack
from pipeline.stages.same_text import ALIAS, SameText
from pipeline.stages.similar import EDGE, SimilarityOptions, SimilarPairs

VERDICT = np.dtype([("loser", "<u8"), ("winner", "<u8"), ("jaccard", "<f8"), ("exact", "?")])
"""A document that goes: the kept one that it is near to, how near, and whether it is the same text."""

_STATE = np.dtype([("doc", "<u8"), ("state", "i1")])
_OPEN, _KEPT, _DROPPED = 0, 1, 2

_Said: TypeAlias = tuple[int, bytes]
"""What a home hears: packed `EDGE` of its own, or packed states."""

_EDGES, _STATES = 0, 1


class NearDuplicateOptions(SimilarityOptions):
    """Which documents are the same one.

    Attributes:
        key: what of a pair is compared.
        rounds: of selection; what is undecided after them is kept.
    """

    key: str = Field(default="prompt_and_chosen", pattern="^(prompt_and_chosen|prompt|chosen)$")
    rounds: int = Field(default=8, ge=1)

    @property
    def columns(self) -> tuple[str, ...]:
        """Of a pair, what is compared."""
        return tuple(self.key.split("_and_"))


class NearDuplicates(beam.PTransform):
    """(block, packed `DOC`) to `verdicts`, packed `VERDICT` of those to drop, and `open`, counts of what is undecided.

    Args:
        options: of the comparison.
        texts: of the documents.
    """

    def __init__(self, options: NearDuplicateOptions, texts: Texts) -> None:
        super().__init__()
        self.options = options
        self.texts = texts

    def expand(self, docs: Any) -> Any:
        """The wiring: `verdicts` and `open`."""
        count = self.options.partitions
        same = docs | "each text once" >> SameText(self.texts, count)
        edges = same.first | "similar" >> SimilarPairs(self.options, self.texts)
        said = edges | "say" >> beam.Map(_edges)
        for turn in range(self.options.rounds):
            said = said | f"hear {turn}" >> beam.GroupByKey() | f"settle {turn}" >> beam.FlatMap(_round)
        heard = said | "hear the last" >> beam.GroupByKey()
        final = heard | "verdicts" >> beam.ParDo(_near_verdicts, count).with_outputs("open", main="verdicts")
        both = {"near": final.verdicts, "alias": same.alias} | "first's verdict" >> beam.CoGroupByKey()
        return {"verdicts": both | "name the kept" >> beam.FlatMap(_resolve), "open": final.open}


def _edges(item: tuple[int, bytes]) -> tuple[int, _Said]:
    return item[0], (_EDGES, item[1])


class _Home:
    """What one home knows: its edges, and the states of the documents on them."""

    def __init__(self, home: int, heard: Iterable[_Said]) -> None:
        self.home = home
        parts: tuple[list[bytes], list[bytes]] = ([], [])
        for kind, part in heard:
            parts[kind].append(part)
        self.edges = distinct(unpack(parts[_EDGES], EDGE))
        self.docs = np.unique(np.concatenate([self.edges["loser"], self.edges["winner"]]))
        self.states = np.zeros(len(self.docs), dtype=np.int8)
        said = unpack(parts[_STATES], _STATE)
        self.states[np.searchsorted(self.docs, said["doc"])] = said["state"]
        ours = self.edges[self.edges["loser_home"] == home]
        self.ours = ours[np.lexsort((ours["loser"], ours["second"], ours["first"]))]

    def settle(self) -> None:
        """Decide what can be decided from what is known here."""
        winners = np.unique(self.edges["winner"][self.edges["winner_home"] == self.home])
        first = np.searchsorted(self.docs, winners[~np.isin(winners, self.ours["loser"])])
        self.states[first] = _KEPT
        begins = np.flatnonzero(np.diff(self.ours["loser"], prepend=self.ours["loser"][:1] + np.uint64(1)))
        losers = np.searchsorted(self.docs, self.ours["loser"][begins])
        neighbours = np.searchsorted(self.docs, self.ours["winner"])
        settle(np.append(begins, len(self.ours)), losers, neighbours, self.states)

    def state_of(self, docs: Any) -> Any:
        return self.states[np.searchsorted(self.docs, docs)]


def _round(item: tuple[int, Iterable[_Said]]) -> Iterator[tuple[int, _Said]]:
    home = item[0]
    here = _Home(*item)
    here.settle()
    known = rows(_STATE, doc=here.docs, state=here.states)[here.states != _OPEN]
    yield home, (_EDGES, here.edges.tobytes())
    yield home, (_STATES, known.tobytes())
    away = here.edges[(here.edges["winner_home"] == home) & (here.edges["loser_home"] != home)]
    states = here.state_of(away["winner"])
    news = rows(_STATE, doc=away["winner"], state=states)[states != _OPEN]
    for other, part in scatter(news, away["loser_home"].astype(np.int64)[states != _OPEN]):
        yield other, (_STATES, part)


def _near_verdicts(item: tuple[int, Iterable[_Said]], partitions: int) -> Iterator[Any]:
    here = _Home(*item)
    states = here.state_of(here.ours["loser"])
    left = len(np.unique(here.ours["loser"][states == _OPEN]))
    if left:
        yield beam.pvalue.TaggedOutput("open", left)
    behind = here.ours[(states == _DROPPED) & (here.state_of(here.ours["winner"]) == _KEPT)]
    behind = behind[np.lexsort((behind["winner"], -behind["jaccard"], behind["loser"]))]
    _, nearest = np.unique(behind["loser"], return_index=True)
    named = behind[nearest]
    made = rows(VERDICT, loser=named["loser"], winner=named["winner"], jaccard=named["jaccard"], exact=False)
    yield from scatter(made, partition(made["loser"], partitions))


def _resolve(item: tuple[int, dict[str, Iterable[bytes]]]) -> Iterator[bytes]:
    groups = item[1]
    near, alias = distinct(unpack(groups["near"], VERDICT)), distinct(unpack(groups["alias"], ALIAS))
    same = rows(VERDICT, loser=alias["doc"], winner=alias["first"], jaccard=1.0, exact=True)
    if len(near) and len(same):
        at = np.minimum(np.searchsorted(near["loser"], alias["first"]), len(near) - 1)
        gone = near["loser"][at] == alias["first"]
        same["winner"][gone], same["jaccard"][gone], same["exact"][gone] = (
            near["winner"][at[gone]],
            near["jaccard"][at[gone]],
            False,
        )
    yield np.concatenate([near, same]).tobytes()
