"""Ways to score an answer, one file an architecture."""

from pipeline.evaluation.scorers.base import PairScorer, Score, Scorer, ScorerOptions
from pipeline.evaluation.scorers.length import LengthOptions
from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions

SCORERS: dict[str, type[LengthOptions] | type[SequenceClassificationOptions]] = {
    "length": LengthOptions,
    "sequence_classification": SequenceClassificationOptions,
}
"""Kind to its options, whose `load` makes the scorer."""

__all__ = ["SCORERS", "PairScorer", "Score", "Scorer", "ScorerOptions"]
