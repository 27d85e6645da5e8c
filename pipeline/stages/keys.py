"""What curation knows of a pair after it has read it once: enough for every decision, and no text.

A pair is one row of one block. What is decided about it is a `Gone`, or that it is kept; its text is read again when
the shard is written.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

import apache_beam as beam

from filters.base import Filter
from parsers.clones import clone_key
from pipeline.beam import Children
from pipeline.stages.blocks import Block, read_rows
from pipeline.stages.packed import number, where
from pipeline.stages.selection import length_side, operator_of
from pipeline.stages.split import files_of
from schemas.contract import pair_from_row
from schemas.records import Dropped, Pair
from synthesis.mutations import HELD_OUT
from synthesis.versions import operator_named

STAGE = "curate"


Short: TypeAlias = bytes | str
"""A hexadecimal name as its bytes, half as long; any other as it is."""


def short(name: str) -> Short:
    """A name as a key holds it."""
    try:
        found = bytes.fromhex(name)
    except ValueError:
        return name
    return found if found.hex() == name else name


def full(name: Short) -> str:
    """The name again."""
    return name.hex() if isinstance(name, bytes) else name


class Key(NamedTuple):
    """A pair that its filters kept; each decision leaves behind what no later one needs.

    Attributes:
        doc: number of its row, see `packed.number`, which says whether a filter mends it.
        id: of the pair, see `short`.
        cluster: of the pair, likewise.
        repo: of its origin.
        family: of its origin.
        language: released spelling.
        criterion: key of it.
        window: `train`, `benchmark` or None.
        placebo: whether it is a tie.
        time: commit time in Unix seconds; 0 where unknown.
        files: sha256 of its files, newer and older, see `short`.
        clones: fingerprints of its sides' syntax trees, where they have one, likewise.
        operator: what decides it.
        length: `longer`, `shorter` or `equal`: the chosen side.
        held_family: a family of operators, held out of training, that helped to make it; None for none.
        split: `train` or `benchmark`, once it is decided.
    """

    doc: int
    id: Short
    cluster: Short
    repo: str
    family: str | None
    language: str
    criterion: str
    window: str | None
    placebo: bool
    time: int
    files: tuple[Short, ...]
    clones: tuple[Short, ...]
    operator: str
    length: str
    held_family: str | None
    split: str = ""


class Gone(NamedTuple):
    """A pair that a decision drops: number of its row, reason and detail."""

    doc: int
    reason: str
    detail: str


Told: TypeAlias = tuple[int, tuple[int, str, str]]
"""What speaks against a training pair: (its row, (place in the order, reason, detail)); the least one is its reason."""


class Located(NamedTuple):
    """A pair and the number of its row."""

    doc: int
    pair: Pair


def located(block: int, blocks: tuple[Block, ...]) -> Iterator[Located]:
    """The pairs of a block."""
    for place, row in enumerate(read_rows(blocks[block])):
        yield Located(number(block, place), pair_from_row(row))


def examine(given: Located, filters: tuple[Filter, ...]) -> Children:
    """The pair's key, or why the first filter refuses it."""
    pair = given.pair
    for one in filters:
        pair = one.mend(pair)
        refusal = one.refuse(pair)
        if refusal is not None:
            return [Dropped(STAGE, refusal.reason, refusal.detail, pair.id, pair.origin)]
    return [key_of(given, pair)]


def key_of(given: Located, pair: Pair) -> Key:
    """What is kept in mind of a pair, given as it is stored and as the filters left it."""
    operators = (operator_named(step.name) for step in pair.steps)
    held = next((one.family for one in operators if one is not None and one.family in HELD_OUT), None)
    clones = {clone_key(pair.language, side) for side in (pair.chosen, pair.rejected)} - {None}
    return Key(
        doc=number(*where(given.doc)[:2], mended=pair is not given.pair),
        id=short(pair.id), cluster=short(pair.cluster), repo=pair.origin.repo, family=pair.origin.family,
        language=pair.language, criterion=pair.criterion, window=pair.window, placebo=pair.kind == "placebo",
        time=pair.origin.committed_at or 0, files=tuple(map(short, files_of(pair.origin))),
        clones=tuple(short(clone) for clone in sorted(filter(None, clones))), operator=operator_of(pair),
        length=length_side(pair.chosen, pair.rejected), held_family=held,
    )  # fmt: skip


def gone(key: Key, reason: str, detail: str) -> Any:
    """That a pair is dropped, as a tagged output."""
    return beam.pvalue.TaggedOutput("gone", Gone(key.doc, reason, detail))
