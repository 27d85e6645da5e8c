"""What an experiment takes from a run: training pairs with their language, and the held-out pairs that are scored."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pyarrow as pa

from pipeline.evaluation.pairs import BenchmarkPair, read_benchmark
from pipeline.experiments.common import Group, Preset
from pipeline.training.pairs import FOLDERS, TrainingPair, read_folder, read_pairs
from pipeline.training.recipe import Recipe
from schemas import contract
from schemas.conversation import system_prompt
from schemas.errors import ConfigError
from schemas.provenance import content_id

MIN_CLUSTERS = 2
CHARACTERS = 3
"""Of a token, at least: a vocabulary of 2,048 trained on code has 3.3 on average."""
Configuration = Literal["full", "balanced"]


@dataclass(frozen=True, slots=True)
class Material:
    """A run, as the experiments see it.

    Attributes:
        training: pairs, ordered by idx.
        languages: of each training pair, benchmark spelling.
        benchmark: held-out pairs, ordered by id.
        general: general preferences; empty where none are given.
        recipes: to begin from, smallest first; empty for the experiment's own.
        preset: how large it is.
        notes: what was left out of the benchmark.
    """

    training: Sequence[TrainingPair]
    languages: Sequence[str]
    benchmark: Sequence[BenchmarkPair]
    general: Sequence[TrainingPair]
    recipes: tuple[Recipe, ...]
    preset: Preset
    notes: tuple[str, ...] = ()

    def by_language(self, language: str) -> list[TrainingPair]:
        """Training pairs of a language."""
        return [pair for pair, own in zip(self.training, self.languages, strict=True) if own == language]

    def by_criterion(self, criterion: str) -> list[TrainingPair]:
        """Training pairs of a criterion."""
        return [pair for pair in self.training if pair.criterion == criterion]


def read_material(
    run: Path, preset: Preset, recipes: tuple[Recipe, ...], configuration: Configuration, general: Path | None
) -> Material:
    """Read a run.

    Args:
        run: its folder, with `dataset` and `benchmark`.
        preset: how large the experiment is.
        recipes: to begin from.
        configuration: which training shards.
        general: `dataset` folder of general preferences.

    Raises:
        ConfigError: it has no data set or no benchmark, or their shards are broken.
    """
    for part, made_by in (("dataset", "assemble"), ("benchmark", "assemble")):
        if not (run / part).is_dir():
            raise ConfigError(
                f"{run}: has no {part}/. Give the folder of a finished run; its stage {made_by} writes {part}/ from "
                "repositories that it holds out."
            )
    training = read_pairs(run / "dataset", configuration)
    spoken = _languages(run / "dataset" / FOLDERS[configuration])
    benchmark, notes = _held_out(read_benchmark(run / "benchmark"), preset.max_tokens)
    return Material(
        training=training,
        languages=[spoken[pair.idx] for pair in training],
        benchmark=benchmark,
        notes=notes,
        general=() if general is None else read_pairs(general),
        recipes=recipes,
        preset=preset,
    )


def _held_out(pairs: Sequence[BenchmarkPair], max_tokens: int) -> tuple[Sequence[BenchmarkPair], tuple[str, ...]]:
    """Benchmark pairs that are as short as what is trained on, and a line on those that are not.

    Raises:
        ConfigError: none is.
    """
    if not max_tokens:
        return pairs, ()
    kept = [pair for pair in pairs if _fits(pair, max_tokens)]
    if not kept:
        raise ConfigError(f"none of {len(pairs):,} benchmark pairs fits {max_tokens} tokens. Take --preset full.")
    note = (
        f"Scored are benchmark pairs that surely fit {max_tokens} tokens, as those trained on do: {len(kept):,} of "
        f"{len(pairs):,}, before any drawing."
    )
    return kept, (note,)


def _languages(folder: Path) -> dict[str, str]:
    """Pair to language, benchmark spelling."""
    table = read_folder(folder, pa.schema([contract.training_schema().field(name) for name in ("idx", "language")]))
    names = [contract.BENCHMARK_LANGUAGES.get(name, name) for name in contract.LANGUAGES]
    columns = (table[name].to_pylist() for name in ("idx", "language"))
    return {idx: names[code] for idx, code in zip(*columns, strict=True)}


def enough(
    names: Sequence[str],
    training: Callable[[str], int],
    benchmark: Sequence[BenchmarkPair],
    key: Callable[[BenchmarkPair], str],
    preset: Preset,
) -> tuple[list[str], list[str]]:
    """Names with enough pairs on both sides, and a line on each that has too few.

    Args:
        names: of languages or criteria, in order.
        training: training pairs of a name, see `short`.
        benchmark: pairs.
        key: name of a benchmark pair.
        preset: how many are enough.

    Raises:
        ConfigError: fewer than two names are left.
    """
    tests = Counter(map(key, benchmark))
    clusters = Counter(name for name, _ in {(key(pair), pair.cluster) for pair in benchmark})
    kept, left_out = [], []
    for name in names:
        pairs, test, held = training(name), tests[name], clusters[name]
        if pairs >= preset.min_pairs and test >= preset.min_test and held >= MIN_CLUSTERS:
            kept.append(name)
        elif pairs or test:
            left_out.append(
                f"{name} is left out: {pairs:,} training pairs that are short enough and {test:,} benchmark pairs in "
                f"{held} clusters, must be {preset.min_pairs}, {preset.min_test} and {MIN_CLUSTERS}."
            )
    if len(kept) < 2:
        raise ConfigError(
            f"{len(kept)} of {len(names)} have enough pairs, must be 2 or more. {' '.join(left_out)} Give a larger run."
        )
    return kept, left_out


def short(pairs: Sequence[TrainingPair], recipe: Recipe) -> int:
    """How many pairs surely fit a recipe's last stage."""
    return sum(_fits(pair, recipe.last.max_tokens) for pair in pairs)


def _fits(pair: TrainingPair | BenchmarkPair, max_tokens: int) -> bool:
    """Whether both conversations have at most three characters a token, under the criterion's own prompt."""
    longer = max(len(pair.chosen), len(pair.rejected))
    return len(system_prompt(pair.criterion)) + len(pair.prompt) + longer <= CHARACTERS * max_tokens


def sample(
    pairs: Sequence[BenchmarkPair], most: int, key: Callable[[BenchmarkPair], str] | None = None
) -> list[BenchmarkPair]:
    """At most `most` pairs, in their order; the choice depends on their ids alone.

    Args:
        pairs: of the benchmark.
        most: 0 for all.
        key: groups that get as many pairs each as they have; None draws from all alike.
    """
    if not most or len(pairs) <= most:
        return list(pairs)
    turns: Counter[str] = Counter()
    ranked = []
    for pair in sorted(pairs, key=lambda pair: content_id("experiment", pair.id)):
        name = "" if key is None else key(pair)
        turns[name] += 1
        ranked.append((turns[name] if key else 0, pair))
    chosen = {pair.id for _, pair in sorted(ranked, key=lambda one: one[0])[:most]}
    return [pair for pair in pairs if pair.id in chosen]


def groups_of(
    pairs: Sequence[BenchmarkPair], names: Sequence[str], labels: Sequence[str], key: Callable[[BenchmarkPair], str]
) -> tuple[Group, ...]:
    """One group a name."""
    rows = {name: tuple(row for row, pair in enumerate(pairs) if key(pair) == name) for name in names}
    return tuple(Group(name, label, rows[name]) for name, label in zip(names, labels, strict=True))


def everything(pairs: Sequence[BenchmarkPair]) -> Group:
    """The group of all pairs."""
    return Group("all", "all pairs", tuple(range(len(pairs))))
