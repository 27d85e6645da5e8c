"""Explaining variables and constants: a value that loses its name, or its one place."""

import re
from collections.abc import Iterator, Mapping

from tree_sitter import Node

from parsers.syntax import Function, Syntax, walk
from synthesis.mutations import scope
from synthesis.mutations.operator import Site, operator
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
_COMPOUND = re.compile(r"if|unless|switch|case|try|with|begin|while|until|for|foreach|match|select|do_|using|lock")
_LOOPS = re.compile(r"while|until|for|do_")
_FRESH = re.compile(
    r"composite|dictionary|hash|array$|^list$|object$|^set$|comprehension|array_literal|pair|initializer"
)
_REACHES = re.compile(r"attribute|member|field|selector|subscript|index|element|array_access|pointer|instance_variable")


@operator(KEY, "do not repeat yourself; extract variable (Fowler)", version="2", family="explanations")
def expression_repeated(syntax: Syntax, function: Function) -> Iterator[Site]:
    """One expression is written out at every place that needs its value."""
    known = scope.variables(syntax, function)
    for variable, owner, value, _ in rewording.once(syntax, function):
        if (
            len(variable.uses) < 3
            or rewording.closed_over(variable, value)
            or any(rewording.EFFECTS.search(n.type) or _FRESH.search(n.type) for n, _ in walk(value))
            or _calls_bare(syntax, value, known)
        ):
            continue
        names = {syntax.text(n) for n, _ in walk(value) if n.type == "identifier"}
        last = variable.uses[-1].end_byte
        moved = [
            w for n in names if n in known for w in scope.written(known[n]) if owner.end_byte <= w.start_byte < last
        ]
        if any(_REACHES.search(n.type) for n, _ in walk(value)) and _stirred(syntax, function, owner.end_byte, last):
            continue
        edit = blocks.deletion(syntax, owner)
        leaves = sum(n.is_named and not n.named_children for n, _ in walk(value))
        if edit is not None and not moved and leaves > 2:
            yield (edit, *rewording.inlined(syntax, variable, value))


def _calls_bare(syntax: Syntax, value: Node, known: Mapping[str, object]) -> bool:
    """Whether a name in a Ruby value is no local, and so calls a method."""
    names = [n for n, _ in walk(value) if n.type == "identifier"]
    return syntax.language == "Ruby" and any(syntax.text(n) not in known for n in names)


def _stirred(syntax: Syntax, function: Function, start: int, end: int) -> bool:
    """Whether something between two places could change what a member, an element or a pointer holds."""
    return any(start <= n.start_byte < end and wording.EFFECT.search(n.type) for n, _ in walk(function.body))
