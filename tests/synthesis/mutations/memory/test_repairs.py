"""What the repairs make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import repairs
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "list_unneeded",
        "Python",
        ("def odd(rows):\n    return any([row % 2 for row in rows])\n"),
        ("def odd(rows):\n    return any(row % 2 for row in rows)\n"),
    ),
    (
        "list_unneeded",
        "Python",
        ("def total(rows):\n    return sum([row.size for row in rows], 0)\n"),
        ("def total(rows):\n    return sum((row.size for row in rows), 0)\n"),
    ),
    (
        "keys_listed",
        "Python",
        ("def show(rows):\n    for name in list(rows.keys()):\n        print(name)\n"),
        ("def show(rows):\n    for name in rows:\n        print(name)\n"),
    ),
    (
        "lines_streamed",
        "Python",
        ("def show(file):\n    for line in file.readlines():\n        print(line)\n"),
        ("def show(file):\n    for line in file:\n        print(line)\n"),
    ),
    (
        "lines_streamed",
        "Ruby",
        ("def show(path)\n  File.readlines(path).each do |line|\n    puts line\n  end\nend\n"),
        ("def show(path)\n  File.foreach(path) do |line|\n    puts line\n  end\nend\n"),
    ),
    (
        "file_closed",
        "Python",
        ("def load(path):\n    return json.load(open(path))\n"),
        ("def load(path):\n    with open(path) as f:\n        return json.load(f)\n"),
    ),
    (
        "file_closed",
        "Python",
        ('def load(path):\n    text = open(path, "rb").read()\n    return text\n'),
        ('def load(path):\n    with open(path, "rb") as f:\n        text = f.read()\n    return text\n'),
    ),
    (
        "file_closed",
        "Ruby",
        ("def load(path)\n  File.open(path).read\nend\n"),
        ("def load(path)\n  File.read(path)\nend\n"),
    ),
    (
        "copy_referred",
        "C++",
        ("int total(const std::string text) {\n  return text.size();\n}\n"),
        ("int total(const std::string& text) {\n  return text.size();\n}\n"),
    ),
    (
        "copy_referred",
        "C++",
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (std::string row : rows) {\n"
            "    sum += row.size();\n"
            "  }\n"
            "  return sum;\n"
            "}\n"
        ),
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (const std::string& row : rows) {\n"
            "    sum += row.size();\n"
            "  }\n"
            "  return sum;\n"
            "}\n"
        ),
    ),
    (
        "copy_referred",
        "C++",
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (auto row : rows) {\n"
            "    sum += row.size();\n"
            "  }\n"
            "  return sum;\n"
            "}\n"
        ),
        (
            "int total(const Rows& rows) {\n"
            "  int sum = 0;\n"
            "  for (const auto& row : rows) {\n"
            "    sum += row.size();\n"
            "  }\n"
            "  return sum;\n"
            "}\n"
        ),
    ),
    (
        "box_shared",
        "Java",
        ("Object box(int n) {\n    return new Integer(n);\n}\n"),
        ("Object box(int n) {\n    return Integer.valueOf(n);\n}\n"),
    ),
    (
        "box_shared",
        "Java",
        ('String name() {\n    return new String("name");\n}\n'),
        ('String name() {\n    return "name";\n}\n'),
    ),
    (
        "walked_directly",
        "C#",
        ("int Count(List<Row> rows) {\n    return rows.Where(r => r.Open).ToList().Count();\n}\n"),
        ("int Count(List<Row> rows) {\n    return rows.Where(r => r.Open).Count();\n}\n"),
    ),
    (
        "walked_directly",
        "JavaScript",
        ("function first(rows) {\n  return rows.filter((row) => row.open)[0];\n}\n"),
        ("function first(rows) {\n  return rows.find((row) => row.open);\n}\n"),
    ),
    (
        "walked_directly",
        "JavaScript",
        ("function has(rows) {\n  return rows.filter((row) => row.open).length > 0;\n}\n"),
        ("function has(rows) {\n  return rows.some((row) => row.open);\n}\n"),
    ),
    (
        "text_written_directly",
        "Go",
        ('func show(w io.Writer, n int) {\n\tw.Write([]byte(fmt.Sprintf("%d", n)))\n}\n'),
        ('func show(w io.Writer, n int) {\n\tfmt.Fprintf(w, "%d", n)\n}\n'),
    ),
    (
        "text_written_directly",
        "Go",
        (
            "func show(n int) string {\n"
            "\tvar b strings.Builder\n"
            '\tb.WriteString(fmt.Sprintf("%d", n))\n'
            "\treturn b.String()\n"
            "}\n"
        ),
        ('func show(n int) string {\n\tvar b strings.Builder\n\tfmt.Fprintf(&b, "%d", n)\n\treturn b.String()\n}\n'),
    ),
    (
        "array_unneeded",
        "Ruby",
        ("def open(rows)\n  rows.select { |row| row.open }.first\nend\n"),
        ("def open(rows)\n  rows.find { |row| row.open }\nend\n"),
    ),
    (
        "capacity_given",
        "Go",
        (
            "func names(rows []row) []string {\n"
            "\tfound := []string{}\n"
            "\tfor _, row := range rows {\n"
            "\t\tfound = append(found, row.name)\n"
            "\t}\n"
            "\treturn found\n"
            "}\n"
        ),
        (
            "func names(rows []row) []string {\n"
            "\tfound := make([]string, 0, len(rows))\n"
            "\tfor _, row := range rows {\n"
            "\t\tfound = append(found, row.name)\n"
            "\t}\n"
            "\treturn found\n"
            "}\n"
        ),
    ),
    (
        "capacity_given",
        "C++",
        (
            "std::vector<int> sizes(const std::vector<Row>& rows) {\n"
            "  std::vector<int> found;\n"
            "  for (const auto& row : rows) {\n"
            "    found.push_back(row.size());\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "std::vector<int> sizes(const std::vector<Row>& rows) {\n"
            "  std::vector<int> found;\n"
            "  found.reserve(rows.size());\n"
            "  for (const auto& row : rows) {\n"
            "    found.push_back(row.size());\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "capacity_given",
        "Java",
        (
            "List<String> names(List<Row> rows) {\n"
            "    List<String> found = new ArrayList<>();\n"
            "    for (Row row : rows) {\n"
            "        found.add(row.name());\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "List<String> names(List<Row> rows) {\n"
            "    List<String> found = new ArrayList<>(rows.size());\n"
            "    for (Row row : rows) {\n"
            "        found.add(row.name());\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "capacity_given",
        "C#",
        (
            "List<int> Ids(List<Row> rows) {\n"
            "    var found = new List<int>();\n"
            "    foreach (var row in rows) {\n"
            "        found.Add(row.Id);\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "List<int> Ids(List<Row> rows) {\n"
            "    var found = new List<int>(rows.Count);\n"
            "    foreach (var row in rows) {\n"
            "        found.Add(row.Id);\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "table_stored_once",
        "C",
        ("int days(int month) {\n    const int table[] = { 31, 28, 31, 30, 31, 30 };\n    return table[month];\n}\n"),
        (
            "int days(int month) {\n"
            "    static const int table[] = { 31, 28, 31, 30, 31, 30 };\n"
            "    return table[month];\n"
            "}\n"
        ),
    ),
]
LEFT_ALONE = [
    ("list_unneeded", "Python", ("def odd(rows):\n    return any([row.pop() for row in rows])\n")),
    ("keys_listed", "Python", ("def drop(rows):\n    for name in list(rows.keys()):\n        del rows[name]\n")),
    (
        "copy_referred",
        "C++",
        ('void tidy(const Rows& rows) {\n  for (std::string row : rows) {\n    row += "x";\n    show(row);\n  }\n}\n'),
    ),
    ("box_shared", "Java", ("void test() {\n    assertNotSame(new Integer(1), cached());\n}\n")),
    ("array_unneeded", "Ruby", ("def drop(rows)\n  rows.keys.each do |name|\n    rows.delete(name)\n  end\nend\n")),
    (
        "capacity_given",
        "Go",
        (
            "func names(rows []row) []string {\n"
            "\tfound := []string{}\n"
            "\tfor _, row := range rows {\n"
            "\t\tif row.open {\n"
            "\t\t\tfound = append(found, row.name)\n"
            "\t\t}\n"
            "\t}\n"
            "\treturn found\n"
            "}\n"
        ),
    ),
    (
        "table_stored_once",
        "C",
        (
            "int days(int month, int n) {\n"
            "    const int table[] = { n, 28, 31, 30, 31, 30 };\n"
            "    return table[month];\n"
            "}\n"
        ),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE)
def test_makes_code_better_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "memory_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE)
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_of_the_file_has_an_example() -> None:
    own = {one.name for one in vars(repairs).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
