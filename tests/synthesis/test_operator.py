"""Edits and their inverse, what makes a mutant fit, and the same promises for every operator on real functions."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from random import Random

import pytest

from parsers.functions import functions, parse_snippet, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import Function, Syntax, error_bytes, parse
from schemas.errors import ParseRefused
from synthesis.mutations import BY_NAME
from synthesis.mutations.operator import (
    Edit,
    Mutant,
    Operator,
    Site,
    apply,
    inverse,
    merged,
    mutant,
    mutants,
    operator,
    shifted,
    sites,
)

ALL = tuple(BY_NAME.values())
PYTHON = 'def größe(a, b):\n    """Add."""\n    text = "文字"\n    return a + b\n'
GO = "func (q *Queue) Len() int {\n\treturn q.size + 1\n}\n"


def made_of(*edits: tuple[int, int, str]) -> Operator:
    """An operator that yields these edits, counted from the function's first byte."""

    @operator("functional_correctness", "a test")
    def fixed(syntax: Syntax, function: Function) -> Iterator[Site]:
        """Make the given edits."""
        at = function.span[0]
        yield tuple(Edit(start + at, end + at, text) for start, end, text in edits)

    return fixed


def only(language: str, code: str, *edits: tuple[int, int, str], protected: str = "") -> Mutant | None:
    found = mutants(language, code, (made_of(*edits),), frozenset(protected.split()))
    return found[0] if found else None


def place(code: str, text: str) -> tuple[int, int]:
    start = code.encode().index(text.encode())
    return start, start + len(text.encode())


def test_apply_makes_every_edit_whatever_their_order() -> None:
    code = "äb文d"
    edits = (Edit(6, 7, "D"), Edit(0, 2, "A"), Edit(3, 3, "++"), Edit(3, 6, ""))
    assert apply(code, edits) == apply(code, edits[::-1]) == "Ab++D"


@pytest.mark.parametrize(
    ("code", "edits"),
    [
        ("abc", (Edit(0, 0, ""),)),
        ("", (Edit(0, 0, "x\n"),)),
        ("größe = 文字\n", (Edit(2, 4, "oe"), Edit(7, 7, "größe"), Edit(10, 16, ""))),
        ("abcdef", (Edit(1, 2, ""), Edit(3, 4, ""), Edit(5, 6, "long text"))),
    ],
)
def test_inverse_undoes(code: str, edits: Site) -> None:
    assert apply(apply(code, edits), inverse(code, edits)) == code


def test_random_edits_are_undone_and_merging_changes_nothing() -> None:
    rng = Random(7)
    alphabet = "ab ö文\n🙂"
    for _ in range(400):
        code = "".join(rng.choices(alphabet, k=rng.randrange(12)))
        offsets = [len(code[:n].encode()) for n in range(len(code) + 1)]
        cuts = sorted(rng.choices(offsets, k=2 * rng.randrange(4)))
        plain = tuple(
            Edit(cuts[i], cuts[i + 1], "".join(rng.choices(alphabet, k=rng.randrange(3))))
            for i in range(0, len(cuts), 2)
        )
        edits = merged(plain)
        assert apply(code, edits) == apply(code, plain)
        assert apply(apply(code, edits), inverse(code, edits)) == code
        assert all(a.end < b.start for a, b in pairwise(edits))


def test_touching_edits_that_leave_nothing_become_one_and_come_back_in_order() -> None:
    code = "def f(a, b):\n    g(a)\n    h(b)\n    return a\n"
    first, second = place(code, "    g(a)\n"), place(code, "    h(b)\n")
    found = only("Python", code, (*second, ""), (*first, ""))
    assert found is not None
    assert found.code == "def f(a, b):\n    return a\n"
    assert found.edits == (Edit(first[0], second[1], ""),)
    assert apply(found.code, inverse(code, found.edits)) == code


def test_an_operator_is_named_after_its_function_and_says_its_defect() -> None:
    one = made_of()
    assert (one.name, one.criterion, one.reference, one.version) == ("fixed", "functional_correctness", "a test", "1")
    assert one.defect == "Make the given edits."


@pytest.mark.parametrize(
    "edits",
    [
        [],
        [(-1, 2, "x")],
        [(len(GO.encode()) - 1, len(GO.encode()) + 1, "")],
        [(5, 4, "")],
        [(6, 9, "a"), (8, 10, "b")],
        [(6, 12, "a"), (8, 9, "")],
    ],
)
def test_edits_that_leave_the_function_or_overlap_are_refused(edits: list[tuple[int, int, str]]) -> None:
    assert only("Go", GO, *edits) is None


def test_an_edit_at_the_very_end_is_inside() -> None:
    size = len(GO.encode())
    found = only("Go", GO, (*place(GO, "+ 1"), "+ 2"), (size, size, "\n"))
    assert found is not None
    assert found.code == GO.replace("+ 1", "+ 2") + "\n"


def test_coordinates_are_the_functions_own_where_it_was_parsed_in_a_wrapper() -> None:
    code = "total(a, b) {\n    return a + b;\n}"
    original = parse_snippet("JavaScript", code)
    assert original.offset > 0
    start, end = place(code, "+")
    site = (Edit(start + original.offset, end + original.offset, "-"),)
    assert shifted(site, original) == (Edit(start, end, "-"),)
    found = mutant(ALL[0], "JavaScript", code, original, site, frozenset())
    assert found is not None
    assert found.code == code.replace("+", "-")
    assert shifted((Edit(0, 1, ""),), original) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [("return", "   return"), ("a + b", "a + b "), ("a + b", "a  +\tb"), ("+", "+ +)")],
)
def test_a_mutant_of_the_same_words_or_with_more_errors_is_refused(old: str, new: str) -> None:
    assert only("Python", PYTHON, (*place(PYTHON, old), new)) is None


def test_a_mutant_that_is_no_function_any_more_is_refused() -> None:
    code = "def f(a):\n    return a\n"
    assert only("Python", code, (0, len(code), "x = 1\n")) is None


@pytest.mark.parametrize(
    ("old", "new", "protected", "kept"),
    [
        ("a + b", "a - b", "a b text", True),
        ("a + b", "b + a", "a b", True),
        ("a + b", "a", "b", False),
        ("größe", "groesse", "größe", False),
        ("röß", "x", "größe", False),
        ("text", "texts", "text", False),
        ("xt", "", "text", False),
        ("return a + b", "return a + b + b", "b", True),
        ('"文字"', '"文"', "文字", False),
    ],
)
def test_a_protected_word_is_never_removed_not_even_in_part(old: str, new: str, protected: str, kept: bool) -> None:
    edit = (*place(PYTHON, old), new)
    assert only("Python", PYTHON, edit) is not None
    assert (only("Python", PYTHON, edit, protected=protected) is not None) == kept


def test_a_protected_number_stays() -> None:
    code = "def f(a):\n    return a[:10]\n"
    edit = (*place(code, "10"), "11")
    assert only("Python", code, edit) is not None
    assert only("Python", code, edit, protected="10") is None


def test_a_word_may_move_within_one_mutant() -> None:
    code = "def f(alpha, beta):\n    return g(alpha, beta)\n"
    start, end = place(code, "g(alpha, beta)")
    swap = ((start + 2, start + 7, "beta"), (start + 9, end - 1, "alpha"))
    found = only("Python", code, *swap, protected="alpha beta")
    assert found is not None
    assert "g(beta, alpha)" in found.code


def test_an_operator_for_other_languages_has_no_sites_and_mutants_are_each_once() -> None:
    @operator("functional_correctness", "a test", languages=("Go",))
    def twice(syntax: Syntax, function: Function) -> Iterator[Site]:
        """Make one edit twice."""
        for text in ("- b", "-  b"):
            at = syntax.data.index(b"+ b")
            yield (Edit(at, at + 3, text),)

    assert sites(twice, "Python", parse_snippet("Python", PYTHON)) == []
    code = "func f(a int, b int) int {\n\treturn a + b\n}\n"
    assert [m.code for m in mutants("Go", code, (twice,))] == [code.replace("+", "-")]


def test_what_holds_no_function_is_refused() -> None:
    with pytest.raises(ParseRefused, match="no_function"):
        mutants("Python", "x = 1\n", ALL)


@cache
def fixture_functions(language: str) -> tuple[str, ...]:
    syntax = parse(language, next((FOLDER / languages()[language].folder).glob("fixture.*")).read_bytes())
    return tuple(code for function in functions(syntax) if (code := snippet(syntax, function)) is not None)


def folded(code: str) -> str:
    return " ".join(code.split())


@pytest.mark.parametrize("language", sorted(languages()))
def test_every_mutant_of_every_operator_is_fit_and_can_be_undone(language: str) -> None:
    total = 0
    for code in fixture_functions(language):
        before, size = error_bytes(parse_snippet(language, code).syntax.root), len(code.encode())
        found = mutants(language, code, ALL)
        assert found == mutants(language, code, ALL)
        for one in found:
            assert folded(one.code) != folded(code), one.operator.name
            assert error_bytes(parse_snippet(language, one.code).syntax.root) <= before, one.operator.name
            assert apply(code, one.edits) == one.code
            assert apply(one.code, inverse(code, one.edits)) == code, one.operator.name
            assert all(0 <= edit.start <= edit.end <= size for edit in one.edits)
            assert list(one.edits) == sorted(one.edits)
        assert len({folded(one.code) for one in found}) == len(found)
        total += len(found)
    assert total >= 50


@pytest.mark.parametrize("language", sorted(languages()))
def test_no_operator_removes_a_protected_word(language: str) -> None:
    for code in fixture_functions(language):
        words = sorted(set(re.findall(r"\w+", code)))
        protected = frozenset(words[::2])
        free = mutants(language, code, ALL)
        bound = {one.code for one in mutants(language, code, ALL, protected)}
        for one in free:
            fewer = Counter(re.findall(r"\w+", code)) - Counter(re.findall(r"\w+", one.code))
            assert (one.code in bound) == protected.isdisjoint(fewer), one.operator.name
        assert not mutants(language, code, (), protected)
