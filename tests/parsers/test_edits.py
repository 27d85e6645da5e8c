from parsers.edits import Edit, Hunk

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


def test_hunks_are_what_differs():
    edit = Edit("Python", "a\nb\nc\nd\n", "a\nB\nc\nd  \ne\n")
    assert edit.hunks == (Hunk((1, 2), (1, 2)), Hunk((3, 4), (3, 5)))
    assert (edit.removed, edit.added) == (["b", "d"], ["B", "d  ", "e"])
    assert Edit("Python", "a\n", "a\n").hunks == ()


def test_hunks_of_a_text_turned_round_are_one():
    lines = [str(at) for at in range(3000)]
    edit = Edit("Python", "\n".join(lines), "\n".join(lines[::-1]))
    assert edit.hunks == (Hunk((0, 3000), (0, 3000)),)
