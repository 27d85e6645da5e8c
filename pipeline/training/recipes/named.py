"""A recipe by its name or from a user's file, with `--set` assignments made."""

import re
from pathlib import Path
from typing import Any

import yaml

from pipeline.training.recipe import Recipe, Stage
from schemas.config import read_yaml, validate
from schemas.errors import ConfigError

_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?[eE][+-]?\d+")
"""`1e-5`: a number to everyone but YAML 1.1, which wants `1.0e-5`."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


def recipe_from(recipes: dict[str, Recipe], name_or_path: str, sets: tuple[str, ...] = ()) -> Recipe:
    """The recipe of a name, or of a YAML file with the same fields, with `a.b=value` assignments made.

    A file may begin from a recipe: `extends: qwen3-0.6b`, and then only what differs. A stage is named by its place or
    its name: `stages.0.learning_rate=1e-5`, `stages.pm.learning_rate=1e-5`.

    Args:
        recipes: name to recipe.
        name_or_path: anything that ends in `.yaml` or `.yml`, or has a slash, is a path.
        sets: assignments, made in their order.

    Raises:
        ConfigError: no such recipe, file or field, or a value that a field can't have.
    """
    table, where = _table(recipes, name_or_path)
    for assignment in sets:
        _assign(table, assignment)
    recipe = validate(Recipe, _numbers(table), where)
    check(recipe, where)
    return recipe


def check(recipe: Recipe, where: str) -> None:
    """What no single field of the shape can tell.

    Raises:
        ConfigError: a name that no folder can have, heads that no group of keys divides, one stage twice or out of
            order, a rate that rises, fewer pairs in a step than GPUs, or no GPUs to shard over.
    """
    if not _NAME.fullmatch(recipe.name):
        raise ConfigError(f"{where}: name: {recipe.name!r}: a folder is named so; use a-z, 0-9, '.', '_' and '-'.")
    shape = recipe.architecture
    if shape.heads % shape.kv_heads:
        raise ConfigError(f"{where}: architecture.kv_heads: {shape.kv_heads} does not divide heads, {shape.heads}.")
    names = [stage.name for stage in recipe.stages]
    if names not in (["pt"], ["pm"], ["pt", "pm"]):
        raise ConfigError(f"{where}: stages: {', '.join(names)}: must be pt, pm, or pt and then pm.")
    for stage in recipe.stages:
        if stage.batch_pairs < recipe.gpus:
            raise ConfigError(
                f"{where}: stages.{stage.name}.batch_pairs: {stage.batch_pairs} pairs for {recipe.gpus} GPUs: "
                "each needs one at least. Lower gpus, or raise batch_pairs."
            )
        if stage.final_learning_rate > stage.learning_rate:
            raise ConfigError(
                f"{where}: stages.{stage.name}.final_learning_rate: {stage.final_learning_rate} is above "
                f"learning_rate, {stage.learning_rate}; a rate falls."
            )
    if recipe.shard and recipe.gpus < 2:
        raise ConfigError(f"{where}: shard: needs 2 GPUs at least, gpus is {recipe.gpus}. Set shard to false.")


def _table(recipes: dict[str, Recipe], name_or_path: str) -> tuple[dict[str, Any], str]:
    """The fields that a name or a file gives, and what to call them in an error."""
    if name_or_path in recipes:
        return recipes[name_or_path].model_dump(mode="json"), f"recipe {name_or_path}"
    path = Path(name_or_path).expanduser()
    if path.suffix not in (".yaml", ".yml") and "/" not in name_or_path:
        raise ConfigError(
            f"recipe {name_or_path!r}: no such recipe; there are {', '.join(recipes)}, "
            "or name a YAML file, such as my.yaml"
        )
    if not path.is_file():
        raise ConfigError(f"recipe {name_or_path}: no such file. Name one, or one of {', '.join(recipes)}.")
    table = read_yaml(path)
    base = table.pop("extends", None)
    if base is None:
        return table, str(path)
    if base not in recipes:
        raise ConfigError(f"{path}: extends: {base!r}: no such recipe; there are {', '.join(recipes)}")
    return _merge(recipes[base].model_dump(mode="json"), table), str(path)


def _merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with what `over` says; sections are merged, all else is replaced."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = _merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _assign(table: dict[str, Any], assignment: str) -> None:
    name, equals, text = assignment.partition("=")
    if not equals or not name:
        raise ConfigError(f"--set {assignment}: must be FIELD=VALUE, such as --set stages.pm.epochs=2")
    *parents, last = name.split(".")
    if not parents and last in Stage.model_fields and last not in Recipe.model_fields:
        raise ConfigError(f"--set {assignment}: {last} is a stage's: say stages.pm.{last} or stages.pt.{last}")
    section: Any = table
    for parent in parents:
        section = _inside(section, parent, assignment)
    if not isinstance(section, dict):
        raise ConfigError(f"--set {assignment}: {'.'.join(parents)} is not a section")
    try:
        section[last] = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"--set {assignment}: {text!r} is not valid YAML: {error}") from None


def _inside(section: Any, key: str, assignment: str) -> Any:
    """The section `key` of a section, made where there is none; of a list, the item at a place or of a name."""
    if isinstance(section, dict):
        if section.get(key) is None:
            section[key] = {}
        return section[key]
    if isinstance(section, list):
        for number, item in enumerate(section):
            if key == str(number) or (isinstance(item, dict) and item.get("name") == key):
                return item
        names = [str(item.get("name", n)) if isinstance(item, dict) else str(n) for n, item in enumerate(section)]
        raise ConfigError(f"--set {assignment}: no {key!r} there; there are {', '.join(names)}")
    return None


def _numbers(value: Any) -> Any:
    """The same with texts such as `1e-5` as the numbers that they are meant to be."""
    if isinstance(value, dict):
        return {key: _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    return float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value
