"""A sequence classifier and a language-model head over one body, in one module whose forward does all of it.

Wrappers that spread a model over processes act where a module is called: nothing here is called from outside.
"""

from typing import Any, NamedTuple

import torch
from torch import nn

from pipeline.training import pair_attention
from pipeline.training.linear_cross_entropy import linear_cross_entropy


class Outputs(NamedTuple):
    """What one pass gives.

    Attributes:
        chosen_B: rewards of the chosen conversations, float32.
        rejected_B: rewards of the rejected conversations, float32.
        nll: scalar, sum of the NLL in nats over the tokens of the chosen answers; zero where it was not asked for.
    """

    chosen_B: torch.Tensor  # noqa: N815
    rejected_B: torch.Tensor  # noqa: N815
    nll: torch.Tensor


class TwoHeads(nn.Module):
    """A reward model with a second head, for training; `model` alone is what is exported.

    Args:
        model: an `AutoModelForSequenceClassification` of a decoder with one label: its body is its `base_model`, its
            reward head `score`.
        lm_head: weight (V, D) of a language-model head of its own; None to use the embedding matrix.
        fused: use Liger's kernels, where the model is on a GPU and they are installed.
    """

    def __init__(self, model: Any, lm_head: torch.Tensor | None = None, fused: bool = False) -> None:
        super().__init__()
        self.model = model
        if model.device.type == "cpu" and model.config._attn_implementation in (None, "sdpa"):
            model.set_attn_implementation(pair_attention.register())
        self.lm_head = None if lm_head is None else nn.Parameter(lm_head.detach().clone())
        self.with_lm = True
        self._fused = fused
        self._no_split_modules = getattr(model, "_no_split_modules", None)

    @property
    def config(self) -> Any:
        """Of the classifier."""
        return self.model.config

    def add_model_tags(self, tags: Any) -> None:
        """As a transformers model has it; the card names its own tags."""

    def ask_for_lm(self, wanted: bool) -> None:
        """Whether the next passes compute the language-model term; where not, its own head is not trained."""
        self.with_lm = wanted
        if self.lm_head is not None:
            self.lm_head.requires_grad_(wanted)

    def forward(
        self,
        tokens_RT: torch.Tensor,
        positions_RT: torch.Tensor | None,
        mask: torch.Tensor,
        ends_E: torch.Tensor,
        before_N: torch.Tensor,
        answer_N: torch.Tensor,
    ) -> Outputs:
        """Rewards and likelihood of one `collator.Batch` from one pass of the body; see there for the arguments."""
        given = {} if positions_RT is None else {"position_ids": positions_RT}
        if mask.dtype == torch.bool and self.config._attn_implementation == "eager":  # which adds the mask to scores
            mask = torch.zeros_like(mask, dtype=torch.float32).masked_fill(~mask, torch.finfo(torch.float32).min)
        hidden_RTD = self.model.base_model(
            input_ids=tokens_RT, attention_mask=mask, use_cache=False, **given
        ).last_hidden_state
        hidden_SD = hidden_RTD.flatten(0, 1)
        rewards_E = self._rewards(hidden_SD[ends_E])
        chosen_B, rejected_B = rewards_E.chunk(2)
        nll = self._nll(hidden_SD[before_N], answer_N) if self.with_lm else hidden_SD.new_zeros((), dtype=torch.float32)
        return Outputs(chosen_B.clone(), rejected_B.clone(), nll)  # no views: wrappers hook the outputs

    def _rewards(self, last_ED: torch.Tensor) -> torch.Tensor:
        """Rewards in the precision of the head's weight, float32 in mixed precision: a margin is a small difference."""
        score = self.model.score
        with torch.autocast(last_ED.device.type, enabled=False):
            return score(last_ED.to(score.weight.dtype))[:, 0].float()  # type: ignore[no-any-return]

    def _nll(self, hidden_ND: torch.Tensor, answer_N: torch.Tensor) -> torch.Tensor:
        config = self.config.get_text_config()
        weight_VD = self.model.get_input_embeddings().weight if self.lm_head is None else self.lm_head
        scale = getattr(config, "logit_scale", None) or 1.0 / (getattr(config, "logits_scaling", None) or 1.0)
        softcap = getattr(config, "final_logit_softcapping", None)
        fused = self._fused and hidden_ND.is_cuda
        return linear_cross_entropy(hidden_ND, weight_VD, answer_N, softcap, float(scale), fused)


def shares_prefix(config: Any, max_tokens: int) -> bool:
    """Whether a block mask over one row is exact: rotary positions, layers that see all, attention that takes a mask.

    Args:
        config: of the model.
        max_tokens: of a row that holds both sides, at most twice those of a conversation; a sliding window at least
            as long hides nothing.
    """
    text = config.get_text_config()
    if config._attn_implementation not in (None, "sdpa", "eager", pair_attention.NAME):
        return False
    if not (getattr(text, "rope_parameters", None) or getattr(text, "rope_theta", None)):
        return False
    window = getattr(text, "sliding_window", None)
    kinds = set(getattr(text, "layer_types", None) or ())
    if kinds - {"full_attention", "sliding_attention"} or getattr(text, "attention_chunk_size", None):
        return False
    slides = "sliding_attention" in kinds or (not kinds and window is not None)
    return not slides or (window is not None and window >= 2 * max_tokens)


def packs(config: Any) -> bool:
    """Whether a model that shares prefixes takes rows laid end to end."""
    return bool(config._attn_implementation == pair_attention.NAME)
