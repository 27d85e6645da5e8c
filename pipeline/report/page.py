"""One self-contained page about a finished run: no script, nothing loaded, every text of the data escaped."""

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from pipeline.report import curves, mining, models
from pipeline.report.checks import checks, places
from pipeline.report.counts import SPLITS, funnel, heat, length_table, operators
from pipeline.report.examples import examples
from pipeline.report.inputs import read_json, read_log, read_manifest
from pipeline.report.scores import evaluations
from pipeline.report.templates import environment

NAME = "report.html"


@dataclass(frozen=True, slots=True)
class Trained:
    """One trained model: its name, the content of `training.json` (or None), and its curves."""

    name: str
    summary: dict[str, Any] | None
    curves: tuple[curves.Curve, ...]
    steps: int


def write_report(root: Path) -> Path:
    """Write `root/report.html`, whole or not at all, from what the run has left in `root`.

    A part that the run does not have (no model, no evaluation) is said to be missing.

    Args:
        root: a run's folder.

    Returns:
        The page's path.

    Raises:
        RunFolderError: there is no manifest, or a file of the run is broken.
    """
    page = render(root)
    handle, temporary = tempfile.mkstemp(dir=root, prefix=".writing-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(0o644)
        Path(temporary).replace(root / NAME)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return root / NAME


def render(root: Path) -> str:
    """The page of the run in `root`."""
    manifest = read_manifest(root)
    stats = read_json(root / "dataset/stats.json")
    cells: list[dict[str, Any]] = (stats or {}).get("cells", [])
    stages = funnel(manifest, stats)
    shown = examples(root)
    found = places(root)
    template = environment().get_template("report.html.jinja")
    return template.render(
        manifest=manifest,
        pairs=(stats or {}).get("pairs", {}),
        has_stats=stats is not None,
        stages=stages,
        sources=(stats or {}).get("sources", []),
        heats=[heat(cells, split) for split in SPLITS] if cells else [],
        lengths=length_table(cells),
        operators=[(key, list(group)) for key, group in groupby(operators(cells), lambda one: one.criterion)],
        examples=shown,
        trained=trained(root),
        evaluations=evaluations(root),
        checks=checks(root, stages, stats, found, shown),
        places=found,
        files=_files(manifest),
        chart=curves,
        mining=mining.section(root, manifest),
        mining_axes=mining.AXES,
        said=models.section(root),
    )


def trained(root: Path) -> list[Trained]:
    """Every model with a training log or summary in `root/models`, by name."""
    models = []
    for folder in sorted((root / "models").glob("*")):
        summary, log = read_json(folder / "training.json"), read_log(folder / "training_log.csv")
        if summary is not None or log:
            models.append(Trained(folder.name, summary, tuple(_curves(log)), len(log)))
    return models


def _curves(log: Sequence[dict[str, float]]) -> list[curves.Curve]:
    titles = {"loss": ("Training loss (nats)", False), "accuracy": ("Accuracy on the batch (share of its pairs)", True)}
    steps = [row["step"] for row in log if "step" in row]
    return [
        curves.curve(title, steps, [row[key] for row in log], is_share)
        for key, (title, is_share) in titles.items()
        if steps and len(steps) == len(log) and all(key in row for row in log)
    ]


def _files(manifest: dict[str, Any]) -> list[dict[str, Any]]:
    """Receipts of every file, by stage."""
    return [
        {"stage": stage, **{key: file.get(key) for key in ("path", "rows", "bytes", "sha256")}}
        for stage, entry in manifest.get("stages", {}).items()
        for file in entry.get("files", ())
    ]
