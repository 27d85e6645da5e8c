"""Dry run of a recipe: the real model on torch's meta device, so every parameter is counted and none is stored.

Floating-point operations are the model's own, 6 a parameter and token for the matrices (2 forward, 4 backward; 4 in
all for weights that are frozen), 6 L Q T a token for causal attention over rows of T tokens, and 6 V D for each token
that the language-model term predicts (Kaplan et al., arXiv 2001.08361; Chowdhery et al., arXiv 2204.02311, appendix B).
What checkpointing computes again is not counted, as in model FLOPs utilisation. Memory: see `memory.py`.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pipeline.training.extra import require_train_extra
from pipeline.training.lora import adapter_parameters
from pipeline.training.memory import Memory, Setting, Shape, memory
from pipeline.training.pairs import TrainingPair
from pipeline.training.recipe import Architecture, Recipe, Stage
from pipeline.training.weights import local_config
from schemas.errors import ConfigError

H100_FLOPS = {"bfloat16": 989.4e12, "float32": 66.9e12}
"""Peak operations a second of an H100 SXM without sparsity, by precision (NVIDIA's data sheet)."""
CPU_FLOPS = 1e11
"""Operations a second of one processor thread, as measured with SmolLM2-135M in float32."""
MFU = 0.35
"""Share of the peak that the model's operations get; large dense models are published at 0.38 to 0.43 on H100s, and
small ones get less."""
ANSWER_SHARE = 0.47
"""Share of a row's tokens that the language-model term predicts, as measured on 1,000 pairs of the quickstart."""
CHARACTERS = 4.4
"""Of system prompt, prompt and both answers, to a token of a row: SmolLM2's tokenizer, 1,000 pairs of the quickstart.
Little of it is the tokenizer's: what both sides share has its characters counted twice here and its tokens once."""
GPU_BYTES = 80e9
"""Memory of the GPU that the recipes are made for."""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage.

    Attributes:
        name: `pt` or `pm`.
        pairs: computed in all, epochs counted.
        steps: of the optimiser.
        tokens: computed in all; a shared prefix counts once.
        pairs_at_once: of one process.
        accumulate: passes of a process in a step.
        longest_row: tokens of the longest row that there can be: two sides that share nothing.
        memory: of one process, with a batch of longest rows.
        flops: floating-point operations in all.
        hours: on the recipe's GPUs, or on one processor thread.
    """

    name: str
    pairs: int
    steps: int
    tokens: int
    pairs_at_once: int
    accumulate: int
    longest_row: int
    memory: Memory
    flops: float
    hours: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A recipe's dry run.

    Attributes:
        recipe: its name.
        model: the model's class in transformers.
        parameters: of the model that is exported, exact.
        trained: that have a gradient, exact; an untied language-model head among them where the loss uses it.
        gpus: processes; 0 for a processor.
        shard: whether the model is spread over them.
        mfu: share of the GPUs' peak that the hours assume; None for a processor.
        stages: in their order.
    """

    recipe: str
    model: str
    parameters: int
    trained: int
    gpus: int
    shard: bool
    mfu: float | None
    stages: tuple[StagePlan, ...]

    @property
    def peak(self) -> int:
        """Bytes of one process at its peak, over the stages."""
        return max(stage.memory.total for stage in self.stages)

    @property
    def fits(self) -> bool:
        """Whether a GPU of 80 GB holds it, with a tenth to spare; a processor's memory is not judged."""
        return self.gpus == 0 or self.peak <= 0.9 * GPU_BYTES

    def to_json(self) -> str:
        """The plan as JSON; memory in bytes, with its total."""
        table = asdict(self) | {"peak": self.peak, "fits": self.fits}
        for row, stage in zip(table["stages"], self.stages, strict=True):
            row["memory"]["total"] = stage.memory.total
        return json.dumps(table, indent=2)


def dry_run(
    recipe: Recipe,
    pairs: int,
    tokens: int,
    *,
    pt_pairs: int | None = None,
    pt_tokens: int | None = None,
    mfu: float = MFU,
) -> Plan:
    """What a recipe would take, in seconds and without weights or a GPU.

    Weights that are on this machine give the model its shape; of those on a hub, and from scratch, the recipe's
    `architecture` does.

    Args:
        recipe: to run.
        pairs: of stage PM, before `max_pairs`.
        tokens: mean of a pair as one row: the prefix that its sides share counts once.
        pt_pairs: of stage PT; None for as many as `pairs`.
        pt_tokens: mean of a pair of stage PT; None for `tokens`.
        mfu: share of the GPUs' peak.

    Raises:
        ConfigError: a count is below one, `mfu` is not in (0, 1], or the weights named can't be read.
    """
    require_train_extra()
    given = {"pairs": pairs, "tokens": tokens, "pt_pairs": pt_pairs, "pt_tokens": pt_tokens}
    for name, value in given.items():
        if value is not None and value < 1:
            raise ConfigError(f"{recipe.name}: {name}: {value}: must be at least 1.")
    if not 0 < mfu <= 1:
        raise ConfigError(f"{recipe.name}: mfu: {mfu}: must be above 0 and at most 1.")
    model = meta_model(recipe)
    shape = shape_of(model, recipe)
    of_stage = {"pm": (pairs, tokens), "pt": (pt_pairs or pairs, pt_tokens or tokens)}
    return Plan(
        recipe=recipe.name,
        model=type(model).__name__,
        parameters=sum(p.numel() for p in model.parameters()),
        trained=shape.trained,
        gpus=recipe.gpus,
        shard=recipe.shard,
        mfu=mfu if recipe.gpus else None,
        stages=tuple(_stage(recipe, shape, stage, *of_stage[stage.name], mfu) for stage in recipe.stages),
    )


def mean_tokens(pairs: Sequence[TrainingPair]) -> int:
    """About how many tokens a pair has as one row, by its characters: no tokenizer is needed.

    Raises:
        ConfigError: there are no pairs.
    """
    if not pairs:
        raise ConfigError("a dry run needs pairs to measure: the data set has none.")
    texts = sum(len(p.system or "") + len(p.prompt) + len(p.chosen) + len(p.rejected) for p in pairs)
    return max(1, round(texts / len(pairs) / CHARACTERS))


def meta_model(recipe: Recipe) -> Any:
    """The recipe's sequence classifier on the meta device: shapes without numbers.

    Raises:
        ConfigError: the weights named can't be read.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    config = local_config(recipe) or _config(recipe.architecture)
    config.num_labels = 1
    build: Any = AutoModelForSequenceClassification
    with torch.device("meta"):
        return build.from_config(config)


def shape_of(model: Any, recipe: Recipe) -> Shape:
    """What the formulas need, read off the model itself.

    Args:
        model: a sequence classifier, of any device.
        recipe: for its adapters and its loss.
    """
    from torch import nn

    c = model.config.get_text_config()
    body = model.get_submodule(model.base_model_prefix)
    head = c.vocab_size * c.hidden_size
    lm = any(stage.lm_weight for stage in recipe.stages)
    exported = sum(p.numel() for p in model.parameters())
    untied = head if lm and not c.tie_word_embeddings else 0
    if recipe.lora is None:
        total = trained = exported + untied
    else:
        adapters = adapter_parameters(model, recipe.lora)
        trained = adapters + sum(p.numel() for p in model.score.parameters())
        total = exported + untied + adapters
    return Shape(
        hidden=c.hidden_size,
        intermediate=c.intermediate_size,
        layers=c.num_hidden_layers,
        heads=c.num_attention_heads,
        kv_heads=c.num_key_value_heads,
        head_dim=getattr(c, "head_dim", None) or c.hidden_size // c.num_attention_heads,
        vocab=c.vocab_size,
        norms_heads=any(name.endswith("q_norm") for name, _ in body.named_modules()),
        parameters=total,
        trained=trained,
        matrices=sum(m.weight.numel() for m in body.modules() if isinstance(m, nn.Linear)),
        head=head,
    )


def stage_flops(shape: Shape, stage: Stage, tokens: int, row: int) -> float:
    """Floating-point operations of a stage.

    Args:
        shape: of the model.
        stage: for its language-model term.
        tokens: in all.
        row: mean tokens of a row.
    """
    a_weight = 6 if shape.trained >= shape.matrices else 4
    attention = 6 * shape.layers * shape.heads * shape.head_dim * row
    head = a_weight * shape.head * ANSWER_SHARE if stage.lm_weight else 0.0
    return tokens * (a_weight * shape.matrices + attention + head)


def _stage(recipe: Recipe, shape: Shape, stage: Stage, pairs: int, tokens: int, mfu: float) -> StagePlan:
    drawn = min(pairs, stage.max_pairs or pairs)
    row = min(tokens, 2 * stage.max_tokens)
    wanted = drawn * stage.epochs
    seen = min(wanted, max(stage.batch_pairs, stage.token_budget // row)) if stage.token_budget else wanted
    steps = stage.epochs * math.ceil(drawn / stage.batch_pairs) if seen == wanted else seen // stage.batch_pairs
    processes = max(1, recipe.gpus)
    share = math.ceil(stage.batch_pairs / processes)
    at_once = min(stage.micro_pairs or share, share)
    setting = Setting(
        bfloat16=recipe.precision == "bfloat16",
        gpus=recipe.gpus,
        shard=recipe.shard,
        checkpointing=recipe.gradient_checkpointing,
        fused=recipe.kernels,
        lm=stage.lm_weight > 0,
    )
    flops = stage_flops(shape, stage, seen * row, row)
    speed = recipe.gpus * H100_FLOPS[recipe.precision] * mfu if recipe.gpus else CPU_FLOPS
    longest = 2 * stage.max_tokens
    return StagePlan(
        name=stage.name,
        pairs=seen,
        steps=steps,
        tokens=seen * row,
        pairs_at_once=at_once,
        accumulate=math.ceil(share / at_once),
        longest_row=longest,
        memory=memory(shape, setting, at_once, longest, _most_logits(recipe)),
        flops=flops,
        hours=flops / speed / 3600,
    )


def _most_logits(recipe: Recipe) -> int:
    from pipeline.training.linear_cross_entropy import MOST_LOGITS

    return MOST_LOGITS["cuda" if recipe.gpus else "cpu"]


def _config(shape: Architecture) -> Any:
    from transformers import Qwen3Config

    configure: Any = Qwen3Config
    return configure(
        vocab_size=shape.vocab_size,
        hidden_size=shape.hidden_size,
        intermediate_size=shape.intermediate_size,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        num_key_value_heads=shape.kv_heads,
        head_dim=shape.head_dim,
        tie_word_embeddings=shape.tied,
    )
