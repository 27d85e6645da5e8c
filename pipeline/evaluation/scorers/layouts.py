"""Backbones whose checkpoints transformers does not read as they are: other names, or fused projections."""

from collections.abc import Callable, Iterator
from typing import Any

from pipeline.evaluation.scorers.base import ScorerOptions
from pipeline.evaluation.scorers.loading import Checkpoint, fill
from schemas.errors import ConfigError

_INTERNLM2 = {
    "attention.wo": "self_attn.o_proj",
    "feed_forward.w1": "mlp.gate_proj",
    "feed_forward.w3": "mlp.up_proj",
    "feed_forward.w2": "mlp.down_proj",
    "attention_norm": "input_layernorm",
    "ffn_norm": "post_attention_layernorm",
}
"""InternLM2's names within a layer, and Llama's for the same thing."""


def load_prefixed(found: Checkpoint, options: ScorerOptions, prefix: str) -> Any:
    """The backbone of config.json, whose weights are stored under `prefix`.

    Raises:
        ConfigError: config.json names no architecture of transformers, or a weight is missing or of another shape.
    """
    from transformers import AutoConfig

    try:
        config = AutoConfig.from_pretrained(found.folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise ConfigError(f"{found.folder}: config.json can't be used: {error}") from None

    def renamed(name: str, tensor: Any) -> Iterator[tuple[str, Any]]:
        if name.startswith(prefix) and not name.endswith("rotary_emb.inv_freq"):
            yield name.removeprefix(prefix), tensor

    return _built(found, options, config, renamed)


def load_internlm2(found: Checkpoint, options: ScorerOptions) -> Any:
    """InternLM2 as a Llama, which it is but for the names and one fused projection a layer.

    The projection holds, for each key-value head, its query heads, then its key, then its value. Its dynamic scaling
    of positions only acts beyond `max_position_embeddings`, where the caller cuts; linear scaling is carried over.

    Raises:
        ConfigError: config.json is none of InternLM2, or a weight is missing or of another shape.
    """
    from transformers import LlamaConfig

    held = found.config
    try:
        heads, groups = held["num_attention_heads"], held["num_key_value_heads"]
        rope: dict[str, Any] = {"rope_type": "default", "rope_theta": float(held.get("rope_theta", 10_000))}
        scaling = held.get("rope_scaling") or {}
        if scaling.get("type") == "linear":
            rope |= {"rope_type": "linear", "factor": float(scaling["factor"])}
        config = LlamaConfig(
            vocab_size=held["vocab_size"],
            hidden_size=held["hidden_size"],
            intermediate_size=held["intermediate_size"],
            num_hidden_layers=held["num_hidden_layers"],
            num_attention_heads=heads,
            num_key_value_heads=groups,
            hidden_act=held.get("hidden_act", "silu"),
            max_position_embeddings=held["max_position_embeddings"],
            rms_norm_eps=held["rms_norm_eps"],
            attention_bias=bool(held.get("bias")),
            rope_parameters=rope,
        )
    except KeyError as error:
        raise ConfigError(f"{found.folder}: config.json lacks {error}. Give a checkpoint of InternLM2.") from None
    size = config.hidden_size // heads
    return _built(found, options, config, lambda name, tensor: _as_llama(name, tensor, groups, heads // groups, size))


def _as_llama(name: str, tensor: Any, groups: int, queries: int, size: int) -> Iterator[tuple[str, Any]]:
    if name == "model.tok_embeddings.weight":
        yield "embed_tokens.weight", tensor
    elif name == "model.norm.weight":
        yield "norm.weight", tensor
    elif name.startswith("model.layers."):
        number, rest = name.removeprefix("model.layers.").split(".", 1)
        part, kind = rest.rsplit(".", 1)
        if part == "attention.wqkv":
            fused = tensor.reshape(groups, queries + 2, size, *tensor.shape[1:])
            pieces = {"q": fused[:, :queries], "k": fused[:, -2], "v": fused[:, -1]}
            for letter, piece in pieces.items():
                yield f"layers.{number}.self_attn.{letter}_proj.{kind}", piece.reshape(-1, *tensor.shape[1:])
        elif part in _INTERNLM2:
            yield f"layers.{number}.{_INTERNLM2[part]}.{kind}", tensor


def _built(
    found: Checkpoint, options: ScorerOptions, config: Any, renamed: Callable[[str, Any], Iterator[tuple[str, Any]]]
) -> Any:
    import torch
    from transformers import AutoModel

    maker: Any = AutoModel
    if options.device == "auto":
        raise ConfigError(f"{found.folder}: device: auto: this layout is loaded onto one device. Name it.")
    try:
        model = maker.from_config(config, dtype=getattr(torch, options.dtype), attn_implementation=options.attention)
    except (ValueError, ImportError) as error:
        raise ConfigError(f"attention: {options.attention}: {error}. Set another one, eager for instance.") from None
    model.config.use_cache = False
    fill(found, model, renamed)
    return model.to(options.device).eval()
