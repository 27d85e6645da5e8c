"""English: paragraphs of prose in another language are refused; code, names and terms aren't prose."""

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

from filters import english
from filters.english import English, english_probability, prose
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from labelled import away, found, score
from pairs import PAIR, pair

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


@pytest.fixture
def fasttext():
    """fastText, which is no dependency: a user installs it to use GlotLID."""
    return pytest.importorskip("fasttext", reason="no fastText here: `pip install fasttext-community`")


@pytest.fixture
def model(fasttext, tmp_path):
    """Path of a small real model of two languages, with GlotLID's labels."""
    english_lines = ["return the sum of the values in the list", "the name of the file that is read by the parser"]
    german_lines = ["gibt die summe der werte in der liste", "der name der datei die von dem parser gelesen wird"]
    lines = [f"__label__eng_Latn {x}" for x in english_lines] + [f"__label__deu_Latn {x}" for x in german_lines]
    (tmp_path / "train.txt").write_text("\n".join(lines * 50))
    trained = fasttext.train_supervised(
        str(tmp_path / "train.txt"), epoch=50, lr=0.5, dim=8, bucket=2000, minn=2, maxn=4, thread=1, verbose=0
    )
    trained.save_model(str(tmp_path / "model.bin"))
    return str(tmp_path / "model.bin")


def test_a_good_pair_passes_before_and_after_pickling():
    copy = pickle.loads(pickle.dumps(English()))
    assert copy == English() and copy.refuse(PAIR) is None
    assert copy.refuse(pair(prompt=FOREIGN["de"])) is not None
    English().ready()


def test_precision_and_recall_on_labelled_prompts():
    cases = found("english")
    figures = score(cases, lambda case: English().refuse(pair(prompt=case.text)) is not None)
    assert sum(case.label for case in cases) >= 15
    assert figures.precision >= 0.95, figures.wrong
    assert figures.recall >= 0.85, figures.wrong


def test_every_labelled_prompt_is_installed():
    assert away("english") == []


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


def test_what_a_doctest_prints_and_assertions_are_no_prose():
    text = (
        "Return the name.\n\n>>> name(1)\nWörter und Größen über alles\n\nassert größe == zähle\nwert = zahl der wörter"
    )
    assert prose(text) == ["Return the name."]


def test_letters_of_scripts_with_short_words_count_more():
    assert English().refuse(pair(prompt="获取账户资金状况")).reason == "english"
    assert English().refuse(pair(prompt="Флаги сообщений")).reason == "english"
    assert English().refuse(pair(prompt="文字列")) is None


@pytest.mark.parametrize("part", ["`", "<a", "{@a", "{@", ">>> x\n", "~~~\n", "x;", "a = (", "def f(", "\n \n"])
def test_adversarial_text_is_cut_before_it_is_looked_at(part):
    text = part * (10_000_000 // len(part))
    assert English().refuse(pair(prompt=text)) == English().refuse(pair(prompt=text[: english.MAX_CHARACTERS]))


def test_lone_surrogates():
    assert English().refuse(pair(prompt="\ud800 " + FOREIGN["ru"])).reason == "english"


def test_a_fasttext_model_with_the_labels_of_glotlid(model):
    with_model = pickle.loads(pickle.dumps(English(model=model)))
    with_model.ready()
    assert with_model.refuse(pair(prompt="return the name of the file that is read")) is None
    refusal = with_model.refuse(pair(prompt="Gibt die Summe der Werte\nin der Liste der Datei."))
    assert refusal.reason == "english" and refusal.detail.endswith("likeliest deu_Latn")
    high, low = (
        english_probability(text, model)[0] for text in ("the sum of the values", "die summe der werte \ud800")
    )
    assert 0 <= low < 0.02 < 0.5 < high <= 1


def test_models_that_can_not_be_loaded(fasttext, tmp_path, model):
    with pytest.raises(ConfigError, match=r"model: '.*none' is no file. Give the path"):
        English(model=str(tmp_path / "none")).ready()
    (tmp_path / "bad.bin").write_bytes(b"\0" * 100)
    with pytest.raises(ConfigError, match=r"model: '.*bad.bin' can't be loaded: .* wrong file format"):
        English(model=str(tmp_path / "bad.bin")).ready()
    (tmp_path / "train.txt").write_text("__label__x a b c\n__label__y d e f\n" * 500)
    other = fasttext.train_supervised(str(tmp_path / "train.txt"), dim=2, bucket=10, lr=0.05, thread=1, verbose=0)
    other.save_model(str(tmp_path / "other.bin"))
    with pytest.raises(ConfigError, match="has no label __label__eng_Latn"):
        English(model=str(tmp_path / "other.bin")).ready()


def test_without_fasttext(monkeypatch, tmp_path):
    monkeypatch.setattr(english, "_fasttext", cache(english._fasttext.__wrapped__))
    monkeypatch.setitem(sys.modules, "fasttext", None)
    with pytest.raises(ConfigError, match="needs fastText: `pip install fasttext-community`; or leave `model` out"):
        English(model=str(tmp_path / "model.bin")).ready()
