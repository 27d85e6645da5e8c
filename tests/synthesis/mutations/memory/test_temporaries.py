"""What the operators of `memory.temporaries` make of small functions, to the letter, and what they leave alone."""

import pytest

from synthesis.mutations import BY_NAME
from synthesis.mutations.memory import temporaries
from synthesis.mutations.operator import Operator, mutants

MADE = [
    (
        "answer_collected",
        "JavaScript",
        ("function has(rows, id) {\n  return !rows.some((row) => row.id === id);\n}\n"),
        ("function has(rows, id) {\n  return !(rows.filter((row) => row.id === id).length > 0);\n}\n"),
    ),
    (
        "answer_collected",
        "C#",
        ("bool Has(List<int> rows) {\n    return rows.Any(r => r > 1);\n}\n"),
        ("bool Has(List<int> rows) {\n    return rows.Where(r => r > 1).ToList().Count > 0;\n}\n"),
    ),
    (
        "answer_collected",
        "Java",
        ("boolean has(List<Row> rows) {\n    return rows.stream().anyMatch(r -> r.open());\n}\n"),
        ("boolean has(List<Row> rows) {\n    return rows.stream().filter(r -> r.open()).toList().size() > 0;\n}\n"),
    ),
    (
        "answer_collected",
        "Ruby",
        ("def has(rows)\n  rows.any? { |row| row.open }\nend\n"),
        ("def has(rows)\n  !rows.select { |row| row.open }.empty?\nend\n"),
    ),
    (
        "answer_collected",
        "Python",
        ("def odd(rows):\n    return sum(1 for row in rows if row % 2)\n"),
        ("def odd(rows):\n    return len([1 for row in rows if row % 2])\n"),
    ),
    (
        "text_assembled",
        "Java",
        ('String show(String name) {\n    return new StringBuilder().append("[").append(name).toString();\n}\n'),
        ('String show(String name) {\n    return new StringBuilder().append("[" + name).toString();\n}\n'),
    ),
    (
        "text_assembled",
        "C#",
        ('void Show(StringBuilder sb, int n) {\n    sb.AppendFormat("{0}", n);\n}\n'),
        ('void Show(StringBuilder sb, int n) {\n    sb.Append(string.Format("{0}", n));\n}\n'),
    ),
    (
        "text_assembled",
        "Go",
        ('func show(w io.Writer, n int) {\n\tfmt.Fprintf(w, "%d", n)\n}\n'),
        ('func show(w io.Writer, n int) {\n\tw.Write([]byte(fmt.Sprintf("%d", n)))\n}\n'),
    ),
    (
        "text_assembled",
        "Python",
        ("def save(file, rows):\n    file.writelines(rows)\n"),
        ("def save(file, rows):\n    file.write(''.join(rows))\n"),
    ),
    (
        "text_copied_to_bytes",
        "Go",
        ("func save(f *os.File, text string) error {\n\t_, err := f.WriteString(text)\n\treturn err\n}\n"),
        ("func save(f *os.File, text string) error {\n\t_, err := f.Write([]byte(text))\n\treturn err\n}\n"),
    ),
    (
        "case_folded_copies",
        "C#",
        ("bool Same(string a, string b) {\n    return string.Equals(a, b, StringComparison.OrdinalIgnoreCase);\n}\n"),
        ("bool Same(string a, string b) {\n    return a?.ToUpperInvariant() == b?.ToUpperInvariant();\n}\n"),
    ),
    (
        "case_folded_copies",
        "Java",
        ('boolean xml(String name) {\n    return name.equalsIgnoreCase("Xml");\n}\n'),
        ('boolean xml(String name) {\n    return name.toLowerCase().equals("xml");\n}\n'),
    ),
    (
        "case_folded_copies",
        "Go",
        ("func same(a, b string) bool {\n\treturn strings.EqualFold(a, b)\n}\n"),
        ("func same(a, b string) bool {\n\treturn strings.ToLower(a) == strings.ToLower(b)\n}\n"),
    ),
    (
        "check_by_object",
        "C#",
        ("bool Bad(string name) {\n    return string.IsNullOrWhiteSpace(name);\n}\n"),
        ("bool Bad(string name) {\n    return (name == null || name.Trim().Length == 0);\n}\n"),
    ),
    (
        "check_by_object",
        "Ruby",
        ("def bad(name)\n  return if name.match?(/x/)\n  name\nend\n"),
        ("def bad(name)\n  return if name.match(/x/)\n  name\nend\n"),
    ),
    (
        "formatted_needlessly",
        "Go",
        ("func show(n int) string {\n\treturn strconv.Itoa(n)\n}\n"),
        ('func show(n int) string {\n\treturn fmt.Sprintf("%d", n)\n}\n'),
    ),
]
LEFT_ALONE = [
    (
        "answer_collected",
        "JavaScript",
        ("function has(rows, id) {\n  return _.some(rows, (row) => row.id === id);\n}\n"),
    ),
    ("answer_collected", "Ruby", ("def has(rows)\n  !rows.any? { |row| row.open }\nend\n")),
    ("case_folded_copies", "Go", ("func differ(a, b string) bool {\n\treturn !strings.EqualFold(a, b)\n}\n")),
    ("check_by_object", "Ruby", ("def bad(name)\n  name.match?(/x/)\nend\n")),
    ("formatted_needlessly", "Go", "func TestName(t *testing.T) {\n\tcheck(strconv.Itoa(4))\n}\n"),
    ("check_by_object", "Java", "boolean empty(TextNode node) {\n    return node.isBlank();\n}\n"),
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
    own = {one.name for one in vars(temporaries).values() if isinstance(one, Operator)}
    assert {row[0] for row in MADE} == own
