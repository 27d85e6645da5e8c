import pytest
from pydantic import ValidationError

from pipeline.training.recipe import Lora, Recipe
from pipeline.training.recipes import NANO, RECIPES
from schemas.config import validate
from schemas.errors import ConfigError


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_survives_being_written_down(name):
    recipe = RECIPES[name]
    assert validate(Recipe, recipe.model_dump(mode="json"), "recipe") == recipe
    assert recipe.last == recipe.stages[-1]


def test_recipes_are_strict_and_frozen():
    given = NANO.model_dump(mode="json")
    with pytest.raises(ConfigError, match=r"recipe: stages\.0\.batch_pairs: .* got 0"):
        validate(Recipe, given | {"stages": [given["stages"][0] | {"batch_pairs": 0}]}, "recipe")
    with pytest.raises(ConfigError, match="recipe: batch: unknown key"):
        validate(Recipe, given | {"batch": 8}, "recipe")
    with pytest.raises(ConfigError, match="recipe: stages"):
        validate(Recipe, given | {"stages": given["stages"] * 3}, "recipe")
    with pytest.raises(ConfigError, match=r"recipe: lora\.rank"):
        validate(Recipe, given | {"lora": {"rank": 0}}, "recipe")
    with pytest.raises(ValidationError):
        NANO.name = "other"
    assert validate(Recipe, given | {"lora": {"targets": ["q_proj"]}}, "recipe").lora == Lora(targets=("q_proj",))
