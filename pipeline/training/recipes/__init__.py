"""Recipes of the reward suite: typed, complete, and the same steps for the same input; one file a family."""

from pipeline.training.recipe import Architecture, Lora, Recipe, Stage
from pipeline.training.recipes.named import recipe_from
from pipeline.training.recipes.nano import NANO
from pipeline.training.recipes.qwen3 import QWEN3
from pipeline.training.recipes.scratch import SCRATCH
from pipeline.training.recipes.smollm2 import SMOLLM2_135M, SMOLLM2_135M_GPU

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe for recipe in (NANO, *SCRATCH, SMOLLM2_135M, SMOLLM2_135M_GPU, *QWEN3)
}
"""Name to recipe."""


def recipe_named(name_or_path: str, sets: tuple[str, ...] = ()) -> Recipe:
    """The recipe of a name, or of a YAML file of one's own, with `a.b=value` assignments made.

    Example:
        >>> recipe_named("nano", ("lora.rank=8", "stages.pm.learning_rate=1e-3")).lora.rank
        8

    Raises:
        ConfigError: no such recipe, file or field, or a value that a field can't have.
    """
    return recipe_from(RECIPES, name_or_path, sets)


__all__ = ["NANO", "RECIPES", "Architecture", "Lora", "Recipe", "Stage", "recipe_named"]
