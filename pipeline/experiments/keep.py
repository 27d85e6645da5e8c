"""What is kept of a training: its scores, in a file named by everything that they follow from."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import pipeline
import schemas
from pipeline.evaluation.bootstrap import Floats
from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.experiments.common import Design, Merge, Training
from pipeline.training.folder import write_whole
from pipeline.training.pairs import TrainingPair
from schemas.provenance import content_id

CODE = ("training", "evaluation/scorers", "evaluation/scoring.py", "experiments/engine.py")
"""Below `pipeline/`: what a training's scores follow from. `schemas` counts too."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Scores of one cell and seed.

    Attributes:
        views: system prompt to differences, chosen's score less rejected's, of each pair; NaN where one is missing.
        counts: tokens, steps, pairs and parameters of the training; empty for a merged cell.
    """

    views: Mapping[str, Floats]
    counts: Mapping[str, int]


@cache
def code_digest() -> str:
    """sha256 over the code that scores follow from."""
    digest = hashlib.sha256()
    roots = [Path(str(pipeline.__file__)).parent / part for part in CODE] + [Path(str(schemas.__file__)).parent]
    for root in roots:
        files = [root] if root.is_file() else root.rglob("*.py")
        for path in sorted(files):
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def pairs_digest(pairs: Sequence[TrainingPair]) -> str:
    """Of what training reads of pairs, and their order."""
    return _digest([p.idx, p.system, p.prompt, p.chosen, p.rejected, p.criterion, p.label, p.weight] for p in pairs)


def benchmark_digest(pairs: Sequence[BenchmarkPair]) -> str:
    """Of what scoring reads of pairs, and their order."""
    return _digest([p.id, p.prompt, p.chosen, p.rejected, p.criterion] for p in pairs)


def _digest(rows: Any) -> str:
    digest = hashlib.sha256()
    for row in rows:
        digest.update(json.dumps(row).encode() + b"\n")
    return digest.hexdigest()


class Keys:
    """Names of the files of one design; each data set is read once."""

    def __init__(self, design: Design) -> None:
        self.pool = pairs_digest(design.pool)
        self.benchmark = benchmark_digest(design.benchmark)
        self.pairs = {one.name: (pairs_digest(one.pairs), pairs_digest(one.general)) for one in design.trainings}

    def model(self, training: Training, seed: int) -> str:
        """Of a training's weights."""
        recipe = training.recipe.model_copy(update={"name": "experiment"}).model_dump_json()
        return content_id("model", recipe, str(seed), *self.pairs[training.name], self.pool, code_digest())

    def scores(self, training: Training, seed: int) -> str:
        """Of a training's scores."""
        return content_id("scores", self.model(training, seed), self.benchmark, *training.views)

    def merged(self, merge: Merge, trainings: Sequence[Training], seed: int) -> str:
        """Of the scores of merged weights."""
        return content_id(merge.how, *(self.model(one, seed) for one in trainings), self.benchmark)


def write_kept(path: Path, kept: Kept) -> None:
    """Write scores, whole or not at all."""
    views = {name: [None if np.isnan(v) else v for v in values.tolist()] for name, values in kept.views.items()}
    write_whole(path, json.dumps({"counts": dict(kept.counts), "views": views}).encode())


def read_kept(path: Path, pairs: int) -> Kept | None:
    """Scores that were written; None where there are none, or the file is not what was written."""
    try:
        table = json.loads(path.read_bytes())
        views = {name: np.array(values, dtype=np.float64) for name, values in table["views"].items()}
        counts = {str(name): int(value) for name, value in table["counts"].items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return Kept(views, counts) if all(len(values) == pairs for values in views.values()) else None
