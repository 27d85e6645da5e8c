"""The stages `train` and `evaluate` of a run: finished shards to a model, its scores and what stands beside them."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pipeline.evaluation.baselines import BaselineOptions, baselines
from pipeline.evaluation.benchmark import evaluate as evaluate_scorer
from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from pipeline.evaluation.scoring import identity
from pipeline.progress import advance
from pipeline.training import recipes
from pipeline.training.extra import require_train_extra
from pipeline.training.recipe import Recipe, Stage
from pipeline.training.trainer import train as train_recipe

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that spin for a busy core slow training several times
os.environ.setdefault("GOMP_SPINCOUNT", "0")


def recipe_named(name: str, configuration: str, sets: tuple[str, ...] = ()) -> Recipe:
    """A recipe by name or from a file, its last stage on one configuration of the data set.

    Args:
        name: of a recipe, or a YAML file.
        configuration: `full` or `balanced`.
        sets: assignments such as `stages.pm.learning_rate=1e-3`.

    Raises:
        ConfigError: there is no such recipe, or a field can't have its value.
    """
    recipe = recipes.recipe_named(name, sets)
    last = Stage.model_validate({**recipe.last.model_dump(), "configuration": configuration})
    return recipe.model_copy(update={"stages": (*recipe.stages[:-1], last)})


def train(root: Path, recipe: str, configuration: str, seed: int) -> list[str]:
    """Train a run's model into `models/<recipe>`; returns the files written, relative to the run's folder."""
    out = root / "models" / recipe
    quiet_transformers()
    train_recipe(root / "dataset", out, recipe_named(recipe, configuration), told("train"), seed)
    return _files(root, out)


def evaluate(root: Path, recipe: str, configuration: str, seed: int) -> list[str]:
    """Score a run's benchmark by its model, and by what a model must beat; returns the files written."""
    out = root / "evaluation" / recipe
    progress = told("evaluate")
    quiet_transformers()
    model, scoring = str(root / "models" / recipe), SequenceClassificationOptions()
    evaluate_scorer(scoring.load(model), root / "benchmark", out, progress, identity=identity(scoring, model))
    options = BaselineOptions.model_validate({"configuration": configuration})
    known = recipe_named(recipe, configuration)
    baselines(root / "dataset", root / "benchmark", out, progress, seed, options, known)
    return _files(root, out)


def quiet_transformers() -> None:
    """Keep transformers' own progress bars off the terminal, where the stage has its line."""
    require_train_extra()
    from transformers.utils import logging

    bars: Any = logging
    bars.disable_progress_bar()


def told(stage: str) -> Callable[[dict[str, Any]], None]:
    """What a trainer or a benchmark calls once a step, so that the terminal shows how far `stage` is.

    A message, such as a checkpoint that is not taken, goes to the error stream.
    """

    def hear(event: dict[str, Any]) -> None:
        if "message" in event:
            print(f"{stage}: {event['message']}", file=sys.stderr)
            return
        part = str(event.get("stage", stage)).replace("_", " ")
        advance(stage, event.get("step", 0), event.get("steps"), "steps" if part == stage else f"steps of {part}")

    return hear


def _files(root: Path, folder: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
