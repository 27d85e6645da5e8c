"""An edit as tokens and numbers."""

import math

import pytest

from parsers.edits import Edit
from pipeline.criterion.features import NUMBERS, Features, features
from schemas.errors import ParseRefused

C_OLD = "int first(char *p)\n{\n    return p[0];\n}\n"
C_NEW = "int first(char *p)\n{\n    if (p == NULL)\n        return -1;\n    return p[0];\n}\n"
LOOP = "int sum(int *a, int n) {\n  int s = 0;\n  for (int i = 0; i < n; i++)\n    s += a[i];\n  return s;\n}\n"
TWO = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"


def of(language: str, before: str, after: str, text: str = "Change it") -> Features:
    return features(text, Edit(language, before, after))


def numbers(found: Features) -> dict[str, float]:
    return dict(zip(NUMBERS, found.numbers, strict=True))


def edit_words(found: Features) -> set[str]:
    return {word for word in found.words if not word.startswith(("s:", "b:", "f:"))}


def test_added_null_check() -> None:
    found = of("C", C_OLD, C_NEW)
    assert {"+if", "+NULL", "+return", "+=="} <= edit_words(found)
    assert not any(word.startswith("-") for word in found.words)
    table = numbers(found)
    assert [table[f"came_{word}"] for word in ("if", "NULL", "return", "free")] == [1, 1, 1, 0]
    assert [table[name] for name in ("only_added", "only_removed", "only_moved")] == [1, 0, 0]
    assert table["lines_added"] == pytest.approx(math.log(3))
    assert table["more_condition"] > 0 and table["more_return"] > 0 and table["more_loop"] == 0


def test_removal_is_the_other_way_round() -> None:
    there, back = of("C", C_OLD, C_NEW), of("C", C_NEW, C_OLD)
    assert edit_words(back) == {"-" + word[1:] for word in edit_words(there)}
    forth, other = numbers(there), numbers(back)
    assert [other[f"gone_{word}"] for word in ("if", "NULL", "return")] == [1, 1, 1]
    assert other["lines_removed"] == forth["lines_added"] and other["tokens_gone"] == forth["tokens_came"]
    assert other["more_condition"] == -forth["more_condition"]
    assert (other["only_removed"], other["only_added"]) == (1, 0)


@pytest.mark.parametrize(("language", "text"), [("C", LOOP), ("Java", f"class A {{\n{LOOP.replace('*', '')}}}\n")])
def test_swapped_comparison(language: str, text: str) -> None:
    found = of(language, text, text.replace("i < n", "i <= n"))
    assert edit_words(found) == {"-<", "+<=", "< to <=", "comparison changed"}
    assert numbers(found)["in_loop"] == 2


@pytest.mark.parametrize("swap", [("i < n", "i != n"), ("i < n", "i > n")])
def test_other_swaps(swap: tuple[str, str]) -> None:
    old, new = (text.split()[1] for text in swap)
    assert f"{old} to {new}" in of("C", LOOP, LOOP.replace(*swap)).words


def test_rename() -> None:
    before = "def f(a):\n    tmp = a + 1\n    log(tmp)\n    return tmp\n"
    found = of("Python", before, before.replace("tmp", "total_price"))
    assert numbers(found)["renamed"] == 1
    assert {"-tmp", "+total", "+pric"} == edit_words(found), "a name is its words' stems"
    other = of("Python", before, before.replace("log(tmp)", "log(a)"))
    assert numbers(other)["renamed"] == 0
    assert numbers(of("Python", before, before.replace("log", "show")))["renamed"] == 0, "in one place alone"


def test_pure_move() -> None:
    found = of("Python", TWO, "def two():\n    return 2\n\n\ndef one():\n    return 1\n")
    assert numbers(found)["only_moved"] == 1
    assert edit_words(found) == set()
    assert numbers(of("Python", TWO, TWO.replace("2", "3")))["only_moved"] == 0


@pytest.mark.parametrize(
    ("language", "comment"), [("Python", "# why"), ("C", "/* why */"), ("Go", "// why"), ("Ruby", "# why")]
)
def test_comment_is_counted_and_not_read(language: str, comment: str) -> None:
    before = "x = 1\ny = 2\n" if language in ("Python", "Ruby") else "int x;\nint y;\n"
    after = before.replace("\n", f"\n{comment}\n", 1)
    added, removed = of(language, before, after), of(language, after, before)
    assert edit_words(added) == edit_words(removed) == set()
    assert [numbers(added)[f"comments_{how}"] for how in ("added", "removed")] == [math.log(2), 0]
    assert [numbers(removed)[f"comments_{how}"] for how in ("added", "removed")] == [0, math.log(2)]


NULL_CHECKS = [
    ("Python", "def f(a):\n{}    return a.b\n", "    if a is None:\n        raise E(a)\n"),
    ("Java", "class A {{\nint f(B a) {{\n{}return a.b;\n}}\n}}\n", "if (a == null) {\nthrow new E(a);\n}\n"),
    ("Go", "package p\n\nfunc f(a *B) int {{\n{}return a.b\n}}\n", "if a == nil {\npanic(a)\n}\n"),
    ("JavaScript", "function f(a) {{\n{}return a.b;\n}}\n", "if (a === undefined) {\nthrow new E(a);\n}\n"),
    ("C++", "int f(B *a) {{\n{}return a->b;\n}}\n", "if (a == nullptr) {\nthrow E(a);\n}\n"),
    ("C", "int f(B *a) {{\n{}return a->b;\n}}\n", "if (a == NULL) {\nabort();\n}\n"),
    ("C#", "class A {{\nint F(B a) {{\n{}return a.B;\n}}\n}}\n", "if (a == null) {\nthrow new E(a);\n}\n"),
    ("Ruby", "def f(a)\n{}  a.b\nend\n", "raise E, a if a == nil\n"),
]


@pytest.mark.parametrize(("language", "around", "check"), NULL_CHECKS)
def test_one_thing_has_one_name_in_every_language(language: str, around: str, check: str) -> None:
    found = of(language, around.format(""), around.format(check))
    assert {"+if", "+NULL", "+a"} <= edit_words(found)
    assert not {"+none", "+null", "+nil", "+nullptr", "+undefin", "+rais"} & edit_words(found)
    assert numbers(found)["came_if"] == numbers(found)["came_NULL"] == 1
    if language not in ("Go", "C"):
        assert "+throw" in found.words and numbers(found)["came_throw"] == 1
    if language != "Python":
        assert "+==" in found.words
    assert numbers(found)["in_condition"] > 0 and numbers(found)["in_comparison"] > 0


def test_values_are_kinds() -> None:
    before = "x = f()\n"
    after = 'x = f(1, 4096, "some text", \'c\', "' + "y" * 100 + '")\n'
    found = edit_words(of("Python", before, after))
    assert {"+<1>", "+<number>"} <= found
    assert "+4096" not in found
    assert "+<string>" in of("Go", "package p\n", "package p\n\nvar x = 'a'\n").words
    long = of("C", "int x;\n", "int " + "x" * 100 + ";\n")
    assert edit_words(long) == {"-x", "+long"}


def test_words_of_a_message() -> None:
    found = of("C", C_OLD, C_NEW, "`first`: fixed crashes\n\nIt read NULL.")
    assert {"s:<id>", "s:fix", "s:crash", "f:fix", "b:it", "b:read", "b:null"} == set(found.words) - edit_words(found)
    assert found.message.first_line == "`first`: fixed crashes"
    table = numbers(found)
    assert (table["subject_words"], table["body_words"]) == (math.log(4), math.log(4))


def test_message_that_names_what_is_edited() -> None:
    before, after = "def f():\n    old_name()\n", "def f():\n    new_name()\n"
    assert numbers(of("Python", before, after, "Call new_name instead"))["named_in_message"] == 1
    assert numbers(of("Python", before, after, "Call new_names instead"))["named_in_message"] == 0


def test_counts_are_held() -> None:
    many = "".join(f"    if (p[{i}]) return {i};\n" for i in range(40))
    table = numbers(of("C", C_OLD, C_OLD.replace("    return", f"{many}    return")))
    assert table["came_if"] == table["came_return"] == 5


@pytest.mark.parametrize(
    ("before", "after"),
    [(C_OLD, C_NEW), ("", C_NEW), (C_OLD, ""), ("", ""), (C_OLD, C_OLD), ("}}}((", "\ufffd \\ ''' \""),
     ("x\n" * 3000, "y\n" * 3000)],
)  # fmt: skip
@pytest.mark.parametrize("language", ["C", "Python", "Ruby"])
def test_numbers_are_finite(before: str, after: str, language: str) -> None:
    found = of(language, before, after, "")
    assert len(found.numbers) == len(NUMBERS) == len(set(NUMBERS))
    assert all(math.isfinite(value) for value in found.numbers)
    assert all(math.isfinite(value) and value > 0 for value in found.words.values())
    assert found == of(language, before, after, "")


@pytest.mark.parametrize(("before", "after"), [("int x;\n", "int\0 y;\n"), ("int\0 y;\n", "int x;\n")])
def test_nul_bytes_are_refused(before: str, after: str) -> None:
    with pytest.raises(ParseRefused) as refused:
        of("C", before, after)
    assert refused.value.reason == "nul_bytes"
