"""Compiled passes over the words of a text: what decontamination spends its time in.

A text comes as its UTF-8 bytes (`encoded`), and a word is what `words` of `filters/decontaminate.py` says: each code
point is looked up in a table of 1,114,112 entries that gives its lower case, or 0 where it is in no word. No object is
made a word, and none a code point. Hashes are uint64 and their arithmetic is modulo 2**64; the constants are fixed, so
a hash is the same in every process and on every machine with the same version of Unicode.

The functions trust their arguments: `data` must be what `encoded` gives, as bytes are not checked again.
"""
# Compiled code is not seen by the measurement of coverage, so each kernel is left out of it; the tests compare every
# kernel with plain Python.

import re
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes: TypeAlias = NDArray[np.uint8]
Hashes: TypeAlias = NDArray[np.uint64]

_F = TypeVar("_F", bound=Callable[..., Any])

_CODE_POINTS = 0x110000
_CHAR = np.uint64(0x9E3779B97F4A7C15)
_WORD = np.uint64(0xD1342543DE82EF95)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_CHUNK = 4096


def compiled(function: _F) -> _F:
    """`function` as machine code, made at its first call and kept on disk."""
    return cast(_F, njit(cache=True, nogil=True)(function))


def encoded(text: str) -> Bytes:
    """UTF-8 of `text`, lone surrogates included; shape (N,), read-only.

    Lower case is left to the table, but for the two letters whose lower case is not one code point that follows from
    the letter alone: a sigma at the end of a word, and the dotted I, which becomes two.
    """
    if not text.isascii() and ("Σ" in text or "İ" in text):
        text = text.lower()
    return np.frombuffer(text.encode("utf-8", "surrogatepass"), dtype=np.uint8)


@cache
def lower_table() -> NDArray[np.uint32]:
    r"""Lower case of each code point that is in words (`\w`), 0 for all others; shape (1114112,), read-only."""
    every = "".join(map(chr, range(_CODE_POINTS))).replace("Σ", "σ").replace("İ", "\0")
    lowered = every.lower()
    assert len(lowered) == _CODE_POINTS, "a code point's lower case is several: `encoded` must see to it"
    table = np.frombuffer(lowered.encode("utf-32-le", "surrogatepass"), dtype=np.uint32).copy()
    end = 0
    for run in re.finditer(r"\w+", lowered):
        table[end : run.start()] = 0
        end = run.end()
    table[end:] = 0
    table.flags.writeable = False
    return table


@compiled
def _mix(value: Any) -> Any:  # pragma: no cover
    value = (value ^ (value >> np.uint64(30))) * _MIX_1
    value = (value ^ (value >> np.uint64(27))) * _MIX_2
    return value ^ (value >> np.uint64(31))


@compiled
def code_point(data: Bytes, at: int) -> tuple[Any, int]:  # pragma: no cover
    """The code point of more than one byte that begins at `at`, and where the next one begins."""
    first = np.uint32(data[at])
    value = np.uint32(data[at + 1]) & np.uint32(63)
    if first < 0xE0:
        return ((first & np.uint32(31)) << np.uint32(6)) | value, at + 2
    value = (value << np.uint32(6)) | (np.uint32(data[at + 2]) & np.uint32(63))
    if first < 0xF0:
        return ((first & np.uint32(15)) << np.uint32(12)) | value, at + 3
    value = (value << np.uint32(6)) | (np.uint32(data[at + 3]) & np.uint32(63))
    return ((first & np.uint32(7)) << np.uint32(18)) | value, at + 4


@compiled
def _cut(
    data: Bytes, at: int, stop: int, lower: NDArray[np.uint32], found: Hashes, count: int, word: Any, within: bool
) -> tuple[int, int, Any, bool]:  # pragma: no cover
    """Hashes of the words that end in data[at:stop], into `found` from `count` on; a word's may begin before `at`.

    The hash so far is written at each code point, and kept by moving on where a word ends: no branch depends on where
    words end, which nothing can foresee.
    """
    while at < stop:
        code = np.uint32(data[at])
        if code < 128:
            at += 1
        else:
            code, at = code_point(data, at)
        low = lower[code]
        inside = low != 0
        found[count] = word ^ (word >> np.uint64(32))
        count += within and not inside
        word = (word + np.uint64(low)) * _CHAR if inside else np.uint64(0)
        within = inside
    return at, count, word, within


@compiled
def word_hashes(data: Bytes, lower: NDArray[np.uint32]) -> Hashes:  # pragma: no cover
    """Hash of each word, in order; shape (W,)."""
    found = np.empty(len(data) // 2 + 2, dtype=np.uint64)
    _, count, word, within = _cut(data, 0, len(data), lower, found, 0, np.uint64(0), False)
    if within:
        found[count] = word ^ (word >> np.uint64(32))
        count += 1
    return found[:count].copy()


@compiled
def gram_hashes(words: Hashes, size: int) -> Hashes:  # pragma: no cover
    """Hash of each run of `size` words, in order; of all of them where there are fewer.

    The number of words is part of the hash: a short text never equals a part of a longer one.

    Returns:
        uint64, shape (max(1, W - size + 1),), or (0,) where there is no word.
    """
    width = min(size, len(words))
    if width == 0:
        return np.empty(0, dtype=np.uint64)
    found = np.empty(len(words) - width + 1, dtype=np.uint64)
    leaving = np.uint64(1)
    for _ in range(width):
        leaving *= _WORD
    rolled = np.uint64(0)
    for i in range(len(words)):
        rolled = rolled * _WORD + words[i]
        if i >= width:
            rolled -= words[i - width] * leaving
        if i >= width - 1:
            found[i - width + 1] = _mix(rolled + np.uint64(width))
    return found


@compiled
def set_bits(bits: Hashes, hashes: Hashes) -> None:  # pragma: no cover
    """Marks each hash in the filter: three bits of the one uint64 that its upper 32 bits choose."""
    for i in range(len(hashes)):
        value = hashes[i]
        bits[_block(value, len(bits))] |= _mask(value)


@compiled
def _block(value: Any, blocks: int) -> Any:  # pragma: no cover
    return ((value >> np.uint64(32)) * np.uint64(blocks)) >> np.uint64(32)


@compiled
def _mask(value: Any) -> Any:  # pragma: no cover
    one, low = np.uint64(1), np.uint64(63)
    return (one << (value & low)) | (one << ((value >> np.uint64(6)) & low)) | (one << ((value >> np.uint64(12)) & low))


@compiled
def _search(hashes: Hashes, value: Any) -> int:  # pragma: no cover
    """Index of the first of ascending `hashes` that is `value`, or -1."""
    first, last = 0, len(hashes)
    while first < last:
        middle = (first + last) >> 1
        if hashes[middle] < value:
            first = middle + 1
        else:
            last = middle
    return first if first < len(hashes) and hashes[first] == value else -1


@compiled
def find(
    data: Bytes, start: int, size: int, lower: NDArray[np.uint32], bits: Hashes, hashes: Hashes
) -> tuple[int, int]:  # pragma: no cover
    """The first run of `size` words of data[start:] whose hash is one of `hashes`.

    A text of fewer words is one run, but only where `start` is 0: from within, it would be a part of a text.

    Args:
        data: a text, shape (N,).
        start: where a word of it begins, or 0.
        size: words of a run, at least 1.
        lower: `lower_table()`.
        bits: the filter that `set_bits` filled, shape (B,), at least 1.
        hashes: ascending, shape (G,).

    Returns:
        number of the run's first word, counted from `start`, and the index of the first equal hash; or (-1, -1).
    """
    held = np.empty(size + min(_CHUNK, len(data)) // 2 + 2, dtype=np.uint64)
    held[:size] = 0
    leaving = np.uint64(1)
    for _ in range(size):
        leaving *= _WORD
    rolled, word = np.uint64(0), np.uint64(0)
    within = False
    at, seen, blocks = start, 0, len(bits)
    while at < len(data):
        at, count, word, within = _cut(data, at, min(at + _CHUNK, len(data)), lower, held, size, word, within)
        if at >= len(data) and within:
            held[count] = word ^ (word >> np.uint64(32))
            count += 1
        for i in range(size, count):
            rolled = rolled * _WORD + held[i] - held[i - size] * leaving
            value = _mix(rolled + np.uint64(size))
            mask = _mask(value)
            if bits[_block(value, blocks)] & mask == mask and seen + i - size >= size - 1:
                index = _search(hashes, value)
                if index >= 0:
                    return seen + i - size - size + 1, index
        seen += count - size
        for i in range(size):
            held[i] = held[count - size + i]
    if start == 0 and 0 < seen < size:
        value = _mix(rolled + np.uint64(seen))
        return 0, _search(hashes, value)
    return -1, -1
