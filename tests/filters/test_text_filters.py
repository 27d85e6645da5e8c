import argparse
import ast
import enum
import functools
import inspect
import json
import logging
import pathlib
import pickle
import random
import sys
import tempfile
import typing
from functools import cache
from pathlib import Path

import pytest
from pydantic import ValidationError

from filters import length
from filters.depth import Depth
from filters.english import English, english_probability, prose
from filters.generated import Generated, generated_path
from filters.identical import Identical, same_tokens
from filters.length import Length, count_tokens, overhead
from filters.licence import COPYLEFT, Licence
from schemas.config import validate
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, PROMPT, pair

FOREIGN = {
    "de": "Gibt die Anzahl der Wörter in einer Zeichenkette zurück. Leere Zeilen werden dabei nicht gezählt.",
    "fr": "Renvoie le nombre de mots dans une chaîne de caractères. Les lignes vides ne sont pas comptées.",
    "es": "Devuelve el número de palabras en una cadena de texto. Las líneas vacías no se cuentan.",
    "pt": "Retorna o número de palavras em uma cadeia de caracteres. As linhas vazias não são contadas.",
    "it": "Restituisce il numero di parole in una stringa. Le righe vuote non vengono contate.",
    "ru": "Возвращает количество слов в строке. Пустые строки при этом не считаются.",
    "zh": "返回字符串中单词的数量,如果字符串为空则返回零,并且忽略多余的空格。",
    "ja": "文字列に含まれる単語の数を返します。空の文字列の場合はゼロを返します。",
}


@pytest.mark.parametrize("one", [Length(), Depth(), English(), Generated(), Licence(), Identical()])
def test_a_good_pair_passes_before_and_after_pickling(one):
    assert one.refuse(PAIR) is None
    copy = pickle.loads(pickle.dumps(one))
    assert copy == one
    assert copy.refuse(PAIR) is None
    bad = pair(chosen="", rejected="", prompt=FOREIGN["de"], license="x", path="vendor/a.py")
    assert copy.refuse(bad) is not None


def test_options_come_from_a_configuration():
    assert validate(Length, {"kind": "length", "max_tokens": 2560}, "x").max_tokens == 2560
    assert validate(Licence, {"allow": ["MIT"]}, "x").allow == ("MIT",)
    with pytest.raises(ConfigError, match="min_depth"):
        validate(Depth, {"min_depth": 0}, "x")
    with pytest.raises(ValidationError):
        Length(kind="depth")


def test_length_counts_prompt_side_template_and_system_prompt():
    base = overhead() + count_tokens(PROMPT) + count_tokens(CHOSEN)
    assert overhead() > count_tokens("the longest system prompt has more words than this")
    assert Length(max_tokens=base).refuse(PAIR) is None
    refusal = Length(max_tokens=base - 1).refuse(PAIR)
    assert refusal == ("length", f"chosen: {base} tokens, at most {base - 1}")
    assert "rejected" in Length().refuse(pair(rejected="word " * 5000)).detail


def test_length_of_an_empty_side():
    assert Length().refuse(pair(rejected="")) == ("too_short", "rejected: 0 tokens, at least 1")
    assert Length(min_tokens=0).refuse(pair(rejected="")) is None


def test_a_huge_text_is_refused_without_counting(monkeypatch):
    monkeypatch.setattr(length, "count_tokens", None)
    assert Length().refuse(pair(chosen="a" * 3_000_000)).reason == "length"


def test_marks_inside_a_text_are_ordinary_text():
    assert count_tokens("<|im_end|>") > 1
    assert count_tokens("") == 0
    assert count_tokens("naïve 文字 \ud800") > 3


def test_a_tokenizer_that_is_not_there(monkeypatch, tmp_path):
    fresh = cache(length._load.__wrapped__)
    monkeypatch.setattr(length, "_load", fresh)
    monkeypatch.setattr(length, "_counter", cache(length._counter.__wrapped__))
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ConfigError, match=r"tokenizer: .*needs transformers.*themis-preference\[train\]"):
        count_tokens("a", str(tmp_path))


class _Words:
    """A tokenizer as transformers gives one: words, and a template that counts five marks a message."""

    chat_template = "x"

    def encode(self, text, add_special_tokens):
        assert not add_special_tokens
        return text.split()

    def apply_chat_template(self, messages, return_dict):
        return [token for m in messages for token in [*m["content"].split(), *"12345"]]


class _Auto:
    calls = 0

    @classmethod
    def from_pretrained(cls, name, trust_remote_code):
        cls.calls += 1
        assert trust_remote_code is False
        if name != "folder":
            raise OSError(f"{name} does not appear to be a tokenizer\nmore")
        return _Words()


def test_a_tokenizer_of_transformers(monkeypatch):
    fake = type(sys)("transformers")
    fake.AutoTokenizer = _Auto
    monkeypatch.setitem(sys.modules, "transformers", fake)
    for name in ("_load", "_counter", "overhead"):
        monkeypatch.setattr(length, name, cache(getattr(length, name).__wrapped__))
    assert length.count_tokens("a b c", "folder") == 3
    assert length.overhead("folder") > 15
    bound = length.overhead("folder") + len(PROMPT.split()) + len(CHOSEN.split())
    assert Length(tokenizer="folder", max_tokens=bound).refuse(PAIR) is None
    assert Length(tokenizer="folder", max_tokens=bound - 1).refuse(PAIR).reason == "length"
    assert _Auto.calls == 1
    with pytest.raises(ConfigError, match="'nowhere' can't be loaded: nowhere does not appear"):
        length.count_tokens("a", "nowhere")


def test_depth():
    assert Depth().refuse(pair(rejected="# nothing")).reason == "depth"
    assert Depth(min_depth=40).refuse(PAIR).detail.startswith("chosen:")
    assert Depth().refuse(pair(language="NL", rejected="yes")) is None
    refusal = Depth().refuse(pair(rejected="x = 1\0"))
    assert refusal.reason == "nul_bytes" and refusal.detail.startswith("rejected:")


@pytest.mark.parametrize("language", sorted(FOREIGN))
def test_other_languages_are_refused_alone_and_inside_an_english_request(language):
    text = FOREIGN[language]
    assert English().refuse(pair(prompt=text)).reason == "english"
    around = f"Write a Python function `count` that does this.\n\n{text}\n\n```python\ndef count(text):\n```"
    refusal = English().refuse(pair(prompt=around))
    assert refusal.detail.endswith(f"likeliest {language}")


def test_english_documentation_passes():
    texts = set()
    for module in (pathlib, functools, inspect, typing, json, enum, tempfile, argparse, random, logging):
        tree = ast.parse(inspect.getsource(module))
        nodes = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.ClassDef)]
        texts |= {doc for n in nodes if (doc := ast.get_docstring(n))}
    assert len(texts) > 300
    passed = sum(English().refuse(pair(prompt=t)) is None for t in texts)
    assert passed / len(texts) > 0.97


def test_only_prose_is_looked_at():
    text = (
        "Return the name, see `größte_zahl` and https://example.org/über.\n\n"
        "```\nDas hier ist deutscher Text in einem Block\n```\n\n"
        "def zähle(wörter: list[str]) -> int:\n>>> zähle(['eins'])\nreturn {@link Größe} <b>x_y</b>;"
    )
    assert prose(text) == ["Return the name, see and"]
    assert English().refuse(pair(prompt=text)) is None


def test_short_prose_passes():
    assert English().refuse(pair(prompt="größte Zahl")) is None
    assert English(min_letters=5).refuse(pair(prompt="die größte Zahl zurückgeben")).reason == "english"


def test_english_is_the_same_twice():
    assert english_probability("Return the sum of values.") == english_probability("Return the sum of values.")


@pytest.mark.parametrize(
    "path",
    [
        "node_modules/a/i.js", "src/Third_Party/zlib/inflate.c", "web/dist/app.js", "js/app.min.js", "api/v1/x.pb.go",
        "proto/x_pb2.py", "Form1.Designer.cs", "parser.tab.c", "deps/jemalloc/a.c", "k8s/zz_generated.deepcopy.go",
    ],
)  # fmt: skip
def test_paths_of_others_and_of_tools(path):
    assert generated_path(path) is not None
    assert Generated().refuse(pair(path=path)).reason == "generated"


@pytest.mark.parametrize(
    "path", ["src/vendor.py", "lib/distance.c", "generator/core.py", "a/minimum.js", "to_string.go"]
)
def test_paths_of_people(path):
    assert generated_path(path) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("// Code generated by protoc-gen-go. DO NOT EDIT.\nfunc f() {}", "Code generated by"),
        ("# Generated by Django 3.2 on 2021\nx = 1", "Generated by"),
        ("/* This file was automatically generated */", "This file was"),
        ("# @generated\nx = 1", "@generated"),
        ("// DO NOT EDIT!\nint x;", "DO NOT EDIT"),
        ("/// <auto-generated>\nint x;", "<auto-generated"),
        ("x = 1;" * 60, "characters a line"),
        ("a\n" * 90 + "x" * 2001, "a line of 2001"),
        ('k = (\n b"' + r"\x1f" * 64 + '"\n)', "hexadecimal"),
        ("t = [\n" + "0x1F, 0x2A,\n" * 40 + "]", "hexadecimal"),
        (
            "icon = (\n '" + "Zm9vYmFyMTIzRk9P" * 14 + "'\n)",
            "base64",
        ),
        ("t = [" + "\n1234, 5678," * 30 + "]", "digits"),
        ("{([<>])}+-*/%&|^~!=" * 3 + "a", "letters"),
    ],
)
def test_texts_of_tools(text, says):
    detail = Generated().refuse(pair(rejected=text)).detail
    assert detail.startswith("rejected: ") and says in detail


@pytest.mark.parametrize(
    "text",
    [
        'def f(lexer):\n    """Return what is generated by the lexer; do not change it."""\n    return next(lexer)',
        "    /** Returns a list of names generated with the given seed. */\n    List<String> names(long seed);",
        "name = 'a_long_name_of_a_test_that_says_very_much_about_what_it_does_and_so_has_no_blob_in_it'",
        "x" * 200,
        "",
    ],
)
def test_texts_of_people(text):
    assert Generated().generated_text(text) is None


@pytest.mark.parametrize(
    "licence",
    ["MIT", "mit", "Apache-2.0 AND MIT", "GPL-3.0-only OR MIT", "Apache-2.0 WITH LLVM-exception",
     "(MIT AND BSD-3-Clause) OR AGPL-3.0-only", "(GPL-2.0 OR MIT) AND ISC"],
)  # fmt: skip
def test_licences_that_pass(licence):
    assert Licence().refuse(pair(license=licence)) is None


@pytest.mark.parametrize(
    "licence", ["GPL-3.0-only", "MIT AND GPL-2.0", "LicenseRef-mine", "(MIT", "see the file", "BSD", "MIT AND " * 400]
)
def test_licences_that_do_not_pass(licence):
    assert Licence().refuse(pair(license=licence)).reason == "licence"
    assert Licence(allow_unknown=True, allow_copyleft=True).refuse(pair(license=licence)).reason == "licence"


@pytest.mark.parametrize("licence", [*COPYLEFT, "LGPL-2.1", "AGPL-3.0+", "lgpl-2.1+", "MIT AND MPL-2.0"])
def test_copyleft_only_by_opt_in(licence):
    assert Licence().refuse(pair(license=licence)).reason == "licence"
    assert Licence(allow_copyleft=True).refuse(pair(license=licence)) is None


@pytest.mark.parametrize("licence", [None, "", " NOASSERTION "])
def test_unknown_licence(licence):
    assert Licence().refuse(pair(license=licence)).reason == "licence_unknown"
    assert Licence(allow_unknown=True).refuse(pair(license=licence)) is None


def test_a_deprecated_id_in_the_configuration_matches():
    assert Licence(allow=("GPL-3.0",)).refuse(pair(license="GPL-3.0-only")) is None


@pytest.mark.parametrize(
    ("language", "left", "right", "same"),
    [
        ("Python", "x = 1\n", "x = 1\n", True),
        ("Python", "x = [1, 2]\n", "x=[1,\n   2]  \n", True),
        ("Python", "if a:\n    b()\n    c()\n", "if a:\n    b()\nc()\n", False),
        ("Python", "x = 'a b'\n", "x = 'ab'\n", False),
        ("Python", "x = 1  # one two\n", "x = 1  #  one  two\n", True),
        ("Java", "class A { int f() { return 1; } }", "class A {\n  int f() {\n    return 1;\n  }\n}\n", True),
        ("JavaScript", "function f() { return\n1 }", "function f() { return 1 }", False),
        ("Go", "func f() { a(); b() }", "func f() {\n\ta(); b()\n}", True),
        ("C", "int f(void) { return 1; }", "int f(void) { return 2; }", False),
        ("NL", "yes  it is", "yes it\nis", True),
        ("Python", "x\0 y", "x\0y", True),
    ],
)
def test_same_tokens(language, left, right, same):
    assert same_tokens(language, left, right) is same


def test_identical_sides():
    assert Identical().refuse(pair(rejected=CHOSEN)) == ("identical", "both sides are the same text")
    assert Identical().refuse(pair(rejected=CHOSEN + "\n\n")).detail == "the sides differ in white space only"


def test_a_prompt_that_holds_a_side():
    prompt = f"Improve this:\n{CHOSEN}"
    assert Identical().refuse(pair(prompt=prompt)) == ("leak", "the prompt holds the chosen side whole")
    assert Identical(leak=False).refuse(pair(prompt=prompt)) is None
    assert Identical().refuse(pair(prompt="Return x please.", rejected="return x")) is None
