"""What the filters that redact share: finds are replaced in a text, and the replacement is written into the lineage."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from schemas.provenance import Span, Step
from schemas.records import Pair

SIDES = ("prompt", "chosen", "rejected")
"""The texts of a pair that are read, each the name of a field and of a step's side."""

MAX_BLOCK = 20_000
"""Characters of one armoured key that are read."""

MIN_MATERIAL = 64
"""Characters of base64 from which a block holds a key and not only the word."""

_GAP = 120
"""Characters between two lines of a key at most: quotes, `\\n`, `+`, indentation, or a header such as `Proc-Type`."""

_RUN = re.compile(r"(?:(?<=\\[nr])|(?<![\\A-Za-z0-9+/]))[A-Za-z0-9+/]{12,}={0,2}")

Redactor: TypeAlias = Callable[[str], tuple[str, tuple[Span, ...]]]
"""Text to (text without what was found, byte ranges of it in the text given)."""


class Found(NamedTuple):
    """One thing found in a text.

    Attributes:
        start: characters into the text.
        end: likewise, after the last.
        kind: in words, such as `GitHub token`.
        placeholder: what stands in its place.
    """

    start: int
    end: int
    kind: str
    placeholder: str


def ordered(found: Iterable[Found]) -> tuple[Found, ...]:
    """`found` by place; of one that overlaps an earlier one, the rest after it, where the lengths allow it."""
    kept: list[Found] = []
    end = 0
    for one in sorted(found, key=lambda f: (f.start, -f.end, f.kind)):
        if one.start < end < one.end and len(one.placeholder) == one.end - one.start:
            one = Found(end, one.end, one.kind, one.placeholder[end - one.start :])
        if one.start >= end:
            kept.append(one)
            end = one.end
    return tuple(kept)


def put(text: str, found: tuple[Found, ...]) -> tuple[str, tuple[Span, ...]]:
    """`text` with a placeholder for each of `found`, which is in order, and their byte ranges in `text`."""
    if not found:
        return text, ()
    parts, spans, at, offset = [], [], 0, 0
    for one in found:
        offset += _bytes(text[at : one.start])
        end = offset + _bytes(text[one.start : one.end])
        spans.append((offset, end))
        parts += [text[at : one.start], one.placeholder]
        at, offset = one.end, end
    return "".join((*parts, text[at:])), tuple(spans)


def masked(pair: Pair, kind: str, version: str, redactor: Redactor) -> Pair:
    """`pair` with every text redacted and a step `redact/<kind>` for each that changed; itself where none did."""
    texts: dict[str, str] = {}
    steps: list[Step] = []
    for side in SIDES:
        before = getattr(pair, side)
        after, spans = redactor(before)
        if after != before:
            texts[side] = after
            steps.append(Step(side, f"redact/{kind}", version, (("count", str(len(spans))),), spans))
    if not texts:
        return pair
    return replace(
        pair,
        prompt=texts.get("prompt", pair.prompt),
        chosen=texts.get("chosen", pair.chosen),
        rejected=texts.get("rejected", pair.rejected),
        steps=(*pair.steps, *steps),
    )


def armoured(text: str, start: int, kind: str) -> Iterator[Found]:
    """The base64 lines of the key whose BEGIN line ends at `start`; nothing where there is no key but only the word.

    The lines may be quoted, joined by operators or escapes: what lies between them stays as it is.
    """
    end = text.find("-----", start, start + MAX_BLOCK)
    stop = end if end >= 0 else min(len(text), start + MAX_BLOCK)
    runs: list[tuple[int, int]] = []
    last = start
    for run in _RUN.finditer(text, start, stop):
        if run.start() - last > _GAP:
            break
        runs.append(run.span())
        last = run.end()
    material = "".join(text[a:b] for a, b in runs)
    if len(material) >= MIN_MATERIAL and not monotonous(material):
        for a, b in runs:
            yield Found(a, b, kind, "x" * (b - a))


def monotonous(value: str) -> bool:
    """Whether `value` is made of too few different characters to be random: `xxxxxxxx`, `00000000`, `ababab`."""
    return len(set(value.lower())) < min(6, len(value) / 2 + 1)


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))
