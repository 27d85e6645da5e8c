"""`synthesis.mutations.runtime.needless` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import needless

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == needless.__name__}

MADE = [
    (
        "work_before_test",
        "Java",
        (
            "String label(Item item, boolean brief) {\n"
            "    if (!brief) {\n"
            '        String detail = describe(item, "long");\n'
            "        return detail + detail;\n"
            "    }\n"
            "    return item.name;\n"
            "}\n"
        ),
        (
            "String label(Item item, boolean brief) {\n"
            '    String detail = describe(item, "long");\n'
            "    if (!brief) {\n"
            "        return detail + detail;\n"
            "    }\n"
            "    return item.name;\n"
            "}\n"
        ),
    ),
    (
        "work_before_test",
        "Python",
        (
            "def label(item, brief):\n"
            "    if not brief:\n"
            "        detail = describe(item)\n"
            "        return detail + detail\n"
            "    return item.name\n"
        ),
        (
            "def label(item, brief):\n"
            "    detail = describe(item)\n"
            "    if not brief:\n"
            "        return detail + detail\n"
            "    return item.name\n"
        ),
    ),
    (
        "short_circuit_lost",
        "Java",
        (
            "boolean ready(Job job, boolean on) {\n"
            '    if (on && matches(job, "x")) {\n'
            "        return true;\n"
            "    }\n"
            "    return false;\n"
            "}\n"
        ),
        (
            "boolean ready(Job job, boolean on) {\n"
            '    if (on & matches(job, "x")) {\n'
            "        return true;\n"
            "    }\n"
            "    return false;\n"
            "}\n"
        ),
    ),
]

LEFT_ALONE = [
    (
        "work_before_test",
        "Python",
        (
            "def tail(stack, known, item, key):\n"
            "    if key in known:\n"
            "        found = stack[stack.index(item) :]\n"
            "        return found\n"
            "    return None\n"
        ),
    ),
    (
        "short_circuit_lost",
        "Java",
        (
            "boolean ready(Job job) {\n"
            '    if (job != null && matches(job, "x")) {\n'
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
