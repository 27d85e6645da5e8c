"""A Qwen3 reward model from scratch, and one forward pass that serves reward and language-model terms."""

from typing import Any, NamedTuple

import torch
from torch.nn import functional
from transformers import Qwen3Config, Qwen3ForSequenceClassification

from pipeline.training.collator import Batch
from pipeline.training.recipes import Architecture

ROPE_THETA = 1e6
"""As the released Qwen3 models: most dimensions hardly turn, which carries over to texts longer than those seen."""


class Outputs(NamedTuple):
    """What one pass gives.

    Attributes:
        chosen_B: rewards of the chosen conversations.
        rejected_B: rewards of the rejected conversations.
        lm: scalar, mean NLL in nats over all tokens of the chosen answers; zero where it was not asked for.
    """

    chosen_B: torch.Tensor  # noqa: N815
    rejected_B: torch.Tensor  # noqa: N815
    lm: torch.Tensor


def new_model(architecture: Architecture, vocab_size: int, pad: int, eos: int, max_tokens: int, seed: int) -> Any:
    """A freshly initialised `Qwen3ForSequenceClassification` with one label, in float32.

    Args:
        architecture: its shape.
        vocab_size: tokens of the tokenizer.
        pad: id of the padding token, which must differ from `eos`.
        eos: id of the end token.
        max_tokens: longest conversation.
        seed: of the weights.
    """
    assert pad != eos, "with pad == eos the reward would be read at another token"
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
        tie_word_embeddings=True,
        dtype="float32",
    )
    return build(config)


def forward(model: Any, batch: Batch, with_lm: bool) -> Outputs:
    """Rewards and language-model loss of one batch, from one pass of the body.

    The language-model head is the embedding matrix itself (tied), so that nothing of it is left when the model is
    saved.
    """
    hidden_BTD = model.model(
        input_ids=batch.tokens_BT, attention_mask=batch.mask_B1TT, position_ids=batch.positions_BT, use_cache=False
    ).last_hidden_state
    rows_B = torch.arange(len(batch.tokens_BT))
    rewards_2B = [
        model.score(hidden_BTD[rows_B, ends_B]).squeeze(-1) for ends_B in (batch.chosen_end_B, batch.rejected_end_B)
    ]
    lm = hidden_BTD.new_zeros(())
    if with_lm:
        target_BT = batch.answer_BT[:, 1:]
        logits_NV = functional.linear(hidden_BTD[:, :-1][target_BT], model.model.embed_tokens.weight)
        lm = functional.cross_entropy(logits_NV, batch.tokens_BT[:, 1:][target_BT])
    return Outputs(rewards_2B[0], rewards_2B[1], lm)
