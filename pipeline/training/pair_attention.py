"""Attention over shared rows laid end to end, on a processor: only what a token may see is computed, and no padding.

The rows of a batch are one long row. Each pair's prefix and rest of chosen are plain causal attention; the rest of
rejected sees the prefix and itself. That is what the block mask of a shared row says, without the mask: a mask over T
tokens costs T * T whatever it hides, and T is the longer for holding both sides.
"""

from typing import Any

import torch
from torch.nn import functional

NAME = "themis_pairs"


def register() -> str:
    """Make the attention known to transformers; its name, for `set_attn_implementation`."""
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import sdpa_mask

    AttentionInterface.register(NAME, pair_attention)
    AttentionMaskInterface.register(NAME, sdpa_mask)
    return NAME


def pair_attention(
    module: Any,
    query_1HTD: torch.Tensor,
    key_1GTD: torch.Tensor,
    value_1GTD: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **other: Any,
) -> tuple[torch.Tensor, None]:
    """As transformers calls it; a mask of integers (B, 1, 1, 3) holds each pair's lengths, any other is sdpa's.

    Lengths: of the prefix, of the chosen conversation (the prefix among it), of the rest of rejected.
    """
    from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward

    if attention_mask is None or attention_mask.dtype != torch.long:
        given = (module, query_1HTD, key_1GTD, value_1GTD, attention_mask)
        return sdpa_attention_forward(*given, scaling=scaling, **other)
    groups = module.num_key_value_groups
    whole = (query_1HTD, repeat_kv(key_1GTD, groups), repeat_kv(value_1GTD, groups))
    pairs: list[list[int]] = attention_mask[:, 0, 0].tolist()
    sizes = [size for _, chosen, rest in pairs for size in (chosen, rest)]
    parts = list(zip(*(torch.split(x, sizes, dim=2) for x in whole), strict=True))
    attend = functional.scaled_dot_product_attention
    found = []
    for number, (prefix, _, rest) in enumerate(pairs):
        (query, key, value), (its_query, its_key, its_value) = parts[2 * number : 2 * number + 2]
        found.append(attend(query, key, value, is_causal=True, scale=scaling))
        its_key = torch.cat((key[:, :, :prefix], its_key), 2)
        its_value = torch.cat((value[:, :, :prefix], its_value), 2)
        sees = torch.ones(rest, prefix + rest, dtype=torch.bool, device=query.device).tril(prefix)
        found.append(attend(its_query, its_key, its_value, attn_mask=sees, scale=scaling))
    return torch.cat(found, 2).transpose(1, 2).contiguous(), None
