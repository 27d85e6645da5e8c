"""Patterns compiled, run or filled in where a plain operation, or a pattern made before, does the same."""

from collections.abc import Iterator

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes, swaps
from synthesis.mutations.runtime.lookups import rewrites
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "costly_conversion"


@operator(CRITERION, "a pattern is compiled and run where a comparison of bytes does", family=FAMILY)
@outside_tests
def pattern_for_plain_text(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A regular expression does what a plain text operation does."""
    yield from rewrites(syntax, function, swaps.PATTERNS)


@operator(
    CRITERION,
    "a literal pattern is compiled once, one given as text is looked up or compiled whenever the line runs",
    ("Ruby", "JavaScript", "C#"),
    family=FAMILY,
)
@outside_tests
def literal_pattern_compiled(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A constant pattern is compiled anew each time it is used."""
    yield from rewrites(syntax, function, swaps.COMPILED)
    for node, _ in walk(function.body):
        pattern = node.child_by_field_name("pattern") if node.type == "regex" else None
        whole = shapes.statement_of(node)
        if syntax.language != "JavaScript" or pattern is None or whole is None:
            continue
        flags = node.child_by_field_name("flags")
        source = syntax.text(pattern).replace("\\", "\\\\").replace("'", "\\'")
        more = f", '{syntax.text(flags)}'" if flags is not None else ""
        if not syntax.text(whole).endswith(f"= {syntax.text(node)};"):
            yield (Edit(node.start_byte, node.end_byte, f"new RegExp('{source}'{more})"),)


@operator(
    CRITERION,
    "match? was made so that no match object is built (Performance/RegexpMatch)",
    ("Ruby",),
    family=FAMILY,
)
@outside_tests
def match_built_for_test(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A match is built in full where only its being there is asked."""
    for one in shapes.calls(syntax, function.body):
        method = one.node.child_by_field_name("method")
        if one.name == "match?" and method is not None and text.is_condition(one.node) and one.receiver is not None:
            yield (Edit(method.start_byte, method.end_byte, "match"),)


@operator(
    CRITERION,
    "CA1862: two copies in one case are made and compared where one comparison needs none",
    ("Go", "Java", "C#", "Ruby"),
    family=FAMILY,
)
@outside_tests
def case_folded_by_copy(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Texts are copied to one case to compare them."""
    yield from rewrites(syntax, function, swaps.FOLDED)
