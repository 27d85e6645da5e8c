import pytest

from parsers.functions import functions, parse_snippet, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import error_bytes, parse
from schemas.errors import ParseRefused

NAMES = {
    "C": ["item_find", "total_weight", "copy_text", "names", "main"],
    "C++": [
        "Path",
        "~Path",
        "add",
        "operator[]",
        "closed",
        "operator bool() const",
        "Path::clear",
        "largest",
        "label",
        "sum",
    ],
    "C#": ["Order", "Order", "Add", "Total", "Count", "Print", "Twice"],
    "Go": ["Push", "Len", "Join", "drain"],
    "Java": ["BoundedCache", "get", "sum", "trim", "again"],
    "JavaScript": [
        "constructor",
        "mean",
        "open",
        "#trim",
        "add",
        "twice",
        "half",
        "clear",
        "isNumber",
        "count",
        "numbers",
    ],
    "Python": ["__init__", "total", "load", "frequent", "distance", "cost", "usage", "main"],
    "Ruby": ["initialize", "add", "titles", "parse", "report", "trim", "count_named"],
}
SIGNATURES = {
    ("C", "names"): "static char **names(struct item *head, int *count, int order[])",
    ("C++", "Path"): "explicit Path(std::string name)",
    ("C#", "Add"): "[Obsolete] public bool Add(Line line, int? position = null)",
    ("Go", "Push"): "func (q *Queue) Push(job *Job) error",
    ("Java", "get"): "@Override public V get(final K key, V fallback) throws IOException",
    ("JavaScript", "twice"): "export const twice = (x) =>",
    ("Python", "load"): '@classmethod async def load(cls, path: str, encoding: str = "utf-8") -> "Tally"',
    ("Ruby", "count_named"): "private def count_named(name)",
}
DOCS = {
    (
        "C",
        "item_find",
    ): "Find an item in a list.\n\nhead: the first item, may be NULL\n"
    "name: what to look for\nReturns: the item, or NULL",
    ("C", "names"): "",
    ("C++", "add"): "Adds a point.\npoint: the point\nReturns: the number of points",
    (
        "C#",
        "Add",
    ): "Adds a Line & checks it.\n\n"
    "line: the line\n\nReturns: whether it fits\n\nRaises ArgumentException: The line is empty.",
    ("Go", "Join"): "Join writes the names of the jobs,\nwith a separator between them.",
    ("Java", "get"): "Gives the value of a key, see Map#get.\n\nA missing value gives the fallback.\n\n"
    "key: the key\nfallback: what a missing key gives\nReturns: the value\nRaises IOException: if the store is closed",
    (
        "JavaScript",
        "add",
    ): "Adds two numbers.\na (number): the first\nb (number): the second\nReturns (number): their sum",
    ("Python", "load"): "Read a file; OSError passes through.\n\npath: the file to read\n"
    "Returns: a tally of its words\nRaises OSError: the file can't be read",
    ("Ruby", "add"): "Puts a book on the shelf.\nReturns (Boolean): whether it fits",
}


def fixture(name):
    return parse(name, next((FOLDER / languages()[name].folder).glob("fixture.*")).read_bytes())


def named(name, wanted):
    syntax = fixture(name)
    return syntax, next(one for one in functions(syntax) if one.name == wanted)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_in_the_order_of_the_text(name):
    assert [one.name for one in functions(fixture(name))] == NAMES[name]


@pytest.mark.parametrize(("key", "expected"), SIGNATURES.items())
def test_signature(key, expected):
    assert named(*key)[1].signature == expected


@pytest.mark.parametrize(("key", "expected"), DOCS.items())
def test_documentation(key, expected):
    syntax, function = named(*key)
    assert function.doc == expected
    assert (function.doc_span is None) == (not expected)
    if function.doc_span:
        assert function.span[0] <= function.doc_span[0] < function.doc_span[1] <= function.span[1]
        assert expected.split()[0].encode() in syntax.data[slice(*function.doc_span)]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_function_stands_alone(name):
    syntax = fixture(name)
    for function in functions(syntax):
        code = snippet(syntax, function)
        assert code is not None
        alone = parse_snippet(name, code)
        assert alone.function.name == function.name
        assert alone.function.doc == function.doc
        assert error_bytes(alone.syntax.root) == 0
        inner = alone.syntax.data[alone.offset : len(alone.syntax.data) - alone.tail]
        assert inner.decode() == code
        assert snippet(alone.syntax, alone.function) == code


def test_python_snippet_keeps_what_strings_hold():
    text = 'class A:\n    def f(self):\n        """Doc\n        more.\n        """\n        return """\n    x\n"""\n'
    syntax = parse("Python", text)
    (function,) = functions(syntax)
    assert snippet(syntax, function) == 'def f(self):\n    """Doc\n    more.\n    """\n    return """\n    x\n"""'


def test_heredoc_is_kept():
    text = "class A\n  def f\n    x(<<-EOF)\n  a\nb\n    EOF\n  end\nend\n"
    syntax = parse("Ruby", text)
    (function,) = functions(syntax)
    assert snippet(syntax, function) == "def f\n  x(<<-EOF)\n  a\nb\n    EOF\nend"


def test_lines_that_may_stand_anywhere():
    text = "struct A {\n  int f() {\n#ifdef X\n// note\n    return 1;\n\n#endif\n\treturn 2;\n  }\n};\n"
    syntax = parse("C++", text)
    (function,) = functions(syntax)
    assert snippet(syntax, function) == "int f() {\n#ifdef X\n// note\n  return 1;\n\n#endif\n      return 2;\n}"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Java", "class A {\n    int f() {\n  return 1;\n    }\n}\n"),
        ("Java", "class A { int f() {\n  return 1; } }\n"),
        ("Python", "if x:\n    def f():\n\treturn 1\n"),
    ],
)
def test_irregular_is_none(name, text):
    syntax = parse(name, text)
    assert [snippet(syntax, function) for function in functions(syntax)] == [None]


def test_not_utf8_is_none_and_one_line_is_fine():
    syntax = parse("Python", b"def f():\n    return '\xff'\n")
    assert snippet(syntax, functions(syntax)[0]) is None
    syntax = parse("Java", "class A { int f() { return 1; } }\n")
    assert snippet(syntax, functions(syntax)[0]) == "int f() { return 1; }"


@pytest.mark.parametrize(
    ("name", "text", "doc"),
    [
        ("C", "// Copyright 2018 A\nint f(void) { return 1; }\n", ""),
        ("C", "// Not mine.\n\nint f(void) { return 1; }\n", ""),
        ("C", "int x; // not mine\nint f(void) { return 1; }\n", ""),
        ("C", "\ufeff// Mine.\nint f(void) { return 1; }\n", "Mine."),
        ("Python", "#!/usr/bin/env python\ndef f():\n    return 1\n", ""),
        ("Python", "def f():\n    f'{1} no'\n    return 1\n", ""),
        ("Python", "def f():\n    r'''Raw.'''\n", "Raw."),
        ("Go", "package a\n\n// Real.\n//go:noinline\nfunc f() { g() }\n", "Real."),
        ("JavaScript", "// eslint-disable-next-line no-undef\nfunction f() { return 1; }\n", ""),
        ("Ruby", "=begin\nLong one.\n=end\ndef f\n  1\nend\n", "Long one."),
        ("Java", "class A {\n  // ------\n  // Has List<String>.\n  void f() { g(); }\n}\n", "Has List<String>."),
    ],
)
def test_what_is_documentation(name, text, doc):
    function = functions(parse(name, text))[0]
    assert function.doc == doc


def test_exported_without_a_name_is_left_out():
    assert functions(parse("JavaScript", "module.exports = function (a) { return a; };\n")) == []
    assert functions(parse("C", "int f(void);\n")) == []


def test_comments_are_not_in_the_signature():
    (function,) = functions(parse("C", "int f(int a /* in */, // why\n      int b)\n{ return a; }\n"))
    assert function.signature == "int f(int a, int b)"


@pytest.mark.parametrize(
    ("name", "code", "wrapped"),
    [
        ("JavaScript", "get x() { return 1; }", True),
        ("JavaScript", "f: function () { return 1; }", True),
        ("JavaScript", "const f = () => { return 1; };", False),
        ("Java", "  public A(int x) { this.x = x; }\n", True),
        ("Java", "/** Doc. */\n@Override\npublic void f() { g(); }", False),
        ("C#", "[A]\npublic B(int x) : base(x) { y = x; }", True),
        ("Python", "# why\n@a\ndef f():\n    return 1\n\n", False),
    ],
)
def test_parse_snippet_wraps_where_needed(name, code, wrapped):
    alone = parse_snippet(name, code)
    assert (alone.offset > 0) == wrapped
    assert error_bytes(alone.syntax.root) == 0
    start, end = alone.function.span
    assert alone.syntax.data[start:end].decode() == code.strip()


@pytest.mark.parametrize(
    "code", ["", "x = 1\n", "def f():\n    return 1\nx = 1\n", "import a\ndef f():\n    return 1\n"]
)
def test_code_that_is_not_one_function_is_refused(code):
    with pytest.raises(ParseRefused, match="no_function"):
        parse_snippet("Python", code)
