"""The command `themis train`: a recipe on a run's shards, or what it would take."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from schemas.errors import ConfigError

OUT = Console(highlight=False, soft_wrap=True)
WIDE = 200
"""Characters of the plan's lines where no terminal shows them."""


def train(
    run: Annotated[
        Path | None, typer.Argument(help="A run's folder, with finished shards; a dry run can do without.")
    ] = None,
    recipe: Annotated[str, typer.Option(help="Name of a recipe, or a YAML file of one.")] = "nano",
    configuration: Annotated[str, typer.Option(help="Of the last stage: full or balanced.")] = "balanced",
    out: Annotated[Path | None, typer.Option(help="By default RUN/models/RECIPE.")] = None,
    general: Annotated[
        Path | None, typer.Option(help="Dataset folder of general preferences, for a recipe's stage pt.")
    ] = None,
    sets: Annotated[
        list[str] | None, typer.Option("--set", metavar="A.B=C", help="Such as stages.pm.learning_rate=1e-3.")
    ] = None,
    seed: int = 20190301,
    resume: Annotated[bool, typer.Option(help="Go on from the checkpoints of the same training.")] = True,
    checkpoint_steps: Annotated[int, typer.Option(min=0, help="Between checkpoints; 0: a tenth of a stage.")] = 0,
    report_to: Annotated[list[str] | None, typer.Option(help="tensorboard or wandb; none by default.")] = None,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Say what it would take: parameters, memory, steps, hours. Trains nothing."),
    ] = False,
    pairs: Annotated[int, typer.Option(min=1, help="Of a dry run without RUN.")] = 100_000,
    tokens: Annotated[int, typer.Option(min=1, help="Of a pair, in a dry run without RUN.")] = 1_500,
    as_json: Annotated[bool, typer.Option("--json", help="Print the dry run as JSON.")] = False,
) -> None:
    """Train a reward model on a run's shards; what was interrupted goes on. For several GPUs see the README."""
    from pipeline.learn import quiet_transformers, recipe_named, told
    from pipeline.progress import stage_progress
    from pipeline.training.trainer import train as train_recipe

    chosen = recipe_named(recipe, configuration, tuple(sets or ()))
    quiet_transformers()
    if dry_run:
        _dry_run(run, chosen, pairs, tokens, as_json)
        return
    if run is None:
        raise ConfigError("themis train: names no run. Give a folder that `themis run` has finished, or --dry-run.")
    target = out or run / "models" / chosen.name
    with stage_progress(OUT, "train", "steps", None):
        result = train_recipe(
            run / "dataset", target, chosen, told("train"), seed, general, resume, checkpoint_steps,
            tuple(report_to or ()),
        )  # fmt: skip
    OUT.print(f"wrote {result.out}", markup=False)


def _dry_run(run: Path | None, recipe: object, pairs: int, tokens: int, as_json: bool) -> None:
    from pipeline.training.pairs import read_pairs
    from pipeline.training.plan import dry_run, mean_tokens
    from pipeline.training.plan_table import plan_table
    from pipeline.training.recipe import Recipe

    assert isinstance(recipe, Recipe)
    if run is not None:
        found = read_pairs(run / "dataset", recipe.last.configuration)
        if not found:
            raise ConfigError(f"{run}/dataset: holds no pair of the configuration {recipe.last.configuration}.")
        pairs, tokens = len(found), mean_tokens(found)
    plan = dry_run(recipe, pairs, tokens)
    if as_json:
        print(json.dumps(plan.to_json(), indent=2))
        return
    console = OUT if OUT.is_terminal else Console(width=WIDE, highlight=False)
    console.print(plan_table([plan]))
