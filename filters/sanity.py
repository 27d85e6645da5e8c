"""Sanity: what a pair claims must be possible. A rule is one function of the pair; it says in words what can't be."""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

from filters.base import Filter, Refusal
from filters.text_parts import COMMENTS, STRINGS, dense, spans, without
from parsers.language import grammar, languages
from parsers.parsed import parsed
from parsers.syntax import Syntax
from schemas.errors import ParseRefused
from schemas.records import Pair

KEYWORD_ARGUMENTS = ("Python", "Ruby", "C#")
"""Languages in which a caller may name a parameter."""
_WORD_BYTES = bytes(at for at in range(256) if at >= 0x80 or chr(at).isalnum() or at == ord("_"))
_NUMBER = re.compile(rb"(?<![\w.])[0-9](?:[\w.]|(?<=[eE])[-+])*")
_PROGRAM = re.compile(r"[(){}\[\]*+|\\^$=<>;]|\b(?:select|insert|update|delete|from|where|join)\b", re.IGNORECASE)
"""What a text in a string has where it is a pattern, a query or a program, which runs and costs."""


class Token(NamedTuple):
    """A leaf of the tree, or a string or number as one; comments and docstrings are none.

    Attributes:
        kind: `string`, `number`, or the type of the node.
        text: as written.
        level: depth in the tree, which is what indentation says in Python.
        whole: whether it is plain, not a string with code inside.
    """

    kind: str
    text: str
    level: int
    whole: bool


class Sanity(Filter):
    """Pairs whose sides can't differ in what the criterion is about.

    Placebos are ties by design and pass; no rule asks which side is which, so reversed pairs, chains and flips follow
    the rule of their criterion. Texts without a grammar, or with errors where a rule needs the tree, pass.
    """

    kind: Literal["sanity"] = "sanity"

    def refuse(self, pair: Pair) -> Refusal | None:
        """`claim` for the first rule that finds the pair impossible; the parser's reason where it refuses a side."""
        if pair.kind == "placebo" or pair.language not in languages():
            return None
        try:
            sides = parsed(pair.language, pair.chosen), parsed(pair.language, pair.rejected)
        except ParseRefused as error:
            return Refusal(error.reason, error.detail)
        for rule in RULES.get(pair.criterion, ()):
            detail = rule(*sides)
            if detail is not None:
                return Refusal("claim", f"{pair.criterion}: {detail}")
        return None


def words_only(chosen: Syntax, rejected: Syntax) -> str | None:
    """Comments and docstrings are not run: sides that differ in nothing else do, take and allow the same."""
    if _bare(chosen) != _bare(rejected) or tokens(chosen) != tokens(rejected):
        return None
    return "the sides differ in comments or white space only"


def names_only(chosen: Syntax, rejected: Syntax) -> str | None:
    """What a local is called is not seen outside: sides that are the same up to new names of locals do the same."""
    if chosen.root.has_error or rejected.root.has_error or _marks(chosen) != _marks(rejected):
        return None
    left, right = tokens(chosen), tokens(rejected)
    if len(left) != len(right):
        return None
    local = _locals(chosen), _locals(rejected)
    there: dict[str, str] = {}
    back: dict[str, str] = {}
    for a, b in zip(left, right, strict=True):
        if (a.kind, a.level) != (b.kind, b.level):
            return None
        if a.text == b.text and a.text not in local[0] and b.text not in local[1]:
            continue
        if there.setdefault(a.text, b.text) != b.text or back.setdefault(b.text, a.text) != a.text:
            return None
        if a.text not in local[0] or b.text not in local[1]:
            return None
        if a.text != b.text and (_is_keyword(chosen, a.text) or _is_keyword(rejected, b.text)):
            return None
    changed = sorted(name for name, other in there.items() if name != other)
    return f"the sides differ in the names of locals only: {', '.join(changed[:5])}" if changed else None


def messages_only(chosen: Syntax, rejected: Syntax) -> str | None:
    """A text that is shown or compared costs the same whatever it says; a pattern, query or program may not."""
    changed = _changed_literals(chosen, rejected)
    plain = changed and all(a.kind == "string" and not _PROGRAM.search(a.text + b.text) for a, b in changed)
    return f"the sides differ in a string only: {changed[0][0].text[:60]!a}" if plain else None


def values_only(chosen: Syntax, rejected: Syntax) -> str | None:
    """Another value is another behaviour, not another style; the same value spelt otherwise (`0xff`) is style."""
    changed = _changed_literals(chosen, rejected, layout=True)
    if not changed or any(_value(a) == _value(b) for a, b in changed):
        return None
    return f"the sides differ in a literal's value only: {changed[0][0].text[:60]!a}"


def tokens(syntax: Syntax) -> list[Token]:
    """The code's tokens in order, comments and docstrings left out. Iterative."""
    cut = {n.id for concept, capture in COMMENTS for n in syntax.nodes(concept, capture)}
    strings = {n.id for n in syntax.nodes("strings", "string")}
    numbers = {n.id for n in syntax.nodes("numbers", "number")}
    found = []
    cursor, level = syntax.root.walk(), 1
    while True:
        node = cursor.node
        assert node is not None
        if node.id in strings and node.id not in cut:
            plain = not any("interpol" in n.type or "substitution" in n.type for n in node.children)
            found.append(Token("string", syntax.text(node), level, plain))
        elif node.id in numbers:
            found.append(Token("number", syntax.text(node), level, True))
        elif node.id not in cut:
            if cursor.goto_first_child():
                level += 1
                continue
            if (text := syntax.text(node)).strip():
                found.append(Token(node.type, text, level, True))
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return found
            level -= 1


def _bare(syntax: Syntax) -> bytes:
    return dense(without(syntax.data, spans(syntax, *COMMENTS)))


def _marks(syntax: Syntax) -> bytes:
    """The code's punctuation; cheap, and the same where only names differ."""
    return _bare(syntax).translate(None, _WORD_BYTES)


def _is_keyword(syntax: Syntax, name: str) -> bool:
    """Whether some version of the language reserves `name`: giving a variable another name may be what mends it."""
    return grammar(syntax.language).id_for_node_kind(name, False) is not None


def _changed_literals(chosen: Syntax, rejected: Syntax, *, layout: bool = False) -> list[tuple[Token, Token]]:
    """Plain strings and numbers in which the sides differ; none where they differ in anything else.

    Args:
        chosen: one side.
        rejected: the other side.
        layout: whether comments and white space are something else.
    """
    if _masked(chosen, layout) != _masked(rejected, layout):
        return []
    left, right = tokens(chosen), tokens(rejected)
    if len(left) != len(right):
        return []
    changed = [(a, b) for a, b in zip(left, right, strict=True) if a != b]
    literal = all(a.kind == b.kind and a.kind in ("string", "number") and a.level == b.level for a, b in changed)
    return changed if literal and all(a.whole and b.whole for a, b in changed) else []


def _masked(syntax: Syntax, layout: bool) -> bytes:
    """The text without strings, and with one mark for every number; cheap, and enough for nearly every pair."""
    cut = spans(syntax, *STRINGS) if layout else spans(syntax, *COMMENTS, *STRINGS)
    code = _NUMBER.sub(b"0", without(syntax.data, cut))
    return code if layout else dense(code)


def _locals(syntax: Syntax) -> set[str]:
    """Names of local variables, and of parameters where a caller can't see them."""
    parameters = {syntax.text(node) for node in syntax.nodes("locals", "parameter")}
    names = {syntax.text(node) for node in syntax.nodes("locals", "local")}
    return names - parameters if syntax.language in KEYWORD_ARGUMENTS else names | parameters


def _value(token: Token) -> object:
    """What a literal stands for: a number's value, a string's text without quotes and white space."""
    if token.kind == "string":
        return "".join(token.text.split()).strip("\"'`")
    digits = token.text.replace("_", "").lower().rstrip("ul")
    for read in (lambda: int(digits, 0), lambda: int(digits, 8), lambda: float(digits.rstrip("fd"))):
        try:
            return float(read())
        except (ValueError, OverflowError):
            continue
    return token.text


RULES: dict[str, tuple[Callable[[Syntax, Syntax], str | None], ...]] = {
    "runtime_efficiency": (words_only, names_only, messages_only),
    "memory_efficiency": (words_only, names_only, messages_only),
    "security_hardness": (words_only, names_only),
    "functional_correctness": (words_only, names_only),
    "readability_maintainability": (values_only,),
}
"""What is asked of a pair of each criterion, in order."""
