"""The shape of a recipe: a model, where its first weights come from, and one or two stages of training.

The paper's suite has two: PT on general preferences, PM on code preferences. A stage's budget is counted in tokens and
pairs, never in seconds, so that a slow machine trains the same model as a fast one.
"""

from typing import Literal

from pydantic import Field

from schemas.config import Options


class Architecture(Options):
    """Shape of a Qwen3 model trained from scratch.

    Attributes:
        hidden_size: width of the residual stream.
        intermediate_size: width of the feed-forward layers.
        layers: number of blocks.
        heads: attention heads for queries.
        kv_heads: attention heads for keys and values.
        head_dim: width of a head.
        vocab_size: tokens of the byte-level BPE vocabulary, at most.
        initializer_range: standard deviation of the first weights; about 1 / sqrt(hidden_size) for a narrow model.
        tied: whether the language-model head is the embedding matrix.
    """

    hidden_size: int = Field(ge=8, le=8192)
    intermediate_size: int = Field(ge=8, le=32768)
    layers: int = Field(ge=1, le=128)
    heads: int = Field(ge=1, le=128)
    kv_heads: int = Field(ge=1, le=128)
    head_dim: int = Field(ge=4, le=512, multiple_of=2)
    vocab_size: int = Field(ge=300, le=200_000)
    initializer_range: float = Field(default=0.02, gt=0, le=1)
    tied: bool = True


class Stage(Options):
    """One pass of training over one data set, with an optimiser of its own.

    Attributes:
        name: `pt` (general preferences) or `pm` (code preferences).
        configuration: which shards, `full` (`data`) or `balanced`.
        system: `stored` takes each pair's own system prompt, `own` its criterion's, as evaluation does.
        max_tokens: longest conversation, in tokens; a pair with a longer side is left out and counted, not cut.
        max_pairs: at most so many pairs, drawn by the seed; 0 for all.
        epochs: passes over the pairs, at most.
        token_budget: tokens computed in all, at most; a prefix shared by both sides counts once. 0 for no bound.
        batch_pairs: pairs in a step, over all processes.
        micro_pairs: pairs that one process computes at once; 0 for all of its share of the batch.
        learning_rate: at the end of warm-up.
        final_learning_rate: at the last step.
        warmup_share: share of the steps in which the rate rises.
        lm_weight: lambda of the loss.
        magnitude_weight: mu of the loss.
        magnitude: `paper` for (r_c + r_r)^2, `released` for (|r_c| + |r_r|)^2.
        soft_labels: whether a pair's label probability and weight enter the loss.
        betas: of AdamW.
        epsilon: of AdamW.
        weight_decay: of AdamW, on matrices (norms' gains are left out).
        clip: largest norm of the gradient.
    """

    name: Literal["pt", "pm"] = "pm"
    configuration: Literal["full", "balanced"] = "full"
    system: Literal["stored", "own"] = "stored"
    max_tokens: int = Field(ge=16, le=131_072)
    max_pairs: int = Field(default=0, ge=0)
    epochs: int = Field(ge=1, le=1000)
    token_budget: int = Field(default=0, ge=0)
    batch_pairs: int = Field(ge=1, le=65_536)
    micro_pairs: int = Field(default=0, ge=0)
    learning_rate: float = Field(gt=0, le=1)
    final_learning_rate: float = Field(default=0.0, ge=0, le=1)
    warmup_share: float = Field(default=0.05, ge=0, le=1)
    lm_weight: float = Field(ge=0)
    magnitude_weight: float = Field(ge=0)
    magnitude: Literal["paper", "released"] = "paper"
    soft_labels: bool = False
    betas: tuple[float, float] = (0.9, 0.95)
    epsilon: float = Field(default=1e-8, gt=0)
    weight_decay: float = Field(default=0.1, ge=0)
    clip: float = Field(default=1.5, gt=0)


class Lora(Options):
    """Low-rank adapters instead of full weights; the reward head is trained whole, and merged on export.

    Attributes:
        rank: of the adapters.
        alpha: their scale times the rank.
        targets: names of the linear layers that get one; empty for all of attention and feed-forward.
    """

    rank: int = Field(default=16, ge=1)
    alpha: float = Field(default=32.0, gt=0)
    targets: tuple[str, ...] = ()


class Recipe(Options):
    """Everything that training needs beside the data and a seed.

    Attributes:
        name: of the recipe.
        architecture: shape of the model; of weights that are loaded, what a dry run computes with.
        weights: where the first weights come from: None for scratch, a hub id, a folder, or `package:NAME` for a
            GGUF file that an installed Python package carries.
        stages: PT then PM, or one of them.
        precision: of compute; weights of the optimiser are float32.
        gradient_checkpointing: compute activations again instead of keeping them.
        lora: adapters instead of full weights; None for full weights.
        gpus: that the recipe is made for; 0 for a processor.
        shard: spread weights, gradients and optimiser over the GPUs (FSDP2).
        kernels: use Liger's fused kernels and FlashAttention where they are installed.
    """

    name: str
    architecture: Architecture
    weights: str | None = None
    stages: tuple[Stage, ...] = Field(min_length=1, max_length=2)
    precision: Literal["float32", "bfloat16"] = "float32"
    gradient_checkpointing: bool = False
    lora: Lora | None = None
    gpus: int = Field(default=0, ge=0)
    shard: bool = False
    kernels: bool = False

    @property
    def last(self) -> Stage:
        """The stage that ends the training."""
        return self.stages[-1]
