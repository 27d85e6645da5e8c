import contextlib
import io
import json
import os
from pathlib import Path

import pytest

from bench import train, train_side
from pipeline.training.rows import Row
from tests.pipeline.training.conftest import rows, write_dataset

ROWS = [[Row("a", [1] * 30, 5, 20, 24), Row("b", [1] * 12, 5, 6, 9)]] * 3


def words(dataset: Path, out: Path, *more: str) -> list[str]:
    small = ("--recipe", "nano", "--max-tokens", "384", "--batch-pairs", "2", "--steps", "3", "--warm", "1")
    return ["train", "--dataset", str(dataset), "--out", str(out), *small, *more]


def steps(*seconds: float, loss: float = 0.5) -> train.Steps:
    return [{"loss": loss, "wall_s": one, "cpu_s": one / 2} for one in seconds]


def test_both_sides_take_the_same_steps(tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path / "dataset", rows(2, 6))
    given = train.parser().parse_args(words(dataset, tmp_path / "train.json")[1:])
    batches = train.prepare(tmp_path, given)
    assert [len(batch) for batch in batches] == [2, 2, 2]
    stage = train_side.Stage.model_validate_json((tmp_path / "ours.json").read_text())
    trl: list[float] = []
    ours: list[float] = []
    train_side.train_trl(tmp_path, stage, trl.append)
    train_side.train_ours(tmp_path, stage, ours.append)
    assert ours == pytest.approx(trl, abs=train.MOST_DIFFERENCE)
    assert len(set(trl)) == 3  # it trains: with one step's weights the losses would not agree later


class Fake:
    """A side whose answers are written already."""

    def __init__(self, *answers: object) -> None:
        self.stdin = io.StringIO()
        self.stdout = io.StringIO("".join(json.dumps(one) + "\n" for one in answers))


def test_the_sides_take_turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sides = {name: Fake({"ready": True}, *steps(1.0, 2.0, loss=loss)) for name, loss in (("trl", 1.0), ("ours", 2.0))}
    monkeypatch.setattr(train, "started", lambda *_: contextlib.nullcontext(sides))
    found = train.measured(tmp_path, ("trl", "ours"), 2, 1)
    assert found == {"trl": steps(1.0, 2.0, loss=1.0), "ours": steps(1.0, 2.0, loss=2.0)}
    assert {name: side.stdin.getvalue() for name, side in sides.items()} == {"trl": "go\ngo\n", "ours": "go\ngo\n"}


def test_a_step_is_measured_from_its_go() -> None:
    said = io.StringIO()
    turns = train_side.Turns(io.StringIO("go\ngo\n"), said)
    turns.wait({"ready": True})
    turns.step(0.25)
    ready, step = (json.loads(line) for line in said.getvalue().splitlines())
    assert ready == {"ready": True}
    assert step["loss"] == 0.25
    assert 0 <= step["wall_s"] < 60
    assert 0 <= step["cpu_s"] < 60


def test_what_the_steps_come_to() -> None:
    found = {"trl": steps(9, 4, 2), "ours": steps(1, 2, 1, loss=0.4), "ours_lm": steps(1, 4, 2)}
    told = train.summary(found, ROWS, 1, 0)
    assert told["pairs_per_s"] == {"trl": 4 / 6, "ours": 4 / 3, "ours_lm": 4 / 6}
    assert told["pairs_per_cpu_s"]["trl"] == 4 / 3
    assert told["ratio"]["ours"] == {"ratio": 2.0, "low": 2.0, "high": 2.0, "median_of_steps": 2.0}
    assert told["ratio"]["ours_lm"]["ratio"] == 1.0
    assert told["difference"] == pytest.approx(0.1)
    assert told["tokens"] == {"trl": 3 * 68, "ours": 3 * 42}
    assert told["longest_mean"] == (26 + 9) / 2


@pytest.mark.parametrize(("ratio", "difference", "code"), [(1.5, 0.0, 0), (1.3, 0.0, 1), (1.5, 0.01, 1)])
def test_the_exit_code_follows_from_the_bounds(
    ratio: float, difference: float, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = {"trl": steps(*[ratio] * 3), "ours": steps(*[1.0] * 3, loss=0.5 + difference), "ours_lm": steps(1, 1, 1)}
    monkeypatch.setattr(train, "prepare", lambda *_: ROWS)
    monkeypatch.setattr(train, "measured", lambda *_: found)
    monkeypatch.setattr("sys.argv", words(tmp_path, tmp_path / "train.json"))
    assert train.main() == code


def test_the_plain_sides_have_the_same_terms() -> None:
    given = train.parser().parse_args(["--dataset", "d", "--max-tokens", "99", "--batch-pairs", "3"])
    stage = train_side.Stage(
        max_tokens=90, epochs=4, batch_pairs=8, learning_rate=0.1, lm_weight=0.2, magnitude_weight=1.0
    )
    made = train.stages(stage, given)
    assert set(made) == set(train.TERMS)
    assert made["trl"] == made["ours"]
    assert (made["ours"].lm_weight, made["ours"].magnitude_weight, made["ours_lm"].lm_weight) == (0, 0, 0.2)
    assert made["ours"].learning_rate == made["ours"].final_learning_rate == 0.1
    assert {one.max_tokens for one in made.values()} == {99}


def test_too_few_pairs_and_no_data_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset = write_dataset(tmp_path / "dataset", rows(1, 4))
    for folder, said in ((dataset, "too few for the steps"), (tmp_path / "none", "holds no *.parquet")):
        monkeypatch.setattr("sys.argv", words(folder, tmp_path / "out.json"))
        assert train.main() == 2
        assert said in capsys.readouterr().err


def test_a_side_that_ends_early_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"trl ended early:[\s\S]*trl\.json"):
        train.measured(tmp_path, ("trl",), 1, 1)


def test_a_side_says_that_it_is_ready_and_then_each_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stage = train_side.Stage(max_tokens=90, epochs=1, batch_pairs=8, learning_rate=0.1, lm_weight=0, magnitude_weight=0)
    (tmp_path / "ours.json").write_text(stage.model_dump_json())
    monkeypatch.setattr(train_side, "train_ours", lambda folder, its, told: told(float(its == stage)))
    monkeypatch.setattr("sys.stdin", io.StringIO("go\ngo\n"))
    kept = os.dup(1)
    try:
        assert train_side.main([str(tmp_path), "ours"]) == 0
    finally:
        os.dup2(kept, 1)
        os.close(kept)
    ready, step = (json.loads(line) for line in capfd.readouterr().out.splitlines())
    assert (ready, step["loss"]) == ({"ready": True}, 1.0)
