"""Each placebo makes exactly its edit, and leaves alone what might mean or read differently afterwards."""

import ast
import re

import pytest

from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import parse
from synthesis.mutations import BY_NAME, PLACEBOS
from synthesis.mutations.operator import apply, inverse, mutants
from synthesis.mutations.placebos.neutral import ordered
from synthesis.mutations.placebos.synonyms import synonym


def wrapped(language: str, body: str, head: str = "") -> str:
    """A function of the language around lines of a body."""
    lines = body.strip("\n").split("\n")
    if language == "Python":
        return "\n".join([f"def f({head}):", *(f"    {line}" for line in lines)]) + "\n"
    if language == "Ruby":
        return "\n".join([f"def f({head})", *(f"  {line}" for line in lines), "end"]) + "\n"
    opening = {
        "JavaScript": f"function f({head}) {{", "Go": f"func f({head}) {{", "Java": f"int f({head}) {{",
        "C": f"int f({head}) {{", "C++": f"int f({head}) {{", "C#": f"int F({head}) {{",
    }[language]  # fmt: skip
    return "\n".join([opening, *(f"    {line}" for line in lines), "}"]) + "\n"


def bodies(name: str, language: str, body: str, head: str = "") -> list[str]:
    """The bodies that a placebo makes of one, without the indentation of the wrapper."""
    step = 2 if language == "Ruby" else 4
    made = mutants(language, wrapped(language, body, head), (BY_NAME[name],))
    inside = [one.code.split("\n")[1 : -1 if language == "Python" else -2] for one in made]
    return ["\n".join(line[step:] for line in lines) for lines in inside]


MADE = [
    ("comparison_turned", "Java", "int a, int b", "if (a < b) return 1;\nreturn 0;", "if (b > a) return 1;\nreturn 0;"),
    ("comparison_turned", "Python", "a, b", "return a.size == b.size", "return b.size == a.size"),
    ("comparison_turned", "Go", "a int, p *T", "return a != p.sum()", "return p.sum() != a"),
    ("operands_swapped", "C", "int a, int b", "return a + b;", "return b + a;"),
    ("operands_swapped", "Java", "int a", "return a * Foo.WIDTH;", "return Foo.WIDTH * a;"),
    ("operands_swapped", "C", "void", "open(O_CREAT | O_TRUNC);", "open(O_TRUNC | O_CREAT);"),
    ("operands_swapped", "Go", "a, b string", "return len(a) + len(b)", "return len(b) + len(a)"),
    ("tests_swapped", "Python", "a, b", "if a and b > 2:\n    g()", "if b > 2 and a:\n    g()"),
    ("tests_swapped", "C", "int a, int b", "return a == 1 && b == 2;", "return b == 2 && a == 1;"),
    ("tests_swapped", "C#", "T o", "return o.A == 1 && o.B == 2;", "return o.B == 2 && o.A == 1;"),
    ("tests_swapped", "Ruby", "a, b", "g if @a && !@b", "g if !@b && @a"),
    ("statements_exchanged", "JavaScript", "", "let sum = 0;\nlet all = [];", "let all = [];\nlet sum = 0;"),
    ("statements_exchanged", "C", "", "int sum;\nchar *name;", "char *name;\nint sum;"),
    ("statements_exchanged", "Go", "", "all := load(x)\nsum := 0\nuse(all)", "sum := 0\nall := load(x)\nuse(all)"),
    ("statements_exchanged", "Python", "self", "self.sum = 0\nself.all = []", "self.all = []\nself.sum = 0"),
    ("declarators_exchanged", "JavaScript", "", "var sum = 0,\n    all = [];", "var all = [],\n    sum = 0;"),
    ("declarators_exchanged", "C", "", "int sum, *rest;", "int *rest, sum;"),
    ("fields_reordered", "Python", "data", "g(data=data, limit=3)", "g(limit=3, data=data)"),
    ("fields_reordered", "Go", "c int", "g(&T{Conn: c, Limit: 3})", "g(&T{Limit: 3, Conn: c})"),
    ("fields_reordered", "C", "int c", "T t = {.conn = c, .limit = 3};", "T t = {.limit = 3, .conn = c};"),
    ("fields_reordered", "C#", "int c", "G(new T { Conn = c, Limit = 3 });", "G(new T { Limit = 3, Conn = c });"),
    ("alternatives_reordered", "Python", "", "isinstance(a, (Foo, Bar))", "isinstance(a, (Bar, Foo))"),
    ("alternatives_reordered", "Ruby", "a", "case a\nwhen Foo, Bar then 1\nend", "case a\nwhen Bar, Foo then 1\nend"),
    (
        "alternatives_reordered", "Go", "a T",
        "switch a {\ncase Foo, Bar:\n    g()\n}", "switch a {\ncase Bar, Foo:\n    g()\n}",
    ),
    (
        "alternatives_reordered", "C", "int a",
        "switch (a) {\ncase FOO:\ncase BAR:\n    g();\n}", "switch (a) {\ncase BAR:\ncase FOO:\n    g();\n}",
    ),
    (
        "alternatives_reordered", "Java", "int a",
        "switch (a) {\ncase FOO:\ncase BAR:\n    g();\n}", "switch (a) {\ncase BAR:\ncase FOO:\n    g();\n}",
    ),
    ("symmetric_arguments_swapped", "JavaScript", "n", "return Math.max(n, 0);", "return Math.max(0, n);"),
    (
        "guards_exchanged", "Go", "a string",
        'if a == "x" {\n    return 1\n}\nif a == "why" {\n    return 2\n}',
        'if a == "why" {\n    return 2\n}\nif a == "x" {\n    return 1\n}',
    ),
    ("local_renamed", "Python", "a", "result = g(a)\nreturn result", "output = g(a)\nreturn output"),
    ("local_renamed", "Java", "", "int tmpSize = 1;\nreturn tmpSize;", "int tempSize = 1;\nreturn tempSize;"),
    ("quotes_turned", "Python", "", "g('one', b'two')", 'g("one", b"two")'),
    ("quotes_turned", "Ruby", "", 'g "one"', "g 'one'"),
    ("step_form", "C", "int i", "i++;", "++i;"),
    ("step_form", "C#", "", "for (int i = 0; i < 3; ++i) {\n}", "for (int i = 0; i < 3; i++) {\n}"),
    ("hexadecimal_case", "Go", "", "g(0xff, 0xa0, 10)", "g(0xFF, 0xA0, 10)"),
    ("endless_loop_form", "C", "", "while (1) {\n    g();\n}", "for (;;) {\n    g();\n}"),
    ("endless_loop_form", "Java", "", "for (;;) {\n    g();\n}", "while (true) {\n    g();\n}"),
    ("method_alias", "Ruby", "all", "all.inject { |a, b| a * b }", "all.reduce { |a, b| a * b }"),
    ("lambda_brackets", "JavaScript", "all", "return all.map(one => one + 1);", "return all.map((one) => one + 1);"),
    ("lambda_brackets", "Java", "", "all.forEach((one) -> g(one));", "all.forEach(one -> g(one));"),
    ("empty_literal", "Go", "", "a := make(map[string]int)", "a := map[string]int{}"),
    ("empty_literal", "Go", "", "a := map[string]int{}", "a := make(map[string]int)"),
    ("type_spelled", "C#", "", "var a = new Foo(1);", "Foo a = new Foo(1);"),
    ("type_spelled", "C#", "", "Foo a = new Foo(1);", "var a = new Foo(1);"),
    ("const_side", "C++", "", "const Foo& a = g();", "Foo const& a = g();"),
    ("null_test_form", "C", "char *a", "if (a == NULL) return 1;", "if (!a) return 1;"),
    (
        "null_test_form", "C", "char *a, char *b",
        "if (b != NULL) return 1;\nif (!a) return 2;", "if (b) return 1;\nif (!a) return 2;",
    ),
    ("choice_turned", "Python", "a", "return 1 if a is None else a.x", "return a.x if a is not None else 1"),
    ("choice_turned", "Java", "T a", "return a == null ? 1 : a.x;", "return a != null ? a.x : 1;"),
    ("error_verb", "Go", "err error", 'g(fmt.Errorf("no %d: %s", 3, err))', 'g(fmt.Errorf("no %d: %v", 3, err))'),
    ("error_check_form", "Go", "", "if err := g(); err != nil {\n}", "err := g()\nif err != nil {\n}"),
    ("error_check_form", "Go", "", "err := g()\nif err != nil {\n}", "if err := g(); err != nil {\n}"),
    ("empty_text_form", "Go", "a string", 'if a == "" {\n}', "if len(a) == 0 {\n}"),
    ("empty_text_form", "Go", "a string", "if len(a) != 0 {\n}", 'if a != "" {\n}'),
    ("comparison_brackets", "Java", "T a", "return a == null ? 1 : 2;", "return (a == null) ? 1 : 2;"),
    ("comparison_brackets", "C", "int a", "return (a > 1);", "return a > 1;"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "language", "head", "body", "made"), MADE)
def test_a_placebo_makes_its_edit(name: str, language: str, head: str, body: str, made: str) -> None:
    assert made in bodies(name, language, body, head)


LEFT = [
    ("comparison_turned", "Java", "int a", "if (a < 10) return 1;"),
    ("comparison_turned", "Java", "int a", "if (a == MAX) return 1;"),
    ("comparison_turned", "C", "int n", "for (int i = 0; i < n; i++) {\n}"),
    ("comparison_turned", "C", "int a, int b, int c", "return a < b && b < c;"),
    ("statements_exchanged", "C", "int a", "a = 1;\nint sum = 0;"),
    ("declarators_exchanged", "Java", "", "for (int i = 0, least = 3; i < least; i++) {\n}"),
    ("type_spelled", "C#", "", "var a = new Foo(1);\nBar b = new Bar();"),
    ("comparison_turned", "Go", "a *T, b *T", "return a.x == b.y"),
    ("comparison_turned", "Python", "a, b", "return a == b.pop()"),
    ("operands_swapped", "Python", "a, b", "return a + b"),
    ("operands_swapped", "JavaScript", "a", "return a + ' text';"),
    ("operands_swapped", "C", "int a", "return next() * next();"),
    ("tests_swapped", "Python", "a, b", "if a and a.b > 2:\n    g()"),
    ("tests_swapped", "Python", "a, b", "return a and b"),
    ("tests_swapped", "C", "T *a", "return a && a->b;"),
    ("tests_swapped", "Java", "T a, T b", "return a.x == 1 && b.x == 2;"),
    ("tests_swapped", "Go", "a int", "return a == 1 && g() == 2"),
    ("statements_exchanged", "JavaScript", "", "let sum = 0;\nlet all = [sum];"),
    ("statements_exchanged", "JavaScript", "", "let sum = g();\nlet all = h();"),
    ("statements_exchanged", "JavaScript", "", "let start = 0;\nlet end = 1;"),
    ("statements_exchanged", "JavaScript", "", "let x1 = 0;\nlet x2 = 1;"),
    ("statements_exchanged", "JavaScript", "a", "let key = a[0];\nlet rest = a[1];"),
    ("statements_exchanged", "JavaScript", "", "// The sum.\nlet sum = 0;\nlet all = [];"),
    ("statements_exchanged", "JavaScript", "", "let sum = 0; // of all\nlet all = [];"),
    ("statements_exchanged", "Go", "", "sum := 0\nall, err := load(x)\nif err != nil {\n}"),
    ("statements_exchanged", "Ruby", "", "sum = 0\nall = []"),
    ("statements_exchanged", "Python", "", "sum = 0\nsum = 1"),
    ("declarators_exchanged", "C", "", "int start, end;"),
    ("declarators_exchanged", "JavaScript", "", "var sum = 0, all = [sum];"),
    ("declarators_exchanged", "C#", "", "Level least;"),
    ("fields_reordered", "Python", "data", "g(data=data, limit=h())"),
    ("fields_reordered", "Python", "", "g(start=1, end=3)"),
    ("fields_reordered", "JavaScript", "", "g([{ conn: 1, limit: 2 }, { conn: 2, limit: 3 }]);"),
    ("fields_reordered", "C++", "int c", "T t = {.conn = c, .limit = 3};"),
    ("alternatives_reordered", "C", "int a", "switch (a) {\ncase FOO:\n    g();\n    break;\ncase BAR:\n    h();\n}"),
    ("alternatives_reordered", "Go", "a T", "switch a {\ncase 1, 2:\n    g()\n}"),
    ("alternatives_reordered", "Python", "", "g((Foo, Bar))"),
    ("symmetric_arguments_swapped", "Python", "a", "max(a, key=len)"),
    ("symmetric_arguments_swapped", "Python", "a", "max(a.pop(), a.pop())"),
    ("guards_exchanged", "Go", "a, b string", 'if a == "x" {\n    return 1\n}\nif b == "y" {\n    return 2\n}'),
    ("guards_exchanged", "Go", "a string", 'if a == "x" {\n    g()\n}\nif a == "y" {\n    return 2\n}'),
    ("guards_exchanged", "C", "T *a", "if (a == NULL)\n    return 1;\nif (a == Dead)\n    return 2;"),
    ("local_renamed", "Python", "result", "return result"),
    ("local_renamed", "Python", "a", "result = g(a)\noutput = h(result)\nreturn output"),
    ("local_renamed", "Python", "a", "# The result counts.\nresult = g(a)\nreturn result"),
    ("local_renamed", "Java", "", "int itemSize = 1;\nfor (int item : all) g(item, itemSize);"),
    ("local_renamed", "Go", "", "g(config.New())\nconfig := h()\ng(config)"),
    ("quotes_turned", "Python", "", "g('one', \"two\")"),
    ("quotes_turned", "Python", "", "g('say \"one\"')"),
    ("quotes_turned", "Ruby", "a", 'g "one #{a}"'),
    ("quotes_turned", "Ruby", "a", r'g "one\n"'),
    ("step_form", "C", "int i", "g(i++);"),
    ("step_form", "C++", "iterator it", "++it;"),
    ("hexadecimal_case", "Go", "", "g(0x10, 0x20)"),
    ("hexadecimal_case", "Go", "", "g(0xaA)"),
    ("endless_loop_form", "C", "int a", "while (a) {\n    g();\n}"),
    ("method_alias", "Ruby", "all", "all.select(:name)"),
    ("lambda_brackets", "JavaScript", "all", "return all.map((a, b) => a + b);"),
    ("empty_literal", "Go", "", "a := make(map[string]int, 10)"),
    ("type_spelled", "C#", "", "IFoo a = new Foo(1);"),
    ("const_side", "C++", "", "const int a = g();"),
    ("null_test_form", "C", "int a", "if (a == NULL) return 1;"),
    ("null_test_form", "C", "char *a, char *b", "if (a == NULL || b == NULL) return 1;"),
    ("choice_turned", "Java", "int a", "return a == 1 ? 2 : 3;"),
    ("error_check_form", "Go", "", "err := g()\nif err != nil {\n    h()\n}\nreturn err"),
    ("error_check_form", "Go", "", "v, err := g()\nif err != nil {\n    h(v)\n}"),
    ("error_verb", "Go", "name string", 'g(fmt.Errorf("no %s", name))'),
    ("empty_text_form", "Go", "a []int", "if len(a) == 0 {\n}"),
    ("comparison_brackets", "Java", "int a", "if (a == 1) return 2;"),
]


@pytest.mark.parametrize(("name", "language", "head", "body"), LEFT)
def test_a_placebo_leaves_alone_what_is_not_the_same(name: str, language: str, head: str, body: str) -> None:
    assert bodies(name, language, body, head) == []


def made_of(name: str, language: str, code: str) -> list[str]:
    return [one.code for one in mutants(language, code, (BY_NAME[name],))]


def test_attributes_and_a_templates_keywords_stand_in_the_head() -> None:
    code = "@Foo\n@Bar\nvoid f() {\n}\n"
    assert made_of("annotations_reordered", "Java", code) == ["@Bar\n@Foo\nvoid f() {\n}\n"]
    assert made_of("annotations_reordered", "Java", "@Foo\nvoid f() {\n    @Bar int a;\n}\n") == []
    code = "template <class A, class B>\nint f(A a, B b) {\n    return 0;\n}\n"
    assert made_of("template_keyword", "C++", code) == [code.replace("class", "typename")]
    assert made_of("template_keyword", "C++", code.replace("class B", "typename B")) == []


def test_a_method_of_one_expression_changes_its_body_both_ways() -> None:
    block, arrow = "int F(int a)\n{\n    return a + 1;\n}", "int F(int a) => a + 1;"
    assert made_of("expression_body", "C#", block) == [arrow]
    assert made_of("expression_body", "C#", arrow) == [block]
    assert made_of("expression_body", "C#", "void F(int a) => g(a);") == []
    assert made_of("expression_body", "C#", "int F(int a)\n{\n    // Why.\n    return a + 1;\n}") == []


def test_exceptions_that_a_method_declares_change_places() -> None:
    code = "int f() throws FooError, BarError {\n    return g();\n}\n"
    assert made_of("alternatives_reordered", "Java", code) == [code.replace("FooError, BarError", "BarError, FooError")]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("start", "end", True), ("startIndex", "endIndex", True), ("end_row", "start_row", True), ("x1", "x2", True),
        ("i", "j", True), ("sum", "rest", False), ("count", "name", False),
    ],
)  # fmt: skip
def test_readers_expect_some_names_in_order(one: str, other: str, expected: bool) -> None:
    assert ordered(one, other) == ordered(other, one) == expected


@pytest.mark.parametrize(
    ("language", "name", "made"),
    [
        ("Java", "result", "output"), ("Java", "tmpFile", "tempFile"), ("Python", "start_row", "begin_row"),
        ("Ruby", "start", ""), ("Go", "fn", ""), ("C", "TMP", ""), ("Go", "ResultSet", "OutputSet"), ("Go", "x", ""),
        ("C#", "ex", "e"),
    ],
)  # fmt: skip
def test_a_synonym_keeps_the_style_and_is_no_word_of_the_language(language: str, name: str, made: str) -> None:
    assert synonym(language, name)[0] == made


@pytest.mark.parametrize("language", sorted(languages()))
def test_placebos_of_the_fixture_are_undone_and_keep_the_words(language: str) -> None:
    syntax = parse(language, next((FOLDER / languages()[language].folder).glob("fixture.*")).read_bytes())
    found = []
    for code in filter(None, (snippet(syntax, function) for function in functions(syntax))):
        for one in mutants(language, code, PLACEBOS):
            found.append(one.operator.name)
            assert apply(one.code, inverse(code, one.edits)) == code
            assert abs(len(one.code) - len(code)) < 80
    assert len(set(found)) >= 2


def test_order_keeps_every_character() -> None:
    code = wrapped("Python", "sum = 0\nall = []\ng(data=sum, limit=3)\nreturn max(sum, 0)")
    made = [one for one in mutants("Python", code, PLACEBOS) if "renamed" not in one.operator.name]
    assert len(made) == 3
    for one in made:
        assert sorted(re.sub(r"\s", "", one.code)) == sorted(re.sub(r"\s", "", code))
        ast.parse(one.code)


@pytest.mark.parametrize(
    ("language", "joined", "apart"),
    [
        ("Java", "/** Adds up. */", "/**\n * Adds up.\n */"),
        ("C", "/* Adds up. */", "/*\n * Adds up.\n */"),
        ("C#", "/// <summary>Adds up.</summary>", "/// <summary>\n/// Adds up.\n/// </summary>"),
    ],
)
def test_documentation_of_one_sentence_takes_one_line_or_three(language: str, joined: str, apart: str) -> None:
    code = "int f(int a) {\n    return g(a);\n}\n"
    assert made_of("documentation_lines", language, f"{joined}\n{code}") == [f"{apart}\n{code}"]
    assert made_of("documentation_lines", language, f"{apart}\n{code}") == [f"{joined}\n{code}"]
    assert made_of("documentation_lines", language, f"{apart.replace('up.', 'up.' + ' more' * 30)}\n{code}") == []
    assert made_of("documentation_lines", language, code) == []
