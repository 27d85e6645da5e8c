"""Operators of redundancy: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import redundancy

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "return_expanded",
        "Java",
        "boolean f(int a) {\n    return a > 1;\n}\n",
        "boolean f(int a) {\n    if (a > 1) {\n        return true;\n    } else {\n        return false;\n    }\n}\n",
    ),
    (
        "return_expanded",
        "Ruby",
        "def f(a)\n  a == 1\nend\n",
        "def f(a)\n  if a == 1\n    true\n  else\n    false\n  end\nend\n",
    ),
    (
        "return_expanded",
        "C",
        "int f(int a) {\n    return !a;\n}\n",
        "int f(int a) {\n    if (!a) {\n        return 1;\n    } else {\n        return 0;\n    }\n}\n",
    ),
    (
        "value_named_to_return",
        "C",
        "struct node *first_child(struct node *n) {\n    return n->children[0];\n}\n",
        "struct node *first_child(struct node *n) {\n    struct node *res = n->children[0];\n    return res;\n}\n",
    ),
    (
        "value_named_to_return",
        "Ruby",
        "def full_title(a)\n  a.name.strip\nend\n",
        "def full_title(a)\n  rv = a.name.strip\n  rv\nend\n",
    ),
    (
        "value_named_to_return",
        "Go",
        "func readAll(a int) int {\n\treturn pick(a, 1)\n}\n",
        "func readAll(a int) int {\n\tres := pick(a, 1)\n\treturn res\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(redundancy).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "value_named_to_return",
        "JavaScript",
        "function f(a) {\n  if (a)\n    return g(a, 1);\n}\n",
    ),
    (
        "value_named_to_return",
        "Python",
        "def f(total):\n    return total\n",
    ),
    (
        "value_named_to_return",
        "C",
        "ALWAYS_INLINE state_t *fetch_it(void) {\n    return fetch_impl(true, true);\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
