import json
import sys
from types import SimpleNamespace

import pytest
import torch

from pipeline.learn import recipe_named, told
from pipeline.training import model, stages
from pipeline.training.pairs import read_pairs
from pipeline.training.trainer import fit, train
from schemas.errors import ConfigError
from tests.pipeline.training.tiny import TINY, quiet, tiny


def test_weights_are_sharded_where_the_recipe_and_the_processes_ask_for_it(monkeypatch):
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert stages._sharded() == {}
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert stages._sharded() == {"fsdp": True, "fsdp_config": {"version": 2, "state_dict_type": "FULL_STATE_DICT"}}


def test_whole_weights_are_taken_from_a_stage_that_ran_sharded(dataset, tmp_path, monkeypatch):
    folder = dataset(functions=4)
    real = stages.run_stage

    def sharded(heads, tokenizer, work, recipe, keep, key, seed, progress):
        ended = real(heads, tokenizer, work, recipe, keep, key, seed, progress)
        torch.nn.init.zeros_(heads.model.score.weight)  # what this process holds is of no use
        place = keep.folder / f"{work.number}-{work.stage.name}-{key[:12]}"
        return ended._replace(whole=place / f"checkpoint-{len(work.plan)}")

    monkeypatch.setattr("pipeline.training.trainer.run_stage", sharded)
    two = tiny({"name": "pt", "epochs": 1}, {"epochs": 1})
    train(folder, tmp_path / "out", two, quiet, 0, folder)
    monkeypatch.undo()
    train(folder, tmp_path / "whole", two, quiet, 0, folder)
    for name in ("model.safetensors", "config.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_trackers_are_asked_only_where_named(dataset, tmp_path, monkeypatch):
    from transformers import TrainerCallback
    from transformers.integrations import integration_utils

    heard = []

    class Tracker(TrainerCallback):
        def on_log(self, args, state, control, logs=None, **_):
            heard.append(logs)

    monkeypatch.setitem(integration_utils.INTEGRATION_TO_CALLBACK, "tensorboard", Tracker)
    folder = dataset(functions=3)
    train(folder, tmp_path / "quiet", tiny({"epochs": 1}), quiet, 0)
    assert heard == []
    train(folder, tmp_path / "told", tiny({"epochs": 1}), quiet, 0, report_to=("tensorboard",))
    rows = json.loads((tmp_path / "told" / "training_log.json").read_text())
    assert [row["loss"] for row in heard] == [row["loss"] for row in rows]


def test_kernels_are_put_in_where_they_are(dataset, monkeypatch):
    changed = []
    kernels = SimpleNamespace(_apply_liger_kernel_to_instance=lambda model: changed.append(model))
    monkeypatch.setitem(sys.modules, "liger_kernel.transformers", kernels)
    monkeypatch.setattr(model, "find_spec", lambda name: object())
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    started = model.start(TINY.model_copy(update={"kernels": True}), read_pairs(dataset()), None, 0)
    assert changed == [started.heads.model]
    monkeypatch.setattr(model, "find_spec", lambda name: None)
    assert model.start(TINY.model_copy(update={"kernels": True}), read_pairs(dataset(name="b")), None, 0)
    assert len(changed) == 1


def test_a_recipe_for_a_run_has_its_configuration_on_the_last_stage():
    recipe = recipe_named("nano", "balanced", ("stages.pm.clip=0.5",))
    assert (recipe.last.configuration, recipe.last.clip) == ("balanced", 0.5)
    with pytest.raises(ConfigError, match="no such recipe"):
        recipe_named("nanno", "full")


def test_a_message_goes_to_the_error_stream(capsys):
    told("train")({"stage": "train", "message": "going on", "steps": 3})
    told("train")({"stage": "train", "step": 1, "steps": 3})
    assert capsys.readouterr().err == "train: going on\n"


def test_a_seed_is_of_the_weights_and_of_the_order(dataset):
    pairs = read_pairs(dataset(functions=3))
    one, two = (fit(pairs, tiny({"epochs": 1}), quiet, seed).log for seed in (1, 2))
    assert one[0]["loss"] != two[0]["loss"]
