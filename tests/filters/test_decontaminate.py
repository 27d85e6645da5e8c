import json
import pickle
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.decontaminate import Against, Decontamination, GramTable, grams, word_hashes, words
from filters.prompts import read_prompts
from schemas.config import validate
from schemas.errors import ConfigError

SENTENCE = "Write a function that takes two sorted lists and merges them into one sorted list without extra memory."


def test_words():
    assert words("Größe: foo_bar(x1), ISTANBUL'da 文字!") == ["größe", "foo_bar", "x1", "istanbul", "da", "文字"]


@pytest.mark.parametrize(
    "text", ["", "...", "a", "A b-c", SENTENCE, "Größe ΑΣ x\u0307y İ \ud800 a", "ſ K 文字 \u00a0z", "a\x00b"]
)
def test_word_hashes_are_one_a_word_and_follow_the_word_alone(text):
    hashes = word_hashes(text)
    assert hashes.tolist() == [int(word_hashes(w)[0]) for w in words(text)]


def test_grams():
    text = " ".join(f"w{i}" for i in range(20))
    assert len(grams(text)) == 8
    assert len(grams("w1 w2")) == 1
    assert len(grams("")) == 0
    assert grams(text)[3] == grams(" ".join(f"w{i}" for i in range(3, 16)))[0]
    assert grams("w1 w2")[0] not in grams("w1 w2 w3", 2).tolist() or len(words("w1 w2")) == 2


def naive(prompts, text, n):
    def of(t):
        w = words(t)
        return {tuple(w[i : i + n]) for i in range(max(1, len(w) - n + 1))} if w else set()

    own = of(text)
    return {row for row, prompt in prompts if own & of(prompt)}


@pytest.mark.parametrize("n", [1, 3, 13])
def test_hits_are_those_of_plain_sets(n):
    rng = random.Random(n)
    vocabulary = [f"w{i}" for i in range(60)] + ["größe", "文字"]
    prompts = [(f"r{i}", " ".join(rng.choices(vocabulary, k=rng.randrange(0, 40)))) for i in range(50)]
    table = pickle.loads(pickle.dumps(GramTable.build(prompts, n)))
    hits = 0
    for i in range(300):
        base = words(rng.choice(prompts)[1]) if i % 2 else []
        cut = rng.randrange(len(base) + 1)
        text = ", ".join([*rng.choices(vocabulary, k=rng.randrange(20)), *base[cut : cut + 15]]).upper()
        expected = naive(prompts, text, n)
        hit = table.hit(text)
        assert (hit is None) is (not expected)
        assert hit is None or hit in expected
        hits += hit is not None
    assert hits > 20


def test_thirteen_words_hit_and_twelve_do_not():
    table = GramTable.build([("a", "something else"), ("b", SENTENCE), ("c", SENTENCE)])
    shared = words(SENTENCE)[2:15]
    assert table.hit("Please: " + " ".join(shared).title() + "?") == "b"
    assert table.hit("Please: " + " ".join(shared[:12]) + " quickly") is None
    assert table.hit("") is None


def test_a_short_prompt_equals_only_itself():
    table = GramTable.build([("a", "Reverse a string."), ("empty", "")])
    assert table.hit("reverse A string") == "a"
    assert table.hit("reverse a string in place") is None
    assert table.hit("...") is None


def test_a_collision_of_hashes_does_not_drop_a_pair():
    table = GramTable.build([("a", "one two three"), ("b", "four five six")], 3)
    forged = np.concatenate([np.full(1, grams("nice and clean", 3)[0]), table.hashes])
    order = np.argsort(forged, kind="stable")
    bits = np.full_like(table.bits, 255)
    rows, places = (np.concatenate([np.zeros(1, np.int32), old])[order] for old in (table.rows, table.places))
    table = GramTable(3, forged[order], rows, places, table.ids, table.texts, bits)
    assert table.hit("nice and clean") is None
    assert table.hit("Four five, six") == "b"


def test_an_empty_table_hits_nothing():
    assert Decontamination().table().hit(SENTENCE) is None


ROWS = [{"id": "x1", "prompt": SENTENCE}, {"id": "x2", "prompt": "Zähle die Wörter"}]


def write(folder, name):
    path = folder / name
    if name.endswith("jsonl"):
        path.write_text("\n".join(json.dumps(r) for r in ROWS) + "\n\n")
    elif name.endswith("json"):
        path.write_text(json.dumps(ROWS))
    elif name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist([r | {"other": 1} for r in ROWS]), path)
    elif name.endswith("csv"):
        path.write_text("id,prompt\n" + "".join(f'{r["id"]},"{r["prompt"]}"\n' for r in ROWS), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.parquet", "a.csv"])
def test_reading_and_looking_up(tmp_path, name):
    path = write(tmp_path, name)
    assert list(read_prompts(path)) == [(r["id"], r["prompt"]) for r in ROWS]
    options = validate(Decontamination, {"against": [{"path": str(path), "name": "bench"}]}, "curate")
    assert options.table().hit(SENTENCE) == "bench/x1"
    with pytest.raises(ConfigError, match=r"no column 'question'; there are id, prompt"):
        list(read_prompts(path, "question"))


def test_reading_text_and_numbers_and_messages(tmp_path):
    (tmp_path / "a.txt").write_text("one\n\n two \n")
    assert list(read_prompts(tmp_path / "a.txt", "ignored")) == [("0", "one"), ("1", "two")]
    chat = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yes"}]
    (tmp_path / "a.jsonl").write_text(json.dumps({"prompt": chat}) + "\n" + json.dumps({"id": 7, "prompt": "x"}))
    assert list(read_prompts(tmp_path / "a.jsonl")) == [("0", "hello\nyes"), ("7", "x")]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", "", r"ends in '\.xlsx'; .*\.parquet"),
        ("a", "", "ends in 'nothing'"),
        ("gone.jsonl", None, "no such file"),
        ("a.jsonl", '{"prompt": "x"}\n{', "line 2 is not JSON"),
        ("a.jsonl", "[1]", "row 0 is list"),
        ("a.jsonl", '{"prompt": 3}', "column 'prompt' holds int"),
        ("a.json", '{"prompt": "x"}', "holds dict, must be a list"),
        ("a.parquet", "no parquet", r"can't be read as \.parquet"),
        ("a.csv", "", "no column 'prompt'; there are none"),
        ("a.jsonl", b"\xff\xfe", r"can't be read as \.jsonl"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError, match=message):
        Decontamination(against=(Against(path=str(tmp_path / name), name="b"),)).table()
