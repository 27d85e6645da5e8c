"""What was kept is made again: a cache not asked, a constant table rebuilt, an argument copied for each call."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import slower, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes

CRITERION = "runtime_efficiency"
FAMILY = "nothing_kept"
_CACHED = re.compile(r"(?i)cache|memo|known|computed|seen")
"""Places that keep what was computed; of others, the function itself must be what fills them."""
_SMALL = re.compile(
    r"(?i)slice$|status|^_?\w{1,3}$|\bint|bool|char|double|float|size_t|_t$|view|span|iter|ptr|base|abstract|interface"
    r"|^i[A-Z]|visitor|logger|stream|alloc|handler|func|callback|pred|listener|factory|env$|type$|mutex|lock|unique"
    r"|matcher|comparator|atomic|reporter|generator|policy|tag$|kind$|initializer_list|auto|listener|registry"
)
"""Types that are cheap to copy, can't be copied, or stand for a family of types."""
_CONTAINER = re.compile(r"string|vector|map|\bset|list|deque")
"""Types that `memory` has copied."""


@operator(CRITERION, "a cache that is never asked: every call pays for the first one's work", family=FAMILY)
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


@operator(
    CRITERION, "performance-unnecessary-value-param: the whole object is copied for each call", ("C++",), family=FAMILY
)
def parameter_by_value(syntax: Syntax, function: Function) -> Iterator[Site]:
    """An object that the function only reads is passed by value instead of by reference."""
    start = function.node.start_byte
    head = syntax.data[start : function.body.start_byte]
    if re.search(rb"operator|= ?(?:default|delete)", head):
        return
    forms = (
        rb"(?<=[(,\s])const ((?:\w+::)*\w+(?:<[\w:, *]+>)?) ?& ?(\w+)(?=\s*[,)])",
        rb"(?<=[(,\s])((?:\w+::)*\w+(?:<[\w:, *]+>)?) const ?& ?(\w+)(?=\s*[,)])",
    )
    for found in (one for form in forms for one in re.finditer(form, head)):
        kind, name = found[1].decode(), found[2].decode()
        generic = re.search(
            rf"(?:typename|class)[ .]+{re.escape(kind.split('<')[0])}\b", head.decode("utf-8", "replace")
        )
        kept = re.search(rf"&{name}\b|dynamic_cast", syntax.text(function.body))
        if not (generic or kept or _SMALL.search(kind) or _CONTAINER.search(kind) or name in ("other", "that", "rhs")):
            at = start + found.start()
            yield (Edit(at, at + len(found[0]), f"{kind} {name}"),)


@operator(CRITERION, "a constant table rebuilt by every call", ("C", "C++"), family=FAMILY)
def table_rebuilt(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A constant table that was laid out once is built on every call."""
    for statement in syntax.nodes("statements", "statement", function.body):
        source = syntax.text(statement)
        found = re.match(r"static (?=(?:const|constexpr) .*[=({])", source)
        listed = re.search(r"\{.*,.*,", source, re.DOTALL) or re.search(r"std::\w+|regex", source)
        name = re.search(r"(\w+)(?:\[[^\]]*\])* ?[={(]", source)
        kept = name is None or re.search(
            rf"return &?{name[1]}\b(?!\[)|= &?{name[1]}\b(?!\[)|&{name[1]}\b", syntax.text(function.body)
        )
        if found and listed and not kept:
            yield (Edit(statement.start_byte, statement.start_byte + len("static "), ""),)
