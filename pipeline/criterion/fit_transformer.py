"""Train an encoder on hand-read commits; thresholds come from predictions for repositories it has not seen."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from parsers.edits import Edit
from pipeline.criterion import checkpoint, train_encoder
from pipeline.criterion.checkpoint import CALIBRATION, MIN_TOKENS, Judgement
from pipeline.criterion.fit import PRECISIONS, Row, calibration_of, measured_at, precision_recall, row, threshold_of
from pipeline.criterion.model import calibrated
from pipeline.criterion.train_encoder import DEFAULT_SETTINGS, Example, Progress, Settings
from pipeline.criterion.transformer import Text, change_text, scores, token_ids
from pipeline.mining_report.gold import Gold
from pipeline.training.extra import require_train_extra
from pipeline.training.folder import whole_folder
from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError
from schemas.records import Change

DEFAULT_BASE = "answerdotai/ModernBERT-base"
"""What to train from (Apache-2.0, 149M parameters, 8,192 tokens, code among its texts)."""


@dataclass(frozen=True, slots=True)
class TextRow:
    """One hand-read commit that passes the filters.

    Attributes:
        row: its labels and what they count.
        text: what the encoder reads.
    """

    row: Row
    text: Text


@dataclass(frozen=True, slots=True)
class TextLabels:
    """Hand-read commits of one file.

    Attributes:
        rows: those that pass the filters, by repository and sha.
        refused: why others are none, and how many.
        lost: usable ones among the others, which count as not found.
    """

    rows: tuple[TextRow, ...]
    refused: Mapping[str, int]
    lost: int


def text_labels(read: Iterable[tuple[Gold, Change | str]]) -> TextLabels:
    """Rows of hand-read commits.

    Args:
        read: each commit's labels, and the change or why it can't be had.
    """
    rows, refused, lost = [], Counter[str](), 0
    for gold, change in read:
        made = change if isinstance(change, str) else row(gold, change)
        if isinstance(change, str) or isinstance(made, str):
            refused[str(made).partition(":")[0]] += 1
            lost += gold.usable
        else:
            edit = Edit(change.language, change.before, change.after)
            rows.append(TextRow(made, change_text(change.message, edit)))
    rows.sort(key=lambda one: (one.row.gold.repo, one.row.gold.sha))
    return TextLabels(tuple(rows), dict(refused.most_common()), lost)


def fit(
    given: Sequence[TextLabels],
    trained: dict[str, Any],
    out: Path,
    base: str = DEFAULT_BASE,
    revision: str | None = None,
    settings: Settings = DEFAULT_SETTINGS,
    progress: Progress = lambda line: None,
) -> list[dict[str, Any]]:
    """Train on all rows and write the folder `out`, whole or not at all; say how it did on repositories left out.

    Args:
        given: the first sets the thresholds; all are trained on. At least two repositories, and usable commits.
        trained: what the rows are, to be written with the model.
        out: what `transformer.load` reads; replaced where it exists.
        base: folder or hub's id of an encoder with safetensors weights.
        revision: of the base, on the hub.
        settings: how to train.
        progress: told one line an epoch.

    Returns:
        For each of `given`, `threshold`, `precision` and `recall` at each of the thresholds `default` and `strict`.

    Raises:
        ConfigError: the extra `train` is missing, the base can't be had, or rows or settings won't do.
        CheckFailed: no threshold reaches the precision wanted, or the loss became not a number.
    """
    require_train_extra()
    rows = [one for part in given for one in part.rows]
    _check(rows, settings)
    tokenizer = checkpoint.load_tokenizer(base, revision)
    limit = _limit(base, revision, tokenizer, settings.max_tokens)
    examples = [_example(tokenizer, one, limit) for one in rows]

    def trained_on(inside: Sequence[Example], what: str) -> Any:
        model = train_encoder.new_model(base, revision, settings)
        return train_encoder.trained(model, inside, settings, lambda line: progress(f"{what}: {line}"))

    left_out = _left_out([one.row for one in rows], examples, settings, trained_on)
    calibration, thresholds, report = _judged(given, left_out)
    model = trained_on(examples, "all")
    made = {**trained, "base": _name(base), "revision": revision, "settings": asdict(settings)}
    judgement = Judgement(limit, calibration, thresholds, made)
    with whole_folder(out) as work, checkpoint.quiet():
        model.cpu().save_pretrained(work)
        tokenizer.save_pretrained(work)
        (work / CALIBRATION).write_text(checkpoint.to_json(judgement), encoding="utf-8")
    return report


def _judged(
    given: Sequence[TextLabels], left_out: Sequence[dict[str, float]]
) -> tuple[dict[str, tuple[float, float]], dict[str, float], list[dict[str, Any]]]:
    """Calibration, thresholds, and how each file's rows did at them."""
    parts = [[one.row for one in part.rows] for part in given]
    fitted = calibration_of([one for rows in parts for one in rows], left_out)
    calibration = {key: (_short(slope), _short(offset)) for key, (slope, offset) in fitted.items()}
    judged = [{key: calibrated(score, *calibration[key]) for key, score in one.items()} for one in left_out]
    curves, start = [], 0
    for rows, part in zip(parts, given, strict=True):
        curves.append(precision_recall(rows, judged[start : start + len(rows)], part.lost))
        start += len(rows)
    thresholds = {name: threshold_of(curves[0], precision) for name, precision in PRECISIONS.items()}
    return calibration, thresholds, [{name: measured_at(c, t) for name, t in thresholds.items()} for c in curves]


def _limit(base: str, revision: str | None, tokenizer: Any, wanted: int) -> int:
    """Tokens of a change at most: as many as are wanted, or as the base reads."""
    from transformers import AutoConfig

    limit = min(wanted, checkpoint.token_limit(checkpoint.opened(AutoConfig, base, revision), tokenizer))
    if limit < MIN_TOKENS:
        raise ConfigError(f"{base}: reads {limit} tokens, must be at least {MIN_TOKENS}. Give another base.")
    return limit


def _example(tokenizer: Any, one: TextRow, max_tokens: int) -> Example:
    wanted = [float(one.row.right(key)) for key in CODE_CRITERIA]
    return Example(token_ids(tokenizer, one.text, max_tokens), wanted, one.row.weight)


def _check(rows: Sequence[TextRow], settings: Settings) -> None:
    """Refuse what can't be trained on.

    Raises:
        ConfigError: naming the field, its value and the way out.
    """
    for name, least in (("folds", 2), ("epochs", 1), ("batch_rows", 1), ("max_tokens", MIN_TOKENS)):
        value = getattr(settings, name)
        if value < least:
            raise ConfigError(f"{name}: {value}, must be at least {least}.")
    repositories = len({one.row.gold.repo.casefold() for one in rows})
    if repositories < 2:
        raise ConfigError(f"rows: {repositories} repositories, must be at least 2. Label commits of another one.")
    if not any(one.row.gold.usable for one in rows):
        raise ConfigError(f"rows: none of {len(rows)} is usable. Label commits that make a pair.")


def _left_out(
    rows: Sequence[Row], examples: Sequence[Example], settings: Settings, trained_on: Callable[..., Any]
) -> list[dict[str, float]]:
    """Scores of each row by a model that has seen no commit of its repository."""
    repositories = sorted({one.gold.repo.casefold() for one in rows})
    folds = min(settings.folds, len(repositories))
    found: list[dict[str, float]] = [{} for _ in rows]
    for fold in range(folds):
        held = set(repositories[fold::folds])
        places = [i for i, one in enumerate(rows) if one.gold.repo.casefold() in held]
        inside = [example for example, one in zip(examples, rows, strict=True) if one.gold.repo.casefold() not in held]
        model = trained_on(inside, f"fold {fold + 1} of {folds}")
        for i in places:
            found[i] = scores(model, examples[i].ids)
    return found


def _short(value: float) -> float:
    return float(f"{value:.4g}")


def _name(base: str) -> str:
    """A hub's id, or the last part of a folder: the rest is of one machine."""
    return Path(base).name if Path(base).exists() else base
