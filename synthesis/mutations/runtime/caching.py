"""What was kept is made again: a cache not asked, a constant table rebuilt, an argument copied for each call."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import slower, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "nothing_kept"
_CACHED = re.compile(r"(?i)cache|memo|known|computed|seen")
"""Places that keep what was computed; of others, the function itself must be what fills them."""
_CONTAINER = re.compile(r"string|vector|map|\bset|list|deque")
"""Types that `memory` has copied."""


@operator(CRITERION, "a cache that is never asked: every call pays for the first one's work", family=FAMILY)
@outside_tests
def cache_check_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value that was computed on first need and kept is computed on every call."""
    body = syntax.text(function.body)
    for match in syntax.matches("conditions", function.body):
        node, consequence = match["if"][0], match["consequence"][0]
        if node.child_by_field_name("alternative") is not None or node.parent is None:
            continue
        condition = syntax.text(text.core(match["condition"][0]))
        statements = text.inner(consequence)
        place = slower.missing(condition, node.type.startswith("unless"))
        if place and node.parent.type in text.BLOCKS and re.search(r"[.@>\[]", place):
            sets = [s for s in statements if re.match(rf"{re.escape(place)} :?= .*\(", syntax.text(s), re.DOTALL)]
            edit = text.unwrapped(syntax, node, consequence) if sets and len(statements) == 1 else None
            values = syntax.nodes("assignments", "value", sets[0])[:1] if sets else []
            if edit is not None and all(shapes.reads(syntax, n) and shapes.costs(syntax, n) for n in values):
                yield (edit,)
        kept = slower.present(condition) or ""
        last = syntax.text(statements[-1]).rstrip(";") if statements else ""
        filled = _CACHED.search(kept) or re.search(rf"(?<![\w.@]){re.escape(kept)} (?:\|\||:|\?\?)?= .*\w", body)
        if filled and len(statements) == 1 and last == f"return {kept}" and re.search(r"[.@>\[]", kept):
            yield from text.removed(syntax, node)


@operator(CRITERION, "memoisation removed: repeated calls repeat the work", family=FAMILY)
@outside_tests
def memoisation_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Results are no longer kept between calls."""
    start, end = function.node.start_byte, function.body.start_byte
    pattern = rb"(?m)^[ \t]*@(?:functools\.)?(?:lru_cache|cache|memoize\w*)(?:\([^()\n]*\))?[ \t]*\n"
    head = syntax.data[start:end]
    for found in re.finditer(pattern, head):
        yield (Edit(start + found.start(), start + found.end(), ""),)
    forms = {
        "Ruby": (
            rb"(@\w+) \|\|= (?=[^\n]*[.(])(?![^\n]*(?:\.new\b|copy|dup\b|build|open|connect|create|now\b|r"
            rb"and|gets|pop|shift|lock|queue|Queue|ENV|server|thread)|\[\]|\{\}|['\"0-9])"
        ),
        "JavaScript": rb"([\w.]+\.\w+) (?:\|\||\?\?)= (?=[^;\n]*\()",
        "C#": rb"(_\w+) \?\?= (?=[^;\n]*\()(?!new\b)",
    }  # fmt: skip
    body = syntax.data[function.body.start_byte : function.body.end_byte]
    for found in re.finditer(forms.get(syntax.language, rb"(?!)"), body):
        at = function.body.start_byte + found.start()
        yield (Edit(at, at + len(found[0]), f"{found[1].decode()} = "),)
