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
_NUMERIC = re.compile(r"^(const )?(bool|int|unsigned|long|double|float|char|s?size_t|u?int\d+_t)$")
_LOOPS = re.compile(r"while|until|for|do_")
_FRESH = re.compile(
    r"composite|dictionary|hash|array$|^list$|object$|^set$|comprehension|array_literal|pair|initializer"
)
_CHOOSES = re.compile(r"^(binary|boolean)|conditional|ternary")
_REACHES = re.compile(r"attribute|member|field|selector|subscript|index|element|array_access|pointer|instance_variable")


@operator(KEY, "introduce explaining variable (Fowler); CWE-1106", family="explanations")
def explanation_inlined(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A name that said what a value means is gone: the value stands bare in the middle of an expression."""
    numbers = {n.id for n in syntax.nodes("numbers", "number", function.body)}
    strings = {n.id for n in syntax.nodes("strings", "string", function.body)}
    for variable, owner, value, follower in rewording.once(syntax, function):
        if value.id in numbers or len(variable.name) < 4 or _mentioned(syntax, function, variable.name):
            continue
        heavy = len(syntax.text(value)) >= 15 and len(syntax.text(value)) + len(syntax.text(follower)) >= 70
        if any(word[-4:] in syntax.text(value).lower() for word in wording.name_words(variable.name)[-1:]):
            continue
        near = len(variable.uses) == 2 and follower.start_byte <= variable.uses[1].start_byte < follower.end_byte
        fixed = value.id in strings and "{" not in syntax.text(value) and len(variable.uses) < 4
        if not fixed and not (near and heavy and _evaluated_first(variable.uses[1], follower)):
            continue
        edit = blocks.deletion(syntax, owner)
        temporary = syntax.language == "C++" and not fixed and not _NUMERIC.search(variable.type)
        if edit is not None and not temporary and not rewording.closed_over(variable, value):
            yield (edit, *rewording.inlined(syntax, variable, value))


def _mentioned(syntax: Syntax, function: Function, name: str) -> bool:
    comments = syntax.nodes("comments", "comment", function.body)
    return any(re.search(rf"\b{re.escape(name)}\b", syntax.text(node)) for node in comments)


def _evaluated_first(use: Node, follower: Node) -> bool:
    """Whether a statement always evaluates `use`, and nothing before it that could change what it sees."""
    if _LOOPS.match(follower.type):
        return False
    if _COMPOUND.match(follower.type):
        condition = follower.child_by_field_name("condition")
        if condition is None or not condition.start_byte <= use.start_byte < condition.end_byte:
            return False
    if rewording.within_inner(use, follower):
        return False
    for parent in rewording.parents(use, follower):
        if _CHOOSES.search(parent.type):
            python = parent.type == "conditional_expression" and parent.children[1].type == "if"
            first = parent.named_children[1 if python else 0]
            if parent.type != "binary_expression" and not first.start_byte <= use.start_byte < first.end_byte:
                return False
            if any(child.type in ("&&", "||", "??") for child in parent.children) and use.start_byte >= first.end_byte:
                return False
    return not any(wording.EFFECT.search(n.type) and n.end_byte <= use.start_byte for n, _ in walk(follower))


@operator(KEY, "do not repeat yourself; extract variable (Fowler)", family="explanations")
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
