"""What is said of scores: accuracies, verdicts, sentences; the figures and the page."""

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from pipeline.evaluation.pairs import BenchmarkPair
from pipeline.experiments import page, plots
from pipeline.experiments.common import Contrast, Design, Group, Measure, Merge, Training
from pipeline.experiments.keep import Kept
from pipeline.experiments.results import HELD, OPEN, REVERSED, results, sentence
from pipeline.training.recipes import NANO

CLUSTERS, EACH = 24, 5


def pair(number: int, cluster: str) -> BenchmarkPair:
    return BenchmarkPair(
        f"p{number}", "Do.", "a", "b", "C", "Security_Hardness", "X", "security_hardness", cluster=cluster
    )


def design(figure: Any = "list", **given: Any) -> Design:
    pairs = [pair(n, f"r{n // EACH}") for n in range(CLUSTERS * EACH)]
    half = len(pairs) // 2
    groups = (Group("one", "One <b>", tuple(range(half))), Group("two", "Two", tuple(range(half, len(pairs)))))
    return Design(
        experiment="loss", title="The loss", question="Which?", figure=figure,
        trainings=tuple(Training(name, f"model {name}", NANO, ()) for name in ("one", "two")),
        merges=(Merge("both", "both <i>", ("one", "two"), "rewards"),),
        benchmark=pairs, groups=groups,
        contrasts=(
            Contrast("up", "one beats two", (Measure("one", "one"),), (Measure("two", "one"),)),
            Contrast("down", "two beats one", (Measure("two", "one"),), (Measure("one", "one"),)),
            Contrast("level", "both beats chance", (Measure("both", "one"), Measure("both", "two"))),
        ),
        pool=(), notes=("Careful.",), **given,
    )  # fmt: skip


def scores(share: float, seed: int) -> Kept:
    """`share` of each cluster's pairs right, and as many in every seed."""
    right = np.arange(CLUSTERS * EACH) % EACH < round(share * EACH)
    noise = np.random.default_rng(seed).uniform(0.1, 1, CLUSTERS * EACH)
    return Kept({"own": np.where(right, noise, -noise)}, {"parameters": 1000 * round(10 * share), "tokens": 10 + seed})


@pytest.fixture
def found() -> dict[str, Any]:
    cells = {"one": [scores(0.8, s) for s in (1, 2)], "two": [scores(0.4, s) for s in (1, 2)]}
    level = [Kept({"own": np.where(np.arange(CLUSTERS * EACH) // EACH % 2, 1.0, -1.0)}, {})] * 2
    return results(design(), cells | {"both": level}, "quick", (1, 2))


def test_accuracies_and_verdicts(found: dict[str, Any]) -> None:
    rows = {(row["cell"], row["group"]): row for row in found["accuracies"]}
    assert len(rows) == 6
    assert rows["one", "one"]["estimate"] == 0.8
    assert rows["one", "one"]["by_seed"] == [0.8, 0.8]
    assert (rows["one", "one"]["low"], rows["one", "one"]["high"]) == (0.8, 0.8), "all clusters and seeds agree"
    assert rows["both", "two"]["low"] < 0.5 < rows["both", "two"]["high"]
    up, down, level = found["contrasts"]
    assert (up["verdict"], down["verdict"], level["verdict"]) == (HELD, REVERSED, OPEN)
    assert (up["a"], up["b"], up["difference"]) == (0.8, 0.4, 0.4)
    assert up["p"] == pytest.approx(2 / 2001, abs=1e-6)
    assert up["p_holm"] == pytest.approx(3 * 2 / 2001, abs=2e-6)
    assert level["against_chance"]
    assert (found["pairs"], found["clusters"], found["groups"][0]["clusters"]) == (120, 24, 12)
    assert found["notes"] == ["Careful.", "2 seeds, below 5: how far trainings differ is known roughly."]
    assert found["cells"][0]["tokens"] == round((11 + 12) / 2)


def test_sentences(found: dict[str, Any]) -> None:
    assert found["said"][0].startswith(
        "One beats two: held. 80.0% against 40.0%, +40.0 points, 95% +40.0 to +40.0, p 0.001, after Holm 0.003."
    )
    assert "the opposite held. 40.0% against 80.0%, -40.0 points" in found["said"][1]
    assert "Both beats chance: not shown. 50.0% against chance, +0.0 points" in found["said"][2]
    row = found["contrasts"][0] | {"low": None, "high": None, "note": "with 2 clusters p can't fall below 0.5"}
    assert sentence(row).endswith("after Holm 0.003; with 2 clusters p can't fall below 0.5.")


def test_a_group_of_one_cluster_has_no_interval() -> None:
    made = design()
    lone = Group("one", "One", tuple(range(EACH)))
    cells = {"one": [scores(0.8, 1)], "two": [scores(0.4, 1)], "both": [scores(0.6, 1)]}
    from dataclasses import replace

    found = results(replace(made, groups=(lone, made.groups[1])), cells, "quick", (1,))
    row = found["accuracies"][0]
    assert (row["estimate"], row["low"], row["high"]) == (0.8, None, None)
    up = found["contrasts"][0]
    assert (up["low"], up["p"], up["verdict"]) == (None, 1.0, OPEN)
    assert up["note"] == "with 1 clusters p can't fall below 1"
    assert found["notes"][-1].startswith("One seed: ")


def test_missing_scores_are_wrong_and_counted() -> None:
    values = np.ones(CLUSTERS * EACH)
    values[:3] = np.nan
    cells = {name: [Kept({"own": values}, {})] for name in ("one", "two", "both")}
    found = results(design(), cells, "quick", (1,))
    assert found["cells"][0]["missing_scores"] == 3
    assert found["accuracies"][0]["estimate"] == round(57 / 60, 4)


@pytest.mark.parametrize("figure", ["list", "matrix", "scaling"])
def test_figures(found: dict[str, Any], figure: str) -> None:
    if figure == "scaling":
        rows = [row for row in found["accuracies"] if row["group"] == "one" and row["cell"] != "both"]
        found = found | {"accuracies": rows, "cells": found["cells"][:2]}
    found = found | {"figure": figure}
    text = page.draw(found, True)
    assert text == page.draw(json.loads(json.dumps(found)), True)
    tree = ElementTree.fromstring(text)
    name = "{http://www.w3.org/2000/svg}"
    drawn = len(tree.findall(f".//{name}rect")) if figure == "matrix" else len(tree.findall(f".//{name}title"))
    assert drawn == len(found["accuracies"])
    assert "<b>" not in text


def test_places_in_a_figure(found: dict[str, Any]) -> None:
    points = plots.listed(found)
    assert [mark.label for mark in points.marks[:3]] == ["model one", "model two", "both <i>"]
    assert points.chance is not None
    assert points.marks[1].x < points.chance < points.marks[0].x
    rows = [row for row in found["accuracies"] if row["group"] == "one" and row["cell"] != "both"]
    curve = plots.scaling(found | {"accuracies": rows, "cells": found["cells"][:2]})
    assert [mark.label for mark in curve.marks] == ["two", "one"], "by size"
    assert curve.marks[0].y > curve.marks[1].y
    table = plots.matrix(found)
    assert [(cell.value, cell.below) for cell in table.cells[:4:2]] == [("80.0", False), ("40.0", True)]
    assert [cell.own for cell in table.cells] == [True, False, False, True, False, False]
    both = [{**row, "view": view} for row in found["accuracies"] for view in ("own", "all")]
    assert plots.listed(found | {"accuracies": both}).marks[1].label == "one prompts, asked with all"


def test_the_page_has_every_experiment_of_the_folder(found: dict[str, Any], tmp_path: Path) -> None:
    page.write(tmp_path, found)
    page.write(tmp_path, found | {"experiment": "criteria", "title": "Criteria", "figure": "matrix"})
    text = (tmp_path / page.PAGE).read_text()
    assert re.findall(r'<section id="(\w+)">', text) == ["criteria", "loss"]
    assert "Of 3 claims 1 held, 1 went the other way, and 1 is not shown." in text
    assert "One &lt;b&gt;" in text
    assert "<b>" not in text
    assert "<script" not in text
    page.write(tmp_path, found)
    assert (tmp_path / page.PAGE).read_text() == text
    (tmp_path / "criteria" / "results.json").write_text('{"format": 0}')
    assert [one["experiment"] for one in page.read(tmp_path)] == ["loss"]
