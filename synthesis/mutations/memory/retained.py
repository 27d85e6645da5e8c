"""Operators that keep alive what was let go: references, entries, graphs, caches."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import text
from synthesis.mutations.memory.places import CRITERION, found, source, swapped
from synthesis.mutations.operator import Site, operator
from synthesis.mutations.patterns import Table

FAMILY = "release"
_CLEARED = re.compile(
    r"^(?:del |delete )[\w.@>]+(?:\[[^\n]+\]|\.\w+)?;?$|^[\w.@>-]+\.(?:delete|e"
    r"vict\w*|remove|Remove|pop|discard)\([\w.]*(?:, None)?\);?$"
    r"|^[\w.@>-]+\.(?:shrink_to_fit|trimToSize|TrimExcess)\(\);?$|^delete\([\w.]+, [\w.]+\)$"
    r"|^(?:this\.|self\.|@|[\w]+->|[\w.]+\.)?\w+ = (?:null|None|nil|undefined|nullptr|NULL);?$"
)
_TRIMS = re.compile(r"\.(?:shrink_to_fit|trimToSize|TrimExcess)\(")
_HELD = re.compile(r"(?i)pending|listener|callback|refs\b|handles|subscri|inflight")
_BULKY = re.compile(
    r"(?i)(?:buf|buffer|cache|bytes|chunks|pixels|bitmap|image|body|content|"
    r"listeners|callbacks|handlers|refs|tree|graph|dom)\d? = "
)
_LETS_GO = re.compile(
    r"(?i)init|constructor|reset|clear|remove|delete|evict|close|dispose|free|dest"
    r"roy|forget|unregister|drop|discard|pop|expire|invalidate|set"
)


@operator(CRITERION, "CWE-401: an object that something still refers to is never freed", family=FAMILY)
def reference_kept(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An entry or reference that was dropped once it was done with is kept."""
    for statement in syntax.nodes("statements", "statement", function.body):
        code = syntax.text(statement)
        before = source(syntax, function.body.start_byte, statement.start_byte)
        place = code.split(" = ")[0]
        after = source(syntax, statement.end_byte, function.body.end_byte)
        sets = " = " in code
        dropped = sets and place in before and _BULKY.search(code) and not re.search(rf"{re.escape(place)}\b", after)
        local = re.fullmatch(r"del \w+", code)
        held = local or _TRIMS.search(code) or (not sets and _HELD.search(code.split("(")[0]))
        given_up = _CLEARED.match(code) and (dropped or held) and not _LETS_GO.search(function.name)
        if (given_up and not _decides(before, place) and syntax.language != "Go") or (given_up and "delete(" in code):
            yield from text.removed(syntax, statement)


def _decides(before: str, place: str) -> bool:
    """Whether the function asks about the place as a state, so that leaving it set would change what it does."""
    return (
        re.search(rf"(?:if|while|unless|return|&&|\|\||and|or|not|!)[ (!]*{re.escape(place)}\b(?!\.|\[|->)", before)
        is not None
    )


_COMMON = {"len", "size", "length", "count", "Count", "Len", "self", "this"}


@operator(CRITERION, "CWE-770: a cache or queue without a limit", version="2", family=FAMILY, blatant=True)
def eviction_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A container that was cut back when it grew too large grows without limit."""
    for match in syntax.matches("conditions", function.body):
        node = match["if"][0]
        condition, action = syntax.text(match["condition"][0]), syntax.text(match["consequence"][0])
        limit = r"(?:\d*[2-9]\d*|\d{2,}|[\w.>@:-]*(?i:max|limit|cap|size|bound|keep|quota|threshold|entries)[\w.>()-]*)"
        large = re.search(
            rf"(?:len|size|length|count|Count|Len)\b[^<]*(?:>=?|===?) ?\(?{limit}\s*(?:[-+&|)]|$)", condition
        )
        cut = re.search(
            r"\b(?:pop|popitem|popleft|shift|clear|Clear|delete|remove|Remove\w*|evict\w*|trim\w*|prune\w*)\b", action
        )
        leaves = re.search(r"\b(?:return|break|continue|throw|raise|goto)\b", action)
        holders = set(re.findall(r"[A-Za-z_]\w{2,}", condition)) - _COMMON
        same = any(re.search(rf"\b{name}\b", action) for name in holders)
        if large and cut and same and not leaves and node.child_by_field_name("alternative") is None:
            yield from text.removed(syntax, node)


STRONG: Table = {
    "Python": (
        (r"\bweakref\.proxy\(([\w.]+)\)", r"\1"),
        (r"\b(?:weakref\.)?Weak(?:Key|Value)Dictionary\(\)", "{}"),
        (r"\b(?:weakref\.)?WeakSet\(\)", "set()"),
    ),
    "JavaScript": ((r"\bnew Weak(Map|Set)\(", r"new \1("),),
    "Java": ((r"\bnew WeakHashMap<", "new HashMap<"),),
    "Ruby": ((r"\bObjectSpace::WeakMap\.new\b", "{}"),),
    "C#": ((r"\bnew ConditionalWeakTable<", "new Dictionary<"),),
}  # fmt: skip


@operator(CRITERION, "what is held weakly can be freed while it is still registered", family=FAMILY)
def weak_made_strong(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Objects that were held weakly are held strongly, and so never freed."""
    for pattern, replacement in STRONG.get(syntax.language, ()):
        for match in found(syntax, function, pattern):
            yield (swapped(match, replacement),)


@operator(CRITERION, "CWE-770: a cache that never drops an entry", ("Python",), version="2", family=FAMILY)
def cache_unbounded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A cache that kept a bounded number of results keeps all of them."""
    if not text.parameters(syntax, function):
        return  # there is one result
    for match in found(syntax, function, r"\b(lru_cache\((?:maxsize=)?)\d[\d_]*(?=[,)])", whole=True):
        yield (swapped(match, r"\1None"),)
    for match in found(syntax, function, r"(?m)(@(?:functools\.)?lru_cache)(?:\(\))?(?=\n)", whole=True):
        yield (swapped(match, r"\1(maxsize=None)"),)
