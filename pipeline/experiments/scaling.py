"""Model size against accuracy, at one budget of tokens: the same pairs in the same order, one vocabulary."""

from itertools import pairwise

from pipeline.experiments.common import Contrast, Design, Measure, Preset, Training, small
from pipeline.experiments.material import Material, everything, sample
from pipeline.training.recipe import Architecture, Recipe
from pipeline.training.recipes import NANO
from schemas.errors import ConfigError

VOCABULARY = 2048
HEAD_DIM = 32


def _shape(hidden: int, layers: int) -> Recipe:
    """Another shape of nano: feed-forward layers 8/3 as wide, and a rate that falls with the root of the width."""
    heads = hidden // HEAD_DIM
    architecture = Architecture(
        hidden_size=hidden, intermediate_size=hidden * 8 // 3 // 8 * 8, layers=layers, heads=heads, kv_heads=heads,
        head_dim=HEAD_DIM, vocab_size=VOCABULARY, initializer_range=round(hidden**-0.5, 4),
    )  # fmt: skip
    rate = round(NANO.last.learning_rate * (NANO.architecture.hidden_size / hidden) ** 0.5, 6)
    stage = NANO.last.model_copy(update={"learning_rate": rate})
    return NANO.model_copy(update={"architecture": architecture, "stages": (stage,)})


SIZES: tuple[tuple[str, Recipe], ...] = (
    ("0.1M", _shape(32, 2)),
    ("0.3M", _shape(64, 3)),
    ("1M", _shape(128, 4)),
    ("3M", _shape(192, 6)),
)
"""About so many parameters, smallest first."""


def base(preset: Preset) -> Recipe:
    """The recipe of the other experiments where none is named: nano, or a third of it for a small budget."""
    return SIZES[1][1] if preset.sizes < len(SIZES) else NANO


def design(material: Material) -> Design:
    """Every size on all pairs.

    Raises:
        ConfigError: one recipe is named; the experiment compares two or more.
    """
    preset = material.preset
    named = material.recipes
    if len(named) == 1:
        raise ConfigError(f"--recipe {named[0].name}: scaling compares two or more recipes. Name another one.")
    sizes = [(recipe.name, recipe) for recipe in named] or list(SIZES[: preset.sizes])
    trainings = tuple(
        Training(name, name, small(recipe, preset, f"scaling-{name.lower()}"), material.training)
        for name, recipe in sizes
    )
    names = [name for name, _ in sizes]
    benchmark = sample(material.benchmark, preset.benchmark_pairs)
    at = {name: (Measure(name, "all"),) for name in names}
    contrasts = [Contrast(f"{name} above chance", f"the model {name} beats chance", at[name]) for name in names]
    contrasts += [
        Contrast(f"{b} above {a}", f"the model {b} beats the smaller {a}", at[b], at[a]) for a, b in pairwise(names)
    ]
    if len(names) > 2:
        first, last = names[0], names[-1]
        claim = f"the largest, {last}, beats the smallest, {first}"
        contrasts.append(Contrast(f"{last} above {first}", claim, at[last], at[first]))
    return Design(
        experiment="scaling",
        title="Scaling",
        question="Does a larger model choose better, when every size sees the same tokens?",
        figure="scaling",
        trainings=trainings,
        benchmark=benchmark,
        groups=(everything(benchmark),),
        contrasts=tuple(contrasts),
        pool=material.training,
        notes=(
            "Sizes share the pairs, their order and the tokens; the learning rate falls with the root of the width.",
        )
        if not named
        else (),
    )
