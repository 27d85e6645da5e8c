"""Reads a score or a verdict out of a judge's words: strictly, and from nothing but its own words.

Whatever is not plainly there gives None, never a default: an unparsed answer is counted, not scored. The last marker
decides; where it is no number, or one outside the scale, an earlier one does not stand in for it.

The scripts of the reference release read any number where they find no marker. So the published scores of
R3-Qwen3-8B, on a scale of 1 to 5, reach 562,754,405, and those of LMUnit hold 413 zeros for answers without a score.
"""

import json
import math
import re
from typing import Any, Literal

Form = Literal["line", "json", "boxed"]
"""How a judge writes a score: `Score: 4` on a line of its own, `{"score": 4}`, or `\\boxed{4}`."""

Verdict = Literal["A", "B", "TIE"]

MAX_CHARS = 200_000
"""Of a judge's words that are looked at, from their end: a verdict stands there."""

MAX_OBJECTS = 200

_MARKS = r"[ \t*_#>`~-]{0,20}"
_LINE = re.compile(
    rf"^{_MARKS}(?:(?:final|overall|total)[ \t]+)?(?:score|rating){_MARKS}[:=]([^\n]*)$", re.IGNORECASE | re.MULTILINE
)
_VERDICT = re.compile(rf"^{_MARKS}(?:final[ \t]+)?verdict{_MARKS}[:=]([^\n]*)$", re.IGNORECASE | re.MULTILINE)
_BRACKETS = re.compile(r"\[\[([^\[\]\n]{1,20})\]\]")
_BOXED = re.compile(r"\\boxed[ \t]{0,3}\{([^{}\n]{0,60})\}")
_BOXED_OPEN = re.compile(r"\\boxed[ \t]{0,3}\{")
_KEY = re.compile(r'(?<!\\)"score"\s{0,20}:')
_NUMBER = re.compile(r"([+-]?\d{1,9}(?:\.\d{1,9})?)(?:[ \t]{0,3}/[ \t]{0,3}(\d{1,9}(?:\.\d{1,9})?))?")
_EDGE = " \t\r*_`~$"


def own_words(text: str) -> str | None:
    """What a model says after its reasoning, at most the last `MAX_CHARS` characters.

    Args:
        text: the whole message; reasoning stands before the last `</think>`.

    Returns:
        None where the reasoning has no end: it was cut before the answer began.
    """
    _, ended, said = text.rpartition("</think>")
    if not ended:
        said = text
    if "<think>" in said:
        return None
    return said[-MAX_CHARS:]


def read_score(text: str, form: Form, low: float, high: float) -> float | None:
    """The score of a judge's last marker in one form.

    Args:
        text: the model's message.
        form: the marker that it was asked for.
        low: end of the scale, included.
        high: the other end, included; a score given as `4/5` must be out of it.

    Returns:
        None where there is no marker, or the last one holds anything but one number of the scale.
    """
    said = own_words(text)
    if said is None:
        return None
    read = {"line": _in_line, "json": _in_json, "boxed": _in_box}[form]
    value = read(said, high)
    return value if value is not None and low <= value <= high else None


def read_verdict(text: str) -> Verdict | None:
    """The verdict of the last line `Verdict: A`, `B` or `TIE`, or of the last `[[A]]`, `[[B]]`, `[[C]]` or `[[TIE]]`.

    Returns:
        None where the later of the two is anything else, or neither is there.
    """
    said = own_words(text)
    if said is None:
        return None
    found = [match for pattern in (_VERDICT, _BRACKETS) if (match := _last(pattern, said)) is not None]
    if not found:
        return None
    word = max(found, key=lambda match: match.start(1))[1].strip(_EDGE + ".[]").upper()
    by_word: dict[str, Verdict] = {"A": "A", "B": "B", "C": "TIE", "TIE": "TIE"}
    return by_word.get(word)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    last = None
    for last in pattern.finditer(text):  # noqa: B007
        pass
    return last


def _in_line(said: str, high: float) -> float | None:
    match = _last(_LINE, said)
    return None if match is None else _number(match[1].rstrip(_EDGE + ".").lstrip(_EDGE), high)


def _in_box(said: str, high: float) -> float | None:
    opened, match = _last(_BOXED_OPEN, said), _last(_BOXED, said)
    if opened is None or match is None or match.start() != opened.start():
        return None
    return _number(match[1].strip(_EDGE), high)


def _in_json(said: str, high: float) -> float | None:
    """The score in the JSON object that holds the last key `score`; line ends inside its texts are let pass."""
    key = _last(_KEY, said)
    if key is None:
        return None
    decoder = json.JSONDecoder(strict=False, object_pairs_hook=_unique)
    start = key.start()
    for _ in range(MAX_OBJECTS):
        start = said.rfind("{", 0, start)
        if start < 0:
            return None
        try:
            value, end = decoder.raw_decode(said, start)
        except (ValueError, RecursionError):
            continue
        if end > key.end() and isinstance(value, dict) and "score" in value:
            return _plain(value["score"], high)
    return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as a mapping; ValueError where a key comes twice, so that none of its values is picked."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key comes twice")
    return found


def _plain(value: Any, high: float) -> float | None:
    if isinstance(value, str):
        return _number(value.strip(_EDGE), high)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e9 and math.isfinite(value) else None


def _number(text: str, high: float) -> float | None:
    """A whole text that is one decimal number, or one out of `high`."""
    match = _NUMBER.fullmatch(text.strip())
    if match is None or (match[2] is not None and float(match[2]) != high):
        return None
    return float(match[1])
