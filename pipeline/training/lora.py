"""Low-rank adapters: train a few numbers a layer and the reward head, then fold them into plain weights.

A layer's output becomes W x + (alpha / rank) B A x, with A and B of the adapter and W as it was (Hu et al., LoRA,
arXiv 2106.09685). B starts at zero, so a model with fresh adapters scores as it did without.
"""

from importlib.util import find_spec
from typing import Any

from pipeline.training.recipe import Lora
from schemas.errors import ConfigError


def add_adapters(model: Any, lora: Lora) -> None:
    """Put adapters into a model, in place: they and the reward head are trained, all else is frozen.

    The first values of A come from torch's generator: seed it first.

    Args:
        model: a sequence classifier whose head is `score`.
        lora: rank, scale and targets.

    Raises:
        ConfigError: peft is missing, or a target names no linear layer of the model's body.
    """
    layers = target_layers(model, lora)
    if find_spec("peft") is None:
        raise ConfigError("lora: peft is missing. Run `pip install themis-preference[lora]`, or set lora to null.")
    from peft import LoraConfig, inject_adapter_in_model

    configure: Any = LoraConfig
    config = configure(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=0.0,
        bias="none",
        target_modules=list(layers),
    )
    inject_adapter_in_model(config, model)
    for parameter in model.score.parameters():
        parameter.requires_grad_(True)


def merge_adapters(model: Any) -> None:
    """Fold the adapters of `add_adapters` into the weights, in place: a plain model again, all of it trainable.

    Args:
        model: as `add_adapters` left it; one without adapters is left as it is.
    """
    if find_spec("peft") is None:
        return
    from peft.tuners.lora import LoraLayer

    adapted = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, LoraLayer)]
    for name, layer in adapted:
        merged: Any = layer
        merged.merge(safe_merge=True)
        parent, _, attribute = name.rpartition(".")
        setattr(model.get_submodule(parent), attribute, merged.get_base_layer())
    if hasattr(model, "peft_config"):
        del model.peft_config
    if getattr(model, "_hf_peft_config_loaded", False):
        model._hf_peft_config_loaded = False
    model.requires_grad_(True)


def target_layers(model: Any, lora: Lora) -> dict[str, Any]:
    """Full name to layer of every linear layer that gets an adapter.

    Args:
        model: a sequence classifier; its body is searched, not its heads.
        lora: `targets` are the last part of a name, such as `q_proj`; none for every linear layer.

    Raises:
        ConfigError: a target is no linear layer's name.
    """
    from torch import nn

    body = model.base_model_prefix
    linear = {
        f"{body}.{name}": layer
        for name, layer in model.get_submodule(body).named_modules()
        if isinstance(layer, nn.Linear)
    }
    last = {name.rpartition(".")[2] for name in linear}
    unknown = sorted(set(lora.targets) - last)
    if unknown:
        raise ConfigError(
            f"lora.targets: {', '.join(unknown)}: no such linear layer; there are {', '.join(sorted(last))}."
        )
    return {
        name: layer for name, layer in linear.items() if not lora.targets or name.rpartition(".")[2] in lora.targets
    }


def adapter_parameters(model: Any, lora: Lora) -> int:
    """Parameters that the adapters would have: rank x (inputs + outputs) of each target; nothing is built.

    Raises:
        ConfigError: as `target_layers`.
    """
    return sum(lora.rank * (layer.in_features + layer.out_features) for layer in target_layers(model, lora).values())
