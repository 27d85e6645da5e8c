"""Models of about 10, 30 and 100 million parameters from scratch, for the scaling figure on one GPU.

The three differ in shape and rate only: one vocabulary, the same pairs in the same order, the same steps. Depth and
width grow together; a feed-forward layer is about 8/3 as wide as its block; the rate falls with the root of the width.
"""

from pipeline.training.recipe import Architecture, Recipe, Stage

VOCABULARY = 8192


def _recipe(
    name: str, hidden: int, layers: int, heads: int, kv_heads: int, feed: int, rate: float, micro: int = 0
) -> Recipe:
    return Recipe(
        name=f"scratch-{name}",
        architecture=Architecture(
            hidden_size=hidden,
            intermediate_size=feed,
            layers=layers,
            heads=heads,
            kv_heads=kv_heads,
            head_dim=64,
            vocab_size=VOCABULARY,
            initializer_range=round(hidden**-0.5, 4),
        ),
        stages=(
            Stage(
                name="pm",
                system="own",
                max_tokens=1024,
                epochs=3,
                batch_pairs=64,
                micro_pairs=micro,
                learning_rate=rate,
                final_learning_rate=1e-5,
                lm_weight=0.1,
                magnitude_weight=0.001,
            ),
        ),
        precision="bfloat16",
        gpus=1,
        kernels=True,
    )


SCRATCH: tuple[Recipe, ...] = (
    _recipe("10m", hidden=320, layers=6, heads=5, kv_heads=5, feed=896, rate=1.5e-3),
    _recipe("30m", hidden=512, layers=8, heads=8, kv_heads=8, feed=1408, rate=1.2e-3),
    _recipe("100m", hidden=768, layers=14, heads=12, kv_heads=6, feed=2048, rate=1e-3, micro=32),
)
"""Smallest first."""
