"""Heads on a hidden state: linear layers with an activation, and batch norms, between them; float32, on the CPU."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeAlias

from pipeline.evaluation.scorers.weights import tensors
from schemas.errors import ConfigError

Activation: TypeAlias = Literal["relu", "leaky_relu", "selu"]
"""As `torch.nn.functional` names it, with its defaults."""

_NORM = ("weight", "bias", "running_mean", "running_var")


@dataclass(frozen=True, slots=True)
class Head:
    """Linear layers; after each but the last the activation, then its batch norm where there is one.

    Attributes:
        layers: (weight of (outputs, inputs), bias of (outputs,) or None) of each.
        norms: (weight, bias, running mean, running variance) after each layer but the last; empty for none.
        activation: between the layers.
    """

    layers: tuple[tuple[Any, Any], ...]
    norms: tuple[tuple[Any, Any, Any, Any], ...]
    activation: Activation

    def __call__(self, hidden_BH: Any) -> Any:
        """Values of shape (B, outputs), float32.

        Args:
            hidden_BH: float32, on the CPU.
        """
        from torch.nn import functional

        for number, (weight, bias) in enumerate(self.layers):
            hidden_BH = functional.linear(hidden_BH, weight, bias)
            if number + 1 < len(self.layers):
                hidden_BH = getattr(functional, self.activation)(hidden_BH)
                if self.norms:
                    gain, shift, mean, variance = self.norms[number]
                    hidden_BH = functional.batch_norm(hidden_BH, mean, variance, gain, shift)
        return hidden_BH


def read_head(
    folder: Path,
    layers: Sequence[str],
    hidden_size: int,
    outputs: int,
    activation: Activation = "relu",
    norms: Sequence[str] = (),
    file: str = "",
) -> Head:
    """A head from a checkpoint.

    Args:
        folder: of the checkpoint.
        layers: names of the linear layers, in order, without `.weight`; a bias is taken where there is one.
        hidden_size: inputs of the first layer.
        outputs: that the last layer must have.
        activation: between the layers.
        norms: names of the batch norms, one after each layer but the last.
        file: that holds them, if not the checkpoint's own weight files.

    Raises:
        ConfigError: a tensor is missing (named), or has another shape than the head needs.
    """
    names = [f"{name}.weight" for name in layers] + [f"{name}.{part}" for name in norms for part in _NORM]
    held = tensors(folder, names, [f"{name}.bias" for name in layers], file)
    size = hidden_size
    for name in layers:
        key, shape = f"{name}.weight", tuple(held[f"{name}.weight"].shape)
        if len(shape) != 2 or shape[1] != size:
            raise ConfigError(f"{folder}: {key} has the shape {shape}, must take {size} values. Check the layers.")
        size = shape[0]
    if size != outputs:
        raise ConfigError(f"{folder}: {layers[-1]}.weight gives {size} outputs, must give {outputs}. Set its number.")
    return Head(
        tuple((held[f"{name}.weight"], held.get(f"{name}.bias")) for name in layers),
        tuple(
            (held[f"{n}.weight"], held[f"{n}.bias"], held[f"{n}.running_mean"], held[f"{n}.running_var"]) for n in norms
        ),
        activation,
    )
