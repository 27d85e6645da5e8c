"""Readability and Maintainability."""

from schemas.criteria.criterion import Criterion

CRITERION = Criterion(
    id=0,
    key="readability_maintainability",
    name="Readability and Maintainability",
    benchmark_name="Readability_Maintainability",
    definition="How quickly the next engineer understands the code and how safely they can change it.",
    rubric=(
        "Do names say what things are for?",
        "Is each value, rule and block written once, with literals named where their meaning is not plain?",
        "Is control flow flat and short enough to follow without notes?",
        "Do comments and documentation say what the code cannot?",
        "Does it follow the conventions of its language?",
    ),
    principle="Prefer the answer whose names, structure and comments let a newcomer change it with the least risk.",
    terms=(
        "simplify", "clean up", "cleanup", "refactor", "rename", "extract", "remove unused", "dead code", "readable",
        "readability", "deduplicate", "remove duplication", "tidy", "magic number", "clarify",
    ),
)  # fmt: skip
