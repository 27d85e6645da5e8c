"""Redundancy: more words for what fewer say as well."""

import re
from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations import layout, scope
from synthesis.mutations.layout import replace
from synthesis.mutations.operator import Site, operator
from synthesis.mutations.readability import blocks, rewording, wording

KEY = "readability_maintainability"
_CLOSURES = re.compile(r"lambda|closure|arrow|function|func_literal|do_block|comprehension|generator|local_function")
_RETURNED = scope.kinds(
    "call call_expression method_invocation invocation_expression binary_expression binary binary_operator subscript "
    "attribute member_expression field_expression selector_expression member_access_expression field_access "
    "comparison_operator boolean_operator element_reference index_expression array_access subscript_expression "
    "object_creation_expression element_access_expression"
)
_TRUTH = frozenset(("==", "!=", "===", "!==", "<", "<=", ">", ">=", "in", "not in", "is", "is not"))


@operator(KEY, "return the condition itself: pylint R1703, PMD SimplifyBooleanReturns", family="redundancy")
def return_expanded(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A condition is spelt out as two returns of true and false."""
    true, false = ("True", "False") if syntax.language == "Python" else ("true", "false")
    if syntax.language == "C" and "bool" not in function.signature:
        true, false = "1", "0"
    more, end = blocks.step(syntax, function), layout.ending(syntax)
    for node, value in rewording.returned(syntax, function):
        text, indent = syntax.text(value), rewording.indent_of(syntax, node)
        parts = next((b for b in layout.binaries(syntax, value) if b.node.id == value.id), None)
        negated = layout.operand(value) is not None
        if "\n" in text or not (negated or (parts is not None and syntax.text(parts.operator) in _TRUTH)):
            continue
        back = "" if node.id == value.id else "return "
        yes, nay = f"{indent}{more}{back}{true}{end}", f"{back}{false}{end}"
        line = (
            f"\n{indent}" if ") {" not in (whole := syntax.text(function.node)) and re.search(r"\n\s*{", whole) else " "
        )
        if syntax.language == "Python":
            made = f"if {text}:\n{yes}\n{indent}else:\n{indent}{more}{nay}"
        elif syntax.language == "Ruby":
            made = f"if {text}\n{yes}\n{indent}else\n{indent}{more}{nay}\n{indent}end"
        else:
            test = text if syntax.language == "Go" else f"({text})"
            made = f"if {test}{line}{{\n{yes}\n{indent}}}{line}else{line}{{\n{indent}{more}{nay}\n{indent}}}"
        yield (replace(node, layout.written(syntax, made)),)


@operator(
    KEY,
    "inline temporary (Fowler); RuboCop Style/RedundantAssignment, PMD UnnecessaryLocalBeforeReturn",
    family="redundancy",
)
def value_named_to_return(syntax: Syntax, function: Function) -> Iterator[Site]:
    """A value is given a name only to be returned on the next line."""
    head, end, name = rewording.declaration(syntax, function), layout.ending(syntax), wording.fresh(syntax, function)
    for node, value in rewording.returned(syntax, function):
        text, indent = syntax.text(value), rewording.indent_of(syntax, node)
        closed = any(_CLOSURES.search(p.type) for p in rewording.parents(node, function.body))
        if head is None or closed or "\n" in text or not 8 <= len(text) <= 60 or value.type not in _RETURNED:
            continue
        if syntax.language == "Ruby" and (" do" in text or "{" in text or (value.type == "call" and " " in text)):
            continue
        if syntax.language == "Ruby" and re.match(r"assert|expect|test_|puts|raise", text):
            continue
        back = name if syntax.language == "Ruby" and node.id == value.id else f"return {name}{end}"
        made = f"{head}{name} {rewording.assign(syntax)} {text}{end}\n{indent}{back}"
        yield (replace(node, layout.written(syntax, made)),)
