"""From a pair's votes to whether it stays, and with which label. Pure."""

import json
from dataclasses import replace

from schemas.records import Dropped, Pair
from synthesis import consensus
from synthesis.dawid_skene import Estimate, Pattern
from synthesis.recipe import JudgeOptions
from synthesis.tasks.judge import Vote

STAGE = "synthesize"
LABEL_DIGITS = 6


def votes_of(pair: Pair) -> tuple[Vote, ...]:
    """The votes in a pair's steps; none where it was not judged."""
    told = [dict(step.parameters)["votes"] for step in pair.steps if step.name == "judge"]
    return tuple(Vote(**vote) for votes in told for vote in json.loads(votes))


def pattern_of(pair: Pair, options: JudgeOptions) -> Pattern | None:
    """One verdict a model, for `dawid_skene`; None where the pair was not judged."""
    votes = votes_of(pair)
    return consensus.pattern(votes, options.models) if votes else None


def decided(pair: Pair, options: JudgeOptions, estimate: Estimate | None) -> Pair | Dropped:
    """The pair with its label, or why its judges don't keep it.

    A pair that was not judged stays as it is, and so does a placebo, whose tie the judges are measured by.

    Args:
        pair: with its votes in its steps.
        options: of the judges.
        estimate: from the patterns of all pairs, under `dawid_skene`.
    """
    votes = votes_of(pair)
    if not votes or pair.kind == "placebo":
        return pair
    if options.consensus == "dawid_skene":
        assert estimate is not None
        label = estimate.posterior[consensus.pattern(votes, options.models)][0]
        reason = None if label >= options.min_posterior else "judges_not_sure"
    else:
        verdict = consensus.majority(votes, options.min_share, options.orders_agree)
        label = verdict.label
        reason = f"judges_{verdict.reason}" if verdict.winner is None else _REASONS[verdict.winner]
    if reason is None:
        return replace(pair, label=round(max(label, 0.5), LABEL_DIGITS))
    detail = f"label {label:.3f} from {len(votes)} votes: {_counted(votes)}"
    return Dropped(STAGE, reason, detail, pair.id, pair.origin)


_REASONS = {"chosen": None, "rejected": "judges_prefer_rejected", "tie": "judges_see_a_tie"}


def _counted(votes: tuple[Vote, ...]) -> str:
    return ", ".join(f"{sum(v.verdict == one for v in votes)} {one}" for one in ("chosen", "rejected", "tie"))
