"""The paper's suite: Qwen3 at six sizes, general preferences (PT), then code preferences (PM).

Rates, batches, lengths, weights of the loss and clipping: the paper's table of training parameters (arXiv 2605.00754),
and so are the numbers of GPUs. It trains PT of 14B and 32B on half the GPUs of PM; a recipe has one number, PM's, and
`--set gpus=` changes it. Pairs at once on a GPU are ours: what fits 80 GB with a longest pair each, by the dry run.
The paper shards every size and offloads to the host; a model whose weights, gradients and optimiser fit one GPU is
not sharded here, and none is offloaded.
"""

from typing import NamedTuple

from pipeline.training.recipe import Architecture, Recipe, Stage


class _Size(NamedTuple):
    """One model of the suite: its shape, and what it runs on."""

    hidden: int
    intermediate: int
    layers: int
    heads: int
    tied: bool
    gpus: int
    shard: bool
    micro_pt: int
    micro_pm: int


SIZES = {
    "0.6b": _Size(1024, 3072, 28, 16, tied=True, gpus=8, shard=False, micro_pt=16, micro_pm=8),
    "1.7b": _Size(2048, 6144, 28, 16, tied=True, gpus=8, shard=False, micro_pt=8, micro_pm=4),
    "4b": _Size(2560, 9728, 36, 32, tied=True, gpus=16, shard=True, micro_pt=8, micro_pm=4),
    "8b": _Size(4096, 12288, 36, 32, tied=False, gpus=32, shard=True, micro_pt=8, micro_pm=4),
    "14b": _Size(5120, 17408, 40, 40, tied=False, gpus=64, shard=True, micro_pt=4, micro_pm=2),
    "32b": _Size(5120, 25600, 64, 64, tied=False, gpus=128, shard=True, micro_pt=4, micro_pm=2),
}
"""As the configurations of the published models have them; all have 8 heads for keys and values, each 128 wide."""


def _stages(size: _Size) -> tuple[Stage, Stage]:
    pt = Stage(
        name="pt",
        max_tokens=2560,
        epochs=2,
        batch_pairs=1024,
        micro_pairs=size.micro_pt,
        learning_rate=2e-5,
        final_learning_rate=1e-5,
        lm_weight=0.4,
        magnitude_weight=0.01,
        clip=2.0,
    )
    pm = Stage(
        name="pm",
        max_tokens=4096,
        epochs=1,
        batch_pairs=512,
        micro_pairs=size.micro_pm,
        learning_rate=1e-5,
        final_learning_rate=5e-7,
        lm_weight=0.25,
        magnitude_weight=0.001,
        clip=1.5,
    )
    return pt, pm


def _recipe(name: str, size: _Size) -> Recipe:
    return Recipe(
        name=f"qwen3-{name}",
        architecture=Architecture(
            hidden_size=size.hidden,
            intermediate_size=size.intermediate,
            layers=size.layers,
            heads=size.heads,
            kv_heads=8,
            head_dim=128,
            vocab_size=151_936,
            tied=size.tied,
        ),
        weights=f"Qwen/Qwen3-{name.upper()}",
        stages=_stages(size),
        precision="bfloat16",
        gradient_checkpointing=True,
        gpus=size.gpus,
        shard=size.shard,
        kernels=True,
    )


QWEN3: tuple[Recipe, ...] = tuple(_recipe(name, size) for name, size in SIZES.items())
"""Smallest first."""
