"""`synthesis.mutations.runtime.patterns` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import patterns

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == patterns.__name__}

MADE = [
    (
        "case_folded_by_copy",
        "Go",
        ("func same(a, b string) bool {\n\treturn strings.EqualFold(a, b)\n}\n"),
        ("func same(a, b string) bool {\n\treturn strings.ToLower(a) == strings.ToLower(b)\n}\n"),
    ),
    (
        "pattern_for_plain_text",
        "Java",
        ('String bare(String name) {\n    return name.replace("x=", "");\n}\n'),
        ('String bare(String name) {\n    return name.replaceAll("x=", "");\n}\n'),
    ),
    (
        "literal_pattern_compiled",
        "Ruby",
        ("def bare(name)\n  name.gsub(/[0-9]+/, '')\nend\n"),
        ("def bare(name)\n  name.gsub(Regexp.new('[0-9]+'), '')\nend\n"),
    ),
    (
        "literal_pattern_compiled",
        "JavaScript",
        (
            "function bare(names) {\n"
            "  for (const name of names) {\n"
            "    if (/[0-9]+/.test(name)) {\n"
            "      return name;\n"
            "    }\n"
            "  }\n"
            "}\n"
        ),
        (
            "function bare(names) {\n"
            "  for (const name of names) {\n"
            "    if (new RegExp('[0-9]+').test(name)) {\n"
            "      return name;\n"
            "    }\n"
            "  }\n"
            "}\n"
        ),
    ),
    (
        "match_built_for_test",
        "Ruby",
        ("def bare(name)\n  if name.match?(/[0-9]/)\n    1\n  end\nend\n"),
        ("def bare(name)\n  if name.match(/[0-9]/)\n    1\n  end\nend\n"),
    ),
    (
        "case_folded_by_copy",
        "Go",
        ("func same(a, b string) bool {\n\treturn !strings.EqualFold(a, b)\n}\n"),
        ("func same(a, b string) bool {\n\treturn strings.ToLower(a) != strings.ToLower(b)\n}\n"),
    ),
    (
        "case_folded_by_copy",
        "C#",
        ('bool Same(string a) {\n    return a.Equals("on", StringComparison.OrdinalIgnoreCase);\n}\n'),
        ('bool Same(string a) {\n    return a.ToLowerInvariant() == "on";\n}\n'),
    ),
    (
        "pattern_for_plain_text",
        "JavaScript",
        ("function hidden(name) {\n  return name.startsWith('x-') || name === '';\n}\n"),
        ("function hidden(name) {\n  return /^x-/.test(name) || name === '';\n}\n"),
    ),
    (
        "literal_pattern_compiled",
        "C#",
        ('bool Hit(string name) {\n    return Regex.IsMatch(name, "[0-9]+");\n}\n'),
        ('bool Hit(string name) {\n    return new Regex("[0-9]+").IsMatch(name);\n}\n'),
    ),
    (
        "literal_pattern_compiled",
        "JavaScript",
        ("function bare(name) {\n  return name.replace(/\\d'/g, '');\n}\n"),
        ("function bare(name) {\n  return name.replace(new RegExp('\\\\d\\'', 'g'), '');\n}\n"),
    ),
]

LEFT_ALONE = [
    ("match_built_for_test", "Ruby", ("def bare(name)\n  name.match?(/[0-9]/)\nend\n")),
    (
        "literal_pattern_compiled",
        "JavaScript",
        ("function digits() {\n  const found = /[0-9]+/g;\n  return found;\n}\n"),
    ),
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
