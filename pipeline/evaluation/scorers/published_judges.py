"""The published models that say their score, or whose score is read from their words' probabilities."""

from typing import Any

from pipeline.evaluation.scorers.published_model import MAX_TOKENS, OWN, PublishedModel, read_by
from pipeline.evaluation.scorers.rubric import RubricOptions
from pipeline.evaluation.scorers.token_logprob import TokenLogprobOptions
from pipeline.evaluation.scorers.two_turn import TwoTurnOptions
from pipeline.evaluation.scorers.unit_test import UnitTestOptions

_PROMPT = "Its own prompt goes into template_file; with ours scores differ."


def judges() -> list[PublishedModel]:
    """Models that say their score; each with our words until `template_file` gives it its own."""
    r3: dict[str, Any] = {"temperature": 0.6, "top_p": 0.95, "top_k": 20, "thinking": True, "max_new_tokens": 8192}
    return [
        *(
            PublishedModel(
                f"rubricreward/R3-Qwen3-{size}-14k",
                f"R3-Qwen3-{size}-14k",
                RubricOptions(dtype="bfloat16", max_tokens=10_000, **r3),
                f"{_PROMPT} Its rubrics go into system_file.",
            )
            for size in ("4B", "8B", "14B")
        ),
        PublishedModel(
            "ContextualAI/LMUnit-qwen2.5-72b",
            "LMUnit-qwen2.5-72b",
            UnitTestOptions(system="none", dtype="bfloat16", max_tokens=MAX_TOKENS, max_new_tokens=2048),
            f"{_PROMPT} Its tests go into tests_file.",
        ),
        PublishedModel(
            "PKU-ONELab/CE-RM-4B",
            "CE-RM-4B",
            TwoTurnOptions(
                system="none", dtype="bfloat16", thinking=False, max_criteria_tokens=4096, max_new_tokens=8192
            ),
            f"{_PROMPT} Its second turn goes into judgement_file.",
        ),
        read_by(
            TokenLogprobOptions,
            "nvidia/Llama-3.3-Nemotron-70B-Reward",
            OWN,
            read="logit",
            token=0,
            layout="conversation",
            opens=False,
        ),
        PublishedModel(
            "nvidia/Qwen3-Nemotron-32B-GenRM-Principle",
            "Qwen3-Nemotron-32B-GenRM-Principle",
            TokenLogprobOptions(
                layout="principle",
                at="last",
                positive=(" Yes",),
                negative=(" No",),
                floor=-50.0,
                dtype="bfloat16",
                max_new_tokens=16_000,
            ),
            "The principle is the criterion's name in our words; the release's are in its script.",
        ),
    ]
