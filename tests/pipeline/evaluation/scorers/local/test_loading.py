import json
import socket
import sys
from importlib.util import find_spec

import pytest
import torch
from safetensors.torch import load_file

from pipeline.evaluation.scorers.last_token import LastTokenOptions
from pipeline.evaluation.scorers.loading import located
from pipeline.evaluation.scorers.value_head import ValueHeadOptions
from schemas.errors import ConfigError

ASKED = (["Add them."], ["a + b"], ["memory_efficiency"])
PLAIN = ValueHeadOptions(system="none")


@pytest.fixture
def made(tiny):
    found = tiny("llama")
    found.linear("v_head.summary", 32, 1)
    found.save()
    return found


def refused(made, message, **settings):
    with pytest.raises(ConfigError, match=message):
        PLAIN.model_copy(update=settings).load(str(made.folder))


def test_the_extra_is_needed(made, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    refused(made, "pip install")


def test_a_folder_without_a_checkpoint(made, tmp_path):
    with pytest.raises(ConfigError, match=r"holds no config\.json\. Give the folder"):
        PLAIN.load(str(tmp_path))
    with pytest.raises(ConfigError, match=r"holds no config\.json"):
        PLAIN.load("./nowhere")
    (made.folder / "config.json").write_text("{")
    refused(made, r"config\.json: is not JSON")
    (made.folder / "config.json").write_text("[]")
    refused(made, r"config\.json: is no JSON object")


def test_an_unknown_architecture(made):
    (made.folder / "config.json").write_text(json.dumps({"model_type": "unheard_of"}))
    refused(made, "can't be loaded: .*unheard_of")
    with pytest.raises(ConfigError, match=r"config\.json can't be used: .*unheard_of"):
        LastTokenOptions(layout="prefixed").load(str(made.folder))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"device": "cuda:0"}, "there is no such GPU here"),
        ({"device": "toaster"}, "device: 'toaster': is none"),
        ({"system": "file"}, "system: file: names no file"),
    ],
)
def test_options_are_checked_before_anything_is_loaded(made, settings, message):
    (made.folder / "model.safetensors").unlink()
    refused(made, message, **settings)


@pytest.mark.skipif(find_spec("flash_attn") is not None, reason="the backend is here")
def test_an_attention_backend_that_is_not_here(made):
    refused(made, "attention: flash_attention_2", attention="flash_attention_2")
    options = LastTokenOptions(layout="prefixed", prefix="model.", head="v_head", attention="flash_attention_2")
    with pytest.raises(ConfigError, match="attention: flash_attention_2"):
        options.load(str(made.folder))


def test_missing_weights_are_named(made):
    weights = made.folder / "model.safetensors"
    state = made.model.state_dict()
    del state["layers.1.mlp.up_proj.weight"]
    made.model.state_dict = lambda: state
    made.save()
    refused(made, r"weights lack layers\.1\.mlp\.up_proj\.weight")
    weights.write_bytes(weights.read_bytes()[:-500])
    refused(made, "can't be loaded")
    weights.unlink()
    refused(made, "can't be loaded")


def test_no_chat_template_and_another_one(made):
    made.tokenizer.chat_template = None
    (made.folder / "chat_template.jinja").unlink()
    refused(made, "no chat template")
    given = "{{ bos_token }}{% for m in messages %}{{ m['content'] }}<end>{% endfor %}"
    scorer = PLAIN.model_copy(update={"chat_template": given}).load(str(made.folder))
    ids = made.tokenizer("<bos>Add them.<end>a + b<end>", add_special_tokens=False)["input_ids"]
    head = made.heads
    want = made.hidden(ids)[-1] @ head["v_head.summary.weight"][0] + head["v_head.summary.bias"][0]
    assert scorer.score(*ASKED) == pytest.approx([float(want)], abs=1e-4)


def test_a_tokenizer_of_another_folder(made, make, tmp_path):
    want = PLAIN.load(str(made.folder)).score(*ASKED)
    made.tokenizer.save_pretrained(tmp_path / "other")
    (tmp_path / "other" / "config.json").write_text("{}")
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        (made.folder / name).unlink()
    refused(made, "the tokenizer can't be read|no chat template")
    scorer = PLAIN.model_copy(update={"tokenizer": str(tmp_path / "other")}).load(str(made.folder))
    assert scorer.score(*ASKED) == pytest.approx(want, abs=1e-5)


def test_a_tokenizer_that_is_code_is_not_run(made):
    want = PLAIN.load(str(made.folder)).score(*ASKED)
    path = made.folder / "tokenizer_config.json"
    code = {"auto_map": {"AutoTokenizer": ["tokenization.Theirs", None]}, "tokenizer_class": "Theirs"}
    path.write_text(json.dumps(json.loads(path.read_text()) | code))
    (made.folder / "tokenization.py").write_text("raise SystemExit('ran')\n")
    assert PLAIN.load(str(made.folder)).score(*ASKED) == pytest.approx(want, abs=1e-5)
    (made.folder / "tokenizer.json").unlink()
    refused(made, "its tokenizer is code in the checkpoint, which is not run")
    path.write_text("{")
    refused(made, r"tokenizer_config\.json: is not JSON")


def test_bin_files_are_read_as_tensors_alone(made):
    want = PLAIN.load(str(made.folder)).score(*ASKED)
    weights = made.folder / "model.safetensors"
    torch.save(load_file(weights), made.folder / "pytorch_model.bin")
    held = weights.rename(made.folder.parent / "held.safetensors")
    assert PLAIN.load(str(made.folder)).score(*ASKED) == pytest.approx(want, abs=1e-5)
    with pytest.raises(ConfigError, match=r"weights lack v_head\.weight"):
        LastTokenOptions(head="v_head").load(str(made.folder))
    torch.save(load_file(held), made.folder / "pytorch_model.bin", _use_new_zipfile_serialization=False)
    assert PLAIN.load(str(made.folder)).score(*ASKED) == pytest.approx(want, abs=1e-5)
    torch.save({"v_head.summary.weight": pytest.raises}, made.folder / "pytorch_model.bin")
    refused(made, "can't be loaded|can't be read as tensors alone")


class Touching:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def test_a_pickle_that_runs_code_is_refused(made, tmp_path):
    from pipeline.evaluation.scorers.weights import tensors

    torch.save({"v_head.summary.weight": Touching(tmp_path / "ran")}, made.folder / "head.pt")
    with pytest.raises(ConfigError, match="can't be read as tensors alone"):
        tensors(made.folder, ["v_head.summary.weight"], file="head.pt")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("{", "is no index of weights"),
        ("{}", "is no index of weights"),
        ('{"weight_map": {"v_head.summary.weight": "../secret.safetensors"}}', "names '../secret.safetensors'"),
        ('{"weight_map": {"v_head.summary.weight": "gone.safetensors"}}', "names 'gone.safetensors'"),
    ],
)
def test_an_index_that_lies_is_refused(made, index, message):
    from pipeline.evaluation.scorers.weights import tensors

    (made.folder.parent / "secret.safetensors").write_bytes(b"")
    (made.folder / "model.safetensors.index.json").write_text(index)
    with pytest.raises(ConfigError, match=message):
        tensors(made.folder, ["v_head.summary.weight"])


def test_a_head_file_that_is_cut_short_is_refused(made):
    from pipeline.evaluation.scorers.weights import tensors

    weights = made.folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises(ConfigError, match=r"can't be read: .*Fetch it again"):
        tensors(made.folder, ["v_head.summary.weight"])
    weights.unlink()
    with pytest.raises(ConfigError, match=r"holds neither model\.safetensors nor pytorch_model\.bin"):
        tensors(made.folder, ["v_head.summary.weight"])


def test_a_hub_that_can_not_be_reached(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(ConfigError, match=r"someone/some-model: is no folder here, and can't be fetched from the hub"):
        located("someone/some-model")
    with pytest.raises(ConfigError, match="can't be fetched from the hub"):
        located("someone/bad..name--")


def test_a_hub_model_is_fetched_with_its_bin_files_only_if_it_has_no_safetensors(made, tmp_path, monkeypatch):
    asked = []

    def snapshot(name, allow_patterns, ignore_patterns):
        asked.append((name, [p for p in allow_patterns if p in ("*.safetensors", "*.bin", "*.pt")], ignore_patterns))
        return str(made.folder)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    assert PLAIN.load("someone/some-model").score(*ASKED)
    assert asked == [("someone/some-model", ["*.safetensors", "*.pt"], "*/*")]
    (made.folder / "model.safetensors").unlink()
    assert located("someone/some-model") == made.folder
    assert asked[-1] == ("someone/some-model", ["*.bin", "*.pt"], "*/*")
    (made.folder / "config.json").unlink()
    with pytest.raises(ConfigError, match=r"hub's model holds no config\.json"):
        located("someone/some-model")
