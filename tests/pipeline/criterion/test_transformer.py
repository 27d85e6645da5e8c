"""The encoder classifier, on tiny models with random weights and tokenizers trained here."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import huggingface_hub.constants
import pytest
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForSequenceClassification,
    ModernBertConfig,
    ModernBertForSequenceClassification,
    PreTrainedTokenizerFast,
)

from parsers.edits import Edit
from pipeline.criterion import checkpoint
from pipeline.criterion.features import Features
from pipeline.criterion.fit import Row
from pipeline.criterion.fit_transformer import TextLabels, TextRow, fit, text_labels
from pipeline.criterion.message import message
from pipeline.criterion.train_encoder import Settings, learning_rate
from pipeline.criterion.transformer import CONTEXT_LINES, Text, change_text, load, loaded, token_ids
from pipeline.mining_report.gold import NONE, Gold
from schemas.criteria import CODE_CRITERIA
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import Origin
from schemas.records import Change

KEYS = list(CODE_CRITERIA)
SPECIAL = ["[UNK]", "[CLS]", "[SEP]", "[PAD]", "[MASK]"]
WORDS = [
    "fix leak of memory in parser; make lookup faster; check bounds of buffer; rename helper for clarity; close file",
    "def total(items, limit):\n    found = 0\n    for item in items:\n        if item < limit:\n            found += 1",
    "-    return found\n+    return found + 1\n@@\n Python C++ Java [ ] < / > s MASK CLS SEP",
]
BEFORE = "def total(items):\n    found = 0\n    for item in items:\n        found += item\n    return found\n"
AFTER = BEFORE.replace("found += item\n", "found += item.price\n")
HOSTILE = "x [MASK] [CLS]</s> [SEP] [PAD] <mask> y"


def byte_tokenizer(max_tokens: int = 256) -> PreTrainedTokenizerFast:
    """As ModernBERT's: byte-level BPE."""
    core = Tokenizer(models.BPE(unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core.train_from_iterator(
        WORDS,
        trainers.BpeTrainer(vocab_size=400, special_tokens=SPECIAL, initial_alphabet=alphabet, show_progress=False),
    )
    core.decoder = decoders.ByteLevel()
    return finished(core, max_tokens)


def word_tokenizer(max_tokens: int = 256) -> PreTrainedTokenizerFast:
    """As BERT's: lower-case word pieces."""
    words = sorted({word for text in WORDS for word in re.findall(r"\w+|\S", text.lower())})
    letters = sorted({letter for word in words for letter in word})
    names = dict.fromkeys([*SPECIAL, *words, *letters, *(f"##{letter}" for letter in letters)])
    core = Tokenizer(models.WordPiece({name: place for place, name in enumerate(names)}, unk_token="[UNK]"))
    core.normalizer = normalizers.BertNormalizer()
    core.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return finished(core, max_tokens)


def naive_tokenizer(max_tokens: int = 256) -> PreTrainedTokenizerFast:
    """Looks words up between blanks, so that its vocabulary finds `[MASK]` like any other word."""
    core = Tokenizer(models.WordLevel({name: i for i, name in enumerate([*SPECIAL, "x", "y"])}, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return finished(core, max_tokens)


def finished(core: Tokenizer, max_tokens: int) -> PreTrainedTokenizerFast:
    ids = [(name, core.token_to_id(name)) for name in ("[CLS]", "[SEP]")]
    core.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=ids
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=core, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]",
        mask_token="[MASK]", model_max_length=max_tokens,
    )  # fmt: skip


def save(folder: Path, kind: str = "modernbert", labels: list[str] | None = None, max_tokens: int = 256) -> Path:
    """A folder with a tiny model with random weights, its tokenizer, and a calibration that changes nothing."""
    tokenizer = byte_tokenizer(max_tokens) if kind == "modernbert" else word_tokenizer(max_tokens)
    names = KEYS if labels is None else labels
    shape = {
        "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 2, "max_position_embeddings": max_tokens, "pad_token_id": tokenizer.pad_token_id,
        "num_labels": len(names), "id2label": dict(enumerate(names)),
        "label2id": {name: i for i, name in enumerate(names)}, "problem_type": "multi_label_classification",
    }  # fmt: skip
    with torch.random.fork_rng():
        torch.manual_seed(7)
        if kind == "modernbert":
            ends = {"bos_token_id": 1, "eos_token_id": 2, "cls_token_id": 1, "sep_token_id": 2}
            model = ModernBertForSequenceClassification(ModernBertConfig(**shape, **ends, local_attention=32))
        else:
            model = BertForSequenceClassification(BertConfig(**shape))
        torch.nn.init.normal_(model.classifier.weight, std=1.0)
    with checkpoint.quiet():
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    write_calibration(folder, max_tokens=max_tokens // 2)
    return folder


def write_calibration(folder: Path, **other: object) -> None:
    table = {
        "max_tokens": 128,
        "calibration": {key: [1.0, 0.0] for key in KEYS},
        "thresholds": {"default": 0.5, "strict": 0.8},
        "trained": {"by": "a test"},
    }
    (folder / "calibration.json").write_text(json.dumps(table | other), encoding="utf-8")


@pytest.fixture(scope="module")
def modernbert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "modernbert")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("models") / "bert", "bert")


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """So small a model is slower with more."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def change(text: str = "Fix total of items", before: str = BEFORE, after: str = AFTER) -> tuple[Change, Edit]:
    origin = Origin("git", "github.com/a/b", "0" * 40, "a.py", "0" * 64)
    return Change(origin, "Python", text, before, after), Edit("Python", before, after)


# the text of a change


def test_text_of_a_change() -> None:
    body = "Fix total of items\n\nIt forgot the price, see https://example.org/1 for more.\n\nSigned-off-by: A <a@b.c>"
    text = change_text(body, Edit("Python", BEFORE, AFTER))
    assert text.message == "Fix total of items. It forgot the price, see for more."
    assert text.diff == (
        "Python\n@@\n     found = 0\n     for item in items:\n-        found += item\n+        found += item.price\n"
        "     return found\n "
    )


def test_hunks_that_are_near_share_their_context() -> None:
    old = [f"line {i}" for i in range(30)]
    new = [*old[:5], "five", *old[6:9], "nine", *old[10:25], *old[26:]]
    lines = change_text("-", Edit("C", "\n".join(old), "\n".join(new))).diff.split("\n")
    assert lines == [
        "C", "@@", " line 3", " line 4", "-line 5", "+five", " line 6", " line 7", " line 8", "-line 9", "+nine",
        " line 10", " line 11", "@@", " line 23", " line 24", "-line 25", " line 26", " line 27",
    ]  # fmt: skip
    assert CONTEXT_LINES == 2


def test_first_and_last_line_have_no_context_beyond_the_file() -> None:
    assert change_text("-", Edit("C", "a\nb", "x\nb")).diff == "C\n@@\n-a\n+x\n b"
    assert change_text("-", Edit("C", "a\nb", "a\nx")).diff == "C\n@@\n a\n-b\n+x"
    assert change_text("-", Edit("C", "a", "a")).diff == "C\n"


# tokens


def decoded(tokenizer: PreTrainedTokenizerFast, ids: list[int]) -> str:
    return tokenizer.decode(ids, clean_up_tokenization_spaces=False)


@pytest.mark.parametrize("make", [byte_tokenizer, word_tokenizer])
def test_long_diff_is_cut_in_its_middle(make: Callable[[], PreTrainedTokenizerFast]) -> None:
    tokenizer = make()
    diff = "Python\n@@\n" + "\n".join(f"+found {i % 7} limit" for i in range(5000)) + "\n-return found"
    ids = token_ids(tokenizer, Text("fix leak of memory", diff), 96)
    assert len(ids) == 96
    assert ids == token_ids(make(), Text("fix leak of memory", diff), 96)
    assert [ids[0], ids[-1]] == [tokenizer.cls_token_id, tokenizer.sep_token_id]
    said, shown = decoded(tokenizer, ids[1:-1]).split("[SEP]")
    assert said.strip() == "fix leak of memory"
    squeezed = shown.lower().replace(" ", "").replace("\n", "")
    assert squeezed.startswith("python@@+found0limit") and squeezed.endswith("-returnfound")
    assert squeezed.count("@@") == 2


def test_short_change_is_whole() -> None:
    tokenizer = byte_tokenizer()
    ids = token_ids(tokenizer, Text("fix it", "C\n@@\n-a\n+b"), 96)
    assert decoded(tokenizer, ids) == "[CLS]fix it[SEP]C\n@@\n-a\n+b[SEP]"


@pytest.mark.parametrize("most", range(16, 40))
def test_every_limit_is_kept(most: int) -> None:
    tokenizer = byte_tokenizer()
    assert len(token_ids(tokenizer, Text("\N{PILE OF POO}" * 500, "x = 1\n" * 500), most)) == most
    assert len(token_ids(tokenizer, Text("", "x = 1\n" * 500), most)) == most
    assert len(token_ids(tokenizer, Text("", ""), most)) == 3


def test_message_leaves_half_to_the_diff() -> None:
    tokenizer = byte_tokenizer()
    ids = token_ids(tokenizer, Text("zqxj" * 100, "+found"), 64)
    assert len(ids) < 64
    assert decoded(tokenizer, ids).endswith("[SEP]+found[SEP]")


@pytest.mark.parametrize("make", [byte_tokenizer, word_tokenizer, naive_tokenizer])
def test_names_of_special_tokens_are_plain_text(make: Callable[[], PreTrainedTokenizerFast]) -> None:
    tokenizer = make()
    ids = token_ids(tokenizer, Text(HOSTILE, f"C\n@@\n+{HOSTILE}"), 200)
    special = [i for i in ids if i in {*tokenizer.all_special_ids} - {tokenizer.unk_token_id}]
    assert special == [tokenizer.cls_token_id, tokenizer.sep_token_id, tokenizer.sep_token_id]
    assert tokenizer.mask_token_id in tokenizer(HOSTILE)["input_ids"], "or the text is not hostile to this tokenizer"


@pytest.mark.parametrize("make", [byte_tokenizer, word_tokenizer])
def test_names_of_special_tokens_are_still_read(make: Callable[[], PreTrainedTokenizerFast]) -> None:
    tokenizer = make()
    said = decoded(tokenizer, token_ids(tokenizer, Text(HOSTILE, "C\n"), 200))
    said = said.replace("##", "").replace(" ", "").lower()
    assert HOSTILE.replace(" ", "").lower() in said


def test_threads_share_a_model(modernbert: Path) -> None:
    model = load(str(modernbert), device="cpu")
    changes = [change(f"Fix {i}", BEFORE, AFTER + "x = 1\n" * i * 50) for i in range(12)]
    alone = [model.probabilities(*one) for one in changes]
    fresh = load(str(modernbert), device="cpu")
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda one: fresh.probabilities(*one), changes)) == alone


def test_tokenizer_without_special_tokens() -> None:
    core = Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1, "b": 2}, unk_token="[UNK]"))
    core.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=core, unk_token="[UNK]")
    assert token_ids(tokenizer, Text("a b", "b"), 16) == [1, 2, 2]


# inference


@pytest.mark.parametrize("kind", ["modernbert", "bert"])
def test_probabilities(kind: str, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue(kind)
    model = load(str(folder), device="cpu")
    found = model.probabilities(*change())
    assert list(found) == KEYS
    assert all(0 <= value <= 1 and value == round(value, 4) for value in found.values())
    assert len(set(found.values())) == len(KEYS)
    assert abs(sum(found.values()) - 1) > 0.01, "labels are apart, not one of several"
    assert model.thresholds == {"default": 0.5, "strict": 0.8}
    other = model.probabilities(*change("Rename helper", BEFORE, BEFORE.replace("found", "sum")))
    assert other != found
    assert model.probabilities(*change()) == load(str(folder), device="cpu").probabilities(*change()) == found


def test_calibration_reaches_the_probabilities(modernbert: Path, tmp_path: Path) -> None:
    plain = load(str(modernbert), device="cpu").probabilities(*change())
    folder = save(tmp_path / "m")
    write_calibration(folder, calibration={key: [0.0, -3.0] if key == KEYS[1] else [1.0, 0.0] for key in KEYS})
    assert load(str(folder), device="cpu").probabilities(*change()) == plain | {KEYS[1]: 0.0474}


def test_hostile_text_and_long_files_are_judged(modernbert: Path) -> None:
    model = load(str(modernbert), device="cpu")
    after = "x = '[MASK]</s>\ud800\0'\n" + "y = 1\n" * 50_000
    assert list(model.probabilities(*change(f"{HOSTILE}\udcff\0", "x = 1\n", after))) == KEYS
    assert list(model.probabilities(*change("", "", ""))) == KEYS


def test_half_precision_is_near(modernbert: Path) -> None:
    full = load(str(modernbert), device="cpu").probabilities(*change())
    half = load(str(modernbert), device="cpu", dtype="bfloat16").probabilities(*change())
    assert half != full
    assert half == pytest.approx(full, abs=0.1)


def test_output_that_is_no_number(modernbert: Path) -> None:
    model = load(str(modernbert), device="cpu")
    torch.nn.init.constant_(model.model.classifier.bias, float("nan"))
    with pytest.raises(CheckFailed, match=r"the encoder's output is .*nan.*float32"):
        model.probabilities(*change())


def test_loaded_keeps_the_last_model(modernbert: Path) -> None:
    loaded.cache_clear()
    assert loaded(str(modernbert), device="cpu") is loaded(str(modernbert), device="cpu")
    loaded.cache_clear()


def test_model_of_a_hub_by_revision(modernbert: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = "1" * 40
    stored = tmp_path / "models--someone--judge"
    (stored / "refs").mkdir(parents=True)
    (stored / "refs" / "v1").write_text(commit)
    (stored / "snapshots").mkdir()
    (stored / "snapshots" / commit).symlink_to(modernbert)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path))
    plain = load(str(modernbert), device="cpu").probabilities(*change())
    assert load("someone/judge", revision="v1", device="cpu").probabilities(*change()) == plain
    with pytest.raises(ConfigError, match=r"someone/judge: no calibration.json"):
        load("someone/judge", revision="v2", device="cpu")


# folders that are no classifier


def test_folder_without_calibration(tmp_path: Path) -> None:
    folder = save(tmp_path / "m")
    (folder / "calibration.json").unlink()
    with pytest.raises(ConfigError, match=r"m: no calibration.json .*Give what `fit_transformer` wrote"):
        load(str(folder))


@pytest.mark.parametrize("name", ["nowhere", "../nowhere", "someone/unknown", "", "a b/c\nd", "--upload-pack=x"])
def test_no_such_model(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="calibration"):
        load(name)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"calibration": {"security": [1, 0]}}, "criteria security; must be readability"),
        ({"calibration": {}}, "criteria ; must be"),
        ({"calibration": {key: [1.0] for key in KEYS}}, "IndexError"),
        ({"calibration": {key: ["1", 0] for key in KEYS}}, "'1' is no number"),
        ({"calibration": [1]}, "AttributeError"),
        ({"thresholds": {"default": 0.5}}, "KeyError: 'strict'"),
        ({"thresholds": {"default": True, "strict": 1}}, "True is no number"),
        ({"thresholds": {"default": float("nan"), "strict": 1}}, "nan is no number"),
        ({"max_tokens": "many"}, "ValueError"),
        ({"max_tokens": 3}, "max_tokens is 3, must be at least 16"),
        ({"max_tokens": 257}, "max_tokens is 257, but the model reads 256"),
        ({"trained": 3}, "TypeError"),
    ],
)
def test_wrong_calibration(other: dict[str, object], said: str, tmp_path: Path, modernbert: Path) -> None:
    folder = tmp_path / "m"
    folder.mkdir()
    for path in modernbert.iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "calibration.json").unlink()
    write_calibration(folder, **other)
    with pytest.raises(ConfigError, match=f"m: calibration.json: .*{said}"):
        load(str(folder), device="cpu")


@pytest.mark.parametrize("text", ["", "[1]", "{", "null", "[" * 100_000])
def test_calibration_that_is_no_table(text: str) -> None:
    with pytest.raises(ConfigError, match=r"somewhere: calibration\.json"):
        checkpoint.from_json("somewhere", text)


def test_calibration_survives_its_file() -> None:
    made = checkpoint.Judgement(64, dict.fromkeys(KEYS, (1.25, -0.5)), {"default": 0.5, "strict": 0.75}, {"n": 3})
    assert checkpoint.from_json("m", checkpoint.to_json(made)) == made


@pytest.mark.parametrize("labels", [["NEGATIVE", "POSITIVE"], KEYS[::-1]])
def test_other_labels(labels: list[str], tmp_path: Path) -> None:
    folder = save(tmp_path / "m", labels=labels)
    with pytest.raises(ConfigError, match=f"m: its labels are {labels[0]}, .*must be {KEYS[0]}"):
        load(str(folder))


def test_model_with_one_label_for_all(tmp_path: Path) -> None:
    folder = save(tmp_path / "m")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"problem_type": "single_label_classification"}))
    with pytest.raises(ConfigError, match="single_label_classification"):
        load(str(folder))


def test_pickled_weights_are_not_read(tmp_path: Path) -> None:
    folder = save(tmp_path / "m")
    torch.save({}, folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    with pytest.raises(ConfigError, match=r"m: can't be loaded .*safetensors"):
        load(str(folder))


def test_weights_without_a_head(tmp_path: Path) -> None:
    folder = save(tmp_path / "m")
    weights = load_file(folder / "model.safetensors")
    del weights["classifier.weight"]
    save_file(weights, folder / "model.safetensors", {"format": "pt"})
    with pytest.raises(ConfigError, match=r"m: has no weights for classifier\.weight"):
        load(str(folder))


def test_tokenizer_of_another_model(tmp_path: Path) -> None:
    folder = save(tmp_path / "m", "bert")
    byte_tokenizer().save_pretrained(folder)
    with pytest.raises(ConfigError, match=r"m: its tokenizer has \d+ tokens, but the model knows \d+"):
        load(str(folder))


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("keep", [0, 60])
def test_file_that_is_cut_short(name: str, keep: int, tmp_path: Path) -> None:
    folder = save(tmp_path / "m")
    (folder / name).write_bytes((folder / name).read_bytes()[:keep])
    with pytest.raises(ConfigError, match=r"m: can't be loaded"):
        load(str(folder))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("tokenizer.json", "{}"),
        ("tokenizer.json", "[]"),
        ("tokenizer_config.json", '{"tokenizer_class": 3}'),
        ("config.json", "[]"),
        ("config.json", '{"model_type": "modernbert", "num_hidden_layers": "x"}'),
    ],
)
def test_file_that_says_something_else(name: str, text: str, tmp_path: Path) -> None:
    folder = save(tmp_path / "m")
    if name == "config.json" and "model_type" in text:
        text = json.dumps(json.loads((folder / name).read_text()) | json.loads(text))
    (folder / name).write_text(text)
    with pytest.raises(ConfigError, match=r"m: can't be loaded"):
        load(str(folder))


def test_code_of_a_model_is_not_run(tmp_path: Path) -> None:
    folder = save(tmp_path / "m")
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\nclass Own: pass\n")
    config = json.loads((folder / "config.json").read_text())
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(ConfigError, match="m: can't be loaded"):
        load(str(folder))
    assert not (tmp_path / "ran").exists()


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_no_gpu(modernbert: Path) -> None:
    with pytest.raises(ConfigError, match="device: cuda, but no GPU"):
        load(str(modernbert), device="cuda")
    assert checkpoint.placed("auto") == "cpu"


# training


def gold(number: int, criterion: str, usable: bool) -> Gold:
    return Gold(number, f"owner/repo-{number % 4}", f"{number:040x}", "a.py", criterion, usable)


def made_up(count: int = 40) -> tuple[TextRow, ...]:
    """Rows in which `leak` says memory, `faster` says runtime, and other words say nothing."""
    said = [("fix leak", "memory_efficiency"), ("make faster", "runtime_efficiency"), ("close file", NONE)]
    rows = []
    for number in range(count):
        text, criterion = said[number * 7 % 3]
        edit = Edit("Python", f"item = {number}\n", f"item = {number + 1}\n")
        found = Features({}, (), message(text))
        rows.append(TextRow(Row(gold(number, criterion, criterion != NONE), found), change_text(text, edit)))
    return tuple(rows)


def whole(rows: tuple[TextRow, ...], lost: int = 0) -> list[TextLabels]:
    return [TextLabels(rows, {}, lost)]


QUICK = Settings(folds=2, epochs=8, batch_rows=4, learning_rate=5e-3, max_tokens=64, device="cpu")


def bytes_of(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize("kind", ["modernbert", "bert"])
def test_fit_learns_an_obvious_word(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    base, out, lines = request.getfixturevalue(kind), tmp_path / "out", []
    rest = made_up(48)[40:]
    given = [*whole(made_up(), 1), *whole(rest, 2)]
    report, other = fit(given, {"labels": "made up"}, out, str(base), settings=QUICK, progress=lines.append)
    assert other["default"]["threshold"] == report["default"]["threshold"]
    assert 0 < other["default"]["recall"] <= round(6 / 8, 4)
    assert report["default"]["precision"] >= 0.75 and report["strict"]["precision"] >= 0.85
    assert 0.5 < report["default"]["recall"] < 1, "what the filters took counts as not found"
    assert len(lines) == 3 * QUICK.epochs and lines[0].startswith("fold 1 of 2: epoch 1 of 8, loss ")
    model = load(str(out), device="cpu")
    assert model.thresholds == {name: report[name]["threshold"] for name in ("default", "strict")}
    leak = model.probabilities(*change("fix leak", "item = 50\n", "item = 51\n"))
    quick = model.probabilities(*change("make faster", "item = 50\n", "item = 51\n"))
    neither = model.probabilities(*change("close file", "item = 50\n", "item = 51\n"))
    assert max(leak, key=leak.get) == "memory_efficiency" and max(quick, key=quick.get) == "runtime_efficiency"
    assert leak["memory_efficiency"] > neither["memory_efficiency"] + 0.2
    trained = model.judgement.trained
    assert (trained["labels"], trained["base"], trained["settings"]["epochs"]) == ("made up", kind, 8)
    assert model.judgement.max_tokens == 64
    assert str(tmp_path) not in (out / "calibration.json").read_text() + (out / "config.json").read_text()


def test_fit_gives_the_same_bytes(bert: Path, tmp_path: Path) -> None:
    short = replace(QUICK, epochs=3)
    rows = made_up(24)
    state = torch.random.get_rng_state()
    fit(whole(rows), {}, tmp_path / "a", str(bert), settings=short)
    torch.rand(7)
    fit(whole(rows), {}, tmp_path / "b", str(bert), settings=short)
    assert bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")
    assert {"calibration.json", "config.json", "model.safetensors", "tokenizer.json"} <= bytes_of(tmp_path / "a").keys()
    torch.random.set_rng_state(state)
    assert not torch.are_deterministic_algorithms_enabled()


def test_fit_leaves_nothing_where_it_fails(modernbert: Path, tmp_path: Path) -> None:
    rows = tuple(replace(one, text=Text("close file", "C\n")) for one in made_up(12))
    with pytest.raises(CheckFailed, match="no threshold reaches a precision of"):
        fit(whole(rows), {}, tmp_path / "out", str(modernbert), settings=replace(QUICK, epochs=1))
    with pytest.raises(CheckFailed, match="the loss is nan"):
        wild = replace(QUICK, learning_rate=1e30, clip=1e30)
        fit(whole(made_up(12)), {}, tmp_path / "out", str(modernbert), settings=wild)
    assert list(tmp_path.iterdir()) == []
    assert not torch.are_deterministic_algorithms_enabled()


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("folds", 1, "at least 2"), ("epochs", 0, "at least 1"), ("batch_rows", 0, "at least 1"), ("max_tokens", 3, "16")],
)
def test_settings_that_will_not_do(field: str, value: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"{field}: {value}, must be .*{said}"):
        fit(whole(made_up(4)), {}, tmp_path / "out", "nowhere", settings=replace(QUICK, **{field: value}))


def test_rows_that_will_not_do(tmp_path: Path) -> None:
    one = tuple(row for row in made_up() if row.row.gold.repo == "owner/repo-0")
    useless = tuple(row for row in made_up() if not row.row.gold.usable)
    with pytest.raises(ConfigError, match="rows: 1 repositories, must be at least 2"):
        fit(whole(one), {}, tmp_path / "out", "nowhere", settings=QUICK)
    with pytest.raises(ConfigError, match="rows: none of 13 is usable"):
        fit(whole(useless), {}, tmp_path / "out", "nowhere", settings=QUICK)


def test_base_that_will_not_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="someone/unknown: can't be loaded"):
        fit(whole(made_up()), {}, tmp_path / "out", "someone/unknown", "v1", settings=QUICK)
    short = save(tmp_path / "short", max_tokens=12)
    with pytest.raises(ConfigError, match="short: reads 12 tokens, must be at least 16"):
        fit(whole(made_up()), {}, tmp_path / "out", str(short), settings=QUICK)


def test_learning_rate() -> None:
    settings = Settings(learning_rate=1.0, warmup_share=0.2)
    assert [learning_rate(step, 10, settings) for step in (0, 1, 2, 6, 9)] == [0.5, 1.0, 1.0, 0.5, 0.125]
    assert learning_rate(0, 1, replace(settings, warmup_share=0.0)) == 1.0


def test_rows_from_commits() -> None:
    good, _ = change("Fix the total of items that have a price")
    same = replace(good, after=BEFORE)
    read = [
        (gold(3, "functional_correctness", True), good),
        (gold(2, "functional_correctness", True), same),
        (gold(1, NONE, False), "missing_blob: 1234"),
        (gold(0, "functional_correctness", True), good),
    ]
    found = text_labels(read)
    assert [one.row.gold.line for one in found.rows] == [0, 3]
    assert found.rows[0].text == change_text(good.message, Edit("Python", BEFORE, AFTER))
    assert sum(found.refused.values()) == 2 and found.refused["missing_blob"] == 1
    assert found.lost == 1
