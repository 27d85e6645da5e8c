"""The shape of an experiment: what is trained, what is scored, and what is claimed, all of it fixed before it starts.

A `Design` is made from a run by the file of its experiment, and is run by `engine`. Its contrasts are declared with it;
Holm's correction is over all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from pydantic import Field

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.training.pairs import TrainingPair
from pipeline.training.recipe import Recipe, Stage
from schemas.config import Options

View: TypeAlias = Literal["none", "own", "all"]
"""Which system prompt a model is scored with."""

CHANCE = 0.5


class Preset(Options):
    """How large an experiment is.

    Attributes:
        tokens: of each training, at most.
        max_pairs: of each training, drawn by its seed; 0 for all.
        max_tokens: longest conversation that is trained on; of the benchmark too, pairs that may be longer are left
            out. 0 for the recipe's own, and the whole benchmark.
        batch_pairs: pairs in a step; 0 for the recipe's own.
        seeds: trainings of each cell, unless told otherwise.
        benchmark_pairs: that are scored, at most; 0 for all.
        sizes: models of the experiment `scaling`, smallest first.
        min_pairs: training pairs, short enough, that a language or criterion needs.
        min_test: benchmark pairs that it needs.
    """

    tokens: int = Field(ge=1)
    max_pairs: int = Field(ge=0)
    max_tokens: int = Field(default=0, ge=0)
    batch_pairs: int = Field(default=0, ge=0)
    seeds: int = Field(ge=1)
    benchmark_pairs: int = Field(default=0, ge=0)
    sizes: int = Field(ge=2)
    min_pairs: int = Field(default=20, ge=1)
    min_test: int = Field(default=20, ge=1)


@dataclass(frozen=True, slots=True)
class Training:
    """One cell that is trained, once a seed.

    Attributes:
        name: of the cell.
        label: as a reader sees it.
        recipe: what to train.
        pairs: what it trains on; the recipe draws from them by the seed.
        general: pairs of its stage `pt`, where it has one.
        views: system prompts that it is scored with.
    """

    name: str
    label: str
    recipe: Recipe
    pairs: Sequence[TrainingPair]
    general: Sequence[TrainingPair] = ()
    views: tuple[View, ...] = ("own",)


@dataclass(frozen=True, slots=True)
class Merge:
    """One cell that is made of trained ones, seed by seed.

    Attributes:
        name: of the cell.
        label: as a reader sees it.
        of: names of the trainings.
        how: `weights` for the mean of their weights, `rewards` for the mean of their rewards, `routed` for the model
            of each pair's own group.
    """

    name: str
    label: str
    of: tuple[str, ...]
    how: Literal["weights", "rewards", "routed"]


@dataclass(frozen=True, slots=True)
class Group:
    """Some pairs of the benchmark: `rows` into the design's own."""

    name: str
    label: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measure:
    """The accuracy of a cell on a group."""

    cell: str
    group: str
    view: View = "own"


@dataclass(frozen=True, slots=True)
class Contrast:
    """Is the mean of `a` above the mean of `b`?

    Attributes:
        name: short.
        claim: in plain words, as something that holds or does not.
        a: measures, each weighing the same; at least one.
        b: likewise; empty for chance, one half.
    """

    name: str
    claim: str
    a: tuple[Measure, ...]
    b: tuple[Measure, ...] = ()


@dataclass(frozen=True, slots=True)
class Design:
    """An experiment on one run.

    Attributes:
        experiment: its name.
        title: of its part of the page.
        question: in plain words.
        figure: how it is drawn: accuracy over parameters, a table of trained x tested, or a list of cells.
        trainings: what is trained.
        merges: what is made of them.
        benchmark: pairs that are scored.
        groups: of them.
        contrasts: what is claimed.
        pool: pairs that the tokenizer of a model from scratch is trained on.
        notes: what was left out and why, and what a reader should know.
    """

    experiment: str
    title: str
    question: str
    figure: Literal["scaling", "matrix", "list"]
    trainings: tuple[Training, ...]
    benchmark: Sequence[BenchmarkPair]
    groups: tuple[Group, ...]
    contrasts: tuple[Contrast, ...]
    pool: Sequence[TrainingPair]
    merges: tuple[Merge, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def cells(self) -> tuple[Training | Merge, ...]:
        """Everything that is scored."""
        return (*self.trainings, *self.merges)


def small(recipe: Recipe, preset: Preset, name: str, **stage: object) -> Recipe:
    """A recipe with its last stage alone, cut to a preset, and with fields of the stage changed.

    Epochs don't bound it, tokens do, so that a small set of pairs gets as many tokens as a large one.

    Args:
        recipe: to begin from.
        preset: its budget.
        name: of the new recipe.
        stage: fields of the stage.
    """
    last = recipe.last
    cut = {
        "name": "pm",
        "token_budget": preset.tokens,
        "max_pairs": preset.max_pairs,
        "epochs": 1000,
        "max_tokens": min(last.max_tokens, preset.max_tokens or last.max_tokens),
        "batch_pairs": preset.batch_pairs or last.batch_pairs,
    }
    made = Stage.model_validate({**last.model_dump(), **cut, **stage})
    return recipe.model_copy(update={"name": name, "stages": (made,)})
