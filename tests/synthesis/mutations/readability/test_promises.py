"""What holds for every mutant of readability, in every language."""

import pytest

from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import error_bytes, parse
from synthesis.mutations.operator import Mutant, Operator, apply, inverse, mutants
from synthesis.mutations.readability import FILES

ALL = tuple(one for file in FILES for one in vars(file).values() if isinstance(one, Operator))
WINDOWS = (
    "int F(int a)\r\n{\r\n    if (a == 0)\r\n    {\r\n        return 1;\r\n    }\r\n"
    "    if (a > 1 && H(a) || a == 3)\r\n    {\r\n        G(a);\r\n    }\r\n"
    "    if (H(a))\r\n    {\r\n        G(a);\r\n    }\r\n    else if (a > 5 && a < 7)\r\n    {\r\n"
    "        G(1);\r\n    }\r\n    G(a);\r\n    return a;\r\n}\r\n"
)


def fixture_mutants(language: str) -> list[tuple[str, Mutant]]:
    syntax = parse(language, next((FOLDER / languages()[language].folder).glob("fixture.*")).read_bytes())
    codes = [snippet(syntax, function) for function in functions(syntax)]
    return [(code, mutant) for code in codes if code for mutant in mutants(language, code, ALL)]


def test_every_operator_says_what_it_claims() -> None:
    for one in ALL:
        assert one.criterion == "readability_maintainability"
        assert one.defect.endswith(".")
        assert one.reference
    assert {"defect", "repair"} == {one.kind for one in ALL}


def test_families_are_several_and_none_of_one_word_with_its_operator() -> None:
    families = {one.family for one in ALL if one.kind == "defect"}
    assert len(families) >= 8
    assert all(family.isidentifier() for family in families)


def test_line_breaks_stay_as_the_text_has_them() -> None:
    found = mutants("C#", WINDOWS, ALL)
    names = {mutant.operator.name for mutant in found}
    assert {"else_after_exit", "guard_nested", "condition_convoluted", "else_if_nested", "branch_duplicated"} <= names
    assert all(mutant.code.count("\n") == mutant.code.count("\r\n") for mutant in found)


@pytest.mark.parametrize("language", ["C", "C#", "C++", "Go", "Java", "JavaScript", "Python", "Ruby"])
def test_mutants_of_a_language(language: str) -> None:
    found = fixture_mutants(language)
    for code, mutant in found:
        assert mutant.code != code
        assert apply(mutant.code, inverse(code, mutant.edits)) == code
        assert error_bytes(parse(language, mutant.code).root) <= error_bytes(parse(language, code).root)
    shorter = {m.operator.name for code, m in found if len(m.code) < len(code)}
    longer = {m.operator.name for code, m in found if len(m.code) > len(code)}
    assert len(shorter) >= 3
    assert len(longer) >= 3


def test_python_mutants_compile() -> None:
    found = fixture_mutants("Python")
    assert found
    for _, mutant in found:
        compile(mutant.code, mutant.operator.name, "exec")
