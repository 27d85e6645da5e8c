"""Operators of repairs of layout: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import relayout

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "braces_added",
        "Java",
        "void f(int a) {\n    if (a > 1)\n        g();\n    h();\n}\n",
        "void f(int a) {\n    if (a > 1) {\n        g();\n    }\n    h();\n}\n",
    ),
    (
        "braces_added",
        "C#",
        "void F(int a)\n{\n    while (a > 1)\n        G();\n}\n",
        "void F(int a)\n{\n    while (a > 1)\n    {\n        G();\n    }\n}\n",
    ),
    (
        "line_wrapped",
        "Java",
        "void f(int a) {\n"
        "    collectEverythingThatIsNeeded(firstOfAllTheArguments(a), secondOfAllTheArguments(a), "
        "thirdOfAllTheArguments(a), fourthOfAll(a));\n"
        "}\n",
        "void f(int a) {\n    collectEverythingThatIsNeeded(\n        firstOfAllTheArguments(a),\n"
        "        secondOfAllTheArguments(a),\n        thirdOfAllTheArguments(a),\n"
        "        fourthOfAll(a));\n}\n",
    ),
    (
        "line_wrapped",
        "Python",
        "def f(a):\n"
        "    collect_everything_that_is_needed(first_of_all_the_arguments(a), "
        "second_of_all_the_arguments(a), third_of_all_the_arguments(a), 4)\n",
        "def f(a):\n    collect_everything_that_is_needed(\n"
        "        first_of_all_the_arguments(a),\n        second_of_all_the_arguments(a),\n"
        "        third_of_all_the_arguments(a),\n        4,\n    )\n",
    ),
    (
        "statements_parted",
        "Python",
        "def f():\n    g(); h()\n",
        "def f():\n    g()\n    h()\n",
    ),
    (
        "statements_parted",
        "Ruby",
        "def f(a)\n  g; h\nend\n",
        "def f(a)\n  g\n  h\nend\n",
    ),
    (
        "declarations_parted",
        "C",
        "void f(int a) {\n    char *p = NULL, c;\n    g(&p, &c);\n}\n",
        "void f(int a) {\n    char *p = NULL;\n    char c;\n    g(&p, &c);\n}\n",
    ),
    (
        "declarations_parted",
        "C#",
        "void F()\n{\n    int a = 1, b = 2;\n    G(a, b);\n}\n",
        "void F()\n{\n    int a = 1;\n    int b = 2;\n    G(a, b);\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(relayout).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "braces_added",
        "Java",
        "void f(int a) {\n    if (a > 1) g();\n}\n",
    ),
    (
        "line_wrapped",
        "Java",
        "void f(int a) {\n    g(a, 1);\n}\n",
    ),
    (
        "statements_parted",
        "Python",
        "def f(a):\n    g(a)\n    h(a)\n",
    ),
    (
        "declarations_parted",
        "Java",
        "void f() {\n    int a, b;\n    g(a, b);\n}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
