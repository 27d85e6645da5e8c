"""Train on one language, test on all: what carries over."""

from collections.abc import Sequence

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.experiments.common import Contrast, Design, Measure, Training, small
from pipeline.experiments.material import Material, enough, groups_of, sample, short
from pipeline.experiments.scaling import base
from pipeline.report.inputs import language_name
from schemas import contract

JOINT = "all"


def _key(pair: BenchmarkPair) -> str:
    return pair.language


def design(material: Material) -> Design:
    """A model a language, and one of all languages, on every language.

    Raises:
        ConfigError: fewer than two languages have enough pairs.
    """
    preset = material.preset
    names = [contract.BENCHMARK_LANGUAGES.get(name, name) for name in contract.LANGUAGES]
    pairs = {name: material.by_language(name) for name in names}
    recipe = small(material.recipes[0] if material.recipes else base(preset), preset, "transfer")
    kept, left_out = enough(names, lambda name: short(pairs[name], recipe), material.benchmark, _key, preset)
    trainings = [Training(name, f"{language_name(name)} ({len(pairs[name]):,})", recipe, pairs[name]) for name in kept]
    every = [pair for name in kept for pair in pairs[name]]
    every.sort(key=lambda pair: pair.idx)
    joint = Training(JOINT, f"all of them ({len(every):,})", recipe, every)
    benchmark = sample([p for p in material.benchmark if p.language in kept], preset.benchmark_pairs, _key)
    return Design(
        experiment="transfer",
        title="Transfer between languages",
        question="What does a model that was trained on one language know of the others?",
        figure="matrix",
        trainings=(*trainings, joint),
        benchmark=benchmark,
        groups=groups_of(benchmark, kept, [language_name(name) for name in kept], _key),
        contrasts=(*matrix_contrasts(kept, "language"), *_each(kept)),
        pool=material.training,
        notes=(
            *left_out,
            "Every model takes the same number of tokens; a language with fewer pairs (in brackets) repeats them.",
        ),
    )


def matrix_contrasts(names: Sequence[str], what: str) -> tuple[Contrast, ...]:
    """Claims on a table of trained x tested.

    In each of them every tested group weighs the same on both sides.
    """
    own = tuple(Measure(name, name) for name in names)
    others = tuple(Measure(a, b) for a in names for b in names if a != b)
    joint = tuple(Measure(JOINT, name) for name in names)
    return (
        Contrast("own above chance", f"a model beats chance on its own {what}", own),
        Contrast("others above chance", f"a model beats chance on every other {what}", others),
        Contrast("own above others", f"on each {what}, its own model beats those of others", own, others),
        Contrast("joint above own", f"on each {what}, the model of all beats the one of that {what} alone", joint, own),
    )  # fmt: skip


def _each(names: Sequence[str]) -> tuple[Contrast, ...]:
    """What each language gives to the others."""
    found = []
    for name in names:
        others = tuple(Measure(name, other) for other in names if other != name)
        shown = language_name(name)
        found.append(Contrast(f"{shown} to others", f"{shown} alone teaches the other languages above chance", others))
    return tuple(found)
