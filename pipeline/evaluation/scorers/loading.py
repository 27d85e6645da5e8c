"""Checkpoints from a folder or a hub: configuration, tokenizer and backbone, and what a broken one is told."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from logging import ERROR
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

from pipeline.evaluation.scorers.base import ScorerOptions, system_file
from pipeline.evaluation.scorers.weights import files, read
from pipeline.training.extra import require_train_extra
from schemas.errors import ConfigError

_SMALL = ("*.json", "*.jinja", "*.model", "*.txt", "*.tiktoken")
"""What a checkpoint holds beside its weights."""

_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, ImportError, RuntimeError, UnpicklingError)
"""What transformers and torch raise for a checkpoint that is broken, or for an option that it can't follow."""


class LocalOptions(ScorerOptions):
    """What every scorer that runs a model in this process may be told.

    Attributes:
        tokenizer: folder or hub id of another tokenizer than the checkpoint's own.
        chat_template: a Jinja template instead of the tokenizer's own.
    """

    tokenizer: str | None = None
    chat_template: str | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint on this machine.

    Attributes:
        folder: of its files.
        config: content of config.json.
    """

    folder: Path
    config: dict[str, Any]


def checkpoint(model: str, options: LocalOptions) -> Checkpoint:
    """Find a checkpoint and read its configuration; check what the options need before anything big is loaded.

    Args:
        model: a folder, or a hub id such as `project-themis/Themis-RM-8B`.
        options: of scoring.

    Raises:
        ConfigError: the extra `train` is missing; there is no such folder or hub model; it has no config.json; the
            device is not there; or `system` is `file` and the file can't be used.
    """
    require_train_extra()
    if options.system == "file":
        system_file(options.system_file)
    _check_device(options.device)
    folder = located(model)
    return Checkpoint(folder, _settings(folder / "config.json"))


def _settings(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{path}: is not JSON: {error}. Fetch the checkpoint again.") from None
    if not isinstance(held, dict):
        raise ConfigError(f"{path}: is no JSON object. Fetch the checkpoint again.")
    return held


def _check_device(device: str) -> None:
    import torch

    if device == "auto":
        return
    try:
        kind = torch.device(device).type
    except RuntimeError:
        raise ConfigError(f"device: {device!r}: is none. Write cpu, cuda:0 or auto.") from None
    if kind == "cuda" and not torch.cuda.is_available():
        raise ConfigError(f"device: {device!r}: there is no such GPU here. Write cpu.")


def located(model: str) -> Path:
    """The folder of a checkpoint; a hub id is fetched into the hub's cache, safetensors before `.bin`.

    Raises:
        ConfigError: the folder holds no config.json, or the hub has no such model or can't be reached.
    """
    path = Path(model)
    if (path / "config.json").is_file():
        return path
    if path.exists() or model.count("/") != 1 or model.startswith((".", "/", "~")):
        raise ConfigError(
            f"{path}: holds no config.json. Give the folder of a checkpoint, such as RUN/models/nano, or a hub id."
        )
    from huggingface_hub import snapshot_download

    try:
        folder = Path(
            snapshot_download(model, allow_patterns=[*_SMALL, "*.safetensors", "*.pt"], ignore_patterns="*/*")
        )
        if not any(folder.glob("*.safetensors")):
            folder = Path(snapshot_download(model, allow_patterns=[*_SMALL, "*.bin", "*.pt"], ignore_patterns="*/*"))
    except (OSError, ValueError) as error:  # no network, no such model, no permission, no valid name
        raise ConfigError(
            f"{model}: is no folder here, and can't be fetched from the hub: {type(error).__name__}: {error}. "
            "Check the name and the network, or give a folder."
        ) from None
    if not (folder / "config.json").is_file():
        raise ConfigError(f"{model}: the hub's model holds no config.json. Give another one.")
    return folder


def ships_code(settings: dict[str, Any], name: str) -> bool:
    """Whether a config.json or tokenizer_config.json names code in the checkpoint's folder for an auto class."""
    return name in settings.get("auto_map", {})


def load_tokenizer(found: Checkpoint, options: LocalOptions) -> Any:
    """The tokenizer, with a chat template.

    One that ships code is read from its tokenizer.json instead, without the code, where it has one.

    Raises:
        ConfigError: it can't be read, would run code of the checkpoint's, or has no chat template.
    """
    from transformers import AutoTokenizer, PreTrainedTokenizerFast

    folder = located(options.tokenizer) if options.tokenizer else found.folder
    given: dict[str, Any] = {"local_files_only": True, "trust_remote_code": options.trust_remote_code}
    maker: Any = AutoTokenizer
    path = folder / "tokenizer_config.json"
    settings = _settings(path) if path.is_file() else {}
    if ships_code(settings, "AutoTokenizer") and not options.trust_remote_code:
        if not (folder / "tokenizer.json").is_file():
            raise ConfigError(
                f"{folder}: its tokenizer is code in the checkpoint, which is not run. Name another one with "
                "`tokenizer`, or read the code and set trust_remote_code: true."
            )
        maker = PreTrainedTokenizerFast
        given = {"local_files_only": True}
    try:
        tokenizer = maker.from_pretrained(folder, **given)
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise ConfigError(f"{folder}: the tokenizer can't be read: {error}") from None
    if options.chat_template is not None:
        tokenizer.chat_template = options.chat_template
    if not tokenizer.chat_template:
        raise ConfigError(
            f"{folder}: the tokenizer has no chat template. Save one with it, as chat_template.jinja, "
            "or give one as chat_template."
        )
    return tokenizer


def load_model(found: Checkpoint, options: ScorerOptions, maker: Any) -> Any:
    """A transformers model with every weight that it needs, in evaluation mode.

    Args:
        found: the checkpoint.
        options: dtype, device, attention and trust_remote_code are used.
        maker: an auto class of transformers.

    Raises:
        ConfigError: the architecture is unknown, its attention has no such backend, or weights are missing (named),
            of another shape, or cut short.
    """
    import torch
    from safetensors import SafetensorError

    given: dict[str, Any] = {"local_files_only": True, "trust_remote_code": options.trust_remote_code}
    if options.device != "cpu":
        given["device_map"] = "auto" if options.device == "auto" else {"": options.device}
    try:
        with quiet():
            model, report = maker.from_pretrained(
                found.folder,
                dtype=getattr(torch, options.dtype),
                attn_implementation=options.attention,
                output_loading_info=True,
                ignore_mismatched_sizes=True,
                **given,
            )
    except (*_BROKEN, SafetensorError) as error:
        raise ConfigError(_not_loaded(found, options, error)) from None
    check_missing(found.folder, report["missing_keys"])
    if report["mismatched_keys"]:
        key, held, needed = sorted(report["mismatched_keys"])[0]
        raise ConfigError(f"{found.folder}: {key} has the shape {held}, must be {needed}. Check config.json.")
    model.config.use_cache = False
    return model.eval()


def _not_loaded(found: Checkpoint, options: ScorerOptions, error: Exception) -> str:
    text = f"{found.folder}: can't be loaded: {type(error).__name__}: {error}".rstrip(".")
    if "attention" in str(error).lower() or "flash" in str(error).lower():
        return f"{text}. attention: {options.attention}: set another one, eager for instance."
    return f"{text}. Check config.json and the weights."


def check_missing(folder: Path, keys: Iterable[str]) -> None:
    """Raise a ConfigError that names the first weights that a model needs and its checkpoint lacks."""
    missing = sorted(keys)
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ConfigError(
            f"{folder}: its weights lack {', '.join(missing[:3])}{more}. Give a checkpoint of this architecture, "
            "or the scorer of its own."
        )


def load_backbone(found: Checkpoint, options: ScorerOptions) -> Any:
    """The model without its head. Code that the checkpoint brings for the whole is not needed, and not run.

    Raises:
        ConfigError: as `load_model`.
    """
    from transformers import AutoModel

    return load_model(found, options.model_copy(update={"trust_remote_code": False}), AutoModel)


def fill(found: Checkpoint, model: Any, renamed: Callable[[str, Any], Iterator[tuple[str, Any]]]) -> None:
    """Copy a checkpoint's weights into a model whose layout has other names.

    Args:
        found: the checkpoint.
        model: with weights to be overwritten.
        renamed: a stored name and tensor to the (name, tensor) pairs of the model; none for what it doesn't need.

    Raises:
        ConfigError: a weight is missing or has another shape.
    """
    import torch

    needed = dict(model.named_parameters())
    with torch.no_grad():
        for path in files(found.folder):
            for stored, tensor in read(path):
                for name, part in renamed(stored, tensor):
                    target = needed.pop(name, None)
                    if target is None or target.shape != part.shape:
                        raise ConfigError(
                            f"{found.folder}: {stored} does not fit the model of config.json. Check the layout."
                        )
                    target.copy_(part)
    check_missing(found.folder, needed)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from listing the weights of a head that is read apart, and from a bar a file.

    What is missing is an error here, not a line in a log.
    """
    from transformers.utils import logging as untyped

    logging: Any = untyped
    before, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity(ERROR)
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)
        if bars:
            logging.enable_progress_bar()
