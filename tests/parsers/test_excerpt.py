import pytest

from parsers.edits import Edit
from parsers.excerpt import PREFIX_CHARS, Budget, Excerpt, excerpt
from parsers.syntax import error_bytes, parse
from schemas.errors import ParseRefused

FAR = Budget(100_000, lambda text: len(text.split()))


def cut(language: str, before: str, after: str) -> Excerpt:
    """The excerpt by functions, of which every promise is checked that holds for all."""
    edit = Edit(language, before, after)
    found = excerpt(edit, "function", FAR)
    assert isinstance(found, Excerpt) and found.granularity == "function"
    again = Edit(language, found.before, found.after)
    assert (sorted(again.removed), sorted(again.added)) == (sorted(edit.removed), sorted(edit.added))
    for text, side, spans in ((found.before, before, found.before_spans), (found.after, after, found.after_spans)):
        assert error_bytes(parse(language, text).root) <= error_bytes(parse(language, side).root)
        pieces = "\n".join(side.encode()[start:end].decode() for start, end in spans)
        assert [line for line in pieces.split("\n") if line.strip()] == [x for x in text.split("\n") if x.strip()]
        assert sorted(spans) == list(spans)
    return found


FILES = {
    "Python": (
        "# Copyright 2020\nimport os\nfrom a import b\n\nLIMIT = 1\n\n\nclass Store(Base):\n    size = 3\n\n"
        "    def kept(self):\n        return 1\n\n    # Reads it.\n    @cached\n    def read(self):\n"
        "        return OLD\n\n\n"
        "def other():\n    return 2\n",
        "import os\nfrom a import b\n\nclass Store(Base):\n\n    # Reads it.\n    @cached\n    def read(self):\n"
        "        return OLD",
    ),
    "Java": (
        "package a.b;\n\nimport java.util.List;\n\n/** Doc. */\npublic class Store\n    extends Base {\n"
        "    int size;\n\n"
        "    int kept() {\n        return 1;\n    }\n\n    /** Reads it. */\n    int read() {\n"
        "        return OLD;\n    }\n}\n",
        "package a.b;\n\nimport java.util.List;\n\npublic class Store\n    extends Base {\n\n    /** Reads it. */\n"
        "    int read() {\n        return OLD;\n    }\n}",
    ),
    "C#": (
        "using System;\n\nnamespace A\n{\n    class Store : Base\n    {\n        int size;\n\n"
        "        int Kept() { return 1; }\n\n"
        "        int Read()\n        {\n            return OLD;\n        }\n    }\n\n    class Other\n    {\n"
        "    }\n}\n",
        "using System;\n\nnamespace A\n{\n    class Store : Base\n    {\n\n        int Read()\n        {\n"
        "            return OLD;\n        }\n    }\n\n}",
    ),
    "C++": (
        '#include "a.h"\n\nnamespace a {\n\nint kept() { return 1; }\n\nclass Store {\npublic:\n  int size;\n'
        '\nprivate:\n'
        "  int kept() { return 1; }\n  int read() {\n    return OLD;\n  }\n};\n\n}  // namespace a\n",
        '#include "a.h"\n\nnamespace a {\n\nclass Store {\n\nprivate:\n\n  int read() {\n    return OLD;\n  }\n};\n\n'
        "}  // namespace a",
    ),
    "C": (
        "/* Copyright */\n#include <a.h>\n\n#define SIZE 3\n\nint kept(void)\n{\n\treturn 1;\n}\n\n"
        "#ifdef WIN\n\nstatic int x;\n\n"
        "/* Reads it. */\nint read(void)\n{\n#if SIZE > 2\n\treturn OLD;\n#endif\n\treturn 0;\n}\n\n#else\n"
        "int y;\n#endif\n",
        "#include <a.h>\n\n#ifdef WIN\n\n/* Reads it. */\nint read(void)\n{\n#if SIZE > 2\n\treturn OLD;\n#endif\n"
        "\treturn 0;\n}\n\n#endif",
    ),
    "Go": (
        'package a\n\nimport (\n\t"os"\n)\n\nvar x = 1\n\n// Read reads.\nfunc (s *Store) Read() int {\n'
        '\treturn OLD\n}\n\n'
        "func kept() {}\n",
        'package a\n\nimport (\n\t"os"\n)\n\n// Read reads.\nfunc (s *Store) Read() int {\n\treturn OLD\n}',
    ),
    "Ruby": (
        "require 'a'\n\nmodule A\n  LIMIT = 1\n\n  class Store < Base\n    # Kept.\n    def kept; 1; end\n\n"
        "    private\n\n"
        "    def also_kept\n      2\n    end\n\n    def read\n      <<~TEXT\n        OLD\n      TEXT\n"
        "    end\n  end\nend\n",
        "require 'a'\n\nmodule A\n\n  class Store < Base\n\n    private\n\n    def read\n      <<~TEXT\n        OLD\n"
        "      TEXT\n    end\n  end\nend",
    ),
    "JavaScript": (
        "import a from 'a';\n\n(function () {\n  'use strict';\n\n  var Store = {\n"
        "    kept: function () { return 1; },\n\n"
        "    read: function () {\n      return OLD;\n    },\n  };\n\n  function other() {}\n}.call(this));\n",
        "import a from 'a';\n\n(function () {\n\n  var Store = {\n\n    read: function () {\n"
        "      return OLD;\n    },\n"
        "  };\n\n}.call(this));",
    ),
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(FILES))
def test_the_edited_function_comes_with_imports_and_what_is_around_it(language):
    before, expected = FILES[language]
    assert "OLD" in expected
    found = cut(language, before, before.replace("OLD", "NEWER"))
    assert found.before == expected
    assert found.after == expected.replace("OLD", "NEWER")


def test_an_added_function_is_on_one_side_with_no_trace_on_the_other():
    before = "def a():\n    return 1\n\n\ndef b():\n    return 2\n\n\ndef c():\n    return 3\n"
    after = before.replace("return 3", "return new()").replace("def b", "def new():\n    return 2\n\n\ndef b")
    found = cut("Python", before, after)
    assert found.before == "def c():\n    return 3"
    assert found.after == "def new():\n    return 2\n\n\ndef c():\n    return new()"


def test_a_removed_function_does_not_drag_in_the_one_that_ends_alike():
    body = "()\n{\n\treturn 0;\n}\n\n"
    before = "".join(f"int {name}{body}" for name in "abcd")
    found = cut("C", before, before.replace(f"int b{body}", "").replace("int d()", "int d(void)"))
    assert "int a()" not in found.before and "int c()" not in found.before
    assert "int b()" in found.before and "int b()" not in found.after


def test_where_a_side_has_nothing_its_nearest_member_comes_too():
    before = "import os\n\n\ndef a():\n    return 1\n\n\ndef b():\n    return 2\n"
    found = cut("Python", before, before + "\n\ndef c():\n    return 3\n")
    assert "def b()" in found.before and "def b()" in found.after and "def a()" not in found.before
    first = cut("Python", before, before.replace("def a()", "def c():\n    return 3\n\n\ndef a()"))
    assert "def a()" in first.before and "def b()" not in first.before


def test_edits_outside_functions_take_their_declaration():
    before = (
        "#include <a.h>\n\nstruct item {\n\tint a;\n\tint b;\n};\n\n#define MAX 3\n\nint f(void)\n{\n\treturn 0;\n}\n"
    )
    found = cut("C", before, before.replace("int b;", "long b;").replace("MAX 3", "MAX 4"))
    assert found.before == "#include <a.h>\n\nstruct item {\n\tint a;\n\tint b;\n};\n\n#define MAX 3"


def test_a_changed_class_header_and_import_are_part_of_the_edit():
    before = (
        "import os\nimport re\n\n\nclass A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n"
    )
    found = cut("Python", before, before.replace("import re", "import sys").replace("class A:", "class A(B):"))
    assert found.after.startswith("import os\nimport sys\n")
    assert "class A(B):\n    def f(self):" in found.after and "def g" not in found.after


@pytest.mark.parametrize("language", ["C", "C++"])
def test_a_linkage_block_that_two_ifdefs_guard_stays_balanced(language):
    guard = "#ifdef __cplusplus\n"
    before = (
        f'#include <a.h>\n{guard}extern "C" {{\n#endif\n\nint g(void) {{\n\treturn 2;\n}}\n\n'
        f"int f(void) {{\n\treturn 1;\n}}\n\n{guard}}}\n#endif\n"
    )
    found = cut(language, before, before.replace("return 1", "return 3"))
    assert found.after == (f'#include <a.h>\n{guard}extern "C" {{\n\nint f(void) {{\n\treturn 3;\n}}\n\n}}\n#endif')


def test_line_ends_of_windows_stay():
    before = "int a() { return 1; }\n\nint b() {\n  return 2;\n}\n\nint c() {\n  return 3;\n}\n".replace("\n", "\r\n")
    found = cut("C", before, before.replace("return 1", "return 4").replace("return 3", "return 5"))
    assert found.before == "int a() { return 1; }\r\n\r\nint c() {\r\n  return 3;\r\n}\r"


def test_auto_takes_the_file_where_it_fits_else_the_function_else_refuses():
    before = "import os\n\n" + "".join(f"def f{i}():\n    return {i}\n\n\n" for i in range(20))
    edit = Edit("Python", before, before.replace("return 7", "return 77"))
    whole = excerpt(edit, "auto", FAR)
    assert whole == Excerpt("file", edit.before, edit.after, ((0, len(before)),), ((0, len(before) + 1),))
    assert excerpt(edit, "file", FAR) == whole
    part = excerpt(edit, "auto", Budget(20, lambda text: len(text.split())))
    assert isinstance(part, Excerpt) and part.before == "import os\n\ndef f7():\n    return 7"
    bare = excerpt(edit, "auto", Budget(4, lambda text: len(text.split())))
    assert isinstance(bare, Excerpt) and bare.before == "def f7():\n    return 7"
    for granularity, tokens in (("auto", "4 tokens, at most 3"), ("file", "tokens, at most 3")):
        none = excerpt(edit, granularity, Budget(3, lambda text: len(text.split())))
        assert isinstance(none, ParseRefused) and none.reason == "excerpt_too_long"
        assert tokens in none.detail


def test_a_file_that_is_one_large_function_gives_the_inner_one():
    inner = "".join(f"  function f{i}() {{\n    return {i};\n  }}\n\n" for i in range(30))
    before = f"module.exports = function () {{\n  var x = 1;\n\n{inner}}};\n"
    edit = Edit("JavaScript", before, before.replace("return 7;", "return 77;"))
    found = excerpt(edit, "auto", Budget(20, lambda text: len(text.split())))
    assert isinstance(found, Excerpt)
    assert found.after == "module.exports = function () {\n\n  function f7() {\n    return 77;\n  }\n\n};"


def test_code_that_does_not_parse_is_taken_apart_by_its_lines():
    odd = "int f(int x)\n{\n#ifdef A\n\tif (x) {\n#else\n\tif (y) {\n#endif\n\n\t\treturn 1;\n\t}\n\treturn 0;\n}\n\n"
    rest = "int last;\nint more;\n\nvoid k() {\n\n}\n"
    before = f"{odd}// Reads.\nint read(void)\n{{\n\tint y = 1;\n\n\treturn y;\n}}\n\n{odd}{rest}"
    assert parse("C", before).root.has_error
    for old, new, expected in (
        ("int y = 1", "int y = 2", "// Reads.\nint read(void)\n{\n\tint y = 2;\n\n\treturn y;\n}"),
        ("int more", "long more", "int last;\nlong more;"),
    ):
        found = excerpt(Edit("C", before, before.replace(old, new)), "auto", Budget(16, lambda text: len(text.split())))
        assert isinstance(found, Excerpt) and found.after == expected


def test_an_ifdef_that_the_parser_does_not_close_is_not_around_what_follows():
    before = (
        "#ifdef A\n# include <a.h>\n#elif !defined b\n# ifdef C\nvoid *b (int);\n# endif\n#endif\n\n"
        "#ifdef D\nint d;\n\nint f(void) {\n\treturn 1;\n}\n"
    )
    edit = Edit("C", before, before.replace("return 1", "return 2"))
    found = excerpt(edit, "function", FAR)
    assert isinstance(found, Excerpt) and found.after.endswith("\n\nint f(void) {\n\treturn 2;\n}")
    assert "#ifdef D" not in found.after


def test_what_stands_worse_alone_or_can_not_be_parsed_is_refused():
    equal = excerpt(Edit("C", "int a;\n", "int a;\n"), "auto", FAR)
    assert isinstance(equal, ParseRefused) and equal.reason == "no_edit"
    cut_off = "class A {\n int a( {\n }\n int b() {\n  return 1;\n }\n"
    worse = excerpt(Edit("Java", cut_off, cut_off.replace("return 1", "return 2")), "function", FAR)
    assert isinstance(worse, ParseRefused) and worse.reason == "does_not_stand_alone"
    assert worse.detail == "before: 1 error bytes, 0 in the file"
    odd = excerpt(Edit("C", "int a;\n", "int \0;\n"), "function", FAR)
    assert isinstance(odd, ParseRefused) and odd.reason == "nul_bytes"


def test_a_budget_counts_no_more_than_it_must():
    asked: list[int] = []

    def count(text: str) -> int:
        asked.append(len(text))
        return len(text)

    budget = Budget(40, count)
    assert budget.excess("x" * 10) == 0 and asked == []
    assert budget.excess("x" * 40) == 0 and budget.excess("x" * 41) == 41
    assert budget.excess("ab\n" * 100_000) == max(asked) <= 40 * PREFIX_CHARS
    spaces = Budget(40, lambda text: len(text.split()))
    assert spaces.excess(" " * 10_000) == 0


def test_comments_above_are_left_out_where_they_alone_make_it_too_long() -> None:
    comment = "".join(f"// A long word on the matter, number {n}, that only explains.\n" for n in range(60))
    body = "static int half(int value) {\n    return value / 2;\n}\n"
    before = f"#include <stdio.h>\n\n{comment}{body}\nint other(void) {{\n    return 1;\n}}\n"
    edit = Edit("C", before, before.replace("value / 2", "value / 3"))
    roomy = excerpt(edit, "function", Budget(10_000, len))
    tight = excerpt(edit, "function", Budget(200, len))
    assert isinstance(roomy, Excerpt) and isinstance(tight, Excerpt)
    assert "number 59" in roomy.before and "other" not in roomy.before
    assert tight.before == body.rstrip("\n") and "value / 3" in tight.after
