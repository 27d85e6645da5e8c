"""Puts `judge_calls` on the path, and gives tiny language models: of random weights, and of forced words."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

sys.path.insert(0, str(Path(__file__).parent))

SPECIAL = ("<|end|>", "<|system|>", "<|user|>", "<|assistant|>", "<|principle|>")
TEMPLATE = (
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% if enable_thinking is defined and not enable_thinking %}!"
    "{% endif %}{% endif %}"
)
WORDS = ("Yes", " Yes", "yes", "No", " No", "no")


def tokenizer(words: tuple[str, ...]) -> Any:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    core = Tokenizer(models.BPE(vocab={one: n for n, one in enumerate(alphabet)}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    made = PreTrainedTokenizerFast(
        tokenizer_object=core, eos_token=SPECIAL[0], additional_special_tokens=list(SPECIAL[1:]), chat_template=TEMPLATE
    )
    made.add_tokens(list(words))
    return made


def model(size: int, hidden: int) -> Any:
    torch.manual_seed(7)
    config = Qwen3Config(
        vocab_size=size, hidden_size=hidden, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, head_dim=16, max_position_embeddings=4096, initializer_range=0.3,
        tie_word_embeddings=False, dtype="float32", bos_token_id=None, eos_token_id=256, pad_token_id=None,
    )  # fmt: skip
    return Qwen3ForCausalLM(config).eval()


def save(folder: Path, words: tuple[str, ...], made: Any = None) -> Path:
    told = tokenizer(words)
    told.save_pretrained(folder)
    (made or model(len(told), 32)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def random_lm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(tmp_path_factory.mktemp("random"), WORDS)


@pytest.fixture
def says_always(tmp_path: Path) -> Callable[..., Path]:
    """A model whose next token follows from the last one alone: each text given is one token, in this order."""

    def make(*texts: str, ends: bool = True) -> Path:
        told = tokenizer((*WORDS, *texts))
        chain = [told.convert_tokens_to_ids(one) for one in ("<|assistant|>", *texts)]
        size = len(told)
        made = model(size, size)
        with torch.no_grad():
            made.model.embed_tokens.weight.copy_(torch.eye(size))
            for layer in made.model.layers:
                layer.self_attn.o_proj.weight.zero_()
                layer.mlp.down_proj.weight.zero_()
            made.lm_head.weight.zero_()
            for before, after in zip(chain, [*chain[1:], 256 if ends else chain[-1]], strict=True):
                made.lm_head.weight[after, before] = 5.0
        return save(tmp_path / "forced", (*WORDS, *texts), made)

    return make


@pytest.fixture
def ledger(tmp_path: Path) -> str:
    return str(tmp_path / "ledger.sqlite")
