"""Small recipes and models of other families, for the tests of training."""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import (
    Gemma2Config,
    Gemma2ForSequenceClassification,
    LlamaConfig,
    LlamaForSequenceClassification,
    Qwen2Config,
    Qwen2ForSequenceClassification,
)

from pipeline.training.recipe import Architecture, Recipe, Stage

SMALL = Architecture(
    hidden_size=32, intermediate_size=48, layers=1, heads=2, kv_heads=2, head_dim=16, vocab_size=600
)  # fmt: skip
PM = Stage(
    name="pm",
    system="own",
    max_tokens=384,
    epochs=3,
    batch_pairs=8,
    learning_rate=0.01,
    lm_weight=0.01,
    magnitude_weight=0.001,
)
TINY = Recipe(name="tiny", architecture=SMALL, stages=(PM,))


def quiet(event: dict[str, Any]) -> None:
    """Hear nothing."""


def tiny(*changes: dict[str, Any], **fields: Any) -> Recipe:
    """TINY with one stage a dict of changes (none: its own stage), and fields changed."""
    stages = tuple(PM.model_copy(update=change) for change in changes or ({},))
    return TINY.model_copy(update={"stages": stages, **fields})


def family(name: str, vocab: int, seed: int = 0, **changes: Any) -> Any:
    """A random sequence classifier of a family, in float32."""
    torch.manual_seed(seed)
    shape = {
        "vocab_size": vocab, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2,
        "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "max_position_embeddings": 512,
        "num_labels": 1, "pad_token_id": None, "bos_token_id": None, "eos_token_id": None, "initializer_range": 0.2,
        **changes,
    }  # fmt: skip
    if name == "llama":
        return LlamaForSequenceClassification(LlamaConfig(**shape))
    if name == "qwen2":
        shape.pop("head_dim")
        return Qwen2ForSequenceClassification(Qwen2Config(**shape))
    assert name == "gemma2"
    return Gemma2ForSequenceClassification(Gemma2Config(**{"query_pre_attn_scalar": 16, **shape}))


def mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
