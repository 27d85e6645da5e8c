"""Operators of functional correctness together: what each says, and what holds for every mutant."""

import pytest

from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import error_bytes, parse
from synthesis.mutations.operator import Mutant, apply, inverse, mutants
from tests.synthesis.mutations.functional.sources import OPERATORS, REPAIRS, SOURCES


def all_mutants(language: str) -> list[tuple[str, Mutant]]:
    folder = FOLDER / languages()[language].folder
    syntax = parse(language, next(folder.glob("fixture.*")).read_bytes())
    codes = [snippet(syntax, function) for function in functions(syntax)]
    codes.append(SOURCES[language])
    return [(code, m) for code in codes if code for m in mutants(language, code, tuple(OPERATORS.values()))]


def test_every_operator_says_what_it_claims() -> None:
    for one in (*OPERATORS.values(), *REPAIRS.values()):
        assert one.criterion == "functional_correctness"
        assert one.defect.endswith(".")
    assert all(one.reference.startswith("CWE-") for one in OPERATORS.values())
    assert 4 <= len({one.family for one in OPERATORS.values()}) <= 8


@pytest.mark.parametrize("language", sorted(SOURCES))
def test_mutants_of_a_language(language: str) -> None:
    found = all_mutants(language)
    for code, mutant in found:
        assert mutant.code != code
        assert apply(mutant.code, inverse(code, mutant.edits)) == code
        assert error_bytes(parse(language, mutant.code).root) <= error_bytes(parse(language, code).root)
    shorter = {m.operator.name for code, m in found if len(m.code) < len(code)}
    longer = {m.operator.name for code, m in found if len(m.code) > len(code)}
    assert len(shorter) >= 5
    assert len(longer) >= 5


def test_python_mutants_compile() -> None:
    made = all_mutants("Python")
    assert made
    for _, mutant in made:
        compile(mutant.code, mutant.operator.name, "exec")


def test_type_arguments_and_case_labels_are_left_alone() -> None:
    generic = "public Task<(bool A, T B)> Held()\n{\n    return new Task<(bool A, T B)>((false, result));\n}\n"
    assert mutants("C#", generic, (OPERATORS["boundary_moved"], OPERATORS["comparison_reversed"])) == []
    labels = "int pick(int n)\n{\n    switch (n) {\n    case 1:\n        return a;\n    }\n    return b;\n}\n"
    assert mutants("C", labels, (OPERATORS["literal_off_by_one"],)) == []
