"""A function that is put back without edits gives the file's own bytes; edited lines are indented as in the file."""

import pytest

from parsers.functions import functions, snippet
from parsers.language import FOLDER, languages
from parsers.syntax import parse
from pipeline.put_back import put_back
from synthesis.mutations import BY_NAME
from synthesis.mutations.operator import Edit, Site, mutants

PYTHON = (
    "class Größe:\n"
    "    def f(self, a):\n"
    '        """Add.\n'
    "\n"
    "        More.\n"
    '        """\n'
    "        b = a\n"
    "\n"
    '        c = """\n'
    "one\n"
    '"""\n'
    "        return b + c\n"
    "\n"
    "    x = 1\n"
)


def cut(language: str, text: str, name: str = "f") -> tuple[bytes, tuple[int, int], str]:
    syntax = parse(language, text)
    function = next(one for one in functions(syntax) if one.name == name)
    code = snippet(syntax, function)
    assert code is not None
    return syntax.data, function.span, code


def edit(code: str, old: str, new: str) -> Site:
    start = code.encode().index(old.encode())
    return (Edit(start, start + len(old.encode()), new),)


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ("b + c", "b - c", "b + c", "b - c"),
        ("    b = a\n", "", "        b = a\n", ""),
        ("\n    b = a", "\n    b = a\n    b += 1", "        b = a\n", "        b = a\n        b += 1\n"),
        ("\n\n    c", "\n    if b:\n\n        pass\n    c", "\n\n        c",
         "\n        if b:\n\n            pass\n        c"),
        ("one", "two\nthree", "one\n", "two\nthree\n"),
        ("self, a", "self, *a", "self, a", "self, *a"),
        ("def f(self, a):\n", "def f(\n    self, a,\n):\n", "def f(self, a):\n", "def f(\n        self, a,\n    ):\n"),
        ("    return b + c", "    return c", "        return b + c", "        return c"),
    ],
)  # fmt: skip
def test_edited_lines_are_indented_as_in_the_file(old: str, new: str, before: str, after: str) -> None:
    data, span, code = cut("Python", PYTHON)
    assert put_back(data, span, code, edit(code, old, new)) == PYTHON.replace(before, after, 1)


def test_several_edits_of_one_line_and_of_others() -> None:
    data, span, code = cut("Python", PYTHON)
    edits = (*edit(code, "b = a", "d = a"), *edit(code, "b +", "d *"))
    assert put_back(data, span, code, edits) == PYTHON.replace("b = a", "d = a").replace("b +", "d *")


def test_a_preprocessor_line_and_tabs_stand_where_they_stood() -> None:
    text = "class A {\n\tint f(int a) {\n#if X\n\t\ta++;\n#endif\n\t\treturn a;\n\t}\n};\n"
    data, span, code = cut("C++", text)
    assert put_back(data, span, code, edit(code, "a++", "a--")) == text.replace("a++", "a--")
    made = put_back(data, span, code, edit(code, "#endif\n", "#endif\n\tg();\n"))
    assert made == text.replace("#endif\n", "#endif\n\t\tg();\n")


def test_code_that_was_cut_elsewhere_is_refused() -> None:
    data, span, _ = cut("Python", PYTHON)
    with pytest.raises(ValueError, match="lines in its file"):
        put_back(data, span, "def f():\n    pass\n", ())


@pytest.mark.parametrize("language", sorted(languages()))
def test_without_edits_a_file_comes_back_as_it_is_and_with_them_it_parses(language: str) -> None:
    path = next((FOLDER / languages()[language].folder).glob("fixture.*"))
    text = path.read_text(encoding="utf-8")
    syntax = parse(language, text)
    done = 0
    for function in functions(syntax):
        code = snippet(syntax, function)
        if code is None:
            continue
        assert put_back(syntax.data, function.span, code, ()) == text
        for one in mutants(language, code, tuple(BY_NAME.values()))[:20]:
            made = put_back(syntax.data, function.span, code, one.edits)
            start, end = function.span
            assert made.encode().startswith(syntax.data[:start]) and made.encode().endswith(syntax.data[end:])
            assert not parse(language, made).root.has_error, (one.operator.name, made)
            done += 1
    assert done > 20
