"""Rows of a finished run's shards, a batch at a time: what one split holds, pairs whose label is a tie included."""

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.parquet as pq

from parsers.language import languages
from pipeline import storage
from schemas import contract

FOLDERS = {
    "train": (("dataset/data", "dataset/provenance"), ("dataset/placebo", "dataset/placebo_provenance")),
    "benchmark": (("benchmark/data", "benchmark/provenance"), ("benchmark/placebo", "benchmark/placebo_provenance")),
}
"""Split to the folders of its rows, each with the folder of their provenance."""

KEYS = {"train": "idx", "benchmark": "id"}
"""Split to the column that names a row."""

PROMPTS = {"train": "input", "benchmark": "prompt"}
"""Split to the column that holds a row's prompt."""

BATCH = 1024
"""Rows that are held as objects at a time."""


def rows(
    root: str, files: Sequence[dict[str, Any]], split: str, columns: Sequence[str], beside: bool
) -> Iterator[tuple[Any, ...]]:
    """The values of `columns` of each row of a split, in the order of the files.

    Args:
        root: the run's folder.
        files: receipts of the shards.
        split: `train` or `benchmark`.
        columns: names.
        beside: read the provenance, not the data.
    """
    for pair in FOLDERS[split]:
        for file in files:
            if file["path"].rsplit("/", 1)[0] == pair[beside]:
                table = pq.ParquetFile(io.BytesIO(storage.read_bytes(storage.join(root, file["path"]))))
                for batch in table.iter_batches(BATCH, columns=list(columns)):
                    yield from zip(*(batch.column(name).to_pylist() for name in columns), strict=True)


def texts(root: str, files: Sequence[dict[str, Any]], split: str) -> Iterator[tuple[str, str, str, str]]:
    """(id, language, chosen, rejected) of each row of a split; the language by its own name, whatever the spelling."""
    names: dict[Any, str] = {spelled: name for name, spelled in contract.BENCHMARK_LANGUAGES.items()}
    names |= dict(enumerate(contract.language_labels(tuple(languages()))))
    for id_, language, chosen, rejected in rows(
        root, files, split, (KEYS[split], "language", "chosen", "rejected"), beside=False
    ):
        yield id_, names.get(language, language), chosen, rejected
