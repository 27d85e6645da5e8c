"""A commit to a candidate: cheap filters, the window of its time, its criterion, what of its file goes into a pair."""

from dataclasses import replace
from functools import partial

from pydantic import Field

from filters.changes import DEFAULT_CHANGE_FILTERS, AnyChangeFilter, first_refusal
from filters.length import PACKAGED, count_tokens
from parsers.edits import Edit
from parsers.excerpt import Budget, Granularity, excerpt
from pipeline.criterion.classify import AnyClassifier, EmbeddedClassifier
from pipeline.stages.windows import Windows
from schemas.config import Options
from schemas.errors import ParseRefused
from schemas.provenance import child_id, seeded
from schemas.records import Candidate, Change, Dropped
from synthesis.tasks.request import request

STAGE = "mine"
VERSION = "2"


class ChangeOptions(Options):
    """What makes a commit worth a pair.

    Attributes:
        min_message_chars: of a commit's message, exclusive.
        max_message_chars: likewise.
        filters: applied in order; the first that refuses a change gives the reason.
        windows: a change from neither window is dropped; None keeps all times. Sources say whether theirs are asked.
        reversed_pairs: whether a change that was undone for a stated defect makes a pair in which the older side wins.
        classifier: what names the criterion, or abstains.
        granularity: whole `file`, edited `function`s with what they need of it, or `auto`: the file where it fits.
        max_tokens: of one side; the trainer's window without prompt and system prompt.
        tokenizer: `qwen` (packaged), or a folder or hub id that transformers loads.
    """

    min_message_chars: int = 10
    max_message_chars: int = 15_000
    filters: tuple[AnyChangeFilter, ...] = DEFAULT_CHANGE_FILTERS
    windows: Windows | None = Windows()
    reversed_pairs: bool = True
    classifier: AnyClassifier = EmbeddedClassifier()
    granularity: Granularity = "auto"
    max_tokens: int = Field(default=3_800, ge=1)
    tokenizer: str = PACKAGED


def mine_change(change: Change, options: ChangeOptions, windowed: bool, seed: int) -> Candidate | Dropped:
    """The candidate that a change makes, or why it makes none.

    Args:
        change: one file in two versions.
        options: see `ChangeOptions`.
        windowed: whether the windows hold for its source.
        seed: of the run.

    Raises:
        ParseRefused: a side is outside the parser's bounds.
    """
    message = change.message.strip()
    if not options.min_message_chars < len(message) < options.max_message_chars:
        bounds = f"between {options.min_message_chars} and {options.max_message_chars}"
        return _dropped(change, "message_length", f"{len(message)} characters, {bounds}")
    window, times = None, _times(change)
    if windowed and options.windows is not None and times:
        window = options.windows.of(*times)
        if window is None:
            return _dropped(change, "outside_window", "its times are in neither window")
    better, edit = _better(change, options)
    refusal = first_refusal(better, edit, options.filters)
    if refusal is not None:
        return _dropped(change, refusal.reason, refusal.detail)
    verdict = options.classifier.judge(better, edit)
    if verdict.abstains:
        detail = f"{verdict.criterion} {verdict.probability:.4f}, at least {verdict.threshold:.4f}"
        return _dropped(change, "low_confidence", detail)
    forward = edit if better is change else Edit(change.language, change.before, change.after)
    budget = Budget(options.max_tokens, partial(count_tokens, tokenizer=options.tokenizer))
    cut = excerpt(forward, options.granularity, budget)
    if isinstance(cut, ParseRefused):
        return _dropped(change, cut.reason, cut.detail)
    id_ = child_id(change.id, f"{STAGE}/change", VERSION, {"granularity": cut.granularity}, cut.after_spans)
    return Candidate(
        id_, change.id, "change", change.origin, change.language, cut.after_spans,
        request(change.language, change.origin.path, cut, seeded(seed, "request", id_)), cut.after, cut.before,
        verdict.criterion, verdict.probability, message, window, cut.before_spans, better is not change, change.facts,
    )  # fmt: skip


def _dropped(change: Change, reason: str, detail: str) -> Dropped:
    return Dropped(STAGE, reason, detail, change.id, change.origin)


def _times(change: Change) -> list[int]:
    """Committer and author time, as far as they are known."""
    return [one for one in (change.origin.committed_at, change.facts.authored_at) if one is not None]


def _better(change: Change, options: ChangeOptions) -> tuple[Change, Edit]:
    """The change towards the better side: itself, or its undoing where the revert says what was wrong."""
    reason = change.facts.revert_reason
    if options.reversed_pairs and change.facts.reverted_by and reason:
        facts = replace(change.facts, reverted_by=None, refixed_by=None)
        undone = replace(change, message=reason, before=change.after, after=change.before, facts=facts)
        return undone, Edit(change.language, undone.before, undone.after)
    return change, Edit(change.language, change.before, change.after)
