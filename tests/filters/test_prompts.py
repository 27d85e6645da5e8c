"""Texts of a benchmark's rows: every kind of file, columns within columns, data sets, and what cannot be read."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from filters.decontaminate import Against, Decontamination
from filters.prompts import Files, HubDataset, fenced_code, read, read_prompts
from schemas.config import validate
from schemas.errors import ConfigError

SENTENCE = "Write a function that takes two sorted lists and merges them into one sorted list without extra memory."
ROWS = [{"id": "x1", "prompt": SENTENCE}, {"id": "x2", "prompt": "Zähle die Wörter"}]


def write(folder, name, rows=ROWS):
    path = folder / name
    if name.endswith("jsonl"):
        path.write_text("\n".join(json.dumps(r) for r in rows) + "\n\n")
    elif name.endswith("json"):
        path.write_text("\ufeff" + json.dumps(rows))
    elif name.endswith("parquet"):
        pq.write_table(pa.Table.from_pylist([r | {"other": 1} for r in rows]), path)
    elif name.endswith("csv"):
        path.write_text("id,prompt\n" + "".join(f'{r["id"]},"{r["prompt"]}"\n' for r in rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.parquet", "a.csv"])
def test_reading_and_looking_up(tmp_path, name):
    path = write(tmp_path, name)
    assert list(read_prompts(path)) == [(r["id"], r["prompt"]) for r in ROWS]
    options = validate(Decontamination, {"against": [{"path": str(path), "name": "bench"}]}, "curate")
    assert options.table().hit(SENTENCE) == "bench/x1"
    with pytest.raises(ConfigError, match=r"no column 'question'; there are id, prompt"):
        list(read_prompts(path, "question"))


def test_a_folder_is_read_in_the_order_of_names(tmp_path):
    (tmp_path / "b").mkdir()
    write(tmp_path / "b", "1.parquet", ROWS[:1])
    write(tmp_path, "a.jsonl", ROWS[1:])
    write(tmp_path, "info.json", [{"no": "prompt"}])
    assert [row for row, _ in read_prompts(tmp_path)] == ["x2", "x1"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"the folder holds no \.jsonl or \.parquet file"):
        list(read_prompts(tmp_path / "empty"))


def test_reading_text_and_numbers_and_messages(tmp_path):
    (tmp_path / "a.txt").write_text("\ufeffone\n\n two \n")
    assert list(read_prompts(tmp_path / "a.txt", "ignored")) == [("0", "one"), ("1", "two")]
    chat = [{"role": "user", "content": "hello"}, {"role": "assistant", "content": "yes"}]
    (tmp_path / "a.jsonl").write_text(json.dumps({"prompt": chat}) + "\n" + json.dumps({"id": 7, "prompt": "x"}))
    assert list(read_prompts(tmp_path / "a.jsonl")) == [("0", "hello\nyes"), ("7", "x")]


NESTED = {
    "a": {"b": [{"c": "one"}, {"c": "two"}], "d": "three"},
    "chat": [[{"role": "user", "content": "hi"}, {"role": "user", "content": "you"}]],
    "dot.ted": "four",
    "many": ["five", "six"],
}


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
@pytest.mark.parametrize(
    ("column", "texts"),
    [
        ("a.b.c", ("one", "two")),
        ("a.b.1.c", ("two",)),
        ("a.d", ("three",)),
        ("chat.0", ("hi\nyou",)),
        ("chat.0.1.content", ("you",)),
        ("dot.ted", ("four",)),
        ("many", ("five", "six")),
        ("many.0", ("five",)),
    ],
)
def test_columns_within_columns(tmp_path, name, column, texts):
    path = write(tmp_path, name, [NESTED])
    assert list(read(Files(path), "id", (column, column))) == [("0", [texts, texts])]


@pytest.mark.parametrize("column", ["a.x", "a.b.7.c", "a.d.e", "b.c", "many.x", "a.b.x"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_columns_that_are_not_within(tmp_path, name, column):
    with pytest.raises(ConfigError, match=rf"{name}: no column '{column}'; there are"):
        list(read(Files(write(tmp_path, name, [NESTED])), "id", (column,)))


def test_null_is_no_prompt_but_may_be_no_side(tmp_path):
    path = write(tmp_path, "a.jsonl", [{"a": None}, {"a": {"b": None}}, {"a": {"b": "x"}}])
    assert [texts for _, texts in read(Files(path), "id", ("a.b",), may_lack=True)] == [[()], [()], [("x",)]]
    with pytest.raises(ConfigError, match=r"row 0: column 'a\.b' holds NoneType, must be text"):
        list(read(Files(path), "id", ("a.b",)))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.xlsx", "", r"ends in '\.xlsx'; .*\.parquet"),
        ("a", "", "ends in 'nothing'"),
        ("gone.jsonl", None, "no such file"),
        ("a.jsonl", '{"prompt": "x"}\n{', "line 2 is not JSON"),
        ("a.jsonl", "[" * 100_000, "line 1 is not JSON"),
        ("a.jsonl", '{"prompt": ' + "9" * 5000 + "}", "line 1 is not JSON"),
        ("a.jsonl", "[1]", "row 0 is list"),
        ("a.jsonl", '{"prompt": 3}', "column 'prompt' holds int"),
        ("a.jsonl", '{"prompt": ["x", 3]}', "column 'prompt' holds int"),
        ("a.jsonl", '{"prompt": {"x": 3}}', "column 'prompt' holds dict"),
        ("a.json", '{"prompt": "x"}', "holds dict, must be a list"),
        ("a.parquet", "no parquet", r"can't be read as \.parquet"),
        ("a.csv", "", "no column 'prompt'; there are none"),
        ("a.csv", 'prompt\n"' + "x" * 10_000_001, r"can't be read as \.csv: field larger than"),
        ("a.jsonl", b"\xff\xfe", r"can't be read as \.jsonl: .*Save it as UTF-8"),
        ("a.txt", "naïve café".encode("latin-1"), r"can't be read as \.txt: .*position 2.*Save it as UTF-8"),
        ("a.txt", "", "holds no rows, so it guards nothing"),
        ("a.jsonl", "\n\n", "holds no rows"),
        ("a.json", "[]", "holds no rows"),
        ("a.csv", "prompt\n", "holds no rows"),
    ],
)
def test_files_that_cannot_be_read(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError, match=message):
        Decontamination(against=(Against(path=str(tmp_path / name), name="b"),)).table()


def test_a_parquet_file_whose_text_is_no_utf8(tmp_path):
    latin = pa.array(["naïve".encode("latin-1")], pa.binary())
    pq.write_table(pa.table({"prompt": pa.Array.from_buffers(pa.string(), 1, latin.buffers())}), tmp_path / "a.parquet")
    with pytest.raises(ConfigError, match=r"a\.parquet: can't be read as \.parquet"):
        list(read_prompts(tmp_path / "a.parquet"))
    pq.write_table(pa.table({"prompt": latin}), tmp_path / "b.parquet")
    with pytest.raises(ConfigError, match="column 'prompt' holds bytes"):
        list(read_prompts(tmp_path / "b.parquet"))


def test_huge_and_odd_prompts_are_read(tmp_path):
    prompts = ["x " * 2_000_000, "", "\ud800 lone", SENTENCE]
    path = write(tmp_path, "a.jsonl", [{"prompt": prompt} for prompt in prompts])
    table = Decontamination(against=(Against(path=str(path), name="b"),)).table(tmp_path / "cache")
    assert table.hit("X, " * 13) == "b/0"
    assert table.hit("lone") == "b/2"
    assert table.hit(SENTENCE) == "b/3"


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A local copy of a data set with two splits, as `datasets` reads it."""
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "copy"
    folder.mkdir()
    write(folder, "train.jsonl", [{"id": "a", "q": {"text": SENTENCE}}, {"id": "b", "q": {"text": "two"}}])
    write(folder, "test.jsonl", [{"id": "c", "q": {"text": "three"}}])
    return str(folder)


def test_data_sets_by_split(copy):
    def ids(split):
        return [row for row, _ in read(HubDataset(copy, None, split, None), "id", ("q.text",))]

    assert ids("train") == ["a", "b"]
    assert ids("test+train") == ["c", "a", "b"]
    assert sorted(ids(None)) == ["a", "b", "c"]
    options = Decontamination(against=(Against(dataset=copy, split="train", column="q.text", name="d"),))
    assert options.table().hit(SENTENCE) == "d/a"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"split": "dev"}, "split 'dev': can't be had: .*dev.* give them with `path`"),
        ({"config": "other"}, "config 'other'.* can't be had"),
        ({"column": "prompt"}, "no column 'prompt'; there are id, q"),
        ({"column": "q.prompt"}, r"no column 'q\.prompt'; there are text"),
    ],
)
def test_data_sets_that_are_not_as_said(copy, changes, message):
    one = Against(**{"dataset": copy, "split": "train", "column": "q.text", "name": "d"} | changes)
    with pytest.raises(ConfigError, match=message):
        list(one.prompts())


def test_a_data_set_that_is_out_of_reach_says_the_way_out(tmp_path, monkeypatch):
    datasets = pytest.importorskip("datasets")
    import huggingface_hub

    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(ConfigError, match=r"data set 'allenai/reward-bench-2', split 'test'.*can't be had: .*`path`"):
        list(Against(preset="reward_bench_2").prompts())
    (tmp_path / "a.txt").write_text("no data set")
    with pytest.raises(ConfigError, match="can't be had"):
        list(Against(dataset=str(tmp_path / "nothing"), name="x").prompts())


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no fence", "no fence"),
        ("a\n```python\nx = 1\n\ny\n```\nb", "x = 1\n\ny\n"),
        ("```\nx\n```\nand\n~~~c\ny\n~~~", "x\ny\n"),
        ("````md\n```\nx\n```\n````", "```\nx\n```\n"),
        ("  ```\n  x\n  ```  \n", "  x\n"),
        ("```\nx", "x"),
        ("```x``` y", "```x``` y"),
        ("```\n``` no end\nx\n```\nout", "``` no end\nx\n"),
        ("```\n```", "```\n```"),
        ("```\r\nx\r\n```\r\n", "x\r\n"),
        ("", ""),
    ],
)
def test_fenced_code(text, code):
    assert fenced_code(text) == code


def test_fenced_code_takes_time_as_the_text_is_long():
    assert fenced_code("`" * 10_000_000) == "`" * 10_000_000
    assert fenced_code(" " * 10_000_000) == " " * 10_000_000
    assert fenced_code("```\n" * 1_000_001).count("\n") == 1_000_001
