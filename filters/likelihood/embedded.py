"""The embedded language model: words after words, of English documentation of software.

A word's probability is that of the pair it makes with the word before, where that pair is in the table, else the word's
own times what the word before leaves for others (backing off; Katz 1987). A word that is not in the table costs what
unknown words cost together and, at its first use, its spelling, letter after three letters. `bench/perplexity.py` makes
the table.
"""

import base64
import json
import re
import unicodedata
import zlib
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

import numpy as np

from filters.english import prose

UNKNOWN, START = "", "."
"""What stands in the table for any other word, and for the beginning of a sentence."""

LETTERS = 28
"""0 begins and ends a word, 1 to 26 are a to z, 27 the apostrophe."""

REPEATED_NATS = 6.0
"""In place of its spelling, of an unknown word that the text has used before: a term, most likely."""

MAX_LETTERS = 40
"""Letters of a word that are spelled."""

NATS_PER_STEP, NATS_PER_LETTER_STEP, STEPS = 0.25, 1.0, 255
"""Log-probabilities are stored as so many steps below 0."""

_PART = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[.!?:;]")
_ACCENTS = re.compile("[\u0300-\u036f]+")


class Table(NamedTuple):
    """The model in memory.

    Attributes:
        numbers: of each word.
        single: log-probability of each word alone, in nats.
        backoff: of each word, what is left for words that make no pair with it, in nats.
        pairs: log-probability of the second word of a pair, in nats, by `first * len(single) + second`.
        letters: steps of the log-probability of a letter after three, by their numbers as digits of base `LETTERS`.
    """

    numbers: dict[str, int]
    single: list[float]
    backoff: list[float]
    pairs: dict[int, float]
    letters: bytes


def sentences(text: str) -> list[tuple[str, ...]]:
    """Words of each sentence of the prose in `text`, in lower case.

    Accents are taken off. Code, names, figures and words in other than Latin letters are left out.
    """
    found = []
    for paragraph in prose(text):
        sentence: list[str] = []
        for part in _PART.findall(_latin(paragraph)):
            if part[0].isalpha():
                if part.isascii():
                    sentence.append(part)
            elif sentence:
                found.append(tuple(sentence))
                sentence = []
        if sentence:
            found.append(tuple(sentence))
    return found


def _latin(text: str) -> str:
    if text.isascii():
        return text.lower()
    return _ACCENTS.sub("", unicodedata.normalize("NFKD", text.lower())).replace("’", "'")


def letters_of(word: str) -> list[int]:
    """The word's letters as numbers below `LETTERS`, with its end."""
    numbers = [27 if c == "'" else ord(c) - 96 for c in word[:MAX_LETTERS]]
    return [*numbers, 0]


class Score(NamedTuple):
    """What the model says of the words of a text.

    Attributes:
        words: how many.
        nats: minus the natural logarithm of the probability of all, each after the one before in its sentence.
        bound_nats: how much of it the order of the words saves, against the same words in any order.
    """

    words: int
    nats: float
    bound_nats: float


def score(spoken: list[tuple[str, ...]]) -> Score:
    """The score of sentences, as `sentences` gives them."""
    numbers, single, backoff, pairs, _ = _table()
    size, words, nats, bound = len(single), 0, 0.0, 0.0
    strange: set[str] = set()
    for sentence in spoken:
        before = 1
        for word in sentence:
            after = numbers.get(word, 0)
            alone = single[after]
            together = pairs.get(before * size + after)
            if together is None:
                together = backoff[before] + alone
            bound += together - alone
            nats -= together
            if not after:
                nats += REPEATED_NATS if word in strange else -_spelled(word)
                strange.add(word)
            before = after
        words += len(sentence)
    return Score(words, nats, bound)


def _spelled(word: str) -> float:
    letters = _table().letters
    total, a = 0, 0
    for b in letters_of(word):
        a = a % LETTERS**3 * LETTERS + b
        total += letters[a]
    return total * -NATS_PER_LETTER_STEP


@cache
def _table() -> Table:
    held = json.loads((files("filters.likelihood") / "weights.json").read_text(encoding="utf-8"))
    words = [UNKNOWN, START, *_unpacked(held["words"]).decode().split(" ")]
    first = np.repeat(np.arange(len(words)), np.frombuffer(_unpacked(held["pairs_per_word"]), "<u2"))
    high, low = np.frombuffer(_unpacked(held["pairs_after"]), np.uint8).reshape(2, -1).astype(np.int64)
    keys = first * len(words) + high * 256 + low
    return Table(
        numbers={word: number for number, word in enumerate(words) if number > 1},
        single=_nats(held["single"]),
        backoff=_nats(held["backoff"]),
        pairs=dict(zip(keys.tolist(), _nats(held["pairs"]), strict=True)),
        letters=_unpacked(held["letters"]),
    )


def _nats(packed: str) -> list[float]:
    steps = np.frombuffer(_unpacked(packed), np.uint8)
    values: list[Any] = (steps * -NATS_PER_STEP).tolist()
    return values


def _unpacked(packed: str) -> bytes:
    return zlib.decompress(base64.b85decode(packed))
