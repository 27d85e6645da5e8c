"""Writes what an experiment found: its results and figure, and one page of all experiments in the folder."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader

from pipeline.experiments import EXPERIMENTS, plots
from pipeline.experiments.results import FORMAT
from pipeline.report import templates
from pipeline.training.folder import write_whole

HERE = Path(__file__).parent
PAGE, RESULTS, FIGURE = "experiments.html", "results.json", "figure.svg"
SHAPES = {"scaling": plots.scaling, "matrix": plots.matrix, "list": plots.listed}


def write(out: Path, found: Mapping[str, Any]) -> None:
    """Write `<experiment>/results.json` and `<experiment>/figure.svg`, then `experiments.html` of all in `out`."""
    folder = out / found["experiment"]
    write_whole(folder / FIGURE, draw(found, True).encode())
    write_whole(folder / RESULTS, (json.dumps(found, indent=2, ensure_ascii=False) + "\n").encode())
    write_whole(out / PAGE, render(read(out)).encode())


def read(out: Path) -> list[dict[str, Any]]:
    """Results of every experiment in a folder, in the order of the table; those of another version are left out."""
    found = []
    for name in EXPERIMENTS:
        path = out / name / RESULTS
        if path.is_file():
            one = json.loads(path.read_text(encoding="utf-8"))
            if isinstance(one, dict) and one.get("format") == FORMAT:
                found.append(one)
    return found


def draw(found: Mapping[str, Any], standalone: bool) -> str:
    """The figure of an experiment as SVG."""
    shape = SHAPES[found["figure"]](found)
    macros: Any = environment().get_template("plots.svg.jinja").module
    text = getattr(macros, found["figure"])(shape, plots, found["title"], standalone)
    return "\n".join(line for line in str(text).splitlines() if line.strip()) + "\n"


def render(found: Sequence[Mapping[str, Any]]) -> str:
    """The page: self-contained, no script, every text escaped."""
    drawings = {one["experiment"]: draw(one, False) for one in found}
    return environment().get_template("experiments.html.jinja").render(found=found, drawings=drawings)


def environment() -> Environment:
    """The report's environment, which finds the templates of the experiments too."""
    made = templates.environment()
    made.loader = FileSystemLoader([HERE, Path(templates.__file__).parent])
    return made
