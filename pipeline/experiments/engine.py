"""Trains and scores the cells of a design, seed by seed; what an earlier call has kept is not done again."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.evaluation.bootstrap import Floats
from pipeline.evaluation.scoring import Progress, score_all
from pipeline.experiments.common import Design, Merge, Training
from pipeline.experiments.keep import Kept, Keys, read_kept, write_kept
from pipeline.training.folder import whole_folder
from pipeline.training.trainer import fit

FIRST_SEED = 20190601
SCORES, MODELS, MERGING = "scores", "models", ".merging"


@dataclass(frozen=True, slots=True)
class Plan:
    """What an experiment will do.

    Attributes:
        trainings: of every cell and seed.
        done: of them, those whose scores are kept.
        tokens: of the trainings still to be done, at most.
        scored: conversations still to be scored.
        seeds: of the trainings.
    """

    trainings: int
    done: int
    tokens: int
    scored: int
    seeds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """A design at work.

    Attributes:
        design: what to do.
        keys: of its files.
        seeds: of the trainings.
        out: folder that keeps scores and, for merging or on request, models.
        keep_models: whether models stay.
    """

    design: Design
    keys: Keys
    seeds: tuple[int, ...]
    out: Path
    keep_models: bool = False

    def scores(self, key: str) -> Path:
        """File of scores."""
        return self.out / SCORES / f"{key}.json"

    def model(self, training: Training, seed: int) -> Path:
        """Folder of a model; without `keep_models` it goes when the seed's merges are done."""
        return self.out / (MODELS if self.keep_models else MERGING) / self.keys.model(training, seed)


def start(design: Design, out: Path, seeds: int, keep_models: bool = False) -> Work:
    """A design, ready to be planned and run.

    Args:
        design: what to do.
        out: folder of what is kept.
        seeds: trainings of each cell.
        keep_models: whether models stay in `out/models`.
    """
    return Work(design, Keys(design), tuple(range(FIRST_SEED, FIRST_SEED + seeds)), out, keep_models)


def plan(work: Work) -> Plan:
    """Count what has to be done; trains nothing."""
    design = work.design
    todo = [one for seed in work.seeds for one in _to_train(work, seed)]
    count = len(work.seeds) * len(design.trainings)
    weights = sum(
        _kept(work, work.keys.merged(merge, _members(design, merge), seed)) is None
        for seed in work.seeds
        for merge in design.merges
        if merge.how == "weights"
    )
    views = sum(len(one.views) for one in todo) + weights
    return Plan(
        trainings=count,
        done=count - len(todo),
        tokens=sum(stage.token_budget for one in todo for stage in one.recipe.stages),
        scored=2 * views * len(design.benchmark),
        seeds=work.seeds,
    )


def run(work: Work, progress: Progress) -> dict[str, list[Kept]]:
    """Train and score what is not kept.

    Args:
        work: what `start` gives.
        progress: told a dict a step: `step` of `steps`, with `stage`, the training that they are of.

    Returns:
        Cell to its scores, one a seed.

    Raises:
        ConfigError: no pair fits a recipe.
        CheckFailed: a loss became not finite, or a model gives no score.
    """
    cells: dict[str, list[Kept]] = {one.name: [] for one in work.design.cells}
    tokenizers: dict[tuple[int, int], Any] = {}
    total, step = len(work.seeds) * len(work.design.trainings), 0
    for seed in work.seeds:
        open_cells = {one.name for one in _to_train(work, seed)}
        for training in work.design.trainings:
            step += 1
            kept = _kept(work, work.keys.scores(training, seed))
            if kept is None or training.name in open_cells:
                heard = _named(progress, f"training {step} of {total}, {training.name}")
                kept = _train(work, training, seed, tokenizers, heard)
            cells[training.name].append(kept)
        for merge in work.design.merges:
            singles = {name: cells[name][-1] for name in merge.of}
            cells[merge.name].append(_merge(work, merge, singles, seed, progress))
        if not work.keep_models:
            for training in work.design.trainings:
                shutil.rmtree(work.model(training, seed), ignore_errors=True)
    shutil.rmtree(work.out / MERGING, ignore_errors=True)
    return cells


def _named(progress: Progress, stage: str) -> Progress:
    """Tells `progress` what its steps are of; messages go on as they are."""
    return lambda event: progress(event if "message" in event else {**event, "stage": stage})


def _kept(work: Work, key: str) -> Kept | None:
    return read_kept(work.scores(key), len(work.design.benchmark))


def _to_train(work: Work, seed: int) -> list[Training]:
    """Trainings whose scores are not kept, or whose weights are still needed and are not there."""
    needed = set()
    for merge in work.design.merges:
        members = _members(work.design, merge)
        if merge.how == "weights" and _kept(work, work.keys.merged(merge, members, seed)) is None:
            needed |= set(merge.of)
    return [
        one
        for one in work.design.trainings
        if _kept(work, work.keys.scores(one, seed)) is None
        or ((one.name in needed or work.keep_models) and not work.model(one, seed).is_dir())
    ]


def _members(design: Design, merge: Merge) -> list[Training]:
    return [one for one in design.trainings if one.name in merge.of]


def _train(
    work: Work, training: Training, seed: int, tokenizers: dict[tuple[int, int], Any], progress: Progress
) -> Kept:
    """Train a cell, score it, and keep its scores; its weights where a merge needs them."""
    from pipeline.training.tokenizer import train_tokenizer

    recipe = training.recipe
    size = (recipe.architecture.vocab_size, max(stage.max_tokens for stage in recipe.stages))
    tokenizer = None
    if recipe.weights is None:
        if size not in tokenizers:
            tokenizers[size] = train_tokenizer(work.design.pool, *size)
        tokenizer = tokenizers[size]
    fitted = fit(training.pairs, recipe, progress, seed, tokenizer, training.general)
    views: dict[str, Floats] = {
        view: _score(work, fitted.model, fitted.tokenizer, view, progress) for view in training.views
    }
    counts = {name: fitted.counts[name] for name in ("tokens", "steps", "pairs_used", "parameters")}
    kept = Kept(views, counts)
    merged = {name for merge in work.design.merges if merge.how == "weights" for name in merge.of}
    if work.keep_models or training.name in merged:
        with whole_folder(work.model(training, seed)) as folder:
            fitted.model.save_pretrained(folder)
            fitted.tokenizer.save_pretrained(folder)
    write_kept(work.scores(work.keys.scores(training, seed)), kept)
    return kept


def _score(work: Work, model: Any, tokenizer: Any, view: str, progress: Progress) -> Floats:
    """Differences of the benchmark's pairs, by one system prompt."""
    from pipeline.evaluation.scorers.sequence_classification import (
        SequenceClassification,
        SequenceClassificationOptions,
    )

    options = SequenceClassificationOptions.model_validate({"system": view})
    scored = score_all(SequenceClassification(model, tokenizer, options), work.design.benchmark, progress)
    return np.array([one.difference for one in scored], dtype=np.float64)


def _merge(work: Work, merge: Merge, singles: dict[str, Kept], seed: int, progress: Progress) -> Kept:
    """Scores of a merged cell."""
    if merge.how == "rewards":
        return Kept({"own": np.mean([one.views["own"] for one in singles.values()], axis=0)}, {})
    if merge.how == "routed":
        values = np.full(len(work.design.benchmark), np.nan)
        for group in work.design.groups:
            if group.name in singles:
                rows = list(group.rows)
                values[rows] = singles[group.name].views["own"][rows]
        return Kept({"own": values}, {})
    members = _members(work.design, merge)
    key = work.keys.merged(merge, members, seed)
    kept = _kept(work, key)
    if kept is None:
        model, tokenizer = _mean_of([work.model(one, seed) for one in members])
        kept = Kept({"own": _score(work, model, tokenizer, "own", progress)}, {})
        write_kept(work.scores(key), kept)
    return kept


def _mean_of(folders: Sequence[Path]) -> tuple[Any, Any]:
    """A model whose weights are the mean of those in the folders, and its tokenizer."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    load: Any = AutoModelForSequenceClassification.from_pretrained
    tokenizer: Any = AutoTokenizer
    models = [load(str(folder), dtype=torch.float32) for folder in folders]
    with torch.no_grad():
        for parameters in zip(*(model.parameters() for model in models), strict=True):
            parameters[0].copy_(torch.stack(list(parameters)).mean(dim=0))
    return models[0].eval(), tokenizer.from_pretrained(str(folders[0]))
