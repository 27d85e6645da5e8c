"""`synthesis.mutations.runtime.exits` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import exits

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == exits.__name__}

MADE = [
    (
        "early_exit_removed",
        "JavaScript",
        (
            "function has(items, id) {\n"
            "  let found = false;\n"
            "  for (const item of items) {\n"
            "    if (item.id === id) {\n"
            "      found = true;\n"
            "      break;\n"
            "    }\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "function has(items, id) {\n"
            "  let found = false;\n"
            "  for (const item of items) {\n"
            "    if (item.id === id) {\n"
            "      found = true;\n"
            "    }\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "answer_kept_in_flag",
        "C",
        (
            "int has(const int *all, int n, int one) {\n"
            "    for (int i = 0; i < n; i++) {\n"
            "        if (all[i] == one) {\n"
            "            return 1;\n"
            "        }\n"
            "    }\n"
            "    return 0;\n"
            "}\n"
        ),
        (
            "int has(const int *all, int n, int one) {\n"
            "    int found = 0;\n"
            "    for (int i = 0; i < n; i++) {\n"
            "        if (all[i] == one) {\n"
            "            found = 1;\n"
            "        }\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "answer_kept_in_flag",
        "Python",
        (
            "def has(items, wanted):\n"
            "    for item in items:\n"
            "        if item.key == wanted:\n"
            "            return True\n"
            "    return False\n"
        ),
        (
            "def has(items, wanted):\n"
            "    found = False\n"
            "    for item in items:\n"
            "        if item.key == wanted:\n"
            "            found = True\n"
            "    return found\n"
        ),
    ),
    (
        "answer_kept_in_flag",
        "Ruby",
        (
            "def has?(items, wanted)\n"
            "  items.each do |item|\n"
            "    return true if item.key == wanted\n"
            "  end\n"
            "  false\n"
            "end\n"
        ),
        (
            "def has?(items, wanted)\n"
            "  found = false\n"
            "  items.each do |item|\n"
            "    found = true if item.key == wanted\n"
            "  end\n"
            "  found\n"
            "end\n"
        ),
    ),
    (
        "answer_kept_in_flag",
        "JavaScript",
        (
            "function has(items, wanted) {\n"
            "  for (const item of items) {\n"
            "    if (item.key === wanted) {\n"
            "      return true;\n"
            "    }\n"
            "  }\n"
            "  return false;\n"
            "}\n"
        ),
        (
            "function has(items, wanted) {\n"
            "  let found = false;\n"
            "  for (const item of items) {\n"
            "    if (item.key === wanted) {\n"
            "      found = true;\n"
            "    }\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "first_match_kept",
        "Java",
        (
            "Item find(List<Item> items, String key) {\n"
            "    for (Item item : items) {\n"
            "        if (item.key.equals(key)) {\n"
            "            return item;\n"
            "        }\n"
            "    }\n"
            "    return null;\n"
            "}\n"
        ),
        (
            "Item find(List<Item> items, String key) {\n"
            "    Item found = null;\n"
            "    for (Item item : items) {\n"
            "        if (item.key.equals(key) && found == null) {\n"
            "            found = item;\n"
            "        }\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "first_match_kept",
        "C",
        (
            "int place(const int *all, int n, int one) {\n"
            "    for (int i = 0; i < n; i++)\n"
            "        if (all[i] == one)\n"
            "            return i;\n"
            "    return -1;\n"
            "}\n"
        ),
        (
            "int place(const int *all, int n, int one) {\n"
            "    int index = -1;\n"
            "    for (int i = 0; i < n; i++)\n"
            "        if (all[i] == one && index == -1)\n"
            "            index = i;\n"
            "    return index;\n"
            "}\n"
        ),
    ),
    (
        "first_match_kept",
        "Python",
        (
            "def find(items, key):\n"
            "    for item in items:\n"
            "        if item.key == key or item.alias == key:\n"
            "            return item\n"
            "    return None\n"
        ),
        (
            "def find(items, key):\n"
            "    found = None\n"
            "    for item in items:\n"
            "        if (item.key == key or item.alias == key) and found is None:\n"
            "            found = item\n"
            "    return found\n"
        ),
    ),
    (
        "early_exit_removed",
        "Java",
        (
            "boolean has(List<Item> items, String key) {\n"
            "    boolean found = false;\n"
            "    for (Item item : items) {\n"
            "        if (item.key.equals(key)) {\n"
            "            found = true;\n"
            "            break;\n"
            "        }\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "boolean has(List<Item> items, String key) {\n"
            "    boolean found = false;\n"
            "    for (Item item : items) {\n"
            "        if (item.key.equals(key)) {\n"
            "            found = true;\n"
            "        }\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
]

LEFT_ALONE = [
    (
        "early_exit_removed",
        "Python",
        (
            "def first(items):\n"
            "    for item in items:\n"
            "        if item.ok:\n"
            "            found = item\n"
            "            break\n"
            "    return found\n"
        ),
    ),
    (
        "answer_kept_in_flag",
        "Python",
        (
            "def has(items):\n"
            "    for item in items:\n"
            "        if item.pop():\n"
            "            return True\n"
            "    return False\n"
        ),
    ),
    (
        "answer_kept_in_flag",
        "C",
        (
            "int closes(struct node *n) {\n"
            "    while (n) {\n"
            "        if (!n->next)\n"
            "            return 0;\n"
            "        n = n->next->next;\n"
            "    }\n"
            "    return 1;\n"
            "}\n"
        ),
    ),
    (
        "first_match_kept",
        "Python",
        (
            "def find(items, wanted):\n"
            "    for key in items:\n"
            "        if wanted(key):\n"
            "            return key\n"
            "    return None\n"
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
