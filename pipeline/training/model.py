"""What a training starts from: a Qwen3 reward model from scratch, or loaded weights, under two heads."""

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import torch
from transformers import Qwen3Config, Qwen3ForSequenceClassification

from pipeline.training.pairs import TrainingPair
from pipeline.training.recipe import Architecture, Recipe
from pipeline.training.tokenizer import train_tokenizer
from pipeline.training.two_heads import TwoHeads
from schemas.errors import ConfigError

ROPE_THETA = 1e6
"""As the released Qwen3 models: most dimensions hardly turn, which carries over to texts longer than those seen."""


class Start(NamedTuple):
    """What a training starts from.

    Attributes:
        heads: the model.
        tokenizer: with a chat template.
    """

    heads: TwoHeads
    tokenizer: Any


def start(recipe: Recipe, pairs: Sequence[TrainingPair], tokenizer: Any | None, seed: int) -> Start:
    """The model and tokenizer of a recipe, before the first step.

    Args:
        recipe: from scratch, or with weights.
        pairs: texts for a tokenizer from scratch.
        tokenizer: one already trained on these texts; None trains it, or takes that of the weights.
        seed: of the weights.

    Raises:
        ConfigError: the weights can't be had, or a stage's conversations are longer than the model's window.
    """
    longest = max(stage.max_tokens for stage in recipe.stages)
    fused = recipe.kernels and find_spec("liger_kernel") is not None
    if recipe.weights is None:
        tokenizer = tokenizer or train_tokenizer(pairs, recipe.architecture.vocab_size, longest)
        model = new_model(
            recipe.architecture, len(tokenizer), tokenizer.pad_token_id, tokenizer.eos_token_id, longest, seed
        )
        head = None if recipe.architecture.tied else _new_head(recipe.architecture, len(tokenizer), seed)
    else:
        from pipeline.training.weights import load

        model, given, head = _fields(load(recipe, seed))
        tokenizer = tokenizer or given
        window = getattr(model.config.get_text_config(), "max_position_embeddings", None)
        if window is not None and longest > window:
            raise ConfigError(
                f"{recipe.name}: max_tokens {longest} is over the {window} tokens that the model can read. Lower it."
            )
    model.config.use_cache = False
    heads = TwoHeads(model, head, fused)
    if recipe.lora is not None:
        from pipeline.training.lora import add_adapters

        torch.manual_seed(seed)
        add_adapters(model, recipe.lora)
    if recipe.gradient_checkpointing:
        model.activation_checkpointing_enable({"use_reentrant": False})
        if recipe.lora is not None:
            model.enable_input_require_grads()
    if fused and torch.cuda.is_available():
        kernels: Any = import_module("liger_kernel.transformers")
        kernels._apply_liger_kernel_to_instance(model=model)
    return Start(heads, tokenizer)


def _fields(loaded: Any) -> tuple[Any, Any, torch.Tensor | None]:
    return loaded.model, loaded.tokenizer, loaded.lm_head


def _new_head(architecture: Architecture, vocab_size: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed + 1)
    return torch.randn(vocab_size, architecture.hidden_size, generator=generator) * architecture.initializer_range


def new_model(
    architecture: Architecture, vocab_size: int, pad: int | None, eos: int | None, max_tokens: int, seed: int
) -> Any:
    """A freshly initialised `Qwen3ForSequenceClassification` with one label, in float32.

    Args:
        architecture: its shape.
        vocab_size: tokens of the tokenizer.
        pad: id of the padding token, whose embedding starts at zero; None for none.
        eos: id of the end token.
        max_tokens: longest conversation.
        seed: of the weights.
    """
    a = architecture
    torch.manual_seed(seed)
    build: Any = Qwen3ForSequenceClassification
    configure: Any = Qwen3Config
    config = configure(
        vocab_size=vocab_size,
        hidden_size=a.hidden_size,
        intermediate_size=a.intermediate_size,
        num_hidden_layers=a.layers,
        num_attention_heads=a.heads,
        num_key_value_heads=a.kv_heads,
        head_dim=a.head_dim,
        max_position_embeddings=max_tokens,
        pad_token_id=pad,
        eos_token_id=eos,
        bos_token_id=None,
        num_labels=1,
        initializer_range=a.initializer_range,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_THETA},
        use_cache=False,
        tie_word_embeddings=a.tied,
        dtype="float32",
    )
    return build(config)


def settle_padding(model: Any, tokenizer: Any, ends: frozenset[int]) -> int:
    """Give tokenizer and model a padding token at which no conversation ends; its id.

    transformers reads the reward at the last token that is not padding: where padding is the end token, or is
    missing, that would be another token than the last one of the conversation.

    Args:
        model: whose configuration is set.
        tokenizer: whose padding token is kept where it can be.
        ends: last tokens of the conversations.

    Raises:
        ConfigError: there is no such token.
    """
    ends = ends | {tokenizer.eos_token_id}
    free = [tokenizer.pad_token_id, *sorted(tokenizer.all_special_ids), *range(len(tokenizer) - 1, -1, -1)]
    pad = next((token for token in free if token is not None and token not in ends), None)
    if pad is None:
        raise ConfigError("the tokenizer has no token left for padding. Add one to it.")
    if pad != tokenizer.pad_token_id:
        tokenizer.pad_token = tokenizer.convert_ids_to_tokens(pad)
    text = model.config.get_text_config()
    text.pad_token_id = model.config.pad_token_id = int(pad)
    if tokenizer.eos_token_id is not None:
        text.eos_token_id = tokenizer.eos_token_id
    return int(pad)
