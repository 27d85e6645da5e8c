"""Comments and documentation: what the code cannot say by itself."""

import re
from collections.abc import Iterator

from tree_sitter import Node

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout
from synthesis.mutations.operator import Edit, Site, merged, operator
from synthesis.mutations.readability import rewording, wording

KEY = "readability_maintainability"
BRACES = ("C", "C++", "Java", "C#", "JavaScript")
_WHY = re.compile(
    r"\b(because|since|so that|so we|avoid|must|should|prevent|e\.g|i\.e|note|hack|work ?around|bugs?|issue|ensure|"
    r"make sure|in case|need(s|ed)?|instead|don't|doesn't|can't|cannot|won't|isn't|not|never|always|otherwise we|may|"
    r"might|even if|unless|due to|in order to|allows?|required?|RFC|https?)\b|#\d{2,}",
    re.I,
)
_TRUTH = frozenset(("==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "not in", "is", "is not"))


@operator(KEY, "comments that say why: Google style guides, comments", (), "2", family="documentation")
def comments_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Comments that say what the code cannot are gone."""
    groups: list[list[Node]] = []
    for node in rewording.comments(syntax, function):
        if groups and not syntax.data[groups[-1][-1].end_byte : node.start_byte].strip():
            groups[-1].append(node)
        else:
            groups.append([node])
    groups = [group for group in groups if _explains(syntax, group)]
    sites = [merged(rewording.uncommented(syntax, node) for node in group) for group in groups]
    if len(sites) > 1:
        yield merged(edit for site in sites for edit in site)
    yield from sites


@operator(KEY, "documented interfaces: PEP 257; Javadoc; Go doc comments", family="documentation")
def documentation_removed(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Nothing tells the caller what the function is for."""
    if function.doc_span is None or len(function.doc.split()) < 3:
        return
    start, end = function.doc_span
    data = syntax.data
    if start >= function.body.start_byte:  # a documentation string, which may be all that the body holds
        if not data[end : function.body.end_byte].strip() or not layout.owns_lines(data, start, end):
            return
        yield (Edit(layout.break_before(data, start), layout.line_end(data, end), ""),)
        return
    stop = end
    while stop < function.node.start_byte and data[stop : stop + 1].isspace():
        stop += 1
    if not data[layout.line_start(data, start) : start].strip():
        yield (Edit(start, stop, ""),)


def _leftover(syntax: Syntax, node: Node) -> bool:
    """Whether a comment is code that was commented out, or a note of work to do: nobody misses either."""
    text = syntax.text(node)
    return wording.is_code(syntax, text.strip("/*# \t\r\n")) or re.search(r"\b(TODO|FIXME|XXX)\b", text) is not None


def _explains(syntax: Syntax, group: list[Node]) -> bool:
    """Whether comments give a reason or say much: a few words that only tell what follows are not missed."""
    text = " ".join(syntax.text(node) for node in group)
    count = len(re.findall(r"[A-Za-z']+", text))
    return not any(_leftover(syntax, node) for node in group) and (
        count >= 14 or (count >= 5 and _WHY.search(text) is not None)
    )
