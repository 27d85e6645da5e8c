"""The table of operators lists every file, and every criterion can be worsened in every language."""

from collections import Counter
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import synthesis.mutations
from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import parse
from schemas.criteria import CODE_CRITERIA
from synthesis.mutations import BY_NAME, FILES, HELD_OUT, OPERATORS, PLACEBOS, REPAIRS
from synthesis.mutations.operator import Operator, mutants

ALL = [one for listed in (*OPERATORS.values(), *REPAIRS.values(), PLACEBOS) for one in listed]

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
    ("runtime_efficiency", "C++"): (
        "std::string join(const std::vector<std::string>& all) {\n  std::string text;\n  text.reserve(all.size());\n"
        "  for (const auto& one : all) {\n    text += one;\n  }\n  return text;\n}\n"
    ),
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
    ("security_hardness", "Python"): "def same(a, b):\n    return hmac.compare_digest(a, b)\n",
    ("security_hardness", "Ruby"): "def word?(text)\n  text.match?(/\\A[a-z]+\\z/)\nend\n",
    ("security_hardness", "Java"): (
        'void add(String name) {\n    Objects.requireNonNull(name, "name");\n    names.add(name);\n}\n'
    ),
}
"""Functions with what a criterion is about, where a language's fixture has none."""


def test_every_file_with_operators_is_listed() -> None:
    folder = Path(synthesis.mutations.__file__).parent
    for package in sorted(path.parent for path in folder.glob("*/__init__.py")):
        found = {
            module.__name__
            for path in sorted(package.glob("[a-z]*.py"))
            if _holds_operators(module := import_module(f"synthesis.mutations.{package.name}.{path.stem}"))
        }
        assert found == {file.__name__ for file in import_module(f"synthesis.mutations.{package.name}").FILES}
    loose = {path.stem for path in folder.glob("[a-z]*.py") if _holds_operators(_module(path.stem))}
    assert loose == set()
    assert list(FILES) == list(OPERATORS) == list(REPAIRS) == list(CODE_CRITERIA)


def _module(name: str) -> ModuleType:
    return import_module(f"synthesis.mutations.{name}")


def _holds_operators(module: ModuleType) -> bool:
    made = [value for value in vars(module).values() if isinstance(value, Operator)]
    return any(value.sites.__module__ == module.__name__ for value in made)


def test_families_that_are_held_out_leave_others_of_their_criterion() -> None:
    for criterion, listed in OPERATORS.items():
        families = {one.family for one in listed}
        assert families - HELD_OUT, criterion
    assert {one.family for one in ALL} >= HELD_OUT


@pytest.mark.parametrize("criterion", sorted(OPERATORS))
def test_a_criterion_has_operators_of_its_own(criterion: str) -> None:
    assert len(OPERATORS[criterion]) >= 3
    assert {one.criterion for one in OPERATORS[criterion]} == {criterion}


def test_names_are_unique_and_snake_case() -> None:
    counts = Counter(one.name for one in ALL)
    assert [name for name, count in counts.items() if count > 1] == []
    assert set(BY_NAME) == set(counts)
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
