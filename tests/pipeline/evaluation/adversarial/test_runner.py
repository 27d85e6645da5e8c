"""The runner perturbs, scores both, and compares the same pairs before and after."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.evaluation.adversarial import PERTURBATIONS
from pipeline.evaluation.adversarial.runner import AdversarialOptions, adversarial, chosen, spread
from pipeline.evaluation.benchmark import read_benchmark
from schemas.config import validate
from schemas.errors import ConfigError


class Falls:
    """Right about everything, until a comment stands in an answer: it prefers that one."""

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        return [2.0 * ("#" in answer) - any(w in answer for w in ("<=", "sorted", "b, a")) for answer in answers]


class Flat:
    """Every answer is worth the same."""

    def score(self, prompts: Sequence[str], answers: Sequence[str], criteria: Sequence[str]) -> list[float]:
        return [1.0] * len(answers)


def test_accuracy_before_and_after(run: Callable[..., Path], tmp_path: Path) -> None:
    benchmark = run() / "benchmark"
    out = tmp_path / "out"
    found = adversarial(Falls(), benchmark, out, lambda _: None)
    assert found["pairs"] == 72
    for name in ("misleading_comment", "judge_addressed"):
        part = found["perturbations"][name]
        assert part["considered"] == 72
        assert part["by_language"]["Cpp"] == {"considered": 12, "applied": 0, "share": 0.0}
        assert part["by_language"]["Python"] == {"considered": 60, "applied": 60, "share": 1.0}
        cell = part["overall"]
        assert (cell["pairs"], part["applied"]) == (60, 60)
        assert (cell["before"]["estimate"], cell["after"]["estimate"]) == (1.0, 0.0)
        assert (cell["difference"]["estimate"], cell["flips"]) == (-1.0, {"from_right": 60, "to_right": 0})
        assert (cell["margin_change"], cell["rejected_raised"], cell["changed"]) == (-2.0, 1.0, 1.0)
    alike = found["perturbations"]["comments_added"]["overall"]
    assert (alike["before"], alike["difference"]["estimate"], alike["p"]) == (alike["after"], 0.0, 1.0)
    dead = found["perturbations"]["dead_code"]
    assert list(dead["by_criterion"]) == ["Functional_Correctness", "Security_Hardness"]
    assert dead["considered"] == 48
    removed = found["perturbations"]["comments_removed"]
    assert (removed["applied"], removed["overall"], removed["by_criterion"]) == (0, None, {})
    assert json.loads((out / "adversarial.json").read_text()) == found
    rows = pq.read_table(out / "adversarial.parquet").to_pylist()
    assert len(rows) == sum(part["applied"] for part in found["perturbations"].values())
    judged = next(one for one in rows if one["perturbation"] == "judge_addressed")
    assert "#" in judged["rejected"]
    assert "#" not in judged["chosen"]
    assert judged["rejected_after"] - judged["rejected_before"] == 2.0


def test_same_input_same_bytes(run: Callable[..., Path], tmp_path: Path) -> None:
    benchmark = run(packages=3) / "benchmark"
    for name in ("a", "b"):
        adversarial(Flat(), benchmark, tmp_path / name, lambda _: None)
    for name in ("adversarial.json", "adversarial.parquet"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_ties_are_half_right_and_no_flip(run: Callable[..., Path], tmp_path: Path) -> None:
    options = AdversarialOptions(perturbations=("judge_addressed",), pairs=5)
    found = adversarial(Flat(), run() / "benchmark", tmp_path / "out", lambda _: None, options)
    assert found["pairs"] == 15
    assert list(found["perturbations"]) == ["judge_addressed"]
    cell = found["perturbations"]["judge_addressed"]["overall"]
    assert (cell["before"]["estimate"], cell["flips"]) == (0.5, {"from_right": 0, "to_right": 0})
    assert (cell["changed"], cell["margin_change"], cell["rejected_raised"]) == (0.0, 0.0, 0.0)


def test_sample_is_spread_over_ids(run: Callable[..., Path]) -> None:
    pairs = read_benchmark(run() / "benchmark")
    few = spread(pairs, 4)
    assert len(few) == 12
    assert len({pair.repo for pair in few if pair.criterion == "security_hardness"}) == 4
    assert spread(pairs, None) == spread(pairs, 10_000) == pairs


def test_names() -> None:
    assert [one.name for one in chosen(())] == list(PERTURBATIONS)
    assert [one.name for one in chosen(("dead_code", "renamed_locals", "dead_code"))] == ["renamed_locals", "dead_code"]
    with pytest.raises(ConfigError, match="--only wind: no such perturbation; there are renamed_locals, "):
        chosen(("wind",))


def test_options_are_strict() -> None:
    given: dict[str, Any] = {"pairs": 0}
    with pytest.raises(ConfigError, match="pairs"):
        validate(AdversarialOptions, given, "themis adversarial")
