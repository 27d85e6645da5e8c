"""A classifier's folder or hub's model: its tokenizer and weights as data, and its `calibration.json`.

Code that came with a model is never run, and a pickle is never read.
"""

import json
import logging
import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError

Device = Literal["auto", "cpu", "cuda"]
Dtype = Literal["float32", "bfloat16", "float16"]

CALIBRATION = "calibration.json"
THRESHOLDS = ("default", "strict")
PROBLEM = "multi_label_classification"
MIN_TOKENS = 16
_WAY_OUT = "Give what `fit_transformer` wrote, or leave the model out for the embedded one."


@dataclass(frozen=True, slots=True)
class Judgement:
    """What makes logits probabilities, and probabilities a choice; the content of `calibration.json`.

    Attributes:
        max_tokens: of a change, special tokens counted; more is cut out of its diff.
        calibration: slope and offset of the logit, by criterion.
        thresholds: probability from which a change is taken, by name (`default`, `strict`).
        trained: what the model was made from, for people.
    """

    max_tokens: int
    calibration: Mapping[str, tuple[float, float]]
    thresholds: Mapping[str, float]
    trained: Mapping[str, Any]


def load_tokenizer(name: str, revision: str | None) -> Any:
    """The tokenizer of a folder or of a hub's model.

    Raises:
        ConfigError: it can't be had.
    """
    from transformers import AutoTokenizer

    return opened(AutoTokenizer, name, revision)


def load_model(name: str, revision: str | None, dtype: Dtype, **settings: Any) -> Any:
    """The model of a folder or of a hub, on the CPU.

    Args:
        name: a folder, or a hub's id.
        revision: on the hub.
        dtype: of the weights.
        settings: of its configuration, such as `num_labels`.

    Raises:
        ConfigError: it can't be had, or has no safetensors weights.
    """
    import torch
    from transformers import AutoModelForSequenceClassification

    kind = getattr(torch, dtype)
    return opened(AutoModelForSequenceClassification, name, revision, dtype=kind, use_safetensors=True, **settings)


def opened(kind: Any, name: str, revision: str | None, **settings: Any) -> Any:
    """`kind.from_pretrained`, in silence, and never with code that came with the model.

    Raises:
        ConfigError: it can't be had.
    """
    settings |= {} if revision is None else {"revision": revision}
    try:
        with quiet():
            return kind.from_pretrained(name, trust_remote_code=False, **settings)
    except Exception as error:  # noqa: BLE001  (a broken file makes the libraries raise any of a dozen kinds)
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise ConfigError(
            f"{name}: can't be loaded ({reason}). Give the folder or the hub's id of an encoder, with safetensors"
            " weights and a tokenizer; a hub's must be within reach, or in the local cache."
        ) from None


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bars and no remarks of transformers within the block."""
    from transformers.utils import logging as theirs

    bars, level = theirs.is_progress_bar_enabled(), theirs.get_verbosity()
    theirs.disable_progress_bar()  # type: ignore[no-untyped-call]
    theirs.set_verbosity(logging.ERROR)
    try:
        yield
    finally:
        theirs.set_verbosity(level)
        if bars:
            theirs.enable_progress_bar()  # type: ignore[no-untyped-call]


def placed(device: Device) -> str:
    """Name of torch's device.

    Raises:
        ConfigError: `cuda` where there is no GPU.
    """
    import torch

    there = torch.cuda.is_available()
    if device == "cuda" and not there:
        raise ConfigError("device: cuda, but no GPU is within reach of torch. Give auto or cpu.")
    return "cuda" if there and device != "cpu" else "cpu"


def token_limit(config: Any, tokenizer: Any) -> int:
    """Tokens that a model reads at most, by its configuration and its tokenizer; special ones counted."""
    places = getattr(config, "max_position_embeddings", None) or tokenizer.model_max_length
    return int(min(places, tokenizer.model_max_length))


def to_json(judgement: Judgement) -> str:
    """`calibration.json`: numbers of four digits."""
    table = {
        "max_tokens": judgement.max_tokens,
        "calibration": {key: [float(f"{v:.4g}") for v in pair] for key, pair in judgement.calibration.items()},
        "thresholds": dict(judgement.thresholds),
        "trained": dict(judgement.trained),
    }
    return json.dumps(table, indent=2, ensure_ascii=False) + "\n"


def from_json(name: str, text: str) -> Judgement:
    """A model's calibration from its file.

    Args:
        name: of the model, for errors.
        text: the file.

    Raises:
        ConfigError: it is not what `to_json` writes.
    """
    try:
        table = json.loads(text)
        calibration = {key: (_number(pair[0]), _number(pair[1])) for key, pair in table["calibration"].items()}
        thresholds = {key: _number(table["thresholds"][key]) for key in THRESHOLDS}
        found = Judgement(int(table["max_tokens"]), calibration, thresholds, dict(table["trained"]))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ConfigError(f"{name}: {CALIBRATION}: {type(error).__name__}: {error}. {_WAY_OUT}") from None
    if set(calibration) != set(CODE_CRITERIA):
        names = ", ".join(calibration)
        raise ConfigError(f"{name}: {CALIBRATION}: criteria {names}; must be {', '.join(CODE_CRITERIA)}. {_WAY_OUT}")
    if found.max_tokens < MIN_TOKENS:
        raise ConfigError(f"{name}: {CALIBRATION}: max_tokens is {found.max_tokens}, must be at least {MIN_TOKENS}.")
    return found


def read_judgement(name: str, revision: str | None) -> Judgement:
    """The calibration of a folder or of a hub's model.

    Raises:
        ConfigError: it is missing, or wrong.
    """
    from transformers.utils.hub import cached_file

    settings = {} if revision is None else {"revision": revision}
    try:
        found: Any = cached_file(name, CALIBRATION, **settings)
        text = Path(found).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise ConfigError(f"{name}: no {CALIBRATION} ({reason}). {_WAY_OUT}") from None
    return from_json(name, text)


def checked_config(name: str, revision: str | None) -> Any:
    """The configuration of a folder or of a hub's model with one label a criterion.

    Raises:
        ConfigError: it can't be had, or has other labels.
    """
    from transformers import AutoConfig

    config = opened(AutoConfig, name, revision)
    labels = [str(config.id2label[place]) for place in sorted(config.id2label)]
    if labels != list(CODE_CRITERIA) or config.problem_type != PROBLEM:
        raise ConfigError(
            f"{name}: its labels are {', '.join(labels)} ({config.problem_type}), must be"
            f" {', '.join(CODE_CRITERIA)} ({PROBLEM}). {_WAY_OUT}"
        )
    return config


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no number")
    return float(value)
