import pytest

from parsers.edits import Edit, Hunk, edited_functions
from schemas.errors import ParseRefused

BEFORE = """import os

class A:
    def f(self):
        return 1

    def g(self):
        return 2

class B:
    def f(self):
        return 3
"""


def test_one_edited_function():
    edits = edited_functions("Python", BEFORE, BEFORE.replace("return 3", "return 4  # four"))
    assert edits.only is not None
    assert edits.only.name == "f"
    assert edits.only.before == "def f(self):\n    return 3"
    assert edits.only.after == "def f(self):\n    return 4  # four"
    assert (edits.added, edits.removed, edits.elsewhere) == ((), (), False)


def test_two_edited_functions_in_the_order_of_the_text():
    edits = edited_functions("Python", BEFORE, BEFORE.replace("return", "yield"))
    assert [one.name for one in edits.functions] == ["f", "g", "f"]
    assert edits.only is None


def test_an_edit_elsewhere():
    edits = edited_functions(
        "Python", BEFORE, BEFORE.replace("import os", "import sys").replace("return 1", "return 9")
    )
    assert edits.elsewhere and edits.only is None and len(edits.functions) == 1


def test_no_edit_but_white_space_and_order():
    assert (
        edited_functions("Python", BEFORE, BEFORE.replace("\n\nclass", "\n\n\nclass").replace("1\n", "1  \n")).only
        is None
    )
    edits = edited_functions(
        "Go", "package a\nfunc f() { a() }\nfunc g() { b() }\n", "package a\nfunc g() { b() }\nfunc f() { a() }\n"
    )
    assert (edits.functions, edits.added, edits.removed, edits.elsewhere) == ((), (), (), False)


def test_added_and_removed():
    edits = edited_functions("Python", BEFORE, BEFORE.replace("def g", "def h"))
    assert (edits.functions, edits.added, edits.removed) == ((), ("h",), ("g",))
    assert edits.only is None


def test_overloads_and_receivers():
    java = "class A {\n  int f(int a) { return a; }\n  int f(String a) { return 1; }\n}\n"
    edits = edited_functions("Java", java, java.replace("return 1", "return a.length()"))
    assert edits.only is not None and edits.only.after == "int f(String a) { return a.length(); }"
    go = "package a\nfunc (a *A) F() int { return 1 }\nfunc (b *B) F() int { return 1 }\n"
    edits = edited_functions("Go", go, go.replace("(b *B) F() int { return 1", "(b *B) F() int { return 2"))
    assert edits.only is not None and edits.only.before == "func (b *B) F() int { return 1 }"


def test_an_edit_in_an_inner_function_is_the_outer_ones():
    text = "def f():\n    def g():\n        return 1\n    return g\n"
    edits = edited_functions("Python", text, text.replace("1", "2"))
    assert edits.only is not None and edits.only.name == "f"


def test_refused():
    with pytest.raises(ParseRefused):
        edited_functions("Python", "x\0", "x")


def test_hunks_are_what_differs():
    edit = Edit("Python", "a\nb\nc\nd\n", "a\nB\nc\nd  \ne\n")
    assert edit.hunks == (Hunk((1, 2), (1, 2)), Hunk((3, 4), (3, 5)))
    assert (edit.removed, edit.added) == (["b", "d"], ["B", "d  ", "e"])
    assert Edit("Python", "a\n", "a\n").hunks == ()


def test_hunks_of_a_text_turned_round_are_one():
    lines = [str(at) for at in range(3000)]
    edit = Edit("Python", "\n".join(lines), "\n".join(lines[::-1]))
    assert edit.hunks == (Hunk((0, 3000), (0, 3000)),)
