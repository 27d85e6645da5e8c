"""Helpfulness, of general preferences only."""

from schemas.criteria.criterion import Criterion

CRITERION = Criterion(
    id=5,
    key="helpfulness",
    name="Helpfulness",
    benchmark_name="Helpfulness",
    definition="How far the answer takes the asker towards what they wanted.",
    rubric=(
        "Does it answer the question that was asked, all of it?",
        "Is what it says true and specific?",
        "Is it as long as the question needs, and no longer?",
    ),
    principle="Prefer the answer that leaves the asker with less left to do.",
    code=False,
)
