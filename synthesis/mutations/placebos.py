"""Edits that change neither meaning nor quality: no criterion may prefer either side."""

from collections.abc import Iterator

from parsers.syntax import Function, Syntax
from synthesis.mutations.layout import binaries, replace
from synthesis.mutations.operator import Site, placebo

_TURNED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


@placebo("a < b and b > a are one comparison")
def comparison_turned(syntax: Syntax, function: Function) -> Iterator[Site]:
    """The sides of an ordering are swapped and its sign turned."""
    for one in binaries(syntax, function.body):
        sign = syntax.text(one.operator)
        if sign in _TURNED and one.left.type == one.right.type == "identifier":
            yield (
                replace(one.left, syntax.text(one.right)),
                replace(one.operator, _TURNED[sign]),
                replace(one.right, syntax.text(one.left)),
            )
