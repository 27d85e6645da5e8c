"""A judge that goes through a rubric and then rates the answer, alone, on a scale.

As R3 does (arXiv 2505.13388): task, answer and rubric in, an explanation and a score out. The wording of our template
is our own. Of the published models these want it, in a `template_file` with their own format:

- R3-Qwen3-4B, 8B and 14B (14k): temperature 0.6, top-p 0.95, top-k 20, thinking on, at most 8,192 new tokens in a
  window of 10,000, a JSON object with `explanation` and an integer `score` from 1 to 5. The reference asks with the
  criterion's rubric (`system: file`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.evaluation.scorers.base import Score
from pipeline.evaluation.scorers.generation import ScaleOptions, Speaker
from pipeline.evaluation.scorers.judging.prompts import Conversation, Prompt


@dataclass(frozen=True, slots=True)
class Rubric:
    """A judge with its prompt.

    Attributes:
        speaker: what judges.
        prompt: knows `prompt`, `answer`, `system`, `criterion`, `rubric`, `form`, `low`, `high`.
        options: of scoring.
    """

    speaker: Speaker
    prompt: Prompt
    options: ScaleOptions

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[Score]:
        """Scores from `low` to `high`; None where the judge wrote none."""
        fill, scale = self.options.fill, self.options.scale
        asked = [
            Conversation(fill(self.prompt, key, {"prompt": prompt, "answer": answer}, **scale))
            for prompt, answer, key in zip(prompts, answers, criteria, strict=True)
        ]
        return [self.options.read(said) for said in self.speaker.say(asked)]


class RubricOptions(ScaleOptions):
    """A judge by a rubric: a JSON object with its explanation and a score from 1 to 5."""

    kind: Literal["rubric"] = "rubric"

    def load(self, model: str) -> Rubric:
        """The judge.

        Args:
            model: folder or hub id of a checkpoint, or the model's name on the server.

        Raises:
            ConfigError: there is no such model, or the template can't be read.
        """
        prompt = self.prompt("rubric.jinja")
        return Rubric(self.speaker(model), prompt, self)
