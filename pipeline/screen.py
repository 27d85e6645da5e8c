"""What a person reads on the terminal: the closing screen of a run, accuracies, a pair's lineage, a plan."""

import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pipeline import storage
from pipeline.audit.lineage import Lineage
from pipeline.manifest import Manifest
from pipeline.report.claims import Findings, findings
from pipeline.report.inputs import criterion_name, language_name
from pipeline.steps import stats_of
from schemas.criteria import CRITERIA


def closing(root: str, done: Manifest, console: Console) -> None:
    """One screen: what was made, how well the model did, where to look."""
    console.print()
    if "assemble" in done.stages:
        _corpus(root, console)
    for folder in sorted({f["path"].split("/")[1] for f in _files(done, "evaluate")}):
        console.print()
        console.print(f"[bold]{escape(folder)}[/] on the benchmark")
        model_screen(Path(root) / "evaluation" / folder, console)
    console.print()
    if "report" in done.stages:
        console.print(f"look at    {root}/report.html", markup=False)
    if "assemble" in done.stages:
        console.print(f"load       datasets.load_dataset('{root}/dataset')", markup=False)
        console.print(f"check      themis verify {root}", markup=False)
        console.print(f"trace      themis audit {root} {_any_pair(root, done)} --replay", markup=False)
    console.print(f"log        {root}/run.log", markup=False)


def _files(done: Manifest, stage: str) -> tuple[dict[str, Any], ...]:
    return done.stages[stage].files if stage in done.stages else ()


def _any_pair(root: str, done: Manifest) -> str:
    for path in done.stages["assemble"].table("dataset/provenance"):
        ids = storage.read_table(storage.join(root, path), ["idx"]).column("idx").to_pylist()
        if ids:
            return str(ids[0])[:12]
    return "PAIR_ID"


def _corpus(root: str, console: Console) -> None:
    stats = stats_of(root)
    pairs = stats["pairs"]
    console.print(
        f"[bold]{pairs.get('train', 0):,}[/] training pairs ({pairs.get('balanced', 0):,} length-balanced), "
        f"[bold]{pairs.get('benchmark', 0):,}[/] benchmark pairs from repositories held out"
    )
    languages = sorted({cell["language"] for cell in stats["cells"]})
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("train + benchmark")
    for language in (*languages, "all"):
        table.add_column(language, justify="right")
    for key in CRITERIA:
        row = [
            sum(
                cell["pairs"]
                for cell in stats["cells"]
                if cell["criterion"] == key
                and cell["split"] in ("train", "benchmark")
                and language in (cell["language"], "all")
            )
            for language in (*languages, "all")
        ]
        if row[-1]:
            table.add_row(CRITERIA[key].name, *(f"{count:,}" for count in row))
    console.print(table)


def model_screen(path: Path, console: Console) -> None:
    """One model's accuracies, what stands beside them where it was measured, and what it beats.

    Args:
        path: such as `evaluation/nano`.
        console: where to.
    """
    measured = json.loads((path / "intervals.json").read_text(encoding="utf-8"))
    _accuracies(measured, console)
    beside = path / "baselines.json"
    if beside.is_file():
        _beside(json.loads(beside.read_text(encoding="utf-8")), console)
        _claims(findings(measured), console)


def _accuracies(intervals: dict[str, Any], console: Console) -> None:
    """Share of pairs that are right, as in the report, with its 95% interval: overall, per criterion, per language."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title, justify in (("", "left"), ("accuracy", "right"), ("95% interval", "right"), ("half credit", "right"),
                           ("pairs", "right"), ("packages", "right")):  # fmt: skip
        table.add_column(title, justify=justify)  # type: ignore[arg-type]
    table.add_row("overall", *_cells(intervals["overall"]))
    for part, readable in (("by_criterion", criterion_name), ("by_language", language_name)):
        for name, found in intervals[part].items():
            table.add_row(escape(readable(name)), *_cells(found))
    console.print(table)


def _cells(found: dict[str, Any]) -> list[str]:
    strict, half = found["strict"]["micro"], found["half_credit"]["micro"]
    span = f"{strict['low']:.3f} to {strict['high']:.3f}" if strict["low"] is not None else "too few packages"
    return [f"{strict['estimate']:.3f}", span, f"{half['estimate']:.3f}", f"{found['pairs']:,}", str(found["clusters"])]


def _beside(found: dict[str, Any], console: Console) -> None:
    def line(name: str, estimate: dict[str, Any]) -> None:
        span = f"{estimate['low']:.3f} to {estimate['high']:.3f}" if estimate["low"] is not None else ""
        console.print(f"  {name:<52} {estimate['estimate']:.3f}  {span}", markup=False)

    console.print("beside it, half credit for ties")
    line("bag of changed tokens, linear", found["bag"]["overall"]["half_credit"]["micro"])
    line(
        "longer or shorter wins, best sign per criterion",
        found["length"]["best_on_benchmark"]["overall"]["half_credit"]["micro"],
    )
    if "shuffled_bag" in found:
        line("bag, labels swapped by package", found["shuffled_bag"]["mean"])
    if "shuffled_model" in found:
        line("model of a small budget, labels swapped by package", found["shuffled_model"]["mean"])
        line("model of a small budget, true labels", {"estimate": found["shuffled_model"]["true_labels"], "low": None})


def _claims(found: Findings, console: Console) -> None:
    if found.claims:
        console.print("sign-flip tests over packages, corrected for their number")
    for one in found.claims:
        span = f"{one.low:+.3f} to {one.high:+.3f}" if one.low is not None and one.high is not None else ""
        console.print(f"  {one.said:<62} {one.difference:+.3f}  {span}  p {one.p:.3f}", markup=False)


def lineage_screen(lineage: Lineage, same: dict[str, bool] | None, console: Console) -> None:
    """A pair's lineage, for reading."""
    origin = lineage.origin
    rows = [
        ("pair", lineage.id),
        ("split", f"{lineage.split}, {lineage.shard}"),
        ("kind", f"{lineage.provenance['kind']}, label {lineage.provenance['label']:g}"),
        ("source", origin.source),
        ("repository", origin.repo),
        ("revision", origin.revision),
        ("path", origin.path),
        ("bytes", ", ".join(f"{s['start']}-{s['end']}" for s in lineage.provenance["spans"])),
        ("file sha256", origin.blob_sha256),
        ("licence", origin.license or "unknown"),
        *((f"{step.side} by", f"{step.name} version {step.version} {dict(step.parameters)}") for step in lineage.steps),
        ("filters", ", ".join(lineage.provenance["filters"])),
    ]
    for name, value in rows:
        console.print(f"{name:<13} {value}", markup=False)
    if same is not None:
        for side, equal in sorted(same.items()):
            console.print(f"replay        {side}: {'same bytes' if equal else 'DIFFERENT'}", markup=False)


def plan_table(counted: dict[str, Any], console: Console) -> None:
    """What a plan counted."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    titles = ("source", "language", "files", "changes", "candidates", "pairs_at_most")
    for title in titles:
        table.add_column(title.replace("_", " "), justify="left" if title in titles[:2] else "right")
    for row in counted["rows"]:
        table.add_row(*(f"{row[t]:,}" if isinstance(row[t], int) else escape(row[t]) for t in titles))
    console.print(table)
    for row in counted["dropped"]:
        console.print(f"dropped: {row['source']} {row['reason']} {row['records']:,}", markup=False)


def criterion_table(made: dict[str, Any], out: Console) -> None:
    """How the criterion model did on repositories that it had not seen."""
    table = Table("labels", "commits", "threshold", "precision", "recall of usable", box=None)
    for part in made["labels"]:
        for name, at in part["left_out"].items():
            table.add_row(
                part["labels"], f"{part['commits']:,}", f"{name} {at['threshold']:.3f}",
                f"{at['precision']:.3f}", f"{at['recall']:.3f}",
            )  # fmt: skip
    out.print("each repository predicted by a model that has not seen it")
    out.print(table)
