"""What the operators of `memory.sizes` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import sizes
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "new_text_copied",
        "Java",
        "void take(String name) {\n    keep(name.substring(2));\n}\n",
        "void take(String name) {\n    keep(new String(name.substring(2)));\n}\n",
    ),
    (
        "new_text_copied",
        "Java",
        'String name(int n) {\n    return "row " + n;\n}\n',
        'String name(int n) {\n    return new String("row " + n);\n}\n',
    ),
    (
        "type_widened",
        "Go",
        ("func seen(names []string) int {\n\tknown := make(map[string]struct{})\n\treturn fill(known, names)\n}\n"),
        ("func seen(names []string) int {\n\tknown := make(map[string]interface{})\n\treturn fill(known, names)\n}\n"),
    ),
    (
        "type_widened",
        "C",
        ("int days(int month) {\n    short table[365] = { 31, 28, 31, 30 };\n    return table[month];\n}\n"),
        ("int days(int month) {\n    long table[365] = { 31, 28, 31, 30 };\n    return table[month];\n}\n"),
    ),
    (
        "value_boxed",
        "Java",
        (
            "int sum(int[] values) {\n"
            "    int total = 0;\n"
            "    for (int v : values) {\n"
            "        total += v;\n"
            "    }\n"
            "    return total;\n"
            "}\n"
        ),
        (
            "int sum(int[] values) {\n"
            "    Integer total = 0;\n"
            "    for (int v : values) {\n"
            "        total += v;\n"
            "    }\n"
            "    return total;\n"
            "}\n"
        ),
    ),
    (
        "value_boxed",
        "Java",
        (
            "void show(List<String> rows) {\n"
            "    for (int i = 0; i < rows.size(); i++) {\n"
            "        print(rows.get(i));\n"
            "    }\n"
            "}\n"
        ),
        (
            "void show(List<String> rows) {\n"
            "    for (Integer i = 0; i < rows.size(); i++) {\n"
            "        print(rows.get(i));\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "constant_copied",
        "Java",
        ('String name() {\n    return "name";\n}\n'),
        ('String name() {\n    return new String("name");\n}\n'),
    ),
    (
        "constant_copied",
        "Java",
        ("Object box(int n) {\n    return Integer.valueOf(n);\n}\n"),
        ("Object box(int n) {\n    return new Integer(n);\n}\n"),
    ),
    (
        "size_inflated",
        "C",
        ("char *copy(const char *s, size_t n) {\n    char *made = malloc(n + 1);\n    return memcpy(made, s, n);\n}\n"),
        (
            "char *copy(const char *s, size_t n) {\n"
            "    char *made = malloc(2 * (n + 1));\n"
            "    return memcpy(made, s, n);\n"
            "}\n"
        ),
    ),
    (
        "size_inflated",
        "Java",
        (
            "String join(String[] all) {\n"
            "    StringBuilder out = new StringBuilder();\n"
            "    fill(out, all);\n"
            "    return out.toString();\n"
            "}\n"
        ),
        (
            "String join(String[] all) {\n"
            "    StringBuilder out = new StringBuilder(8192);\n"
            "    fill(out, all);\n"
            "    return out.toString();\n"
            "}\n"
        ),
    ),
]
LEFT_ALONE = [
    ("new_text_copied", "Java", 'void check(int n) {\n    throw new Refused("row " + n);\n}\n'),
    ("new_text_copied", "Java", 'String both() {\n    return "a" + "b";\n}\n'),
    ("new_text_copied", "Java", "int sum(int a, int b) {\n    return a + b;\n}\n"),
    ("type_widened", "C++", ("void turn(float *q) {\n  float axis[3];\n  cross(q, axis);\n  use(axis[0]);\n}\n")),
    ("type_widened", "C", ("int one(void) {\n    char text[8];\n    return fill(text);\n}\n")),
    ("value_boxed", "Java", ("int sum(int total) {\n    return total;\n}\n")),
    (
        "value_boxed",
        "Java",
        ("void drop(List<Integer> rows) {\n    for (int i = 0; i < 3; i++) {\n        rows.remove(i);\n    }\n}\n"),
    ),
    ("size_inflated", "Java", ("int one() {\n    return load(10);\n}\n")),
    ("size_inflated", "C", ('void name(void) {\n    char text[64];\n    snprintf(text, sizeof(text), "x");\n}\n')),
    (
        "value_boxed",
        "Java",
        "int count(Row[] rows) {\n    final int size = rows.length;\n    return walk(rows, size + 1);\n}\n",
    ),
    ("value_boxed", "Java", "void show() {\n    for (int i = 0; i < 5; i++) {\n        print();\n    }\n}\n"),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE)
def test_makes_code_worse_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "memory_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_of_the_file_has_an_example() -> None:
    own = {one.name for one in vars(sizes).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
