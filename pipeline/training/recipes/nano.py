"""A recipe that a laptop's processor trains from nothing."""

from pipeline.training.recipe import Architecture, Recipe, Stage

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
    stages=(
        Stage(
            name="pm",
            system="own",
            max_tokens=384,
            epochs=2,
            token_budget=1_600_000,
            batch_pairs=16,
            learning_rate=3e-3,
            final_learning_rate=1e-5,
            lm_weight=0.01,
            magnitude_weight=0.001,
        ),
    ),
)
"""From scratch, on a laptop's processor, in minutes: it shows that the data teaches, not how far it can.

Each pair's criterion is asked for by its own system prompt, as in evaluation: prompts that name every criterion would
take a fifth of the tokens.
"""
