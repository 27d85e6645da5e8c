"""What a scorer is."""

from collections.abc import Sequence
from typing import Protocol


class Scorer(Protocol):
    """Scores answers; higher is better."""

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        """One score an answer, in the order given.

        Args:
            prompts: the user's messages.
            answers: one answer a prompt.
            criteria: key of the criterion to score by, one a prompt.
        """
