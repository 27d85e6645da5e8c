"""The classifiers that a configuration may name, and their verdicts."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hand_read import read
from pydantic import ValidationError

from parsers.edits import Edit
from pipeline.config import load
from pipeline.criterion import classify
from pipeline.criterion.classify import EmbeddedClassifier, TransformersClassifier, Verdict
from pipeline.criterion.features import features
from pipeline.criterion.model import embedded
from schemas.criteria import CODE_CRITERIA
from schemas.errors import ConfigError, ParseRefused
from schemas.records import Change, Facts


def change() -> tuple[Change, Edit]:
    """A leak that is mended."""
    found = read()[0][1]
    assert isinstance(found, Change)
    return found, Edit(found.language, found.before, found.after)


def test_embedded_judges() -> None:
    given, edit = change()
    verdict = EmbeddedClassifier().judge(given, edit)
    found = embedded().probabilities(features(given.message, edit))
    assert EmbeddedClassifier().probabilities(given, edit) == found
    assert verdict == Verdict("memory_efficiency", max(found.values()), embedded().thresholds["default"])
    assert not verdict.abstains


def test_thresholds() -> None:
    own = embedded().thresholds
    assert EmbeddedClassifier().thresholds() == EmbeddedClassifier().own_thresholds() == own
    assert EmbeddedClassifier(threshold=0.25).thresholds() == {"default": 0.25, "strict": own["strict"]}
    assert EmbeddedClassifier(strict=0.9).thresholds() == {"default": own["default"], "strict": 0.9}
    assert EmbeddedClassifier(threshold=0.0, strict=1.0).thresholds() == {"default": 0.0, "strict": 1.0}
    assert embedded().thresholds == own


def test_given_threshold_decides() -> None:
    given, edit = change()
    assert EmbeddedClassifier(threshold=1.0).judge(given, edit).abstains
    vague = replace(given, message="Add an option")
    unsure = EmbeddedClassifier(threshold=0.0).judge(vague, edit)
    assert not unsure.abstains
    assert not EmbeddedClassifier(threshold=unsure.probability).judge(vague, edit).abstains, "from it on"
    assert EmbeddedClassifier(threshold=unsure.probability + 1e-4).judge(vague, edit).abstains


@pytest.mark.parametrize("threshold", [None, 1.0])
def test_known_vulnerability_is_security_for_certain(threshold: float | None) -> None:
    given, edit = change()
    one = EmbeddedClassifier(threshold=threshold)
    verdict = one.judge(replace(given, facts=Facts(cves=("CVE-2020-1",))), edit)
    assert (verdict.criterion, verdict.probability) == ("security_hardness", 1.0)
    assert verdict.threshold == one.thresholds()["default"]
    assert not verdict.abstains


def test_side_out_of_bounds_is_refused() -> None:
    given, _ = change()
    with pytest.raises(ParseRefused, match="nul_bytes"):
        EmbeddedClassifier().judge(given, Edit("C", given.before, "\0"))


class Encoder:
    """Stands for a loaded encoder."""

    thresholds = {"default": 0.4, "strict": 0.6}  # noqa: RUF012

    def probabilities(self, given: Change, edit: Edit) -> dict[str, float]:
        return dict.fromkeys(CODE_CRITERIA, 0.1) | {"runtime_efficiency": 0.5}


def test_transformers_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(classify, "loaded", lambda *given: asked.append(given) or Encoder())
    one = TransformersClassifier(model="some/encoder", revision="v1", device="cpu", dtype="bfloat16")
    assert one.judge(*change()) == Verdict("runtime_efficiency", 0.5, 0.4)
    assert one.model_copy(update={"threshold": 0.7}).judge(*change()).abstains
    assert one.model_copy(update={"strict": 0.7}).thresholds() == {"default": 0.4, "strict": 0.7}
    assert set(asked) == {("some/encoder", "v1", "cpu", "bfloat16")}


# configuration


def config(tmp_path: Path, classifier: Any) -> Path:
    table = {
        "name": "small",
        "sources": [{"kind": "files", "name": "code", "paths": [str(tmp_path)], "license": "MIT"}],
        "mine": {"changes": {"classifier": classifier}},
    }
    path = tmp_path / "themis.yaml"
    path.write_text(yaml.safe_dump(table))
    return path


def test_classifier_of_a_configuration(tmp_path: Path) -> None:
    found = load(config(tmp_path, {"kind": "embedded", "threshold": 0.7})).mine.changes.classifier
    assert found == EmbeddedClassifier(threshold=0.7)
    given = {"kind": "transformers", "model": "some/encoder", "device": "cpu", "strict": 0.9}
    found = load(config(tmp_path, given)).mine.changes.classifier
    assert found == TransformersClassifier(model="some/encoder", device="cpu", strict=0.9)
    assert isinstance(found, TransformersClassifier) and (found.dtype, found.revision) == ("float32", None)
    path = config(tmp_path, {"kind": "embedded"})
    assert load(path, ("mine.changes.classifier.threshold=0.1",)).mine.changes.classifier.threshold == 0.1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"kind": "oracle"}, "mine.changes.classifier"),
        ({}, "mine.changes.classifier"),
        ({"kind": "embedded", "threshold": 2}, "mine.changes.classifier.embedded.threshold"),
        ({"kind": "embedded", "strict": -0.1}, "mine.changes.classifier.embedded.strict"),
        ({"kind": "embedded", "model": "x"}, "mine.changes.classifier.embedded.model"),
        ({"kind": "transformers"}, "mine.changes.classifier.transformers.model"),
        ({"kind": "transformers", "model": ""}, "mine.changes.classifier.transformers.model"),
        ({"kind": "transformers", "model": "x", "device": "abacus"}, "mine.changes.classifier.transformers.device"),
        ({"kind": "transformers", "model": "x", "dtype": "int8"}, "mine.changes.classifier.transformers.dtype"),
    ],
)
def test_wrong_classifier(given: dict[str, Any], field: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as error:
        load(config(tmp_path, given))
    assert f"{field}: " in str(error.value)


def test_options_do_not_change() -> None:
    with pytest.raises(ValidationError):
        EmbeddedClassifier().threshold = 0.1  # type: ignore[misc]
