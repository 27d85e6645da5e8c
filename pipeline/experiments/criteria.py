"""Train on one criterion, test on all; and single-criterion models merged, against the joint one."""

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.experiments.common import Contrast, Design, Measure, Merge, Training, small
from pipeline.experiments.material import Material, enough, groups_of, sample, short
from pipeline.experiments.scaling import base
from pipeline.experiments.transfer import JOINT, matrix_contrasts
from pipeline.report.inputs import criterion_name
from schemas.criteria import CRITERIA

WEIGHTS, REWARDS, ROUTED = "mean-of-weights", "mean-of-rewards", "routed"


def _key(pair: BenchmarkPair) -> str:
    return pair.criterion


def design(material: Material) -> Design:
    """A model a criterion, one of all criteria, and three merges, on every criterion.

    Raises:
        ConfigError: fewer than two criteria have enough pairs.
    """
    preset = material.preset
    names = list(CRITERIA)
    pairs = {name: material.by_criterion(name) for name in names}
    recipe = small(material.recipes[0] if material.recipes else base(preset), preset, "criteria")
    kept, left_out = enough(names, lambda name: short(pairs[name], recipe), material.benchmark, _key, preset)
    trainings = [Training(name, f"{criterion_name(name)} ({len(pairs[name]):,})", recipe, pairs[name]) for name in kept]
    every = [pair for pair in material.training if pair.criterion in kept]
    joint = Training(JOINT, f"all of them ({len(every):,})", recipe, every)
    benchmark = sample([p for p in material.benchmark if p.criterion in kept], preset.benchmark_pairs, _key)
    merged = {
        WEIGHTS: "the mean of the single models' weights",
        REWARDS: "the mean of the single models' rewards",
        ROUTED: "each criterion's own model",
    }
    on = {cell: tuple(Measure(cell, name) for name in kept) for cell in (JOINT, *merged)}
    against = [
        Contrast(f"joint above {cell}", f"the model of all criteria beats {label}", on[JOINT], on[cell])
        for cell, label in merged.items()
        if cell != ROUTED  # matrix_contrasts has it: the routed model is each criterion's own
    ]
    against += [
        Contrast(f"{cell} above chance", f"{label}, asked for each criterion, beats chance", on[cell])
        for cell, label in merged.items()
        if cell != ROUTED
    ]
    return Design(
        experiment="criteria",
        title="Transfer between criteria, and merging",
        question="What does a model of one criterion know of the others, and do merged ones replace a joint one?",
        figure="matrix",
        trainings=(*trainings, joint),
        merges=(
            Merge(WEIGHTS, "mean of weights", tuple(kept), "weights"),
            Merge(REWARDS, "mean of rewards", tuple(kept), "rewards"),
            Merge(ROUTED, "own model of each", tuple(kept), "routed"),
        ),
        benchmark=benchmark,
        groups=groups_of(benchmark, kept, [criterion_name(name) for name in kept], _key),
        contrasts=(*matrix_contrasts(kept, "criterion"), *against),
        pool=material.training,
        notes=(
            *left_out,
            "Every model takes the same number of tokens; a criterion with fewer pairs (in brackets) repeats them.",
            "Merged models of one seed begin from the same weights. Rewards are averaged as they are, without scaling.",
        ),
    )
