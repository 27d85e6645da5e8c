"""The terms of the loss, one at a time: the language-model term, both forms of the magnitude term, and PT."""

from typing import Any

from pipeline.experiments.common import Contrast, Design, Measure, Training, small
from pipeline.experiments.material import Material, everything, sample
from pipeline.experiments.scaling import base
from pipeline.training.recipe import Recipe, Stage

FIRST = "whole"
PT = "pt"
LM_WEIGHT, MAGNITUDE_WEIGHT = 0.1, 0.01
"""What a recipe without the term gets, so that there is something to leave out."""


def _variants(recipe: Recipe) -> dict[str, tuple[str, dict[str, Any]]]:
    """Cell to label and what its stage changes."""
    last = recipe.last
    lm = last.lm_weight or LM_WEIGHT
    magnitude = last.magnitude_weight or MAGNITUDE_WEIGHT
    whole = {"lm_weight": lm, "magnitude_weight": magnitude, "magnitude": "paper"}
    return {
        FIRST: (f"LM x {lm:g}, magnitude x {magnitude:g}", whole),
        "no-lm": ("without the LM term", whole | {"lm_weight": 0.0}),
        "no-magnitude": ("without the magnitude term", whole | {"magnitude_weight": 0.0}),
        "released": ("magnitude as released", whole | {"magnitude": "released"}),
        "preference-alone": ("preference term alone", whole | {"lm_weight": 0.0, "magnitude_weight": 0.0}),
    }


def design(material: Material) -> Design:
    """The loss whole, and without each of its parts; with PT before it where general preferences are given."""
    preset = material.preset
    recipe = material.recipes[0] if material.recipes else base(preset)
    trainings = [
        Training(name, label, small(recipe, preset, "loss", **changes), material.training)
        for name, (label, changes) in _variants(recipe).items()
    ]
    notes = ["All cells share the pairs, their order, the first weights and the tokens of the last stage."]
    contrasts = [
        Contrast("whole above chance", "the whole loss beats chance", _at(FIRST)),
        Contrast("LM term", "the LM term raises accuracy", _at(FIRST), _at("no-lm")),
        Contrast("magnitude term", "the magnitude term raises accuracy", _at(FIRST), _at("no-magnitude")),
        Contrast("form", "the paper's magnitude term beats the released one", _at(FIRST), _at("released")),
        Contrast("both terms", "both terms beat the preference term alone", _at(FIRST), _at("preference-alone")),
    ]  # fmt: skip
    if material.general:
        trainings.append(_with_pt(trainings[0], material))
        contrasts.append(Contrast("PT", "PT before PM raises accuracy", _at(PT), _at(FIRST)))
        notes.append(f"PT trains on {len(material.general):,} general preferences, for as many tokens again.")
    else:
        notes.append("PT is left out: a run has no general preferences. Name a dataset folder of them with --general.")
    benchmark = sample(material.benchmark, preset.benchmark_pairs)
    return Design(
        experiment="loss",
        title="The terms of the loss",
        question="What do the language-model term, the magnitude term and a first stage on general preferences add?",
        figure="list",
        trainings=tuple(trainings),
        benchmark=benchmark,
        groups=(everything(benchmark),),
        contrasts=tuple(contrasts),
        pool=material.training,
        notes=tuple(notes),
    )


def _at(cell: str) -> tuple[Measure, ...]:
    return (Measure(cell, "all"),)


def _with_pt(whole: Training, material: Material) -> Training:
    stage = Stage.model_validate(
        {**whole.recipe.last.model_dump(), "name": "pt", "configuration": "full", "system": "own"}
    )
    recipe = whole.recipe.model_copy(update={"stages": (stage, whole.recipe.last)})
    return Training(PT, "PT, then the whole loss", recipe, material.training, material.general)
