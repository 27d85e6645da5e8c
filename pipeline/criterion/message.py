"""A commit's message as words that carry over between projects: no names, numbers, links, trailers or scopes."""

import re
from dataclasses import dataclass

MAX_BODY_WORDS = 150
"""Of the body; what comes later is rarely about the intent."""
MAX_CHARS = 20_000
"""Read of a message: its patterns take time by the square of a word's length. A run keeps shorter ones only."""
MAX_TEXT_CHARS = 500
"""Of the text that an encoder reads."""

_LINK = re.compile(r"https?://\S+|\b[\w.+-]+@[\w.-]+\b")
_TRAILER = re.compile(
    r"""^[^\S\n]*(?:[A-Za-z][A-Za-z-]*-(?:by|id|from|to|url) | pr-url | fixes | closes | resolves | refs? | bugs?
        | see(?:[ ]also)? | link | cc | issues? | tickets? | test(?:ed|s)? )\s*[:#].*$""",
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_VULNERABILITY = re.compile(r"\bCVE-\d+-\d+\b")
_ISSUE = re.compile(r"\(?(?:\bGH-|#)\d+\b\)?")
_KIND = re.compile(r"(?:fix|perf|refactor|feat|chore|style|docs|test)\b", re.IGNORECASE)
_SCOPE = re.compile(r"(?:[\w./*-]+(?:\([^)]*\))?:\s+|\[[^\]]*\]\s*)+")
_CODE = re.compile(
    r"""`[^`]*` | \b\w+\(\)? | \b\w*_\w+\b | \b[a-z]+[A-Z]\w*\b | \b[A-Z][a-z0-9]+[A-Z]\w*\b | \b\w+(?:\.\w+)+\b
        | \b\w+(?:::\w+)+\b | \S*/\S* | \b\w*\d\w*\b""",
    re.VERBOSE,
)
_ALTERNATIVE = re.compile(r"[A-Za-z]+(?:/[A-Za-z]+)?")
_WORD = re.compile(r"[a-z][a-z'-]+|<\w+>")
_SUFFIXES = ("ization", "ations", "ation", "ingly", "ments", "ment", "ness", "ings", "ing", "ions", "ion", "ies", "ied",
             "ers", "er", "ed", "es", "ly", "s")  # fmt: skip
_DOUBLING = frozenset(("ing", "ings", "ed", "er", "ers"))


@dataclass(frozen=True, slots=True)
class Message:
    """What a message says.

    Attributes:
        subject: stems of its first line, in order; `<id>`, `<issue>`, `<cve>` and `<scope>` stand for what was there.
        body: stems of the rest, at most `MAX_BODY_WORDS`.
        text: subject and body for an encoder, trailers and links left out, at most `MAX_TEXT_CHARS` characters.
        first_line: the subject as written, for an encoder.
    """

    subject: tuple[str, ...]
    body: tuple[str, ...]
    text: str
    first_line: str


def message(text: str) -> Message:
    """The words of a commit's message."""
    first, _, rest = text.strip()[:MAX_CHARS].partition("\n")
    rest = _TRAILER.sub("", rest)
    scope = _SCOPE.match(first)
    bare = first if scope is None or _KIND.match(first) else f"<scope> {first[scope.end() :]}"
    whole = " ".join(_LINK.sub(" ", f"{first}. {rest}").split())
    body = _words(rest)[:MAX_BODY_WORDS]
    return Message(tuple(_words(bare)), tuple(body), whole[:MAX_TEXT_CHARS], first[:MAX_TEXT_CHARS])


def _words(text: str) -> list[str]:
    text = _ISSUE.sub(" <issue> ", _VULNERABILITY.sub(" <cve> ", _LINK.sub(" ", text)))
    plain = _CODE.sub(_plain, text).lower()
    return [word if word[0] == "<" else stem(word.strip("'-")) for word in _WORD.findall(plain)]


def _plain(found: re.Match[str]) -> str:
    word = found[0]
    return f" {word} " if _ALTERNATIVE.fullmatch(word) else " <id> "


def stem(word: str) -> str:
    """A lower-case word without its inflection; two forms of one word mostly give one stem."""
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 3:
            word = word[: -len(suffix)]
            if suffix in _DOUBLING and len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lsz":
                word = word[:-1]
            if suffix in ("ies", "ied"):
                word += "y"
            break
    return word.rstrip("e") if len(word) > 4 else word
