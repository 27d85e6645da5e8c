"""Texts of made-up pairs, cheaply: excerpts of real files, prompts for them, and edits that make a second side.

Nothing here judges quality: these pairs load the filters, they don't teach anything.
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import chain
from random import Random
from typing import NamedTuple

from parsers.documentation import is_header, plain_comment

TYPICAL_BYTES = 4_600
SPREAD = 0.7
MAX_BYTES = 16_000
MIN_BYTES = 150
_HEADER_BYTES = 6_000
_DOC_CHARS = 700

_BORDER = re.compile(rb"\n[ \t\r]*\n")
_COMMENT_BLOCK = re.compile(r"/\*.{20,1500}?\*/|(?:^[ \t]*//[^\n]*\n){2,40}|(?:^[ \t]*# [^\n]*\n){2,40}", re.S | re.M)
_DOCSTRING = re.compile(r'"""(.{20,1500}?)"""', re.S)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{3,40}")
_COMPARISON = re.compile(r"(?<=[\w)\]] )(?:<=|>=|==|!=|<|>|&&|\|\|)(?= )")
_NUMBER = re.compile(r"(?<![\w.])[1-9][0-9]{0,3}(?![\w.])")
_STATEMENT = re.compile(r"^[ \t]+[\w$@*][^\n{}]{3,200}[;)]\n", re.M)
_COMMENT = re.compile(r"^[ \t]*(?://|#(?!include|define|if|e|pragma|region))[^\n]*\n", re.M)
_TURNED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||", "||": "&&"}
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]{2,}(?![a-z])")


class Edit(NamedTuple):
    """Characters `start` to `end` become `text`."""

    start: int
    end: int
    text: str


def excerpts(data: bytes, seed: str) -> list[tuple[int, int]]:
    """Byte ranges that tile a file, cut at blank lines, most of 1 to 12 kB; a licence at its top is left out.

    Each begins and ends at a line; a cut prefers a blank line before one that is not indented.
    """
    random = Random(seed)
    borders = [match.end() for match in _BORDER.finditer(data)]
    outer = {at for at in borders if data[at : at + 1] not in (b" ", b"\t", b"}", b"")}
    found = []
    start = _after_header(data)
    while start < len(data):
        wanted = start + min(int(TYPICAL_BYTES * random.lognormvariate(0, SPREAD)), MAX_BYTES)
        end = _cut(data, start, wanted, borders, outer)
        if end - start <= 2 * MAX_BYTES and len(data[start:end].strip()) >= MIN_BYTES:
            found.append((start, end))
        start = end
    return found


def _cut(data: bytes, start: int, wanted: int, borders: list[int], outer: set[int]) -> int:
    """Where an excerpt from `start` ends: at a blank line near `wanted`, else at a line's end, else at the file's."""
    if wanted >= len(data):
        return len(data)
    near = borders[bisect_left(borders, wanted) : bisect_right(borders, wanted + (wanted - start) // 2)]
    if near:
        return next((at for at in near if at in outer), near[0])
    return data.find(b"\n", wanted) + 1 or len(data)


def _after_header(data: bytes) -> int:
    """Where the text after a leading licence comment begins; 0 where there is none."""
    at = 0
    for line in data[:_HEADER_BYTES].splitlines(keepends=True):
        bare = line.strip()
        if bare and not bare.startswith((b"/*", b"*", b"//", b"# ", b"#!", b"--")) and bare != b"#":
            break
        at += len(line)
    return at if is_header(data[:at].decode("utf-8", "replace")) else 0


def documentation(text: str) -> str:
    """The excerpt's first comment or docstring that says something, as plain text; empty where there is none."""
    head = text[:_HEADER_BYTES]
    for match in chain(_COMMENT_BLOCK.finditer(head), _DOCSTRING.finditer(head)):
        plain = plain_comment(match[0].strip('"'))[:_DOC_CHARS]
        if len(plain.split()) >= 6 and not is_header(plain) and plain.count(";") < 4:
            return plain
    return ""


def identifiers(text: str) -> list[str]:
    """Up to eight names that the text uses most, longest words first among equals."""
    counts = Counter(_IDENTIFIER.findall(text[:4_000]))
    return sorted(counts, key=lambda name: (-counts[name] * min(len(name), 12), name))[:8]


def prompt(text: str, language: str, random: Random) -> str:
    """A request that could lead to the text: its documentation, else a sentence made of its names."""
    doc, names = documentation(text), identifiers(text)
    if not names:
        return f"Write a short piece of {language} code that does what the following says.\n\n{doc or text[:80]}"
    quoted = ", ".join(f"`{name}`" for name in names[:3])
    if doc:
        forms: tuple[str, ...] = (
            f"{doc}\n\nImplement this in {language}.",
            f"Write {language} code for the following description. It should define or use {quoted}.\n\n{doc}",
            f"I need this in {language}:\n\n{doc}",
            f"How do I write {names[0]} in {language}? {doc}",
        )
        return random.choice(forms)
    about = " ".join(dict.fromkeys(word.lower() for name in names for word in _WORDS.findall(name)))
    forms = (
        f"Write the part of a {language} program that deals with {about}. It should define or use {quoted}.",
        f"Please implement {quoted} in {language}, so that they work together on {about}.",
        f"In {language}, how would you write code around {quoted}? The topic is {about}.",
    )
    return random.choice(forms)


def applied(text: str, edits: list[Edit]) -> str:
    """`text` with disjoint edits made."""
    parts, at = [], 0
    for edit in sorted(edits):
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:]])


def edits(text: str, random: Random) -> list[Edit]:
    """One small change: an operator, a number, a statement, a comment or a name; a line repeated where none fits."""
    for make in random.sample(_MAKERS, len(_MAKERS)):
        if found := make(text, random):
            return found
    end = text.find("\n") + 1 or len(text)
    return [Edit(end, end, text[:end].rstrip("\n") + "\n")]


def _pick(pattern: re.Pattern[str], text: str, random: Random) -> re.Match[str] | None:
    """The first match after a random place, else the first of all."""
    return pattern.search(text, random.randrange(len(text))) or pattern.search(text)


def _turned(text: str, random: Random) -> list[Edit]:
    match = _pick(_COMPARISON, text, random)
    return [Edit(*match.span(), _TURNED[match[0]])] if match else []


def _counted(text: str, random: Random) -> list[Edit]:
    match = _pick(_NUMBER, text, random)
    return [Edit(*match.span(), str(int(match[0]) + 1))] if match else []


def _removed(text: str, random: Random) -> list[Edit]:
    match = _pick(_STATEMENT, text, random)
    return [Edit(*match.span(), "")] if match else []


def _doubled(text: str, random: Random) -> list[Edit]:
    match = _pick(_STATEMENT, text, random)
    return [Edit(match.end(), match.end(), match[0])] if match else []


def _uncommented(text: str, random: Random) -> list[Edit]:
    match = _pick(_COMMENT, text, random)
    return [Edit(*match.span(), "")] if match else []


def _renamed(text: str, random: Random) -> list[Edit]:
    match = _pick(_IDENTIFIER, text, random)
    if match is None:
        return []
    name = match[0]
    new = random.choice((name[:3], f"{name}{random.randrange(2, 9)}", "value", "temp", name.lower()))
    places = _occurrences(text, name)
    return [Edit(at, at + len(name), new) for at in places] if new != name else []


def _occurrences(text: str, name: str, most: int = 40) -> list[int]:
    """Where a name stands as a whole word, the first `most` places."""
    found: list[int] = []
    at = text.find(name)
    while at >= 0 and len(found) < most:
        around = text[at - 1 : at] + text[at + len(name) : at + len(name) + 1]
        if not any(char.isalnum() or char == "_" for char in around):
            found.append(at)
        at = text.find(name, at + len(name))
    return found


_MAKERS: tuple[Callable[[str, Random], list[Edit]], ...] = (
    *(_turned, _counted, _removed, _doubled, _uncommented, _renamed),
)


def borrowed(own: str, other: str, random: Random) -> str:
    """A prompt that holds another one, whole or a run of 15 to 40 of its words."""
    words = other.split()
    if random.random() < 0.5 or len(words) < 20:
        return f"{random.choice(('', 'Task. ', 'Question: '))}{other}"
    length = min(random.randrange(15, 41), len(words))
    start = random.randrange(len(words) - length + 1)
    return f"{own}\n\n{' '.join(words[start : start + length])}"


def in_bytes(text: str, made: list[Edit]) -> Iterator[tuple[int, int]]:
    """Byte ranges of edits."""
    if text.isascii():
        yield from ((edit.start, edit.end) for edit in sorted(made))
        return
    for edit in sorted(made):
        start = len(text[: edit.start].encode("utf-8"))
        yield start, start + len(text[edit.start : edit.end].encode("utf-8"))
