"""Training from the command line of `accelerate launch`: one call a process.

Example:
    accelerate launch --multi_gpu --num_processes 2 -m pipeline.training RUN --recipe nano

Without a GPU the same command starts two processes on the processor (gloo).
"""

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.learn import quiet_transformers, recipe_named
from pipeline.training.trainer import train
from schemas.errors import ThemisError

LONE = (
    "accelerate launch started one process only: `--cpu` starts more under mpirun alone. For several processes, on "
    "GPUs or not, say `--multi_gpu --num_processes N`."
)


def main(
    run: Annotated[Path, typer.Argument(help="A run's folder, with finished shards.")],
    recipe: Annotated[str, typer.Option(help="Name of a recipe, or a YAML file.")] = "nano",
    configuration: Annotated[str, typer.Option(help="Of the last stage: full or balanced.")] = "balanced",
    out: Annotated[Path | None, typer.Option(help="By default RUN/models/RECIPE.")] = None,
    general: Annotated[Path | None, typer.Option(help="Dataset folder of the general preferences, for `pt`.")] = None,
    sets: Annotated[list[str] | None, typer.Option("--set", help="Such as stages.pm.learning_rate=1e-3.")] = None,
    seed: int = 20190301,
    resume: Annotated[bool, typer.Option(help="Go on from checkpoints of the same training.")] = True,
    checkpoint_steps: Annotated[int, typer.Option(min=0, help="0: a tenth of a stage's.")] = 0,
    report_to: Annotated[list[str] | None, typer.Option(help="tensorboard, wandb; none by default.")] = None,
) -> None:
    """Train a reward model on a run's shards, on every process that `accelerate launch` starts."""
    if "MASTER_ADDR" in os.environ and "RANK" not in os.environ:
        _say({"message": LONE})
    try:
        chosen = recipe_named(recipe, configuration, tuple(sets or ()))
        quiet_transformers()
        target = out or run / "models" / chosen.name
        result = train(
            run / "dataset", target, chosen, _say, seed, general, resume, checkpoint_steps, tuple(report_to or ())
        )
    except ThemisError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(error.exit_code) from None
    if os.environ.get("RANK", "0") == "0":
        _say({"message": f"wrote {result.out}"})


def _say(event: dict[str, Any]) -> None:
    """A line for a message, and for every tenth step."""
    if "message" in event:
        print(event["message"], flush=True)
    elif event["step"] % 10 == 0 or event["step"] == event["steps"]:
        print(f"step {event['step']} of {event['steps']}: loss {event['loss']:.4f}", flush=True)


if __name__ == "__main__":
    typer.run(main)
