"""System prompts at inference: none, the criterion's own, all criteria; for models trained with own and stored ones."""

from pipeline.experiments.common import Contrast, Design, Group, Measure, Training, View, small
from pipeline.experiments.material import Material, everything, sample
from pipeline.experiments.scaling import base

VIEWS: tuple[View, ...] = ("none", "own", "all")
TRAINED = {"own": "trained with each criterion's own prompt", "stored": "trained with the stored prompts"}
FLIPS = "flips"


def design(material: Material) -> Design:
    """Two models, each scored three ways; on flips too, where there are enough."""
    preset = material.preset
    recipe = material.recipes[0] if material.recipes else base(preset)
    trainings = tuple(
        Training(name, label, small(recipe, preset, "prompt", system=name), material.training, views=VIEWS)
        for name, label in TRAINED.items()
    )
    benchmark = sample(material.benchmark, preset.benchmark_pairs)
    groups = [everything(benchmark)]
    flips = tuple(row for row, pair in enumerate(benchmark) if pair.kind == "flip")
    notes = [
        "`own` names the pair's criterion, `all` names every one, `none` has no system prompt.",
        "Stored prompts are a mix of the three; with the long one, fewer pairs fit the tokens of a conversation.",
    ]
    if len(flips) >= preset.min_test:
        groups.append(Group(FLIPS, "flips", flips))
        notes.append(
            "A flip shows the same two answers under two criteria with opposite winners: only the prompt tells."
        )
    else:
        notes.append(f"Flips are left out: {len(flips)} of them, must be {preset.min_test}.")
    contrasts = []
    for group in groups:
        where = "" if group.name == "all" else f" on {group.label}"
        for cell, label in TRAINED.items():
            at = {view: (Measure(cell, group.name, view),) for view in VIEWS}
            claim = f"{label}, a model chooses better{where} with the criterion's own prompt than"
            contrasts += [
                Contrast(f"{cell}: own above none{where}", f"{claim} without one", at["own"], at["none"]),
                Contrast(f"{cell}: own above all{where}", f"{claim} with all criteria in one", at["own"], at["all"]),
            ]
        one, other = ((Measure(cell, group.name),) for cell in TRAINED)
        claim = f"training with own prompts beats training with stored ones{where}, asked with own prompts"
        contrasts.append(Contrast(f"own above stored{where}", claim, one, other))
    return Design(
        experiment="prompt",
        title="System prompts",
        question="Which system prompt should a model be asked with, and does it depend on what it was trained with?",
        figure="list",
        trainings=trainings,
        benchmark=benchmark,
        groups=tuple(groups),
        contrasts=tuple(contrasts),
        pool=material.training,
        notes=tuple(notes),
    )
