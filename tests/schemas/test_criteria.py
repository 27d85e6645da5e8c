"""The table of criteria lists every file, in the released order, with the released spellings."""

from importlib import import_module
from pathlib import Path

import schemas.criteria
from schemas.criteria import CODE_CRITERIA, CRITERIA, Criterion

KEYS = [
    "readability_maintainability", "runtime_efficiency", "security_hardness", "functional_correctness",
    "memory_efficiency", "helpfulness", "harmlessness",
]  # fmt: skip


def test_every_file_of_a_criterion_is_listed() -> None:
    folder = Path(schemas.criteria.__file__).parent
    modules = [import_module(f"schemas.criteria.{path.stem}") for path in sorted(folder.glob("[a-z]*.py"))]
    written = [module.CRITERION for module in modules if hasattr(module, "CRITERION")]
    assert len(written) == len(modules) - 1  # criterion.py holds the class
    assert sorted(written, key=lambda c: c.id) == list(CRITERIA.values())


def test_ids_are_the_released_ones() -> None:
    assert list(CRITERIA) == KEYS
    assert [c.id for c in CRITERIA.values()] == list(range(7))
    assert [c.key for c in CRITERIA.values()] == KEYS


def test_five_are_of_code_and_have_terms_and_benchmark_spellings() -> None:
    assert list(CODE_CRITERIA) == KEYS[:5]
    assert {c.benchmark_name for c in CODE_CRITERIA.values()} == {
        "Functional_Correctness", "Runtime_Efficiency", "Memory_Efficiency", "Readability_Maintainability",
        "Security_Hardness",
    }  # fmt: skip
    for criterion in CODE_CRITERIA.values():
        assert len(criterion.terms) == len(set(criterion.terms)) >= 5
        assert all(term == term.strip().lower() != "" for term in criterion.terms)


def test_every_criterion_says_what_it_means() -> None:
    for criterion in CRITERIA.values():
        assert isinstance(criterion, Criterion)
        assert criterion.definition.endswith(".") and criterion.principle.endswith(".")
        assert len(criterion.rubric) >= 3 and all(question.endswith("?") for question in criterion.rubric)


def test_a_term_hints_at_one_criterion() -> None:
    terms = [term for criterion in CODE_CRITERIA.values() for term in criterion.terms]
    assert len(terms) == len(set(terms))
