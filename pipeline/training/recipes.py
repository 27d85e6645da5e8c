"""Recipes of the reward suite: typed, complete, and the same steps for the same input.

The budget is counted in tokens, never in seconds, so that a slow machine trains the same model as a fast one.
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
    """

    hidden_size: int = Field(ge=8, le=8192)
    intermediate_size: int = Field(ge=8, le=32768)
    layers: int = Field(ge=1, le=128)
    heads: int = Field(ge=1, le=128)
    kv_heads: int = Field(ge=1, le=128)
    head_dim: int = Field(ge=4, le=512, multiple_of=2)
    vocab_size: int = Field(ge=300, le=200_000)
    initializer_range: float = Field(default=0.02, gt=0, le=1)


class Recipe(Options):
    """Everything that training needs beside the data and a seed.

    Attributes:
        name: of the recipe.
        configuration: which shards to train on, `full` (`dataset/data`) or `balanced` (`dataset/balanced`).
        architecture: shape of the model.
        system: `stored` takes each pair's own system prompt, `own` its criterion's, as evaluation does.
        max_tokens: longest conversation, in tokens; a pair with a longer side is left out, not cut.
        max_pairs: at most so many pairs, drawn by the seed; 0 for all.
        epochs: passes over the pairs, at most.
        token_budget: tokens computed in all, at most; a prefix shared by both sides counts once.
        batch_pairs: pairs in a batch.
        learning_rate: at the end of warm-up.
        final_learning_rate: at the last step.
        warmup_share: share of the steps in which the rate rises.
        lm_weight: lambda of the loss.
        magnitude_weight: mu of the loss.
        magnitude: `paper` for (r_c + r_r)^2, `released` for (|r_c| + |r_r|)^2.
        betas: of AdamW.
        epsilon: of AdamW.
        weight_decay: of AdamW, on matrices (norms' gains are left out).
        clip: largest norm of the gradient.
    """

    name: str
    configuration: Literal["full", "balanced"] = "full"
    architecture: Architecture
    system: Literal["stored", "own"] = "stored"
    max_tokens: int = Field(ge=16, le=131_072)
    max_pairs: int = Field(default=0, ge=0)
    epochs: int = Field(ge=1, le=1000)
    token_budget: int = Field(ge=1)
    batch_pairs: int = Field(ge=1, le=65_536)
    learning_rate: float = Field(gt=0, le=1)
    final_learning_rate: float = Field(default=0.0, ge=0, le=1)
    warmup_share: float = Field(default=0.05, ge=0, le=1)
    lm_weight: float = Field(ge=0)
    magnitude_weight: float = Field(ge=0)
    magnitude: Literal["paper", "released"] = "paper"
    betas: tuple[float, float] = (0.9, 0.95)
    epsilon: float = Field(default=1e-8, gt=0)
    weight_decay: float = Field(default=0.1, ge=0)
    clip: float = Field(default=1.5, gt=0)


NANO = Recipe(
    name="nano",
    architecture=Architecture(
        hidden_size=128,
        intermediate_size=512,
        layers=2,
        heads=4,
        kv_heads=4,
        head_dim=32,
        vocab_size=4096,
        initializer_range=0.08,
    ),
    system="own",
    max_tokens=384,
    epochs=2,
    token_budget=1_600_000,
    batch_pairs=16,
    learning_rate=3e-3,
    final_learning_rate=1e-5,
    lm_weight=0.01,
    magnitude_weight=0.001,
)
"""From scratch, on a laptop's processor, in minutes: it shows that the data teaches, not how far it can.

Each pair's criterion is asked for by its own system prompt, as in evaluation: prompts that name every criterion would
take a fifth of the tokens.
"""

RECIPES: dict[str, Recipe] = {recipe.name: recipe for recipe in (NANO,)}
"""Name to recipe."""
