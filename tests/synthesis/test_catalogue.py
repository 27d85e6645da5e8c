"""The table of operators lists every file, and every criterion can be worsened in every language."""

from collections import Counter
from importlib import import_module
from pathlib import Path

import pytest

import synthesis.mutations
from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import parse
from schemas.criteria import CODE_CRITERIA
from synthesis.mutations import MODULES, OPERATORS
from synthesis.mutations.operator import Operator, mutants

ALL = [one for listed in OPERATORS.values() for one in listed]

SNIPPETS = {
    ("memory_efficiency", "Go"): (
        "func size(path string) (int64, error) {\n"
        "\tf, err := os.Open(path)\n"
        "\tif err != nil {\n"
        "\t\treturn 0, err\n"
        "\t}\n"
        "\tdefer f.Close()\n"
        "\treturn measure(f)\n"
        "}\n"
    ),
    ("runtime_efficiency", "C#"): "bool Any(IEnumerable<int> all) {\n    return all.Any();\n}\n",
    ("runtime_efficiency", "JavaScript"): (
        "function has(items, id) {\n"
        "  let found = false;\n"
        "  for (const item of items) {\n"
        "    if (item.id === id) {\n"
        "      found = true;\n"
        "      break;\n"
        "    }\n"
        "  }\n"
        "  return found;\n"
        "}\n"
    ),
    ("security_hardness", "C#"): (
        "int Port(int n) {\n"
        "    if (n > 65535) {\n"
        '        throw new ArgumentException("bad port");\n'
        "    }\n"
        "    return n;\n"
        "}\n"
    ),
    ("security_hardness", "C++"): (
        "int put(const std::string& name, size_t n) {\n"
        "  if (n > kMax) {\n"
        '    throw std::length_error("n");\n'
        "  }\n"
        "  return store(name, n);\n"
        "}\n"
    ),
    ("security_hardness", "Java"): (
        'void add(String name) {\n    Objects.requireNonNull(name, "name");\n    names.add(name);\n}\n'
    ),
}
"""Functions with what a criterion is about, where a language's fixture has none."""


def test_every_file_with_operators_is_listed() -> None:
    folder = Path(synthesis.mutations.__file__).parent
    modules = [import_module(f"synthesis.mutations.{path.stem}") for path in sorted(folder.glob("[a-z]*.py"))]
    with_operators = {m.__name__ for m in modules if any(isinstance(value, Operator) for value in vars(m).values())}
    assert with_operators == {module.__name__ for module in MODULES.values()}
    assert list(MODULES) == list(OPERATORS) == list(CODE_CRITERIA)


@pytest.mark.parametrize("criterion", sorted(OPERATORS))
def test_a_criterion_has_operators_of_its_own(criterion: str) -> None:
    assert len(OPERATORS[criterion]) >= 3
    assert {one.criterion for one in OPERATORS[criterion]} == {criterion}


def test_names_are_unique_and_snake_case() -> None:
    counts = Counter(one.name for one in ALL)
    assert [name for name, count in counts.items() if count > 1] == []
    assert all(name == name.lower() and name.isidentifier() for name in counts)


@pytest.mark.parametrize("one", ALL, ids=lambda one: one.name)
def test_an_operator_says_its_defect_and_what_backs_it(one: Operator) -> None:
    assert len(one.defect.split()) >= 3 and one.defect[0].isupper() and one.defect.endswith(".")
    assert len(one.reference) >= 5
    assert int(one.version) >= 1
    assert set(one.languages) <= set(languages())


@pytest.mark.parametrize("language", sorted(languages()))
@pytest.mark.parametrize("criterion", sorted(OPERATORS))
def test_every_criterion_can_be_worsened_in_every_language(criterion: str, language: str) -> None:
    syntax = parse(language, next((FOLDER / languages()[language].folder).glob("fixture.*")).read_bytes())
    codes = [snippet(syntax, function) for function in functions(syntax)]
    codes.append(SNIPPETS.get((criterion, language)))
    assert any(mutants(language, code, OPERATORS[criterion]) for code in codes if code)


def test_every_operator_applies_to_some_language() -> None:
    for one in ALL:
        assert not one.languages or set(one.languages) & set(languages()), one.name
