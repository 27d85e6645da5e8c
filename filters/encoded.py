"""Encoded: data written as text, such as base64, tables of numbers and packed scripts, which no reader can judge."""

import re
from typing import Literal, NamedTuple

import numpy as np
from pydantic import Field

from filters.base import Filter, Refusal
from schemas.records import Pair

_WORD = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{32,}+={0,2}")
_DIGITS = re.compile(r"-?(?:0[xX])?[0-9A-Fa-f]+[uUlLn]{0,3}")
_URI = re.compile(r"\bdata:[\w.+-]{1,40}/[\w.+-]{1,60}(?:;[\w=.-]{1,40}){0,3},[A-Za-z0-9+/=%_.!~*'()-]{64,}+")
_ESCAPES = re.compile(
    r"(?:(?>\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\U[0-9A-Fa-f]{8}|\\[0-3]?[0-7]{1,2}"
    r"|%[0-9A-Fa-f]{2}|&#[0-9]{2,6};)){16,}+"
)
_ESCAPE = re.compile(r"\\|%|&#")
_NUMBERS = re.compile(
    r"(?=[0-9])(?<![\w.])(?:(?>[-+]?(?:0[xX][0-9A-Fa-f]{1,32}|0[bB][01]{1,64}|[0-9][0-9.]{0,24}(?:[eE][-+]?[0-9]{1,3})?)"
    r"[uUlLfFnNdDmM]{0,3}[\s,;{}()\[\]\"'\\|+]{1,60}+)){16,}+"
)
_NUMBER = re.compile(r"[0-9][0-9A-Za-z.]{0,34}")
_PACKED = re.compile(
    r"eval\s{0,8}\(\s{0,8}function\s{0,8}\(\s{0,8}p\s{0,8},\s{0,8}a\s{0,8},\s{0,8}c\s{0,8},\s{0,8}k\s{0,8},\s{0,8}e\b"
)
_RENAMED = re.compile(r"\b_0x[0-9a-f]{3,6}\b")
_BETWEEN = re.compile(r"[\s\"'+\\]{1,60}")
MAX_CHARACTERS = 1_000_000
"""Of a text that are looked at; the parser refuses a longer one."""
MAX_RENAMED = 5
"""Different names like `_0x3fa2c1` that a hand-written text may have."""
MIN_RUN = 16
"""Escapes, or numbers, from which a run of them counts."""
WINDOW, STEP = 256, 64
"""Characters over which entropy is taken, and from one window to the next; white space is left out."""
MIN_BITS = {"base64": 4.2, "digits": 2.0}
"""Bits a character of a run, below which it is a ruler, a name or an alphabet rather than data."""


class Run(NamedTuple):
    """A stretch of encoded data.

    Attributes:
        form: what it is, in words.
        start: first character.
        end: one past the last.
        amount: bytes that it stands for, or numbers where it is a table of them.
    """

    form: str
    start: int
    end: int
    amount: int


class Encoded(Filter):
    """Pairs of which the prompt or a side holds encoded data.

    The defaults let constants pass: digests, keys of up to 2,048 bits, tokens, and tables of 256 numbers.

    Attributes:
        max_bytes: that one run of base64, digits, escapes or a `data:` address stands for.
        max_numbers: numbers of one table.
        max_share: of the characters that aren't white space, inside runs of any form.
        min_characters: inside runs, from which their share counts.
        max_bits: entropy, in bits a character, of any two windows of 256 ASCII characters without white space.
    """

    kind: Literal["encoded"] = "encoded"
    max_bytes: int = Field(default=256, ge=16)
    max_numbers: int = Field(default=260, ge=16)
    max_share: float = Field(default=0.9, ge=0, le=1)
    min_characters: int = Field(default=512, ge=1)
    max_bits: float = Field(default=6.0, gt=0, le=7)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`encoded` for the first text that holds too much of it."""
        for name, text in (("prompt", pair.prompt), ("chosen", pair.chosen), ("rejected", pair.rejected)):
            detail = self.encoded_text(text)
            if detail is not None:
                return Refusal("encoded", f"{name}: {detail}")
        return None

    def encoded_text(self, text: str) -> str | None:
        """What in `text` is encoded beyond the bounds, or None."""
        text = text[:MAX_CHARACTERS]
        packed = packed_script(text)
        if packed is not None:
            return packed
        found = runs(text)
        for run in found:
            most = self.max_numbers if run.form == "numbers" else self.max_bytes
            if run.amount > most:
                unit = "numbers" if run.form == "numbers" else f"bytes as {run.form}"
                return f"{run.amount} {unit} in one run, at most {most}"
        inside = covered(text, found)
        if inside >= self.min_characters:
            share = inside / len("".join(text.split()))
            if share > self.max_share:
                return f"{share:.2f} of it in runs of encoded data, at most {self.max_share}"
        bits = entropy(text)
        return f"{bits:.2f} bits a character, at most {self.max_bits}" if bits > self.max_bits else None


def packed_script(text: str) -> str | None:
    """What says that a script was packed or had its names replaced by a tool, or None."""
    if "eval" in text and _PACKED.search(text):
        return "holds a packed script"
    if "_0x" in text:
        names = set(_RENAMED.findall(text))
        if len(names) > MAX_RENAMED:
            return f"{len(names)} names like {min(names)}, at most {MAX_RENAMED}"
    return None


def runs(text: str) -> list[Run]:
    """Stretches of encoded data, by form and place; two forms may overlap."""
    found = []
    if "data:" in text:
        found += [Run("a data: address", *m.span(), len(m[0]) * 3 // 4) for m in _URI.finditer(text)]
    found += _joined(text, [run for match in _WORD.finditer(text) if (run := _word(match)) is not None])
    if sum(map(text.count, ("\\", "%", "&#"))) >= MIN_RUN:
        found += [Run("escapes", *m.span(), len(_ESCAPE.findall(m[0]))) for m in _ESCAPES.finditer(text)]
    for match in _NUMBERS.finditer(text):
        found.append(Run("numbers", *match.span(), len(_NUMBER.findall(match[0]))))
    return found


def _word(match: re.Match[str]) -> Run | None:
    """The run that a long word is, or None for a name."""
    word = match[0]
    if _DIGITS.fullmatch(word):
        digits = word.lstrip("-").removeprefix("0x").removeprefix("0X")
        return Run("digits", *match.span(), len(digits) // 2) if bits_of(word) >= MIN_BITS["digits"] else None
    mixed = all(sum(map(kind, word)) > len(word) / 20 for kind in (str.isupper, str.islower, str.isdigit))
    return Run("base64", *match.span(), len(word) * 3 // 4) if mixed and bits_of(word) >= MIN_BITS["base64"] else None


def _joined(text: str, found: list[Run]) -> list[Run]:
    """Runs of one form with only quotes and white space between them as one: a long string in lines."""
    joined: list[Run] = []
    for run in found:
        last = joined[-1] if joined else None
        if last is not None and last.form == run.form and _BETWEEN.fullmatch(text, last.end, run.start):
            joined[-1] = Run(run.form, last.start, run.end, last.amount + run.amount)
        else:
            joined.append(run)
    return joined


def covered(text: str, found: list[Run]) -> int:
    """Characters inside any of the runs, white space left out."""
    total, at = 0, 0
    for run in sorted(found, key=lambda run: run.start):
        start = max(at, run.start)
        if start < run.end:
            total += len("".join(text[start : run.end].split()))
            at = run.end
    return total


def entropy(text: str) -> float:
    """Second highest entropy, in bits a character, over windows of a text's ASCII characters; 0 for a short text.

    Two windows, since a single one may be an alphabet written out.
    """
    data = np.frombuffer(text.encode("ascii", "ignore"), np.uint8)
    data = data[(data > 0x20) & (data < 0x7F)]
    if len(data) < WINDOW + STEP:
        return 0.0
    windows = np.lib.stride_tricks.sliding_window_view(data, WINDOW)[::STEP]
    rows = np.repeat(np.arange(len(windows), dtype=np.int64) * 128, WINDOW)
    counts = np.bincount(rows + windows.ravel(), minlength=len(windows) * 128)
    shares = _TERMS[counts].reshape(len(windows), 128).sum(axis=1)
    return float(np.partition(shares, -2)[-2])


def bits_of(run: str) -> float:
    """Entropy of a run, in bits a character, of its first 4,096."""
    counts = np.bincount(np.frombuffer(run[:4096].encode("ascii"), np.uint8))
    shares = counts[counts > 0] / min(len(run), 4096)
    return float(-(shares * np.log2(shares)).sum())


def _terms() -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """-p log2 p for each count of a window; shape (WINDOW + 1,)."""
    shares = np.arange(WINDOW + 1) / WINDOW
    return np.concatenate((np.zeros(1), -(shares[1:] * np.log2(shares[1:]))))


_TERMS = _terms()
