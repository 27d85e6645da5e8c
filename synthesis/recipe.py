"""Options of the backends that call models: what is asked, of which model, and what its answers must come to."""

from typing import Literal

from pydantic import Field, field_validator, model_validator

from schemas.config import Options
from schemas.criteria import CODE_CRITERIA
from synthesis.backends.mutation import MutationBackend
from synthesis.tasks import instruct


class RateOptions(Options):
    """Which changes are strong enough: models rate each from 1 to 5 for its criterion.

    Attributes:
        models: that rate.
        min_median: of the ratings.
        min_each: no rating is below it.
        control_share: of the changes whose reverse, and a placebo of which, are rated too; the report has the figures.
    """

    models: tuple[str, ...] = Field(min_length=1)
    min_median: float = Field(default=4.0, ge=1, le=5)
    min_each: int = Field(default=3, ge=1, le=5)
    control_share: float = Field(default=0.02, ge=0, le=1)


class PromptOptions(Options):
    """How a change gets its prompt.

    Attributes:
        model: that writes it.
        task: `instruct` (a request in one of five styles) or `recover` (the problem that both sides solve).
        style: of a request; None to draw it.
    """

    model: str
    task: Literal["instruct", "recover"] = "instruct"
    style: str | None = None

    @field_validator("style")
    @classmethod
    def _known(cls, style: str | None) -> str | None:
        if style is not None and style not in instruct.STYLES:
            raise ValueError(f"{style!r} is no style; there are {', '.join(instruct.STYLES)}")
        return style


class WorseOptions(Options):
    """How a task gets its worse side, and which pairs get a model's better side.

    Attributes:
        model: that writes the worse side.
        criteria: that it worsens.
        share: of the criteria of a task that are asked, each drawn by itself.
        fixer: the model that betters what was worsened; None for none.
        fix_share: of the pairs in which the bettered code is the chosen side, instead of the code as published.
    """

    model: str
    criteria: tuple[str, ...] = tuple(CODE_CRITERIA)
    share: float = Field(default=1.0, gt=0, le=1)
    fixer: str | None = None
    fix_share: float = Field(default=0.5, ge=0, le=1)

    @field_validator("criteria")
    @classmethod
    def _known(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        for key in keys:
            if key not in CODE_CRITERIA:
                raise ValueError(f"{key!r} is no criterion; there are {', '.join(CODE_CRITERIA)}")
        return keys


class JudgeOptions(Options):
    """Which pairs stay: models vote on each.

    Attributes:
        models: that vote.
        votes: of each model, half of them in each order of the sides.
        consensus: `majority` (a share of all votes, both orders alike) or `dawid_skene` (each model's verdict weighed
            by how far it errs, estimated from all pairs of the run; for three models or more).
        min_share: of the votes that the winner needs (paper: 6 of 8).
        orders_agree: each order of the sides must give the winner by itself.
        min_posterior: that the chosen side needs under `dawid_skene`.
        mutants: whether mutants are judged too, which are what they claim by construction.
        canary_share: of the pairs that are judged once more with a comment in the worse side that asks to be chosen.
    """

    models: tuple[str, ...] = Field(min_length=1)
    votes: int = Field(default=8, ge=2, multiple_of=2)
    consensus: Literal["majority", "dawid_skene"] = "majority"
    min_share: float = Field(default=0.75, gt=0.5, le=1)
    orders_agree: bool = True
    min_posterior: float = Field(default=0.9, gt=0.5, lt=1)
    mutants: bool = False
    canary_share: float = Field(default=0.02, ge=0, le=1)


class Recipe(Options):
    """Options of the backends that call models; what is not given is not asked.

    Attributes:
        rate: which changes stay.
        prompt: how a change gets its prompt; else it keeps the one that mining made.
        worse: how a task gets its worse side.
        mutation: operators for tasks, besides or instead of `worse`.
        judge: which pairs stay.
        in_flight: candidates that one worker works on at once.
    """

    rate: RateOptions | None = None
    prompt: PromptOptions | None = None
    worse: WorseOptions | None = None
    mutation: MutationBackend | None = None
    judge: JudgeOptions | None = None
    in_flight: int = Field(default=128, ge=1)

    @model_validator(mode="after")
    def _asks_something(self) -> "Recipe":
        if not (self.rate or self.prompt or self.worse or self.judge):
            raise ValueError("asks no model anything; give rate, prompt, worse or judge, or take `kind: mutation`")
        return self

    @property
    def criteria(self) -> tuple[str, ...]:
        """Criteria of a task's pairs, at most one each and way of making it."""
        mutated = self.mutation.criteria if self.mutation is not None else ()
        return (*(self.worse.criteria if self.worse is not None else ()), *mutated)

    def served(self, name: str) -> str:
        """What a model's server calls it."""
        return name

    def names(self) -> frozenset[str]:
        """Names of the models that are asked."""
        asked = [*(self.rate.models if self.rate else ()), *(self.judge.models if self.judge else ())]
        asked += [self.prompt.model] if self.prompt else []
        if self.worse is not None:
            asked += [self.worse.model] + ([self.worse.fixer] if self.worse.fixer else [])
        return frozenset(asked)
