import pytest

from parsers.edits import Edit
from parsers.leaves import Leaf, leaves
from parsers.syntax import parse
from schemas.errors import ParseRefused

GO = 'package a\n\nimport (\n\t"b"\n)\n\n// One.\nfunc f() { g("x y") }\n'


def kinds(language, text):
    return [(leaf.kind, leaf.text) for leaf in leaves(parse(language, text), (0, len(text)))[0]]


def test_kinds_of_leaves():
    assert kinds("Go", GO) == [
        ("code", "package"), ("code", "a"), ("import", 'import (\n\t"b"\n)'), ("comment", "// One."), ("code", "func"),
        ("code", "f"),
        ("code", "("), ("code", ")"), ("code", "{"), ("code", "g"), ("code", "("), ("string", '"x y"'),
        ("code", ")"), ("code", "}"),
    ]  # fmt: skip
    assert kinds("Python", '"""A."""\nx = "b"\n') == [
        ("docstring", '"""A."""'), ("code", "x"), ("code", "="), ("string", '"b"')
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "text", "imports"),
    [
        ("C", "#include <a.h>\nint x;\n", ["#include <a.h>\n"]),
        ("C++", "using std::move;\nint x;\n", ["using std::move;"]),
        ("C++", '#if A\n#include "a"\n#endif\nint x;\n', ['#if A\n#include "a"\n#endif']),
        ("C", "#ifdef A\n#include <a.h>\nint y;\n#endif\n", ["#include <a.h>\n"]),
        ("C#", "using A;\nclass C { void F() { using (var x = y()) {} } }\n", ["using A;"]),
        ("Go", GO, ['import (\n\t"b"\n)']),
        ("Java", "package a;\nimport b.C;\nclass A {}\n", ["import b.C;"]),
        ("JavaScript", "import a from 'a';\nconst b = require('b');\nvar c = require('c'), d = 2;\n",
         ["import a from 'a';", "const b = require('b');"]),
        ("Python", "from __future__ import a\nimport b\nfrom c import d\nx = 1\n",
         ["from __future__ import a", "import b", "from c import d"]),
        ("Ruby", "require 'a'\nx.load 'b'\nload 'c'\n", ["require 'a'", "load 'c'"]),
    ],
)  # fmt: skip
def test_imports(language, text, imports):
    assert [text for kind, text in kinds(language, text) if kind == "import"] == imports


def test_only_what_overlaps_with_the_span_that_it_covers():
    text = "aa = 1\nbb = 2\ncc = 3\n"
    found, span = leaves(parse("Python", text), (8, 12))
    assert [leaf.text for leaf in found] == ["bb", "="]
    assert span == (7, 12)


def test_the_level_tells_blocks_apart():
    text = "if a:\n    b\n    c\n"
    moved = "if a:\n    b\nc\n"
    assert kinds("Python", text) == kinds("Python", moved)
    assert not Edit("Python", text, moved).same_without()


def test_leaves_that_changed():
    edit = Edit("Python", "a = 1\nb = 2\nc = 3\n", "a = 1\nb = 4\nc = 3\n")
    old, new = edit.changed_leaves
    assert [leaf.text for leaf in old] == ["b", "=", "2"]
    assert new[-1] == Leaf("code", "4", 3, "assignment")
    assert not edit.same_without("comment")


def test_code_that_a_comment_swallows_is_looked_at():
    before = "int a;\n/* x */\nint b;\nint c;\n/* y */\nint d;\n"
    edit = Edit("C", before, before.replace("x */", "x"))
    old, new = edit.changed_leaves
    assert [leaf.text for leaf in old if leaf.kind == "code"] == ["int", "b", ";", "int", "c", ";"]
    assert [leaf.kind for leaf in new] == ["comment"]
    assert not edit.same_without("comment")


@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("a\n", "a\n"), ("b", "a\nb"), ("a", "a\nb"), ("", "a = 1\n"), ("x\n", "")]
)
def test_ends_of_short_texts(before, after):
    edit = Edit("Python", before, after)
    assert edit.same_without() == (before == after)


def test_a_side_outside_the_bounds():
    with pytest.raises(ParseRefused, match="nul_bytes"):
        Edit("Python", "a\n", "\0\n").same_without()
