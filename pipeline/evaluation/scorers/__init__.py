"""Ways to score an answer, one file an architecture."""

from collections.abc import Callable
from pathlib import Path

from pipeline.evaluation.scorers import length, sequence_classification
from pipeline.evaluation.scorers.base import Scorer

SCORERS: dict[str, Callable[[Path], Scorer]] = {
    "sequence_classification": sequence_classification.load,
    "length": length.load,
}
"""Name to what makes a scorer of a path: a checkpoint's folder, or for `length` a run's `dataset` folder."""

__all__ = ["SCORERS", "Scorer"]
