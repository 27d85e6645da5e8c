"""What the operators of `memory.copied` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import copied
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "result_copied",
        "Python",
        ("def jar(cj):\n    found = {c.name: c.value for c in cj}\n    return found\n"),
        ("def jar(cj):\n    found = {c.name: c.value for c in cj}\n    return dict(found)\n"),
    ),
    (
        "result_copied",
        "Java",
        (
            "List<String> names() {\n"
            "    List<String> found = new ArrayList<>();\n"
            "    fill(found);\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "List<String> names() {\n"
            "    List<String> found = new ArrayList<>();\n"
            "    fill(found);\n"
            "    return new ArrayList<>(found);\n"
            "}\n"
        ),
    ),
    (
        "result_copied",
        "Go",
        (
            "func names(all []row) []string {\n"
            "\tfound := make([]string, len(all))\n"
            "\tfill(found, all)\n"
            "\treturn found\n"
            "}\n"
        ),
        (
            "func names(all []row) []string {\n"
            "\tfound := make([]string, len(all))\n"
            "\tfill(found, all)\n"
            "\treturn append([]string(nil), found...)\n"
            "}\n"
        ),
    ),
    (
        "result_copied",
        "C#",
        ("List<string> Names() {\n    var found = new List<string>();\n    Fill(found);\n    return found;\n}\n"),
        (
            "List<string> Names() {\n"
            "    var found = new List<string>();\n"
            "    Fill(found);\n"
            "    return found.ToList();\n"
            "}\n"
        ),
    ),
    (
        "result_copied",
        "JavaScript",
        ("function names(rows) {\n  var i = 0, found = [];\n  fill(found, rows, i);\n  return found;\n}\n"),
        ("function names(rows) {\n  var i = 0, found = [];\n  fill(found, rows, i);\n  return [...found];\n}\n"),
    ),
    (
        "result_copied",
        "Ruby",
        ("def names(rows)\n  found = []\n  fill(found, rows)\n  found\nend\n"),
        ("def names(rows)\n  found = []\n  fill(found, rows)\n  found.dup\nend\n"),
    ),
    (
        "loop_variable_copied",
        "C++",
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (const auto& row : rows) sum += row.size();\n"
            "  return sum;\n"
            "}\n"
        ),
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (const auto row : rows) sum += row.size();\n"
            "  return sum;\n"
            "}\n"
        ),
    ),
    (
        "reference_copied",
        "C++",
        (
            "int total(const Book& book) {\n"
            "  const std::vector<int>& rows = book.rows();\n"
            "  return rows.size() + rows[0];\n"
            "}\n"
        ),
        (
            "int total(const Book& book) {\n"
            "  const std::vector<int> rows = book.rows();\n"
            "  return rows.size() + rows[0];\n"
            "}\n"
        ),
    ),
    (
        "argument_copied",
        "C++",
        ("int total(const std::vector<int>& values) {\n  return sum(values);\n}\n"),
        ("int total(const std::vector<int> values) {\n  return sum(values);\n}\n"),
    ),
    (
        "view_made_string",
        "C++",
        ("bool open(std::string_view name) {\n  return name.empty();\n}\n"),
        ("bool open(std::string name) {\n  return name.empty();\n}\n"),
    ),
    (
        "move_lost",
        "C++",
        ("void Book::name(std::string name) {\n  name_ = std::move(name);\n}\n"),
        ("void Book::name(std::string name) {\n  name_ = name;\n}\n"),
    ),
    (
        "receiver_copied",
        "Go",
        ("func (b *Box) Size() int {\n\treturn b.width * b.height * b.depth\n}\n"),
        ("func (b Box) Size() int {\n\treturn b.width * b.height * b.depth\n}\n"),
    ),
    (
        "arguments_copied",
        "JavaScript",
        ("function call(fn) {\n  return function () {\n    return fn.apply(this, arguments);\n  };\n}\n"),
        (
            "function call(fn) {\n"
            "  return function () {\n"
            "    return fn.apply(this, Array.prototype.slice.call(arguments));\n"
            "  };\n"
            "}\n"
        ),
    ),
    ("addition_copied", "Python", "def take(a, b):\n    a.extend(b)\n", "def take(a, b):\n    a.extend(list(b))\n"),
    (
        "addition_copied",
        "JavaScript",
        "function take(a, b) {\n  a.push(...b);\n}\n",
        "function take(a, b) {\n  a.push(...[...b]);\n}\n",
    ),
    ("addition_copied", "Ruby", "def take(a, b)\n  a.concat(b)\nend\n", "def take(a, b)\n  a.concat(b.dup)\nend\n"),
    (
        "addition_copied",
        "Go",
        "func take(a []int, b []int) []int {\n\treturn append(a, b...)\n}\n",
        "func take(a []int, b []int) []int {\n\treturn append(a, append([]int(nil), b...)...)\n}\n",
    ),
    (
        "addition_copied",
        "Java",
        "void take(List<Row> b) {\n    rows.addAll(b);\n}\n",
        "void take(List<Row> b) {\n    rows.addAll(new ArrayList<>(b));\n}\n",
    ),
    (
        "addition_copied",
        "C#",
        "void Take(List<Row> b) {\n    rows.AddRange(b);\n}\n",
        "void Take(List<Row> b) {\n    rows.AddRange(b.ToList());\n}\n",
    ),
    (
        "argument_copied",
        "C++",
        "void order(Rows& rows) {\n  sort(rows, [](const std::string& a, int b) { return a.size() < b; });\n}\n",
        "void order(Rows& rows) {\n  sort(rows, [](const std::string a, int b) { return a.size() < b; });\n}\n",
    ),
]
LEFT_ALONE = [
    ("result_copied", "Java", ("List<String> names() {\n    List<String> found = load();\n    return found;\n}\n")),
    ("loop_variable_copied", "C++", ("void reset(Rows& rows) {\n  for (auto& row : rows) row = 0;\n}\n")),
    ("reference_copied", "C++", ("void reset(Book& book) {\n  Rows& rows = book.rows();\n  rows.clear();\n}\n")),
    ("argument_copied", "C++", ("SpanOf all(const std::vector<int>& values) {\n  return SpanOf(values);\n}\n")),
    ("move_lost", "C++", ("void Book::take(std::unique_ptr<Row> row) {\n  row_ = std::move(row);\n}\n")),
    ("receiver_copied", "Go", ("func (b *Box) Grow() {\n\tb.width += b.height + b.depth\n}\n")),
    ("receiver_copied", "Go", ("func (b *Box) Size() int {\n\treturn b.width * b.height\n}\n")),
    ("addition_copied", "Python", "def take(a, b):\n    a.extend(list(b))\n"),
    ("addition_copied", "Java", "void take(Rows b) {\n    rows.addAll(b);\n}\n"),
    ("argument_copied", "C++", "int Book::total(const std::vector<int>& values) {\n  return sum(values);\n}\n"),
    ("argument_copied", "C++", "int total(const std::vector<int>& values) override {\n  return sum(values);\n}\n"),
    (
        "reference_copied",
        "C++",
        "int total(const Book& book) {\n  const auto& rows = book.rows;\n  return sum(rows);\n}\n",
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
    own = {one.name for one in vars(copied).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
