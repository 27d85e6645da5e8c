"""Ways to score an answer, one file an architecture."""

from typing import Any

from pipeline.evaluation.scorers.base import PairScorer, Score, Scorer, ScorerOptions
from pipeline.evaluation.scorers.cls_token import ClsTokenOptions
from pipeline.evaluation.scorers.endpoint import EndpointOptions
from pipeline.evaluation.scorers.gated import GatedOptions
from pipeline.evaluation.scorers.last_token import LastTokenOptions
from pipeline.evaluation.scorers.length import LengthOptions
from pipeline.evaluation.scorers.pairwise import PairwiseOptions
from pipeline.evaluation.scorers.rubric import RubricOptions
from pipeline.evaluation.scorers.sequence_classification import SequenceClassificationOptions
from pipeline.evaluation.scorers.token_logprob import TokenLogprobOptions
from pipeline.evaluation.scorers.two_turn import TwoTurnOptions
from pipeline.evaluation.scorers.unit_test import UnitTestOptions
from pipeline.evaluation.scorers.value_head import ValueHeadOptions
from pipeline.evaluation.scorers.vllm_pooling import VllmPoolingOptions

SCORERS: dict[str, type[Any]] = {
    "length": LengthOptions,
    "sequence_classification": SequenceClassificationOptions,
    "value_head": ValueHeadOptions,
    "cls_token": ClsTokenOptions,
    "gated": GatedOptions,
    "last_token": LastTokenOptions,
    "vllm_pooling": VllmPoolingOptions,
    "endpoint": EndpointOptions,
    "pairwise": PairwiseOptions,
    "rubric": RubricOptions,
    "token_logprob": TokenLogprobOptions,
    "two_turn": TwoTurnOptions,
    "unit_test": UnitTestOptions,
}
"""Kind to its options (a `ScorerOptions`), whose `load(model)` makes the scorer."""

__all__ = ["SCORERS", "PairScorer", "Score", "Scorer", "ScorerOptions"]
