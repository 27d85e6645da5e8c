"""Decontamination: no pair's prompt shares a run of 13 words with a benchmark's prompt.

A word is a run of Unicode letters, digits and underscores, in lower case (`words`); all between words is left out. A
text of fewer than 13 words is matched whole: it hits a row of the same words and no others, and is not looked for
inside longer texts. "Reverse a string" says what a thousand tasks say, and is no sign of this one; and near-duplicates
compare short documents in the same way.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from filters import prompts
from filters.benchmarks import PRESETS
from filters.gram_build import FORMAT
from filters.gram_table import GramTable, N, Overlap, grams
from schemas.config import Options

__all__ = ["Against", "Decontamination", "GramTable", "N", "Overlap", "grams", "words"]

_WORD = re.compile(r"\w+")


def words(text: str) -> list[str]:
    """The words of `text`: runs of Unicode letters, digits and underscores, in lower case, all else left out."""
    return _WORD.findall(text.lower())


class Against(Options):
    """A benchmark: a known one by its preset, a data set by its name on the Hugging Face hub, or files.

    A preset gives every other value that is left out. With `path` it reads local copies: files in the released layout.

    Attributes:
        preset: one of `filters/benchmarks.py`.
        path: .jsonl, .json, .parquet, .csv (a prompt a row) or .txt (a prompt a line); or a folder, all of whose
            .parquet and .jsonl files are read.
        dataset: name on the hub, or a local folder that `datasets.load_dataset` reads.
        config: of the data set.
        split: of the data set, or several with a plus sign between; all of them where it is left out.
        revision: commit, tag or branch of the data set.
        column: that holds the prompt, as a dotted path: `a.b` is b of a, in each element where a is a list, and
            `a.0` the first of them. Lists of texts and of chat messages are put together, a line between.
        id_column: that holds the row's id; rows without it are numbered.
        side_columns: that hold the sides, as dotted paths; a list of texts holds several.
        name: of the benchmark, for the record of what was dropped; the preset's where there is one.
    """

    preset: Literal["code_reward_bench", "reward_bench", "reward_bench_2", "judge_bench", "rm_bench"] | None = None
    path: str | None = None
    dataset: str | None = None
    config: str | None = None
    split: str | None = None
    revision: str | None = None
    column: str = Field(default="prompt", min_length=1)
    id_column: str = Field(default="id", min_length=1)
    side_columns: tuple[str, ...] = ()
    name: str

    @model_validator(mode="before")
    @classmethod
    def _fill(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        if isinstance(given.get("side_columns"), list):
            given = given | {"side_columns": tuple(given["side_columns"])}  # what strict reading of JSON would do
        if not isinstance(given.get("preset"), str) or given["preset"] not in PRESETS:
            return given
        known = PRESETS[given["preset"]]._asdict() | {"name": given["preset"]}
        if given.get("path") is not None:
            known = {key: value for key, value in known.items() if key not in ("dataset", "config", "split")}
        return known | {key: value for key, value in given.items() if value is not None}

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.path is None) == (self.dataset is None):
            raise ValueError("give one of path and dataset, or a preset")
        only = [key for key in ("config", "split", "revision") if getattr(self, key) is not None]
        if self.path is not None and only:
            raise ValueError(f"{', '.join(only)}: only for a dataset, not for files under path")
        return self

    @property
    def _place(self) -> prompts.Place:
        if self.path is not None:
            return prompts.Files(Path(self.path))
        assert self.dataset is not None
        return prompts.HubDataset(self.dataset, self.config, self.split, self.revision)

    def prompts(self) -> Iterator[tuple[str, str]]:
        """(`<name>/<row id>`, prompt) of each row, in order.

        Raises:
            ConfigError: the files or the data set can't be had or read, or lack the column, or hold no row.
        """
        for row, (texts,) in prompts.read(self._place, self.id_column, (self.column,)):
            yield f"{self.name}/{row}", "\n".join(texts)

    def sides(self) -> Iterator[tuple[str, str]]:
        """(`<name>/<row id>`, text) of each side that is not empty: its fenced code where there is any, else all of it.

        Raises:
            ConfigError: as for `prompts`.
        """
        if not self.side_columns:
            return
        for row, columns in prompts.read(self._place, self.id_column, self.side_columns, may_lack=True):
            for text in chain.from_iterable(columns):
                code = prompts.fenced_code(text)
                if code.strip():
                    yield f"{self.name}/{row}", code

    def digest(self) -> str:
        """sha256 that changes where the prompts do: of the files' bytes, or of the data set's rows."""
        said = [self.name, self.column, self.id_column]
        state = sha256(json.dumps(said).encode())
        if self.path is not None:
            for file in prompts.Files(Path(self.path)).files():
                state.update(f"{file.stat().st_size}:".encode())
                with file.open("rb") as opened:
                    while block := opened.read(1 << 20):
                        state.update(block)
        else:
            for row in self.prompts():
                state.update(json.dumps(row).encode())
        return state.hexdigest()


class Decontamination(Options):
    """What pairs must not share words with.

    Attributes:
        against: benchmarks.
        n: words of a gram.
    """

    against: tuple[Against, ...] = ()
    n: int = Field(default=N, ge=1)

    def prompts(self) -> Iterator[tuple[str, str]]:
        """(`<benchmark>/<row id>`, prompt) of every benchmark, in order; errors as `Against.prompts`."""
        for one in self.against:
            yield from one.prompts()

    def sides(self) -> Iterator[tuple[str, str]]:
        """(`<benchmark>/<row id>`, text) of the sides of every benchmark, in order; errors as `Against.sides`."""
        for one in self.against:
            yield from one.sides()

    def key(self) -> str:
        """sha256 of all that the table follows from: a table's name in a cache."""
        made = [FORMAT, unicodedata.unidata_version, self.n, *(one.digest() for one in self.against)]
        return sha256(json.dumps(made).encode()).hexdigest()

    def table(self, cache: str | Path | None = None) -> GramTable:
        """Every gram of every benchmark's prompts; rows are named `<benchmark>/<row id>`.

        Args:
            cache: folder of tables. The table is looked for there by `key`, else built there in bounded memory, and
                mapped: small to pickle, and one copy for all workers of a machine. Without it, it is made in memory.

        Raises:
            ConfigError: as for `prompts`.
        """
        if cache is None or not self.against:
            return GramTable.build(self.prompts(), self.n)
        return GramTable.write(Path(cache) / self.key(), self.prompts(), self.n)
