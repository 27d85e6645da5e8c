"""A training that is stopped goes on to the same end: in this process, after SIGKILL, and over two processes."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from transformers import AutoModelForSequenceClassification

from pipeline.training import checkpoints
from pipeline.training.pairs import read_pairs
from pipeline.training.trainer import fit, train
from schemas.errors import CheckFailed
from tests.pipeline.training.tiny import TINY, quiet, tiny

ROOT = Path(__file__).parents[3]
FILES = ("model.safetensors", "training_log.csv", "tokenizer.json", "config.json")
TWO = tiny({"name": "pt", "epochs": 1, "lm_weight": 0.4, "micro_pairs": 1}, {"epochs": 1, "lm_weight": 0.25})


class Stop(Exception):
    """Ends a training from outside."""


def stop_at(step):
    def hear(event):
        if event.get("step") == step:
            raise Stop

    return hear


def command(tmp_path, recipe, run, out):
    path = tmp_path / "recipe.yaml"
    path.write_text(yaml.safe_dump(recipe.model_dump(mode="json")))
    return [
        "-m", "pipeline.training", str(run), "--recipe", str(path), "--configuration", "full", "--out", str(out),
        "--general", str(run / "dataset"), "--seed", "0", "--checkpoint-steps", "3",
    ]  # fmt: skip


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As the processes that a test starts: another number of threads adds up in another order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def environment():
    """Of a subprocess; warnings are errors there too."""
    lone = {key: value for key, value in os.environ.items() if not key.startswith(("ACCELERATE", "COV_"))}
    return lone | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "CUDA_VISIBLE_DEVICES": ""}


def same(one, other):
    return [(one / name).read_bytes() == (other / name).read_bytes() for name in FILES] == [True] * len(FILES)


def test_any_step_may_be_the_last_before_a_stop(dataset, tmp_path):
    folder = dataset(functions=6)
    train(folder, tmp_path / "whole", TWO, quiet, 0, folder, checkpoint_steps=2)
    for step in (5, 8):  # the last step of a stage, and between two checkpoints
        out = tmp_path / str(step)
        with pytest.raises(Stop):
            train(folder, out, TWO, stop_at(step), 0, folder, checkpoint_steps=2)
        assert not out.exists()
        events = []
        train(folder, out, TWO, events.append, 0, folder, checkpoint_steps=2)
        assert same(tmp_path / "whole", out)
        steps = [event["step"] for event in events if "step" in event]
        assert steps == list(range({5: 5, 8: 8}[step], 11))
        assert not out.with_name(f"{step}.checkpoints").exists()


def test_checkpoints_hold_both_heads_and_are_pruned(dataset, tmp_path):
    folder, out = dataset(), tmp_path / "out"
    recipe = tiny({"epochs": 1, "lm_weight": 0.5}, architecture=TINY.architecture.model_copy(update={"tied": False}))
    with pytest.raises(Stop):
        train(folder, out, recipe, stop_at(8), 0, checkpoint_steps=2)
    (stage,) = out.with_name("out.checkpoints").iterdir()
    assert sorted(path.name for path in stage.iterdir()) == ["checkpoint-4", "checkpoint-6"]
    from safetensors.torch import load_file

    names = load_file(stage / "checkpoint-6" / "model.safetensors")
    assert {"lm_head", "model.score.weight"} <= set(names)
    assert [row["step"] for row in checkpoints.log_of(stage / "checkpoint-6")] == list(range(6))


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda folder: (folder / "weights").write_bytes(b"12"), "weights has 2 bytes, must be 5"),
        (lambda folder: (folder / "weights").write_bytes(b"12340"), "weights is not what was written"),
        (lambda folder: (folder / "weights").unlink(), "weights is missing"),
        (lambda folder: (folder / "manifest.json").unlink(), "it was not finished"),
        (lambda folder: (folder / "manifest.json").write_text('{"key": '), "manifest.json can't be read"),
        (lambda folder: checkpoints.seal(folder, "another"), "it is another training's"),
    ],
)
def test_what_is_wrong_with_a_checkpoint_is_said(tmp_path, damage, why):
    for step in (9, 10):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "weights").write_bytes(b"12345")
        checkpoints.seal(folder, "key")
    said = []
    assert checkpoints.newest(tmp_path, "key", said.append) == tmp_path / "checkpoint-10"
    damage(tmp_path / "checkpoint-10")
    assert checkpoints.newest(tmp_path, "key", said.append) == tmp_path / "checkpoint-9"
    assert said == [f"{tmp_path / 'checkpoint-10'}: {why}; it is not taken"]
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint-9"]


def test_a_checkpoint_cut_short_is_named_and_the_one_before_is_taken(dataset, tmp_path):
    folder = dataset(functions=4)
    recipe = tiny({"epochs": 3})
    out = tmp_path / "out"
    with pytest.raises(Stop):
        train(folder, out, recipe, stop_at(6), 0, checkpoint_steps=2)
    (stage,) = out.with_name("out.checkpoints").iterdir()
    optimizer = stage / "checkpoint-4" / "optimizer.pt"
    data = optimizer.read_bytes()
    optimizer.write_bytes(data[: len(data) // 2])
    events = []
    train(folder, out, recipe, events.append, 0, checkpoint_steps=2)
    said = [event["message"] for event in events if "message" in event]
    why = f"optimizer.pt has {len(data) // 2} bytes, must be {len(data)}"
    assert said == [f"{stage / 'checkpoint-4'}: {why}; it is not taken", f"going on from {stage / 'checkpoint-2'}"]
    assert next(event["step"] for event in events if "step" in event) == 3
    alone = fit(read_pairs(folder), recipe, quiet, 0)
    saved = AutoModelForSequenceClassification.from_pretrained(out).state_dict()
    assert all((value == saved[name]).all() for name, value in alone.model.state_dict().items())


def test_another_recipe_or_choice_starts_anew(dataset, tmp_path):
    folder, out = dataset(functions=4), tmp_path / "out"
    one = tiny({"epochs": 1})
    with pytest.raises(Stop):
        train(folder, out, one, stop_at(3), 0, checkpoint_steps=1)
    kept = tmp_path / "kept"
    shutil.copytree(out.with_name("out.checkpoints"), kept)
    for recipe, seed, resume in ((tiny({"epochs": 1, "clip": 1.0}), 0, True), (one, 0, False)):
        shutil.copytree(kept, out.with_name("out.checkpoints"), dirs_exist_ok=True)
        events = []
        train(folder, out, recipe, events.append, seed, resume=resume, checkpoint_steps=1)
        assert next(event["step"] for event in events if "step" in event) == 1
        assert not [event for event in events if "message" in event]


def test_a_broken_loss_keeps_the_last_good_checkpoint(dataset, tmp_path, monkeypatch):
    from pipeline.training import reward_trainer

    folder, out = dataset(functions=4), tmp_path / "out"
    calls = []
    good = reward_trainer.preference_loss

    def breaks(*given):
        calls.append(1)
        losses = good(*given)
        return losses._replace(total=losses.total * float("nan")) if len(calls) == 3 else losses

    monkeypatch.setattr(reward_trainer, "preference_loss", breaks)
    with pytest.raises(CheckFailed, match=r"the loss is nan at step 2, with the pairs 0\d-00"):
        train(folder, out, tiny({"epochs": 2}), quiet, 0, checkpoint_steps=1)
    (stage,) = out.with_name("out.checkpoints").iterdir()
    assert checkpoints.newest(stage, json.loads((stage / "checkpoint-2/manifest.json").read_text())["key"], print) == (
        stage / "checkpoint-2"
    )
    assert not out.exists()


def test_sigkill_at_a_random_step_then_the_same_command(dataset, tmp_path):
    run = dataset(functions=6).parent
    whole, out = tmp_path / "whole", tmp_path / "out"
    train(run / "dataset", whole, TWO, quiet, 0, run / "dataset", checkpoint_steps=3)
    step = random.randint(1, 9)
    tell = (
        "import os, runpy, signal, sys\n"
        "from pipeline.training import reward_trainer\n"
        "note = reward_trainer.TwoHeadTrainer._note\n"
        "def killed(self, *given):\n"
        f"    note(self, *given)\n    if self._row['step'] == {step}: os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        "reward_trainer.TwoHeadTrainer._note = killed\n"
        "sys.argv[0] = 'train'\nrunpy.run_module('pipeline.training', run_name='__main__')\n"
    )
    given = command(tmp_path, TWO, run, out)
    died = subprocess.run([sys.executable, "-c", tell, *given[2:]], env=environment(), cwd=tmp_path, check=False)
    assert died.returncode == -signal.SIGKILL, step
    assert not out.exists()
    said = []
    train(run / "dataset", out, TWO, said.append, 0, run / "dataset", checkpoint_steps=3)
    assert any("going on from" in event.get("message", "") for event in said) == (step >= 3)
    assert same(whole, out), step


def test_two_processes_train_to_the_same_loss_as_one(dataset, tmp_path):
    run = dataset(functions=6).parent
    whole, out = tmp_path / "whole", tmp_path / "out"
    recipe = TWO.model_copy(update={"stages": (TWO.stages[0], TWO.stages[1].model_copy(update={"batch_pairs": 7}))})
    train(run / "dataset", whole, recipe, quiet, 0, run / "dataset")
    launch = [
        sys.executable, "-m", "accelerate.commands.launch", "--multi_gpu", "--num_machines", "1",
        "--num_processes", "2", "--mixed_precision", "no", "--dynamo_backend", "no", "--main_process_port", "0",
    ]  # fmt: skip
    done = subprocess.run(
        [*launch, *command(tmp_path, recipe, run, out)], env=environment(), cwd=tmp_path, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("wrote ") == 1
    one, two = (json.loads((folder / "training_log.json").read_text()) for folder in (whole, out))
    assert len(one) == len(two) == 11
    for a, b in zip(one, two, strict=True):
        assert {k: v for k, v in a.items() if k != "stage"} == pytest.approx(
            {k: v for k, v in b.items() if k != "stage"}, rel=1e-3, abs=1e-3
        )
    summaries = [json.loads((folder / "training.json").read_text()) for folder in (whole, out)]
    assert [s["tokens"] for s in summaries] == [one[-1]["tokens"]] * 2


def test_a_lone_process_of_accelerate_is_told_how_to_start_more(dataset, tmp_path, monkeypatch, capsys):
    import typer
    from typer.testing import CliRunner

    from pipeline.training.__main__ import main

    app = typer.Typer()
    app.command()(main)
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.delenv("RANK", raising=False)
    found = CliRunner().invoke(app, [str(tmp_path / "none"), "--recipe", "nano"])
    assert found.exit_code == 2
    assert "--multi_gpu --num_processes N" in found.stdout
    assert "holds no *.parquet file" in found.stderr
