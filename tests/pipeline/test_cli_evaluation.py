"""The commands of `pipeline/cli_evaluation.py`, as an app of their own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from pipeline import cli_evaluation
from schemas.errors import CheckFailed, ConfigError, ThemisError


def themis(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and output; what Themis raises on purpose is raised."""
    app = typer.Typer()
    for command in (cli_evaluation.rerank, cli_evaluation.adversarial, cli_evaluation.benchmark):
        app.command()(command)
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if isinstance(result.exception, ThemisError):
        raise result.exception
    return result.exit_code, result.stdout


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A training set in which the longer side wins functional correctness, and a benchmark."""
    from tests.pipeline.evaluation.conftest import run

    folder: Path = run.__wrapped__(tmp_path / "small")(packages=2)  # type: ignore[attr-defined]
    return folder


@pytest.fixture
def candidates(tmp_path: Path) -> Path:
    rows = [
        {"task_id": f"t{t}", "prompt": f"Do {t}.", "answer": "x" * n, "pass_rate": float(n == 3 or t == 3),
         "language": "Go" if t else "C"}
        for t in range(4)
        for n in (1, 2, 3)
    ]  # fmt: skip
    path = tmp_path / "candidates.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_rerank(small: Path, candidates: Path, tmp_path: Path) -> None:
    given = ("rerank", small / "dataset", "--scorer", "length", "--candidates", candidates, "--out", tmp_path / "out",
             "--criterion", "security_hardness")  # fmt: skip
    code, out = themis(*given)
    assert code == 0
    assert "of 4 lists; 1 lists in which all pass and 0 in which none passes are reported apart" in out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line}
    assert rows["overall"][:4] == ["3", "1.000", "0.333", "1.000"]
    assert len(rows["overall"]) == 9, "hits@4 and hits@8 of lists of three say nothing"
    assert rows["C"][0] == "1"
    assert rows["Go"][0] == "2"
    code, out = themis(*given, "--json")
    assert json.loads(out) == json.loads((tmp_path / "out" / "rerank.json").read_text())


def test_rerank_where_nothing_can_be_ranked(small: Path, candidates: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) | {"pass_rate": 0.0} for line in candidates.read_text().splitlines()]
    candidates.write_text("\n".join(map(json.dumps, rows)))
    code, out = themis(
        "rerank", small / "dataset", "--scorer", "length", "--candidates", candidates, "--out", tmp_path / "out"
    )
    assert code == 0
    assert "4 in which none passes" in out


def test_adversarial(small: Path, tmp_path: Path) -> None:
    given = ("adversarial", small / "dataset", "--scorer", "length", "--benchmark", small / "benchmark")
    only = ("--only", "judge_addressed", "--only", "comments_removed", "--pairs", "4", "--out", tmp_path / "out")
    code, out = themis(*given, *only)
    assert code == 0
    assert "12 of 12" not in out.split("comments_removed")[1].split("judge_addressed")[0]
    line = next(line for line in out.splitlines() if line.startswith("judge_addressed"))
    assert "of 12" in line
    code, out = themis(*given, *only, "--json")
    assert list(json.loads(out)["perturbations"]) == ["comments_removed", "judge_addressed"]


def test_benchmark(finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "bench"
    code, told = themis("benchmark", finished, "--out", out, "--cap", "5", "--subset", "kind", "--exclude", "placebo")
    assert (code, f"wrote {out}: " in told, "cap " in told) == (0, True, True)
    code, told = themis("benchmark", finished, "--out", out, "--verify")
    assert (code, told) == (0, f"{out}: holds (hashes, certificate, apart from {finished})\n")
    code, told = themis("benchmark", finished, "--out", out, "--verify", "--json")
    assert json.loads(told) == {"benchmark": str(out), "holds": True, "broken": []}
    code, told = themis("benchmark", finished, "--out", out, "--json")
    assert json.loads(told)["options"]["exclude"] == ["placebo"]
    path = next((out / "data").glob("*.parquet"))
    path.write_bytes(b"")
    with pytest.raises(CheckFailed, match=r"missing, or not the file that certificate\.json names"):
        themis("benchmark", finished, "--out", out, "--verify")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--scorer", "ouija"), "--scorer ouija: no such scorer; there are "),
        (("--scorer", "length", "--set", "colour=red"), "colour: unknown key"),
        (("--scorer", "length", "--set", "max_tokens=1"), "max_tokens"),
        (("--scorer", "length", "--set", "system"), "--set system: must be NAME=VALUE"),
        (("--scorer", "length", "--set", "system=["), "the value is not YAML"),
        (("--scorer", "length", "--passing", "0"), "passing"),
    ],
)
def test_bad_options(small: Path, candidates: Path, tmp_path: Path, more: tuple[str, ...], said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        themis("rerank", small / "dataset", "--candidates", candidates, "--out", tmp_path / "out", *more)
    assert said in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_options_reach_the_scorer(monkeypatch: pytest.MonkeyPatch) -> None:
    from pipeline.evaluation import scorers
    from pipeline.evaluation.scorers.length import LengthOptions

    given: list[tuple[Any, str]] = []
    load: Callable[[LengthOptions, str], None] = lambda self, model: given.append((self, model))  # noqa: E731
    monkeypatch.setattr(LengthOptions, "load", load)
    cli_evaluation.load("length", "somewhere", ["system=none", "max_tokens=9"])
    assert "length" in scorers.SCORERS
    assert given == [(LengthOptions(system="none", max_tokens=9), "somewhere")]
