import ctypes
import pickle
import sys
import types
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_python

from parsers import language as module
from parsers.language import FOLDER, grammar, language_of, languages, query
from parsers.syntax import error_bytes, parse
from schemas.errors import ConfigError

RELEASED = {"JavaScript", "Python", "Ruby", "C++", "C", "Go", "Java", "C#"}
CAPTURES = {
    "functions": {"function", "name", "parameters", "body"},
    "comments": {"comment"},
    "docstrings": {"docstring"},
    "imports": {"import"},
    "frames": {"frame", "body"},
    "strings": {"string"},
    "numbers": {"number"},
    "identifiers": {"identifier"},
    "locals": {"local", "parameter"},
    "calls": {"call", "callee", "arguments"},
    "loops": {"loop", "body", "condition"},
    "conditions": {"if", "condition", "consequence", "alternative"},
    "binary": {"binary", "left", "operator", "right"},
    "returns": {"return", "value"},
    "assignments": {"assignment", "target", "value"},
    "blocks": {"block"},
    "statements": {"statement"},
}


def fixture_of(name: str) -> Path:
    return next((FOLDER / languages()[name].folder).glob("fixture.*"))


def test_languages_are_the_released_ones_and_pickle():
    assert set(languages()) >= RELEASED
    for language in languages().values():
        assert pickle.loads(pickle.dumps(language)) == language


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_fixture_is_found_by_its_path_and_parses_clean(name):
    path = fixture_of(name)
    data = path.read_bytes()
    found = language_of(str(path), data)
    assert found is not None and found.name == name
    assert error_bytes(parse(name, data).root) == 0


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_every_query_compiles_and_each_capture_hits_the_fixture(name):
    files = {path.stem for path in (FOLDER / languages()[name].folder).glob("*.scm")}
    assert files == set(CAPTURES) - (set() if name == "Python" else {"docstrings"})
    syntax = parse(name, fixture_of(name).read_bytes())
    for concept in files - {"imports", "frames"}:  # what a fixture need not have; see test_leaves.py, test_excerpt.py
        found = {capture for match in syntax.matches(concept) for capture in match}
        assert found >= CAPTURES[concept], concept


@pytest.mark.parametrize("name", sorted(RELEASED))
def test_an_if_matches_once(name):
    syntax = parse(name, fixture_of(name).read_bytes())
    ifs = [match["if"][0].start_byte for match in syntax.matches("conditions")]
    assert len(ifs) == len(set(ifs)) >= 2


def test_names_of_a_class_body_are_no_locals():
    syntax = parse("Python", "class A:\n    x = 1\n\ndef f():\n    y = 2\n    return y\n")
    assert [syntax.text(node) for node in syntax.nodes("locals", "local")] == ["y"]


def test_a_concept_without_a_file_is_none():
    assert query("Go", "docstrings") is None
    assert parse("Go", "package a\n").matches("docstrings") == []


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("a/b.H", b"int f(void);\n", "C"),
        ("a/b.h", b"#include <vector>\nnamespace a { class B; }\n", "C++"),
        ("a/b.h", b"template<typename T> T f();\n", "C++"),
        ("x.tpp", b"", "C++"),
        ("x.JS", b"", "JavaScript"),
        ("Makefile", b"", None),
        ("x.rs", b"", None),
    ],
)
def test_language_of(path, data, expected):
    found = language_of(path, data)
    assert (found.name if found else None) == expected


@pytest.fixture
def no_wheel(monkeypatch):
    """Makes `import tree_sitter_python` fail, and the two collections too, unless a test puts one in place."""
    for name in ("tree_sitter_python", "tree_sitter_language_pack", "tree_sitter_languages"):
        monkeypatch.setitem(sys.modules, name, None)
    grammar.cache_clear()
    yield monkeypatch
    grammar.cache_clear()


def test_grammar_comes_from_the_pack_when_the_wheel_is_missing(no_wheel):
    asked = []
    expected = tree_sitter.Language(tree_sitter_python.language())
    pack = types.ModuleType("tree_sitter_language_pack")
    pack.get_language = lambda name: asked.append(name) or expected
    no_wheel.setitem(sys.modules, "tree_sitter_language_pack", pack)
    assert grammar("Python") is expected
    assert asked == ["python"]


def test_grammar_comes_from_the_collection_when_the_pack_lacks_it(no_wheel):
    pack = types.ModuleType("tree_sitter_language_pack")

    def get_language(name):
        raise LookupError(name)

    pack.get_language = get_language
    collection = types.ModuleType("tree_sitter_languages")
    collection.__path__ = ["/nowhere"]
    opened = []
    pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
    pointer_of.restype = ctypes.c_void_p
    pointer_of.argtypes = (ctypes.py_object, ctypes.c_char_p)
    pointer = pointer_of(tree_sitter_python.language(), b"tree_sitter.Language")
    symbol = ctypes.CFUNCTYPE(ctypes.c_void_p)(lambda: pointer)

    def load(path):
        opened.append(Path(path).name)
        return types.SimpleNamespace(tree_sitter_python=symbol)

    no_wheel.setitem(sys.modules, "tree_sitter_language_pack", pack)
    no_wheel.setitem(sys.modules, "tree_sitter_languages", collection)
    no_wheel.setattr(module.ctypes, "CDLL", load)
    found = grammar("Python")
    assert opened == ["languages.so"]
    assert tree_sitter.Parser(found).parse(b"x = 1\n").root_node.type == "module"


def test_no_grammar_names_the_way_out(no_wheel):
    with pytest.raises(ConfigError, match="tree-sitter-python"):
        grammar("Python")


def test_unknown_language_is_named():
    with pytest.raises(ConfigError, match="'Cobol': no such language; there are"):
        grammar("Cobol")


def test_a_bad_query_and_a_bad_table_name_their_file(tmp_path, monkeypatch):
    folder = tmp_path / "odd"
    folder.mkdir()
    table = (FOLDER / "python" / "language.toml").read_text()
    (folder / "language.toml").write_text(table)
    (folder / "functions.scm").write_text("(no_such_node) @function\n")
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    languages.cache_clear()
    query.cache_clear()
    try:
        with pytest.raises(ConfigError, match=r"odd.functions\.scm"):
            query("Python", "functions")
        (folder / "language.toml").write_text(table + "colour = 'red'\n")
        languages.cache_clear()
        with pytest.raises(ConfigError, match="colour"):
            languages()
        (folder / "language.toml").write_text("name = 'Odd'\n")
        with pytest.raises(ConfigError, match="extensions"):
            languages()
    finally:
        languages.cache_clear()
        query.cache_clear()
