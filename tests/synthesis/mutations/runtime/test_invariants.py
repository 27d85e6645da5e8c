"""`synthesis.mutations.runtime.invariants` on real forms: the exact result, and code that it must leave alone."""

import pytest

from synthesis.mutations import OPERATORS
from synthesis.mutations.operator import mutants
from synthesis.mutations.runtime import invariants

BY_NAME = {one.name: one for one in OPERATORS["runtime_efficiency"] if one.sites.__module__ == invariants.__name__}

MADE = [
    (
        "invariant_in_loop",
        "Python",
        (
            "def scale(rows, factor):\n"
            "    total = sum(factor)\n"
            "    for row in rows:\n"
            "        row.value *= total\n"
            "    return rows\n"
        ),
        (
            "def scale(rows, factor):\n"
            "    for row in rows:\n"
            "        total = sum(factor)\n"
            "        row.value *= total\n"
            "    return rows\n"
        ),
    ),
    (
        "value_recomputed",
        "JavaScript",
        (
            "function fill(items, key) {\n"
            "  const wanted = normalize(key);\n"
            "  for (const item of items) {\n"
            "    item.ok = item.key === wanted;\n"
            "  }\n"
            "}\n"
        ),
        (
            "function fill(items, key) {\n"
            "  for (const item of items) {\n"
            "    item.ok = item.key === normalize(key);\n"
            "  }\n"
            "}\n"
        ),
    ),
    (
        "value_recomputed",
        "Python",
        ("def spread(values):\n    ordered = sorted(values)\n    return ordered[-1] - ordered[0]\n"),
        ("def spread(values):\n    return sorted(values)[-1] - sorted(values)[0]\n"),
    ),
    (
        "invariant_in_loop",
        "Go",
        (
            "func scale(rows []string, word string) {\n"
            "\tlow := strings.ToLower(word)\n"
            "\tfor i := range rows {\n"
            "\t\trows[i] += low\n"
            "\t}\n"
            "}\n"
        ),
        (
            "func scale(rows []string, word string) {\n"
            "\tfor i := range rows {\n"
            "\t\tlow := strings.ToLower(word)\n"
            "\t\trows[i] += low\n"
            "\t}\n"
            "}\n"
        ),
    ),
    (
        "pattern_built_in_loop",
        "Python",
        (
            "def hits(lines):\n"
            "    digits = re.compile(r'[0-9]+')\n"
            "    found = 0\n"
            "    for line in lines:\n"
            "        found += len(digits.findall(line))\n"
            "    return found\n"
        ),
        (
            "def hits(lines):\n"
            "    found = 0\n"
            "    for line in lines:\n"
            "        digits = re.compile(r'[0-9]+')\n"
            "        found += len(digits.findall(line))\n"
            "    return found\n"
        ),
    ),
    (
        "pattern_built_in_loop",
        "Java",
        (
            "int hits(List<String> lines) {\n"
            "    int found = 0;\n"
            '    Pattern digits = Pattern.compile("[0-9]+");\n'
            "    for (String line : lines) {\n"
            "        if (digits.matcher(line).find()) found++;\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "int hits(List<String> lines) {\n"
            "    int found = 0;\n"
            "    for (String line : lines) {\n"
            '        Pattern digits = Pattern.compile("[0-9]+");\n'
            "        if (digits.matcher(line).find()) found++;\n"
            "    }\n"
            "    return found;\n"
            "}\n"
        ),
    ),
    (
        "bound_in_condition",
        "C",
        (
            "int vowels(const char *s) {\n"
            "    int n = strlen(s);\n"
            "    int found = 0;\n"
            "    for (int i = 0; i < n; i++)\n"
            "        found += is_vowel(s[i]);\n"
            "    return found;\n"
            "}\n"
        ),
        (
            "int vowels(const char *s) {\n"
            "    int found = 0;\n"
            "    for (int i = 0; i < strlen(s); i++)\n"
            "        found += is_vowel(s[i]);\n"
            "    return found;\n"
            "}\n"
        ),
    ),
]

LEFT_ALONE = [
    (
        "invariant_in_loop",
        "Python",
        (
            "def scale(rows, factor):\n"
            "    total = sum(rows)\n"
            "    for row in rows:\n"
            "        rows.append(total)\n"
            "    return rows\n"
        ),
    ),
    (
        "invariant_in_loop",
        "Python",
        (
            "def scale(rows, factor):\n"
            "    total = sum(factor)\n"
            "    for row in rows:\n"
            "        row.value *= total\n"
            "    return total\n"
        ),
    ),
    ("value_recomputed", "Python", ("def drain(queue):\n    item = queue.pop()\n    return item + item\n")),
    (
        "value_recomputed",
        "Python",
        (
            "def spread(values):\n"
            "    ordered = sorted(values)\n"
            "    values.append(1)\n"
            "    return ordered[-1] - ordered[0]\n"
        ),
    ),
    (
        "invariant_in_loop",
        "Ruby",
        (
            "def wait(rows, timeout)\n"
            "  limit = Clock.monotonic_time + timeout\n"
            "  rows.each do |row|\n"
            "    row.wait(limit)\n"
            "  end\n"
            "end\n"
        ),
    ),
    ("value_recomputed", "Python", ("def both(values):\n    kept = Payload(values)\n    return kept, kept\n")),
    (
        "value_recomputed",
        "Go",
        (
            "func out(b *buffer, bad bool) error {\n"
            "\ts := b.render(1)\n"
            "\tif bad {\n"
            "\t\treturn fail(s)\n"
            "\t} else {\n"
            "\t\treturn warn(s)\n"
            "\t}\n"
            "}\n"
        ),
    ),
    (
        "value_recomputed",
        "C++",
        ("void read(Env* env, Row row) {\n  char* key = env->findKey(row, 1);\n  use(key);\n  env->release(key);\n}\n"),
    ),
    (
        "bound_in_condition",
        "C",
        (
            "void strip(char *s) {\n"
            "    int n = strlen(s);\n"
            "    for (int i = 0; i < n; i++) {\n"
            "        s[i] = 0;\n"
            "    }\n"
            "}\n"
        ),
    ),
    (
        "pattern_built_in_loop",
        "Python",
        (
            "def hits(lines, text):\n"
            "    digits = re.compile(text)\n"
            "    for line in lines:\n"
            "        text = digits.sub('', line)\n"
            "    return text\n"
        ),
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
