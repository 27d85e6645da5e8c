"""Near-duplicates of known similarity: documents edited at random places until their Jaccard lies in a wanted interval.

Similarity is exact, over sets of 20-token shingles as `filters.minhash` defines them. Everything follows from the
document and the seed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from random import Random
from typing import NamedTuple

from filters.minhash import jaccard, shingles

INTERVALS = ((0.70, 0.75), (0.75, 0.80), (0.80, 0.90), (0.90, 1.0))
"""Half-open; the first lies below the threshold, so that nothing in it may be removed for its original's sake."""

MIN_TOKENS = 40
MAX_TOKENS = 5_000
SHORT_TOKENS = 100
_TRIES = 60
_SHINGLES_AN_EDIT = 20
_TOKEN = re.compile(rb"[0-9A-Za-z_\x80-\xff]+|[!-/:-@\[-^`{-~]")
_WORD = re.compile(rb"[0-9A-Za-z_\x80-\xff]+")


class Edit(NamedTuple):
    """Bytes `start` to `end` become `text`."""

    start: int
    end: int
    text: bytes


class Copy(NamedTuple):
    """An edited document.

    Attributes:
        text: of the copy.
        jaccard: exact similarity to the original.
        edits: how many places differ.
    """

    text: str
    jaccard: float
    edits: int


class Planted(NamedTuple):
    """What is known of a planted copy.

    Attributes:
        id: of the copy in the corpus.
        original: id of the document that it was made from.
        low: of the interval.
        high: of the interval, exclusive.
        jaccard: exact.
        tokens: of the original.
    """

    id: str
    original: str
    low: float
    high: float
    jaccard: float
    tokens: int


def token_spans(data: bytes) -> list[tuple[int, int]]:
    """Byte ranges of the tokens of UTF-8 text."""
    return [match.span() for match in _TOKEN.finditer(data)]


def plant(text: str, low: float, high: float, random: Random) -> Copy | None:
    """A copy of `text` at a similarity of `low` to `high`, exclusive; None where no such copy was found.

    Of a random order of disjoint edits the first so many are made: how many is found by bisection. Another order is
    drawn where no number will do; in a short document, where one edit in the middle touches every shingle, the places
    move towards the ends from try to try.
    """
    data = text.encode("utf-8")
    spans = token_spans(data)
    if len(spans) < 2:
        return None
    original = shingles(text)
    for attempt in range(_TRIES):
        edits = _edits(data, spans, attempt, random)
        found = _bisected(data, edits, low, high, lambda copy: jaccard(original, shingles(copy)))
        if found is not None:
            return found
    return None


def _bisected(
    data: bytes, edits: list[Edit], low: float, high: float, similarity: Callable[[str], float]
) -> Copy | None:
    fewest, most = 1, len(edits)
    while fewest <= most:
        count = (fewest + most) // 2
        copy = applied(data, edits[:count]).decode("utf-8")
        value = similarity(copy)
        if low <= value < high:
            return Copy(copy, value, count)
        if value < low:
            most = count - 1
        else:
            fewest = count + 1
    return None


def applied(data: bytes, edits: Iterable[Edit]) -> bytes:
    """`data` with disjoint edits made."""
    parts, at = [], 0
    for edit in sorted(edits):
        parts += [data[at : edit.start], edit.text]
        at = edit.end
    return b"".join([*parts, data[at:]])


def _edits(data: bytes, spans: Sequence[tuple[int, int]], attempt: int, random: Random) -> list[Edit]:
    """Disjoint edits in a random order, enough to go below any interval."""
    wanted = len(spans) // _SHINGLES_AN_EDIT + 2
    edges = attempt % 2 == 1 or len(spans) <= SHORT_TOKENS
    words = sorted({data[start:end] for start, end in spans if _WORD.fullmatch(data, start, end)}) or [b"x"]
    found: list[Edit] = []
    taken: list[tuple[int, int]] = []
    for _ in range(4 * wanted):
        place = _place(len(spans), edges, random)
        edit = _edit(data, spans[place], edges, words, random)
        if all(edit.end < start or end < edit.start for start, end in taken):
            found.append(edit)
            taken.append((edit.start, edit.end))
        if len(found) == wanted:
            break
    return found


def _place(count: int, edges: bool, random: Random) -> int:
    """Index of a token: anywhere, or near an end where `edges`."""
    if not edges:
        return random.randrange(count)
    near = min(int(random.expovariate(1 / 6)), count - 1)
    return near if random.random() < 0.5 else count - 1 - near


def _edit(data: bytes, span: tuple[int, int], edges: bool, words: Sequence[bytes], random: Random) -> Edit:
    """One edit at a token: the token replaced, or its line removed, or a line put before it."""
    start, end = span
    line_start, line_end = data.rfind(b"\n", 0, start) + 1, data.find(b"\n", end) + 1
    kind = random.random()
    if edges or kind < 0.6 or not line_end:
        word = random.choice(words) + b"_%d" % random.randrange(1000)
        return Edit(start, end, word)
    if kind < 0.8:
        return Edit(line_start, line_end, b"")
    line = b" ".join(random.choice(words) for _ in range(random.randrange(2, 8)))
    return Edit(line_start, line_start, line + b"\n")


class Original(NamedTuple):
    """A document that may be copied: id, text and its number of tokens."""

    id: str
    text: str
    tokens: int


def choose(documents: Iterable[tuple[str, str]], count: int, seed: int) -> list[Original]:
    """Documents of 40 to 5,000 tokens, in a random order: 3 in 10 under 100 tokens, 1 in 10 with non-ASCII characters.

    Where there are too few of one sort, others stand in.
    """
    order = sorted(documents, key=lambda document: Random(f"{seed}:choose:{document[0]}").random())
    sorts: dict[str, list[Original]] = {"short": [], "other": [], "non_ascii": []}
    quota = {"short": count * 3 // 10, "non_ascii": count // 10, "other": count}
    spare: list[Original] = []
    seen: set[str] = set()
    for id_, text in order:
        if len(text) > 60 * MAX_TOKENS or text in seen:
            continue
        seen.add(text)
        tokens = len(token_spans(text.encode("utf-8")))
        if not MIN_TOKENS <= tokens <= MAX_TOKENS:
            continue
        one = Original(id_, text, tokens)
        sort = "non_ascii" if not text.isascii() else "short" if tokens < SHORT_TOKENS else "other"
        if len(sorts[sort]) < quota[sort]:
            sorts[sort].append(one)
        elif len(spare) < count:
            spare.append(one)
        if all(len(sorts[name]) >= quota[name] for name in sorts):
            break
    found = sorts["short"] + sorts["non_ascii"]
    found += sorts["other"][: count - len(found)]
    found += spare[: count - len(found)]
    return sorted(found, key=lambda one: Random(f"{seed}:mix:{one.id}").random())


def plant_all(documents: Iterable[tuple[str, str]], each: int, seed: int) -> list[tuple[Planted, str]]:
    """`each` copies an interval with their texts, every one of another original, fewer where documents are few."""
    originals = choose(documents, len(INTERVALS) * each + each, seed)
    counts = [0] * len(INTERVALS)
    made = []
    for number, one in enumerate(originals):
        order = [(number + step) % len(INTERVALS) for step in range(len(INTERVALS))]
        for place in (place for place in order if counts[place] < each):
            low, high = INTERVALS[place]
            copy = plant(one.text, low, high, Random(f"{seed}:plant:{one.id}"))
            if copy is not None:
                id_ = f"planted:{low:.2f}:{copy.jaccard:.6f}:{one.id}"
                made.append((Planted(id_, one.id, low, high, copy.jaccard, one.tokens), copy.text))
                counts[place] += 1
                break
    return made
