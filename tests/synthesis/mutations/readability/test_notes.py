"""Operators of comments and documentation: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import notes

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "comments_removed",
        "C",
        "int f(int x) {\n    // the caller never owns it\n    g(x); /* it may not be done */\n    return x;\n}\n",
        "int f(int x) {\n    g(x);\n    return x;\n}\n",
    ),
    (
        "comments_removed",
        "Ruby",
        "def f(x)\n  # first of all\n  # the lock, because rows may move\n  lock(x)\n  x\nend\n",
        "def f(x)\n  lock(x)\n  x\nend\n",
    ),
    (
        "documentation_removed",
        "Python",
        'def f(x):\n    """Say what it is for."""\n    return x\n',
        "def f(x):\n    return x\n",
    ),
    (
        "documentation_removed",
        "Go",
        "// Len gives the number of jobs.\nfunc Len(x []int) int {\n\treturn len(x)\n}\n",
        "func Len(x []int) int {\n\treturn len(x)\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(notes).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "comments_removed",
        "Python",
        "def f(x):\n    # noqa: E501 too long\n    return x\n",
    ),
    (
        "documentation_removed",
        "Python",
        'def f(x):\n    """Only words in here."""\n',
    ),
    (
        "comments_removed",
        "Ruby",
        "def f(x)\n  # x.reload(true)\n  lock(x)\nend\n",
    ),
    (
        "comments_removed",
        "Java",
        "void f(int x) {\n    // TODO: the caller owns it\n    g(x);\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
