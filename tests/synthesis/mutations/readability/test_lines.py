"""Operators of lines and braces: what each makes of real shapes, and where it makes nothing."""

from collections.abc import Callable

import pytest

from synthesis.mutations.operator import Operator
from synthesis.mutations.readability import lines

Made = Callable[[str, str, str], list[str]]

EXAMPLES = [
    (
        "braces_dropped",
        "Java",
        "void f(int a) {\n    if (a > 1) {\n        g();\n    }\n    h();\n}\n",
        "void f(int a) {\n    if (a > 1)\n        g();\n    h();\n}\n",
    ),
    (
        "braces_dropped",
        "C#",
        "void F(int a)\n{\n    while (a > 1)\n    {\n        G(a,\n            1);\n    }\n    H();\n}\n",
        "void F(int a)\n{\n    while (a > 1)\n        G(a,\n            1);\n    H();\n}\n",
    ),
    (
        "statements_joined",
        "Python",
        "def f(a):\n    g(a)\n    h(a)\n    if a:\n        i()\n",
        "def f(a):\n    g(a); h(a)\n    if a:\n        i()\n",
    ),
    (
        "statements_joined",
        "JavaScript",
        "function f(a) {\n  g(a);\n  h(a);\n}\n",
        "function f(a) {\n  g(a), h(a);\n}\n",
    ),
    (
        "line_overlong",
        "Python",
        "def f(a):\n    return collect_everything_that_is_needed(\n"
        "        first_of_all_the_arguments=a,\n        second_of_all_the_arguments=a + 1,\n"
        '        third_of_all_the_arguments="third",\n    )\n',
        "def f(a):\n"
        "    return collect_everything_that_is_needed(first_of_all_the_arguments=a, "
        'second_of_all_the_arguments=a + 1, third_of_all_the_arguments="third")\n',
    ),
    (
        "line_overlong",
        "Go",
        "func f(a int) T {\n\treturn collectEverythingThatIsNeeded(\n"
        "\t\tfirstOfAllTheArguments(a),\n\t\tsecondOfAllTheArguments(a),\n"
        "\t\tthirdOfAllTheArguments(a, second, third),\n\t)\n}\n",
        "func f(a int) T {\n"
        "\treturn collectEverythingThatIsNeeded(firstOfAllTheArguments(a), "
        "secondOfAllTheArguments(a), thirdOfAllTheArguments(a, second, third))\n"
        "}\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "before", "after"), EXAMPLES)
def test_example(made: Made, name: str, language: str, before: str, after: str) -> None:
    assert after in made(name, language, before)


def test_every_operator_of_the_file_has_an_example() -> None:
    listed = {one.name for one in vars(lines).values() if isinstance(one, Operator)}
    assert {name for name, *_ in EXAMPLES} == listed


REFUSED = [
    (
        "braces_dropped",
        "Java",
        "void f(int a) {\n    if (a > 1) {\n        int b = 1;\n    }\n}\n",
    ),
    (
        "line_overlong",
        "Python",
        "def f(a):\n    return g(\n        a,\n        a + 1,\n    )\n",
    ),
]


@pytest.mark.parametrize(("name", "language", "code"), REFUSED)
def test_no_place(made: Made, name: str, language: str, code: str) -> None:
    assert made(name, language, code) == []
