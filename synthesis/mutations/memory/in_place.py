"""Operators that change a copy of a container or text where it was changed in place."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.memory.places import (
    CRITERION,
    aliased,
    before,
    body_text,
    found,
    is_fresh,
    made,
    nested,
    part,
    swapped,
    types,
)
from synthesis.mutations.operator import Site, operator
from synthesis.mutations.patterns import Table

FAMILY = "in_place"
_LINE = r"(?m)^([ \t]*)"
_ARGUMENT = r"((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))+)"
REORDERED: Table = {
    "Python": (
        (rf"{_LINE}(\w+)\.sort\(\)$", r"\1\2 = sorted(\2)"),
        (rf"{_LINE}(\w+)\.sort\({_ARGUMENT}\)$", r"\1\2 = sorted(\2, \3)"),
        (rf"{_LINE}(\w+)\.reverse\(\)$", r"\1\2 = \2[::-1]"),
    ),
    "JavaScript": (
        (rf"{_LINE}(\w+)\.sort\(((?:[^()\n]|\((?:[^()\n]|\([^()\n]*\))*\))*)\)(;?)$", r"\1\2 = [...\2].sort(\3)\4"),
        (rf"{_LINE}(\w+)\.reverse\(\)(;?)$", r"\1\2 = [...\2].reverse()\3"),
    ),
    "Ruby": (
        (
            rf"{_LINE}([a-z_]\w*)\.(map|select|reject|uniq|compact|sort|flatten|reverse|gsub|sub|strip|lstrip|rstrip"
            r"|chomp|downcase|upcase|sort_by|capitalize|squeeze|tr|delete_if|"
r"collect|merge|slice|shuffle|rotate)!(?=[\s({]|$)",
            r"\1\2 = \2.\3",
        ),
    ),
    "C#": ((rf"{_LINE}(\w+)\.Sort\(\);$", r"\1\2 = \2.OrderBy(x => x).ToList();"),
           (rf"{_LINE}(\w+)\.Reverse\(\);$", r"\1\2 = Enumerable.Reverse(\2).ToList();")),
}  # fmt: skip
GROWN: Table = {
    "Python": (
        (rf"{_LINE}(\w+)\.extend\({_ARGUMENT}\)$", r"\1\2 = \2 + list(\3)"),
        (rf"{_LINE}(\w+)\.append\({_ARGUMENT}\)$", r"\1\2 = \2 + [\3]"),
        (rf"{_LINE}(\w+)\.update\(([A-Za-z_][\w.]*)\)$", r"\1\2 = {**\2, **\3}"),
        (rf"{_LINE}(\w+) \+= (\[[^\n]+\])$", r"\1\2 = \2 + \3"),
        (rf"{_LINE}(\w+)\.add\(([\w.]+)\)$", r"\1\2 = \2 | {{\3}}"),
    ),
    "JavaScript": (
        (rf"{_LINE}(\w+)\.push\({_ARGUMENT}\)(;?)$", r"\1\2 = [...\2, \3]\4"),
        (rf"{_LINE}Object\.assign\((\w+), ([\w.]+)\)(;?)$", r"\1\2 = { ...\2, ...\3 }\4"),
        (rf"{_LINE}(\w+)\.unshift\({_ARGUMENT}\)(;?)$", r"\1\2 = [\3, ...\2]\4"),
    ),
    "Ruby": (
        (rf"{_LINE}([a-z_]\w*)\.concat\(([^\n,]+)\)$", r"\1\2 += \3"),
        (rf"{_LINE}([a-z_]\w*)\.merge!\(", r"\1\2 = \2.merge("),
        (rf"{_LINE}([a-z_]\w*)\.push\(([^\n,*]+)\)$", r"\1\2 += [\3]"),
        (rf"{_LINE}([a-z_]\w*) << ([^\n<]+?)(?= (?:if|unless) |$)", r"\1\2 += [\3]"),
    ),
    "C#": ((rf"{_LINE}(\w+)\.AddRange\({_ARGUMENT}\);$", r"\1\2 = \2.Concat(\3).ToList();"),),
}  # fmt: skip


def _rebound(syntax: Syntax, function: Function, table: Table) -> Iterator[Site]:
    """Sites of a table on locals that hold a fresh container which nothing else refers to until then."""
    code = body_text(syntax, function)
    values = made(syntax, function)
    for pattern, replacement in table.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            name = part(match, 2)
            value = values.get(name)
            node = function.body.descendant_for_byte_range(match.start(2), match.end(2))
            if value is None or node is None or name in text.parameters(syntax, function):
                continue
            fresh = _owned(syntax.language, value) and not aliased(before(syntax, function, node), name)
            if not fresh or (syntax.language == "Python" and nested(function, node)):
                continue
            if syntax.language == "JavaScript" and re.search(rf"\bconst (?:[\w, =]*, )?{name}\b", code):
                continue
            edit = _of_kind(syntax.language, value, match, replacement)
            if edit is not None:
                yield edit


def _owned(language: str, value: str) -> bool:
    """Whether a value is a container that was made here."""
    if language == "C#":
        return re.match(r"new List<|.*\.ToList\(\)$", value, re.DOTALL) is not None
    chained = (
        r"\w[\w.]*(?:\.split\(|\.map\b|\.filter\(|\.select\b|\.dup\b|\.slice\(|\.concat\(|\.keys\b|\.to_a\b|\.join\()"
    )
    return is_fresh(value) or re.match(chained, value) is not None


def _of_kind(language: str, value: str, match: re.Match[bytes], replacement: str) -> Site | None:
    """The site where the container is of the kind that the replacement needs; a list is not a dict, nor a text."""
    keyed = re.match(r"\{[^}]*:|\{\}|dict\(|Hash\.new", value) is not None
    textual = re.match(r"\+?['\"`f]|String\.new|.*\.join\(|%[qQ]?[\[({]", value) is not None
    edit = swapped(match, replacement)
    if language == "Ruby" and " += [" in replacement and textual:
        inner = part(match, 3)
        return (swapped(match, r"\1\2 += \3"),) if re.match(r"['\"][^\n]*['\"]$|.*\.(?:to_s|join)\b", inner) else None
    wants_keys = "**" in replacement or "{ ..." in replacement or ".merge" in replacement
    wants_set = "| {" in replacement
    held_set = re.match(r"set\(|\{[^:}]+\}$|Set\.new|new Set", value) is not None
    if wants_keys != keyed or wants_set != held_set or (textual and language != "Ruby"):
        return None
    return (edit,)


@operator(
    CRITERION,
    "an in-place sort or change needs no second array (RuboCop Performance/ChainArrayAllocation)",
    family=FAMILY,
)
def reordered_in_a_copy(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container that was sorted, reversed or edited in place is replaced by a new one with the result."""
    yield from _rebound(syntax, function, REORDERED)


@operator(
    CRITERION,
    "each addition copies all elements into a new container, and leaves the old one as garbage",
    family=FAMILY,
    blatant=True,
)
def grown_by_copy(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container that grew in place is replaced by a longer copy of itself."""
    yield from _rebound(syntax, function, GROWN)


@operator(
    CRITERION,
    "performance-inefficient-string-concatenation: a temporary copy of the whole text",
    ("C++",),
    family=FAMILY,
    blatant=True,
)
def appended_to_a_copy(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A text is copied to be made longer, where it could be appended to."""
    declared = types(syntax, function)
    for pattern in (rf"{_LINE}(\w+) \+= ([^;\n]+);", rf"{_LINE}(\w+)\.append\({_ARGUMENT}\);"):
        for match in found(syntax, function, pattern):
            given = part(match, 3)
            if re.fullmatch(r"(?:std::)?w?string&?", declared.get(part(match, 2), "")) and not re.search(
                r",|\?", given
            ):
                brackets = re.search(r"[-+<>|&]", given) is not None and "+" not in given
                if not brackets:
                    value = f"({given})" if re.search(r" \+ ", given) else given
                    yield (swapped(match, rf"\1\2 = \2 + {value.replace(chr(92), chr(92) * 2)};"),)
