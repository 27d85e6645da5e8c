"""What the operators of `memory.in_place` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import in_place
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "reordered_in_a_copy",
        "Python",
        ("def names(rows):\n    found = [row.name for row in rows]\n    found.sort()\n    return found\n"),
        ("def names(rows):\n    found = [row.name for row in rows]\n    found = sorted(found)\n    return found\n"),
    ),
    (
        "reordered_in_a_copy",
        "Ruby",
        ("def tidy(path)\n  name = path.dup\n  name.strip!\n  name\nend\n"),
        ("def tidy(path)\n  name = path.dup\n  name = name.strip\n  name\nend\n"),
    ),
    (
        "grown_by_copy",
        "Python",
        ("def names(rows):\n    found = []\n    for row in rows:\n        found.append(row.name)\n    return found\n"),
        (
            "def names(rows):\n"
            "    found = []\n"
            "    for row in rows:\n"
            "        found = found + [row.name]\n"
            "    return found\n"
        ),
    ),
    (
        "grown_by_copy",
        "JavaScript",
        (
            "function names(rows) {\n"
            "  let found = [];\n"
            "  for (const row of rows) {\n"
            "    found.push(row.name);\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "function names(rows) {\n"
            "  let found = [];\n"
            "  for (const row of rows) {\n"
            "    found = [...found, row.name];\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "grown_by_copy",
        "Ruby",
        ("def names(rows)\n  found = []\n  rows.each do |row|\n    found << row.name\n  end\n  found\nend\n"),
        ("def names(rows)\n  found = []\n  rows.each do |row|\n    found += [row.name]\n  end\n  found\nend\n"),
    ),
    (
        "grown_by_copy",
        "C#",
        (
            "List<int> Both(int[] a, int[] b) {\n"
            "    var all = new List<int>(a);\n"
            "    all.AddRange(b);\n"
            "    return all;\n"
            "}\n"
        ),
        (
            "List<int> Both(int[] a, int[] b) {\n"
            "    var all = new List<int>(a);\n"
            "    all = all.Concat(b).ToList();\n"
            "    return all;\n"
            "}\n"
        ),
    ),
    (
        "appended_to_a_copy",
        "C++",
        ('std::string line(const char* name) {\n  std::string text = "x";\n  text += name;\n  return text;\n}\n'),
        ('std::string line(const char* name) {\n  std::string text = "x";\n  text = text + name;\n  return text;\n}\n'),
    ),
]
LEFT_ALONE = [
    ("reordered_in_a_copy", "Python", ("def order(rows):\n    rows.sort()\n")),
    (
        "reordered_in_a_copy",
        "Python",
        ("def order(rows, keep):\n    found = [row.name for row in rows]\n    keep(found)\n    found.sort()\n"),
    ),
    (
        "grown_by_copy",
        "JavaScript",
        (
            "function names(rows) {\n"
            "  const found = [];\n"
            "  for (const row of rows) {\n"
            "    found.push(row.name);\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "grown_by_copy",
        "Python",
        (
            "def names(rows):\n"
            "    found = []\n"
            "    def add(row):\n"
            "        found.append(row)\n"
            "    return each(rows, add)\n"
        ),
    ),
    ("grown_by_copy", "Python", ("def names(self, rows):\n    found = self.found\n    found.append(rows)\n")),
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
    own = {one.name for one in vars(in_place).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
