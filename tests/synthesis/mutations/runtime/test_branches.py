"""`synthesis.mutations.runtime.branches` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import branches

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == branches.__name__}

MADE = [
    (
        "test_made_twice",
        "C#",
        (
            "void Put(Bag bag, string name) {\n"
            "    if (bag.Contains(name))\n"
            "    {\n"
            "        Hit(1);\n"
            "    }\n"
            "    else\n"
            "    {\n"
            "        Miss(2);\n"
            "    }\n"
            "}\n"
        ),
        (
            "void Put(Bag bag, string name) {\n"
            "    if (bag.Contains(name))\n"
            "    {\n"
            "        Hit(1);\n"
            "    }\n"
            "    if (!bag.Contains(name))\n"
            "    {\n"
            "        Miss(2);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "test_made_twice",
        "Python",
        ("def put(path, name):\n    if matches(path, 'x'):\n        hit(name)\n    else:\n        miss(name)\n"),
        (
            "def put(path, name):\n"
            "    if matches(path, 'x'):\n"
            "        hit(name)\n"
            "    if not matches(path, 'x'):\n"
            "        miss(name)\n"
        ),
    ),
    (
        "test_made_twice",
        "Ruby",
        ("def put(path, name)\n  if matches(path, 'x')\n    hit(name)\n  else\n    miss(name)\n  end\nend\n"),
        (
            "def put(path, name)\n"
            "  if matches(path, 'x')\n"
            "    hit(name)\n"
            "  end\n"
            "  unless matches(path, 'x')\n"
            "    miss(name)\n"
            "  end\n"
            "end\n"
        ),
    ),
    (
        "test_made_twice",
        "Go",
        ("func put(path, name string) {\n\tif matches(path, name) {\n\t\thit(1)\n\t} else {\n\t\tmiss(2)\n\t}\n}\n"),
        (
            "func put(path, name string) {\n"
            "\tif matches(path, name) {\n"
            "\t\thit(1)\n"
            "\t}\n"
            "\tif !matches(path, name) {\n"
            "\t\tmiss(2)\n"
            "\t}\n"
            "}\n"
        ),
    ),
    (
        "identity_shortcut_removed",
        "Java",
        (
            "public boolean equals(Object other) {\n"
            "    if (this == other) {\n"
            "        return true;\n"
            "    }\n"
            "    return other instanceof Box && same((Box) other);\n"
            "}\n"
        ),
        ("public boolean equals(Object other) {\n    return other instanceof Box && same((Box) other);\n}\n"),
    ),
]

LEFT_ALONE = [
    (
        "test_made_twice",
        "Python",
        ("def put(bag, name):\n    if matches(bag, name):\n        bag.remove(name)\n    else:\n        miss(name)\n"),
    ),
    (
        "identity_shortcut_removed",
        "Java",
        (
            "public boolean same(Object other) {\n"
            "    if (this == other) {\n"
            "        return true;\n"
            "    }\n"
            "    return false;\n"
            "}\n"
        ),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "runtime_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE, ids=[f"{row[0]}-{row[1]}" for row in LEFT_ALONE])
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
