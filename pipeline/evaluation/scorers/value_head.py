"""A value head beside a language model: linear layers on the hidden state of the last token, one or more outputs.

The published ones: a layer with a bias (AceCodeRM, as in TRL), two layers with a ReLU (GRM, INF-ORM, Qwen's reward
models), several outputs of which one, or a weighted sum, is the reward.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from pipeline.evaluation.scorers.base import ScorerOptions
from pipeline.evaluation.scorers.encoding import conversations, hidden_states
from pipeline.evaluation.scorers.heads import Activation, Head, read_head
from pipeline.evaluation.scorers.loading import LocalOptions, checkpoint, load_backbone, load_tokenizer


@dataclass(frozen=True, slots=True)
class ValueHead:
    """A loaded checkpoint.

    Attributes:
        model: without a head.
        tokenizer: with a chat template.
        head: on the last token's hidden state.
        weights: one an output; the reward is their weighted sum.
        options: of scoring.
    """

    model: Any
    tokenizer: Any
    head: Head
    weights: tuple[float, ...]
    options: ScorerOptions

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        """Rewards."""
        import torch

        rows = conversations(self.tokenizer, self.options, prompts, answers, criteria)
        if not rows:
            return []
        hidden_BH = hidden_states(self.model, rows, [[len(row) - 1] for row in rows], self.options)[:, 0]
        scores_B: list[float] = (self.head(hidden_BH) @ torch.tensor(self.weights)).tolist()
        return scores_B


class ValueHeadOptions(LocalOptions):
    """Where the head is in the checkpoint, and what its outputs are.

    Attributes:
        layers: names of the linear layers in the weights, in order, without `.weight`.
        activation: between them.
        outputs: of the last layer.
        output: index of the one that is the reward.
        weights: one an output, for a reward that is their weighted sum; empty for `output` alone.
    """

    kind: Literal["value_head"] = "value_head"
    layers: tuple[str, ...] = Field(default=("v_head.summary",), min_length=1)
    activation: Activation = "relu"
    outputs: int = Field(default=1, ge=1)
    output: int = Field(default=0, ge=0)
    weights: tuple[float, ...] = ()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.output >= self.outputs:
            raise ValueError(f"output: {self.output} must be below outputs ({self.outputs})")
        if self.weights and len(self.weights) != self.outputs:
            raise ValueError(f"weights: there are {len(self.weights)}, must be one an output ({self.outputs})")
        return self

    def load(self, model: str) -> ValueHead:
        """Load a checkpoint.

        Args:
            model: folder of the checkpoint, or a hub id.

        Raises:
            ConfigError: the extra `train` is missing, there is no checkpoint, weights are missing (named) or of
                another shape, or there is no chat template.
        """
        found = checkpoint(model, self)
        tokenizer = load_tokenizer(found, self)
        backbone = load_backbone(found, self)
        size = backbone.config.get_text_config().hidden_size
        head = read_head(found.folder, self.layers, size, self.outputs, self.activation)
        chosen = tuple(float(number == self.output) for number in range(self.outputs))
        return ValueHead(backbone, tokenizer, head, self.weights or chosen, self)
