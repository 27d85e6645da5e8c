"""Functional Correctness."""

from schemas.criteria.criterion import Criterion

CRITERION = Criterion(
    id=3,
    key="functional_correctness",
    name="Functional Correctness",
    benchmark_name="Functional_Correctness",
    definition="Whether the code does what was asked, at the edges as well as in the middle.",
    rubric=(
        "Does it return what the request describes for ordinary input?",
        "Does it hold for empty, single, largest and negative input?",
        "Are conditions, bounds and the order of arguments right?",
        "Are errors noticed and passed on?",
        "Is state left as the caller expects?",
    ),
    principle="Prefer the answer that gives the requested result on more inputs.",
    terms=(
        "fix", "fixes", "fixed", "bug", "incorrect", "wrong", "broken", "crash", "off by one", "off-by-one",
        "regression", "null pointer", "race condition", "deadlock", "handle missing", "edge case",
    ),
)  # fmt: skip
