"""Names that are as good as one another: a word of a local variable's name, and the word that may take its place."""

import re

_ENGLISH = """
    result:output tmp:temp element:item elements:items elem:item start:begin separator:delimiter
    sep:delim dst:dest dir:folder dirs:folders response:reply responses:replies seen:visited part:piece parts:pieces
    allowed:permitted needed:required config:settings cur:curr ret:res func:fn index:position remaining:rest
"""
_BOTH_WAYS = [(pair.split(":")[0], pair.split(":")[1]) for pair in _ENGLISH.split()]
_WORDS = dict(_BOTH_WAYS) | {b: a for a, b in _BOTH_WAYS if b not in ("item", "items", "position", "rest")}
_WORDS["item"], _WORDS["items"] = "element", "elements"
_LENGTH = {"length": "size", "size": "length"}
_WHOLE = {
    "C++": {"it": "iter", "iter": "it", "e": "ex", "ex": "e"},
    "Go": {"ok": "found", "cfg": "conf", "conf": "cfg", "tt": "tc", "tc": "tt", "tests": "cases"},
    "Java": {
        "ignored": "ignore",
        "ignore": "ignored",
        "sb": "builder",
        "e": "ex",
        "ex": "e",
        "it": "iter",
        "iter": "it",
        **_LENGTH,
    },
    "C#": {"kvp": "pair", "pair": "kvp", "sb": "builder", "ex": "e", "e": "ex", **_LENGTH},
    "Python": {"e": "exc", "exc": "e", **_LENGTH},
    "Ruby": {"e": "ex", "ex": "e", **_LENGTH},
    "JavaScript": {"err": "error", "e": "err", **_LENGTH},
}
_TAKEN = {
    "Ruby": frozenset(("begin", "end")),
    "Go": frozenset(("func",)),
    "C++": frozenset(("begin",)),
}
"""Words that mean something else in a language."""


def synonym(language: str, name: str) -> tuple[str, str]:
    """A name of the same meaning in the same style, and the word that it replaces; empty where none is known."""
    whole = _WHOLE.get(language, {}).get(name)
    if whole is not None:
        return whole, name
    pieces = re.split(r"([A-Z]?[a-z]+|[A-Z]+(?![a-z]))", name)
    for number, piece in enumerate(pieces):
        other = _WORDS.get(piece.lower())
        if other is None or (piece.isupper() and len(piece) > 1):
            continue
        styled = other.capitalize() if piece[0].isupper() else other
        made = "".join([*pieces[:number], styled, *pieces[number + 1 :]])
        if made not in _TAKEN.get(language, ()):
            return made, piece
    return "", ""
