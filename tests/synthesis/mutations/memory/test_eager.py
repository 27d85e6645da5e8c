"""What the operators of `memory.eager` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import eager
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "eager_copy",
        "Python",
        ("def show(rows):\n    for row in rows:\n        print(row)\n"),
        ("def show(rows):\n    for row in list(rows):\n        print(row)\n"),
    ),
    (
        "eager_copy",
        "Python",
        ("def show(rows):\n    for name, row in rows.items():\n        print(name, row)\n"),
        ("def show(rows):\n    for name, row in list(rows.items()):\n        print(name, row)\n"),
    ),
    (
        "eager_copy",
        "JavaScript",
        ("function show(rows) {\n  for (const row of rows) {\n    print(row);\n  }\n}\n"),
        ("function show(rows) {\n  for (const row of [...rows]) {\n    print(row);\n  }\n}\n"),
    ),
    (
        "eager_copy",
        "Ruby",
        ("def show(rows)\n  rows.each do |row|\n    puts row\n  end\nend\n"),
        ("def show(rows)\n  rows.dup.each do |row|\n    puts row\n  end\nend\n"),
    ),
    (
        "eager_copy",
        "Ruby",
        ("def show(rows)\n  rows.each_pair { |name, row| puts name, row }\nend\n"),
        ("def show(rows)\n  rows.to_a.each { |name, row| puts name, row }\nend\n"),
    ),
    (
        "eager_copy",
        "Java",
        (
            "void show(Map<String, Integer> rows) {\n"
            "    for (String name : rows.keySet()) {\n"
            "        print(name);\n"
            "    }\n"
            "}\n"
        ),
        (
            "void show(Map<String, Integer> rows) {\n"
            "    for (String name : new ArrayList<>(rows.keySet())) {\n"
            "        print(name);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "eager_copy",
        "Java",
        ("void show(String[] rows) {\n    for (String name : rows) {\n        print(name);\n    }\n}\n"),
        ("void show(String[] rows) {\n    for (String name : rows.clone()) {\n        print(name);\n    }\n}\n"),
    ),
    (
        "eager_copy",
        "C#",
        ("void Show(IEnumerable<int> rows) {\n    foreach (var row in rows) {\n        Print(row);\n    }\n}\n"),
        (
            "void Show(IEnumerable<int> rows) {\n"
            "    foreach (var row in rows.ToList()) {\n"
            "        Print(row);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "eager_copy",
        "Go",
        ("func show(rows []string) {\n\tfor _, row := range rows {\n\t\tprint(row)\n\t}\n}\n"),
        (
            "func show(rows []string) {\n"
            "\tfor _, row := range append([]string(nil), rows...) {\n"
            "\t\tprint(row)\n"
            "\t}\n"
            "}\n"
        ),
    ),
    (
        "view_materialised",
        "Ruby",
        ("def show(rows)\n  rows.each_key { |name| puts name }\nend\n"),
        ("def show(rows)\n  rows.keys.each { |name| puts name }\nend\n"),
    ),
    (
        "comprehension_listed",
        "Python",
        ("def total(rows):\n    return sum(row.size for row in rows)\n"),
        ("def total(rows):\n    return sum([row.size for row in rows])\n"),
    ),
    (
        "generator_made_list",
        "Python",
        ("def tidy(rows):\n    for row in (r.strip() for r in rows):\n        print(row)\n"),
        ("def tidy(rows):\n    for row in [r.strip() for r in rows]:\n        print(row)\n"),
    ),
    (
        "chain_materialised",
        "C#",
        ("int Count(IEnumerable<int> rows) {\n    return rows.Where(r => r > 1).Select(r => r + 1).Count();\n}\n"),
        (
            "int Count(IEnumerable<int> rows) {\n"
            "    return rows.Where(r => r > 1).ToList().Select(r => r + 1).Count();\n"
            "}\n"
        ),
    ),
    (
        "chain_materialised",
        "Java",
        (
            "Optional<String> first(List<String> rows) {\n"
            "    return rows.stream().filter(r -> ok(r)).map(r -> tidy(r)).findFirst();\n"
            "}\n"
        ),
        (
            "Optional<String> first(List<String> rows) {\n"
            "    return rows.stream().filter(r -> ok(r)).toList().stream().map(r -> tidy(r)).findFirst();\n"
            "}\n"
        ),
    ),
]
LEFT_ALONE = [
    ("eager_copy", "Python", ("def show(rows):\n    for row in rows:\n        rows.remove(row)\n")),
    ("eager_copy", "Python", ("def show():\n    for n in itertools.count():\n        print(n)\n")),
    ("eager_copy", "Python", ("def show(rows):\n    while rows:\n        print(rows.pop())\n")),
    (
        "eager_copy",
        "C#",
        ("void Show(ReadOnlySpan<char> span) {\n    foreach (var c in span) {\n        Print(c);\n    }\n}\n"),
    ),
    ("eager_copy", "Ruby", ("def show(rows)\n  rows.each do |row|\n    rows.delete(row)\n  end\nend\n")),
    ("comprehension_listed", "Python", ('def total(rows):\n    return ", ".join(row.name for row in rows)\n')),
    (
        "generator_made_list",
        "Python",
        ('def tidy(rows):\n    """Give an iterator."""\n    return (r.strip() for r in rows)\n'),
    ),
    (
        "chain_materialised",
        "Java",
        ("Optional<String> first(Optional<String> row) {\n    return row.filter(r -> ok(r)).map(r -> tidy(r));\n}\n"),
    ),
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
    own = {one.name for one in vars(eager).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
