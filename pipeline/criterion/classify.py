"""The classifiers that a run can be given, and their verdict on a change."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from pydantic import Field

from parsers.edits import Edit
from pipeline.criterion.checkpoint import Device, Dtype
from pipeline.criterion.features import features
from pipeline.criterion.model import embedded
from pipeline.criterion.transformer import Transformer, loaded
from schemas.config import Options
from schemas.records import Change


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a classifier makes of a change.

    Attributes:
        criterion: key of the likeliest criterion.
        probability: that a reader would call the change usable for it.
        threshold: from which it is taken.
    """

    criterion: str
    probability: float
    threshold: float

    @property
    def abstains(self) -> bool:
        """Whether it is too unsure to take the change."""
        return self.probability < self.threshold


class Classifier(Options):
    """Base of the classifiers' options.

    Attributes:
        threshold: a probability; None for the model's own, set by precision on repositories that it had not seen: 0.75.
        strict: likewise for few and sure changes: 0.85. `themis mine-report` shows both.
    """

    kind: str
    threshold: float | None = Field(default=None, ge=0, le=1)
    strict: float | None = Field(default=None, ge=0, le=1)

    @abstractmethod
    def probabilities(self, change: Change, edit: Edit) -> dict[str, float]:
        """Probability, by criterion, that a reader would call the change usable for that criterion.

        Raises:
            ParseRefused: a side is outside the parser's bounds.
            ConfigError: what the classifier needs is not installed.
        """

    @abstractmethod
    def own_thresholds(self) -> dict[str, float]:
        """The model's own `default` and `strict` thresholds."""

    def thresholds(self) -> dict[str, float]:
        """Thresholds in force, `default` and `strict`."""
        given = {"default": self.threshold, "strict": self.strict}
        return {**self.own_thresholds(), **{name: value for name, value in given.items() if value is not None}}

    def judge(self, change: Change, edit: Edit) -> Verdict:
        """The likeliest criterion; a change whose source says which CVE it mends is one of security, for certain."""
        threshold = self.thresholds()["default"]
        if change.facts.cves:
            return Verdict("security_hardness", 1.0, threshold)
        found = self.probabilities(change, edit)
        best = max(found, key=lambda key: found[key])
        return Verdict(best, found[best], threshold)


class EmbeddedClassifier(Classifier):
    """The linear model that comes with the package; needs the extra `mine`, runs on the CPU."""

    kind: Literal["embedded"] = "embedded"

    def probabilities(self, change: Change, edit: Edit) -> dict[str, float]:
        """See `Classifier.probabilities`."""
        return embedded().probabilities(features(change.message, edit))

    def own_thresholds(self) -> dict[str, float]:
        """See `Classifier.own_thresholds`."""
        return dict(embedded().thresholds)


class TransformersClassifier(Classifier):
    """An encoder such as ModernBERT, fine-tuned by `themis mine-train --base`; for a GPU, though a CPU does it slowly.

    Attributes:
        model: a folder or hub id, with its `calibration.json`.
        revision: of the hub's repository.
        device: `auto` takes a GPU where there is one.
        dtype: of the weights.
    """

    kind: Literal["transformers"] = "transformers"
    model: str = Field(min_length=1)
    revision: str | None = None
    device: Device = "auto"
    dtype: Dtype = "float32"

    def probabilities(self, change: Change, edit: Edit) -> dict[str, float]:
        """See `Classifier.probabilities`."""
        return self._loaded().probabilities(change, edit)

    def own_thresholds(self) -> dict[str, float]:
        """See `Classifier.own_thresholds`."""
        return dict(self._loaded().thresholds)

    def _loaded(self) -> Transformer:
        return loaded(self.model, self.revision, self.device, self.dtype)


AnyClassifier: TypeAlias = Annotated[EmbeddedClassifier | TransformersClassifier, Field(discriminator="kind")]
