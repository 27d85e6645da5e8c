"""Tiny randomly initialised checkpoints, written as the published ones are: config.json, safetensors, tokenizer."""

import json
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import (
    Gemma2Config,
    Gemma2Model,
    LlamaConfig,
    LlamaModel,
    MistralConfig,
    MistralModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2Model,
)

from schemas.conversation import messages

PAD, BOS, END, CLS = "<pad>", "<bos>", "<end>", "<cls>"
ROLES = ("<|system|>", "<|user|>", "<|assistant|>")
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<end>{% endfor %}"
)
NO_SYSTEM = (
    "{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    "{% for message in messages %}<|{{ message['role'] }}|>{{ message['content'] }}<end>{% endfor %}"
)
VOCAB = 272
SIZE = 32
FAMILIES: dict[str, tuple[Any, Any]] = {
    "llama": (LlamaConfig, LlamaModel),
    "qwen2": (Qwen2Config, Qwen2Model),
    "mistral": (MistralConfig, MistralModel),
    "gemma2": (Gemma2Config, Gemma2Model),
}
PROMPTS = ["add two numbers", "sort a list of words by length", "x", "read the file, then close it"]
ANSWERS = ["a + b", "sorted(words, key=len)\n" * 3, "y", "with open(p) as f:\n    return f.read()" + " # é" * 5]
CRITERIA = ["memory_efficiency", "runtime_efficiency", "functional_correctness", "security_hardness"]


def make_tokenizer(template: str | None = TEMPLATE, bos_by_itself: bool = True) -> Any:
    """Bytes and special tokens; like Llama's, it puts a BOS before a text by itself."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    specials = [PAD, BOS, END, CLS, *ROLES]
    core = Tokenizer(models.BPE(vocab={t: i for i, t in enumerate([*specials, *alphabet])}, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    core.decoder = decoders.ByteLevel()
    core.add_special_tokens(specials)
    if bos_by_itself:
        core.post_processor = processors.TemplateProcessing(f"{BOS} $A", None, [(BOS, 1)])
    made = PreTrainedTokenizerFast(tokenizer_object=core, pad_token=PAD, bos_token=BOS, eos_token=END, cls_token=CLS)
    made.chat_template = template
    return made


class Tiny:
    """One checkpoint in the making: a backbone, a tokenizer, and heads that a test adds."""

    def __init__(self, folder: Path, family: str, seed: int = 0, **settings: Any) -> None:
        torch.manual_seed(seed)
        config, model = FAMILIES[family]
        self.folder = folder
        self.config = config(
            vocab_size=VOCAB,
            hidden_size=SIZE,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            head_dim=8,
            max_position_embeddings=4096,
            initializer_range=0.15,
            pad_token_id=0,
            **settings,
        )
        self.model = model(self.config).eval()
        self.tokenizer = make_tokenizer()
        self.extra: dict[str, Any] = {}
        self.heads: dict[str, torch.Tensor] = {}
        self.prefix = "model."

    def linear(self, name: str, inputs: int, outputs: int, bias: bool = True) -> None:
        self.heads[f"{name}.weight"] = torch.randn(outputs, inputs) / inputs**0.5
        if bias:
            self.heads[f"{name}.bias"] = torch.randn(outputs)

    def save(self, **tensors: torch.Tensor) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = json.loads(self.config.to_json_string(use_diff=False)) | self.extra
        (self.folder / "config.json").write_text(json.dumps(settings), encoding="utf-8")
        state = {f"{self.prefix}{name}": tensor for name, tensor in self.model.state_dict().items()}
        lm_head = {"lm_head.weight": torch.zeros(VOCAB, SIZE)}
        save_file({**state, **lm_head, **self.heads, **tensors}, self.folder / "model.safetensors")
        self.tokenizer.save_pretrained(self.folder)
        return self.folder

    def ids(self, system: str | None, prompt: str, answer: str) -> list[int]:
        text = self.tokenizer.apply_chat_template(messages(system, prompt, answer), tokenize=False)
        found: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return found

    def hidden(self, ids: list[int]) -> torch.Tensor:
        """(T, H) of one conversation alone."""
        with torch.inference_mode():
            states: torch.Tensor = self.model(input_ids=torch.tensor([ids])).last_hidden_state[0]
        return states


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Tiny]:
    def make(family: str = "llama", name: str = "checkpoint", **settings: Any) -> Tiny:
        return Tiny(tmp_path / name, family, **settings)

    return make


@pytest.fixture
def asked() -> tuple[list[str], list[str], list[str]]:
    return PROMPTS, ANSWERS, CRITERIA


@pytest.fixture
def check(asked: tuple[list[str], list[str], list[str]]) -> Callable[..., None]:
    """Scores are what `expected` (system, prompt, answer -> score) says, whatever batch, padding, attention, order."""

    def run(options: Any, made: Tiny, expected: Callable[[str | None, str, str], float], eager: bool = True) -> None:
        prompts, answers, criteria = asked
        want = [
            expected(options.system_of(key), prompt, answer)
            for prompt, answer, key in zip(prompts, answers, criteria, strict=True)
        ]
        in_order = sorted(want)
        assert min(b - a for a, b in pairwise(in_order)) > 2e-3, "the bound would mean nothing"
        variants: list[dict[str, Any]] = [{}, {"padding": "left"}, {"batch_tokens": 1}]
        variants += [{"attention": "eager"}, {"attention": "eager", "padding": "left"}] if eager else []
        for change in variants:
            scorer = options.model_copy(update=change).load(str(made.folder))
            assert scorer.score(prompts, answers, criteria) == pytest.approx(want, abs=1e-4), change
        backwards = scorer.score(prompts[::-1], answers[::-1], criteria[::-1])
        assert backwards[::-1] == pytest.approx(want, abs=1e-4)
        assert scorer.score([], [], []) == []

    return run


@pytest.fixture
def make() -> Any:
    """Words and makers that the tests share."""

    class Shared:
        tokenizer = staticmethod(make_tokenizer)
        template, no_system = TEMPLATE, NO_SYSTEM
        size, vocab = SIZE, VOCAB

    return Shared
