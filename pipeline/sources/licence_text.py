"""The licence whose text a LICENSE file holds, or that a source file's header names, as an SPDX expression.

A text is brought down to its words, then looked for by phrases that only that licence has, its opening first. Of the
variants that share an opening the one is taken whose own clauses are there, no others are, and whose length is the
known one; an opening that no variant fits, a second licence, or words that take something back give None. Phrases and
lengths are our own selection from the texts that https://spdx.org/licenses lists.
"""

import re
from functools import lru_cache

from pipeline.sources.licence_phrases import BSD, ISC, MIT, TEXTS, Text
from pipeline.sources.licenses import spdx

MAX_CHARS = 200_000
"""Of a licence file; a longer one is a collection."""

MAX_OUTSIDE = 4_000
"""Characters (of words) that may stand around the licence: names of authors, notices. More is something else too."""

MAX_NOTICE = 3_000
"""Characters (of words) of a file that only says what the licence is."""

MAX_EXCEPTION = 700
"""Characters (of words) around a licence that has a known exception."""

HEADER_LINES = 64
HEADER_CHARS = 20_000

_WORD_BYTES = bytes(byte if chr(byte).isascii() and chr(byte).isalnum() else 32 for byte in range(256))


def _grouped() -> dict[str, tuple[Text, ...]]:
    starts = dict.fromkeys(text.start for text in TEXTS)
    return {start: tuple(text for text in TEXTS if text.start == start) for start in starts}


_BY_START = _grouped()

_DOUBT = re.compile(
    r"\b(?:except\w*|commons clause|alternatively|dual\w*|tri licen\w*|either|multiple licen\w*|different\w* licen\w*|"
    r"other licen[sc]es|following licen[sc]es|additional (?:terms|restrictions?|permissions?)|non commercial|"
    r"noncommercial|proprietary|commercial licen\w*|secondary licenses)\b"
)
"""Words around a licence that take part of it back, or offer another."""

_EXCEPTIONS = (
    ("MIT", "embedded portions in such object form without including the above copyright", "MIT WITH fmt-exception"),
)

_HARMLESS = re.compile(r"except in compliance with the license|either express or implied|with llvm exceptions?")
"""Of the Apache notice."""


_HYPHEN = re.compile(r"(?<=[A-Za-z])-\n[ \t*#/]*(?=[A-Za-z])")
"""A word parted at the end of a line."""


def _words(text: str) -> str:
    """The ASCII letters and digits of `text`, in lower case, other runs as one space."""
    return b" ".join(text.encode("ascii", "replace").lower().translate(_WORD_BYTES).split()).decode("ascii")


def licence_of_text(text: str) -> str | None:
    """SPDX expression of the licence whose text this is; None where it is none, several, a changed one, or in doubt.

    A file that only says under which licence something is (no text) is read as a header is.

    Args:
        text: a LICENSE or COPYING file.
    """
    if len(text) > MAX_CHARS:
        return None
    found = _of_words(_words(text))
    if found is None and _HYPHEN.search(text):
        found = _of_words(_words(_HYPHEN.sub("", text)))
    return found


def _of_words(words: str) -> str | None:
    """The licence in the words of a whole file."""
    spans: list[tuple[int, int]] = []
    names: set[str] = set()
    for start, variants in _BY_START.items():
        at = words.find(start)
        while at >= 0:
            match = _variant(words, at, variants)
            if match is None:
                return None
            names.add(match[0])
            spans.append((at, match[1]))
            at = words.find(start, match[1])
    if not names:
        return _of_notice(words) if len(words) <= MAX_NOTICE else None
    outside = _outside(words, spans)
    if len(names) == 1 and (exception := _exception(min(names), outside)) is not None:
        return exception
    if len(outside) > MAX_OUTSIDE or _DOUBT.search(_HARMLESS.sub("", outside)) or not _named(outside) <= names:
        return None
    if names == {"GPL-3.0-only", "LGPL-3.0-only"}:  # the latter is the former with permissions added
        return "LGPL-3.0-only"
    return names.pop() if len(names) == 1 else None


def _variant(words: str, at: int, variants: tuple[Text, ...]) -> tuple[str, int] | None:
    """The variant that the words from `at` are, and where it ends."""
    for text in variants:
        least, most = text.chars
        span = words[at : at + most]
        ends = [
            found + len(end)
            for end in text.ends
            if (found := span.rfind(end) if len(text.ends) > 1 else span.find(end)) >= 0
        ]
        if not ends or max(ends) < least:
            continue
        span = span[: max(ends)]
        if all(phrase in span for phrase in text.needs) and not any(phrase in span for phrase in text.bars):
            return text.name, at + len(span)
    return None


def _exception(name: str, outside: str) -> str | None:
    """The licence with a known exception, where that is all that the words around it add."""
    for base, phrase, expression in _EXCEPTIONS:
        if name == base and phrase in outside and len(outside) <= MAX_EXCEPTION:
            return expression
    return None


def _outside(words: str, spans: list[tuple[int, int]]) -> str:
    """The words outside the spans."""
    parts = []
    last = 0
    for start, end in sorted(spans):
        parts.append(words[last:start])
        last = max(last, end)
    return " ".join((*parts, words[last:]))


_TAG = re.compile(r"SPDX-License-Identifier:[ \t]*([^\r\n]{1,200})")
_CLOSERS = re.compile(r"(?:\*/|-->|\*\)|#\}|--%>|\"\"\"|'''|\s)+$")
_GNU = re.compile(
    r"\bgnu (lesser |library |affero |)general public license "
    r"(?:as published by the free software foundation (?:either )?version (\d(?: [01])?\b)(?: of the license)?|"
    r"(?:either )?version (\d(?: [01])?\b)(?: of the license)? as published by the free software foundation)"
    r"( only)?( or at your option any later version| or any later version| or later)?"
)
_UNDER = r"\bunder (?:the )?(?:terms of the )?"
_NOTICES = (
    (re.compile(rf"{_UNDER}apache (?:license version 2 0|2 0 license)\b"), "Apache-2.0"),
    (re.compile(rf"{_UNDER}mit(?: software)? license\b"), "MIT"),
    (re.compile(rf"{_UNDER}(?:bsd 2 clause|2 clause bsd|simplified bsd) license\b"), "BSD-2-Clause"),
    (re.compile(rf"{_UNDER}(?:bsd 3 clause|3 clause bsd|new bsd|modified bsd) license\b"), "BSD-3-Clause"),
    (re.compile(rf"{_UNDER}isc license\b"), "ISC"),
    (re.compile(rf"{_UNDER}boost software license version 1 0\b"), "BSL-1.0"),
    (re.compile(r"\bsubject to the terms of the mozilla public license v(?:ersion)? 2 0\b"), "MPL-2.0"),
    (re.compile(rf"{_UNDER}eclipse public license v(?:ersion)? ?1 0\b"), "EPL-1.0"),
    (re.compile(rf"{_UNDER}eclipse public license v(?:ersion)? ?2 0\b"), "EPL-2.0"),
)
_NOTICE_DOUBT = re.compile(
    r"\b(?:special exception|linking exception|commons clause|alternatively|dual\w*|either the|secondary licenses|"
    r"incompatible with secondary|additional (?:terms|permissions?)|other licen[sc]es|"
    r"(?:mit|apache|bsd|isc) (?:or|and) )"
)
_KINDS = {"": "GPL", "lesser ": "LGPL", "library ": "LGPL", "affero ": "AGPL"}
_LINE_COMMENT = re.compile(r"\s*(?://|#|--|;|%|\*)")
_BLOCKS = (("/*", "*/"), ("<!--", "-->"), ("=begin", "=end"), ('"""', '"""'), ("'''", "'''"), ("{#", "#}"))


def licence_of_header(text: str) -> str | None:
    """SPDX expression that the comments at a source file's top state; None where they state none, or are in doubt.

    `SPDX-License-Identifier` lines come first (of several, all hold: REUSE specification 3), then a licence's own text
    or the notice that it recommends.

    Args:
        text: a source file; its first 64 lines are looked at.
    """
    comments = _comments(text[:HEADER_CHARS])
    tags = [_CLOSERS.sub("", match[1]) for match in _TAG.finditer(comments)]
    if tags:
        known = {_tag(tag) for tag in tags}
        return None if None in known else spdx(" AND ".join(f"({name})" for name in sorted(map(str, known))))
    return _of_header_words(_words(comments))


def _tag(tag: str) -> str | None:
    """A tag's expression; bare `BSD`, which packages say for several licences, is none."""
    return None if tag.casefold() == "bsd" else spdx(tag)


@lru_cache(maxsize=512)
def _of_header_words(words: str) -> str | None:
    if any(start in words for start in (MIT, BSD, ISC)):
        return _of_words(words)
    return _of_notice(words)


def _of_notice(words: str) -> str | None:
    """The one licence that a notice names."""
    if _NOTICE_DOUBT.search(words):
        return None
    names = _named(words)
    return names.pop() if len(names) == 1 else None


def _named(words: str) -> set[str]:
    """The licences that notices in the words name."""
    names = {name for pattern, name in _NOTICES if pattern.search(words)}
    return names | {_gnu(match) for match in _GNU.finditer(words)}


def _gnu(match: re.Match[str]) -> str:
    version = (match[2] or match[3]).replace(" ", ".")
    number = version if "." in version else f"{version}.0"
    return f"{_KINDS[match[1]]}-{number}-{'or-later' if match[5] else 'only'}"


def _comments(text: str) -> str:
    """The comment lines among the first lines, a docstring's among them."""
    kept: list[str] = []
    closer = ""
    for line in text.splitlines()[:HEADER_LINES]:
        bare = line.lstrip()
        if closer:
            kept.append(line)
            if closer in line:
                closer = ""
            continue
        opened = next((pair for pair in _BLOCKS if bare.startswith(pair[0])), None)
        if opened is not None:
            kept.append(line)
            closer = "" if opened[1] in bare[len(opened[0]) :] else opened[1]
        elif _LINE_COMMENT.match(line):
            kept.append(line)
    return "\n".join(kept)
