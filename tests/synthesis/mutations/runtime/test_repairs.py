"""`synthesis.mutations.runtime.repairs` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import REPAIRS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import repairs

BY_NAME = {one.name: one for one in REPAIRS["runtime_efficiency"] if one.sites.__module__ == repairs.__name__}

MADE = [
    (
        "first_match_taken",
        "C#",
        ("int First(List<int> all) {\n    return all.Where(x => x > 1).First();\n}\n"),
        ("int First(List<int> all) {\n    return all.First(x => x > 1);\n}\n"),
    ),
    (
        "existence_asked",
        "JavaScript",
        ("function any(all) {\n  return all.filter((x) => x > 1).length > 0;\n}\n"),
        ("function any(all) {\n  return all.some((x) => x > 1);\n}\n"),
    ),
    (
        "list_between_removed",
        "Python",
        ("def known(names, name):\n    if name in names.keys():\n        return 1\n    return 0\n"),
        ("def known(names, name):\n    if name in names:\n        return 1\n    return 0\n"),
    ),
    (
        "lines_buffered",
        "C++",
        ("void show(const Rows& rows) {\n  for (int row : rows) {\n    std::cout << row << std::endl;\n  }\n}\n"),
        ("void show(const Rows& rows) {\n  for (int row : rows) {\n    std::cout << row << '\\n';\n  }\n}\n"),
    ),
    (
        "parameter_by_reference",
        "C++",
        ("size_t size(const std::string name) {\n  return name.size();\n}\n"),
        ("size_t size(const std::string& name) {\n  return name.size();\n}\n"),
    ),
    (
        "length_hoisted",
        "C",
        (
            "int vowels(const char *s) {\n"
            "    int found = 0;\n"
            "    for (size_t i = 0; i < strlen(s); i++)\n"
            "        found += is_vowel(s[i]);\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "int vowels(const char *s) {\n"
            "    int found = 0;\n"
            "    const size_t len = strlen(s);\n"
            "    for (size_t i = 0; i < len; i++)\n"
            "        found += is_vowel(s[i]);\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "match_only_tested",
        "Ruby",
        ("def digits?(name)\n  if name =~ /[0-9]/\n    1\n  end\nend\n"),
        ("def digits?(name)\n  if /[0-9]/.match?(name)\n    1\n  end\nend\n"),
    ),
    (
        "capacity_said",
        "Go",
        (
            "func names(all []row) []string {\n"
            "\tout := []string{}\n"
            "\tfor _, one := range all {\n"
            "\t\tout = append(out, one.name)\n"
            "\t}\n"
            "\treturn out\n"
            "}\n"
        ),
        (
            "func names(all []row) []string {\n"
            "\tout := make([]string, 0, len(all))\n"
            "\tfor _, one := range all {\n"
            "\t\tout = append(out, one.name)\n"
            "\t}\n"
            "\treturn out\n"
            "}\n"
        ),
    ),
    (
        "capacity_said",
        "Java",
        (
            "List<String> names(List<Row> all) {\n"
            "    List<String> out = new ArrayList<>();\n"
            "    for (Row one : all) {\n"
            "        out.add(one.name);\n"
            "    }\n"
            "    return out;\n"
            "}\n"
        ),
        (
            "List<String> names(List<Row> all) {\n"
            "    List<String> out = new ArrayList<>(all.size());\n"
            "    for (Row one : all) {\n"
            "        out.add(one.name);\n"
            "    }\n"
            "    return out;\n"
            "}\n"
        ),
    ),
    (
        "capacity_said",
        "C++",
        (
            "std::vector<int> sizes(const std::vector<Row>& all) {\n"
            "  std::vector<int> out;\n"
            "  for (const auto& one : all) {\n"
            "    out.push_back(one.size);\n"
            "  }\n"
            "  return out;\n"
            "}\n"
        ),
        (
            "std::vector<int> sizes(const std::vector<Row>& all) {\n"
            "  std::vector<int> out;\n"
            "  out.reserve(all.size());\n"
            "  for (const auto& one : all) {\n"
            "    out.push_back(one.size);\n"
            "  }\n"
            "  return out;\n"
            "}\n"
        ),
    ),
    (
        "iterator_stepped_in_place",
        "C++",
        (
            "int sum(const Rows& all) {\n"
            "  int found = 0;\n"
            "  for (auto it = all.begin(); it != all.end(); it++) {\n"
            "    found += *it;\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
        (
            "int sum(const Rows& all) {\n"
            "  int found = 0;\n"
            "  for (auto it = all.begin(); it != all.end(); ++it) {\n"
            "    found += *it;\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
    (
        "characters_translated",
        "Ruby",
        ("def slug(name)\n  name.gsub(' ', '-')\nend\n"),
        ("def slug(name)\n  name.tr(' ', '-')\nend\n"),
    ),
]

LEFT_ALONE = [
    ("existence_asked", "C#", ("int Any(List<int> all) {\n    return all.Count();\n}\n")),
    (
        "length_hoisted",
        "C",
        ("void strip(char *s) {\n    for (size_t i = 0; i < strlen(s); i++)\n        s[i] = 0;\n}\n"),
    ),
    ("match_only_tested", "Ruby", ("def digits(name)\n  if name =~ /([0-9])/\n    $1\n  end\nend\n")),
    (
        "capacity_said",
        "Go",
        (
            "func names(all []row) []string {\n"
            "\tout := []string{}\n"
            "\tfor _, one := range all {\n"
            "\t\tif one.ok {\n"
            "\t\t\tcontinue\n"
            "\t\t}\n"
            "\t\tout = append(out, one.name)\n"
            "\t}\n"
            "\treturn out\n"
            "}\n"
        ),
    ),
    ("lines_buffered", "C++", ('void ask() {\n  std::cout << "name" << std::endl;\n}\n')),
    (
        "iterator_stepped_in_place",
        "C++",
        (
            "int sum(int n) {\n"
            "  int found = 0;\n"
            "  for (int i = 0; i < n; i++) {\n"
            "    found += i;\n"
            "  }\n"
            "  return found;\n"
            "}\n"
        ),
    ),
]


@pytest.mark.parametrize(("name", "language", "code", "expected"), MADE, ids=[f"{row[0]}-{row[1]}" for row in MADE])
def test_takes_the_waste_out_in_the_named_way(name: str, language: str, code: str, expected: str) -> None:
    found = mutants(language, code, (BY_NAME[name],))
    assert found[0].code == expected
    assert found[0].operator.criterion == "runtime_efficiency"


@pytest.mark.parametrize(("name", "language", "code"), LEFT_ALONE, ids=[f"{row[0]}-{row[1]}" for row in LEFT_ALONE])
def test_leaves_alone_what_does_not_fit(name: str, language: str, code: str) -> None:
    assert mutants(language, code, (BY_NAME[name],)) == []


def test_every_operator_has_an_example_and_a_reference() -> None:
    assert {row[0] for row in MADE} == set(BY_NAME)
    assert all(one.defect.endswith(".") and one.reference for one in BY_NAME.values())
