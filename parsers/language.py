"""A language is a folder of data under `parsers/languages/`; this finds them and resolves their grammars."""

import ctypes
import importlib
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import tree_sitter

from schemas.errors import ConfigError

FOLDER = Path(__file__).parent / "languages"


@dataclass(frozen=True, slots=True)
class Language:
    """What `language.toml` says of a language. Picklable: grammar, parser and queries are resolved per process.

    Attributes:
        name: released spelling, such as `C++`.
        folder: name of its folder, such as `cpp`.
        fence: tag of a Markdown code block.
        extensions: file endings, with the dot, lower case.
        wheel: module of the grammar's own wheel and the function in it that gives the grammar's pointer.
        grammar: symbol name of the grammar in the collections, such as `cpp`.
        ambiguous: endings shared with another language, and words that decide for this one when any is in the file.
        line_comment: token that starts a comment to the end of the line.
        indentation_is_syntax: whether leading white space carries meaning, as in Python.
        function_word: what the language calls a function, for instructions.
        wrappers: (prefix, suffix) texts that a function may need around it to parse alone, such as a class's, in the
            order in which they are tried; two empty ones stand for none.
        angle_brackets: whether `<` opens type arguments, which a parser keeps open until it knows better.
    """

    name: str
    folder: str
    fence: str
    extensions: tuple[str, ...]
    wheel: tuple[str, str]
    grammar: str
    line_comment: str
    function_word: str
    ambiguous: tuple[tuple[str, tuple[str, ...]], ...] = ()
    indentation_is_syntax: bool = False
    wrappers: tuple[tuple[str, str], ...] = (("", ""),)
    angle_brackets: bool = False


@cache
def languages() -> dict[str, Language]:
    """Every language that has a folder, by name, in the folders' order.

    Raises:
        ConfigError: a `language.toml` misses a key or has an unknown one.
    """
    found = {}
    for path in sorted(FOLDER.glob("*/language.toml")):
        try:
            language = _language(path.parent.name, tomllib.loads(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(f"{path}: {error}. See parsers/language.py for the keys.") from None
        found[language.name] = language
    return found


def _language(folder: str, table: dict[str, Any]) -> Language:
    table["extensions"] = tuple(table["extensions"])
    table["wheel"] = tuple(table["wheel"])
    table["wrappers"] = tuple((before, after) for before, after in table.get("wrappers", [("", "")]))
    table["ambiguous"] = tuple((end, tuple(words)) for end, words in table.get("ambiguous", {}).items())
    return Language(folder=folder, **table)


def language_of(path: str, data: bytes) -> Language | None:
    """The language of a file, by its ending and, where two languages share it, by its words; None for no language."""
    ending = PurePosixPath(path).suffix.lower()
    for language in languages().values():
        for shared, words in language.ambiguous:
            if ending == shared and any(word.encode() in data for word in words):
                return language
    for language in languages().values():
        if ending in language.extensions:
            return language
    return None


@cache
def grammar(name: str) -> tree_sitter.Language:
    """The tree-sitter grammar of the language `name`: its own wheel, else the pack, else tree-sitter-languages.

    Raises:
        ConfigError: there is no such language, or none of the three is installed.
    """
    language = _named(name)
    module, function = language.wheel
    try:
        return tree_sitter.Language(getattr(importlib.import_module(module), function)())
    except ImportError:
        pass
    try:
        pack = importlib.import_module("tree_sitter_language_pack")
        found: tree_sitter.Language = pack.get_language(language.grammar)
        return found
    except (ImportError, LookupError):
        pass
    try:
        return _from_collection(language.grammar)
    except (ImportError, AttributeError, OSError):
        raise ConfigError(
            f"{name}: no grammar found. Install {module.replace('_', '-')}, or"
            " `pip install themis-preference[languages]`."
        ) from None


def _from_collection(symbol: str) -> tree_sitter.Language:
    """A grammar of tree-sitter-languages, whose own loader fails on tree-sitter >= 0.22 but whose library loads."""
    package = importlib.import_module("tree_sitter_languages")
    library = ctypes.CDLL(str(Path(package.__path__[0]) / "languages.so"))
    function = getattr(library, f"tree_sitter_{symbol}")
    function.restype = ctypes.c_void_p
    capsule = ctypes.pythonapi.PyCapsule_New
    capsule.restype = ctypes.py_object
    capsule.argtypes = (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
    return tree_sitter.Language(capsule(function(), b"tree_sitter.Language", None))


@cache
def query(name: str, concept: str) -> tree_sitter.Query | None:
    """The query `<concept>.scm` of the language `name`; None where the language has no such thing.

    Raises:
        ConfigError: the query does not fit the grammar.
    """
    path = FOLDER / _named(name).folder / f"{concept}.scm"
    if not path.is_file():
        return None
    try:
        return tree_sitter.Query(grammar(name), path.read_text(encoding="utf-8"))
    except tree_sitter.QueryError as error:
        raise ConfigError(f"{path}: {error}") from None


def _named(name: str) -> Language:
    try:
        return languages()[name]
    except KeyError:
        raise ConfigError(f"{name!r}: no such language; there are {', '.join(languages())}.") from None
