"""Code share: an answer that is mostly prose, such as an explanation, a refusal or commented-out code, is no code."""

import re
from typing import Literal

from pydantic import Field

from filters.base import Filter, Refusal
from filters.text_parts import COMMENTS, STRINGS, dense, spans, without
from parsers.language import languages
from parsers.parsed import parsed
from parsers.syntax import error_bytes
from schemas.errors import ParseRefused
from schemas.records import Pair

_FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,})[^\n`]{0,100}$", re.MULTILINE)
_CODE = re.compile(rb"[{}]|;\s*$|[=!<>]=|=>|->|&&|\|\||::|\w[(\[]|\w = |:=")
_FUNCTION_WORDS = frozenset(
    b"""also an are be because been but can cannot could does has have here it its my of on our please should so sorry
    than that the their then there these they those to was we were which will would you your""".split()
)
"""English words that hold sentences together and that code has no use for."""
MIN_WORDS = 5
MIN_FUNCTION_WORDS = 2
MIN_PLAIN = 0.6
"""Share of a line's words that are letters only, from which it may be a sentence."""
BROKEN = 0.3
"""Share of bytes that do not parse, from which a line may be prose of any language: its shape is enough."""
_AROUND = b".,:;!?\"'()`*"


class CodeShare(Filter):
    """Pairs of which a side is no code for the most part.

    Documentation is no code, but belongs to it: little code is enough beside it. A pair in a language without a grammar
    (`NL`) passes. A side with Markdown fences is read as Markdown where it does not parse as code.

    Attributes:
        min_share: of characters that aren't white space, outside comments, docstrings and prose.
        max_prose: of characters outside comments and docstrings, in lines that read as prose.
    """

    kind: Literal["code_share"] = "code_share"
    min_share: float = Field(default=0.03, ge=0, le=1)
    max_prose: float = Field(default=0.2, ge=0, le=1)

    def refuse(self, pair: Pair) -> Refusal | None:
        """`prose` for the first side with too little code or too much prose; the parser's reason where it refuses."""
        if pair.language not in languages():
            return None
        for side, answer in (("chosen", pair.chosen), ("rejected", pair.rejected)):
            try:
                code, prose, total = shares(pair.language, answer)
            except ParseRefused as error:
                return Refusal(error.reason, f"{side}: {error.detail}")
            if code <= self.min_share * total:
                return Refusal("prose", f"{side}: {_share(code, total)} of it code, at least {self.min_share:g}")
            if prose > self.max_prose * (code + prose):
                found = _share(prose, code + prose)
                return Refusal("prose", f"{side}: {found} of it reads as prose, at most {self.max_prose:g}")
        return None


def shares(language: str, text: str) -> tuple[int, int, int]:
    """Bytes of code, bytes of prose outside comments, and all bytes; white space is left out of each.

    Raises:
        ParseRefused: as `parse` does.
    """
    syntax = parsed(language, text)
    broken = error_bytes(syntax.root)
    if broken and _FENCE.search(text):
        fenced, around = _unfenced(text)
        if fenced.strip():
            code, prose, total = shares(language, fenced)
            return code, prose + around, total + around
    comments = spans(syntax, *COMMENTS)
    rest = without(syntax.data, comments)
    any_tongue = broken > BROKEN * len(syntax.data)
    prose = _prose(rest, any_tongue)
    if prose:  # lines inside a string, such as a query, are its code's
        prose = _prose(without(syntax.data, comments + spans(syntax, *STRINGS)), any_tongue)
    return len(dense(rest)) - prose, prose, len(dense(syntax.data))


def _unfenced(text: str) -> tuple[str, int]:
    """What stands between Markdown fences, and the bytes around it."""
    marks = [match.span() for match in _FENCE.finditer(text)]
    inside, around, at = [], 0, 0
    for (start, opened), (closed, end) in zip(marks[::2], [*marks[1::2], (len(text), len(text))], strict=False):
        around += len(dense(text[at:start].encode("utf-8", "replace")))
        inside.append(text[opened:closed])
        at = end
    return "\n".join(inside), around + len(dense(text[at:].encode("utf-8", "replace")))


def _prose(data: bytes, any_tongue: bool) -> int:
    """Bytes, less white space, of lines that read as sentences rather than as code.

    Args:
        data: text without comments.
        any_tongue: whether the words may be of any language; English ones are asked for otherwise.
    """
    total = 0
    for line in data.split(b"\n"):
        if line.count(b" ") < MIN_WORDS - 1:
            continue
        words = line.split()
        plain = [word.lower() for word in (word.strip(_AROUND) for word in words) if _is_plain(word)]
        if len(plain) < max(MIN_WORDS, MIN_PLAIN * len(words)):
            continue
        if not any_tongue and sum(word in _FUNCTION_WORDS for word in plain) < MIN_FUNCTION_WORDS:
            continue
        if not _CODE.search(line):
            total += sum(map(len, words))
    return total


def _is_plain(word: bytes) -> bool:
    """Whether a word is of letters only, ASCII or not, or a contraction such as `don't`."""
    return word.isalpha() or (bool(word) and (word[0] >= 0x80 or word.replace(b"'", b"").isalpha()))


def _share(part: int, whole: int) -> str:
    return f"{part / max(1, whole):.2f}"
