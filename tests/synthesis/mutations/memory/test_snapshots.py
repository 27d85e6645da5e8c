"""What the operators of `memory.snapshots` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import snapshots
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "argument_snapshot",
        "Java",
        (
            "int total(List<Integer> rows) {\n"
            "    int sum = 0;\n"
            "    for (int i = 0; i < rows.size(); i++) {\n"
            "        sum += rows.get(i);\n"
            "    }\n"
            "    return sum;\n"
            "}\n"
        ),
        (
            "int total(List<Integer> rows) {\n"
            "    rows = new ArrayList<>(rows);\n"
            "    int sum = 0;\n"
            "    for (int i = 0; i < rows.size(); i++) {\n"
            "        sum += rows.get(i);\n"
            "    }\n"
            "    return sum;\n"
            "}\n"
        ),
    ),
    (
        "argument_snapshot",
        "C#",
        ("int Total(int[] rows) {\n    return rows.Length;\n}\n"),
        ("int Total(int[] rows) {\n    rows = rows.ToArray();\n    return rows.Length;\n}\n"),
    ),
    (
        "argument_snapshot",
        "Go",
        ("func total(rows []int) int {\n\treturn len(rows)\n}\n"),
        ("func total(rows []int) int {\n\trows = append([]int(nil), rows...)\n\treturn len(rows)\n}\n"),
    ),
    (
        "argument_snapshot",
        "JavaScript",
        ("/**\n * @param {Array} rows All.\n */\nfunction total(rows) {\n  return rows.length;\n}\n"),
        (
            "/**\n"
            " * @param {Array} rows All.\n"
            " */\n"
            "function total(rows) {\n"
            "  rows = rows.slice();\n"
            "  return rows.length;\n"
            "}\n"
        ),
    ),
    (
        "argument_snapshot",
        "Python",
        ("def show(rows):\n    for row in rows:\n        print(row)\n"),
        ("def show(rows):\n    rows = list(rows)\n    for row in rows:\n        print(row)\n"),
    ),
    (
        "argument_snapshot",
        "Ruby",
        ("def show(rows)\n  rows.map { |row| row.name }\nend\n"),
        ("def show(rows)\n  rows = rows.dup\n  rows.map { |row| row.name }\nend\n"),
    ),
    (
        "view_copied",
        "Java",
        ("List<String> names() {\n    return Collections.unmodifiableList(names);\n}\n"),
        ("List<String> names() {\n    return Collections.unmodifiableList(new ArrayList<>(names));\n}\n"),
    ),
    (
        "view_copied",
        "Go",
        ("func open(text string) io.Reader {\n\treturn strings.NewReader(text)\n}\n"),
        ("func open(text string) io.Reader {\n\treturn bytes.NewReader([]byte(text))\n}\n"),
    ),
    (
        "copied_twice",
        "Python",
        ("def order(rows):\n    return sorted(rows)\n"),
        ("def order(rows):\n    return sorted(list(rows))\n"),
    ),
    (
        "copied_twice",
        "JavaScript",
        ("function names(rows) {\n  return rows.map((row) => row.name);\n}\n"),
        ("function names(rows) {\n  return [...rows.map((row) => row.name)];\n}\n"),
    ),
    (
        "copied_twice",
        "C#",
        ("int[] Names(List<Row> rows) {\n    return rows.Select(r => r.Id).ToArray();\n}\n"),
        ("int[] Names(List<Row> rows) {\n    return rows.Select(r => r.Id).ToList().ToArray();\n}\n"),
    ),
    (
        "copied_twice",
        "Ruby",
        ('def names(text)\n  text.split(",").map { |x| x }\nend\n'),
        ('def names(text)\n  text.split(",").dup.map { |x| x }\nend\n'),
    ),
]
LEFT_ALONE = [
    (
        "argument_snapshot",
        "Python",
        ("def show(rows):\n    if rows is None:\n        return\n    for row in rows:\n        print(row)\n"),
    ),
    ("argument_snapshot", "Go", ("func total(rows []int) {\n\trows[0] = 1\n}\n")),
    ("argument_snapshot", "Go", ("func total(rows []int) {\n\tsort(rows)\n}\n")),
    ("copied_twice", "JavaScript", ("function names(rows) {\n  return _.map(rows, (row) => row.name);\n}\n")),
    ("copied_twice", "Python", ("def keep(self):\n    self.var.set(self)\n")),
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
    own = {one.name for one in vars(snapshots).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
