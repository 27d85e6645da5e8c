"""The command `themis experiment`, as an app of its own."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipeline import cli_experiments
from schemas.errors import ConfigError, ThemisError


def themis(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and output; what Themis raises on purpose is raised."""
    app = typer.Typer()
    app.command()(cli_experiments.experiment)
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    if isinstance(result.exception, ThemisError):
        raise result.exception
    return result.exit_code, result.stdout


def test_scaling(run: Path, tmp_path: Path, recipe: Callable[..., str]) -> None:
    out = tmp_path / "out"
    given = ("scaling", run, "--out", out, "--preset", "tiny", "--tokens", "300", "--seeds", "1",
             "--recipe", recipe("wee", 8), "--recipe", recipe("bigger", 16))  # fmt: skip
    code, told = themis(*given, "--dry-run")
    assert code == 0
    assert told.startswith("scaling: 2 cells, 1 seeds, 2 trainings, 0 of them done; to do: at most 600 tokens, 160 ")
    assert not out.exists()
    code, told = themis(*given)
    assert code == 0
    assert "The model bigger beats the smaller wee: " in told
    assert told.endswith(f"wrote {out}/experiments.html\n")
    assert (out / "scaling" / "figure.svg").is_file()
    code, told = themis(*given, "--json")
    assert json.loads(told) == json.loads((out / "scaling" / "results.json").read_text())
    code, told = themis(*given, "--json", "--dry-run")
    assert (json.loads(told)["done"], json.loads(told)["tokens"]) == (2, 0)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("size",), "experiment 'size': no such experiment; there are scaling, transfer, criteria, loss, prompt"),
        (("loss", "--preset", "huge"), "--preset huge: no such preset; there are quick, full"),
        (("loss", "--recipe", "nana"), "recipe 'nana': no such recipe"),
        (("loss", "--recipe", "nano", "--recipe", "smollm2-135m"), "--recipe: loss takes one recipe, 2 are given"),
        (("scaling", "--recipe", "nano", "--recipe", "nano"), "--recipe nano: comes twice"),
        (("loss", "--configuration", "half"), "themis experiment: configuration: Input should be 'full' or 'balanced'"),
        (("loss", "--general", "/nowhere"), "/nowhere/data: holds no"),
    ],
)
def test_wrong_arguments(run: Path, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        themis(arguments[0], run, "--out", tmp_path / "out", *arguments[1:])
    assert message in str(caught.value)


def test_an_output_folder_that_can_not_be(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigError, match=r"--out .*file/out: can't be made"):
        themis("loss", run, "--out", file / "out", "--preset", "tiny")


def test_a_run_without_a_benchmark(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="has no dataset/"):
        themis("loss", tmp_path, "--out", tmp_path / "out")
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(ConfigError, match=r"--out .*file: is a file"):
        themis("loss", tmp_path, "--out", file)
