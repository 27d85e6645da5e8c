"""The log of a training: CSV and JSON, and a picture of the curve."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

LOG = (
    "step", "stage", "loss", "reward_loss", "lm_loss", "magnitude", "accuracy", "margin", "grad_norm", "lr", "tokens",
)  # fmt: skip
"""Columns: `step` counts from 0 over all stages, `stage` from 1; `tokens` are those computed so far."""
MEANS = LOG[2:8]
_CURVES = (("loss", "loss"), ("reward_loss", "reward loss (nats)"), ("lm_loss", "LM loss (nats a token)"),
           ("accuracy", "accuracy on the batch"))  # fmt: skip


def final(log: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Means over the last tenth of the steps."""
    last = log[-max(1, len(log) // 10) :]
    return {key: round(sum(row[key] for row in last) / len(last), 4) for key in MEANS}


def write_log(folder: Path, log: Sequence[Mapping[str, float]], stages: Sequence[str], title: str) -> None:
    """Write `training_log.csv`, `training_log.json` and `training_curve.png`.

    Args:
        folder: where to.
        log: one row a step.
        stages: names, in the order of the log's numbers.
        title: of the picture.
    """
    with (folder / "training_log.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, LOG, lineterminator="\n")
        writer.writeheader()
        writer.writerows(log)
    named = [{**{key: row[key] for key in LOG}, "stage": stages[int(row["stage"]) - 1]} for row in log]
    text = "[\n" + ",\n".join(json.dumps(row) for row in named) + "\n]\n"
    (folder / "training_log.json").write_text(text, encoding="utf-8")
    _picture(folder / "training_curve.png", log, stages, title)


def _picture(path: Path, log: Sequence[Mapping[str, float]], stages: Sequence[str], title: str) -> None:
    """Each figure over the steps: every batch faint, the mean of the last fiftieth of the steps strong."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 6))
    figure.subplots_adjust(left=0.06, right=0.98, bottom=0.08, top=0.89, hspace=0.38, wspace=0.14)
    FigureCanvasAgg(figure)
    steps = [row["step"] for row in log]
    starts = [
        (name, next(row["step"] for row in log if row["stage"] == number)) for number, name in enumerate(stages, 1)
    ]
    for place, (key, label) in enumerate(_CURVES, 1):
        axes: Any = figure.add_subplot(2, 2, place)
        values = [row[key] for row in log]
        axes.plot(steps, values, linewidth=0.6, alpha=0.35, color="tab:blue")
        axes.plot(steps, smoothed(values, max(1, len(values) // 50)), linewidth=1.6, color="tab:blue")
        for name, start in starts[1:]:
            axes.axvline(start, color="grey", linewidth=0.8, linestyle="--")
            axes.annotate(name, (start, 1.0), xycoords=("data", "axes fraction"), fontsize=8, va="top")
        axes.set_title(label, fontsize=10)
        axes.set_xlabel("step", fontsize=8)
        axes.grid(alpha=0.25)
    figure.suptitle(title)
    figure.savefig(path, dpi=110, metadata={"Software": None})


def smoothed(values: Sequence[float], window: int) -> list[float]:
    """Mean of the last `window` values at each place; of fewer at the beginning."""
    parts = [values[max(0, end - window) : end] for end in range(1, len(values) + 1)]
    return [sum(part) / len(part) for part in parts]
