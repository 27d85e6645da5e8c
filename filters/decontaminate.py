"""Decontamination: no pair's prompt shares a run of 13 words with a benchmark's prompt."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from filters.hashing import Hashes, hash_grams, hash_runs
from filters.prompts import read_prompts
from schemas.config import Options

N = 13
"""Words of a gram (paper: 13)."""

_WORD = re.compile(r"\w+")
_ASCII_WORD = np.zeros(256, dtype=np.bool_)
_ASCII_WORD[[*range(48, 58), *range(97, 123), ord("_")]] = True
_ASCII_WORD[128:] = True  # only met inside words: other text is cut into words first
_FILTER_BITS = 24


class Against(Options):
    """A file of benchmark prompts.

    Attributes:
        path: .jsonl, .json, .parquet, .csv (a prompt a row) or .txt (a prompt a line).
        column: that holds the prompt.
        name: of the benchmark, for the record of what was dropped.
    """

    path: str
    column: str = "prompt"
    name: str


class Decontamination(Options):
    """What pairs must not share words with.

    Attributes:
        against: benchmarks.
        n: words of a gram.
    """

    against: tuple[Against, ...] = ()
    n: int = Field(default=N, ge=1)

    def table(self) -> "GramTable":
        """Every gram of every benchmark; rows are named `<benchmark>/<row id>`.

        Raises:
            ConfigError: a file is missing or not what its ending says, or lacks the column.
        """
        rows = (
            (f"{one.name}/{row}", prompt) for one in self.against for row, prompt in read_prompts(one.path, one.column)
        )
        return GramTable.build(rows, self.n)


def words(text: str) -> list[str]:
    """The words of `text`: runs of Unicode letters, digits and underscores, in lower case, all else left out."""
    return _WORD.findall(text.lower())


def word_hashes(text: str) -> Hashes:
    """Hash of each of `words(text)`, in order; shape (W,). ASCII text, nearly all of it, is never cut in Python."""
    lowered = text.lower()
    data = (lowered if lowered.isascii() else " ".join(_WORD.findall(lowered))).encode("utf-8")
    array = np.frombuffer(data, dtype=np.uint8)
    if not len(array):
        return np.empty(0, dtype=np.uint64)
    inside = _ASCII_WORD[array]
    starts = np.concatenate(([0], np.flatnonzero(inside[1:] != inside[:-1]) + 1))
    return hash_runs(array, starts)[inside[starts]]


def grams(text: str, n: int = N) -> Hashes:
    """Hash of each run of `n` words, in order; a text of fewer words is one gram, which only equals itself.

    Returns:
        uint64, shape (max(1, W - n + 1),), or (0,) for a text without words.
    """
    return hash_grams(word_hashes(text), n)


@dataclass(frozen=True, slots=True, eq=False)
class GramTable:
    """Grams of benchmark prompts, to look up another text's. Picklable; about 18 bytes a gram, the words and 2 MB.

    Attributes:
        n: words of a gram.
        hashes: ascending, shape (G,).
        rows: index into `ids` of each gram, shape (G,).
        places: first word of each gram in its row, shape (G,).
        ids: of the rows.
        texts: the rows' words, a space between.
        bits: a bit for each value of a hash's upper 24 bits: nearly every gram of clean text ends there.
    """

    n: int
    hashes: Hashes
    rows: NDArray[np.int32]
    places: NDArray[np.int32]
    ids: tuple[str, ...]
    texts: tuple[str, ...]
    bits: NDArray[np.uint8]

    @classmethod
    def build(cls, prompts: Iterable[tuple[str, str]], n: int = N) -> Self:
        """The table of (row id, prompt) pairs; where rows share a gram, the first is the one that is named."""
        ids, texts, found = [], [], []
        for row, prompt in prompts:
            ids.append(row)
            texts.append(" ".join(words(prompt)))
            found.append(grams(prompt, n))
        lengths = np.array([len(g) for g in found], dtype=np.int64)
        hashes = np.concatenate(found) if found else np.empty(0, dtype=np.uint64)
        rows = np.repeat(np.arange(len(ids), dtype=np.int32), lengths)
        places = np.arange(len(hashes), dtype=np.int64) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        order = np.argsort(hashes, kind="stable")
        upper = np.zeros(1 << _FILTER_BITS, dtype=np.uint8)
        upper[_upper(hashes)] = 1
        return cls(
            n, hashes[order], rows[order], places[order].astype(np.int32), tuple(ids), tuple(texts), np.packbits(upper)
        )

    def hit(self, text: str) -> str | None:
        """Id of the row that shares the first shared gram of `text`, or None; words decide, never a hash alone."""
        found = grams(text, self.n)
        upper = _upper(found)
        maybe = np.flatnonzero(self.bits[upper >> 3] & (np.uint8(128) >> (upper & 7).astype(np.uint8)))
        if not len(maybe):
            return None
        own = words(text)
        for place in maybe:
            first, last = (int(np.searchsorted(self.hashes, found[place], side=s)) for s in ("left", "right"))
            for at in range(first, last):
                if self._gram(at) == own[place : place + self.n]:
                    return self.ids[int(self.rows[at])]
        return None

    def _gram(self, at: int) -> list[str]:
        place = int(self.places[at])
        return self.texts[int(self.rows[at])].split(" ")[place : place + self.n]


def _upper(hashes: Hashes) -> NDArray[np.intp]:
    return (hashes >> np.uint64(64 - _FILTER_BITS)).astype(np.intp)
