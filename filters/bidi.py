"""Bidi: text that reads as something else than it is, by characters that turn, hide or imitate.

Sources: N. Boucher, R. Anderson, "Trojan Source: Invisible Vulnerabilities" (CVE-2021-42574, CVE-2021-42694); Unicode
Standard Annex 9 (bidirectional controls); Unicode Technical Standards 39 (mixed scripts, skeletons) and 51 (emoji).
"""

import unicodedata
from typing import Literal

from filters.base import Filter, Refusal
from filters.homoglyphs import homoglyph
from filters.text_parts import Parts, parts
from schemas.records import Pair

_TURNING = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
_MARKS = frozenset("\u200e\u200f\u061c")
_SPACES = frozenset("\t\n\r\f")
_ASCII_CONTROLS = bytes(at for at in (*range(0x20), 0x7F) if chr(at) not in _SPACES)
_HIDDEN_LETTERS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Invisible, yet letters, marks or symbols by category: fillers, the grapheme joiner, the empty Braille pattern."""
_JOINING = frozenset(
    ("ARABIC", "SYRIAC", "NKO", "MANDAIC", "MONGOLIAN", "DEVANAGARI", "BENGALI", "GURMUKHI", "GUJARATI", "ORIYA",
     "TAMIL", "TELUGU", "KANNADA", "MALAYALAM", "SINHALA", "KHMER", "MYANMAR", "TIBETAN", "LIMBU")
)  # fmt: skip
"""Scripts that are spelt with zero-width joiners and non-joiners."""
_FLAG, _FLAG_END, _MAX_FLAG = "\U0001f3f4", "\U000e007f", 7


class Bidi(Filter):
    """Pairs whose prompt or side holds characters that make it look like something else.

    Right-to-left text, Greek formulas, Chinese, Japanese and Korean, and emoji pass, each spelt as its script is.
    """

    kind: Literal["bidi"] = "bidi"

    def refuse(self, pair: Pair) -> Refusal | None:
        """`bidi`, `invisible` or `homoglyph`, for the first text that holds such a thing."""
        for name, text in (("prompt", pair.prompt), ("chosen", pair.chosen), ("rejected", pair.rejected)):
            found = _plain(text) if text.isascii() else _refusal(text, pair.language if name != "prompt" else None)
            if found is not None:
                return Refusal(found.reason, f"{name}: {found.detail}")
        return None


def _plain(text: str) -> Refusal | None:
    """The refusal of a text that is all ASCII, where only control characters can hide."""
    data = text.encode("ascii")
    if len(data.translate(None, _ASCII_CONTROLS)) == len(data):
        return None
    return next(
        (Refusal("invisible", _named(text, at)) for at, c in enumerate(text) if ord(c) in _ASCII_CONTROLS), None
    )


def _refusal(text: str, language: str | None) -> Refusal | None:
    """The refusal of any text.

    Args:
        text: the prompt or a side.
        language: of a side; None for a prompt, which is prose.
    """
    known = parts(text, language)
    for at, c in enumerate(text):
        if c < "\x7f" and (c >= " " or c in _SPACES):
            continue
        reason = _reason(text, at, known)
        if reason is not None:
            return Refusal(reason, _named(text, at))
    found = homoglyph(known.words)
    return Refusal("homoglyph", found) if found is not None else None


def _reason(text: str, at: int, known: Parts) -> str | None:
    """`bidi` or `invisible` where the character at `at` is refused."""
    c = text[at]
    if c in _TURNING:
        return "bidi"
    if c in _MARKS:
        return None if known.is_prose(at) and _right_to_left(text, at) else "bidi"
    if c in _HIDDEN_LETTERS or unicodedata.category(c) in ("Cf", "Cc", "Zl", "Zp") or _is_selector(c):
        return None if _spelt(text, at, known) else "invisible"
    return None


def _spelt(text: str, at: int, known: Parts) -> bool:
    """Whether an invisible character stands where the rules of its script or of emoji want it."""
    c, before, after = text[at], text[at - 1 : at], text[at + 1 : at + 2]
    if c == "\ufeff":
        return at == 0
    if c in _SPACES:
        return True
    if not known.is_prose(at):
        return False
    if _is_selector(c):
        return _takes_selector(before, after)
    if c == "\u2800":
        return "BRAILLE" in (_script(before or " "), _script(after or " "))  # as one frame of a spinner
    if c in "\u200c\u200d" and before and _script(before) in _JOINING:
        return True
    if c == "\u200d":
        return bool(before and after) and _is_emoji_part(before) and unicodedata.category(after) in ("So", "Sm")
    if 0xE0020 <= ord(c) <= 0xE007F:
        return _in_flag(text, at)
    return unicodedata.category(c) == "Cf" and unicodedata.bidirectional(c) in ("AN", "AL")  # Arabic number signs


def _takes_selector(before: str, after: str) -> bool:
    """Whether a variation selector has something to vary: a symbol, an ideograph, or a key of a keypad."""
    if not before:
        return False
    if after == "\u20e3":
        return before in "0123456789#*"
    symbol = unicodedata.category(before) in ("So", "Sm", "Sk", "Po", "Pd") or before == "\u2139"
    return symbol or _script(before) in ("CJK", "MONGOLIAN")


def _in_flag(text: str, at: int) -> bool:
    """Whether a tag character spells a region's flag: a black flag, few tags, and the tag that ends them."""
    start = text.rfind(_FLAG, max(0, at - _MAX_FLAG), at)
    end = text.find(_FLAG_END, at, at + _MAX_FLAG)
    return 0 <= start < end <= start + _MAX_FLAG and all(0xE0020 <= ord(c) <= 0xE007F for c in text[start + 1 : end])


def _right_to_left(text: str, at: int) -> bool:
    """Whether the line around `at` holds a letter that is written from right to left; 500 characters are looked at."""
    start = max(text.rfind("\n", max(0, at - 500), at) + 1, at - 500, 0)
    end = text.find("\n", at, at + 500)
    line = text[start : end if end >= 0 else at + 500]
    return any(c not in _MARKS and unicodedata.bidirectional(c) in ("R", "AL") for c in line)


def _is_selector(c: str) -> bool:
    return "\ufe00" <= c <= "\ufe0f" or "\U000e0100" <= c <= "\U000e01ef" or "\u180b" <= c <= "\u180f"


def _is_emoji_part(c: str) -> bool:
    return unicodedata.category(c) in ("So", "Sk") or c == "\ufe0f"


def _script(c: str) -> str:
    return unicodedata.name(c, "").partition(" ")[0].partition("-")[0]


def _named(text: str, at: int) -> str:
    c = text[at]
    return f"U+{ord(c):04X} {unicodedata.name(c, 'control character')} in line {text.count(chr(10), 0, at) + 1}"
