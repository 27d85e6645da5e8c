r"""A judge that first writes the criteria that matter for a request, and then judges an answer by them.

As CE-RM does (two turns of one conversation; the second holds the first's text). The first turn does not see the
answer, so both answers of a pair are judged by the same criteria; it is asked once a request. The wording of our
templates is our own. Of the published models one wants it, in a `template_file` and a `judgement_file` of its own:

- CE-RM-4B: greedy, thinking off, at most 4,096 and then 8,192 new tokens; a score from 0 to 5 a criterion and one from
  0 to 10 at the end, each in `\\boxed{}`; the last one counts. The request alone says what matters: `system: none`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from pipeline.evaluation.scorers.base import Score
from pipeline.evaluation.scorers.generation import ScaleOptions, Speaker
from pipeline.evaluation.scorers.judging.prompts import TEMPLATES, Conversation, Messages, Prompt, load_prompt
from pipeline.evaluation.scorers.judging.verdicts import own_words


@dataclass(frozen=True, slots=True)
class TwoTurn:
    """A judge with its two prompts.

    Attributes:
        lister: writes the criteria.
        judge: the same model, with its own bound on what it says.
        first: knows `prompt`, `system`, `criterion`, `rubric`.
        second: knows also `answer`, `form`, `low`, `high`.
        options: of scoring.
    """

    lister: Speaker
    judge: Speaker
    first: Prompt
    second: Prompt
    options: ScaleOptions

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[Score]:
        """Scores from `low` to `high`; None where either turn can't be used."""
        fill, scale = self.options.fill, self.options.scale
        openings = [fill(self.first, key, {"prompt": prompt}) for prompt, key in zip(prompts, criteria, strict=True)]
        listed = self._listed(list(dict.fromkeys(openings)))
        asked: dict[int, Conversation] = {}
        for n, (opening, prompt, answer, key) in enumerate(zip(openings, prompts, answers, criteria, strict=True)):
            said = listed[opening]
            if said is not None:
                turn = fill(self.second, key, {"prompt": prompt, "answer": answer}, **scale)
                asked[n] = Conversation((*opening, ("assistant", said), *turn))
        told = dict(zip(asked, self.judge.say(list(asked.values())), strict=True))
        return [self.options.read(told.get(n)) for n in range(len(prompts))]

    def _listed(self, openings: list[Messages]) -> dict[Messages, str | None]:
        """What the first turn said to each opening, without its reasoning; None where it said nothing whole."""
        said = self.lister.say([Conversation(opening) for opening in openings])
        plain = [None if one is None else (own_words(one) or "").strip() or None for one in said]
        return dict(zip(openings, plain, strict=True))


class TwoTurnOptions(ScaleOptions):
    r"""A judge by criteria of its own: a score from 0 to 10 in `\\boxed{}`.

    Attributes:
        template_file: the first turn's template, in place of ours.
        judgement_file: the second turn's; its messages follow the first turn's and what was said to it.
        max_criteria_tokens: of the first turn's answer; `max_new_tokens` is the second's.
    """

    kind: Literal["two_turn"] = "two_turn"
    judgement_file: Path | None = None
    form: Literal["line", "json", "boxed"] = "boxed"
    low: float = Field(default=0.0, allow_inf_nan=False)
    high: float = Field(default=10.0, allow_inf_nan=False)
    max_criteria_tokens: int = Field(default=1024, ge=1)
    max_new_tokens: int = Field(default=2048, ge=1)

    def load(self, model: str) -> TwoTurn:
        """The judge.

        Args:
            model: folder or hub id of a checkpoint, or the model's name on the server.

        Raises:
            ConfigError: there is no such model, or a template can't be read.
        """
        opening = self.template_file or TEMPLATES / "criteria.jinja"
        judgement = self.judgement_file or TEMPLATES / "judgement.jinja"
        first, second = load_prompt(opening, (judgement,)), load_prompt(judgement, (opening,))
        judge = self.speaker(model)
        drawn = replace(judge.drawn, max_new_tokens=self.max_criteria_tokens)
        return TwoTurn(replace(judge, drawn=drawn), judge, first, second, self)
