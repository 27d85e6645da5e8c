"""Names that look like other names: letters of two scripts in one word, or of one script drawn like another's.

The table below is our own and small: letters of Cyrillic, Greek and Armenian that most fonts draw like a Latin one, and
a few Latin ones; fullwidth, mathematical and ligature forms come from NFKC. Not covered: Cherokee, Lisu, Coptic and
other scripts as look-alikes (a word that mixes them with Latin is found all the same), digits (`1` and `l`, `0` and
`O`), letters with marks (`i` and dotless `i`), and pairs of letters (`rn` and `m`).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

_CYRILLIC = {
    0x430: "a", 0x441: "c", 0x501: "d", 0x435: "e", 0x4BB: "h", 0x456: "i", 0x458: "j", 0x4CF: "l", 0x43E: "o",
    0x440: "p", 0x51B: "q", 0x455: "s", 0x475: "v", 0x51D: "w", 0x445: "x", 0x443: "y", 0x410: "A", 0x412: "B",
    0x421: "C", 0x415: "E", 0x50C: "G", 0x41D: "H", 0x406: "I", 0x4C0: "I", 0x408: "J", 0x41A: "K", 0x41C: "M",
    0x41E: "O", 0x420: "P", 0x51A: "Q", 0x405: "S", 0x422: "T", 0x51C: "W", 0x425: "X", 0x423: "Y",
}  # fmt: skip
_GREEK = {
    0x3BF: "o", 0x3F2: "c", 0x3F3: "j", 0x391: "A", 0x392: "B", 0x3F9: "C", 0x395: "E", 0x397: "H", 0x399: "I",
    0x37F: "J", 0x39A: "K", 0x39C: "M", 0x39D: "N", 0x39F: "O", 0x3A1: "P", 0x3A4: "T", 0x3A7: "X", 0x3A5: "Y",
    0x396: "Z",
}  # fmt: skip
_ARMENIAN = {
    0x585: "o", 0x578: "n", 0x57D: "u", 0x570: "h", 0x581: "g", 0x566: "q", 0x575: "j", 0x555: "O", 0x54F: "S",
    0x54D: "U",
}  # fmt: skip
_LATIN = {0x251: "a", 0x261: "g"}
_LIKE = {**_CYRILLIC, **_GREEK, **_ARMENIAN, **_LATIN}
"""Letters that are drawn like a Latin one."""
_NEARLY = {
    0x3B1: "a", 0x3B3: "y", 0x3B7: "n", 0x3B9: "i", 0x3BA: "k", 0x3BD: "v", 0x3C1: "p", 0x3C4: "t", 0x3C5: "u",
    0x3C9: "w",
}  # fmt: skip
"""Greek letters that are drawn somewhat like a Latin one, and that formulas use: only a long word is judged by them."""
_NEAR = "".join(map(chr, _NEARLY))
_DISGUISED = re.compile(f"[a-zA-Z][{_NEAR}][a-zA-Z]{{3}}|[a-zA-Z]{{3}}[{_NEAR}][a-zA-Z]")
_SEGMENT = re.compile(r"[^\W\d_]+")
_APART = frozenset(("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU"))
"""Scripts whose letters look so much alike that no word is spelt with two of them; formulas mix Latin and Greek."""
_CLICKS = frozenset("\u01c0\u01c1\u01c2\u01c3\ua789")
"""Letters that are drawn like `|`, `!`, `=` or `:`."""
MIN_LONG = 4
MAX_WORD = 200
"""Characters of a word that are looked at; a longer one is no name."""


def homoglyph(words: Iterable[str]) -> str | None:
    """What in the names of one text imitates another name, or None.

    Args:
        words: names as written; those that are all ASCII only matter as what may be imitated.
    """
    names = {word[:MAX_WORD] for word in words}
    strange = sorted(name for name in names if not name.isascii())
    for name in strange:
        why = _odd(name)
        if why is not None:
            return f"{name!a} {why}"
    plain = {_skeleton(name): name for name in sorted(names) if name.isascii()}
    for name in strange:
        skeleton = _skeleton(name)
        if skeleton in plain:
            return f"{name!a} looks like {plain[skeleton]!r}, which is there too"
        plain[skeleton] = name
    return None


def _odd(name: str) -> str | None:
    """What is wrong with the letters of a name that is not all ASCII, whatever else is there."""
    if any(c in _CLICKS for c in name):
        return "holds a letter that is drawn like an operator"
    if _is_compatible(name):
        return f"is another spelling of {unicodedata.normalize('NFKC', name)!a}"
    if _DISGUISED.search(name):
        return "has a Greek letter in a Latin word"
    latin = any("a" <= c <= "z" or "A" <= c <= "Z" for c in name)
    for segment in _segments(name):
        scripts = {_script(c) for c in segment} & _APART
        if len(scripts) > 1 and (scripts != {"LATIN", "GREEK"} or any(ord(c) in _GREEK for c in segment)):
            return f"mixes {' and '.join(sorted(scripts))} letters in one word"
        if latin and all(ord(c) in _LIKE for c in segment):
            return f"has {segment!a}, which looks Latin, beside Latin words"
    return None


def _segments(name: str) -> Iterator[str]:
    """Words of a name: between underscores and digits, and from a capital that follows a small letter."""
    for run in _SEGMENT.findall(name):
        start = 0
        for at in range(1, len(run)):
            if run[at].isupper() and run[at - 1].islower():
                yield run[start:at]
                start = at
        yield run[start:]


def _is_compatible(name: str) -> bool:
    """Whether a name of several letters is ASCII but for fullwidth, mathematical or ligature forms."""
    forms = [c for c in name if not c.isascii() and c not in "\u00aa\u00ba"]
    if sum(map(str.isalpha, name)) < 2 or not any(map(str.isalpha, forms)):
        return False
    return all(unicodedata.normalize("NFKC", c).isascii() for c in forms)


def _skeleton(name: str) -> str:
    """What a name looks like, in Latin letters where there are such."""
    if name.isascii():
        return name
    folded = unicodedata.normalize("NFKC", name).translate(_LIKE)
    letters = sum(map(str.isalpha, folded))
    return folded.translate(_NEARLY) if letters >= MIN_LONG else folded


def _script(c: str) -> str:
    return "LATIN" if c.isascii() else unicodedata.name(c, "").partition(" ")[0]
