"""Elements and output handed over in more calls than it takes."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes, tables

CRITERION = "runtime_efficiency"
FAMILY = "costly_building"
_TEXT = r"(\"(?:[^\"\\\n]|\\.)*\")"
_FORMS = {
    "C": rf"(f?printf)\(((?:\w+, ?)?){_TEXT}, ?([^\n]+)\);",
    "C++": rf"((?:std::)?f?printf)\(((?:\w+, ?)?){_TEXT}, ?([^\n]+)\);",
    "Go": rf"(fmt\.F?[pP]rintf)\(((?:[\w.]+, )?){_TEXT}, ([^\n]+)\)",
    "Java": rf"((?:System\.)?\w+\.printf)\((){_TEXT}, ([^\n]+)\);",
}


@operator(
    CRITERION,
    "one call and one lock for each part; on an unbuffered stream, one system call",
    ("C", "C++", "Go", "Java"),
    family=FAMILY,
)
def output_in_pieces(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A line that one call writes is written in several."""
    for node in syntax.nodes("statements", "statement", function.body):
        found = re.fullmatch(_FORMS[syntax.language], syntax.text(node))
        in_block = node.parent is not None and node.parent.type in text.BLOCKS
        if found is None or not in_block or not text.owns_lines(syntax, node):
            continue
        called = next(shapes.calls(syntax, node), None)
        values = [syntax.text(n) for n in called.arguments[2 if found[2] else 1 :]] if called is not None else []
        marks = list(
            re.finditer(r"%[-+ #0-9.]*(?:ll|hh|[lhzjt])?[a-zA-Z]", found[3].replace("%%", "  ").replace("%n", "  "))
        )
        if len(marks) != len(values) or len(marks) < 2 or "*" in found[3] or "PRI" in found[4]:
            continue
        half = len(marks) // 2
        cut = marks[half].start()
        end = "" if syntax.language == "Go" else ";"
        parts = ((found[3][:cut] + '"', values[:half]), ('"' + found[3][cut:], values[half:]))
        lines = [f"{found[1]}({found[2]}{form}, {', '.join(given)}){end}" for form, given in parts]
        yield (Edit(node.start_byte, node.end_byte, f"\n{text.indent(syntax, node)}".join(lines)),)


@operator(CRITERION, "one call for each element where one call takes them all", family=FAMILY)
def elements_one_by_one(syntax: Syntax, function: Function) -> Iterator[Site]:
    """Elements that one call takes together are handed over in one call each."""
    forms = tables.BATCHES.get(syntax.language, ())
    for node in syntax.nodes("statements", "statement", function.body):
        if not text.owns_lines(syntax, node) or "\n" in syntax.text(node):
            continue
        if syntax.language == "Ruby" and shapes.following(node) is None:
            continue
        for pattern, form in forms:
            found = re.fullmatch(pattern, syntax.text(node))
            item = shapes.free(syntax, function, "item", "element", "each_item")
            if found and item is not None and found[1] != found[2]:
                indent, step = text.indent(syntax, node), layout.step(syntax, function)
                made = form.format(target=found[1], source=found[2], item=item, line=f"\n{indent}", step=step)
                yield (Edit(node.start_byte, node.end_byte, made),)
