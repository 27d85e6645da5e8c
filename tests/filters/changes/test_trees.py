import pytest

from filters.changes.comments import Comments
from filters.changes.imports import Imports
from filters.changes.lexical import maybe_comments_only, maybe_imports_only, maybe_strings_only, same_without_space
from filters.changes.strings import Strings
from filters.changes.typos import Typos
from filters.changes.whitespace import Whitespace
from parsers.edits import Edit
from schemas.errors import ParseRefused
from tests.filters.changes.planted import change, reason

C = "int f(int a)\n{\n    /* one */\n    return a;\n}\n"
PYTHON = 'import os\n\ndef f(a):\n    """One."""\n    if a:\n        g(a)\n    return 1\n'
JAVA = "import a.B;\n\nclass A {\n    /**\n     * One.\n     */\n    int f() { return 1; }\n}\n"

CASES = {
    Whitespace(): [
        ("C", C, C.replace("(int a)\n{", "(int a) {"), "whitespace_only"),
        ("C", C, C.replace("    return", "\treturn"), "whitespace_only"),
        ("Python", PYTHON, PYTHON.replace("(a):", "( a ):"), "whitespace_only"),
        ("Python", PYTHON, PYTHON.replace("    return 1", "        return 1"), None),
        ("Python", PYTHON, PYTHON.replace("    return 1", "\n\n    return 1"), "whitespace_only"),
        ("JavaScript", "f('a b');\n", "f('ab');\n", None),
        ("JavaScript", "function f() { return a; }\n", "function f() { return\na; }\n", None),
        ("Go", "package a\nvar x = 1\n", "package a\n\nvar x  = 1\n", "whitespace_only"),
        ("C", C, C.replace("return a", "return b"), None),
    ],
    Comments(): [
        ("C", C, C.replace("one", "two"), "comment_only"),
        ("C", C, C.replace("    return a;", "    return a; // it"), "comment_only"),
        ("C", C, C.replace("    return a;", "    // return a;"), None),
        ("C", C, C.replace("/* one */\n", "/* one\n").replace("a;\n", "a; */\n"), None),
        ("C", "/*\na\nint x;\nb\n*/\nint y;\n", "/*\na\nint z;\nb\n*/\nint y;\n", "comment_only"),
        ("C", 'char *s = "/* a";\nint x = 1;\n', 'char *s = "/* a";\nint x = 2;\n', None),
        ("C", 'char *s = "// a";\n', 'char *s = "// b";\n', None),
        ("Java", JAVA, JAVA.replace("One.", "Two."), "comment_only"),
        ("Python", PYTHON, PYTHON.replace("One.", "Two,\n    and three."), "comment_only"),
        ("Python", PYTHON, PYTHON.replace('    """One."""\n', ""), "comment_only"),
        ("Python", PYTHON, PYTHON.replace("g(a)", "g('''a''')"), None),
        ("Python", PYTHON, PYTHON.replace("    return 1", "    # done\n    return 1"), "comment_only"),
        ("Python", PYTHON, PYTHON.replace("    return 1", "        # done\n        return 1"), None),
        ("Ruby", "=begin\na\n=end\nx = 1\n", "=begin\nb\n=end\nx = 1\n", "comment_only"),
        ("Ruby", 'x = "#{a}"\n', 'x = "#{b}"\n', None),
    ],
    Imports(): [
        ("C", "#include <a.h>\nint x;\n", "#include <b.h>\nint x;\n", "import_only"),
        ("C", "int x;\n", "#ifdef W\n#include <a.h>\n#include <b.h>\n#endif\nint x;\n", "import_only"),
        ("C", "int x;\n", "#ifdef W\n#define Y\n#endif\nint x;\n", None),
        ("C++", "#include <a>\n", "#include <a>\nusing std::move;\n", "import_only"),
        ("C#", "using A;\nclass C {}\n", "using A;\nusing B;\nclass C {}\n", "import_only"),
        ("Go", 'package a\n\nimport (\n\t"b"\n)\n', 'package a\n\nimport (\n\t"b"\n\t"c"\n)\n', "import_only"),
        ("Java", JAVA, JAVA.replace("a.B", "a.C"), "import_only"),
        ("JavaScript", "const a = require('a');\n", "const a = require('b');\nimport c from 'c';\n", "import_only"),
        ("JavaScript", "const a = require('a');\n", "const a = f('a');\n", None),
        ("Python", PYTHON, "from a import (\n    b,\n    c,\n)\n# why\n" + PYTHON, "import_only"),
        ("Python", PYTHON, PYTHON.replace("import os", "import sys").replace("g(a)", "h(a)"), None),
        ("Python", PYTHON, PYTHON.replace("import os", "import sys").replace("(a):", "( a ):"), "import_only"),
        ("Ruby", "require 'a'\nx\n", "require_relative 'b'\nx\n", "import_only"),
    ],
    Strings(): [
        ("C", 'f("a b c");\n', 'f("a, b, c");\n', "string_only"),
        ("C", 'q("map x as y | del y");\n', 'q("map x as z | del z");\n', None),
        ("C", 'f("%s");\n', 'f("%d");\n', None),
        ("C", 'f("no such file");\n', 'f("nosuchfile");\n', None),
        ("C", 'f("no such file");\n', 'g("no such host");\n', None),
        ("C", 'f("no such file");\n', 'f("no such file", a);\n', None),
        ("C", C, C.replace("one", "two"), None),
        ("Python", "raise E('it is not good')\n", "raise E('it is not a good')  # hm\n", "string_only"),
    ],
}


@pytest.mark.parametrize(
    ("filter_", "language", "before", "after", "expected"),
    [(filter_, *case) for filter_, cases in CASES.items() for case in cases],
)
def test_by_the_leaves(filter_, language, before, after, expected):
    assert reason(filter_, change(language=language, before=before, after=after)) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (PYTHON.replace("One", "Onne"), PYTHON, "typo"),
        ("f('no such fiel')\n", "f('no such file')\n", "typo"),
        ("f(lenght)\n", "f(length)\n", None),
    ],
)
def test_typos(before, after, expected):
    assert reason(Typos(), change("Fix a typo", before, after)) == expected
    assert reason(Typos(), change("Another thing", before, after)) is None


def test_typos_in_code_on_request():
    assert reason(Typos(code=True), change("fix spelling", "f(lenght)\n", "f(length)\n")) == "typo"
    assert reason(Typos(code=True), change("correct the spell checker's cache", "f(1)\n", "f(2)\n")) is None


def test_a_tree_is_only_grown_in_doubt(monkeypatch):
    def refuse(*_):
        raise ParseRefused("asked", "for a tree")

    monkeypatch.setattr("parsers.edits.parse", refuse)
    plain = change(language="C", before=C, after=C.replace("return a", "return b(a)"))
    for filter_ in CASES:
        assert reason(filter_, plain) is None
    with pytest.raises(ParseRefused):
        reason(Comments(), change(language="C", before=C, after=C.replace("one", "two")))


def test_guesses_on_equal_sides():
    edit = Edit("C", C, C)
    assert (
        same_without_space(edit) and maybe_comments_only(edit) and maybe_imports_only(edit) and maybe_strings_only(edit)
    )
