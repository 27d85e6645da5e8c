"""The benchmark loop: pairs in, scores out, by any kind of scorer; chunk by chunk, so that a killed one goes on."""

import hashlib
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast

from pipeline.evaluation.scorers.base import PairScorer, Score, Scorer, ScorerOptions
from pipeline.training.folder import write_whole
from schemas.errors import CheckFailed, ConfigError
from schemas.provenance import content_id

CHUNK_PAIRS = 64
HOPELESS = 16
"""Pairs that raise one after the other at the head of a chunk before the loop gives up."""
_SHOWN = 300

AnyScorer: TypeAlias = Scorer | PairScorer
Progress: TypeAlias = Callable[[dict[str, Any]], None]


class Asked(Protocol):
    """What the loop needs of a pair."""

    @property
    def id(self) -> str:
        """The pair's id."""

    @property
    def prompt(self) -> str:
        """The user's message."""

    @property
    def chosen(self) -> str:
        """The better answer."""

    @property
    def rejected(self) -> str:
        """The worse answer."""

    @property
    def criterion(self) -> str:
        """Key of the criterion."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Scores of one pair.

    Attributes:
        chosen: score of the chosen answer; None where there is none.
        rejected: likewise.
        reason: why one is missing; empty where none is.
        raised: whether the scorer raised on it.
    """

    chosen: Score
    rejected: Score
    reason: str = ""
    raised: bool = False

    @property
    def difference(self) -> float:
        """Chosen's score less rejected's; NaN where one is missing."""
        return math.nan if self.chosen is None or self.rejected is None else self.chosen - self.rejected


def score_all(
    scorer: AnyScorer,
    pairs: Sequence[Asked],
    progress: Progress,
    store: Path | None = None,
    chunk_pairs: int = CHUNK_PAIRS,
    stage: str = "evaluate",
) -> list[Scored]:
    """Scores of each pair, in order; a pair that fails alone is listed with its reason.

    Args:
        scorer: pointwise or pairwise.
        pairs: what to score.
        progress: told a dict a chunk: `stage`, `step`, `steps`.
        store: folder that keeps each finished chunk; what it holds is not asked again, pairs that failed are. None
            keeps nothing.
        chunk_pairs: pairs of a chunk.
        stage: what `progress` is told.

    Raises:
        ConfigError: the scorer's, as it is.
        CheckFailed: the scorer raises on every pair, or gives another number of scores than asked for.
    """
    found: list[Scored] = []
    for number, start in enumerate(range(0, len(pairs), chunk_pairs)):
        chunk = pairs[start : start + chunk_pairs]
        path = None if store is None else store / f"{number:05d}.json"
        known = _read_chunk(path, len(chunk))
        open_rows = [row for row, one in enumerate(known) if one is None or one.reason]
        fresh = _survive(scorer, [chunk[row] for row in open_rows]) if open_rows else []
        by_row = dict(zip(open_rows, fresh, strict=True))
        done = [by_row[row] if row in by_row else cast("Scored", known[row]) for row in range(len(chunk))]
        if path is not None and open_rows:
            write_whole(path, json.dumps([[one.chosen, one.rejected, one.reason] for one in done]).encode())
        found += done
        progress({"stage": stage, "step": len(found), "steps": len(pairs)})
    return found


def score_pairs(scorer: AnyScorer, pairs: Sequence[Asked], progress: Progress) -> list[tuple[float, float]]:
    """(chosen's, rejected's) score of each pair, in order, where every one must have both.

    Raises:
        CheckFailed: a pair has no score, or one that is not finite.
    """
    found = []
    for pair, one in zip(pairs, score_all(scorer, pairs, progress), strict=True):
        if one.chosen is None or one.rejected is None:
            raise CheckFailed(f"{pair.id}: {one.reason}; every score must be finite. Check the scorer.")
        found.append((one.chosen, one.rejected))
    return found


def store_key(identity: str, pairs: Sequence[Asked], chunk_pairs: int) -> str:
    """Name of the folder that keeps the chunks of these pairs: another scorer, text or order is another folder.

    Args:
        identity: of the scorer, see `identity`.
        pairs: what is scored.
        chunk_pairs: pairs of a chunk.
    """
    texts = (text for p in pairs for text in (p.id, p.criterion, p.prompt, p.chosen, p.rejected))
    return content_id(identity, str(chunk_pairs), *texts)[:32]


def identity(options: ScorerOptions, model: str) -> str:
    """What tells one scorer from another: kind, options, the file of system prompts, and the model's own bytes.

    Args:
        options: of the scorer.
        model: folder of a checkpoint (every file in it counts) or file, else a hub id or address, taken by its name.
    """
    words = options.system_file.read_bytes() if options.system_file and options.system_file.is_file() else b""
    parts = [options.model_dump_json(), hashlib.sha256(words).hexdigest(), model]
    place = Path(model)
    files = [place] if place.is_file() else sorted(path for path in place.rglob("*") if path.is_file())
    for path in files:
        with path.open("rb") as file:
            parts += [path.relative_to(place).as_posix(), hashlib.file_digest(file, "sha256").hexdigest()]
    return content_id(type(options).__name__, *parts)


def _survive(scorer: AnyScorer, chunk: Sequence[Asked], fresh: bool = True) -> list[Scored]:
    """Scores of a chunk; if it raises, those of its head one by one, and of the rest by halves.

    Args:
        scorer: pointwise or pairwise.
        chunk: at least one pair.
        fresh: whether nothing of the chunk has been scored yet.

    Raises:
        CheckFailed: each of the first pairs raises.
    """
    try:
        return _ask(scorer, chunk)
    except (ConfigError, _Miscounted):
        raise
    except Exception as error:
        if len(chunk) == 1:
            return [Scored(None, None, _said(error), True)]
        if not fresh or len(chunk) <= HOPELESS:
            middle = len(chunk) // 2
            return _survive(scorer, chunk[:middle], False) + _survive(scorer, chunk[middle:], False)
        head = [one for pair in chunk[:HOPELESS] for one in _survive(scorer, [pair])]
        if all(one.raised for one in head):
            raise CheckFailed(
                f"{type(scorer).__name__}: raises on each of {HOPELESS} pairs from {chunk[0].id} on, first "
                f"{head[0].reason}. Finished chunks are kept; mend the scorer and run again."
            ) from error
        return head + _survive(scorer, chunk[HOPELESS:], False)


class _Miscounted(CheckFailed):
    """The scorer broke its promise of one score an answer."""


def _ask(scorer: AnyScorer, chunk: Sequence[Asked]) -> list[Scored]:
    prompts, criteria = [pair.prompt for pair in chunk], [pair.criterion for pair in chunk]
    sides = [(pair.chosen, pair.rejected) for pair in chunk]
    if hasattr(scorer, "compare"):
        # Which answer comes first is told by the id, so that a scorer with a leaning can't gain or lose by it.
        turned = [hashlib.sha256(pair.id.encode()).digest()[0] % 2 == 1 for pair in chunk]
        shown = [side[::-1] if turn else side for side, turn in zip(sides, turned, strict=True)]
        firsts, seconds = [first for first, _ in shown], [second for _, second in shown]
        answers = _counted(scorer, scorer.compare(prompts, firsts, seconds, criteria), len(chunk))
        pairs = [(None, None) if answer is None else answer for answer in answers]
        return [_scored(*(pair[::-1] if turn else pair)) for pair, turn in zip(pairs, turned, strict=True)]
    texts = [chosen for chosen, _ in sides] + [rejected for _, rejected in sides]
    scores = _counted(scorer, scorer.score(prompts * 2, texts, criteria * 2), len(texts))
    return [_scored(*both) for both in zip(scores[: len(chunk)], scores[len(chunk) :], strict=True)]


def _counted(scorer: AnyScorer, given: Sequence[Any], wanted: int) -> Sequence[Any]:
    if len(given) != wanted:
        raise _Miscounted(f"{type(scorer).__name__}: gave {len(given)} scores for {wanted}. It must give one for each.")
    return given


def _scored(chosen: Score, rejected: Score) -> Scored:
    wrong = [
        f"{side} has no score" if score is None else f"{side} scores {score}, must be finite"
        for side, score in (("chosen", chosen), ("rejected", rejected))
        if score is None or not math.isfinite(score)
    ]
    return Scored(_finite(chosen), _finite(rejected), "; ".join(wrong))


def _finite(score: Score) -> Score:
    return None if score is None or not math.isfinite(score) else float(score)


def _said(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}"[:_SHOWN]


def _read_chunk(path: Path | None, count: int) -> list[Scored | None]:
    """What is kept of a chunk; all None where it is not there, or is not what was written."""
    nothing: list[Scored | None] = [None] * count
    if path is None or not path.is_file():
        return nothing
    try:
        kept: list[Scored | None] = [
            Scored(chosen, rejected, reason) for chosen, rejected, reason in json.loads(path.read_bytes())
        ]
    except (ValueError, TypeError):
        return nothing
    return kept if len(kept) == count else nothing
