"""What models are asked for one candidate, and the pairs that come of their answers.

A change has both sides: it is rated, gets a prompt that leads to either side, and is judged. A task has one side: a
model writes the worse one (and, where asked, a better one of that), and the pair is judged too.
"""

import asyncio
import json
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import asdict, replace
from typing import Any, TypeAlias

from schemas.errors import ParseRefused
from schemas.provenance import Step, child_id, content_id, seeded, sha256
from schemas.records import Candidate, Dead, Dropped, Pair
from synthesis import consensus
from synthesis.calls import Caller, CallFailed, CallRefused
from synthesis.changes import change_pair, with_step
from synthesis.mutations import PLACEBOS
from synthesis.recipe import JudgeOptions, PromptOptions, RateOptions, Recipe, WorseOptions
from synthesis.tasks import bug, degrade, fix, instruct, judge, rate, recover
from synthesis.tasks.asking import Asked
from synthesis.tasks.hints import InstructionLeaks
from synthesis.tasks.judge import Vote
from synthesis.tasks.rewriting import Rewritten
from synthesis.versions import Version, draw

STAGE = "synthesize"
VERSION = "1"
_MAX_RECORD_CHARS = 100_000

Made: TypeAlias = Pair | Dropped | Dead


async def synthesize(recipe: Recipe, candidate: Candidate, seed: int, caller: Caller) -> list[Made]:
    """Pairs of a candidate with their votes, why there are no others, and what no model answered.

    Raises:
        ServerUnavailable: no call is answered any more.
    """
    work = _Work(recipe, candidate, seed, caller)
    if candidate.kind == "change":
        return [await work.settled(candidate.id, work.change())]
    return await work.task()


class _Work:
    """The calls of one candidate."""

    def __init__(self, recipe: Recipe, candidate: Candidate, seed: int, caller: Caller) -> None:
        self.recipe = recipe
        self.candidate = candidate
        self.seed = seed
        self.caller = caller

    async def settled(self, id_: str, pair: Awaitable[Pair | Dropped]) -> Made:
        """The pair, or what became of it where a call refused it or had no usable answer."""
        try:
            return await pair
        except InstructionLeaks as leak:
            return self.dropped("instruction_leaks", str(leak), id_)
        except (CallRefused, ParseRefused) as refused:
            return self.dropped(refused.reason, refused.detail, id_)
        except CallFailed as failed:
            return Dead(STAGE, f"{type(failed).__name__}: {failed}", repr(self.candidate)[:_MAX_RECORD_CHARS])

    def dropped(self, reason: str, detail: str, id_: str) -> Dropped:
        return Dropped(STAGE, reason, detail, id_, self.candidate.origin)

    def drawn(self, what: str, share: float, record: str | None = None) -> bool:
        return share > 0 and seeded(self.seed, what, record or self.candidate.id).random() < share

    # A change

    async def change(self) -> Pair | Dropped:
        pair = change_pair(self.candidate)
        if self.recipe.rate is not None:
            step, refusal = await self._rated(self.recipe.rate, pair)
            if refusal is not None:
                return self.dropped(refusal, dict(step.parameters)["ratings"], self.candidate.id)
            pair = with_step(pair, step)
        if self.recipe.prompt is not None:
            pair = await self._prompted(self.recipe.prompt, pair)
        return await self._judged(pair)

    async def _rated(self, options: RateOptions, pair: Pair) -> tuple[Step, str | None]:
        """The step with all ratings, and why the change is not kept; None where it is."""
        message = self.candidate.message or ""
        if self.candidate.reversed:
            message = self.candidate.facts.revert_reason or message
        shown = {"before": pair.rejected, "after": pair.chosen}
        asked = await self._all_rated(options.models, message, pair.criterion, shown, "")
        if self.drawn("rate/control", options.control_share):
            await self._controls(options.models, message, pair)
        by_model = list(zip(options.models, asked, strict=True))
        told = [{"model": model, "key": one.keys[-1], **one.value.model_dump()} for model, one in by_model]
        step = Step("pair", "rate", rate.VERSION, (("ratings", _json(told)),))
        values = {model: one.value.saliency for model, one in by_model}
        agreed = consensus.ratings(
            values, min_median=options.min_median, min_each=options.min_each, min_raters=len(options.models)
        )
        if agreed.reason is not None:
            return step, f"rating_{agreed.reason}"
        single = sum(one.value.single_purpose for one in asked)
        return step, None if 2 * single > len(asked) else "several_purposes"

    async def _all_rated(
        self, models: tuple[str, ...], message: str, criterion: str, shown: dict[str, str], control: str
    ) -> list[Asked[rate.Rating]]:
        record = f"{self.candidate.id}/{control}" if control else self.candidate.id
        c, seed = self.candidate, self.seed
        return await asyncio.gather(
            *(
                rate.rate(self.caller, self.recipe.served(model), language=c.language, message=message,
                          criterion=criterion, seed=seed, record=record, control=control, **shown)
                for model in models
            )
        )  # fmt: skip

    async def _controls(self, models: tuple[str, ...], message: str, pair: Pair) -> None:
        """Rate what must be rated low; only the ledger keeps it, and no pair depends on it."""
        shown = {"reversed": {"before": pair.chosen, "after": pair.rejected}}
        rng = seeded(self.seed, "rate/placebo", self.candidate.id)
        try:
            same = draw(Version(pair.language, pair.chosen), rng.sample(PLACEBOS, len(PLACEBOS)), rng)
        except ParseRefused:
            same = None
        if same is not None:
            shown["placebo"] = {"before": pair.chosen, "after": same.code}
        for control, sides in shown.items():
            with suppress(CallRefused, CallFailed):
                await self._all_rated(models, message, pair.criterion, sides, control)

    async def _prompted(self, options: PromptOptions, pair: Pair) -> Pair:
        c, seed, model = self.candidate, self.seed, self.recipe.served(options.model)
        told = [("model", options.model)]
        if options.task == "instruct":
            style = options.style or instruct.draw_style(seed, c.id)
            said = await instruct.instruct(
                self.caller, model, language=c.language, before=pair.rejected, after=pair.chosen,
                criterion=pair.criterion, style=style, seed=seed, record=c.id,
            )  # fmt: skip
            prompt, key, version = said.value.text, said.keys[-1], instruct.VERSION
            told.append(("style", style))
        else:
            problem = await recover.recover(
                self.caller, model, language=c.language, solutions=(pair.rejected, pair.chosen), seed=seed,
                record=c.id,
            )  # fmt: skip
            prompt, key, version = problem.value.statement, problem.keys[-1], recover.VERSION
        step = Step("prompt", options.task, version, tuple(sorted([*told, ("key", key)])))
        return with_step(pair, step, prompt=prompt.strip(), id=content_id(pair.id, "prompt", key))

    # A task

    async def task(self) -> list[Made]:
        made: list[Made] = []
        if self.recipe.mutation is not None:
            for one in self.recipe.mutation.pairs(self.candidate, self.seed):
                judged = isinstance(one, Pair) and self.recipe.judge is not None and self.recipe.judge.mutants
                made.append(await self.settled(one.id, self._judged(one)) if judged and isinstance(one, Pair) else one)
        if self.recipe.worse is not None:
            made += await self._all_worse(self.recipe.worse)
        if not made:
            made.append(self.dropped("no_task_for_it", "the recipe asks nothing for tasks", self.candidate.id))
        return made

    async def _all_worse(self, options: WorseOptions) -> list[Made]:
        drawn = [key for key in options.criteria if self.drawn(f"worse/{key}", options.share)]
        if not drawn:
            detail = f"share {options.share} of {len(options.criteria)} criteria"
            return [self.dropped("not_drawn", detail, self.candidate.id)]
        ids = [child_id(self.candidate.id, f"{STAGE}/worse/{key}", VERSION, {}, ()) for key in drawn]
        work = (self.settled(id_, self._worse(options, key)) for id_, key in zip(ids, drawn, strict=True))
        return list(await asyncio.gather(*work))

    async def _worse(self, options: WorseOptions, criterion: str) -> Pair | Dropped:
        c, seed = self.candidate, self.seed
        record, model = f"{c.id}/{criterion}", self.recipe.served(options.model)
        shown: dict[str, Any] = {"language": c.language, "code": c.after, "prompt": c.instruction, "seed": seed}
        if criterion == "functional_correctness":
            weak = await bug.bug(self.caller, model, record=record, **shown)
            steps = (_written("rejected", "bug", bug.VERSION, options.model, weak),)
        else:
            weak = await degrade.degrade(self.caller, model, criterion=criterion, record=record, **shown)
            steps = (_written("rejected", "degrade", degrade.VERSION, options.model, weak),)
        chosen, kind = c.after, "defect"
        first = Step("chosen", "source", "1", (("sha256", sha256(c.after.encode())),), c.spans)
        if options.fixer is not None and self.drawn("fix", options.fix_share, record):
            shown["code"] = weak.value.code
            better = await fix.fix(
                self.caller, self.recipe.served(options.fixer), criterion=criterion, record=record, **shown
            )
            chosen, kind = better.value.code, "repair"
            first = _written("chosen", "fix", fix.VERSION, options.fixer, better)
        told = {step.name: dict(step.parameters).get("key", "") for step in (first, *steps)}
        pair = Pair(
            id=child_id(c.id, f"model/{kind}/{criterion}", VERSION, told, ()), parent_id=c.id, cluster=c.id,
            origin=c.origin, language=c.language, criterion=criterion, prompt=c.instruction, chosen=chosen,
            rejected=weak.value.code, spans=c.spans, steps=(first, *steps), window=c.window, kind=kind,
        )  # fmt: skip
        return await self._judged(pair)

    # Both

    async def _judged(self, pair: Pair) -> Pair:
        options = self.recipe.judge
        if options is None:
            return pair
        votes = await self._votes(options, pair, canary=False)
        if self.drawn("canary", options.canary_share, pair.id):
            with suppress(CallRefused, CallFailed):  # a measurement, of which the ledger keeps what there is
                await self._votes(options, pair, canary=True)
        told = _json([asdict(vote) for vote in votes])
        return with_step(pair, Step("pair", "judge", judge.VERSION, (("votes", told),)))

    async def _votes(self, options: JudgeOptions, pair: Pair, canary: bool) -> list[Vote]:
        """The votes of all judges, by the names that the configuration gives them."""
        asked = await asyncio.gather(
            *(
                judge.judge(self.caller, self.recipe.served(model), votes=options.votes, language=pair.language,
                            prompt=pair.prompt, chosen=pair.chosen, rejected=pair.rejected, criterion=pair.criterion,
                            seed=self.seed, record=pair.id, canary=canary)
                for model in options.models
            )
        )  # fmt: skip
        by_model = zip(options.models, asked, strict=True)
        return [replace(vote, model=model) for model, votes in by_model for vote in votes]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _written(side: str, task: str, version: str, model: str, asked: Asked[Rewritten]) -> Step:
    """The step in which a model wrote a side."""
    told = {"model": model, "key": asked.keys[-1], "where": asked.value.where, "explanation": asked.value.explanation}
    return Step(side, task, version, tuple(sorted(told.items())))
