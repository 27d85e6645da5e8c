"""A linear model over words, numbers and embeddings of a change; its weights are a JSON file."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.criterion.encoder import DIMENSIONS, embed
from pipeline.criterion.features import NUMBERS, Features
from schemas.criteria import CODE_CRITERIA

if TYPE_CHECKING:
    from numpy.typing import NDArray

BLOCKS: dict[str, tuple[str, ...]] = {
    "subject": ("s:", "f:"),
    "body": ("b:",),
    "edit": ("+", "-", "comparison", *"<>=!"),
}
"""Blocks of words, each of length 1 before it is scaled, and the prefixes of their words."""
SCALES = {"subject": 1.0, "body": 0.7, "edit": 1.0, "numbers": 0.15, "embeddings": 1.2}
MOST_DEVIATIONS = 4.0
"""A number further from its mean is taken to be this far."""
USABLE = "usable"
NONE = "none"
EMBEDDED = "weights.json"


@dataclass(frozen=True, slots=True)
class Shape:
    """How features become a vector: words and their weights, means and deviations of the numbers.

    Attributes:
        words: place of each word in its block, by block.
        rarity: inverse document frequency of each word, by block.
        means: of the numbers.
        deviations: of the numbers.
    """

    words: Mapping[str, Mapping[str, int]]
    rarity: Mapping[str, "NDArray[np.float64]"]
    means: "NDArray[np.float64]"
    deviations: "NDArray[np.float64]"

    @property
    def size(self) -> int:
        """Numbers in a vector."""
        return sum(map(len, self.words.values())) + len(NUMBERS) + 2 * DIMENSIONS

    def vector(self, found: Features) -> "NDArray[np.float64]":
        """The vector of one change, shape (size,): its blocks of words, its numbers, two embeddings of its message."""
        parts = [self._block(name, found.words) for name in BLOCKS]
        numbers = (np.array(found.numbers) - self.means) / self.deviations
        parts.append(SCALES["numbers"] * np.clip(numbers, -MOST_DEVIATIONS, MOST_DEVIATIONS))
        parts += [SCALES["embeddings"] * embed(text) for text in (found.message.first_line, found.message.text)]
        return np.concatenate(parts)

    def _block(self, name: str, words: Mapping[str, float]) -> "NDArray[np.float64]":
        places = self.words[name]
        block = np.zeros(len(places))
        for word, weight in words.items():
            if word in places:
                block[places[word]] = weight * self.rarity[name][places[word]]
        length = np.linalg.norm(block)
        return block * (SCALES[name] / length) if length else block


@dataclass(frozen=True, slots=True)
class Model:
    """Linear heads: one a criterion (usable for it), one a class of criterion, and one of usability alone.

    Attributes:
        shape: of the vectors.
        heads: bias and weights, by name: a criterion, `is <criterion>`, `is none`, `usable`.
        calibration: slope and offset of the logit that make a score a probability, by criterion.
        thresholds: probability from which a change is taken, by name (`default`, `strict`).
        trained: what it was made from, for people.
    """

    shape: Shape
    heads: Mapping[str, tuple[float, "NDArray[np.float64]"]]
    calibration: Mapping[str, tuple[float, float]]
    thresholds: Mapping[str, float]
    trained: Mapping[str, Any]

    def probabilities(self, found: Features) -> dict[str, float]:
        """Probability, by criterion, that a reader would call the change usable for that criterion."""
        vector = self.shape.vector(found)
        raw = {name: bias + float(weights @ vector) for name, (bias, weights) in self.heads.items()}
        scores = combined(raw)
        return {key: calibrated(score, *self.calibration[key]) for key, score in scores.items()}


def combined(raw: Mapping[str, float]) -> dict[str, float]:
    """Score by criterion, 0 to 1: the mean of its own head, and of usability times its share among the criteria.

    Args:
        raw: output of each head.
    """
    classes = {key: math.exp(raw[f"is {key}"]) for key in CODE_CRITERIA}
    total = sum(classes.values())
    usable = sigmoid(raw[USABLE])
    return {key: (sigmoid(raw[key]) + usable * classes[key] / total) / 2 for key in CODE_CRITERIA}


def calibrated(score: float, slope: float, offset: float) -> float:
    """A score as a probability, four decimals."""
    held = min(max(score, 1e-6), 1 - 1e-6)
    return round(sigmoid(slope * math.log(held / (1 - held)) + offset), 4)


def sigmoid(value: float) -> float:
    """1 / (1 + exp(-value)), without overflow."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


@cache
def embedded() -> Model:
    """The model that comes with the package."""
    return from_json((files("pipeline.criterion") / EMBEDDED).read_text(encoding="utf-8"))


def from_json(text: str) -> Model:
    """A model from its file."""
    table = json.loads(text)
    words = {name: {word: place for place, word in enumerate(table["words"][name])} for name in BLOCKS}
    shape = Shape(
        words,
        {name: np.array(table["rarity"][name]) for name in BLOCKS},
        np.array(table["means"]),
        np.array(table["deviations"]),
    )
    heads = {name: (head[0], np.array(head[1:])) for name, head in table["heads"].items()}
    calibration = {key: (slope, offset) for key, (slope, offset) in table["calibration"].items()}
    return Model(shape, heads, calibration, table["thresholds"], table["trained"])


def to_json(model: Model) -> str:
    """A model as a file: one line a field or head, numbers of four digits."""
    heads = {name: _short([bias, *weights]) for name, (bias, weights) in model.heads.items()}
    table = {
        "trained": dict(model.trained),
        "thresholds": dict(model.thresholds),
        "calibration": {key: _short(value) for key, value in model.calibration.items()},
        "means": _short(model.shape.means),
        "deviations": _short(model.shape.deviations),
        "words": {name: list(model.shape.words[name]) for name in BLOCKS},
        "rarity": {name: _short(model.shape.rarity[name]) for name in BLOCKS},
        "heads": heads,
    }
    fields = [f"{json.dumps(key)}: {_lines(value)}" for key, value in table.items()]
    return "{\n" + ",\n".join(fields) + "\n}\n"


def _lines(value: Any) -> str:
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    inner = ",\n".join(f"  {json.dumps(key)}: {json.dumps(one, ensure_ascii=False)}" for key, one in value.items())
    return "{\n" + inner + "\n}"


def _short(values: Iterable[float]) -> list[float]:
    return [float(f"{value:.4g}") for value in values]
