"""Gating mixtures: a regression head gives a reward an objective, a gate weighs them, and the score is their sum.

The published ones, all with the regression at the last token:

- ArmoRM: one value an objective, times a matrix; the gate (softmax) at the token that ends the prompt.
- QRM: quantiles an objective, of which the mean counts; the same gate, with batch norms.
- LDL: a distribution over values between 0 and 1 an objective; the gate at the last token, no softmax.
- URM: mean and spread an objective, of which the mean counts; the gate at the last token, no softmax.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import Field

from pipeline.evaluation.scorers.base import Score, ScorerOptions
from pipeline.evaluation.scorers.encoding import conversations, hidden_states
from pipeline.evaluation.scorers.heads import Activation, Head, read_head
from pipeline.evaluation.scorers.loading import Checkpoint, LocalOptions, checkpoint, load_backbone, load_tokenizer
from pipeline.evaluation.scorers.weights import tensors
from schemas.errors import ConfigError

Reduce: TypeAlias = Literal["mean", "first", "expectation"]


@dataclass(frozen=True, slots=True)
class Mixture:
    """The two heads and what joins them.

    Attributes:
        regression: objectives times bins outputs.
        gate: one output an objective.
        bins: values an objective.
        reduce: an objective's values to its reward, see `GatedOptions`.
        softmax: whether the gate's outputs go through one.
        temperature: that they are divided by before.
        scale: that the gate is multiplied by.
        transform: (objectives, objectives), which the rewards are multiplied by; None for none.
    """

    regression: Head
    gate: Head
    bins: int
    reduce: Reduce
    softmax: bool
    temperature: float
    scale: float
    transform: Any

    def scores(self, last_BH: Any, gate_BH: Any) -> Any:
        """Scores of shape (B,).

        Args:
            last_BH: hidden states of the last tokens.
            gate_BH: hidden states that the gate sees.
        """
        import torch

        weights_BO = self.gate(gate_BH)
        if self.softmax:
            weights_BO = torch.softmax(weights_BO / self.temperature, dim=1)
        values_BON = self.regression(last_BH).unflatten(1, (weights_BO.shape[1], self.bins))
        if self.reduce == "mean":
            rewards_BO = values_BON.mean(2)
        elif self.reduce == "first":
            rewards_BO = values_BON[:, :, 0]
        else:
            rewards_BO = torch.softmax(values_BON, dim=2) @ torch.linspace(0, 1, self.bins)
        if self.transform is not None:
            rewards_BO = rewards_BO @ self.transform
        return (self.scale * weights_BO * rewards_BO).sum(1)


@dataclass(frozen=True, slots=True)
class Gated:
    """A loaded checkpoint.

    Attributes:
        model: without a head.
        tokenizer: with a chat template.
        mixture: of the heads.
        boundary: token ids that end the prompt, the gate reads the first of them; empty for the last token of all.
        options: of scoring.
    """

    model: Any
    tokenizer: Any
    mixture: Mixture
    boundary: tuple[int, ...]
    options: ScorerOptions

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[Score]:
        """Rewards; None where the prompt's end is not in the conversation, since `max_tokens` cut it off.

        Raises:
            ConfigError: a whole conversation has no such end, so the chat template writes another one.
        """
        rows = conversations(self.tokenizer, self.options, prompts, answers, criteria)
        found = {i: place(row, self.boundary) if self.boundary else len(row) - 1 for i, row in enumerate(rows)}
        gates = {i: gate for i, gate in found.items() if gate is not None}
        if any(len(rows[i]) < self.options.max_tokens for i in found.keys() - gates.keys()):
            raise ConfigError("boundary: the chat template writes no such tokens. Give those that end its prompt.")
        scores: list[Score] = [None] * len(rows)
        if gates:
            places = [[len(rows[i]) - 1, gate] for i, gate in gates.items()]
            hidden_BPH = hidden_states(self.model, [rows[i] for i in gates], places, self.options)
            for i, score in zip(gates, self.mixture.scores(hidden_BPH[:, 0], hidden_BPH[:, 1]).tolist(), strict=True):
                scores[i] = score
        return scores


def place(row: Sequence[int], pattern: Sequence[int]) -> int | None:
    """Where the last occurrence of a pattern begins; None where there is none."""
    size = len(pattern)
    starts = range(len(row) - size, -1, -1)
    return next((start for start in starts if tuple(row[start : start + size]) == tuple(pattern)), None)


class GatedOptions(LocalOptions):
    """Where the two heads are in the checkpoint, and what joins them.

    Attributes:
        objectives: outputs of the gate.
        bins: values that the regression gives an objective.
        reduce: an objective's values to its reward: their `mean`, the `first`, or the `expectation` of a softmax over
            values spread evenly from 0 to 1.
        regression: names of the regression's linear layers in the weights, in order, without `.weight`.
        regression_activation: between them.
        regression_file: that holds them, if not the checkpoint's own weight files.
        gate: names of the gate's linear layers.
        gate_activation: between them.
        gate_norms: names of the batch norms after its layers but the last; empty for none.
        gate_file: that holds them, if not the checkpoint's own weight files.
        boundary: text of the tokens that end the prompt, the gate reads the first of them; empty for the last token.
        softmax: whether the gate's outputs go through one.
        temperature: that they are divided by before.
        temperature_key: key of config.json that has the temperature, where it is there.
        scale: name of a number in the weights that the gate is multiplied by; empty for none.
        transform: name of a square matrix in the weights that the rewards are multiplied by; empty for none.
    """

    kind: Literal["gated"] = "gated"
    objectives: int = Field(default=19, ge=1)
    bins: int = Field(default=1, ge=1)
    reduce: Reduce = "mean"
    regression: tuple[str, ...] = Field(default=("regression_layer",), min_length=1)
    regression_activation: Activation = "relu"
    regression_file: str = ""
    gate: tuple[str, ...] = Field(default=tuple(f"gating.layers.{number}" for number in range(4)), min_length=1)
    gate_activation: Activation = "relu"
    gate_norms: tuple[str, ...] = ()
    gate_file: str = ""
    boundary: str = ""
    softmax: bool = True
    temperature: float = Field(default=1.0, gt=0)
    temperature_key: str = ""
    scale: str = ""
    transform: str = ""

    def load(self, model: str) -> Gated:
        """Load a checkpoint.

        Args:
            model: folder of the checkpoint, or a hub id.

        Raises:
            ConfigError: the extra `train` is missing, there is no checkpoint, weights are missing (named) or of
                another shape, or there is no chat template.
        """
        found = checkpoint(model, self)
        tokenizer = load_tokenizer(found, self)
        boundary = tuple(tokenizer(self.boundary, add_special_tokens=False)["input_ids"]) if self.boundary else ()
        backbone = load_backbone(found, self)
        return Gated(backbone, tokenizer, self._mixture(found, backbone), boundary, self)

    def _mixture(self, found: Checkpoint, backbone: Any) -> Mixture:
        size, folder = backbone.config.get_text_config().hidden_size, found.folder
        outputs = self.objectives * self.bins
        regression = read_head(
            folder, self.regression, size, outputs, self.regression_activation, file=self.regression_file
        )
        gate = read_head(
            folder, self.gate, size, self.objectives, self.gate_activation, self.gate_norms, self.gate_file
        )
        held = tensors(folder, [name for name in (self.scale, self.transform) if name])
        transform = held.get(self.transform)
        if transform is not None and tuple(transform.shape) != (self.objectives, self.objectives):
            raise ConfigError(
                f"{folder}: {self.transform} has the shape {tuple(transform.shape)}, must be square over "
                f"{self.objectives} objectives."
            )
        temperature = found.config.get(self.temperature_key, self.temperature)
        if not isinstance(temperature, int | float) or temperature <= 0:
            raise ConfigError(f"{folder}: config.json: {self.temperature_key} is {temperature!r}, must be above 0.")
        scale = float(held[self.scale].flatten()[0]) if self.scale else 1.0
        return Mixture(regression, gate, self.bins, self.reduce, self.softmax, float(temperature), scale, transform)
