"""Trains tiny models: what is kept is not trained again, merges are means, and equal input gives equal bytes."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.experiments import engine
from pipeline.experiments import run as experiments
from pipeline.experiments.keep import Kept, read_kept, write_kept
from pipeline.training import trainer


@pytest.fixture
def trained(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """(pairs, seed) of each training that is really done."""
    done: list[tuple[int, int]] = []

    def counted(pairs: Any, recipe: Any, progress: Any, seed: int, *rest: Any) -> Any:
        done.append((len(pairs), seed))
        return trainer.fit(pairs, recipe, progress, seed, *rest)

    monkeypatch.setattr(engine, "fit", counted)
    return done


def options(recipe: str, **given: Any) -> experiments.ExperimentOptions:
    return experiments.ExperimentOptions(preset="tiny", recipes=(recipe,), **given)


def quiet(event: dict[str, Any]) -> None:
    """Hear nothing."""


def files(out: Path) -> dict[str, bytes]:
    return {str(path.relative_to(out)): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()}


def test_criteria_from_a_crash_to_the_same_bytes(
    run: Path, tmp_path: Path, recipe: Callable[..., str], trained: list[tuple[int, int]]
) -> None:
    whole = tmp_path / "whole"
    work = experiments.prepare("criteria", run, whole, options(recipe()))
    plan = engine.plan(work)
    assert (plan.trainings, plan.done, plan.tokens) == (8, 0, 8 * 1500)
    assert plan.scored == 2 * len(work.design.benchmark) * (8 + 2), "merged weights are scored too"
    found = experiments.experiment(work, "tiny", quiet)
    assert len(trained) == 8
    assert [cell["made"] for cell in found["cells"]] == ["trained"] * 4 + ["weights", "rewards", "routed"]
    assert len(found["accuracies"]) == 7 * 3
    assert {path.name for path in whole.iterdir()} == {"scores", "criteria", "experiments.html"}, "no weights are kept"

    cells = engine.run(work, quiet)
    assert len(trained) == 8, "nothing is trained twice"
    single = [cells[name] for name in work.design.merges[0].of]
    mean = np.mean([one[1].views["own"] for one in single], axis=0)
    assert cells["mean-of-rewards"][1].views["own"] == pytest.approx(mean)
    for group in work.design.groups:
        rows = list(group.rows)
        assert (cells["routed"][0].views["own"][rows] == cells[group.name][0].views["own"][rows]).all()
    assert not np.allclose(cells["mean-of-weights"][0].views["own"], cells["mean-of-rewards"][0].views["own"])

    broken, before = tmp_path / "broken", len(trained)
    again = experiments.prepare("criteria", run, broken, options(recipe()))

    def killed(event: dict[str, Any]) -> None:
        if event["stage"].startswith("training 7 of 8"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        experiments.experiment(again, "tiny", killed)
    assert len(trained) - before == 7
    assert engine.plan(again).done == 6
    assert len(list((broken / ".merging").iterdir())) == 2, "weights of the open seed's two singles wait for the merge"
    assert experiments.experiment(again, "tiny", quiet) == found
    assert len(trained) - before == 7 + 2, "the killed one and the last one"
    assert files(broken) == files(whole)


def test_merged_weights_are_the_mean(
    run: Path, tmp_path: Path, recipe: Callable[..., str], trained: list[tuple[int, int]]
) -> None:
    import torch
    from transformers import AutoModelForSequenceClassification

    given = options(recipe(), keep_models=True, seeds=1, tokens=400)
    work = experiments.prepare("criteria", run, tmp_path / "out", given)
    engine.run(work, quiet)
    folders = [work.model(one, work.seeds[0]) for one in work.design.trainings]
    assert all(folder.is_dir() for folder in folders)
    load: Any = AutoModelForSequenceClassification.from_pretrained
    singles = [dict(load(str(folder)).named_parameters()) for folder in folders[:3]]
    merged, _ = engine._mean_of(folders[:3])
    for name, parameter in merged.named_parameters():
        assert torch.allclose(parameter, sum(one[name] for one in singles) / 3, atol=1e-7)
    count = len(trained)
    engine.run(experiments.prepare("criteria", run, tmp_path / "out", options(recipe(), seeds=1, tokens=400)), quiet)
    assert len(trained) == count
    assert all(folder.is_dir() for folder in folders), "what was asked for stays"
    (tmp_path / "out" / "scores" / f"{work.keys.scores(work.design.trainings[1], work.seeds[0])}.json").write_text("{")
    assert engine.plan(work).done == count - 1, "a broken file is as if it were not there"
    engine.run(work, quiet)
    assert len(trained) == count + 1


def test_keys_follow_from_everything(run: Path, tmp_path: Path, recipe: Callable[..., str]) -> None:
    def keys(name: str = "loss", **given: Any) -> list[str]:
        work = experiments.prepare(name, run, tmp_path / "out", options(recipe(), **given))
        return [work.keys.scores(one, seed) for one in work.design.trainings for seed in work.seeds]

    first = keys()
    assert len(set(first)) == len(first) == 10
    assert keys() == first
    assert not set(keys(tokens=1400)) & set(first)
    assert not set(keys(benchmark_pairs=9)) & set(first)
    assert set(first) < set(keys(seeds=3)), "more seeds add trainings"
    transfer = set(keys("transfer"))
    assert not transfer & set(first)


def test_kept_scores_come_back_as_they_were(tmp_path: Path) -> None:
    kept = Kept({"own": np.array([0.1, np.nan, -1e-17])}, {"tokens": 3})
    path = tmp_path / "a" / "scores.json"
    write_kept(path, kept)
    found = read_kept(path, 3)
    assert found is not None
    assert found.counts == {"tokens": 3}
    np.testing.assert_array_equal(found.views["own"], kept.views["own"])
    assert read_kept(path, 4) is None
    for text in ("", "[]", '{"views": 3}', '{"views": {"own": ["x"]}, "counts": {}}'):
        path.write_text(text)
        assert read_kept(path, 1) is None


def test_messages_go_on_as_they_are() -> None:
    heard: list[dict[str, Any]] = []
    tell = engine._named(heard.append, "training 1 of 2, own")
    tell({"stage": "pm", "message": "careful"})
    tell({"stage": "pm", "step": 1})
    assert heard == [{"stage": "pm", "message": "careful"}, {"stage": "training 1 of 2, own", "step": 1}]


def test_scores_are_json(run: Path, tmp_path: Path, recipe: Callable[..., str]) -> None:
    out = tmp_path / "out"
    given = options(recipe(), seeds=1, tokens=300)
    work = experiments.prepare("prompt", run, out, given)
    found = experiments.experiment(work, "tiny", quiet)
    scores = [json.loads(path.read_text()) for path in sorted((out / "scores").iterdir())]
    assert len(scores) == 2
    assert {tuple(one["views"]) for one in scores} == {("none", "own", "all")}
    assert [len(one["views"]["own"]) for one in scores] == [len(work.design.benchmark)] * 2
    assert found["notes"][-2].startswith("One seed: ")


def test_loss_with_pt(run: Path, tmp_path: Path, recipe: Callable[..., str]) -> None:
    given = options(recipe(), seeds=1, tokens=300, general=run / "dataset")
    work = experiments.prepare("loss", run, tmp_path / "out", given)
    assert engine.plan(work).tokens == 7 * 300, "five cells of one stage, one of two"
    found = experiments.experiment(work, "tiny", quiet)
    cells = {cell["name"]: cell for cell in found["cells"]}
    assert cells["pt"]["tokens"] > cells["whole"]["tokens"]
    assert [row["name"] for row in found["contrasts"]][-1] == "PT"
