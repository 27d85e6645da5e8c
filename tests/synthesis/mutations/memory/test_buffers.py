"""What the operators of `memory.buffers` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import buffers
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "buffer_not_reused",
        "Java",
        (
            "byte[] take(int n) {\n"
            "    if (buffer.length < n) {\n"
            "        buffer = new byte[n];\n"
            "    }\n"
            "    return fill(buffer, n);\n"
            "}\n"
        ),
        ("byte[] take(int n) {\n    buffer = new byte[n];\n    return fill(buffer, n);\n}\n"),
    ),
    (
        "buffer_in_loop",
        "C#",
        (
            "void Copy(Stream from, Stream to) {\n"
            "    var buffer = new byte[4096];\n"
            "    while (from.CanRead) {\n"
            "        to.Write(buffer, 0, from.Read(buffer, 0, 4096));\n"
            "    }\n"
            "}\n"
        ),
        (
            "void Copy(Stream from, Stream to) {\n"
            "    while (from.CanRead) {\n"
            "        var buffer = new byte[4096];\n"
            "        to.Write(buffer, 0, from.Read(buffer, 0, 4096));\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "buffer_in_loop",
        "C++",
        (
            "void copy(Source& from, Sink& to) {\n"
            "  std::vector<char> part(512);\n"
            "  while (from.more()) {\n"
            "    to.write(from.read(part));\n"
            "  }\n"
            "}\n"
        ),
        (
            "void copy(Source& from, Sink& to) {\n"
            "  while (from.more()) {\n"
            "    std::vector<char> part(512);\n"
            "    to.write(from.read(part));\n"
            "  }\n"
            "}\n"
        ),
    ),
    (
        "table_built_per_call",
        "C",
        ("int days(int month) {\n    static const int t[] = { 1, 2, 4, 8, 1, 2, 4 };\n    return t[month];\n}\n"),
        ("int days(int month) {\n    const int t[] = { 1, 2, 4, 8, 1, 2, 4 };\n    return t[month];\n}\n"),
    ),
    (
        "capacity_not_given",
        "Go",
        ("func names(rows []row) []string {\n\tfound := make([]string, 0, len(rows))\n\treturn fill(found, rows)\n}\n"),
        ("func names(rows []row) []string {\n\tfound := make([]string, 0)\n\treturn fill(found, rows)\n}\n"),
    ),
    (
        "capacity_not_given",
        "Java",
        ("List<String> names(List<Row> rows) {\n    return fill(new ArrayList<>(rows.size()), rows);\n}\n"),
        ("List<String> names(List<Row> rows) {\n    return fill(new ArrayList<>(), rows);\n}\n"),
    ),
    (
        "capacity_not_given",
        "C++",
        ("void names(const Rows& rows) {\n  found_.reserve(rows.size());\n  fill(rows);\n}\n"),
        ("void names(const Rows& rows) {\n  fill(rows);\n}\n"),
    ),
]
LEFT_ALONE = [
    (
        "buffer_not_reused",
        "JavaScript",
        (
            "function attach(name) {\n"
            "  if (!this.parent) {\n"
            "    this.parent = {};\n"
            "  }\n"
            "  return this.parent[name];\n"
            "}\n"
        ),
    ),
    (
        "buffer_in_loop",
        "Java",
        (
            "byte[] read(In in) {\n"
            "    byte[] made = new byte[10];\n"
            "    while (in.ready()) {\n"
            "        in.read(made);\n"
            "    }\n"
            "    return made;\n"
            "}\n"
        ),
    ),
    (
        "buffer_in_loop",
        "C++",
        (
            "void watch(Source& from) {\n"
            "  std::string last;\n"
            "  while (from.more()) {\n"
            "    if (from.name() < last) fail();\n"
            "    last = from.name();\n"
            "  }\n"
            "}\n"
        ),
    ),
    (
        "table_built_per_call",
        "C",
        ("const int *days(void) {\n    static const int table[] = { 31, 28, 31, 30 };\n    return table;\n}\n"),
    ),
    ("capacity_not_given", "Java", ("List<String> names() {\n    return fill(new ArrayList<>(2));\n}\n")),
    (
        "table_built_per_call",
        "C",
        "int days(int m) {\n    static const int table[] = { 31, 28 };\n    return table[m];\n}\n",
    ),
    (
        "buffer_not_reused",
        "Go",
        "func take(s []int, d dec) []int {\n\tif n := d.size(); cap(s) < n {\n\t\ts = make([]int, 0, n)\n\t}\n"
        "\treturn d.fill(s)\n}\n",
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
    own = {one.name for one in vars(buffers).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
