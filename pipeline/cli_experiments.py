"""`themis experiment NAME RUN`: small replications of the paper's questions on a run's held-out repositories."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from schemas.config import validate

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


def experiment(
    name: Annotated[str, typer.Argument(metavar="NAME", help="scaling, transfer, criteria, loss or prompt.")],
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A finished run's folder.")],
    out: Annotated[Path, typer.Option(help="Where scores, results and the page go; give it again to go on.")],
    preset: Annotated[str, typer.Option(help="quick (minutes on a laptop) or full (nano's budget).")] = "quick",
    seeds: Annotated[int | None, typer.Option(help="Trainings of each cell; quick has 2, full 5.", min=1)] = None,
    tokens: Annotated[int | None, typer.Option(help="Of each training, instead of the preset's.", min=1)] = None,
    benchmark_pairs: Annotated[int | None, typer.Option(help="Scored, at most; 0 for all.", min=0)] = None,
    recipe: Annotated[
        list[str] | None, typer.Option(help="To begin from; scaling takes several, smallest first.")
    ] = None,
    configuration: Annotated[str, typer.Option(help="Training shards: full or balanced.")] = "balanced",
    general: Annotated[Path | None, typer.Option(help="dataset folder of general preferences, for PT.")] = None,
    keep_models: Annotated[bool, typer.Option("--keep-models", help="Keep the models in OUT/models.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be trained.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train small models on a run, score its held-out pairs, and say what held and what didn't."""
    from pipeline.experiments import run as experiments
    from pipeline.experiments.page import PAGE
    from pipeline.learn import quiet_transformers, told
    from pipeline.progress import stage_progress

    given: dict[str, Any] = {
        "preset": preset, "seeds": seeds or 0, "tokens": tokens or 0, "benchmark_pairs": benchmark_pairs,
        "recipes": tuple(recipe or ()), "configuration": configuration, "general": general, "keep_models": keep_models,
    }  # fmt: skip
    options = validate(experiments.ExperimentOptions, given, "themis experiment")
    work = experiments.prepare(name, run, out, options)
    plan, table = experiments.planned(work)
    if dry_run and as_json:
        print(json.dumps(table, indent=2, ensure_ascii=False))
        return
    console = ERR if as_json else OUT
    cells = len(table["cells"])
    console.print(
        f"{name}: {cells} cells, {len(plan.seeds)} seeds, {plan.trainings} trainings, {plan.done} of them done; "
        f"to do: at most {plan.tokens:,} tokens, {plan.scored:,} conversations to score",
        markup=False,
    )
    for note in table["notes"]:
        console.print(f"  {note}", markup=False)
    if dry_run:
        return
    quiet_transformers()
    with stage_progress(ERR, "experiment", "trainings", plan.trainings):
        found = experiments.experiment(work, preset, told("experiment"))
    if as_json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for line in found["said"]:
        OUT.print(line, markup=False)
    OUT.print(f"wrote {out / PAGE}", markup=False)
