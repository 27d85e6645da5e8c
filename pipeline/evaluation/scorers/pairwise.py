"""A judge that is shown two answers and says which is better, asked in both orders.

A judge's leaning to the first or the second place can't decide: where its two verdicts do not name the same answer,
the pair is a tie. The two conversations of a pair are the same whichever answer is given first, so swapping the
answers swaps the scores, by construction. None of the 51 published models is of this kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.evaluation.scorers.generation import GenerationOptions, Speaker
from pipeline.evaluation.scorers.judging.prompts import Conversation, Prompt
from pipeline.evaluation.scorers.judging.verdicts import Verdict, read_verdict

WON, LOST, TIED = (1.0, 0.0), (0.0, 1.0), (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Pairwise:
    """A judge with its prompt.

    Attributes:
        speaker: what judges.
        prompt: knows `prompt`, `first`, `second`, `system`, `criterion`, `rubric`; its judge ends with a line
            `Verdict: A`, `B` or `TIE`, or with `[[A]]`, `[[B]]` or `[[C]]`.
        options: of scoring.
    """

    speaker: Speaker
    prompt: Prompt
    options: GenerationOptions

    def compare(
        self, prompts: Sequence[str], firsts: Sequence[str], seconds: Sequence[str], criteria: Sequence[str]
    ) -> list[tuple[float, float] | None]:
        """1 for the answer that wins in both orders and 0 for the other, .5 for both in a tie; None without verdict."""
        pairs = list(zip(prompts, firsts, seconds, criteria, strict=True))
        asked = [self._shown(prompt, first, second, key) for prompt, first, second, key in pairs]
        asked += [self._shown(prompt, second, first, key) for prompt, first, second, key in pairs]
        once = list(dict.fromkeys(asked))
        said = dict(zip(once, self.speaker.say(once), strict=True))
        verdicts = [None if (text := said[one]) is None else read_verdict(text) for one in asked]
        return [agreed(one, other) for one, other in zip(verdicts[: len(pairs)], verdicts[len(pairs) :], strict=True)]

    def _shown(self, prompt: str, first: str, second: str, criterion: str) -> Conversation:
        texts = {"prompt": prompt, "first": first, "second": second}
        return Conversation(self.options.fill(self.prompt, criterion, texts))


def agreed(one: Verdict | None, other: Verdict | None) -> tuple[float, float] | None:
    """(first's, second's) score from the verdicts of both orders.

    Args:
        one: where the first answer was called A.
        other: where the second answer was called A.

    Returns:
        None where one of them is missing.
    """
    if one is None or other is None:
        return None
    return {("A", "B"): WON, ("B", "A"): LOST}.get((one, other), TIED)


class PairwiseOptions(GenerationOptions):
    """A judge of two answers at once."""

    kind: Literal["pairwise"] = "pairwise"

    def load(self, model: str) -> Pairwise:
        """The judge.

        Args:
            model: folder or hub id of a checkpoint, or the model's name on the server.

        Raises:
            ConfigError: there is no such model, or the template can't be read.
        """
        prompt = self.prompt("pairwise.jinja")
        return Pairwise(self.speaker(model), prompt, self)
