"""The last stages of a run on the small corpus: a model is trained, scored, compared, reported, and loads anywhere."""

import json
from pathlib import Path

import pytest
import yaml

pytest.importorskip("torch")


@pytest.fixture(scope="module")
def learned(corpus: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> tuple[Path, str]:
    """A finished run with a model, and what it printed."""
    themis = request.getfixturevalue("themis")
    folder = tmp_path_factory.mktemp("learned")
    table = yaml.safe_load((corpus / "themis.yaml").read_text())
    table["train"] = {"recipe": "nano", "configuration": "full"}
    (folder / "themis.yaml").write_text(yaml.safe_dump(table))
    code, out, err = themis("run", folder / "themis.yaml", "--out", folder / "run")
    assert code == 0, out + err
    return folder / "run", out


def test_the_closing_screen_says_what_was_made_how_well_and_where(learned: tuple[Path, str]) -> None:
    root, out = learned
    for told in ("training pairs", "nano on the benchmark", "overall", "bag of changed tokens", "labels swapped",
                 f"{root}/report.html", f"themis verify {root}"):  # fmt: skip
        assert told in out, told


def test_scores_and_results_agree(learned: tuple[Path, str]) -> None:
    import pyarrow.parquet as pq

    folder = learned[0] / "evaluation" / "nano"
    scores = pq.read_table(folder / "scores.parquet").to_pylist()
    results = json.loads((folder / "results.json").read_text())
    right = sum(row["chosen_score"] > row["rejected_score"] for row in scores)
    assert results["overall"]["correct_predictions"] == right
    assert results["overall"]["total_examples"] == len(scores) > 0
    assert set(json.loads((folder / "baselines.json").read_text())) >= {"bag", "left_out_operator", "length"}


def test_the_model_scores_the_same_through_evaluate(learned: tuple[Path, str], themis, tmp_path: Path) -> None:
    root = learned[0]
    code, out, err = themis(
        "evaluate", root / "models" / "nano", "--benchmark", root / "benchmark", "--out", tmp_path, "--json"
    )
    assert code == 0, err
    alone, beside = json.loads(out), json.loads((root / "evaluation" / "nano" / "intervals.json").read_text())
    differ = {key for key in beside if beside[key] != alone.get(key)}
    assert differ <= {"claims", "by_length_rule"}, "which hold more where the rules were measured too"
    assert len(beside["claims"]["rows"]) > len(alone["claims"]["rows"])


def test_the_rules_can_be_measured_beside_any_model(learned: tuple[Path, str], themis, tmp_path: Path) -> None:
    root = learned[0]
    folders = ("--benchmark", root / "benchmark", "--out", tmp_path, "--dataset", root / "dataset")
    given = (*folders, "--configuration", "full")
    code, out, err = themis("evaluate", root / "models" / "nano", *given)
    assert code == 0, err
    assert "bag of changed tokens" in out and "chance  " in out, "what stands beside, and what is claimed"
    for name in ("intervals.json", "controls.parquet"):
        assert (tmp_path / name).read_bytes() == (root / "evaluation" / "nano" / name).read_bytes(), name
    code, _, err = themis("evaluate", root / "models" / "nano", *folders, "--configuration", "half")
    assert code == 2
    assert "configuration" in err and "half" in err


def test_it_is_a_plain_checkpoint_and_a_verified_run(learned: tuple[Path, str], themis) -> None:
    from transformers import AutoModelForSequenceClassification

    model = AutoModelForSequenceClassification.from_pretrained(learned[0] / "models" / "nano", local_files_only=True)
    assert model.config.num_labels == 1
    assert themis("verify", learned[0])[0] == 0
    assert "nano" in (learned[0] / "report.html").read_text()
