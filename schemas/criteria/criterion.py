"""What a criterion is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Criterion:
    """One axis on which an answer can be better than another.

    Attributes:
        id: class label in the released data.
        key: snake_case name used in configuration and records.
        name: released spelling in training shards.
        benchmark_name: released spelling in benchmark shards.
        definition: one sentence a judge and a reader can decide by.
        rubric: questions that a judge goes through, most telling first.
        principle: how to score by it, addressed to the reward model.
        terms: whole words or phrases that, in a commit's subject, hint at it; seeds, not verdicts.
        code: whether it is a criterion of code (the others are for general preferences only).
    """

    id: int
    key: str
    name: str
    benchmark_name: str
    definition: str
    rubric: tuple[str, ...]
    principle: str
    terms: tuple[str, ...] = ()
    code: bool = True
