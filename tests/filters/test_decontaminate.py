"""Decontamination as a configuration asks for it: words, presets, files, sides, and tables in a cache."""

import json
import pickle
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.benchmarks import PRESETS
from filters.decontaminate import Against, Decontamination, GramTable, grams, words
from schemas.config import validate
from schemas.errors import ConfigError

SENTENCE = "Write a function that takes two sorted lists and merges them into one sorted list without extra memory."


def test_words():
    assert words("Größe: foo_bar(x1), ISTANBUL'da 文字!") == ["größe", "foo_bar", "x1", "istanbul", "da", "文字"]


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


def test_an_empty_table_hits_nothing():
    assert Decontamination().table().hit(SENTENCE) is None


LONG = "Please give a short program that reads one line after another and prints each word of it once in order."


def released(preset):
    """Rows in the layout of a released benchmark, texts our own."""
    one, other = "Use this:\n```python\nprint(1)\n```\nDone.", "print(2)"
    lists = {"chosen": [one, one, one], "rejected": [other, "", other]}
    return {
        "code_reward_bench": [
            {"prompt": SENTENCE, "chosen": one, "rejected": other, "language": "Cpp", "aspect": "x", "id": "A_1"}
        ],
        "reward_bench": [{"prompt": SENTENCE, "chosen": one, "rejected": other, "subset": "hep-go", "id": 1}],
        "reward_bench_2": [{"id": "1", "prompt": SENTENCE, **lists, "num_correct": 1}],
        "judge_bench": [{"pair_id": "1", "question": SENTENCE, "response_A": one, "response_B": other, "label": "A>B"}],
        "rm_bench": [{"id": 1, "prompt": SENTENCE, **lists, "domain": "code"}],
    }[preset]


def asked(*against, **rest):
    return validate(Decontamination, {"against": list(against), **rest}, "curate.decontaminate")


@pytest.mark.parametrize("ending", ["parquet", "jsonl"])
@pytest.mark.parametrize("preset", PRESETS)
def test_presets_read_local_files_in_the_released_layout(tmp_path, preset, ending):
    path = tmp_path / f"data.{ending}"
    rows = released(preset)
    if ending == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    options = asked({"preset": preset, "path": str(path)})
    name = f"{preset}/{rows[0][PRESETS[preset].id_column]}"
    assert options.table().overlap("So: " + SENTENCE) == (name, " ".join(words(SENTENCE)[:13]))
    code = (
        ["print(1)\n"] * 3 + ["print(2)"] * 2
        if preset in ("reward_bench_2", "rm_bench")
        else ["print(1)\n", "print(2)"]
    )
    assert list(options.sides()) == [(name, text) for text in code]


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_name_their_data_set(preset):
    (one,) = asked({"preset": preset}).against
    known = PRESETS[preset]
    assert (one.dataset, one.config, one.split, one.name) == (known.dataset, known.config, known.split, preset)
    assert Against.model_validate_json(one.model_dump_json()) == one
    (other,) = asked({"preset": preset, "split": "mine", "revision": "v1", "name": "x", "column": "a.b"}).against
    assert (other.split, other.revision, other.name, other.column) == ("mine", "v1", "x", "a.b")
    assert other.side_columns == known.side_columns


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_through_the_datasets_library(tmp_path, monkeypatch, preset):
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    known = PRESETS[preset]
    folder = tmp_path / "copy"
    folder.mkdir()
    files = []
    for number, split in enumerate(known.split.split("+")):
        rows = [row | {known.column: (SENTENCE, LONG)[number]} for row in released(preset)]
        pq.write_table(pa.Table.from_pylist(rows), folder / f"{split}.parquet")
        files.append({"split": split, "path": f"{split}.parquet"})
    card = {"configs": [{"config_name": known.config or "default", "data_files": files}]}
    (folder / "README.md").write_text(f"---\n{json.dumps(card)}\n---\n")
    options = asked({"preset": preset, "dataset": str(folder)})
    table = options.table()
    for text in (SENTENCE, LONG)[: len(files)]:
        assert table.hit(text).startswith(f"{preset}/")
    assert len(list(options.sides())) == len(files) * (5 if "rm_bench" in preset or preset.endswith("2") else 2)
    assert options.key() == options.key()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "x"}, "give one of path and dataset, or a preset"),
        ({"name": "x", "path": "a", "dataset": "b"}, "give one of path and dataset"),
        ({"path": "a"}, "name: Field required"),
        ({"preset": "reward_bench", "path": "a", "split": "raw"}, "split: only for a dataset"),
        ({"preset": "rewardbench"}, "against.0.preset: Input should be 'code_reward_bench'"),
        ({"name": "x", "path": "a", "column": ""}, "against.0.column: String should have at least 1"),
        ({"name": "x", "path": "a", "columns": "b"}, "against.0.columns: unknown key"),
        ("reward_bench", "against.0: Input should be"),
        ({"preset": ["reward_bench"]}, "against.0.preset: Input should be"),
    ],
)
def test_options_that_cannot_be(given, message):
    with pytest.raises(ConfigError, match=message):
        asked(given)


def test_sides_of_files(tmp_path):
    path = tmp_path / "a.jsonl"
    chat = [{"role": "assistant", "content": "~~~\nx = 1\n~~~"}]
    rows = [
        {"prompt": "a", "out": {"good": chat, "bad": [" ", "y = 2"]}},
        {"prompt": "b", "out": {"good": None, "bad": []}},
    ]
    path.write_text("\n".join(map(json.dumps, rows)))
    given = {"name": "own", "path": str(path)}
    assert list(asked(given | {"side_columns": ["out.good", "out.bad"]}).sides()) == [
        ("own/0", "x = 1\n"),
        ("own/0", "y = 2"),
    ]
    assert list(asked(given).sides()) == []
    with pytest.raises(ConfigError, match=r"a\.jsonl: no column 'out\.worse'; there are good, bad"):
        list(asked(given | {"side_columns": ["out.worse"]}).sides())


def test_tables_in_a_cache_follow_their_prompts(tmp_path):
    path, cache = tmp_path / "a.txt", tmp_path / "cache"
    path.write_text(SENTENCE)
    options = asked({"name": "own", "path": str(path)})
    table = options.table(cache)
    assert table.folder == str(cache / options.key())
    assert pickle.loads(pickle.dumps(table)).hit(SENTENCE) == options.table(cache).hit(SENTENCE) == "own/0"
    assert len(list(cache.iterdir())) == 1
    keys = {options.key(), asked({"name": "own", "path": str(path)}, n=12).key()}
    keys |= {asked({"name": "other", "path": str(path)}).key()}
    path.write_text(LONG)
    keys |= {options.key()}
    assert len(keys) == 4
    assert options.table(cache).hit(SENTENCE) is None
    assert Decontamination().table(cache).folder is None
    with pytest.raises(ConfigError, match="no such file"):
        asked({"name": "own", "path": str(tmp_path / "gone.txt")}).table(cache)
