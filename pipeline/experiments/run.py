"""One experiment from a run's folder to its page."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from pipeline.evaluation.scoring import Progress
from pipeline.experiments import EXPERIMENTS, engine, page
from pipeline.experiments.common import Design, Preset
from pipeline.experiments.engine import Plan, Work
from pipeline.experiments.material import Configuration, read_material
from pipeline.experiments.presets import PRESETS
from pipeline.experiments.results import results
from pipeline.training.extra import require_train_extra
from pipeline.training.recipes import recipe_named
from schemas.config import Options
from schemas.errors import ConfigError


class ExperimentOptions(Options):
    """What an experiment may be told.

    Attributes:
        preset: `quick` or `full`.
        seeds: trainings of each cell; 0 for the preset's.
        tokens: of each training; 0 for the preset's.
        benchmark_pairs: that are scored, at most; 0 for all, None for the preset's.
        recipes: names or files, see `recipe_named`; empty for the experiment's own. `scaling` compares them, the
            others take the first one's model and last stage.
        configuration: which training shards.
        general: `dataset` folder of general preferences, for PT.
        keep_models: whether models stay in `models`.
    """

    preset: str = "quick"
    seeds: int = Field(default=0, ge=0, le=1000)
    tokens: int = Field(default=0, ge=0)
    benchmark_pairs: int | None = Field(default=None, ge=0)
    recipes: tuple[str, ...] = ()
    configuration: Configuration = "balanced"
    general: Path | None = None
    keep_models: bool = False

    def sized(self) -> Preset:
        """The preset, with what was told instead.

        Raises:
            ConfigError: there is no such preset.
        """
        if self.preset not in PRESETS:
            raise ConfigError(f"--preset {self.preset}: no such preset; there are {', '.join(PRESETS)}")
        told = {"seeds": self.seeds, "tokens": self.tokens}
        changed: dict[str, int] = {name: value for name, value in told.items() if value}
        if self.benchmark_pairs is not None:
            changed["benchmark_pairs"] = self.benchmark_pairs
        return PRESETS[self.preset].model_copy(update=changed)


def prepare(name: str, run: Path, out: Path, options: ExperimentOptions) -> Work:
    """Read a run and lay out an experiment; trains nothing.

    Args:
        name: of the experiment.
        run: a finished run's folder.
        out: where scores, results and the page go.
        options: see there.

    Raises:
        ConfigError: no such experiment, preset or recipe; the run has no benchmark or too few pairs; the extra
            `train` is missing.
    """
    if name not in EXPERIMENTS:
        raise ConfigError(f"experiment {name!r}: no such experiment; there are {', '.join(EXPERIMENTS)}")
    preset = options.sized()
    recipes = tuple(recipe_named(one) for one in options.recipes)
    twice = next((one.name for one in recipes if [other.name for other in recipes].count(one.name) > 1), None)
    if twice is not None:
        raise ConfigError(f"--recipe {twice}: comes twice. Every recipe needs a name of its own.")
    if len(recipes) > 1 and name != "scaling":
        raise ConfigError(f"--recipe: {name} takes one recipe, {len(recipes)} are given; only scaling compares them.")
    require_train_extra()
    if out.is_file():
        raise ConfigError(f"--out {out}: is a file. Name a folder.")
    material = read_material(run, preset, recipes, options.configuration, options.general)
    made = EXPERIMENTS[name](material)
    design: Design = replace(made, notes=(*made.notes, *material.notes))
    return engine.start(design, out, preset.seeds, options.keep_models)


def experiment(work: Work, preset: str, progress: Progress) -> dict[str, Any]:
    """Train, score, measure and write; returns the content of `results.json`.

    Args:
        work: what `prepare` gives.
        preset: its name.
        progress: told a dict a step.

    Raises:
        ConfigError: no pair fits a recipe, or the folder can't be made.
        CheckFailed: a loss became not finite, or a model gives no score.
    """
    try:
        work.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out {work.out}: can't be made ({error}). Name another folder.") from None
    cells = engine.run(work, progress)
    found = results(work.design, cells, preset, work.seeds)
    page.write(work.out, found)
    return found


def planned(work: Work) -> tuple[Plan, dict[str, Any]]:
    """The plan, and what a script wants to know of it."""
    plan = engine.plan(work)
    design = work.design
    told = {
        "experiment": design.experiment,
        "cells": [one.name for one in design.cells],
        "groups": {group.name: len(group.rows) for group in design.groups},
        "contrasts": [one.claim for one in design.contrasts],
        "notes": list(design.notes),
        **asdict(plan),
    }
    return plan, told
