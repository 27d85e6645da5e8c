"""Compiled passes that decontamination makes seldom: over a benchmark's prompts, and over a text that hit."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from filters.gram_kernels import Bytes, Hashes, code_point, compiled, gram_hashes, word_hashes

_SPACE = np.uint8(32)


@compiled
def span(
    data: Bytes, start: int, first: int, size: int, lower: NDArray[np.uint32]
) -> tuple[int, int, int]:  # pragma: no cover
    """Where the run of `size` words from word `first` of data[start:] begins, where its second word does, its end."""
    begin, second, end = -1, len(data), len(data)
    number, within, at = -1, False, start
    while at < len(data):
        here = at
        code = np.uint32(data[at])
        if code < 128:
            at += 1
        else:
            code, at = code_point(data, at)
        inside = lower[code] != 0
        if inside and not within:
            number += 1
            if number == first:
                begin = here
            elif number == first + 1:
                second = here
        elif within and not inside and number == first + size - 1:
            end = here
            second = min(second, end)
            break
        within = inside
    return begin, second, end


@compiled
def normal(data: Bytes, lower: NDArray[np.uint32]) -> Bytes:  # pragma: no cover
    """The words of a text in lower case with a space between, as UTF-8; shape (M,), M <= 3 N / 2 + 1."""
    out = np.empty(len(data) + len(data) // 2 + 2, dtype=np.uint8)
    size, at, within = 0, 0, False
    while at < len(data):
        code = np.uint32(data[at])
        if code < 128:
            at += 1
        else:
            code, at = code_point(data, at)
        low = lower[code]
        if low != 0:
            if not within and size:
                out[size] = _SPACE
                size += 1
            size = _put(out, size, low)
        within = low != 0
    return out[:size].copy()


@compiled
def row_grams(
    texts: Bytes, ends: Hashes, size: int, lower: NDArray[np.uint32]
) -> tuple[Hashes, NDArray[np.uint32], Hashes]:  # pragma: no cover
    """Every gram of several rows.

    Args:
        texts: the rows' normal texts on end, shape (T,).
        ends: of each row's text, shape (R,).
        size: words of a gram; a shorter row is one gram.
        lower: `lower_table()`.

    Returns:
        the grams' hashes, their rows' numbers, and where in `texts` each begins; shape (G,) each.
    """
    most = (len(texts) + len(ends)) // 2 + 1
    hashes, rows, places = np.empty(most, np.uint64), np.empty(most, np.uint32), np.empty(most, np.uint64)
    count = 0
    begin: Any = 0
    for row in range(len(ends)):
        end = np.int64(ends[row])
        own = gram_hashes(word_hashes(texts[begin:end], lower), size)
        for i in range(len(own)):
            hashes[count], rows[count], places[count] = own[i], row, begin
            count += 1
            while begin < end and texts[begin] != _SPACE:
                begin += 1
            begin += 1
        begin = end
    return hashes[:count].copy(), rows[:count].copy(), places[:count].copy()


@compiled
def distinct(
    hashes: Hashes, rows: NDArray[np.uint32], places: Hashes, texts: Bytes, ends: Hashes, size: int
) -> NDArray[np.bool_]:  # pragma: no cover
    """Which grams to keep, so that each is there once: the first of those with the same words.

    Args:
        hashes: ascending, the first row of equal ones first; shape (G,).
        rows: of each gram, shape (G,).
        places: where in `texts` each gram begins, shape (G,).
        texts: the rows' normal texts on end, shape (B,).
        ends: of each row's text, shape (R,).
        size: words of a gram; a shorter row is one gram.
    """
    keep = np.ones(len(hashes), dtype=np.bool_)
    first = 0
    for i in range(1, len(hashes)):
        if hashes[i] != hashes[first]:
            first = i
        for j in range(first, i):
            if keep[j] and _same(texts, places[j], ends[rows[j]], places[i], ends[rows[i]], size):
                keep[i] = False
                break
    return keep


@compiled
def _same(texts: Bytes, one: Any, one_end: Any, other: Any, other_end: Any, size: int) -> bool:  # pragma: no cover
    left = size
    while True:
        over = one == one_end or texts[one] == _SPACE
        if over != (other == other_end or texts[other] == _SPACE):
            return False
        if over:
            left -= 1
            if left == 0 or one == one_end or other == other_end:
                return left == 0 or (one == one_end and other == other_end)
        elif texts[one] != texts[other]:
            return False
        one += np.uint64(1)
        other += np.uint64(1)


@compiled
def _put(out: Bytes, at: int, code: Any) -> int:  # pragma: no cover
    if code < 0x80:
        out[at] = code
        return at + 1
    if code < 0x800:
        out[at] = 0xC0 | (code >> 6)
        out[at + 1] = 0x80 | (code & 63)
        return at + 2
    if code < 0x10000:
        out[at] = 0xE0 | (code >> 12)
        out[at + 1] = 0x80 | ((code >> 6) & 63)
        out[at + 2] = 0x80 | (code & 63)
        return at + 3
    out[at] = 0xF0 | (code >> 18)
    out[at + 1] = 0x80 | ((code >> 12) & 63)
    out[at + 2] = 0x80 | ((code >> 6) & 63)
    out[at + 3] = 0x80 | (code & 63)
    return at + 4
