"""The request that leads to either side of a change alike: from what both sides share, never from what differs.

The commit's message has no part in it. A word that only one side holds would tell which side answers better, so each
form is checked for such words, and a barer one is taken where there is one.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from random import Random

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from parsers.excerpt import Excerpt
from parsers.functions import functions
from parsers.language import languages
from parsers.syntax import Function, Syntax, parse
from schemas.errors import ParseRefused
from synthesis.tasks.describe import instruction, leaked_line

FORMS = 4
MAX_OUTLINE_LINES = 40
MAX_SIGNATURE_CHARS = 300
MIN_DOC_WORDS = 5
MAX_DOC_CHARS = 1_500

_WORD = re.compile(r"[^\W_]+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PROMPTS = Path(__file__).parent.parent / "prompts"
_FILES = (_PROMPTS / "describe.jinja", _PROMPTS / "request.jinja")
_THINGS = "the a part of file"


@cache
def _template() -> Template:
    loader = FileSystemLoader(_PROMPTS)
    return Environment(loader=loader, undefined=StrictUndefined, autoescape=False).get_template("request.jinja")  # noqa: S701


def request(language: str, path: str, excerpt: Excerpt, rng: Random) -> str:
    """The request that both sides of `excerpt` answer, in one of several forms drawn from `rng`.

    The first of these without a leak: a lone function by its documentation and signature; an outline of the functions
    and classes of both sides with their signatures; the same by names; the file's name; the language alone.

    Args:
        language: released spelling.
        path: of the file; only its name is used.
        excerpt: the two sides.
        rng: the record's.
    """
    form = rng.randrange(FORMS)
    try:
        sides = parse(language, excerpt.before), parse(language, excerpt.after)
    except ParseRefused:
        return _render(language, "a file", form)
    for text in _forms(language, path, excerpt, form, rng, sides):
        if leaks(text, excerpt.before, excerpt.after) is None:
            return text
    return _render(language, "a file", form)


def leaks(prompt: str, before: str, after: str) -> str | None:
    """The first word of `prompt`, letter case aside, that only one of the two sides holds; None where there is none.

    A word is a run of letters and digits; names are also read in their parts (`readAll` as `read` and `all`). The
    words of the forms themselves and the languages' names are said whatever the code is, and don't count.
    """
    older, newer = frozenset(_in_order(before)), frozenset(_in_order(after))
    own = _own_words()
    return next((word for word in _in_order(prompt) if word not in own and (word in older) != (word in newer)), None)


def _in_order(text: str) -> Iterator[str]:
    for run in _WORD.findall(text):
        yield run.lower()
        parts = _PART.findall(run)
        if len(parts) > 1:
            yield from (part.lower() for part in parts)


@cache
def _own_words() -> frozenset[str]:
    """Words of the forms' fixed text, and of the languages' names and fences."""
    fixed = [
        re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        for file in _FILES
    ]
    spoken = [f"{one.name} {one.fence} {one.function_word}" for one in languages().values()]
    return frozenset(_in_order(" ".join([*fixed, *spoken, _THINGS])))


def _forms(
    language: str, path: str, excerpt: Excerpt, form: int, rng: Random, sides: tuple[Syntax, Syntax]
) -> Iterator[str]:
    """Requests from the fullest to the barest that names anything but the language."""
    shared = _shared(_outermost(sides[0]), _outermost(sides[1]))
    place = f"the file `{PurePosixPath(path).name}`"
    if excerpt.granularity == "function":
        place = f"a part of `{PurePosixPath(path).name}`"
        alone = _alone(sides, shared)
        if alone is not None:
            yield from _of_one(language, sides, alone, form, rng)
    for signatures in (True, False):
        lines = _outline(sides, shared, signatures)
        if lines:
            yield _render(language, place, form, "\n".join(lines[:MAX_OUTLINE_LINES]))
    yield _render(language, place, form)


def _of_one(
    language: str, sides: tuple[Syntax, Syntax], versions: tuple[Function, Function], form: int, rng: Random
) -> Iterator[str]:
    """Requests for a lone function: documentation and signature, either of them, its name."""
    old, new = versions
    thing = f"the {languages()[language].function_word} `{new.name}`"
    documented = old.doc == new.doc and len(new.doc.split()) >= MIN_DOC_WORDS and len(new.doc) <= MAX_DOC_CHARS
    told = any(leaked_line(side, one) for side, one in zip(sides, versions, strict=True))
    doc = new.doc.strip() if documented and not told else ""
    same = old.signature == new.signature and len(new.signature) <= MAX_SIGNATURE_CHARS
    if doc and same:
        yield instruction(language, new, rng)
    if doc:
        yield _render(language, thing, form, doc=doc)
    if same:
        yield _render(language, thing, form, new.signature)
    yield _render(language, thing, form)


def _outermost(syntax: Syntax) -> list[Function]:
    """Functions that no other one holds."""
    found = functions(syntax)
    outer: list[Function] = []
    for function in found:
        if not outer or function.node.start_byte >= outer[-1].node.end_byte:
            outer.append(function)
    return outer


def _shared(old: list[Function], new: list[Function]) -> list[tuple[Function, Function]]:
    """Functions by the same name on both sides, in the newer side's order; overloads in theirs."""
    earlier: dict[str, list[Function]] = {}
    for function in reversed(old):
        earlier.setdefault(function.name, []).append(function)
    return [(earlier[one.name].pop(), one) for one in new if earlier.get(one.name)]


def _alone(sides: tuple[Syntax, Syntax], shared: list[tuple[Function, Function]]) -> tuple[Function, Function] | None:
    """The one function of both sides, where neither has another."""
    return shared[0] if len(shared) == 1 and all(len(_outermost(side)) == 1 for side in sides) else None


def _outline(sides: tuple[Syntax, Syntax], shared: list[tuple[Function, Function]], signatures: bool) -> list[str]:
    """Lines for the classes and functions that both sides hold, in the newer side's order, inner ones indented.

    Args:
        sides: older and newer.
        shared: functions of both.
        signatures: whether to say those that are equal on both sides; else, and where they differ, the names alone.
    """
    parts: list[tuple[int, int, str]] = []
    for old, new in shared:
        said = signatures and old.signature == new.signature and len(new.signature) <= MAX_SIGNATURE_CHARS
        parts.append((new.node.start_byte, new.node.end_byte, new.signature if said else new.name))
    heads = _heads(sides[0])
    for name, (start, end, head) in _heads(sides[1]).items():
        if name in heads:
            parts.append((start, end, head if signatures and heads[name][2] == head else name))
    lines: list[str] = []
    ends: list[int] = []
    for start, end, text in sorted(parts):
        while ends and ends[-1] <= start:
            ends.pop()
        lines.append("    " * len(ends) + text)
        ends.append(end)
    return lines


def _heads(syntax: Syntax) -> dict[str, tuple[int, int, str]]:
    """Start, end and first words (up to the body) of the classes, modules and namespaces that have a name."""
    found: dict[str, tuple[int, int, str]] = {}
    for match in syntax.matches("frames"):
        if not {"frame", "body"} <= match.keys():
            continue
        node, body = match["frame"][0], match["body"][0]
        class_ = body.parent
        name = class_.child_by_field_name("name") if class_ is not None else None
        if class_ is None or name is None:
            continue
        words = [
            child for child in class_.children if child.end_byte <= body.start_byte and "comment" not in child.type
        ]
        head = syntax.data[class_.start_byte : words[-1].end_byte].decode("utf-8", "replace")
        head = " ".join(head.split()).rstrip(" :{")
        text = head if len(head) <= MAX_SIGNATURE_CHARS else syntax.text(name)
        found.setdefault(syntax.text(name), (node.start_byte, node.end_byte, text))
    return found


def _render(language: str, thing: str, form: int, outline: str = "", doc: str = "") -> str:
    fence = languages()[language].fence
    text = _template().render(form=form, language=language, fence=fence, thing=thing, outline=outline, doc=doc)
    return re.sub(r"\n{3,}", "\n\n", text).strip()
