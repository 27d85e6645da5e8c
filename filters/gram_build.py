"""Builds the arrays of a table of grams: in memory, or in files and bounded memory."""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from filters import gram_kernels as kernels
from filters import gram_words
from filters.gram_kernels import Bytes, Hashes, encoded, lower_table

Rows: TypeAlias = NDArray[np.uint32]

FORMAT = 1
"""Of a folder's files; another one is not read."""

ARRAYS = {
    "hashes": np.uint64,
    "rows": np.uint32,
    "bits": np.uint64,
    "texts": np.uint8,
    "text_ends": np.uint64,
    "ids": np.uint8,
    "id_ends": np.uint64,
}
"""Arrays of a table, as `GramTable` says."""

_BITS = 16  # of the filter, a gram
_BATCH_BYTES = 1 << 23
_PARTS = 64
_SPILLED = np.dtype([("hash", np.uint64), ("row", np.uint32), ("place", np.uint64)])


def in_memory(prompts: Iterable[tuple[str, str]], n: int) -> dict[str, NDArray[Any]]:
    """`ARRAYS` of (row id, prompt) pairs."""
    batches = list(_batches(prompts, n)) or [_Batch.of([], [], n, 0, 0, 0)]
    whole = _Batch._make(map(np.concatenate, zip(*batches, strict=True)))
    del batches
    hashes, rows = _settled(whole.hashes, whole.rows, whole.places, whole.texts, whole.text_ends, n)
    bits = np.zeros(blocks(len(hashes)), dtype=np.uint64)
    kernels.set_bits(bits, hashes)
    kept = {name: getattr(whole, name) for name in ("texts", "text_ends", "ids", "id_ends")}
    return kept | {"hashes": hashes, "rows": rows, "bits": bits}


def blocks(count: int) -> int:
    """uint64 of the filter of `count` grams."""
    return max(1, -(-count * _BITS // 64))


def mapped(path: Path, dtype: Any) -> Any:
    """The array in a .npy file, its pages read when they are looked at."""
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if array.dtype != dtype or array.ndim != 1:
        raise ValueError(f"{path.name} holds {array.dtype}, shape {array.shape}")
    return np.asarray(array)


def write_meta(folder: Path, n: int) -> None:
    """What the folder's files hold."""
    meta = {"format": FORMAT, "n": n, "unicode": unicodedata.unidata_version}
    (folder / "meta.json").write_text(json.dumps(meta, sort_keys=True) + "\n", encoding="utf-8")


def in_folder(folder: Path, prompts: Iterable[tuple[str, str]], n: int, spilled: Path) -> None:
    """As `in_memory`, into `<name>.npy` files of an empty folder; grams pass through files in `spilled`.

    A batch of rows is held at a time, then 1/64 of the grams; what is mapped is let go after each.
    """
    parts = [spilled / f"part{i}" for i in range(_PARTS)]
    for part in parts:
        part.touch()
    grown = {name: _Growing(folder, name) for name in ARRAYS if name != "bits"}
    for batch in _batches(prompts, n):
        for name in ("texts", "text_ends", "ids", "id_ends"):
            grown[name].append(getattr(batch, name))
        _spill(batch, parts)
    for part in parts:
        held = np.fromfile(part, dtype=_SPILLED)
        part.unlink()
        hashes, rows, places = (np.ascontiguousarray(held[name]) for name in ("hash", "row", "place"))
        texts, ends = grown["texts"].read(), grown["text_ends"].read()
        hashes, rows = _settled(hashes, rows, places, texts, ends, n)
        grown["hashes"].append(hashes)
        grown["rows"].append(rows)
    _write_bits(folder, grown["hashes"])
    write_meta(folder, n)


def _write_bits(folder: Path, hashes: "_Growing") -> None:
    shape = (blocks(hashes.length),)
    bits = np.lib.format.open_memmap(folder / "bits.npy", mode="w+", dtype=np.uint64, shape=shape)
    for at in range(0, hashes.length, _BATCH_BYTES):
        kernels.set_bits(np.asarray(bits), hashes.read()[at : at + _BATCH_BYTES])
    bits.flush()


class _Batch(NamedTuple):
    """Grams in the order of their rows, and the rows; offsets and numbers are those of the whole table."""

    hashes: Hashes
    rows: Rows
    places: Hashes
    texts: Bytes
    text_ends: Hashes
    ids: Bytes
    id_ends: Hashes

    @classmethod
    def of(cls, names: list[bytes], prompts: list[Bytes], n: int, row: int, text_at: int, id_at: int) -> "_Batch":
        texts = np.concatenate(prompts) if prompts else np.empty(0, dtype=np.uint8)
        ends = np.cumsum([len(one) for one in prompts], dtype=np.uint64)
        hashes, rows, places = gram_words.row_grams(texts, ends, n, lower_table())
        return cls(
            hashes,
            rows + np.uint32(row),
            places + np.uint64(text_at),
            texts,
            ends + np.uint64(text_at),
            np.frombuffer(b"".join(names), dtype=np.uint8),
            np.cumsum([len(name) for name in names], dtype=np.uint64) + np.uint64(id_at),
        )


def _batches(prompts: Iterable[tuple[str, str]], n: int) -> Iterator[_Batch]:
    lower = lower_table()
    names: list[bytes] = []
    texts: list[Bytes] = []
    row = text_at = id_at = held = 0
    for name, prompt in prompts:
        names.append(name.encode("utf-8", "surrogatepass"))
        texts.append(gram_words.normal(encoded(prompt), lower))
        held += len(texts[-1])
        if held >= _BATCH_BYTES:
            yield _Batch.of(names, texts, n, row, text_at, id_at)
            row, text_at, id_at, held = row + len(names), text_at + held, id_at + sum(map(len, names)), 0
            names, texts = [], []
    if names:
        yield _Batch.of(names, texts, n, row, text_at, id_at)


def _settled(hashes: Hashes, rows: Rows, places: Hashes, texts: Bytes, ends: Hashes, n: int) -> tuple[Hashes, Rows]:
    order = np.argsort(hashes, kind="stable")
    hashes, rows = hashes[order], rows[order]
    keep = gram_words.distinct(hashes, rows, places[order], texts, ends, n)
    return hashes[keep], rows[keep]


class _Growing:
    """A .npy file of one dimension that grows at its end."""

    def __init__(self, folder: Path, name: str) -> None:
        self.length = 0
        self._path = folder / f"{name}.npy"
        self._dtype = np.dtype(ARRAYS[name])
        self._path.touch()
        self.append(np.empty(0, dtype=self._dtype))

    def append(self, values: NDArray[Any]) -> None:
        """Writes at the end, and the length into the head, which is padded: a longer one takes no more bytes."""
        assert values.dtype == self._dtype, (self._path, values.dtype)
        self.length += len(values)
        header = {"descr": self._dtype.str, "fortran_order": False, "shape": (self.length,)}
        with self._path.open("r+b") as file:
            np.lib.format.write_array_header_1_0(file, header)
            file.seek(0, 2)
            file.write(values.tobytes())

    def read(self) -> Any:
        return mapped(self._path, self._dtype)


def _spill(batch: _Batch, parts: list[Path]) -> None:
    """Appends each gram to the file of its hash's upper 6 bits, in order."""
    of = (batch.hashes >> np.uint64(58)).astype(np.uint8)
    order = np.argsort(of, kind="stable")
    held = np.empty(len(order), dtype=_SPILLED)
    held["hash"], held["row"], held["place"] = batch.hashes[order], batch.rows[order], batch.places[order]
    ends = np.searchsorted(of[order], np.arange(_PARTS), side="right")
    for part, first, last in zip(parts, [0, *ends[:-1]], ends, strict=True):
        with part.open("ab") as file:
            file.write(held[first:last].tobytes())
