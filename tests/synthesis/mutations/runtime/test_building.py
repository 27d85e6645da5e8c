"""`synthesis.mutations.runtime.building` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import building

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == building.__name__}

MADE = [
    (
        "capacity_unreserved",
        "C++",
        (
            "std::vector<int> squares(int n) {\n"
            "  std::vector<int> found;\n"
            "  found.reserve(n);\n"
            "  for (int i = 0; i < n; ++i) found.push_back(i * i);\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "std::vector<int> squares(int n) {\n"
            "  std::vector<int> found;\n"
            "  for (int i = 0; i < n; ++i) found.push_back(i * i);\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "accumulation_copies",
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
        "accumulation_copies",
        "C++",
        (
            "std::string all(const Rows& rows) {\n"
            "  std::string out;\n"
            "  for (const auto& row : rows) {\n"
            "    out += row;\n"
            "  }\n"
            "  return out;\n"
            "}\n"
        ),
        (
            "std::string all(const Rows& rows) {\n"
            "  std::string out;\n"
            "  for (const auto& row : rows) {\n"
            "    out = out + row;\n"
            "  }\n"
            "  return out;\n"
            "}\n"
        ),
    ),
    (
        "capacity_unreserved",
        "Java",
        (
            "List<String> names(int count) {\n"
            "    List<String> found = new ArrayList<>(count);\n"
            "    fill(found);\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "List<String> names(int count) {\n"
            "    List<String> found = new ArrayList<>();\n"
            "    fill(found);\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "accumulation_copies",
        "Ruby",
        ("def names(rows)\n  found = []\n  rows.each do |row|\n    found << row.name\n  end\n  found\nend\n"),
        ("def names(rows)\n  found = []\n  rows.each do |row|\n    found += [row.name]\n  end\n  found\nend\n"),
    ),
    (
        "accumulation_copies",
        "Go",
        (
            "func names(all []row) []string {\n"
            "\tvar out []string\n"
            "\tfor _, one := range all {\n"
            "\t\tout = append(out, one.name)\n"
            "\t}\n"
            "\treturn out\n"
            "}\n"
        ),
        (
            "func names(all []row) []string {\n"
            "\tvar out []string\n"
            "\tfor _, one := range all {\n"
            "\t\tout = append(out[:len(out):len(out)], one.name)\n"
            "\t}\n"
            "\treturn out\n"
            "}\n"
        ),
    ),
    (
        "collected_by_copying",
        "Python",
        ("def names(rows):\n    return [row.name for row in rows if row.ok]\n"),
        (
            "def names(rows):\n"
            "    result = []\n"
            "    for row in rows:\n"
            "        if row.ok:\n"
            "            result = result + [row.name]\n"
            "    return result\n"
        ),
    ),
    (
        "collected_by_copying",
        "JavaScript",
        ("function names(rows) {\n  return rows.map((row) => row.name);\n}\n"),
        ("function names(rows) {\n  return rows.reduce((list, row) => [...list, row.name], []);\n}\n"),
    ),
    (
        "collected_by_copying",
        "Ruby",
        ("def names(rows)\n  rows.map { |row| row.name }\nend\n"),
        ("def names(rows)\n  rows.inject([]) { |list, row| list + [row.name] }\nend\n"),
    ),
    (
        "text_concatenated",
        "Python",
        ("def line(rows):\n    return ''.join(row.name for row in rows)\n"),
        ("def line(rows):\n    text = ''\n    for row in rows:\n        text = text + row.name\n    return text\n"),
    ),
    (
        "text_concatenated",
        "Java",
        (
            "String line(List<String> rows) {\n"
            "    StringBuilder sb = new StringBuilder();\n"
            "    for (String row : rows) {\n"
            "        sb.append(row).append(',');\n"
            "    }\n"
            "    return sb.toString();\n"
            "}\n"
        ),
        (
            "String line(List<String> rows) {\n"
            '    String sb = "";\n'
            "    for (String row : rows) {\n"
            "        sb = sb + row + ',';\n"
            "    }\n"
            "    return sb;\n"
            "}\n"
        ),
    ),
    (
        "text_concatenated",
        "C#",
        (
            "string Line(List<string> rows) {\n"
            "    var sb = new StringBuilder();\n"
            "    foreach (var row in rows)\n"
            "    {\n"
            "        sb.Append(row);\n"
            "    }\n"
            "    return sb.ToString();\n"
            "}\n"
        ),
        (
            "string Line(List<string> rows) {\n"
            '    string sb = "";\n'
            "    foreach (var row in rows)\n"
            "    {\n"
            "        sb += row;\n"
            "    }\n"
            "    return sb;\n"
            "}\n"
        ),
    ),
    (
        "text_concatenated",
        "Go",
        (
            "func line(rows []string) string {\n"
            "\tvar sb strings.Builder\n"
            "\tfor _, row := range rows {\n"
            "\t\tsb.WriteString(row)\n"
            "\t}\n"
            "\treturn sb.String()\n"
            "}\n"
        ),
        (
            "func line(rows []string) string {\n"
            "\tvar sb string\n"
            "\tfor _, row := range rows {\n"
            "\t\tsb += row\n"
            "\t}\n"
            "\treturn sb\n"
            "}\n"
        ),
    ),
    (
        "text_concatenated",
        "Ruby",
        ("def line(rows)\n  rows.map { |row| row.name }.join\nend\n"),
        ("def line(rows)\n  rows.inject('') { |text, row| text + (row.name).to_s }\nend\n"),
    ),
    (
        "grown_by_constant",
        "C",
        (
            "void push(struct list *l, int one) {\n"
            "    if (l->used == l->cap) {\n"
            "        l->cap *= 2;\n"
            "        l->items = realloc(l->items, l->cap * sizeof(int));\n"
            "    }\n"
            "    l->items[l->used++] = one;\n"
            "}\n"
        ),
        (
            "void push(struct list *l, int one) {\n"
            "    if (l->used == l->cap) {\n"
            "        l->cap += 16;\n"
            "        l->items = realloc(l->items, l->cap * sizeof(int));\n"
            "    }\n"
            "    l->items[l->used++] = one;\n"
            "}\n"
        ),
    ),
    (
        "collected_by_copying",
        "Python",
        ("def by_name(rows):\n    found = {row.name: row for row in rows}\n    return found\n"),
        (
            "def by_name(rows):\n"
            "    found = {}\n"
            "    for row in rows:\n"
            "        found = {**found, row.name: row}\n"
            "    return found\n"
        ),
    ),
    (
        "text_concatenated",
        "C++",
        (
            "std::string line(const Rows& rows) {\n"
            "  std::ostringstream out;\n"
            "  for (const auto& row : rows) {\n"
            '    out << ",";\n'
            "  }\n"
            "  return out.str();\n"
            "}\n"
        ),
        (
            "std::string line(const Rows& rows) {\n"
            "  std::string out;\n"
            "  for (const auto& row : rows) {\n"
            '    out += ",";\n'
            "  }\n"
            "  return out;\n"
            "}\n"
        ),
    ),
    (
        "capacity_unreserved",
        "C#",
        (
            "List<int> All(int[] rows) {\n"
            "    var all = new List<int>(rows.Length);\n"
            "    Fill(all);\n"
            "    return all;\n"
            "}\n"
        ),
        ("List<int> All(int[] rows) {\n    var all = new List<int>();\n    Fill(all);\n    return all;\n}\n"),
    ),
]

LEFT_ALONE = [
    ("capacity_unreserved", "Go", ("func squares(n int) []int {\n\treturn make([]int, n)\n}\n")),
    (
        "accumulation_copies",
        "Python",
        ("def names(found, rows):\n    for row in rows:\n        found.append(row.name)\n    return found\n"),
    ),
    (
        "accumulation_copies",
        "Go",
        (
            "func names(all []row) string {\n"
            "\tvar out strings.Builder\n"
            "\tfor _, one := range all {\n"
            "\t\tout.WriteString(one.name)\n"
            "\t}\n"
            "\treturn out.String()\n"
            "}\n"
        ),
    ),
    ("collected_by_copying", "Ruby", ("def names(rows)\n  rows.map { |row| escape row }\nend\n")),
    (
        "text_concatenated",
        "Java",
        (
            "String line(List<String> rows, Out out) {\n"
            "    StringBuilder sb = new StringBuilder();\n"
            "    for (String row : rows) {\n"
            "        sb.append(row);\n"
            "        out.show(sb);\n"
            "    }\n"
            "    return sb.toString();\n"
            "}\n"
        ),
    ),
    ("grown_by_constant", "C", ("void twice(struct list *l) {\n    l->cap *= 2;\n}\n")),
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
