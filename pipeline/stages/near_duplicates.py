"""Near-duplicates on Beam: candidates by MinHash bands, each verified exactly, then greedy selection by priority.

A document is dropped only if a kept one is at least as near as the threshold (FACTS: connected components over-merge).
Greedy selection in a fixed priority is the first maximal independent set; here it is found in bounded rounds, in each
of which a document learns what became of its nearer ones of higher priority.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import apache_beam as beam
from pydantic import Field

from filters.greedy import State, decide
from filters.minhash import band_keys, jaccard, shingles, signature
from schemas.config import Options
from schemas.provenance import sha256


class NearDuplicateOptions(Options):
    """When two documents are the same one.

    Attributes:
        threshold: Jaccard similarity of their shingles.
        shingle_tokens: tokens in a shingle; a shorter document is compared whole.
        bands: of the signature; many short bands find nearly all, and verification pays for it.
        rows: of a band.
        rounds: of selection; a document undecided after them is dropped.
    """

    threshold: float = Field(default=0.75, gt=0, le=1)
    shingle_tokens: int = Field(default=20, ge=1)
    bands: int = Field(default=42, ge=1)
    rows: int = Field(default=6, ge=1)
    rounds: int = Field(default=6, ge=1)


@dataclass(frozen=True, slots=True)
class Document:
    """A text that stands for one cluster of pairs.

    Attributes:
        id: the cluster.
        priority: of two near documents the one with the smaller text here is kept.
        text: prompt and chosen.
    """

    id: str
    priority: str
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a cluster goes: which one it is near to, and how near."""

    reason: str
    winner: str
    jaccard: float


Standing: TypeAlias = tuple[State, str, float]
"""A document's state, the neighbour behind it, and their Jaccard similarity."""


class NearDuplicates(beam.PTransform):
    """Documents to (id, Verdict) of those to drop.

    Args:
        options: of the comparison.
    """

    def __init__(self, options: NearDuplicateOptions) -> None:
        super().__init__()
        self.options = options

    def expand(self, documents: Any) -> Any:
        """The wiring."""
        exact = (
            documents
            | beam.Map(_by_text)
            | "same text" >> beam.GroupByKey()
            | beam.ParDo(_first_of_same).with_outputs("dropped", main="unique")
        )
        unique = exact.unique
        by_id = unique | beam.Map(_by_id)
        near = (
            unique
            | beam.FlatMap(_bands, self.options)
            | "same band" >> beam.GroupByKey()
            | beam.FlatMap(_candidates)
            | beam.Distinct()
        )
        half = ({"near": near, "text": by_id} | "winner's text" >> beam.CoGroupByKey()) | beam.FlatMap(_half_edges)
        edges = ({"half": half, "text": by_id} | "loser's text" >> beam.CoGroupByKey()) | beam.FlatMap(
            _edges, self.options
        )
        states = edges | beam.FlatMap(_ends) | "vertices" >> beam.Distinct() | beam.Map(_undecided)
        outward = edges | beam.Map(_outward)
        for number in range(self.options.rounds):
            told = ({"state": states, "out": outward} | f"tell {number}" >> beam.CoGroupByKey()) | (
                f"say {number}" >> beam.FlatMap(_tell)
            )
            states = ({"state": states, "told": told} | f"hear {number}" >> beam.CoGroupByKey()) | (
                f"decide {number}" >> beam.Map(_decide)
            )
        verdicts = states | beam.FlatMap(_verdict)
        return (exact.dropped, verdicts) | "all verdicts" >> beam.Flatten()


def _by_text(document: Document) -> tuple[str, tuple[str, str, str]]:
    return sha256(document.text.encode()), (document.priority, document.id, document.text)


def _first_of_same(item: tuple[str, Iterable[tuple[str, str, str]]]) -> Iterator[Any]:
    first, *others = sorted(item[1])
    yield Document(first[1], first[0], first[2])
    for _, id_, _ in others:
        yield beam.pvalue.TaggedOutput("dropped", (id_, Verdict("exact_duplicate", first[1], 1.0)))


def _by_id(document: Document) -> tuple[str, Document]:
    return document.id, document


def _bands(document: Document, options: NearDuplicateOptions) -> Iterator[tuple[str, tuple[str, str]]]:
    made = signature(shingles(document.text, options.shingle_tokens), options.bands * options.rows)
    for key in band_keys(made, options.bands, options.rows):
        yield f"{int(key):x}", (document.priority, document.id)


def _candidates(item: tuple[str, Iterable[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    ordered = [id_ for _, id_ in sorted(item[1])]
    for place, winner in enumerate(ordered):
        for loser in ordered[place + 1 :]:
            yield winner, loser


def _half_edges(item: tuple[str, dict[str, list[Any]]]) -> Iterator[tuple[str, tuple[str, str]]]:
    winner, groups = item
    for loser in groups["near"]:
        yield loser, (winner, groups["text"][0].text)


def _edges(item: tuple[str, dict[str, list[Any]]], options: NearDuplicateOptions) -> Iterator[tuple[str, str, float]]:
    loser, groups = item
    if not groups["half"]:
        return
    own = shingles(groups["text"][0].text, options.shingle_tokens)
    for winner, text in groups["half"]:
        similarity = jaccard(own, shingles(text, options.shingle_tokens))
        if similarity >= options.threshold:
            yield winner, loser, round(similarity, 6)


def _ends(edge: tuple[str, str, float]) -> Iterator[str]:
    yield edge[0]
    yield edge[1]


def _undecided(id_: str) -> tuple[str, Standing]:
    return id_, ("undecided", "", 0.0)


def _outward(edge: tuple[str, str, float]) -> tuple[str, tuple[str, float]]:
    return edge[0], (edge[1], edge[2])


def _tell(item: tuple[str, dict[str, list[Any]]]) -> Iterator[tuple[str, Standing]]:
    id_, groups = item
    for loser, similarity in groups["out"]:
        yield loser, (groups["state"][0][0], id_, similarity)


def _decide(item: tuple[str, dict[str, list[Any]]]) -> tuple[str, Standing]:
    id_, groups = item
    return id_, settle(groups["state"][0], list(groups["told"]))


def settle(standing: Standing, told: list[Standing]) -> Standing:
    """A document's next standing; it names the nearest neighbour of higher priority that is behind it.

    Args:
        standing: its own.
        told: those of its neighbours of higher priority, with their own id and similarity to it.
    """
    if standing[0] != "undecided":
        return standing
    state = decide(neighbour for neighbour, _, _ in told)
    blame: State = "kept" if state == "dropped" else "undecided"
    nearest = max(((similarity, id_) for neighbour, id_, similarity in told if neighbour == blame), default=(0.0, ""))
    return state, nearest[1], nearest[0]


def _verdict(item: tuple[str, Standing]) -> Iterator[tuple[str, Verdict]]:
    id_, (state, winner, similarity) = item
    if state != "kept":
        reason = "near_duplicate" if state == "dropped" else "near_duplicate_unresolved"
        yield id_, Verdict(reason, winner, similarity)
