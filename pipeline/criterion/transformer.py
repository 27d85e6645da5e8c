"""The criterion of a change by an encoder, such as ModernBERT, through transformers: the `gpu` way beside `model`."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile
from typing import Any

from parsers.edits import Edit
from pipeline.criterion import checkpoint
from pipeline.criterion.checkpoint import CALIBRATION, Device, Dtype, Judgement
from pipeline.criterion.message import message
from pipeline.criterion.model import calibrated, sigmoid
from pipeline.training.extra import require_train_extra
from schemas.criteria import CODE_CRITERIA
from schemas.errors import CheckFailed, ConfigError
from schemas.records import Change

LOGIT_DECIMALS = 3
"""Logits are rounded, so that the order in which a machine adds floats does not reach what is written."""
CONTEXT_LINES = 2
"""Shared lines before and after each hunk."""
CHARS_PER_TOKEN = 12
"""Characters of a diff that are tokenized, for each token that the model reads: code has 2 to 5 a token."""
_GAP = "@@"


@dataclass(frozen=True, slots=True)
class Text:
    """A change as an encoder reads it.

    Attributes:
        message: subject and body, links and trailers left out.
        diff: the language, then hunks that begin with `@@`; lines are marked `-`, `+` or with a space.
    """

    message: str
    diff: str


@dataclass(frozen=True, slots=True)
class Transformer:
    """A loaded model.

    Attributes:
        model: `AutoModelForSequenceClassification` with one label a criterion, in evaluation mode.
        tokenizer: its own.
        judgement: its calibration and thresholds.
    """

    model: Any
    tokenizer: Any
    judgement: Judgement

    @property
    def thresholds(self) -> Mapping[str, float]:
        """Probability from which a change is taken, by name (`default`, `strict`)."""
        return self.judgement.thresholds

    def probabilities(self, change: Change, edit: Edit) -> dict[str, float]:
        """Probability, by criterion, that a reader would call the change usable for that criterion; four decimals.

        One change at a time, so that it does not depend on its neighbours.

        Args:
            change: the change.
            edit: its file's two sides.
        """
        ids = token_ids(self.tokenizer, change_text(change.message, edit), self.judgement.max_tokens)
        return {
            key: calibrated(score, *self.judgement.calibration[key]) for key, score in scores(self.model, ids).items()
        }


def change_text(text: str, edit: Edit) -> Text:
    """The text that a change becomes.

    Args:
        text: the commit's message.
        edit: its file's two sides.
    """
    return Text(_encodable(message(text).text), _encodable(f"{edit.language}\n{_diff(edit)}"))


def token_ids(tokenizer: Any, text: Text, max_tokens: int) -> list[int]:
    """Tokens of a change: the message, a separator, the diff with its middle cut out where it is too long.

    Special tokens come from here alone: such a token's name in a message or in code is plain text.

    Args:
        tokenizer: of transformers.
        text: the change.
        max_tokens: at most so many, at least `checkpoint.MIN_TOKENS`; the message takes half of them at most.
    """
    before, after = _around(tokenizer)
    between = [] if tokenizer.sep_token_id is None else [int(tokenizer.sep_token_id)]
    room = max_tokens - len(before) - len(between) - len(after)
    said = _plain(tokenizer, text.message)[: room // 2]
    most = max_tokens * CHARS_PER_TOKEN // 2
    if len(text.diff) <= 2 * most:
        shown = _plain(tokenizer, text.diff)
    else:
        shown = _plain(tokenizer, f"{text.diff[:most]}\n{_GAP}\n{text.diff[-most:]}")
    left = room - len(said)
    if len(shown) > left:
        gap = _plain(tokenizer, f"\n{_GAP}\n")[:left]
        tail = (left - len(gap)) // 2
        shown = [*shown[: left - len(gap) - tail], *gap, *shown[len(shown) - tail :]]
    return [*before, *said, *between, *shown, *after]


def logits(model: Any, ids: list[int]) -> Any:
    """Logits of one change, a float32 tensor of shape (criteria,).

    Args:
        model: with one label a criterion.
        ids: tokens of the change.
    """
    import torch

    ids_1T = torch.tensor([ids], device=model.device)
    return model(input_ids=ids_1T, attention_mask=torch.ones_like(ids_1T)).logits[0].float()


def scores(model: Any, ids: list[int]) -> dict[str, float]:
    """Score by criterion, 0 to 1, of one change, not yet calibrated.

    Args:
        model: with one label a criterion, in evaluation mode.
        ids: tokens of the change.

    Raises:
        CheckFailed: the model's output is not a number.
    """
    import torch

    with torch.inference_mode():
        values = logits(model, ids).tolist()
    if not all(map(math.isfinite, values)):
        raise CheckFailed(f"the encoder's output is {values}. Give dtype float32, or train it again.")
    return {key: sigmoid(round(value, LOGIT_DECIMALS)) for key, value in zip(CODE_CRITERIA, values, strict=True)}


def load(name: str, revision: str | None = None, device: Device = "auto", dtype: Dtype = "float32") -> Transformer:
    """A model from a folder or a hub.

    Args:
        name: a folder, or a hub's id such as `owner/model`.
        revision: commit, tag or branch on the hub; None for its default branch. A folder has none.
        device: `auto` is the GPU where there is one.
        dtype: of the weights. Half precision is for a GPU, and its probabilities differ a little.

    Raises:
        ConfigError: the extra `train` is missing, there is no such model or GPU, the model has other labels, or its
            calibration is missing or wrong.
    """
    require_train_extra()
    where = checkpoint.placed(device)
    judgement = checkpoint.read_judgement(name, revision)
    config = checkpoint.checked_config(name, revision)
    tokenizer = checkpoint.load_tokenizer(name, revision)
    most = checkpoint.token_limit(config, tokenizer)
    if judgement.max_tokens > most:
        raise ConfigError(
            f"{name}: {CALIBRATION}: max_tokens is {judgement.max_tokens}, but the model reads {most}. Train it again."
        )
    if len(tokenizer) > config.vocab_size:
        raise ConfigError(
            f"{name}: its tokenizer has {len(tokenizer)} tokens, but the model knows {config.vocab_size}."
            " Give it its own tokenizer."
        )
    token_ids(tokenizer, Text("", ""), judgement.max_tokens)  # the first call sets it up, which threads must not share
    model, info = checkpoint.load_model(name, revision, dtype, output_loading_info=True)
    if info["missing_keys"]:
        raise ConfigError(f"{name}: has no weights for {', '.join(sorted(info['missing_keys'])[:5])}. Train it again.")
    return Transformer(model.to(where).eval(), tokenizer, judgement)


@lru_cache(maxsize=1)
def loaded(name: str, revision: str | None = None, device: Device = "auto", dtype: Dtype = "float32") -> Transformer:
    """`load`, and the last one is kept: a worker asks for it with every change."""
    return load(name, revision, device, dtype)


def _around(tokenizer: Any) -> tuple[list[int], list[int]]:
    """Special tokens that the tokenizer puts before and after a text."""
    found = tokenizer("a", return_special_tokens_mask=True, split_special_tokens=True)
    ids, mask = found["input_ids"], found["special_tokens_mask"]
    first = len(list(takewhile(bool, mask)))
    last = len(list(takewhile(bool, reversed(mask)))) if first < len(mask) else 0
    return ids[:first], ids[len(ids) - last :]


def _plain(tokenizer: Any, text: str) -> list[int]:
    """Tokens of a text that holds no special one, whatever it says; the unknown token may be there.

    Some tokenizers' vocabularies find the name of a special token as any other word: those tokens are left out.
    """
    found = tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"]
    special = {*tokenizer.all_special_ids} - {tokenizer.unk_token_id}
    return [token for token in found if token not in special]


def _encodable(text: str) -> str:
    """The text with `?` for half characters, which have no UTF-8 form."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _diff(edit: Edit) -> str:
    """The hunks of an edit with `CONTEXT_LINES` around each; no line numbers, which carry nothing over."""
    old, new = edit.before_lines, edit.after_lines
    lines, shown = [], 0
    for place, hunk in enumerate(edit.hunks):
        start, end = hunk.before
        first = max(shown, start - CONTEXT_LINES)
        if place == 0 or first > shown:
            lines.append(_GAP)
        lines += [f" {line}" for line in old[first:start]]
        lines += [f"-{line}" for line in old[start:end]]
        lines += [f"+{line}" for line in new[slice(*hunk.after)]]
        following = edit.hunks[place + 1].before[0] if place + 1 < len(edit.hunks) else len(old)
        shown = min(end + CONTEXT_LINES, following)
        lines += [f" {line}" for line in old[end:shown]]
    return "\n".join(lines)
