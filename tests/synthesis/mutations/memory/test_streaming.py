"""What the operators of `memory.streaming` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import streaming
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "read_whole",
        "Python",
        ("def take(n, seq):\n    return itertools.islice(seq, n)\n"),
        ("def take(n, seq):\n    return list(seq)[:n]\n"),
    ),
    (
        "read_whole",
        "C#",
        (
            "void Show(string path) {\n"
            "    foreach (string line in File.ReadLines(path)) {\n"
            "        Print(line);\n"
            "    }\n"
            "}\n"
        ),
        (
            "void Show(string path) {\n"
            "    foreach (string line in File.ReadAllLines(path)) {\n"
            "        Print(line);\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "chunk_lifted",
        "Python",
        ("def copy(source, target):\n    while part := source.read(65536):\n        target.write(part)\n"),
        ("def copy(source, target):\n    while part := source.read():\n        target.write(part)\n"),
    ),
    (
        "lines_listed",
        "Python",
        ("def show(path):\n    with open(path) as file:\n        for line in file:\n            print(line)\n"),
        (
            "def show(path):\n"
            "    with open(path) as file:\n"
            "        for line in file.readlines():\n"
            "            print(line)\n"
        ),
    ),
    (
        "results_collected",
        "Python",
        (
            "def tidy(rows):\n"
            '    """Rows without blanks."""\n'
            "    if not rows:\n"
            "        return\n"
            "    for row in rows:\n"
            "        yield row.strip()\n"
        ),
        (
            "def tidy(rows):\n"
            '    """Rows without blanks."""\n'
            "    result = []\n"
            "    if not rows:\n"
            "        return result\n"
            "    for row in rows:\n"
            "        result.append(row.strip())\n"
            "    return result\n"
        ),
    ),
    (
        "results_collected",
        "Python",
        ("def pairs(rows):\n    for row in rows:\n        yield row.name, row\n"),
        (
            "def pairs(rows):\n"
            "    result = []\n"
            "    for row in rows:\n"
            "        result.append((row.name, row))\n"
            "    return result\n"
        ),
    ),
    (
        "results_collected",
        "C#",
        (
            "IEnumerable<int> Odd(int[] rows) {\n"
            "    foreach (var row in rows) {\n"
            "        if (row < 0) yield break;\n"
            "        yield return row;\n"
            "    }\n"
            "}\n"
        ),
        (
            "IEnumerable<int> Odd(int[] rows) {\n"
            "    var result = new List<int>();\n"
            "    foreach (var row in rows) {\n"
            "        if (row < 0) return result;\n"
            "        result.Add(row);\n"
            "    }\n"
            "    return result;\n"
            "}\n"
        ),
    ),
    (
        "results_collected",
        "JavaScript",
        ("function* odd(rows) {\n  for (const row of rows) {\n    yield row;\n  }\n}\n"),
        (
            "function odd(rows) {\n"
            "  const result = [];\n"
            "  for (const row of rows) {\n"
            "    result.push(row);\n"
            "  }\n"
            "  return result;\n"
            "}\n"
        ),
    ),
]
LEFT_ALONE = [
    ("chunk_lifted", "Python", ("def magic(source):\n    return source.read(1024)\n")),
    (
        "results_collected",
        "Python",
        ('def tidy(rows):\n    """Generator of rows."""\n    for row in rows:\n        yield row\n'),
    ),
    ("results_collected", "Python", ("def tick(n):\n    while True:\n        yield n\n")),
    (
        "results_collected",
        "Python",
        ("def echo(rows):\n    for row in rows:\n        got = yield row\n        print(got)\n"),
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
    own = {one.name for one in vars(streaming).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
