"""A table of the grams of a benchmark's prompts: in memory, or in a folder that every worker maps."""

import json
import os
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np

from filters import gram_build, gram_words
from filters import gram_kernels as kernels
from filters.gram_build import ARRAYS, FORMAT, Rows
from filters.gram_kernels import Bytes, Hashes, encoded, lower_table
from schemas.errors import ConfigError

N = 13
"""Words of a gram (paper: 13)."""


def grams(text: str, n: int = N) -> Hashes:
    """Hash of each run of `n` words, in order; a text of fewer words is one gram, which only equals itself.

    Returns:
        uint64, shape (max(1, W - n + 1),), or (0,) for a text without words.
    """
    return kernels.gram_hashes(kernels.word_hashes(encoded(text), lower_table()), n)


class Overlap(NamedTuple):
    """What a text shares with a row.

    Attributes:
        row: its id.
        words: shared, in lower case, a space between.
    """

    row: str
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class GramTable:
    """Grams of benchmark prompts, to look up another text's: 14 bytes a gram, and the words.

    A gram is there once, under the first row that has it. In memory it pickles whole; opened from a folder, it pickles
    as the folder's path, and all workers of a machine share one copy of its pages.

    Attributes:
        n: words of a gram.
        hashes: ascending, shape (G,).
        rows: of each gram, shape (G,).
        bits: filter before the search: three bits a gram in one of G / 4 uint64; 0.8% of other grams pass.
        texts: the rows' words in lower case, a space between, as UTF-8; all rows on end, shape (T,).
        text_ends: of each row's, shape (R,).
        ids: the rows' ids as UTF-8, on end, shape (I,).
        id_ends: of each row's, shape (R,).
        folder: that it was opened from.
    """

    n: int
    hashes: Hashes
    rows: Rows
    bits: Hashes
    texts: Bytes
    text_ends: Hashes
    ids: Bytes
    id_ends: Hashes
    folder: str | None = None

    def __post_init__(self) -> None:
        for name in ARRAYS:
            getattr(self, name).flags.writeable = False  # one kind of array, so one compilation of each kernel

    def __reduce__(self) -> tuple[Any, ...]:
        if self.folder is not None:
            return GramTable.open, (self.folder,)
        return GramTable, tuple(getattr(self, one.name) for one in fields(self))

    @classmethod
    def build(cls, prompts: Iterable[tuple[str, str]], n: int = N) -> Self:
        """The table of (row id, prompt) pairs in memory: 90 bytes a gram while it is built. See `write` for many.

        Where rows share a gram, the first is the one that is named.
        """
        return cls(n=n, **gram_build.in_memory(prompts, n), folder=None)

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """The table in a folder, mapped: pages are read when they are looked at.

        Raises:
            ConfigError: the folder holds no table, one of another version, or a damaged one.
        """
        home = Path(folder)
        try:
            meta = json.loads((home / "meta.json").read_bytes())
            if (meta["format"], meta["unicode"]) != (FORMAT, unicodedata.unidata_version):
                raise ConfigError(
                    f"{home}: a table of format {meta['format']} and Unicode {meta['unicode']}, not of {FORMAT} and "
                    f"{unicodedata.unidata_version}. Delete the folder, and it is built again."
                )
            arrays = {name: gram_build.mapped(home / f"{name}.npy", dtype) for name, dtype in ARRAYS.items()}
            table = cls(n=int(meta["n"]), **arrays, folder=str(home))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"{home}: holds no table of grams ({error}). Delete the folder, and it is built."
            ) from None
        if not table._fits():
            raise ConfigError(f"{home}: its files are not of one table. Delete the folder, and it is built again.")
        return table

    @classmethod
    def write(cls, folder: str | Path, prompts: Iterable[tuple[str, str]], n: int = N) -> Self:
        """As `build`, in bounded memory and onto disk: of all the grams, 1/64 are held at a time.

        The folder appears whole or not at all. One that is there already is opened as it is, so its name has to say
        what it holds.
        """
        home = Path(folder)
        if not home.is_dir():
            with _beside(home) as (made, spilled):
                gram_build.in_folder(made, prompts, n, spilled)
        return cls.open(home)

    def save(self, folder: str | Path) -> Self:
        """Writes the table into a folder, whole or not at all, and opens it from there; in place of what is there."""
        home = Path(folder)
        with _beside(home) as (made, _):
            for name in ARRAYS:
                np.save(made / f"{name}.npy", getattr(self, name))
            gram_build.write_meta(made, self.n)
            if (home / "meta.json").is_file():
                shutil.rmtree(home)
        return self.open(home)

    def hit(self, text: str) -> str | None:
        """Id of the row that shares the first shared gram of `text`, or None; words decide, never a hash alone."""
        found = self.overlap(text)
        return None if found is None else found.row

    def overlap(self, text: str) -> Overlap | None:
        """The first gram of `text` that a row has, or None."""
        data, lower, start = encoded(text), lower_table(), 0
        while True:
            first, index = kernels.find(data, start, self.n, lower, self.bits, self.hashes)
            if index < 0:
                return None
            begin, second, end = gram_words.span(data, start, first, self.n, lower)
            own = gram_words.normal(data[begin:end], lower).tobytes()
            row = self._row_with(own, index)
            if row is not None:
                return Overlap(_slice(self.ids, self.id_ends, row).decode("utf-8", "surrogatepass"), own.decode())
            if own.count(b" ") + 1 < self.n or second >= len(data):
                return None
            start = second

    def _fits(self) -> bool:
        ends = (int(end[-1]) if len(end) else 0 for end in (self.text_ends, self.id_ends))
        sizes = len(self.hashes), gram_build.blocks(len(self.hashes)), len(self.id_ends), len(self.texts), len(self.ids)
        return sizes == (len(self.rows), len(self.bits), len(self.text_ends), *ends)

    def _row_with(self, own: bytes, index: int) -> int | None:
        value, whole = self.hashes[index], own.count(b" ") + 1 < self.n
        while index < len(self.hashes) and self.hashes[index] == value:
            row = int(self.rows[index])
            text = _slice(self.texts, self.text_ends, row)
            if own == text or (not whole and b" %b " % own in b" %b " % text):
                return row
            index += 1
        return None


def _slice(values: Bytes, ends: Hashes, row: int) -> bytes:
    return values[int(ends[row - 1]) if row else 0 : int(ends[row])].tobytes()


@contextmanager
def _beside(home: Path) -> Iterator[tuple[Path, Path]]:
    """Two empty folders; the first becomes `home`. Where another process was first, its folder stays."""
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{home.name}.", dir=home.parent) as held:
        made, spilled = Path(held, "made"), Path(held, "spilled")
        made.mkdir()
        spilled.mkdir()
        yield made, spilled
        for file in made.iterdir():
            with file.open("rb") as opened:
                os.fsync(opened.fileno())
        try:
            made.rename(home)
        except OSError:
            if not (home / "meta.json").is_file():
                raise
