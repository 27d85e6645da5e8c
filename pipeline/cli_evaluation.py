"""The commands around measuring: `themis rerank`, `themis adversarial` and `themis benchmark`."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console
from rich.table import Table

from schemas.config import validate
from schemas.errors import CheckFailed, ConfigError

OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)

WIDE = 160
"""Characters of a table's line where no terminal shows it."""

JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Model = Annotated[str, typer.Argument(help="A checkpoint's folder, or for `length` a run's dataset folder.")]
Kind = Annotated[
    str | None, typer.Option("--scorer", help="How the model scores: a kind, or the name of a published model.")
]
Sets = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="An option of the scorer, such as system=none.")
]


def evaluate(
    model: Model,
    benchmark: Annotated[Path, typer.Option(help="A benchmark's folder, such as RUN/benchmark.")],
    out: Annotated[Path, typer.Option(help="Where scores.parquet, results.json and intervals.json go.")],
    scorer: Kind = None,
    allow_missing: Annotated[
        bool, typer.Option("--allow-missing", help="Pairs without a score count as wrong, and are no error.")
    ] = False,
    contrasts: Annotated[Path | None, typer.Option(help="YAML file of comparisons that are declared first.")] = None,
    dataset: Annotated[
        Path | None,
        typer.Option(help="RUN/dataset: measure beside it what a model must beat, fitted on these training pairs."),
    ] = None,
    configuration: Annotated[str, typer.Option(help="Of the data set: full or balanced.")] = "balanced",
    seed: int = 20190301,
    sets: Sets = None,
    as_json: JsonFlag = False,
) -> None:
    """Score a benchmark: accuracy overall, by criterion, language and subset, with intervals."""
    from pipeline.evaluation.baselines import BaselineOptions, baselines
    from pipeline.evaluation.benchmark import EvaluationOptions
    from pipeline.evaluation.benchmark import evaluate as score
    from pipeline.learn import told
    from pipeline.progress import stage_progress
    from pipeline.screen import model_screen

    controls = validate(BaselineOptions, {"configuration": configuration}, "themis evaluate")
    loaded, identity = load(scorer, model, sets)
    options = EvaluationOptions(allow_missing=allow_missing, contrasts=contrasts)
    with stage_progress(ERR, "evaluate", "pairs", None):
        score(loaded, benchmark, out, told("evaluate"), options, identity)
        if dataset is not None:
            baselines(dataset, benchmark, out, told("evaluate"), seed, controls)
    if as_json:
        _print_json(json.loads((out / "intervals.json").read_text(encoding="utf-8")))
    else:
        model_screen(out, OUT)


def rerank(
    model: Model,
    candidates: Annotated[Path, typer.Option(help="Parquet or JSON lines: task_id, prompt, answer, pass_rate.")],
    out: Annotated[Path, typer.Option(help="Where rerank.parquet and rerank.json go.")],
    scorer: Kind = None,
    criterion: Annotated[str, typer.Option(help="Of rows that name none.")] = "functional_correctness",
    passing: Annotated[float, typer.Option(help="Pass rate from which an answer passes.")] = 1.0,
    sets: Sets = None,
    as_json: JsonFlag = False,
) -> None:
    """Rank candidate answers: Hits@k, best-of-n, Spearman, Kendall, and the spread of scores."""
    from pipeline.evaluation.rerank import RerankOptions
    from pipeline.evaluation.rerank import rerank as rank
    from pipeline.learn import told
    from pipeline.progress import stage_progress

    options = validate(RerankOptions, {"criterion": criterion, "passing": passing}, "themis rerank")
    loaded, _ = load(scorer, model, sets)
    with stage_progress(ERR, "rerank", "answers", None):
        found = rank(loaded, candidates, out, told("rerank"), options)
    if as_json:
        _print_json(found)
        return
    rerank_table(found, OUT)
    OUT.print(f"wrote {out}/rerank.json and {out}/rerank.parquet", markup=False)


def adversarial(
    model: Model,
    benchmark: Annotated[Path, typer.Option(help="A benchmark's folder, such as RUN/benchmark.")],
    out: Annotated[Path, typer.Option(help="Where adversarial.json and adversarial.parquet go.")],
    scorer: Kind = None,
    only: Annotated[list[str] | None, typer.Option(metavar="NAME", help="A perturbation; may be repeated.")] = None,
    pairs: Annotated[int | None, typer.Option(help="Of each criterion, at most.", min=1)] = None,
    seed: int = 20190601,
    sets: Sets = None,
    as_json: JsonFlag = False,
) -> None:
    """Score a benchmark before and after edits that must not change a verdict."""
    from pipeline.evaluation.adversarial.runner import AdversarialOptions
    from pipeline.evaluation.adversarial.runner import adversarial as perturbed
    from pipeline.learn import told
    from pipeline.progress import stage_progress

    given = {"perturbations": only or [], "pairs": pairs, "seed": seed}
    options = validate(AdversarialOptions, given, "themis adversarial")
    loaded, _ = load(scorer, model, sets)
    with stage_progress(ERR, "evaluate", "pairs", None):
        found = perturbed(loaded, benchmark, out, told("evaluate"), options)
    if as_json:
        _print_json(found)
        return
    adversarial_table(found, OUT)
    OUT.print(f"wrote {out}/adversarial.json and {out}/adversarial.parquet", markup=False)


def benchmark(
    runs: Annotated[list[str], typer.Argument(metavar="RUN...", help="Folders of finished runs.")],
    out: Annotated[Path, typer.Option(help="The benchmark's folder.")],
    name: Annotated[str | None, typer.Option(help="For the card; by default the folder's.")] = None,
    subset: Annotated[str, typer.Option(help="made, kind, operator, source or run.")] = "made",
    exclude: Annotated[list[str] | None, typer.Option(metavar="KIND", help="Left out; default placebo.")] = None,
    cap: Annotated[int | None, typer.Option(help="Pairs of a criterion in a language, at most.")] = None,
    per_repository: Annotated[int | None, typer.Option(help="Of these, from one repository, at most.")] = None,
    min_clusters: Annotated[int, typer.Option(help="Repositories that a criterion in a language needs.")] = 1,
    balance: Annotated[bool, typer.Option("--balance", help="Chosen is longer as often as shorter.")] = False,
    seed: int = 20190601,
    check: Annotated[bool, typer.Option("--verify", help="Check the folder against the runs; write nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Build a benchmark from runs' held-out pairs, certified to share nothing with what they train on."""
    from pipeline.audit.built import build, verify_built
    from pipeline.evaluation.build import BuildOptions

    if check:
        broken = verify_built(out, runs)
        if as_json:
            _print_json({"benchmark": str(out), "holds": not broken, "broken": broken})
        elif not broken:
            OUT.print(f"{out}: holds (hashes, certificate, apart from {', '.join(runs)})", markup=False)
        if broken:
            raise CheckFailed("\n".join(broken))
        return
    given: dict[str, Any] = {"subset": subset, "cap": cap, "per_repository": per_repository, "balance": balance}
    given |= {"min_clusters": min_clusters, "seed": seed}
    options = validate(BuildOptions, given | ({} if exclude is None else {"exclude": exclude}), "themis benchmark")
    made = build(runs, out, name or out.name, options)
    if as_json:
        _print_json(made)
        return
    lost = ", ".join(f"{reason} {count:,}" for reason, count in made["dropped"].items() if count)
    held = made["benchmark"]
    OUT.print(f"wrote {out}: {held['pairs']:,} pairs of {held['repositories']:,} repositories", markup=False)
    OUT.print(f"left out: {lost or 'nothing'}", markup=False)


def load(kind: str | None, model: str, sets: list[str] | None) -> tuple[Any, str]:
    """The scorer that a command was told to use, and what tells it from others.

    Args:
        kind: a key of `SCORERS`, a published model, or None for the settings that the model is known by.
        model: what its options load.
        sets: `name=value` of its options; values are read as YAML.

    Raises:
        ConfigError: there is no such scorer or option, or it can't be loaded.
    """
    from pipeline.evaluation.scorers.published import chosen
    from pipeline.evaluation.scoring import identity
    from pipeline.learn import quiet_transformers

    given = {}
    for text in sets or []:
        name, equals, value = text.partition("=")
        try:
            given[name] = yaml.safe_load(value)
        except yaml.YAMLError as error:
            raise ConfigError(f"--set {text}: the value is not YAML: {error}") from None
        if not equals:
            raise ConfigError(f"--set {text}: must be NAME=VALUE.")
    quiet_transformers()
    options, what = chosen(model, kind, given)
    return options.load(what), identity(options, what)


def rerank_table(found: dict[str, Any], console: Console) -> None:
    """Hits, best-of-n and correlations: overall, by criterion and by language; blank where every list is that short."""
    table = _table(
        "", "lists", "hits@1", "random", "hits@2", "hits@4", "hits@8", "best of n", "random", "oracle", "rho", "tau"
    )
    groups = {"overall": found["overall"]}
    for name in ("criterion", "language"):
        groups |= {key: part for key, part in found[f"by_{name}"].items() if len(found[f"by_{name}"]) > 1}
    for name, part in groups.items():
        mixed = part["mixed"]
        if not mixed["lists"]:
            table.add_row(name.replace("_", " "), "0", *[""] * 10)
            continue
        hits, best = mixed["hits"], mixed["best_of_n"]
        known = {k: None if hit["whole"] == mixed["lists"] else hit["estimate"] for k, hit in hits.items()}
        cells = [known["1"], hits["1"]["random"], *(known[k] for k in ("2", "4", "8"))]
        cells += [best[one]["estimate"] for one in ("picked", "random", "oracle")]
        cells += [mixed["spearman"]["estimate"], mixed["kendall"]["estimate"]]
        table.add_row(
            name.replace("_", " "), f"{mixed['lists']:,}", *("" if cell is None else f"{cell:.3f}" for cell in cells)
        )
    _show(table, console)
    overall = found["overall"]
    told = (
        f"{overall['all_pass']['lists']:,} lists in which all pass and {overall['none_pass']['lists']:,} in which none"
    )
    console.print(f"of {overall['lists']:,} lists; {told} passes are reported apart", markup=False)


def adversarial_table(found: dict[str, Any], console: Console) -> None:
    """Accuracy before and after each perturbation, overall and by criterion."""
    table = _table(
        "perturbation", "criterion", "pairs", "before", "after", "change", "95% interval", "flips", "applied"
    )
    for name, part in found["perturbations"].items():
        cells = [("all", part["overall"]), *part["by_criterion"].items()] if part["overall"] else []
        share = f"{part['applied']:,} of {part['considered']:,}"
        if not cells:
            table.add_row(name, "", "0", *[""] * 5, share)
        for place, (criterion, cell) in enumerate(cells):
            change = cell["difference"]
            span = "" if change["low"] is None else f"{change['low']:+.3f} to {change['high']:+.3f}"
            flips = f"-{cell['flips']['from_right']} +{cell['flips']['to_right']}"
            table.add_row(
                "" if place else name, criterion.replace("_", " "), f"{cell['pairs']:,}",
                f"{cell['before']['estimate']:.3f}", f"{cell['after']['estimate']:.3f}",
                f"{change['estimate']:+.3f}", span, flips, "" if place else share,
            )  # fmt: skip
    _show(table, console)


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in titles:
        left = title in ("", "perturbation", "criterion")
        table.add_column(title, justify="left" if left else "right")
    return table


def _show(table: Table, console: Console) -> None:
    """A table whole: only a terminal has a width that it must keep to."""
    wide = console if console.is_terminal else Console(file=console.file, width=WIDE, highlight=False)
    wide.print(table)


def _print_json(value: Any) -> None:
    print(json.dumps(value, indent=2, ensure_ascii=False))
