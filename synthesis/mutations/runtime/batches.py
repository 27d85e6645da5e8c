"""Elements and output handed over in more calls than it takes."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, text
from synthesis.mutations.operator import Edit, Site, operator
from synthesis.mutations.runtime import shapes, tables
from synthesis.mutations.trials import outside_tests

CRITERION = "runtime_efficiency"
FAMILY = "costly_building"


@operator(CRITERION, "one call for each element where one call takes them all", family=FAMILY)
@outside_tests
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
