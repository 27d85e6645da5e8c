"""Dry runs as a table for the terminal."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from pipeline.training.plan import Plan


def plan_table(plans: Sequence[Plan]) -> Any:
    """A rich table, one row a recipe and stage; memory in GB (10^9 bytes) a GPU."""
    from rich.table import Table

    table = Table(caption="GB a process at its longest batch, CUDA's own 2 to 6 GB left out; GPUs: H100, hours by MFU")
    for name in ("recipe", "stage"):
        table.add_column(name, no_wrap=True)
    for name in ("parameters", "trained", "GPUs", "steps", "pairs", "tokens", "weights", "gradients", "optimiser",
                 "gathered", "activations", "logits", "GB", "EFLOP", "hours"):  # fmt: skip
        table.add_column(name, justify="right", no_wrap=True)
    for plan in plans:
        for stage in plan.stages:
            terms = [f"{value / 1e9:.1f}" for value in asdict(stage.memory).values()]
            total = f"{stage.memory.total / 1e9:.1f}"
            table.add_row(
                plan.recipe, stage.name, f"{plan.parameters:,}", f"{plan.trained:,}",
                (f"{plan.gpus}" + (" sharded" if plan.shard else "")) if plan.gpus else "CPU",
                f"{stage.steps:,}", f"{stage.pairs:,}", f"{stage.tokens:,}", *terms,
                total if plan.fits else f"[red]{total}[/red]", f"{stage.flops / 1e18:.3g}", f"{stage.hours:.3g}",
            )  # fmt: skip
    return table
