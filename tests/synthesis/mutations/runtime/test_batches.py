"""`synthesis.mutations.runtime.batches` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import batches

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == batches.__name__}

MADE = [
    (
        "elements_one_by_one",
        "Go",
        ("func both(a, b []string) []string {\n\ta = append(a, b...)\n\treturn a\n}\n"),
        (
            "func both(a, b []string) []string {\n"
            "\tfor _, item := range b {\n"
            "\t\ta = append(a, item)\n"
            "\t}\n"
            "\treturn a\n"
            "}\n"
        ),
    ),
    (
        "elements_one_by_one",
        "Python",
        ("def both(a, b):\n    a.extend(b)\n    return a\n"),
        ("def both(a, b):\n    for item in b:\n        a.append(item)\n    return a\n"),
    ),
    (
        "elements_one_by_one",
        "JavaScript",
        ("function both(a, b) {\n  a.push(...b);\n  return a;\n}\n"),
        ("function both(a, b) {\n  for (const item of b) {\n    a.push(item);\n  }\n  return a;\n}\n"),
    ),
]

LEFT_ALONE = [
    ("elements_one_by_one", "Python", ("def twice(a):\n    a.extend(a)\n    return a\n")),
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
